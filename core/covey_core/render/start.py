"""The start data of a run: what both launchers know beforehand, in Git with the rest.

At run time the Job's maker adds only data (`run.uid`, `self`); see the launcher's contract, point 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.launch.start import CONTRACT
from covey_core.manifests import canonical_json

if TYPE_CHECKING:
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime

PROXY_PORT = 8443
PORTS = {"proxy": PROXY_PORT, "runtime": 18080, "session": 18081}


def start_data(job: FederatedJob, *, side: str, runtime: Runtime) -> str:
    """The JSON of `start.json` for one side (`aggregator` or `collaborator`)."""
    data: dict[str, Any] = {
        "contract": CONTRACT,
        "proxy": dict(runtime.proxy),
        "side": side,
        "run": {"namespace": job.namespace, "job": job.name, "number": job.run_number},
        "runtime": job.runtime,
        "rounds": job.rounds,
        "minimum": job.collaborators.min,
        "minimumPerRound": job.collaborators.min_per_round,
        "configuration": dict(job.config),
        "image": job.app.image.partition("@")[2],
        "ports": PORTS,
        "timeouts": {"waiting": job.timeouts.waiting, "round": job.timeouts.round, "run": job.timeouts.run},
    }
    if job.privacy is not None:
        data["privacy"] = {
            "epsilon": job.privacy.epsilon,
            "delta": job.privacy.delta,
            "clippingNorm": job.privacy.clipping_norm,
            "noiseMultiplier": job.privacy.noise_multiplier,
        }
    return canonical_json(data).decode()
