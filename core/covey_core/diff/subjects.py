"""For whom: the changed objects gathered by job, data set, namespace and fleet, each with the people it concerns."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from covey_core import names
from covey_core.diff.fields import ABSENT
from covey_core.diff.objects import Action, ObjectChange, compare_object, items, mapping, part, renderer
from covey_core.diff.words import cluster_notes, data_set_notes, job_notes, listed, spec_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Objects = dict[str, Any]
JOB: Final = "job"
DATA_SET: Final = "data set"
NAMESPACE: Final = "namespace"
FLEET: Final = "fleet"
_RANKS = {DATA_SET: 0, JOB: 1, NAMESPACE: 2, FLEET: 3}
_LEADS = {JOB: "FederatedLearning", DATA_SET: "DataSet", NAMESPACE: "Namespace", FLEET: "Fleet"}
_GRANTED = re.compile(r"managedCluster\.metadata\.name in (\[.*\])\Z")


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """A job, data set, namespace or the fleet: what happens to it, whom it concerns, in words and by object."""

    kind: str
    name: str
    action: Action
    concerns: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    objects: tuple[ObjectChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changes; `renderers` are the versions before and after where another one rendered some object."""

    subjects: tuple[SubjectChange, ...]
    renderers: tuple[str, str] | None = None

    @property
    def has_effect(self) -> bool:
        return any(subject.action is not Action.STAMPED for subject in self.subjects)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """`before` and `after` are the decoded files below `rendered/`, by path from the repository's root."""
    old, new = _View(before), _View(after)
    gathered: dict[tuple[str, str], list[ObjectChange]] = defaultdict(list)
    renderers = set()
    teams = old.namespaces | new.namespaces
    for path in sorted({*before, *after}):
        pair = before.get(path, ABSENT), after.get(path, ABSENT)
        change = compare_object(path, *pair)
        if change is None:
            continue
        gathered[_subject(path, pair[0] if pair[1] is ABSENT else pair[1], teams)].append(change)
        versions = tuple(renderer(value) for value in pair)
        if all(versions) and versions[0] != versions[1]:
            renderers.add(versions)
    ordered = sorted(gathered, key=lambda key: (_RANKS[key[0]], key[1]))
    subjects = tuple(_subject_change(*key, gathered[key], old, new) for key in ordered)
    first = min(renderers, default=None)
    return Difference(subjects, (first[0], first[1]) if first else None)


def _subject(path: str, value: Any, teams: frozenset[str]) -> tuple[str, str]:
    """Of the fleet level, what stands in a team's namespace is that team's; the rest is everybody's."""
    folders = path.split("/")[1:-1]
    if folders != [names.FLEET_FOLDER]:
        return JOB, "/".join(folders)
    kind, metadata = part(value, "kind"), mapping(value, "metadata")
    data_set = mapping(metadata, "labels").get(names.LABEL_DATA_SET)
    if kind == "DataSet" or data_set:
        return DATA_SET, str(data_set or metadata.get("name", ""))
    if kind in ("Namespace", "AppProject"):
        namespace = str(metadata.get("name", "")).removeprefix(names.RESERVED_PREFIX if kind == "AppProject" else "")
    else:
        namespace = str(metadata.get("namespace", ""))
    if namespace in teams:
        return NAMESPACE, namespace
    return FLEET, ""


def _subject_change(kind: str, name: str, changes: list[ObjectChange], old: _View, new: _View) -> SubjectChange:
    lead = next((change for change in changes if change.kind == _LEADS[kind]), None)
    action = _action(changes, lead)
    view = old if action is Action.REMOVED else new
    concerns = tuple((label, text) for label, text in view.concerns(kind, name) if text)
    return SubjectChange(kind, name, action, concerns, tuple(_notes(kind, name, lead, old, new)), tuple(changes))


