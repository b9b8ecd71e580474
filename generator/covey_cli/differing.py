"""`covey diff` without the terminal: which two trees are compared, and what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covey_core.diff import Difference
from covey_core.findings import Finding, has_errors

from .errors import UserError
from .git import open_git
from .publishing import FLEET_PATHS
from .rendering import plan
from .repo import load
from .trees import changed_files, difference, rendered_at, rendered_now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .git import Git

_WRITTEN = tuple(path for path in FLEET_PATHS if path != "rendered")


@dataclass(frozen=True, slots=True)
class Differing:
    """`before` and `after` are commits; an empty `after` is the work tree, as it renders now.

    `trees` are the rendered files of both.
    """

    before: str
    after: str
    difference: Difference
    files: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    trees: tuple[Mapping[str, bytes], Mapping[str, bytes]] = field(default=({}, {}), repr=False)


def differ(root: Path, revisions: str) -> Differing:
    """`revisions` is empty, one revision, or two as git writes them (`A..B`, `A...B`)."""
    git = open_git(root)
    before, after = _ends(git, revisions)
    old = rendered_at(git, before) if before else {}
    if after:
        files = changed_files(git, before, after, _WRITTEN)
        new = rendered_at(git, after)
        return Differing(before, after, difference(old, new), files, trees=(old, new))
    repo = load(root)
    if has_errors(repo.findings):
        return Differing(before, "", Difference(()), {}, repo.findings)
    files = changed_files(git, before or git.text("hash-object", "-t", "tree", "/dev/null"), None, _WRITTEN)
    new = rendered_now(root, plan(repo))
    return Differing(before, "", difference(old, new), files, repo.findings, trees=(old, new))


def _ends(git: Git, revisions: str) -> tuple[str, str]:
    if ".." not in revisions:
        return (_commit(git, revisions) if revisions else _usual(git)), ""
    three = "..." in revisions
    left, _, right = revisions.partition("..." if three else "..")
    before = _commit(git, left or "HEAD")
    if not right:
        return before, ""
    after = _commit(git, right)
    return (_fork(git, before, after) if three else before), after


def _usual(git: Git) -> str:
    """Where this branch left the remote's main one; before the first commit everything is new."""
    head = git.commit_of("HEAD")
    if head is None:
        return ""
    main = git.commit_of("refs/remotes/origin/HEAD") or git.commit_of("refs/remotes/origin/main")
    return _fork(git, main, head) if main else head


def _fork(git: Git, one: str, other: str) -> str:
    found = git.maybe("merge-base", one, other)
    if found:
        return found
    if git.is_shallow():
        raise UserError(
            "This clone is shallow: where the two branches part is not in it.",
            hint="`git fetch --unshallow` gets the rest; `covey diff HEAD` compares with the last commit.",
        )
    raise UserError(f"{one[:12]} and {other[:12]} have no common commit.", hint="Name a revision: `covey diff HEAD`.")


def _commit(git: Git, revision: str) -> str:
    found = git.commit_of(revision)
    if found:
        return found
    more = " This clone is shallow: it may be in the part that is missing." if git.is_shallow() else ""
    raise UserError(
        f"There is no revision {revision!r} here.{more}", hint="`git log --oneline` and `git branch --all` list them."
    )
