"""What commit and submit share: is git ready, is the repo sound, is anything in it that must not be committed?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covey_core.findings import Finding, Position, has_errors, in_order

from .errors import UserError
from .files import read_bytes, write_tree
from .rendering import Plan, plan
from .repo import load
from .sources import FLEET_FILE, data_set_files, job_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .git import Git

FLEET_PATHS = (FLEET_FILE, "datasets", "jobs", "rendered")
_INPUT = re.compile(r"(covey\.yaml|datasets/[^/]+\.yaml|jobs/[^/]+/[^/]+/job\.yaml|rendered/.+\.ya?ml)\Z")
_LFS = b"version https://git-lfs.github.com/spec/"
_MOST_BYTES = 64 * 1024 * 1024
_CURED = frozenset({"rendered/missing", "rendered/edited", "rendered/stale", "rendered/leftover"})


def check_ready(git: Git) -> None:
    """Refuses a repository in a state in which a commit would go wrong or get lost."""
    operation = git.operation()
    if operation:
        raise UserError(
            f"A {operation} is under way in {git.root}.",
            hint=f"Finish it with `git {operation} --continue` or end it with `git {operation} --abort`.",
        )
    unmerged = git.unmerged()
    if unmerged:
        raise UserError(
            f"There are unmerged files: {', '.join(unmerged[:5])}.", hint="Resolve them and `git add` them."
        )
    if git.branch() is None:
        raise UserError(
            "HEAD is detached: no branch would keep the commit.", hint="`git switch -c NAME` makes a branch here."
        )
    git.check_identity()


def check_inputs(git: Git) -> None:
    """Refuses inputs that are not what they seem: submodules, and pointers where Git LFS has not put the file."""
    submodules = git.submodules(FLEET_PATHS)
    if submodules:
        raise UserError(
            f"{submodules[0]} is a submodule: what is in it is not reviewed with this repository.",
            hint="Put the files themselves there.",
        )
    for source in (FLEET_FILE, *data_set_files(git.root), *job_files(git.root)):
        path = git.root / source
        if path.is_file() and not path.is_symlink() and _starts(path, _LFS):
            raise UserError(
                f"{source} is a pointer of Git LFS, not the file itself.",
                hint="Specs are small text: take them out of .gitattributes' `filter=lfs`, or run `git lfs pull`.",
            )


def render(root: Path, *, only: str = "") -> tuple[Plan, tuple[Finding, ...]]:
    """Renders what the specs ask for below the folder `only`; with an error among the findings nothing is written."""
    repo = load(root)
    planned = plan(repo)
    lasting = [finding for finding in planned.findings if finding.rule not in _CURED]
    findings = in_order((*repo.findings, *(one for one in lasting if one.file.startswith(only))))
    if not has_errors(findings):
        write_tree(
            root,
            [file for file in planned.writes if file.path.startswith(only)],
            [path for path in planned.removals if path.startswith(only)],
        )
    return planned, findings


def secrets(contents: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Private keys and tokens in files that are about to be committed."""
    from covey_core.validation.secret_patterns import secrets_in  # noqa: PLC0415 - only what commits needs it

    findings = []
    for path, data in contents.items():
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
            findings += [_secret(path, number, rule, what) for rule, what in secrets_in(line)]
    return tuple(findings)


def changed_contents(git: Git, paths: Iterable[str]) -> dict[str, bytes]:
    """The files that stand at `paths` (from the repository's top), by that path."""
    top = git.root.resolve()
    for _ in git.prefix().strip("/").split("/") if git.prefix() else ():
        top = top.parent
    files = ((path, top / path) for path in paths)
    return {path: read_bytes(file, _MOST_BYTES) for path, file in files if file.is_file() and not file.is_symlink()}


def check_not_ignored(git: Git) -> None:
    """Refuses what git would silently leave out, since then the tree would not be whole."""
    ignored = [path for path in git.ignored(FLEET_PATHS) if _INPUT.match(path)]
    if ignored:
        raise UserError(
            f"Git ignores {ignored[0]}, so that it would be missing from the commit.",
            hint=f"`git check-ignore -v {ignored[0]}` names the line that says so.",
        )


def _secret(path: str, line: int, rule: str, what: str) -> Finding:
    message = f"This line holds {what}; nothing that is in Git is secret."
    hint = "Take it out, and make a Secret of it on the cluster. If it was ever pushed, replace it."
    return Finding(rule, message, path, Position(line, 1), hint=hint)


def _starts(path: Path, start: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(start)) == start
