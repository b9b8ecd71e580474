"""`covey commit` without the terminal: render, check, and commit what changed of the fleet, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core.findings import Finding, has_errors

from .commit_message import message as generated
from .files import lock
from .git import open_git
from .publishing import FLEET_PATHS, changed_contents, check_inputs, check_not_ignored, check_ready, render, secrets
from .trees import RENDERED, difference, rendered_at, rendered_now

if TYPE_CHECKING:
    from pathlib import Path

    from .git import Git
    from .rendering import Plan


@dataclass(frozen=True, slots=True)
class Committed:
    """`commit` is empty where there was nothing to commit, or `findings` hold an error."""

    findings: tuple[Finding, ...]
    commit: str = ""
    message: str = ""
    paths: tuple[str, ...] = ()


def commit(root: Path, message: str) -> Committed:
    """Commits the fleet's changed files with `message`, or one that says what changes and for whom."""
    git = open_git(root)
    check_ready(git)
    with lock(root):
        check_inputs(git)
        planned, findings = render(root)
        if has_errors(findings):
            return Committed(findings)
        check_not_ignored(git)
        changed = git.changed(FLEET_PATHS)
        if not changed:
            return Committed(findings)
        found = secrets(changed_contents(git, changed))
        if found:
            return Committed((*findings, *found))
        text = message or _message(git, root, planned, changed)
        return Committed(findings, git.commit(text, changed), text, tuple(sorted(changed)))


def _message(git: Git, root: Path, planned: Plan, changed: dict[str, str]) -> str:
    before = rendered_at(git, "HEAD") if git.commit_of("HEAD") else {}
    paths = [path.removeprefix(git.prefix()) for path in changed if f"/{RENDERED}/" not in f"/{path}"]
    return generated(difference(before, rendered_now(root, planned)), paths or changed)
