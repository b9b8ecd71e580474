"""Checks documents: Kubernetes manifests against a catalog's schemas, Covey's own specs against theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.findings import in_order
from covey_schemas.catalog import KindName, kind_schema

from . import embedded, missing
from .compiled import Compiled
from .embedded import PLAIN, Embedded
from .kind_checks import KindChecks
from .metadata import metadata_problems
from .problems import Problem, to_finding
from .secrets import secret_object_problems
from .wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_schemas.catalog import Catalog

    from .problems import Path


class Validator:
    """Checks documents against the kinds of `catalog`; made once, since each kind is compiled once.

    `allowed_missing` names kinds (`Kind` or `group/version/Kind`) that may have no schema. Without `extras` only the
    schemas are checked: no CEL rules, no metadata, no lists that are maps, no objects inside of objects.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        allowed_missing: frozenset[str] = frozenset(),
        cel: bool = True,
        extras: bool = True,
    ) -> None:
        self._catalog = catalog
        self._allowed_missing = allowed_missing
        self._cel = cel
        self._extras = extras
        self._checks: dict[tuple[Any, Any], KindChecks | None] = {}
        self._unusable: dict[tuple[Any, Any], tuple[str, str]] = {}
        self._specs: dict[str, Compiled] = {}

    def check(self, document: Document, *, rendered: bool = False) -> tuple[Finding, ...]:
        """The findings of a manifest; those of a List are those of its items. No Secret may be `rendered`."""
        return self._findings(document, self.problems(document.value, rendered=rendered))

    def check_spec(self, document: Document, kind: str) -> tuple[Finding, ...]:
        """The findings of a FederatedJob, DataSet or Fleet."""
        if kind not in self._specs:
            self._specs[kind] = Compiled(kind_schema(kind))
        compiled = self._specs[kind]
        problems, _ = ([], False) if compiled.fits(document.value) else compiled.misfits(document.value)
        return self._findings(document, problems)

    def problems(self, value: Any, *, rendered: bool = False) -> Iterator[Problem]:
        for _, problems in self.by_resource(value, rendered=rendered):
            yield from problems

    def by_resource(self, value: Any, *, rendered: bool = False) -> Iterator[tuple[Any, list[Problem]]]:
        """Each object of a document (the items of a List count one by one) with its problems."""
        for path, item in resources(value):
            yield item, list(self.resource_problems(item, path, rendered=rendered))

    def knows(self, value: Any) -> bool:
        """Whether there is a schema for the object's kind."""
        return isinstance(value, dict) and self.checks_of(value) is not None

    def fits_schema(self, value: Any) -> bool:
        """Whether `value` is one object, of a kind that is known, and as its schema says; the quickest question."""
        if not isinstance(value, dict):
            return False
        checks = self.checks_of(value)
        return checks is not None and checks.fits(value) and not embedded.is_list(value)

    def resource_problems(
        self, value: Any, path: Path, *, how: Embedded = PLAIN, rendered: bool = False
    ) -> Iterator[Problem]:
        """The problems of one object; `path` is its place in the document."""
        if not isinstance(value, dict):
            message = f"A manifest is a mapping with apiVersion, kind and metadata, not {shown(value)}."
            yield Problem("k8s/not-a-manifest", path, message, hint="Other files can be left out with `--exclude`.")
            return
        checks = self.checks_of(value)
        if checks is None:
            yield from self._without_schema(value, path)
            return
        blocked = False
        if not checks.fits(value):
            problems, blocked = checks.misfits(value, path, how)
            yield from problems
        if self._extras:
            yield from secret_object_problems(value, path, rendered=rendered)
            yield from self._extra_problems(checks, value, path, how, rendered=rendered)
        if self._cel and not blocked and not how.partial and checks.rules is not None:
            yield from checks.rules.problems(value, path)

    def _without_schema(self, value: dict[str, Any], path: Path) -> Iterator[Problem]:
        names = value.get("apiVersion"), value.get("kind")
        unusable = self._unusable.get(names) if all(isinstance(name, str) for name in names) else None
        if unusable is not None:
            yield Problem("schema/unusable", path, *unusable)
        else:
            yield from missing.problems(value, path, self._catalog, self._allowed_missing)

    def checks_of(self, value: dict[str, Any]) -> KindChecks | None:
        """What is known of the object's kind; None where that is nothing."""
        key = (value.get("apiVersion"), value.get("kind"))
        try:
            return self._checks[key]
        except (KeyError, TypeError):  # TypeError: a list, say, in the place of a name
            return self._find(*key)

    def _find(self, api_version: Any, kind: Any) -> KindChecks | None:
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        found = self._catalog.find(KindName.of(api_version, kind))
        checks = None
        if found is not None:
            try:
                checks = KindChecks(found)
            except ValueError as error:  # a pattern that is no regular expression, say
                self._unusable[api_version, kind] = missing.unusable(found, error)
        self._checks[api_version, kind] = checks
        return checks

    def _extra_problems(
        self, checks: KindChecks, value: dict[str, Any], path: Path, how: Embedded, *, rendered: bool
    ) -> Iterator[Problem]:
        name = checks.kind.name
        if not how.partial:
            namespaced = checks.kind.namespaced
            yield from metadata_problems(value, path, group=name.group, kind=name.kind, namespaced=namespaced)
        problems, objects = checks.inside(value, path)
        yield from problems
        for inner, item, inner_how in objects:
            whole = Embedded(how.partial or inner_how.partial, how.templated or inner_how.templated)
            yield from self.resource_problems(item, (*path, *inner), how=whole, rendered=rendered)

    @staticmethod
    def _findings(document: Document, problems: Iterable[Problem]) -> tuple[Finding, ...]:
        return in_order(to_finding(problem, document) for problem in problems)


def resources(value: Any) -> Iterator[tuple[Path, Any]]:
    """The objects of a document with their places: one, or the items of a List."""
    if not isinstance(value, dict) or not embedded.is_list(value):
        yield (), value
        return
    for path, item in embedded.items_of(value):
        for inner, found in resources(item):
            yield (*path, *inner), found
