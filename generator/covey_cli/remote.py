"""What is asked of a remote: where its branches stand, their commits, and to take one of ours. Never with force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import UserError
from .git_failures import failure
from .workbench import alone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .git import Git

_SECONDS = 300
_LOOKS = 20
_MOVED = re.compile(
    r"^!.*\[(rejected|remote rejected)\] \((fetch first|non-fast-forward|stale info|cannot lock ref|failed to update|"
    r"failed to lock|incorrect old value|reference already exists|needs force)",
    re.MULTILINE | re.IGNORECASE,
)
_RACED = re.compile(r"cannot lock ref|unable to (create|lock)|index\.lock|shallow\.lock", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tips:
    """The remote's main branch, and the commits at the tips of the branches that were asked for."""

    main: str
    commits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pushed:
    """`landed` is false where the branch had moved; `said` are the remote's own words, such as an address to open."""

    landed: bool
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remote:
    git: Git
    name: str

    def check(self) -> None:
        known = self.git.text("remote").split()
        if self.name not in known:
            raise UserError(
                f"There is no remote {self.name!r}" + (f"; there is {', '.join(known)}." if known else "."),
                hint="`git remote add origin <address>` adds one; `--remote NAME` names another.",
            )

    def look(self, branch: str) -> Tips:
        """Asks the remote; `branch` may not exist there."""
        wanted = ("HEAD", f"refs/heads/{branch}") if branch else ("HEAD",)
        lines = self.git.run("ls-remote", "--symref", self.name, *wanted, seconds=_SECONDS).text.splitlines()
        answers = [(left, right) for left, _, right in (line.partition("\t") for line in lines)]
        refs = {right: left for left, right in answers if not left.startswith("ref: ")}
        heads = [
            left.removeprefix("ref: refs/heads/") for left, right in answers if (left[:5], right) == ("ref: ", "HEAD")
        ]
        if "HEAD" not in refs or not heads:
            raise UserError(
                f"The remote {self.name} has no main branch: it is empty, or its HEAD names none.",
                hint=f"Push the fleet repo first (`git push -u {self.name} HEAD`), or set the forge's default branch.",
            )
        commits = {heads[0]: refs["HEAD"]}
        if f"refs/heads/{branch}" in refs:
            commits[branch] = refs[f"refs/heads/{branch}"]
        return Tips(heads[0], commits)

    def bring(self, tips: Tips) -> bool:
        """Fetches what is not here yet, and touches no ref of this clone; false if a branch has moved meanwhile."""
        missing = [name for name, commit in tips.commits.items() if self.git.commit_of(commit) is None]
        if missing:
            options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-auto-maintenance")
            refs = [f"refs/heads/{name}" for name in missing]
            with alone(self.git):
                self.git.run("fetch", *options, self.name, *refs, seconds=_SECONDS)
        return all(self.git.commit_of(tips.commits[name]) for name in missing)

    def push(self, commit: str, branch: str) -> Pushed:
        """Pushes `commit` if that only adds to the branch. From here: a remote's address may be a relative path."""
        refspec = f"{commit}:refs/heads/{branch}"
        done = self.git.run(
            "push", "--porcelain", "--no-follow-tags", self.name, refspec, check=False, seconds=_SECONDS
        )
        if done.code == 0:
            words = [
                line.removeprefix("remote:").strip() for line in done.err.splitlines() if line.startswith("remote:")
            ]
            return Pushed(landed=True, said=tuple(word for word in words if word))
        if _MOVED.search(done.text) or _RACED.search(done.text):
            return Pushed(landed=False)
        raise failure("git push", done)


class Watch:
    """Where the remote's branches stand now, seen again and again; a branch that went back is not built upon."""

    def __init__(self, remote: Remote, branch: str) -> None:
        self._remote = remote
        self._branch = branch
        self.tips = self._look()
        refs = {name: remote.git.commit_of(f"refs/remotes/{remote.name}/{name}") for name in self.tips.commits}
        self._check({name: commit for name, commit in refs.items() if commit})

    def again(self) -> None:
        before = self.tips
        self.tips = self._look()
        self._check(before.commits)

    def _look(self) -> Tips:
        for _ in range(_LOOKS):
            tips = self._remote.look(self._branch)
            if self._remote.bring(tips):
                return tips
        raise UserError(f"The branches of {self._remote.name} move too fast to be read.", hint="Try again later.")

    def _check(self, before: Mapping[str, str]) -> None:
        for name, commit in before.items():
            now = self.tips.commits.get(name)
            if now and not self._remote.git.is_ancestor(commit, now):
                raise UserError(
                    f"The branch {name} on {self._remote.name} was moved by force: {commit[:12]} is no longer in it.",
                    hint=f"Look at what happened; after `git fetch {self._remote.name}` Covey builds on the new tip.",
                )
