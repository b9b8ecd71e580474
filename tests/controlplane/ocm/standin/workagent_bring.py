"""Applying one work: its manifests in the order of their kinds, what became of each, and what is now on the spoke."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from controlplane.ocm.api import Api, Object, Refused
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin import workagent_executor as executor
from controlplane.ocm.standin import workagent_owners as owners
from controlplane.ocm.standin.work_kinds import Kinds, by_resource, group_of
from controlplane.ocm.standin.workagent_apply import Applier, ApplyConflictError
from controlplane.ocm.standin.workagent_delete import take_back
from controlplane.ocm.standin.workagent_ignore import IgnoreFieldError
from controlplane.ocm.standin.workagent_order import rank
from controlplane.ocm.standin.workagent_status import config_of

if TYPE_CHECKING:
    from controlplane.rest import Kind

_CONFLICT, _TRIES, _PAUSE = 409, 5, 0.01


@dataclass
class Result:
    """Of one manifest: the object as the API server gave it back, or why there is none."""

    meta: Object
    made: Object | None = None
    error: Exception | None = None


@dataclass
class Brought:
    """`resources` is None where it can't be told what is on the spoke; `again` in seconds, if it is known."""

    status: Object
    resources: list[Object] | None
    errors: list[Exception] = field(default_factory=list)
    again: float | None = None


class Bringer:
    def __init__(self, spoke: Api) -> None:
        self._spoke = spoke
        self._kinds = Kinds(spoke)
        self._applier = Applier(spoke)

    def bring(self, work: Object, applied: Object) -> Brought:
        manifests = work["spec"].get("workload", {}).get("manifests", [])
        results: list[Result] = [Result({})] * len(manifests)
        owner = owners.owner_of(applied)
        for ordinal in sorted(range(len(manifests)), key=lambda one: rank(manifests[one])):
            results[ordinal] = self._one(work, ordinal, manifests[ordinal], owner)
        status = _status(work, results)
        errors = [
            one.error
            for one in results
            if one.error and not isinstance(one.error, ApplyConflictError | executor.NotAllowedError)
        ]
        resources, problems = self._resources(applied, results, owner)
        refused = any(isinstance(one.error, executor.NotAllowedError) for one in results)
        return Brought(status, resources, [*errors, *problems], executor.AGAIN if refused else None)

    def _one(self, work: Object, ordinal: int, manifest: Object, owner: Object) -> Result:
        meta = _meta(ordinal, manifest, None)
        try:
            kind = self._kinds.of(manifest)
            meta = _meta(ordinal, manifest, kind)
            if _is_complete(work, meta):
                return Result(meta, manifest)
            return Result(meta, self._apply(work, kind, meta, manifest, owner))
        except Exception as error:  # noqa: BLE001 - it becomes a condition, as every error does
            return Result(meta, error=error)

    def _apply(self, work: Object, kind: Kind, meta: Object, manifest: Object, owner: Object) -> Object:
        """Again at once when another writer was faster."""
        spec = work["spec"]
        where, name = meta["namespace"], meta["name"]
        owned = owners.keeps(spec.get("deleteOption"), meta["group"], kind.plural, where, name)
        executor.check(self._spoke, spec.get("executor"), kind, manifest, owned=owned)
        strategy = config_of(meta, spec).get("updateStrategy") or {}
        for left in reversed(range(_TRIES)):
            try:
                return self._applier.apply(kind, manifest, owner if owned else owners.leaving(owner), strategy)
            except Refused as refused:
                if refused.code != _CONFLICT or refused.reason == "AlreadyExists" or not left:
                    raise
            time.sleep(_PAUSE)
        raise AssertionError

    def _resources(
        self, applied: Object, results: list[Result], owner: Object
    ) -> tuple[list[Object] | None, list[Exception]]:
        """What is there now; what an older work brought and this one has not is taken back."""
        found: list[Object] = []
        problems: list[Exception] = []
        for one in results:
            try:
                uid = self._uid(one)
            except (Refused, LookupError) as error:
                problems.append(error)
                continue
            if uid:
                parts = {part: one.meta[part] for part in ("group", "version", "resource", "namespace", "name")}
                found.append({**parts, "uid": uid})
        if problems:
            return None, problems
        had = applied.get("status", {}).get("appliedResources", [])
        names = {_name(one) for one in found}
        pending, problems = take_back(self._spoke, [one for one in had if _name(one) not in names], owner)
        order = ("group", "version", "resource", "namespace", "name")
        return sorted([*found, *pending], key=lambda one: [one.get(part, "") for part in order]), problems

    def _uid(self, one: Result) -> str | None:
        uid = one.made["metadata"].get("uid") if one.made and not one.error else None
        if uid:
            return str(uid)
        meta = one.meta
        if not meta["resource"]:
            raise LookupError(f"resource with key {meta['namespace']}/{meta['name']} not found")
        kind = by_resource(meta["group"], meta["version"], meta["resource"], namespace=meta["namespace"])
        known = self._spoke.get(kind, meta["name"], meta["namespace"])
        return known["metadata"]["uid"] if known else None


