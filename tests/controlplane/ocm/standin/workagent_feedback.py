"""Status feedback: single values of a spoke's object that travel back to the hub; integers, strings and booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from controlplane.ocm.standin.work_conditions import condition
from controlplane.ocm.standin.work_kinds import group_of
from controlplane.ocm.standin.workagent_paths import PathError, find

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

CONDITION = "StatusFeedbackSynced"
_GO = {float: "float64", list: "[]interface {}", dict: "map[string]interface {}"}
_WELL_KNOWN: dict[tuple[str, str], dict[str, str]] = {
    ("apps/v1", "Deployment"): {
        "ReadyReplicas": ".status.readyReplicas",
        "Replicas": ".status.replicas",
        "AvailableReplicas": ".status.availableReplicas",
    },
    ("apps/v1", "DaemonSet"): {
        "NumberReady": ".status.numberReady",
        "DesiredNumberScheduled": ".status.desiredNumberScheduled",
        "NumberAvailable": ".status.numberAvailable",
    },
    ("batch/v1", "Job"): {
        "JobComplete": '.status.conditions[?(@.type=="Complete")].status',
        "JobSucceeded": ".status.succeeded",
    },
    ("v1", "Pod"): {"PodReady": '.status.conditions[?(@.type=="Ready")].status', "PodPhase": ".status.phase"},
}


def read(one: Object, rules: list[Object]) -> tuple[list[Object], Object]:
    """The values that could be read, and the condition that says whether all could."""
    if not rules:
        return [], condition(CONDITION, True, "NoStatusFeedbackSynced")  # noqa: FBT003 - a status
    values: list[Object] = []
    problems: list[str] = []
    for rule in rules:
        said = _of_rule(one, rule, values)
        if said:
            problems.append(said[0] if len(said) == 1 else f"[{', '.join(said)}]")
    if problems:
        whole = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
        message = f"Sync status feedback failed with error {whole}"
        return values, condition(CONDITION, False, "StatusFeedbackSyncFailed", message)  # noqa: FBT003
    return values, condition(CONDITION, True, "StatusFeedbackSynced")  # noqa: FBT003


def _of_rule(one: Object, rule: Object, values: list[Object]) -> list[str]:
    """Adds to `values`; what could not be read."""
    problems = []
    if rule["type"] == "WellKnownStatus":
        known = _WELL_KNOWN.get((one["apiVersion"], one["kind"]))
        if known is None:
            group, version = group_of(one["apiVersion"]), one["apiVersion"].rpartition("/")[2]
            kind = f"{group}/{version}, Kind={one['kind']}"
            return [f"cannot find the wellknown statuses for resource with gvk {kind}"]
        paths = [{"name": name, "path": path} for name, path in known.items()]
    else:
        paths = rule.get("jsonPaths", [])
    for path in paths:
        try:
            values.extend(_value(one, path))
        except ValueError as error:
            problems.append(str(error))
    return problems


def _value(one: Object, path: Object) -> list[Object]:
    name = path["name"]
    if path.get("version") and one["apiVersion"].rpartition("/")[2] != path["version"]:
        raise ValueError(f"version set in the path {name} is not matched for the related resource")
    try:
        found = find(one, path["path"])
    except PathError as error:
        raise ValueError(f"failed to parse json path {path['path']} of {name} with error: {error}") from error
    if not found or found[0] is None:
        return []
    return [{"name": name, "fieldValue": _field(found[0], name)}]


def _field(value: Any, name: str) -> Object:
    if isinstance(value, bool):
        return {"type": "Boolean", "boolean": value}
    if isinstance(value, int):
        return {"type": "Integer", "integer": value}
    if isinstance(value, str):
        return {"type": "String", "string": value}
    raise ValueError(f"the type {_GO[type(value)]} of the value for {name} is not found")
