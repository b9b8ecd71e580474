"""OCM's add-ons on the hub: installs them by placement, and says how far each of them is."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import ADDON, ADDON_OF_ALL, ADDONS, CLUSTER, CLUSTERS, DECISION, OCM, PLACEMENT
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.ocm.standin.loop import Loop, each

if TYPE_CHECKING:
    from controlplane.ocm.api import Object
    from controlplane.ocm.standin.loop import Mirror

_LIFECYCLE = f"{ADDONS}/lifecycle"
_FEATURE = f"feature.{OCM}/addon-"
_PLACEMENT_LABEL = f"{CLUSTERS}/placement"
_WORDS = {"True": "available", "False": "unhealthy"}


class Addons:
    def __init__(self, mirror: Mirror) -> None:
        self._api = mirror.api
        self._all, self._addons, self._clusters = mirror.of(ADDON_OF_ALL), mirror.of(ADDON), mirror.of(CLUSTER)
        self._placements, self._decisions = mirror.of(PLACEMENT), mirror.of(DECISION)
        self.loops = [
            Loop("add-ons", self.install, self._all, self._addons, self._placements, self._decisions, self._clusters),
            Loop("features", self.label, self._clusters, self._addons),
        ]

    def install(self) -> None:
        managed = [one for one in self._all.all() if _is_managed(one)]
        each(managed, self._install)

    def _install(self, one: Object) -> None:
        strategy = one["spec"].get("installStrategy") or {}
        if strategy.get("type") == "Placements":
            self._place(one, strategy.get("placements", []))
        for addon in self._addons.all():
            if addon["metadata"]["name"] == one["metadata"]["name"]:
                self._own(one, addon)
                self._configure(addon)

    def label(self) -> None:
        """What every cluster has, as labels of its ManagedCluster; and add-ons of lost clusters become unknown."""
        each(self._clusters.all(), self._label)

    def _label(self, cluster: Object) -> None:
        metadata = cluster["metadata"]
        available = conditions.find(conditions.of(cluster), "ManagedClusterConditionAvailable")
        if available is None or metadata.get("deletionTimestamp"):
            return
        addons = [one for one in self._addons.all(metadata["name"]) if not one["metadata"].get("deletionTimestamp")]
        wanted = {f"{_FEATURE}{one['metadata']['name']}": _word(one) for one in addons}
        known = {name: word for name, word in metadata.get("labels", {}).items() if name.startswith(_FEATURE)}
        if wanted != known:
            gone = dict.fromkeys(set(known) - set(wanted))
            self._api.patch(CLUSTER, metadata["name"], {"metadata": {"labels": {**wanted, **gone}}})
        if available["status"] == "Unknown":
            for one in addons:
                self._say(one, {**available, "type": "Available"})

    def _place(self, one: Object, placements: list[Object]) -> None:
        name = one["metadata"]["name"]
        known = {addon["metadata"]["namespace"] for addon in self._addons.all() if addon["metadata"]["name"] == name}
        chosen = [self._chosen(placement["namespace"], placement["name"]) for placement in placements]
        wanted = set().union(*chosen)
        for cluster in sorted(wanted - known):
            try:
                self._api.create(ADDON, self._addon(one, cluster))
            except Refused as refused:  # another loop or a person was faster, or the cluster has no namespace yet
                if refused.code not in {404, 409}:
                    raise
        for cluster in sorted(known - wanted):
            self._api.delete(ADDON, name, cluster)
        installed = [(placement, len(clusters)) for placement, clusters in zip(placements, chosen, strict=True)]
        self._progress(one, installed)

    def _chosen(self, namespace: str, placement: str) -> set[str]:
        if self._placements.get(placement, namespace) is None:
            return set()
        return {
            decision["clusterName"]
            for one in self._decisions.all(namespace)
            if one["metadata"].get("labels", {}).get(_PLACEMENT_LABEL) == placement
            for decision in one.get("status", {}).get("decisions", [])
        }

    def _addon(self, one: Object, cluster: str) -> Object:
        """Annotations of add-ons go from the cluster to its add-ons."""
        annotations = (self._clusters.get(cluster) or {"metadata": {}})["metadata"].get("annotations", {})
        given = {name: value for name, value in annotations.items() if name.startswith(ADDONS)}
        metadata = {"name": one["metadata"]["name"], "namespace": cluster, "ownerReferences": [_owner(one)]}
        return {"metadata": metadata | ({"annotations": given} if given else {}), "spec": {}}

    def _own(self, one: Object, addon: Object) -> None:
        """Also an add-on that somebody made by hand."""
        owners = addon["metadata"].get("ownerReferences", [])
        if all(owner["uid"] != one["metadata"]["uid"] for owner in owners):
            change = {"metadata": {"ownerReferences": [*owners, _owner(one)]}}
            self._api.patch(ADDON, addon["metadata"]["name"], change, namespace=addon["metadata"]["namespace"])

    def _configure(self, addon: Object) -> None:
        waiting = "Waiting for ManagedClusterAddOn ManifestApplied condition"
        self._say(
            addon,
            conditions.condition("Progressing", status=False, reason="WaitingForManifestApplied", message=waiting),
            conditions.condition(
                "Configured", status=True, reason="ConfigurationsConfigured", message="Configurations configured"
            ),
        )

    def _progress(self, one: Object, installed: list[tuple[Object, int]]) -> None:
        before = {(old["namespace"], old["name"]): old for old in one.get("status", {}).get("installProgressions", [])}
        now = [_progression(placement, count, before) for placement, count in installed]
        if now != one.get("status", {}).get("installProgressions", []):
            change = {"status": {"installProgressions": now}}
            self._api.patch(ADDON_OF_ALL, one["metadata"]["name"], change, part="status")

    def _say(self, addon: Object, *new: Object) -> None:
        known = copy.deepcopy(conditions.of(addon))
        for one in new:
            conditions.put(known, {name: word for name, word in one.items() if name != "lastTransitionTime"})
        if known != conditions.of(addon):
            metadata = addon["metadata"]
            change = {"metadata": {"resourceVersion": metadata["resourceVersion"]}, "status": {"conditions": known}}
            self._api.patch(ADDON, metadata["name"], change, namespace=metadata["namespace"], part="status")


def _is_managed(one: Object) -> bool:
    """By OCM's add-on manager, unless the annotation names somebody else."""
    who = one["metadata"].get("annotations", {}).get(_LIFECYCLE, "addon-manager")
    return who == "addon-manager" and not one["metadata"].get("deletionTimestamp")


def _owner(one: Object) -> Object:
    return {
        "apiVersion": f"{ADDONS}/v1beta1",
        "kind": ADDON_OF_ALL.kind,
        "name": one["metadata"]["name"],
        "uid": one["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _word(addon: Object) -> str:
    available = conditions.find(conditions.of(addon), "Available")
    return _WORDS.get(available["status"] if available else "", "unreachable")


def _progression(placement: Object, count: int, before: dict[tuple[str, str], Object]) -> Object:
    key = (placement["namespace"], placement["name"])
    known = copy.deepcopy(before.get(key, {}).get("conditions", []))
    how = "completed with no errors" if count else "progressing..."
    message = f"selected clusters {count}. configured addons {count}/{count} {how}, 0 failed 0 timeout."
    reason = "Completed" if count else "Progressing"
    conditions.put(known, conditions.condition("Progressing", status=not count, reason=reason, message=message))
    return {"namespace": key[0], "name": key[1], "conditions": known}
