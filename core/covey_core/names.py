"""Every name that one part of Covey makes and another relies on, with its limit, in one place."""

from __future__ import annotations

from typing import Final

GROUP: Final = "covey.dev"
API_VERSION: Final = "covey.dev/v1alpha1"
LEARNING_API_VERSION: Final = "federation-ai.open-cluster-management.io/v1alpha1"

ADDON: Final = "covey"
SIGNER: Final = "covey.dev/collaborator"
RESERVED_PREFIX: Final = "covey-"
FLEET_FOLDER: Final = "_fleet"

AGGREGATOR_ACCOUNT: Final = "covey-aggregator"
COLLABORATOR_ACCOUNT: Final = "covey-collaborator"
CLUSTERS_PLACEMENT: Final = "covey-clusters"
NAMESPACE_WORK: Final = "covey-namespace"
BASE_WORK: Final = "covey-base"
GUARD_RAILS: Final = "covey-guard-rails"
DATA_PRESENT: Final = "present"

ANNOTATION_INPUTS: Final = "covey.dev/inputs-digest"
ANNOTATION_OBJECT: Final = "covey.dev/object-digest"
ANNOTATION_TEMPLATE: Final = "covey.dev/template-digest"
ANNOTATION_SPEC: Final = "covey.dev/spec-digest"
ANNOTATION_FILES: Final = "covey.dev/files-digest"
ANNOTATION_RENDERER: Final = "covey.dev/rendered-by"
ANNOTATION_START: Final = "covey.dev/start"

LABEL_JOB: Final = "covey.dev/job"
LABEL_RUN: Final = "covey.dev/run"
LABEL_DATA_SET: Final = "covey.dev/data-set"
LABEL_COMPONENT: Final = "app.kubernetes.io/component"

# Limits of others that our composed names must keep (characters).
MAX_LABEL_VALUE: Final = 63  # Kubernetes: label values and DNS labels
MAX_NAMESPACE_AND_NAME: Final = 62  # OCM's webhook: `<namespace>.<name>` of Policies; replica sets may have one more
MAX_WORK_BYTES: Final = 500 * 1024  # OCM's webhook: all manifests of one ManifestWork


def run(job: str, number: int) -> str:
    """The FederatedRun, and the Kubernetes Job on either side."""
    return f"{job}-{number}"


def tls_secret(job: str, number: int) -> str:
    """The key pair of one side, for one run."""
    return f"{job}-{number}-tls"


def net_config(job: str, number: int) -> str:
    """Address and peers of a collaborator's proxy, for one run."""
    return f"{job}-{number}-net"


def aggregator_template(job: str) -> str:
    return f"{job}-aggregator"


def collaborator_template(job: str) -> str:
    return f"{job}-collaborator"


def listener(job: str) -> str:
    """The Service (and Route) through which collaborators reach the aggregator."""
    return f"{job}-listener"


def model_claim(job: str) -> str:
    return f"{job}-model"


def data_claim(data_set: str) -> str:
    """The PersistentVolumeClaim that holds the data on a spoke."""
    return f"data-{data_set}"


def data_work(data_set: str) -> str:
    """Placement and ManifestWorkReplicaSet that make the data's claim on the granted clusters."""
    return f"covey-data-{data_set}"


def cluster_claim(data_set: str) -> str:
    """The ClusterClaim by which a spoke says that the data is there now."""
    return f"{data_set}.data.covey.dev"


def application(namespace: str, job: str) -> str:
    return f"{namespace}.{job}"


def project(namespace: str) -> str:
    return f"covey-{namespace}"


def collaboration(namespace: str, job: str, number: int) -> str:
    return f"{namespace}.{job}.{number}"


def cluster_identity(trust_domain: str, cluster: str) -> str:
    return f"spiffe://{trust_domain}/cluster/{cluster}"


def run_identity(trust_domain: str, namespace: str, job: str, number: int) -> str:
    return f"spiffe://{trust_domain}/run/{namespace}/{job}/{number}"


def job_folder(namespace: str, job: str) -> str:
    return f"jobs/{namespace}/{job}"


def rendered_folder(namespace: str, job: str) -> str:
    return f"rendered/{namespace}/{job}"