def _action(changes: list[ObjectChange], lead: ObjectChange | None) -> Action:
    """As its leading object says; without one, a subject comes or goes only if all its objects do."""
    if lead and lead.action in (Action.ADDED, Action.REMOVED):
        return lead.action
    return Action.STAMPED if all(change.action is Action.STAMPED for change in changes) else Action.CHANGED


def _notes(kind: str, name: str, lead: ObjectChange | None, old: _View, new: _View) -> Iterator[str]:
    if lead and lead.action is Action.CHANGED:
        if kind == JOB:
            yield from job_notes(lead.fields)
        elif kind == DATA_SET:
            yield from data_set_notes(lead.fields, new.owner(name))
        else:
            yield from spec_notes(lead.fields)
    if kind == JOB and old.has_job(name) and new.has_job(name):
        yield from cluster_notes(old.clusters(name), new.clusters(name))


class _View:
    """One side's objects, found by what they are."""

    def __init__(self, objects: Mapping[str, Any]) -> None:
        self._jobs: dict[str, Objects] = {}
        self._placements: dict[str, Objects] = {}
        self._data_sets: dict[str, Objects] = {}
        self._fleet: Objects = {}
        for path, value in objects.items():
            kind, folder = part(value, "kind"), "/".join(path.split("/")[1:-1])
            if kind == "FederatedLearning":
                self._jobs[folder] = value
            elif kind == "Placement" and folder != names.FLEET_FOLDER:
                self._placements[folder] = value
            elif kind == "DataSet":
                self._data_sets[str(part(value, "metadata", "name"))] = value
            elif kind == "Fleet":
                self._fleet = value

    @property
    def namespaces(self) -> frozenset[str]:
        return frozenset(str(one.get("name", "")) for one in items(self._fleet, "spec", "namespaces"))

    def has_job(self, job: str) -> bool:
        return job in self._jobs

    def owner(self, data_set: str) -> str:
        return str(part(self._data_sets.get(data_set), "spec", "owner") or "")

    def clusters(self, job: str) -> frozenset[str]:
        """Those that the job's Placement allows, whatever a spoke claims."""
        for predicate in items(self._placements.get(job), "spec", "predicates"):
            expressions = part(predicate, "requiredClusterSelector", "celSelector", "celExpressions")
            for expression in expressions if isinstance(expressions, list) else ():
                found = _GRANTED.match(str(expression))
                if found:
                    return _strings(found.group(1))
        return frozenset()

    def concerns(self, kind: str, name: str) -> Iterator[tuple[str, str]]:
        if kind == JOB:
            data_set = str(part(self._jobs.get(name), "spec", "covey", "collaborators", "dataSet") or "")
            sets = part(self._jobs.get(name), "spec", "covey", "collaborators", "clusterSets")
            owner = self.owner(data_set)
            yield "team", self._team(name.partition("/")[0])
            yield "data set", data_set + (f", owned by {owner}" if owner else "")
            yield "cluster sets", listed([str(one) for one in sets]) if isinstance(sets, list) else ""
            yield "clusters", listed(sorted(self.clusters(name)))
        elif kind == DATA_SET:
            yield "owner", self.owner(name)
            yield "jobs", listed(sorted(self._jobs_of(name)))
        elif kind == NAMESPACE:
            yield "team", self._team(name)
            yield "jobs", listed(sorted(job for job in self._jobs if job.partition("/")[0] == name))
        else:
            yield (
                "teams",
                listed(sorted({str(one.get("team", "")) for one in items(self._fleet, "spec", "namespaces")})),
            )

    def _team(self, namespace: str) -> str:
        teams = (one for one in items(self._fleet, "spec", "namespaces") if one.get("name") == namespace)
        return str(next(teams, {}).get("team", ""))

    def _jobs_of(self, data_set: str) -> Iterator[str]:
        for name, job in self._jobs.items():
            if part(job, "spec", "covey", "collaborators", "dataSet") == data_set:
                yield name


def _strings(text: str) -> frozenset[str]:
    try:
        return frozenset(map(str, json.loads(text)))
    except ValueError:
        return frozenset()
