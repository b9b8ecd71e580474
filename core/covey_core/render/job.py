"""A job's whole folder under `rendered/`: spec in, files out, the same bytes every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import digest
from covey_core.render import pods
from covey_core.render.learning import learning
from covey_core.render.listener import listener_objects, listener_of
from covey_core.render.objects import SYNC_OPTIONS, WAVE_READY, manifest, replica_set, spoke_manifest
from covey_core.render.placement import job_placement
from covey_core.render.stamp import Group, RenderedFile, stamped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.manifests import Manifest
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime


def job_group(
    job: FederatedJob,
    *,
    fleet: Fleet,
    data_set: DataSet,
    runtime: Runtime,
    version: str,
) -> Group:
    """The job's files, rendered only when asked for."""
    return Group(
        inputs=job_inputs(job, fleet=fleet, data_set=data_set),
        lead=f"{names.rendered_folder(job.namespace, job.name)}/federatedlearning-{job.name}.yaml",
        build=lambda: render_job(job, fleet=fleet, data_set=data_set, runtime=runtime, version=version),
    )


def job_inputs(job: FederatedJob, *, fleet: Fleet, data_set: DataSet) -> str:
    """The digest of the spec and of the parts of Fleet and DataSet that the job uses, and of nothing else."""
    listener = listener_of(job, fleet)
    return digest(
        {
            "name": job.name,
            "namespace": job.namespace,
            "spec": job.spec,
            "fleet": {
                "trustDomain": fleet.trust_domain,
                "proxy": fleet.proxy_image,
                "fsGroup": fleet.fs_group,
                "listener": [str(listener.type), listener.server_name, list(listener.source_ranges)],
            },
            "dataSet": {"clusters": data_set.clusters, "minCollaborators": data_set.min_collaborators},
        },
    )


def render_job(
    job: FederatedJob,
    *,
    fleet: Fleet,
    data_set: DataSet,
    runtime: Runtime,
    version: str,
) -> tuple[RenderedFile, ...]:
    """All files of the job; `version` is the renderer's. The job must have passed the checks."""
    inputs = job_inputs(job, fleet=fleet, data_set=data_set)
    labels = {names.LABEL_JOB: job.name, names.LABEL_DATA_SET: data_set.name}
    listener = listener_of(job, fleet)
    aggregator = pods.aggregator_template(job, fleet, runtime=runtime)
    collaborator = pods.collaborator_template(job, fleet, runtime=runtime)
    templates = {
        "aggregator": pods.template_digest(aggregator),
        "collaborator": pods.template_digest(collaborator),
    }
    lead = learning(job, runtime, listener=listener, templates=templates, inputs=inputs, labels=labels)
    others = (
        job_placement(job, data_set.clusters, labels=labels),
        _aggregator(job, aggregator, templates["aggregator"], labels),
        _collaborator_work(job, collaborator, templates["collaborator"], inputs=inputs, labels=labels),
        _model_claim(job, labels),
        *listener_objects(job, listener, labels=labels),
    )
    return stamped(names.rendered_folder(job.namespace, job.name), lead, others, inputs=inputs, version=version)


def _aggregator(job: FederatedJob, template: dict[str, Any], own: str, labels: Mapping[str, str]) -> Manifest:
    return manifest(
        "v1",
        "PodTemplate",
        name=names.aggregator_template(job.name),
        namespace=job.namespace,
        wave=WAVE_READY,
        labels=labels,
        annotations={names.ANNOTATION_TEMPLATE: own},
        template=template,
    )


def _collaborator_work(
    job: FederatedJob,
    template: dict[str, Any],
    own: str,
    *,
    inputs: str,
    labels: Mapping[str, str],
) -> Manifest:
    """Carries the collaborator's template and nothing else: nothing runs because it arrived."""
    carried = spoke_manifest(
        "v1",
        "PodTemplate",
        name=names.collaborator_template(job.name),
        namespace=job.namespace,
        labels=labels,
        annotations={names.ANNOTATION_TEMPLATE: own, names.ANNOTATION_INPUTS: inputs},
        template=template,
    )
    return replica_set(
        name=job.name,
        namespace=job.namespace,
        placement=job.name,
        manifests=[carried],
        orphan=False,
        labels=labels,
    )


def _model_claim(job: FederatedJob, labels: Mapping[str, str]) -> Manifest:
    """In the last wave, since a claim that binds at first use waits for the aggregator; it outlives the job."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": job.storage.size}},
    }
    if job.storage.class_name:
        spec["storageClassName"] = job.storage.class_name
    return manifest(
        "v1",
        "PersistentVolumeClaim",
        name=names.model_claim(job.name),
        namespace=job.namespace,
        labels=labels,
        annotations={SYNC_OPTIONS: "Prune=false,Delete=false"},
        spec=spec,
    )
