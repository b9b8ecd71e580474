"""The Pod templates of a run: a launcher with its app, and a proxy that alone holds the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import digest
from covey_core.render.objects import RUNTIME_DEFAULT, common_labels
from covey_core.render.start import PROXY_PORT, start_data

if TYPE_CHECKING:
    from covey_core.model.fleet import Fleet
    from covey_core.model.job import Compute, FederatedJob
    from covey_core.model.runtime import Runtime

ROOT = "/covey"
_TMP = f"{ROOT}/tmp"  # noqa: S108 - the Pod's own emptyDir
_GRACE_SECONDS = 120
_TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - the path that every client looks at
Plain = dict[str, Any]


def aggregator_template(job: FederatedJob, fleet: Fleet, *, runtime: Runtime) -> Plain:
    """The `template` of the aggregator's Pod, on the hub."""
    state = {"name": "state", "persistentVolumeClaim": {"claimName": names.model_claim(job.name)}}
    proxy_mounts = [
        {"name": "token", "mountPath": _TOKEN_FOLDER, "readOnly": True},
        {"name": "state", "mountPath": f"{ROOT}/state", "readOnly": True},
    ]
    return _template(
        job,
        fleet,
        start=start_data(job, side="aggregator", runtime=runtime),
        side="aggregator",
        compute=job.aggregator,
        launcher_mounts=[{"name": "state", "mountPath": f"{ROOT}/state"}],
        proxy_mounts=proxy_mounts,
        volumes=[state, _token_volume()],
    )


def collaborator_template(job: FederatedJob, fleet: Fleet, *, runtime: Runtime) -> Plain:
    """The `template` of a collaborator's Pod, on every spoke that takes part."""
    claim = names.data_claim(job.collaborators.data_set)
    return _template(
        job,
        fleet,
        start=start_data(job, side="collaborator", runtime=runtime),
        side="collaborator",
        compute=job.collaborator,
        launcher_mounts=[
            {"name": "data", "mountPath": f"{ROOT}/data", "readOnly": True},
            {"name": "state", "mountPath": f"{ROOT}/state"},
        ],
        proxy_mounts=[{"name": "net", "mountPath": f"{ROOT}/net", "readOnly": True}],
        volumes=[
            {"name": "data", "persistentVolumeClaim": {"claimName": claim, "readOnly": True}},
            {"name": "net", "configMap": {"name": names.net_config(job.name, job.run_number)}},
            {"name": "state", "emptyDir": {}},
        ],
    )


def template_digest(template: Plain) -> str:
    """Of the canonical template in Git; live objects, which others fill in, are never hashed."""
    return digest(template)


def pod_labels(job: FederatedJob, side: str) -> dict[str, str]:
    return {
        **common_labels(),
        names.LABEL_COMPONENT: side,
        names.LABEL_JOB: job.name,
        names.LABEL_RUN: str(job.run_number),
    }


def _template(
    job: FederatedJob,
    fleet: Fleet,
    *,
    start: str,
    side: str,
    compute: Compute,
    launcher_mounts: list[Plain],
    proxy_mounts: list[Plain],
    volumes: list[Plain],
) -> Plain:
    account = names.AGGREGATOR_ACCOUNT if side == "aggregator" else names.COLLABORATOR_ACCOUNT
    return {
        "metadata": {
            "labels": pod_labels(job, side),
            "annotations": {names.ANNOTATION_START: start},
        },
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [_launcher(job, side, compute, launcher_mounts)],
            "enableServiceLinks": False,
            "initContainers": [_proxy(fleet, side, proxy_mounts)],
            "restartPolicy": "Never",
            "securityContext": _pod_security(fleet),
            "serviceAccountName": account,
            "terminationGracePeriodSeconds": _GRACE_SECONDS,
            "volumes": [*volumes, *_common_volumes(job)],
        },
    }


def _launcher(job: FederatedJob, side: str, compute: Compute, mounts: list[Plain]) -> Plain:
    amounts: Plain = {"cpu": compute.cpu, "memory": compute.memory}
    if compute.gpus:
        amounts[compute.gpus.resource] = str(compute.gpus.count)
    return {
        "name": "launcher",
        "image": job.app.image,
        "imagePullPolicy": "IfNotPresent",
        "command": [f"covey-{side}"],
        "args": ["--root", ROOT],
        "env": [{"name": "HOME", "value": _TMP}, {"name": "TMPDIR", "value": _TMP}],
        "resources": {"limits": amounts, "requests": dict(amounts)},
        "securityContext": _container_security(),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            *mounts,
            # A file of its own: it never changes during a run, so that sub-path's missing updates do no harm.
            {"name": "start", "mountPath": f"{ROOT}/start.json", "subPath": "start.json", "readOnly": True},
            {"name": "tmp", "mountPath": _TMP},
        ],
    }


def _proxy(fleet: Fleet, side: str, mounts: list[Plain]) -> Plain:
    """A native sidecar: a plain second container would keep the Job from ever completing."""
    ports: Plain = {}
    if side == "aggregator":
        ports["ports"] = [{"name": "mtls", "containerPort": PROXY_PORT, "protocol": "TCP"}]
    return ports | {
        "name": "proxy",
        "image": fleet.proxy_image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["--root", ROOT, "--side", side, "--trust-domain", fleet.trust_domain],
        "lifecycle": {"preStop": {"exec": {"command": ["covey-proxy", "drain", "--root", ROOT]}}},
        "readinessProbe": _probe(period=5, failures=3),
        "resources": {"limits": {"cpu": "1", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "restartPolicy": "Always",
        "securityContext": _container_security(),
        "startupProbe": _probe(period=1, failures=120),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            *mounts,
            {"name": "proxy", "mountPath": f"{ROOT}/proxy"},
            {"name": "start", "mountPath": f"{ROOT}/start.json", "subPath": "start.json", "readOnly": True},
            {"name": "tls", "mountPath": f"{ROOT}/tls", "readOnly": True},
        ],
    }


def _probe(*, period: int, failures: int) -> Plain:
    return {
        "exec": {"command": ["covey-proxy", "ready", "--root", ROOT]},
        "failureThreshold": failures,
        "periodSeconds": period,
        "timeoutSeconds": 5,
    }


def _pod_security(fleet: Fleet) -> Plain:
    context: Plain = {"runAsNonRoot": True, "seccompProfile": dict(RUNTIME_DEFAULT)}
    if fleet.fs_group:
        context |= {"fsGroup": fleet.fs_group, "fsGroupChangePolicy": "OnRootMismatch"}
    return context


def _container_security() -> Plain:
    """What Pod Security `restricted` asks for, and no writable root besides."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": dict(RUNTIME_DEFAULT),
    }


def _common_volumes(job: FederatedJob) -> list[Plain]:
    start = f"metadata.annotations['{names.ANNOTATION_START}']"
    return [
        {"name": "proxy", "emptyDir": {"sizeLimit": "64Mi"}},
        {"name": "start", "downwardAPI": {"items": [{"path": "start.json", "fieldRef": {"fieldPath": start}}]}},
        {"name": "tls", "secret": {"secretName": names.tls_secret(job.name, job.run_number), "defaultMode": 0o440}},
        {"name": "tmp", "emptyDir": {}},
    ]


def _token_volume() -> Plain:
    """The only API token of the Pod, for the proxy's supervisor: roster in, status out."""
    namespace = {"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}
    return {
        "name": "token",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [namespace]}},
            ],
        },
    }
