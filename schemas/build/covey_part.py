"""`spec.covey`: FederatedJob's spec as the renderer spells it out, with what the renderer adds."""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from structural import spelled, structural

if TYPE_CHECKING:
    from collections.abc import Mapping

Schema = dict[str, Any]


def covey_part(spec: Schema, parts: Mapping[str, Schema]) -> Schema:
    """The schema of `spec.covey`: nothing in it has a default, so everything that has one in a job is required."""
    made = structural(spelled(spec, place="FederatedJob"), place="FederatedJob")
    app = made["properties"]["app"]
    del app["properties"]["path"]
    app["required"] = ["image"]
    app["description"] = "App: the image that both sides run."
    made["properties"]["listener"] = _joined(parts["coveyListener"], made["properties"]["listener"])
    made["properties"] |= {"templates": parts["templates"], "inputsDigest": parts["digest"]}
    made["required"] = sorted([*made["required"], "templates", "inputsDigest"])
    made["description"] = "The job as Covey rendered it, spelled out; without it the resource is upstream's."
    made["x-kubernetes-map-type"] = "atomic"
    _add_rules(made)
    return made


def _joined(ours: Schema, kind: Schema) -> Schema:
    return {**ours, "properties": {**kind["properties"], **ours["properties"]}}


def _add_rules(made: Schema) -> None:
    made["properties"]["collaborators"]["x-kubernetes-validations"] = [
        {
            "rule": "self.min <= self.max",
            "fieldPath": ".min",
            "message": "min may not be greater than max.",
        },
        {
            "rule": "self.minPerRound <= self.max",
            "fieldPath": ".minPerRound",
            "message": "minPerRound may not be greater than max.",
        },
    ]
