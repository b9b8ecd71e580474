"""The reference page of a kind that people write: every field once, in the order of its schema."""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

import json
from typing import TYPE_CHECKING

from covey_cli.fields import MISSING, example_text, kind_fields
from covey_core.manifests import to_yaml
from covey_schemas.catalog import kind_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_cli.fields import Field, Kind


def field_page(kind: Kind) -> str:
    root = kind_fields(kind)
    return "\n".join((*_head(kind, root), *_section(kind, root))).rstrip() + "\n"


def _head(kind: Kind, root: Field) -> Iterator[str]:
    yield f"# {kind.name}\n"
    yield f"{root.description}\n"
    yield f"It stands in `{kind.place}`; `covey explain {kind.short}` shows this page in the terminal.\n"
    for example in kind_schema(kind.name).get("examples", ()):
        yield f"```yaml\n{to_yaml(example)}```\n"


def _section(kind: Kind, field: Field) -> Iterator[str]:
    """A table of the fields right below, then a section for each of those that has fields itself."""
    name = ".".join(field.path)
    if field.path:
        yield f"## {name}\n"
        yield f"{field.description}\n"
    yield "| Field | Type | Default | What it is |"
    yield "| --- | --- | --- | --- |"
    for child in field.children:
        yield _row(child)
    yield ""
    for child in field.children:
        if child.children:
            yield from _section(kind, child)


def _row(field: Field) -> str:
    name = f"`{field.path[-1]}`"
    if field.children:
        name = f"[{name}](#{_anchor(field)})"
    return f"| {name} | {field.type} | {_default(field)} | {_meaning(field)} |"


def _anchor(field: Field) -> str:
    """As forges make it from a heading."""
    return "".join(letter for letter in ".".join(field.path).lower() if letter.isalnum() or letter in "-_")


def _default(field: Field) -> str:
    if field.default is MISSING:
        return "**required**" if field.required else ""
    return _code(json.dumps(field.default))


def _meaning(field: Field) -> str:
    parts = [field.description] if not field.children else [f"{field.title}; see below."]
    if field.values:
        parts.append(f"One of {', '.join(_code(example_text(value)) for value in field.values)}.")
    if field.limits:
        parts.append("Limits: " + "; ".join(limit.replace("|", "\\|") for limit in field.limits) + ".")
    if field.examples:
        parts.append("For example " + " or ".join(_code(example_text(value)) for value in field.examples) + ".")
    return " ".join(parts)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"
