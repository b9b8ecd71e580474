"""What the agent tells the hub of objects on its spoke: there or not, feedback, and conditions by rules."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from controlplane.ocm.api import Api, Object, Refused
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin import workagent_feedback as feedback
from controlplane.ocm.standin import workagent_rules as rules
from controlplane.ocm.standin.work_kinds import by_resource

if TYPE_CHECKING:
    from collections.abc import Callable


def observed(spoke: Api, work: Object) -> Object:
    """The work's status as it is now."""
    status: Object = deepcopy(work["status"])
    generation = work["metadata"]["generation"]
    manifests = status.get("resourceStatus", {}).get("manifests", [])
    for manifest in manifests:
        one, available = _look(spoke, manifest["resourceMeta"])
        manifest.setdefault("conditions", [])
        conditions.put(manifest["conditions"], available)
        if one is not None:
            _report(manifest, one, config_of(manifest["resourceMeta"], work["spec"]), generation)
    for made in _aggregated(manifests, generation):
        conditions.put(status["conditions"], made)
    rules.prune(status["conditions"], generation)
    return status


def config_of(meta: Object, spec: Object) -> Object:
    """What the work's configurations say of one object: of each part the first that matches."""
    found: Object = {}
    for config in spec.get("manifestConfigs", []):
        if _matches(meta, config["resourceIdentifier"]):
            for part in ("conditionRules", "feedbackRules", "updateStrategy"):
                if config.get(part):
                    found.setdefault(part, config[part])
    return found


def _look(spoke: Api, meta: Object) -> tuple[Object | None, Object]:
    if not (meta.get("resource") and meta.get("version") and meta.get("name")):
        said = ("Unknown", "IncompleteResourceMeta", "Resource meta is incomplete")
        return None, conditions.condition("Available", *said)
    namespace = meta.get("namespace", "")
    kind = by_resource(meta.get("group", ""), meta["version"], meta["resource"], namespace=namespace)
    try:
        one = spoke.get(kind, meta["name"], namespace)
    except Refused as refused:
        message = f"Failed to fetch resource: {refused}"
        return None, conditions.condition("Available", "Unknown", "FetchingResourceFailed", message)
    if one is None:
        return None, conditions.condition("Available", "False", "ResourceNotAvailable", "Resource is not available")
    return one, conditions.condition("Available", "True", "ResourceAvailable", "Resource is available")


def _report(manifest: Object, one: Object, config: Object, generation: int) -> None:
    values, synced = feedback.read(one, config.get("feedbackRules", []))
    if values != manifest.get("statusFeedback", {}).get("values", []):
        conditions.drop(manifest["conditions"], synced["type"])  # so that its time says when a value changed last
    conditions.put(manifest["conditions"], synced)
    manifest["statusFeedback"] = {"values": values} if values else {}
    for made in rules.evaluate(one, config.get("conditionRules", [])):
        conditions.put(manifest["conditions"], {**made, "observedGeneration": generation})
    rules.prune(manifest["conditions"], generation)


def _aggregated(manifests: list[Object], generation: int) -> list[Object]:
    by_type: dict[str, list[Object]] = {"Available": []}
    for manifest in manifests:
        for one in manifest["conditions"]:
            if one["type"] == "Available" or rules.is_made(one):
                by_type.setdefault(one["type"], []).append(one)
    made = [
        _available(found, len(manifests)) if kind == "Available" else _by_rules(kind, found)
        for kind, found in sorted(by_type.items())
    ]
    return [{**one, "observedGeneration": generation} for one in made]


def _available(found: list[Object], total: int) -> Object:
    count = _counted(found)
    if count("False"):
        message = f"{count('False')} of {total} resources are not available"
        return conditions.condition("Available", "False", "ResourcesNotAvailable", message)
    if count("Unknown"):
        message = f"{count('Unknown')} of {total} resources have unknown status"
        return conditions.condition("Available", "Unknown", "ResourcesStatusUnknown", message)
    if not count("True"):
        message = "cannot get any available resource "
        return conditions.condition("Available", "Unknown", "ResourcesStatusUnknown", message)
    return conditions.condition("Available", "True", "ResourcesAvailable", "All resources are available")


def _by_rules(kind: str, found: list[Object]) -> Object:
    """The worst wins; of Progressing, any that still progresses."""
    order = ("True", "Unknown", "False") if kind == "Progressing" else ("False", "Unknown", "True")
    count = _counted(found)
    status = next(word for word in order if count(word))
    message = f"Aggregated from {len(found)} manifest conditions"
    if len(found) == 1 and found[0]["message"]:
        message = found[0]["message"]
    return conditions.condition(kind, status, "ConditionRulesAggregated", message)


def _counted(found: list[Object]) -> Callable[[str], int]:
    return [one["status"] for one in found].count


def _matches(meta: Object, asked: Object) -> bool:
    same = all(meta.get(part, "") == asked.get(part, "") for part in ("group", "resource"))
    return same and all(_wild(meta.get(part, ""), asked.get(part, "")) for part in ("namespace", "name"))


def _wild(text: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None
