"""The value of one scalar, by its tag or its plain text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .scalars import Value, plain, shown

if TYPE_CHECKING:
    from .nodes import Node, ScalarNode
    from .report import Path, Report

STANDARD = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


def scalar_value(node: ScalarNode, path: Path, report: Report) -> Value:
    if node.tag is not None:
        value = _tagged(node, path, report)
    elif node.plain:
        value = _plain(node, path, report)
    else:
        return node.text
    return _number(value, node, path, report)


def _plain(node: ScalarNode, path: Path, report: Report) -> Value:
    read = plain(node.text)
    if read.others:
        report.doubt(
            "yaml/trap",
            f"Plain `{node.text}` is read as {shown(read.value)} by kubectl, but as {read.others}.",
            node,
            path,
            hint=trap_hint(node.text, read.value),
        )
    return read.value


def trap_hint(text: str, value: Value) -> str:
    quoted = shown(text)
    return f"Quote it: {quoted}." if isinstance(value, str) else f"Write {shown(value)}, or quote the text: {quoted}."


def _number(value: Value, node: ScalarNode, path: Path, report: Report) -> Value:
    """JSON has no NaN and no infinity, and the API server rounds what does not fit into 64 bits."""
    if isinstance(value, float) and not math.isfinite(value):
        message = f"`{node.text}` is {shown(value)}, which JSON can't hold; the API server refuses it."
        report.error("yaml/number", message, node, path, hint="Write a finite number, or quote the text.")
        return node.text
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        message = f"The number {node.text} does not fit into 64 bits; kubectl rounds it."
        report.error("yaml/number", message, node, path, hint="Write a smaller number, or quote the text.")
    return value


def check_tag(node: Node, path: Path, report: Report, *, allowed: str) -> None:
    """The tag of a collection: only its own kind's standard tag, and only in manifests."""
    if node.tag is None:
        return
    if node.tag == STANDARD + allowed:
        message = f"The tag `{name(node.tag)}` is not allowed here."
        report.forbidden("yaml/tag", message, node, path, hint="Remove the tag.")
    else:
        _refuse(node, path, report)


def name(tag: str) -> str:
    return "!!" + tag.removeprefix(STANDARD) if tag.startswith(STANDARD) else tag


def _tagged(node: ScalarNode, path: Path, report: Report) -> Value:
    tag = (node.tag or "").removeprefix(STANDARD)
    if tag == "str" and (node.text or not node.plain):
        hint = f"Quote the text instead: {shown(node.text)}."
        report.forbidden("yaml/tag", "Tags such as `!!str` are not allowed here.", node, path, hint=hint)
        return node.text
    value = plain(node.text).value
    types = _TYPES.get(tag, ())
    if node.text and isinstance(value, types) and (tag == "bool" or not isinstance(value, bool)):
        hint = f"Write {shown(value)} without the tag."
        report.forbidden("yaml/tag", f"Tags such as `!!{tag}` are not allowed here.", node, path, hint=hint)
        return value
    _refuse(node, path, report)
    return node.text


def _refuse(node: Node, path: Path, report: Report) -> None:
    message = f"The tag `{name(node.tag or '')}` has no meaning in a manifest."
    report.error("yaml/tag", message, node, path, hint="Remove the tag; write plain values.")
