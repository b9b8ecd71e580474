"""What a job must be beyond its schema: granted by the data's owner, possible on this fleet, able on its runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covey_core import names
from covey_core.checks.report import Report, placeholder_image
from covey_core.model.listener import ListenerType
from covey_core.model.runtime import Capability
from covey_core.pointers import pointer
from covey_core.render.listener import listener_of
from covey_core.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.dataset import DataSet
    from covey_core.model.fleet import Fleet
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime

_MAX_SERVER_NAME_LABEL = 63
_MAX_SERVER_NAME = 253


def job_findings(
    job: FederatedJob,
    document: Document,
    *,
    fleet: Fleet,
    data_sets: Mapping[str, DataSet],
    runtime: Runtime | None,
    runtimes: Sequence[str],
) -> tuple[Finding, ...]:
    """All that is wrong with the job; `runtimes` are the installed ones' names, for the suggestion."""
    report = Report(document)
    _name(job, report)
    _numbers(job, report)
    _runtime(job, runtime, runtimes, report)
    _namespace(job, fleet, report)
    _listener(job, fleet, report)
    placeholder_image(job.app.image, "/spec/app/image", report)
    data_set = data_sets.get(job.collaborators.data_set)
    if data_set is None:
        wanted = job.collaborators.data_set
        report.add(
            "reference/data-set",
            f"There is no data set {wanted!r}{did_you_mean(wanted, data_sets)}.",
            "/spec/collaborators/dataSet",
            hint=f"Its owner writes datasets/{wanted}.yaml; `covey new --kind dataset {wanted}` makes a draft.",
        )
    else:
        _granted(job, data_set, report)
        _privacy(job, data_set, report)
    return report.findings


def _name(job: FederatedJob, report: Report) -> None:
    if job.name.startswith(names.RESERVED_PREFIX):
        report.add(
            "name/reserved",
            f"The name {job.name!r} begins with {names.RESERVED_PREFIX!r}, which is kept for Covey's own objects.",
            "/metadata/name",
            hint="Choose another name.",
        )
    whole = names.application(job.namespace, job.name)
    if len(whole) > names.MAX_NAMESPACE_AND_NAME:
        report.add(
            "name/too-long",
            f"{whole!r} has {len(whole)} characters; namespace and name together may have "
            f"{names.MAX_NAMESPACE_AND_NAME}, the dot included.",
            "/metadata/name",
            hint="Shorten the job's name.",
        )


def _numbers(job: FederatedJob, report: Report) -> None:
    wanted = job.collaborators
    if wanted.min > wanted.max:
        report.add(
            "job/min-over-max",
            f"`min` is {wanted.min}, more than `max`, which is {wanted.max}.",
            "/spec/collaborators/min",
            hint="Raise `max` or lower `min`.",
        )
    if wanted.min_per_round > wanted.max and wanted.min_per_round != wanted.min:  # else it is told already
        report.add(
            "job/min-over-max",
            f"`minPerRound` is {wanted.min_per_round}, more than `max`, which is {wanted.max}.",
            "/spec/collaborators/minPerRound",
            hint="Raise `max` or lower `minPerRound`.",
        )
    if job.timeouts.round > job.timeouts.run:
        report.add(
            "job/timeouts",
            f"One round may take {job.timeouts.round} seconds, more than the whole run's {job.timeouts.run}.",
            "/spec/timeouts",
            hint="Raise `run` or lower `round`.",
        )


def _runtime(job: FederatedJob, runtime: Runtime | None, runtimes: Sequence[str], report: Report) -> None:
    if runtime is None:
        report.add(
            "reference/runtime",
            f"The runtime {job.runtime!r} is not installed{did_you_mean(job.runtime, runtimes)}.",
            "/spec/runtime",
            hint=f"Installed are: {', '.join(runtimes)}.",
        )
    elif job.privacy and Capability.DIFFERENTIAL_PRIVACY not in runtime.capabilities:
        report.add(
            "runtime/capability",
            f"The runtime {job.runtime!r} can't do differential privacy.",
            "/spec/privacy",
            hint="Use a runtime that can, such as flower, or take `privacy` out if the data's owner allows it.",
        )


def _namespace(job: FederatedJob, fleet: Fleet, report: Report) -> None:
    namespace = fleet.namespace(job.namespace)
    if namespace is None:
        known = [one.name for one in fleet.namespaces]
        report.add(
            "reference/namespace",
            f"The namespace {job.namespace!r} is not in covey.yaml{did_you_mean(job.namespace, known)}.",
            "/metadata/namespace",
            hint=f"Namespaces there: {', '.join(known) or 'none'}.",
        )
        return
    for index, cluster_set in enumerate(job.collaborators.cluster_sets):
        if cluster_set not in namespace.cluster_sets:
            report.add(
                "reference/cluster-set",
                f"The namespace {job.namespace!r} may not use the cluster set {cluster_set!r}"
                f"{did_you_mean(cluster_set, namespace.cluster_sets)}.",
                pointer("spec", "collaborators", "clusterSets", index),
                hint=f"It may use: {', '.join(namespace.cluster_sets)}; covey.yaml says so.",
            )