def _meta(ordinal: int, manifest: Object, kind: Kind | None) -> Object:
    metadata = manifest.get("metadata", {})
    version = str(manifest.get("apiVersion", ""))
    namespace = metadata.get("namespace", "")
    return {
        "ordinal": ordinal,
        "group": group_of(version),
        "version": version.rpartition("/")[2],
        "kind": manifest.get("kind", ""),
        "resource": kind.plural if kind else "",
        "name": metadata.get("name", ""),
        "namespace": "" if kind and not kind.namespaced else namespace,
    }


def _status(work: Object, results: list[Result]) -> Object:
    """The work's, with what became of its manifests; what else is said of them stays."""
    status: Object = deepcopy(work.get("status") or {})
    generation = work["metadata"]["generation"]
    known = status.get("resourceStatus", {}).get("manifests", [])
    merged = []
    for one in results:
        old = _known(one.meta, known)
        said = old["conditions"] if old else []
        conditions.put(said, _applied(one, generation))
        merged.append(
            {"resourceMeta": one.meta, "statusFeedback": old["statusFeedback"] if old else {}, "conditions": said}
        )
    status["resourceStatus"] = {"manifests": merged}
    status.setdefault("conditions", [])
    failed = any(one.error for one in results)
    said = ("AppliedManifestWorkFailed", "Failed to apply manifest work")
    good = ("AppliedManifestWorkComplete", "Apply manifest work complete")
    made = conditions.condition("Applied", not failed, *(said if failed else good), generation=generation)
    conditions.put(status["conditions"], made)
    return status


def _applied(one: Result, generation: int) -> Object:
    if one.error is None:
        said = ("AppliedManifestComplete", "Apply manifest complete")
        return conditions.condition("Applied", "True", *said, generation=generation)
    reason, message = "AppliedManifestFailed", f"Failed to apply manifest: {one.error}"
    if isinstance(one.error, IgnoreFieldError):
        reason, message = "AppliedManifestSSAIgnoreFieldError", f"Failed to process ignoreFields: {one.error}"
    return conditions.condition("Applied", "False", reason, message, generation=generation)


def _known(meta: Object, manifests: list[Object]) -> Object | None:
    """The same manifest in an older status: best at the same place, else anywhere if only once."""
    same = [one for one in manifests if {**one["resourceMeta"], "ordinal": meta["ordinal"]} == meta]
    exact = [one for one in same if one["resourceMeta"] == meta]
    return exact[0] if exact else same[0] if len(same) == 1 else None


def _is_complete(work: Object, meta: Object) -> bool:
    manifests = work.get("status", {}).get("resourceStatus", {}).get("manifests", [])
    known = _known(meta, manifests)
    return known is not None and conditions.is_true(known["conditions"], "Complete")


def _name(one: Object) -> tuple[str, ...]:
    """Without the version: another version is the same resource."""
    return tuple(one.get(part, "") for part in ("group", "resource", "namespace", "name"))
