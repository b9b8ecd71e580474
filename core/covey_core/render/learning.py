"""The FederatedLearning: upstream's kind, everything of ours under `spec.covey`, all defaults spelled out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.manifests import digest
from covey_core.render.objects import manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.manifests import Manifest
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime
    from covey_core.render.listener import Listener


def learning(
    job: FederatedJob,
    runtime: Runtime,
    *,
    listener: Listener,
    templates: Mapping[str, str],
    inputs: str,
    labels: Mapping[str, str],
) -> Manifest:
    """`templates` are the digests of both sides' Pod templates.

    The spec digest is also the marker by which the hub sees that an older CRD has pruned `spec.covey`.
    """
    covey = _covey(job, listener) | {"templates": dict(templates), "inputsDigest": inputs}
    return manifest(
        names.LEARNING_API_VERSION,
        "FederatedLearning",
        name=job.name,
        namespace=job.namespace,
        labels=labels,
        annotations={names.ANNOTATION_SPEC: digest(covey)},
        spec={"framework": runtime.framework, "covey": covey},
    )


def _covey(job: FederatedJob, listener: Listener) -> dict[str, Any]:
    covey = copy.deepcopy(dict(job.spec))
    covey["app"] = {"image": job.app.image}
    covey["listener"] = {"type": str(listener.type), "serverName": listener.server_name}
    if listener.node_port:
        covey["listener"]["nodePort"] = listener.node_port
    return covey