def _listener(job: FederatedJob, fleet: Fleet, report: Report) -> None:
    listener = listener_of(job, fleet)
    if listener.type is ListenerType.ROUTE and not fleet.listener.domain:
        report.add(
            "job/route-domain",
            "A Route needs a domain for its host, and covey.yaml gives none.",
            "/spec/listener",
            hint="Have the platform team add `spec.listener.domain` to covey.yaml, or use another listener.",
        )
    elif len(label := listener.server_name.partition(".")[0]) > _MAX_SERVER_NAME_LABEL:
        report.add(
            "name/too-long",
            f"The route's host begins with {label!r}, which has {len(label)} characters; a DNS label may have "
            f"{_MAX_SERVER_NAME_LABEL}.",
            "/metadata/name",
            hint="Shorten the job's name.",
        )
    if len(listener.server_name) > _MAX_SERVER_NAME:
        report.add(
            "name/too-long",
            f"The listener's name has {len(listener.server_name)} characters; a DNS name may have {_MAX_SERVER_NAME}.",
            "/metadata/name",
            hint="Shorten the job's name, or the fleet's domain.",
        )
    if job.listener and job.listener.node_port and listener.type is not ListenerType.NODE_PORT:
        report.add(
            "job/node-port",
            f"`nodePort` means nothing for a listener of type {listener.type}.",
            "/spec/listener/nodePort",
            hint="Take it out, or use the type NodePort.",
        )


def _granted(job: FederatedJob, data_set: DataSet, report: Report) -> None:
    at = "/spec/collaborators/dataSet"
    if job.namespace not in data_set.namespaces:
        report.add(
            "grant/namespace",
            f"The data set {data_set.name!r} is not granted to the namespace {job.namespace!r}.",
            at,
            hint=f"Ask its owner, {data_set.owner}, to add it to datasets/{data_set.name}.yaml.",
        )
    if data_set.purposes and job.purpose not in data_set.purposes:
        stated = f"the purpose {job.purpose!r}" if job.purpose else "a job that states no purpose"
        report.add(
            "grant/purpose",
            f"The data set {data_set.name!r} is not granted for {stated}.",
            "/spec/purpose",
            hint=f"Granted purposes: {', '.join(data_set.purposes)}.",
        )
    _minimum(job, data_set, report)


def _minimum(job: FederatedJob, data_set: DataSet, report: Report) -> None:
    wanted = job.collaborators
    for field, number in (("min", wanted.min), ("minPerRound", wanted.min_per_round)):
        if number < data_set.min_collaborators and (field == "min" or number != wanted.min):
            report.add(
                "grant/min-collaborators",
                f"`{field}` is {number}, but the owner of {data_set.name!r} asks for at least "
                f"{data_set.min_collaborators} collaborators.",
                f"/spec/collaborators/{field}",
                hint=f"Raise it to {data_set.min_collaborators}.",
            )
    if wanted.min > len(data_set.clusters):
        report.add(
            "grant/too-few-clusters",
            f"`min` is {wanted.min}, but {data_set.name!r} is granted on {len(data_set.clusters)} clusters only, "
            "so the run could never start.",
            "/spec/collaborators/min",
            hint=f"Lower `min`, or ask {data_set.owner} to grant more clusters.",
        )


def _privacy(job: FederatedJob, data_set: DataSet, report: Report) -> None:
    budget = data_set.privacy
    if budget is None:
        return
    if job.privacy is None:
        report.add(
            "grant/privacy",
            f"The owner of {data_set.name!r} grants its use with differential privacy only.",
            "/spec",
            hint=f"Add `privacy` with an epsilon of at most {budget.epsilon_per_run:g} and a delta of at most "
            f"{budget.delta:g}.",
        )
        return
    bounds = (
        ("epsilon", job.privacy.epsilon, budget.epsilon_per_run),
        ("delta", job.privacy.delta, budget.delta),
    )
    for field, asked, allowed in bounds:
        if asked > allowed:
            report.add(
                "grant/privacy",
                f"`{field}` is {asked:g}, but the owner of {data_set.name!r} allows at most {allowed:g}.",
                f"/spec/privacy/{field}",
                hint=f"Lower it to {allowed:g}.",
            )
