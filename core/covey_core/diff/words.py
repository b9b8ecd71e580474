"""Changes of fields in words, as a reviewer would say them. Values stand in them as they are: printing escapes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from covey_core import pointers
from covey_core.diff.fields import ABSENT, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from covey_core.diff.fields import FieldChange

_LONGEST = 120
_DIGEST = 12


def job_notes(changes: Iterable[FieldChange]) -> Iterator[str]:
    """`changes` are those of a FederatedLearning, pointers from its root."""
    for change in changes:
        parts = pointers.split(change.pointer)
        if parts[:2] == ("spec", "covey"):
            yield _job_note(parts[2:], change.old, change.new)
        elif parts[:2] == ("spec", "framework"):
            yield _plain(("runtime",), change.old, change.new)


def data_set_notes(changes: Iterable[FieldChange], owner: str) -> Iterator[str]:
    for change in changes:
        parts = pointers.split(change.pointer)
        if parts[:1] != ("spec",):
            continue
        if parts[1:2] == ("grants",) and len(parts) > 2:  # noqa: PLR2004 - /spec/grants/<item>
            yield _grant(parts, change.old, change.new, owner)
        elif parts[1:2] == ("namespaces",) and ABSENT in (change.old, change.new):
            value = change.new if change.old is ABSENT else change.old
            yield f"may {'now' if change.old is ABSENT else 'no longer'} be used by the namespace {value}"
        else:
            yield _plain(parts[1:], change.old, change.new)


def spec_notes(changes: Iterable[FieldChange]) -> Iterator[str]:
    """Any other object of ours: each change by the name of its field."""
    for change in changes:
        parts = pointers.split(change.pointer)
        if parts[:1] == ("spec",):
            yield _plain(parts[1:], change.old, change.new)


def cluster_notes(before: frozenset[str], after: frozenset[str]) -> Iterator[str]:
    if after - before:
        yield f"may now run on {listed(sorted(after - before))}"
    if before - after:
        yield f"may no longer run on {listed(sorted(before - after))}"


def listed(words: list[str], most: int = 20) -> str:
    """`a, b and 3 more`."""
    shown = ", ".join(words[:most])
    return shown + (f" and {len(words) - most} more" if len(words) > most else "")


def short(value: Any) -> str:
    """A value on one line, cut."""
    if value is ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and (not text or text != text.strip() or "\n" in text):
        text = json.dumps(text, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _job_note(parts: tuple[str, ...], old: Any, new: Any) -> str:
    if parts == ("run", "number") and isinstance(old, int) and isinstance(new, int):
        if new > old:
            return f"runs again: run {old} -> {new}"
        return f"run number is lowered, {old} -> {new}: the hub ignores that"
    if parts == ("app", "image"):
        return _image(str(old), str(new))
    return _plain(parts, old, new)


def _image(old: str, new: str) -> str:
    (old_name, _, old_digest), (new_name, _, new_digest) = old.partition("@sha256:"), new.partition("@sha256:")
    if old_name == new_name and old_digest and new_digest:
        return f"image digest changes: {old_digest[:_DIGEST]} -> {new_digest[:_DIGEST]}"
    return f"image changes: {short(old)} -> {short(new)}"


def _grant(parts: tuple[str, ...], old: Any, new: Any, owner: str) -> str:
    cluster = parts[2].removeprefix("[cluster=").removesuffix("]")
    whose = f" (owner {owner})" if owner else ""
    if old is ABSENT and parts[3:] == ():
        return f"grant added: {cluster}{_region(new)}{whose}"
    if new is ABSENT and parts[3:] == ():
        return f"grant withdrawn: {cluster}{whose}"
    if parts[2] == ORDER:
        return _plain(parts[1:], old, new)
    return f"grant {cluster} changes: {_plain(parts[3:], old, new)}{whose}"


def _region(grant: Mapping[str, Any]) -> str:
    return f" in {grant['region']}" if isinstance(grant, dict) and grant.get("region") else ""


def _plain(parts: tuple[str, ...], old: Any, new: Any) -> str:
    """`collaborators: min 2 -> 3`."""
    if parts and parts[-1] == ORDER:
        return f"{_name(parts[:-1])} in another order: {short(old)} -> {short(new)}"
    if parts and parts[-1].startswith("["):
        item = parts[-1][1:-1]
        if old is ABSENT:
            return f"{_name(parts[:-1])} gains {item}"
        if new is ABSENT:
            return f"{_name(parts[:-1])} loses {item}"
    if old is ABSENT:
        return f"{_name(parts)} added: {short(new)}"
    if new is ABSENT:
        return f"{_name(parts)} removed (was {short(old)})"
    return f"{_name(parts)} {short(old)} -> {short(new)}"


def _name(parts: tuple[str, ...]) -> str:
    """`a` or `a: b.c`."""
    return parts[0] + (": " + ".".join(parts[1:]) if parts[1:] else "") if parts else "the object"
