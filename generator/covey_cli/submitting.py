"""`covey submit` without the terminal: a job onto the newest tip of a remote's branch, rendered and checked there.

When the branch has moved meanwhile, all of it is done again on the new tip; nothing is ever forced.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.diff import Difference
from covey_core.findings import Finding, has_errors

from .commit_message import TRAILER
from .commit_message import message as generated
from .errors import UserError
from .files import write_files
from .publishing import check_inputs, check_not_ignored, render
from .remote import Watch
from .trees import difference, files_at, rendered_at, rendered_now
from .workbench import move, workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from .git import Git
    from .remote import Remote, Tips
    from .rendering import Plan
    from .submission import Submission

TRIES = 60
SECONDS = 300.0
_SHORTEST, _LONGEST = 0.2, 8.0
_FLEET = f"rendered/{names.FLEET_FOLDER}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: a branch of its own, or with `direct` the remote's main branch; `dry_run` stops before the push."""

    branch: str
    direct: bool
    dry_run: bool
    message: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """`commit` is empty where nothing had to be done, or `findings` hold an error. `replaced`: the job was there."""

    findings: tuple[Finding, ...]
    branch: str
    main: str
    commit: str = ""
    replaced: bool = False
    tries: int = 1
    paths: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    difference: Difference = field(default_factory=lambda: Difference(()))


@dataclass(frozen=True, slots=True)
class _Base:
    """The commit to build on, and one more parent where the branch and the main one have both moved on."""

    commit: str
    parent: str = ""


def submit(remote: Remote, submission: Submission, target: Target, *, tell: Callable[[str], None]) -> Submitted:
    """`tell` is told of what takes long."""
    remote.check()
    remote.git.check_identity()
    _check_branch(remote.git, target.branch)
    deadline = time.monotonic() + SECONDS
    watch = Watch(remote, "" if target.direct else target.branch)
    with workbench(remote.git, watch.tips.commits[watch.tips.main]) as bench:
        attempt = _Attempt(remote, bench, submission, target)
        for number in range(1, TRIES + 1):
            done = attempt.run(watch.tips)
            if done is not None:
                return replace(done, tries=number)
            if time.monotonic() > deadline:
                break
            if number == 1:
                tell("The branch has moved; trying again on its new tip.")
            time.sleep(_pause(number))
            watch.again()
    raise UserError(
        f"The branch moved {number} times while {submission.job} was being submitted; nothing was pushed.",
        hint="Run the command again when fewer people submit at once.",
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    remote: Remote
    bench: Git
    submission: Submission
    target: Target

    def run(self, tips: Tips) -> Submitted | None:
        """None when the branch moved before the push."""
        base = self._base(tips)
        move(self.bench, base.commit)
        if base.parent:
            self.bench.run("merge", "--quiet", "--no-commit", "--no-ff", "--strategy=ours", base.parent)
        folders = self.submission.folders
        there = bool(files_at(self.bench, base.commit, [folders[0]]))
        planned, findings = self._apply()
        branch = tips.main if self.target.direct else self.target.branch
        done = Submitted(findings, branch, tips.main)
        if has_errors(findings) or self._is_there(base):
            return done
        paths = tuple(sorted(self.bench.changed(folders)))
        changes = self._difference(base, planned)
        text = self.target.message or generated(changes, paths)
        commit = self.bench.commit_below(f"{text}\n\n{TRAILER}: {self.submission.job}", folders)
        done = replace(done, commit=commit, replaced=there, paths=paths, difference=changes)
        if self.target.dry_run:
            return done
        pushed = self.remote.push(commit, branch)
        return replace(done, said=pushed.said) if pushed.landed else None

    def _base(self, tips: Tips) -> _Base:
        git, branch = self.remote.git, self.target.branch
        main, tip = tips.commits[tips.main], tips.commits.get(branch)
        if self.target.direct or tip is None or git.is_ancestor(tip, main):
            return _Base(main)
        form = f"--format=%H %(trailers:key={TRAILER},valueonly,separator=%x2C)"
        commits = git.text("log", "--no-merges", form, f"{main}..{tip}").splitlines()
        if any(commit.partition(" ")[2].strip() != self.submission.job for commit in commits):
            raise UserError(
                f"The branch {branch} on {self.remote.name} holds commits that are not of `covey submit` for this job.",
                hint="Name another with --branch, or check that branch out and use `covey commit` and `git push`.",
            )
        return _Base(tip) if git.is_ancestor(main, tip) else _Base(main, tip)

    def _apply(self) -> tuple[Plan, tuple[Finding, ...]]:
        """The job's files as submitted, its manifests rendered beside them; what belongs to others is left alone."""
        bench, submission = self.bench, self.submission
        kept = {change.path for change in submission.files}
        stale = files_at(bench, "HEAD", [submission.replaced]) if submission.replaced else {}
        write_files(bench.root, submission.files, [path for path in stale if path not in kept])
        check_inputs(bench)
        planned, findings = render(bench.root, only=submission.folders[1] + "/")
        check_not_ignored(bench)
        return planned, findings

    def _is_there(self, base: _Base) -> bool:
        """Whether the branch holds just this already; one that must be joined with the main one is looked at, too."""
        bench, folders = self.bench, self.submission.folders
        if not bench.changed(folders):
            return True
        if not base.parent:
            return False
        bench.run("add", "--all", "--", *folders)
        return bench.run("diff", "--cached", "--quiet", base.parent, "--", *folders, check=False).code == 0

    def _difference(self, base: _Base, planned: Plan) -> Difference:
        """Against the tip; the fleet level comes along only to say whom it concerns."""
        own = self.submission.folders[1]
        before = rendered_at(self.bench, base.commit, (own, _FLEET))
        now = rendered_now(self.bench.root, planned)
        mine = {path: data for path, data in now.items() if path.startswith(own + "/")}
        fleet = {path: data for path, data in before.items() if path.startswith(_FLEET)}
        return difference(before, mine | fleet)


def _pause(number: int) -> float:
    """Longer each time, and never the same for two who lost the same race."""
    return random.uniform(_SHORTEST, min(_LONGEST, _SHORTEST * 2**number))  # noqa: S311 - no secret hangs on it


def _check_branch(git: Git, branch: str) -> None:
    if git.maybe("check-ref-format", f"refs/heads/{branch}") is None:
        raise UserError(f"{branch!r} can't be a branch in git.", hint="Name another with --branch.")
