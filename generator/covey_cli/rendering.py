"""What rendering would change on disk: unchanged inputs leave files untouched, strangers' files are never touched."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core.findings import Finding, has_errors, in_order
from covey_core.render import files_digest, fleet_groups, job_group, read_stamp

from .drift import drift, folder_of, over_limits, stranger
from .errors import UserError
from .sources import rendered_texts
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from covey_core.render import Group, RenderedFile, Stamp

    from .repo import Repo

_Members = dict[tuple[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write and to remove, sorted by path; `kept` counts the files that stay as they are.

    `findings` say how the disk differs from the specs, and what is over a limit.
    """

    writes: tuple[RenderedFile, ...]
    removals: tuple[str, ...]
    findings: tuple[Finding, ...]
    kept: int

    @property
    def over_limits(self) -> tuple[Finding, ...]:
        """The findings that writing would not cure: then nothing should be written."""
        return tuple(finding for finding in self.findings if finding.rule.startswith(("limit/", "name/")))


@dataclass(frozen=True, slots=True)
class _OnDisk:
    stamp: Stamp
    text: str


def plan(repo: Repo) -> Plan:
    """Compares the rendered tree with what the specs ask for. Nothing is planned for a repo with errors."""
    if repo.fleet is None or has_errors(repo.findings):
        return Plan((), (), (), 0)
    disk, findings = _read_tree(repo.root)
    wanted: dict[str, RenderedFile | None] = {}
    members = _by_group(disk)
    for group in _groups(repo):
        wanted.update(_wanted(group, disk, members))
    writes, findings_of_writes = _writes(wanted, disk)
    removals = tuple(sorted(path for path, file in disk.items() if file.stamp.ours and path not in wanted))
    findings += findings_of_writes
    findings += drift("leftover", "left over from specs that are gone", removals)
    sizes = {path: len(disk[path].text if file is None else file.text) for path, file in wanted.items()}
    findings += over_limits(writes, sizes)
    findings += [stranger(path) for path, file in disk.items() if not file.stamp.ours and path not in wanted]
    return Plan(writes, removals, in_order(findings), len(wanted) - len(writes))


def _groups(repo: Repo) -> Iterable[Group]:
    if repo.fleet is None:
        return
    yield from fleet_groups(repo.fleet, list(repo.data_sets.values()), version=VERSION)
    for job, runtime in repo.sound:
        data_set = repo.data_sets[job.collaborators.data_set]
        yield job_group(job, fleet=repo.fleet, data_set=data_set, runtime=runtime, version=VERSION)


def _wanted(group: Group, disk: Mapping[str, _OnDisk], members: _Members) -> dict[str, RenderedFile | None]:
    """Path to file; None means that the file on disk is right as it is."""
    lead = disk.get(group.lead)
    if lead is not None and lead.stamp.intact and lead.stamp.inputs == group.inputs:
        paths = members[folder_of(group.lead), group.inputs]
        if files_digest(paths) == lead.stamp.files:
            return dict.fromkeys(paths)
    return {file.path: file for file in group.build()}


def _by_group(disk: Mapping[str, _OnDisk]) -> _Members:
    """The intact files of ours, by folder and inputs."""
    members: _Members = defaultdict(list)
    for path, file in disk.items():
        if file.stamp.intact:
            members[folder_of(path), file.stamp.inputs].append(path)
    return members


def _writes(
    wanted: Mapping[str, RenderedFile | None], disk: Mapping[str, _OnDisk]
) -> tuple[tuple[RenderedFile, ...], list[Finding]]:
    writes: list[RenderedFile] = []
    differing: dict[str, list[str]] = {"missing": [], "edited": [], "stale": []}
    for path, file in sorted(wanted.items()):
        there = disk.get(path)
        if file is None or (there is not None and there.text == file.text):
            continue
        writes.append(file)
        kind = "missing" if there is None else "stale" if there.stamp.intact else "edited"
        differing[kind].append(path)
    findings = [
        *drift("missing", "not rendered yet", differing["missing"]),
        *drift("stale", "older than their specs", differing["stale"]),
        *drift("edited", "edited by hand", differing["edited"]),
    ]
    return tuple(writes), findings


def _read_tree(root: Path) -> tuple[dict[str, _OnDisk], list[Finding]]:
    disk: dict[str, _OnDisk] = {}
    findings: list[Finding] = []
    for path, content in rendered_texts(root):
        if isinstance(content, UserError):
            findings.append(Finding("file/unreadable", content.message, path, hint=content.hint))
        else:
            text = content.decode("utf-8", "replace")
            disk[path] = _OnDisk(read_stamp(text), text)
    return disk, findings
