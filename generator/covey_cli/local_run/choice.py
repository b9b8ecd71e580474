"""Which job a word on the command line means, and the fleet repo that it stands in, if any."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_cli.errors import UserError, did_you_mean
from covey_cli.options import FLEET_FILE, find_root
from covey_cli.repo import load, load_alone
from covey_cli.sources import JOB_FILE, job_folders
from covey_core.findings import has_errors

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.findings import Finding
    from covey_core.model.job import FederatedJob
    from covey_core.model.runtime import Runtime

ALONE = "covey.local"  # the trust domain of a job that stands in no fleet repo


@dataclass(frozen=True, slots=True)
class Chosen:
    """A job that can be run: `root` is the folder that gets `.covey/`, `app` the app's."""

    root: Path
    job: FederatedJob
    runtime: Runtime
    app: Path
    trust_domain: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that has errors."""

    findings: tuple[Finding, ...]


def choose(word: Path) -> Chosen | Refused:
    """The job whose file, or whose folder, `word` is; raises UserError where there is none."""
    source = word / JOB_FILE if word.is_dir() else word
    if not source.is_file():
        raise UserError(
            f"There is no job in {word}.{_known(word)}", hint="Name a job's file: jobs/<team>/<job>/job.yaml."
        )
    source = source.resolve()
    root = _fleet(source)
    return _in_fleet(root, source) if root else _alone(source)


def _fleet(source: Path) -> Path | None:
    """The fleet repo of a file that is where a job's file has to be."""
    try:
        root = find_root(source.parent).resolve()
    except UserError:
        return None
    is_job = source.name == JOB_FILE and source.parent.relative_to(root).as_posix() in job_folders(root)
    return root if is_job else None


def _in_fleet(root: Path, source: Path) -> Chosen | Refused:
    repo = load(root)
    name = source.relative_to(root).as_posix()
    own = tuple(finding for finding in repo.findings if finding.file in {name, FLEET_FILE})
    for job, runtime in repo.sound:
        if name == f"jobs/{job.namespace}/{job.name}/{JOB_FILE}" and repo.fleet and not has_errors(own):
            app = root / posixpath.join(posixpath.dirname(name), job.app.path)
            return Chosen(root, job, runtime, app.resolve(), repo.fleet.trust_domain)
    return Refused(own)


def _alone(source: Path) -> Chosen | Refused:
    job, runtime, findings = load_alone(source)
    if job is None or runtime is None or has_errors(findings):
        return Refused(findings)
    return Chosen(source.parent, job, runtime, (source.parent / job.app.path).resolve(), ALONE)


def _known(word: Path) -> str:
    try:
        root = find_root(word.parent if word.parent.exists() else word.cwd())
    except UserError:
        return ""
    return did_you_mean(word.as_posix(), [f"{folder}/{JOB_FILE}" for folder in job_folders(root)])
