"""Everything that is made once for a kind: the compiled schema and the places that it marks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import embedded, lists
from .branches import grow, places, resolved
from .compiled import Compiled
from .embedded import Embedded

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from covey_schemas.catalog import KindSchema

    from .branches import Branch, Schema
    from .cel.rules import Rules
    from .problems import Path, Problem


_FOR_WHOLE_OBJECTS = frozenset({"required", "minItems", "minProperties", "anyOf", "oneOf"})


class KindChecks:
    """The checks of one kind; raises ValueError where its schema can't be compiled."""

    def __init__(self, kind: KindSchema) -> None:
        self.kind = kind
        self._compiled = Compiled(kind.schema, secretive=_is_secret(kind))
        self.fits = self._compiled.fits

    def misfits(self, value: dict[str, Any], base: Path, how: Embedded) -> tuple[list[Problem], bool]:
        """The schema's problems, without what an object inside a policy may leave to others."""

        def matters(error: ValidationError) -> bool:
            if how.partial and error.kind.name in _FOR_WHOLE_OBJECTS:
                return False
            return not (how.templated and embedded.has_template(error.instance))

        return self._compiled.misfits(value, base, matters=matters)

    @cached_property
    def rules(self) -> Rules | None:
        """The CEL rules; None for the many kinds that have none."""
        if not self.kind.cel:
            return None
        from .cel.rules import Rules  # noqa: PLC0415 - only for kinds with rules

        return Rules(self.kind.schema)

    @cached_property
    def _marked(self) -> Branch | None:
        return grow(self.kind.schema, self._mark)

    def _mark(self, schema: Schema) -> lists.Keys | Embedded | None:
        item = schema.get("items")
        if isinstance(item, dict):
            return lists.keys_of(schema, resolved(item, self.kind.schema))
        return embedded.mark_of(schema)

    def inside(
        self, value: dict[str, Any], base: Path
    ) -> tuple[list[Problem], list[tuple[Path, dict[str, Any], Embedded]]]:
        """What stands twice in lists that are maps or sets, and the objects inside of this one with their places."""
        problems: list[Problem] = []
        objects: list[tuple[Path, dict[str, Any], Embedded]] = []
        for path, found, mark in places(value, self._marked) if self._marked is not None else ():
            if isinstance(mark, Embedded):
                if isinstance(found, dict):
                    objects.append((path, found, mark))
            elif isinstance(found, list) and len(found) > 1:
                problems += lists.duplicates(found, (*base, *path), mark)
        if self.kind.name.group == embedded.POLICY_GROUP:
            objects += embedded.in_policy(value, self.kind.name.kind)
        return problems, objects


def _is_secret(kind: KindSchema) -> bool:
    return kind.name.group == "" and kind.name.kind == "Secret"
