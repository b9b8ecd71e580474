"""Documents that the schemas have accepted become models; nothing is checked twice here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.model.dataset import Budget, DataSet, Grant
from covey_core.model.defaults import filled
from covey_core.model.fleet import Egress, Fleet, FleetListener, Hub, Namespace
from covey_core.model.job import (
    App,
    Collaborators,
    Compute,
    FederatedJob,
    Gpus,
    JobListener,
    Preferences,
    Privacy,
    Requirement,
    Score,
    Storage,
    Timeouts,
    Toleration,
)
from covey_core.model.listener import ListenerType

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain = dict[str, Any]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> int:
    """A duration of the specs (`90s`, `5m`, `24h`, `7d`) in seconds."""
    return int(text[:-1]) * _UNITS[text[-1]]


def parse_job(value: Plain, schema: Mapping[str, Any]) -> FederatedJob:
    document = filled(schema, value)
    spec = document["spec"]
    spec["collaborators"].setdefault("minPerRound", spec["collaborators"]["min"])
    return FederatedJob(
        name=document["metadata"]["name"],
        namespace=document["metadata"]["namespace"],
        runtime=spec["runtime"],
        purpose=spec.get("purpose", ""),
        app=App(spec["app"]["path"], spec["app"]["image"]),
        run_number=spec["run"]["number"],
        run_state=spec["run"]["state"],
        rounds=spec["rounds"],
        config=spec["config"],
        collaborators=_collaborators(spec["collaborators"]),
        aggregator=_compute(spec["resources"]["aggregator"]),
        collaborator=_compute(spec["resources"]["collaborator"]),
        timeouts=Timeouts(*(seconds(spec["timeouts"][name]) for name in ("waiting", "round", "run"))),
        attempts=spec["attempts"],
        privacy=_privacy(spec.get("privacy")),
        listener=_job_listener(spec.get("listener")),
        storage=_storage(spec["model"]["storage"]),
        spec=spec,
    )


def _collaborators(part: Plain) -> Collaborators:
    return Collaborators(
        min=part["min"],
        max=part["max"],
        min_per_round=part["minPerRound"],
        cluster_sets=tuple(part["clusterSets"]),
        data_set=part["dataSet"],
        require=tuple(Requirement(one["key"], one["operator"], tuple(one["values"])) for one in part["require"]),
        prefer=_preferences(part["prefer"]),
        tolerations=tuple(
            Toleration(one["key"], one["operator"], one["value"], one.get("seconds")) for one in part["tolerations"]
        ),
        loss_seconds=part["lossSeconds"],
    )


def _preferences(part: Plain) -> Preferences:
    score = part.get("score")
    return Preferences(
        part["cpu"],
        part["memory"],
        Score(score["resource"], score["name"], score["weight"]) if score else None,
    )


def _compute(part: Plain) -> Compute:
    gpus = part.get("gpus")
    return Compute(part["cpu"], part["memory"], Gpus(gpus["count"], gpus["resource"]) if gpus else None)


def _privacy(part: Plain | None) -> Privacy | None:
    if part is None:
        return None
    return Privacy(part["epsilon"], part["delta"], part["clippingNorm"], part["noiseMultiplier"])


def _job_listener(part: Plain | None) -> JobListener | None:
    return JobListener(ListenerType(part["type"]), part.get("nodePort", 0)) if part else None


def _storage(part: Plain) -> Storage:
    return Storage(part["size"], part.get("className", ""))


def parse_data_set(value: Plain, schema: Mapping[str, Any]) -> DataSet:
    document = filled(schema, value)
    spec = document["spec"]
    privacy = spec.get("privacy")
    return DataSet(
        name=document["metadata"]["name"],
        owner=spec["owner"],
        purposes=tuple(spec["purposes"]),
        namespaces=tuple(spec["namespaces"]),
        grants=tuple(Grant(one["cluster"], one.get("region", "")) for one in spec["grants"]),
        residency=tuple(spec["residency"]),
        min_collaborators=spec["minCollaborators"],
        privacy=Budget(privacy["epsilonPerRun"], privacy["epsilonTotal"], privacy["delta"]) if privacy else None,
        leaves=tuple(spec["leaves"]),
        volume=_storage(spec["volume"]) if "volume" in spec else None,
        spec=spec,
    )


def parse_fleet(value: Plain, schema: Mapping[str, Any]) -> Fleet:
    document = filled(schema, value)
    spec = document["spec"]
    hub, listener = spec["hub"], spec["listener"]
    return Fleet(
        name=document["metadata"]["name"],
        trust_domain=spec["trustDomain"],
        hub=Hub(
            namespace=hub["namespace"],
            api_server_cidrs=tuple(hub["apiServer"]["cidrs"]),
            api_server_port=hub["apiServer"]["port"],
            repository=hub["repository"],
            branch=hub["branch"],
            argocd_namespace=hub["argocdNamespace"],
        ),
        namespaces=tuple(Namespace(one["name"], one["team"], tuple(one["clusterSets"])) for one in spec["namespaces"]),
        listener=FleetListener(
            ListenerType(listener["type"]),
            listener.get("domain", ""),
            tuple(listener["sourceRanges"]),
        ),
        proxy_image=spec["images"]["proxy"],
        fs_group=spec["pods"]["fsGroup"],
        egress=tuple(Egress(one["cidr"], tuple(one["ports"])) for one in spec["egress"]),
        spec=spec,
    )
