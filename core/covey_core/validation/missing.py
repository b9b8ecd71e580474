"""What to say of an object of which no schema is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.findings import Severity
from covey_core.suggest import nearest
from covey_schemas.catalog import KindName

from .problems import Problem
from .wording import clean, either, shown, ticked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_schemas.catalog import Catalog, KindSchema

    from .problems import Path

RULE = "schema/missing"


def problems(value: dict[str, Any], path: Path, catalog: Catalog, allowed: frozenset[str]) -> Iterator[Problem]:
    incomplete = False
    for field, example in (("apiVersion", "apps/v1"), ("kind", "Deployment")):
        found = value.get(field)
        if isinstance(found, str) and found:
            continue
        incomplete = True
        if found is None:
            message = f"This is no Kubernetes manifest: it has no `{field}`."
            hint = f"Add one, for example `{field}: {example}`, or leave the file out with `--exclude`."
            yield Problem("k8s/not-a-manifest", path, message, hint)
        else:
            where = (*path, field)
            yield Problem("k8s/not-a-manifest", where, f"`{field}` must be a name, not {shown(found)}.")
    if not incomplete:
        yield _unknown(KindName.of(value["apiVersion"], value["kind"]), path, catalog, allowed)


def unusable(kind: KindSchema, error: ValueError) -> tuple[str, str]:
    """The message and the hint for a schema that can't be compiled."""
    reason = clean(str(error).split("\n")[0].rstrip("."), longest=160)
    message = f"The schema of {clean(kind.name.kind)} of {clean(kind.name.api_version)} can't be used: {reason}."
    return message, f"It comes from: {clean(kind.origin)}. Nothing of the object was checked."


def is_allowed(name: KindName, allowed: frozenset[str]) -> bool:
    return name.kind in allowed or f"{name.api_version}/{name.kind}" in allowed


def _unknown(name: KindName, path: Path, catalog: Catalog, allowed: frozenset[str]) -> Problem:
    told = f"{clean(name.kind)} of {clean(name.api_version)}"
    if is_allowed(name, allowed):
        message = f"{told} has no schema and was not checked, as allowed."
        return Problem(RULE, (*path, "kind"), message, severity=Severity.INFO)
    versions = catalog.versions_of(name.group, name.kind)
    if versions:
        others = either(ticked(KindName(name.group, version, name.kind).api_version for version in versions))
        message = f"There is no schema for {told}; it is known as {others}."
        return Problem(RULE, (*path, "apiVersion"), message, hint="Use a version that the cluster serves.")
    return _suggest(name, told, path, catalog)


def _suggest(name: KindName, told: str, path: Path, catalog: Catalog) -> Problem:
    kinds = catalog.kinds()
    same_kind = sorted({known.api_version for known in kinds if known.kind == name.kind})
    same_group = [known.kind for known in kinds if known.api_version == name.api_version]
    meant = nearest(name.kind, same_group)
    likely = either(ticked(same_kind)) or meant
    guess = f" Did you mean {likely}?" if likely else ""
    full = clean(f"{name.api_version}/{name.kind}")
    hint = f"`covey schema import FILE` reads its CRD; `--allow-missing {full}` lets it pass unchecked."
    field = "apiVersion" if same_kind else "kind"
    return Problem(RULE, (*path, field), f"There is no schema for {told}.{guess}", hint)
