"""The objects in `tests/cases/crds`: a sample of each kind, and changes that its CRD refuses or allows.

A case names paths such as `spec.roster.0.state`. With `before` it is an update of the sample so changed, else a create.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
CRDS = ROOT / "schemas" / "covey_schemas" / "crds"
CASES = ROOT / "tests" / "cases" / "crds"
NAMES = ("collaborations", "datasets", "federatedlearnings", "federatedruns", "fleets")


@dataclass(frozen=True, slots=True)
class Case:
    """`old` is None for a create; `message` is empty where the change is allowed."""

    what: str
    old: dict[str, Any] | None
    new: dict[str, Any]
    message: str


@cache
def crd(name: str) -> dict[str, Any]:
    return dict(_yaml(CRDS / f"{name}.yaml"))


def sample(name: str) -> dict[str, Any]:
    return dict(_yaml(CASES / name / "sample.yaml"))


def cases(name: str, verdict: str) -> list[Case]:
    """`verdict` is refused or accepted."""
    return [_case(name, entry) for entry in _yaml(CASES / name / f"{verdict}.yaml")]


def _case(name: str, entry: dict[str, Any]) -> Case:
    start = _changed(sample(name), entry.get("before", {}))
    old = start if "before" in entry else None
    return Case(entry["what"], old, _changed(start, entry), entry.get("message", ""))


def _changed(value: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(value)
    for path, new in entry.get("set", {}).items():
        node, key = _place(made, path)
        if isinstance(node, list) and key == len(node):
            node.append(new)
        else:
            node[key] = new
    for path in entry.get("remove", []):
        node, key = _place(made, path)
        del node[key]
    return made


def _place(value: Any, path: str) -> tuple[Any, Any]:
    *parents, last = path.split(".")
    for part in parents:
        value = value[int(part) if isinstance(value, list) else part]
    return value, int(last) if isinstance(value, list) else last


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
