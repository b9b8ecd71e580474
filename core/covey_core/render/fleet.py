"""The fleet level, `rendered/_fleet/`: a function of covey.yaml and the data sets, never of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import digest
from covey_core.render import argocd
from covey_core.render.guardrails import guard_rails
from covey_core.render.namespaces import (
    clusters_placement,
    hub_namespace,
    namespace_objects,
    set_bindings,
    work_agent_role,
)
from covey_core.render.objects import WAVE_ACCESS, manifest, replica_set, spoke_manifest
from covey_core.render.placement import granted, lasting_tolerations, placement
from covey_core.render.stamp import Group, RenderedFile, stamped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covey_core.manifests import Manifest
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet, Namespace

FOLDER = f"rendered/{names.FLEET_FOLDER}"


def render_fleet(fleet: Fleet, data_sets: Sequence[DataSet], *, version: str) -> tuple[RenderedFile, ...]:
    """All files of the fleet level; `version` is the renderer's."""
    return tuple(file for group in fleet_groups(fleet, data_sets, version=version) for file in group.build())


def fleet_groups(fleet: Fleet, data_sets: Sequence[DataSet], *, version: str) -> tuple[Group, ...]:
    """One group for what all clusters need, one for each namespace and one for each data set."""
    return (
        _base_group(fleet, version),
        *(_namespace_group(namespace, fleet, version) for namespace in fleet.namespaces),
        *(_data_set_group(data_set, fleet, version) for data_set in data_sets),
    )


def _base_group(fleet: Fleet, version: str) -> Group:
    inputs = digest({"group": "fleet", "name": fleet.name, "spec": fleet.spec})
    return Group(
        inputs=inputs,
        lead=f"{FOLDER}/fleet-{fleet.name}.yaml",
        build=lambda: stamped(FOLDER, *_base(fleet), inputs=inputs, version=version),
    )


def _base(fleet: Fleet) -> tuple[Manifest, tuple[Manifest, ...]]:
    hub = fleet.hub.namespace
    others: tuple[Manifest, ...] = (hub_namespace(hub), argocd.jobs(fleet))
    if fleet.cluster_sets:
        work = replica_set(
            name=names.BASE_WORK,
            namespace=hub,
            placement=names.CLUSTERS_PLACEMENT,
            manifests=[work_agent_role()],
            orphan=True,
        )
        others += (*set_bindings(hub, fleet.cluster_sets), clusters_placement(hub, fleet.cluster_sets), work)
    return _own(fleet.name, "Fleet", fleet.spec), others


def _namespace_group(namespace: Namespace, fleet: Fleet, version: str) -> Group:
    shared = {name: part for name, part in fleet.spec.items() if name not in ("namespaces", "images", "pods")}
    inputs = digest(
        {"group": "namespace", "name": namespace.name, "clusterSets": namespace.cluster_sets, "fleet": shared},
    )

    def build() -> tuple[RenderedFile, ...]:
        others = (*namespace_objects(namespace, fleet), argocd.project(namespace, fleet), *guard_rails(namespace))
        return stamped(FOLDER, hub_namespace(namespace.name), others, inputs=inputs, version=version)

    return Group(inputs=inputs, lead=f"{FOLDER}/namespace-{namespace.name}.yaml", build=build)


def _data_set_group(data_set: DataSet, fleet: Fleet, version: str) -> Group:
    namespaces = [one for one in fleet.namespaces if one.name in data_set.namespaces] if data_set.volume else []
    inputs = digest(
        {
            "group": "data-set",
            "name": data_set.name,
            "spec": data_set.spec,
            "namespaces": [[one.name, one.cluster_sets] for one in namespaces],
        },
    )

    def build() -> tuple[RenderedFile, ...]:
        lead = _own(data_set.name, "DataSet", data_set.spec)
        others = [each for namespace in namespaces for each in _data_work(data_set, namespace)]
        return stamped(FOLDER, lead, others, inputs=inputs, version=version)

    return Group(inputs=inputs, lead=f"{FOLDER}/dataset-{data_set.name}.yaml", build=build)


def _own(name: str, kind: str, spec: Mapping[str, Any]) -> Manifest:
    return manifest(names.API_VERSION, kind, name=name, wave=WAVE_ACCESS, spec=dict(spec))


def _data_work(data_set: DataSet, namespace: Namespace) -> tuple[Manifest, ...]:
    """The data's claim on the granted clusters; it stays when the work goes."""
    name = names.data_work(data_set.name)
    labels = {names.LABEL_DATA_SET: data_set.name}
    selector = {"celSelector": {"celExpressions": [granted(data_set.clusters)]}}
    where = placement(
        name,
        namespace.name,
        cluster_sets=namespace.cluster_sets,
        selector=selector,
        tolerations=lasting_tolerations(),
        labels=labels,
    )
    claim = _data_claim(data_set, namespace.name)
    work = replica_set(
        name=name,
        namespace=namespace.name,
        placement=name,
        manifests=[claim],
        orphan=True,
        labels=labels,
    )
    return (where, work)


def _data_claim(data_set: DataSet, namespace: str) -> Manifest:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"]}
    if data_set.volume is not None:
        spec["resources"] = {"requests": {"storage": data_set.volume.size}}
        if data_set.volume.class_name:
            spec["storageClassName"] = data_set.volume.class_name
    return spoke_manifest(
        "v1",
        "PersistentVolumeClaim",
        name=names.data_claim(data_set.name),
        namespace=namespace,
        labels={names.LABEL_DATA_SET: data_set.name},
        spec=spec,
    )
