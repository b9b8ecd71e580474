"""One error of the validator together with the schema that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.validation.branches import resolved
from covey_core.validation.wording import shown

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from covey_core.validation.branches import Schema
    from covey_core.validation.problems import Path

_LONGEST_HINT = 240


class Fault:
    """What is wrong, where, and what the schema says about the place."""

    def __init__(self, error: ValidationError, root: Schema, base: Path, secretive: bool) -> None:
        self.kind: Any = error.kind  # each kind of error has attributes of its own
        self.value: Any = error.instance
        self.place: Path = tuple(error.instance_path)
        self.path: Path = (*base, *error.instance_path)
        self.secretive = secretive and not isinstance(self.value, dict | list)
        self._steps = error.schema_path[:-1]
        self._root = root

    @property
    def shown(self) -> str:
        """The value in words; never that of a Secret."""
        return "the hidden value" if self.secretive else shown(self.value)

    @property
    def schema(self) -> Schema:
        """The schema that holds the keyword which failed."""
        found: Any = self._root
        for part in self._steps:
            if isinstance(found, dict) and part not in found:
                found = resolved(found, self._root)
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return {}
        return resolved(found, self._root) if isinstance(found, dict) else {}

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = self.schema.get("properties", {})
        return found

    @property
    def hint(self) -> str:
        return about(self.schema)

    def field(self, name: str) -> Schema:
        found = self.fields.get(name)
        return resolved(found, self._root) if isinstance(found, dict) else {}


def about(schema: Schema, *, name: str = "") -> str:
    """What a schema says for people: its description, or the first sentence of a long one, and an example."""
    words = " ".join(str(schema.get("description", "")).split("\n\n")[0].split())
    if len(words) > _LONGEST_HINT:
        words = words.split(". ")[0][:_LONGEST_HINT].rstrip(".") + "."
    example = next((item for item in schema.get("examples", ()) if not isinstance(item, dict | list)), None)
    if example is None:
        return words
    told = f"For example `{name}: {shown(example)}`." if name else f"For example {shown(example)}."
    return f"{words} {told}".strip()
