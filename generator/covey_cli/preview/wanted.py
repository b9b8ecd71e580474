"""What jobs want of a hub: their Placement, the clusters granted to them, and how many they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.placement import Placement
from covey_core.render.namespaces import set_bindings
from covey_core.render.placement import job_placement

if TYPE_CHECKING:
    from covey_cli.repo import Repo
    from covey_core.manifests import Manifest


@dataclass(frozen=True, slots=True)
class Wanted:
    """One job; `claim` is the claim by which a cluster says that it holds the data."""

    namespace: str
    name: str
    least: int
    most: int
    claim: str
    granted: frozenset[str]
    placement: Placement

    @property
    def title(self) -> str:
        return f"{self.namespace}/{self.name}"


def of_repo(repo: Repo) -> list[Wanted]:
    """All sound jobs, by namespace and name."""
    wanted = []
    for job, _ in sorted(repo.sound, key=lambda pair: (pair[0].namespace, pair[0].name)):
        clusters = repo.data_sets[job.collaborators.data_set].clusters
        wanted.append(
            Wanted(
                job.namespace,
                job.name,
                least=job.collaborators.min,
                most=job.collaborators.max,
                claim=names.cluster_claim(job.collaborators.data_set),
                granted=frozenset(clusters),
                placement=Placement.of(job_placement(job, clusters, labels={})),
            )
        )
    return wanted


def bindings_of(repo: Repo) -> list[Manifest]:
    """The bindings that the fleet repo renders: they are on the hub by the time that a job is."""
    if repo.fleet is None:
        return []
    return [one for place in repo.fleet.namespaces for one in set_bindings(place.name, place.cluster_sets)]
