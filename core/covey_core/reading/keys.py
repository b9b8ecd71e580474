"""The keys of a mapping: text, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import AliasNode, Node, ScalarNode
from .scalars import Value, plain, shown
from .values import STANDARD, scalar_value

if TYPE_CHECKING:
    from .report import Path, Report


def is_merge(key: Node) -> bool:
    return isinstance(key, ScalarNode) and (
        (key.plain and key.text == "<<" and key.tag is None) or key.tag == STANDARD + "merge"
    )


def name_of(key: Node) -> str | None:
    """The name that kubectl gives to a key; None where it refuses the key."""
    node = key.target if isinstance(key, AliasNode) else key
    if not isinstance(node, ScalarNode):
        return None
    value: Value = plain(node.text).value if node.plain and node.tag is None else node.text
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) and -(2**63) <= value < 2**63 else None


def key_of(key: Node, path: Path, report: Report) -> str | None:
    """The name of `key`, with findings where it is not plainly text."""
    _check_plainness(key, path, report)
    node = key.target if isinstance(key, AliasNode) else key
    if not isinstance(node, ScalarNode):
        hint = 'Write a text key, and quote a template: "{{ name }}".'
        report.error("yaml/key-not-string", "A list or a mapping can't be a key.", key, path, hint=hint)
        return None
    if node.tag is not None:
        value = scalar_value(node, path, report)
        return value if isinstance(value, str) else _refuse_tagged(node, key, path, report)
    if node.plain:
        return _plain_key(node, key, path, report)
    return node.text


def _refuse_tagged(node: ScalarNode, key: Node, path: Path, report: Report) -> str:
    message = f"The tag makes the key `{node.text}` something else than text."
    report.error("yaml/key-not-string", message, key, path, hint="Remove the tag, and quote the key.")
    return node.text


def _check_plainness(key: Node, path: Path, report: Report) -> None:
    if isinstance(key, AliasNode):
        message = f"Aliases such as `*{key.name}` are not allowed here."
        report.forbidden("yaml/alias", message, key, path, hint="Write the key out.")
    if key.anchor:
        message = f"Anchors such as `&{key.anchor}` are not allowed here."
        report.forbidden("yaml/anchor", message, key, path, hint="Write the key alone.")


def _plain_key(node: ScalarNode, key: Node, path: Path, report: Report) -> str | None:
    read, quoted = plain(node.text), shown(node.text)
    if isinstance(read.value, str):
        if read.others:
            message = f"The plain key `{node.text}` is read as text by kubectl, but as {read.others}."
            report.doubt("yaml/trap", message, key, (*path, node.text), hint=f"Quote the key: {quoted}.")
        return node.text
    if read.value is None:
        what = f"The key `{node.text}` is null" if node.text else "A value stands here without a key"
        hint = "Write a name, or quote the key."
        report.error("yaml/null-key", what + ", which kubectl refuses.", key, path, hint=hint)
        return None
    name = name_of(key)
    if name is None:
        message = f"The key `{node.text}` is a number that readers write differently."
        report.error("yaml/key-not-string", message, key, (*path, node.text), hint=f"Quote the key: {quoted}.")
        return node.text
    where = (*path, name)
    if read.others:
        message = f"The plain key `{node.text}` is read as {shown(name)} by kubectl, but as {read.others}."
        report.doubt("yaml/trap", message, key, where, hint=f"Quote the key: {quoted}.")
    else:
        kind = "a boolean" if isinstance(read.value, bool) else "a number"
        message = f"The key `{node.text}` is {kind}; kubectl reads it as {shown(name)}, and kustomize refuses it."
        report.doubt("yaml/key-not-string", message, key, where, hint=f"Quote the key: {shown(name)}.")
    return name
