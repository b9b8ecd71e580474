"""All of git: one class over the `git` program, with a clean environment and failures that are sentences.

No other module starts git. What is asked of remotes and of old trees stands in `remote.py` and `trees.py`, in terms of
this class.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UserError
from .git_failures import Done, GitError, failure, hook_failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OLDEST = (2, 30)
_KEPT = re.compile(
    r"GIT_(AUTHOR_.*|COMMITTER_.*|CONFIG_.*|SSH.*|SSL_.*|HTTP_.*|PROXY_.*|ASKPASS|EXEC_PATH|ALLOW_PROTOCOL|"
    r"CEILING_DIRECTORIES|TRACE.*|TEMPLATE_DIR)\Z",
)
_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
_FROM_STDIN = ("--pathspec-from-file=-", "--pathspec-file-nul")
_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg")


@dataclass(frozen=True, slots=True)
class Git:
    """The repository around `root`; every command runs there, so that paths are relative to it."""

    root: Path
    settings: tuple[str, ...] = ()

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        check: bool = True,
        seconds: float | None = None,
        label: str = "",
    ) -> Done:
        """Runs git; where `check` is off, a failure is an answer and not an error. `label` names it in messages."""
        options = [word for setting in self.settings for word in ("-c", setting)]
        name = label or f"git {arguments[0]}"
        try:
            ended = subprocess.run(  # noqa: S603 - a list of words, and no user's word stands where an option could
                ["git", *options, *arguments],  # noqa: S607 - the user's own git
                cwd=self.root,
                env=clean_environment(os.environ),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=seconds,
            )
        except FileNotFoundError:
            raise _missing(self.root) from None
        except subprocess.TimeoutExpired:
            raise GitError(f"`{name}` had no answer in {seconds:.0f} seconds.", hint="Try it by hand.") from None
        done = Done(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", errors="replace"))
        if check and done.code:
            raise failure(name, done)
        return done

    def text(self, *arguments: str) -> str:
        return self.run(*arguments).text

    def maybe(self, *arguments: str) -> str | None:
        """The answer, or None where there is none."""
        done = self.run(*arguments, check=False)
        return done.text if done.code == 0 else None

    # What is so

    def commit_of(self, revision: str) -> str | None:
        """The full hash of a commit that is here."""
        if revision.startswith("-"):
            return None
        return self.maybe("rev-parse", "--verify", "--quiet", revision + "^{commit}")

    def branch(self) -> str | None:
        """The branch that is checked out, also before its first commit; None where HEAD is detached."""
        return self.maybe("symbolic-ref", "--quiet", "--short", "HEAD")

    def private(self, name: str) -> Path:
        """A path inside the git directory that all work trees share."""
        return (self.root / self.text("rev-parse", "--git-common-dir") / name).resolve()

    def prefix(self) -> str:
        """Where `root` stands in the repository: empty, or a folder that ends in a slash."""
        return self.text("rev-parse", "--show-prefix")

    def operation(self) -> str | None:
        """The merge, rebase or the like that is under way."""
        folder = self.root / self.text("rev-parse", "--git-dir")
        return next((word for name, word in _OPERATIONS.items() if (folder / name).exists()), None)

    def is_shallow(self) -> bool:
        return self.text("rev-parse", "--is-shallow-repository") == "true"

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.run("merge-base", "--is-ancestor", older, newer, check=False).code == 0

    def unmerged(self) -> list[str]:
        return sorted(set(self.run("diff", "--name-only", "--diff-filter=U", "-z").items))

    def submodules(self, paths: Sequence[str]) -> list[str]:
        """The submodules at or below `paths`."""
        listed = self.run("ls-files", "--stage", "-z", "--", *map(literal, paths)).items
        return [entry.partition("\t")[2] for entry in listed if entry.startswith("160000 ")]

    def changed(self, paths: Sequence[str]) -> dict[str, str]:
        """What differs from HEAD below `paths`: path from the repository's top -> git's two letters."""
        listed = self.run(
            *("--no-optional-locks", "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"),
            *("--ignore-submodules=none", "--", *map(literal, paths)),
            label="git status",
        )
        return {entry[3:]: entry[:2] for entry in listed.items}

    def ignored(self, paths: Sequence[str]) -> list[str]:
        """The files below `paths` that git would never commit, because some .gitignore says so."""
        options = ("--others", "--ignored", "--exclude-standard", "-z")
        return self.run("ls-files", *options, "--", *map(literal, paths)).items

    def tracked_or_new(self, folder: Path) -> list[str] | None:
        """The files of a folder that git would commit, relative to it; None where it is in no repository."""
        done = Git(folder).run("ls-files", "--cached", "--others", "--exclude-standard", "-z", check=False)
        return sorted({item for item in done.items if os.path.lexists(folder / item)}) if done.code == 0 else None

    def check_identity(self) -> None:
        for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            self.run("var", name)

    # Writing

    def commit(self, message: str, changed: Mapping[str, str]) -> str:
        """Commits exactly `changed` (as it came from `changed`) and gives back the hash; all else stays as it is."""
        listed = _pathspecs(changed)
        new = [path for path, letters in changed.items() if letters == "??"]
        if new:
            self.run("add", "--intent-to-add", *_FROM_STDIN, stdin=_pathspecs(new))
        try:
            self._commit(message, listed)
        except BaseException:
            if new:  # what we told git about, it forgets again
                top = Git(Path(self.text("rev-parse", "--show-toplevel")))
                names = encode("".join(path + "\0" for path in new))
                top.run("update-index", "--force-remove", "-z", "--stdin", stdin=names, check=False)
            raise
        return self.text("rev-parse", "HEAD")

    def commit_below(self, message: str, paths: Sequence[str]) -> str:
        """Commits all that changed below `paths`, in a work tree where nobody else has staged anything."""
        self.run("add", "--all", "--", *map(literal, paths))
        done = self.run("commit", "--quiet", "--cleanup=whitespace", f"--message={message}", check=False)
        if done.code:
            raise self._refusal(done)
        return self.text("rev-parse", "HEAD")

    def _commit(self, message: str, pathspecs: bytes) -> None:
        options = ("--only", "--quiet", "--cleanup=whitespace", f"--message={message}")
        done = self.run("commit", *options, *_FROM_STDIN, stdin=pathspecs, check=False)
        if done.code:
            raise self._refusal(done)

    def _refusal(self, done: Done) -> GitError:
        folder = self.root / self.text("rev-parse", "--git-path", "hooks")
        hooks = [name for name in _HOOKS if os.access(folder / name, os.X_OK)]
        return hook_failure(hooks, done) if hooks and done.code == 1 else failure("git commit", done)


def open_git(root: Path) -> Git:
    """The repository around `root`, once it is known that there is one and that git can work with it."""
    git = Git(root)
    version = git.text("--version")
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST:
        raise GitError(f"{version} is too old: Covey needs {OLDEST[0]}.{OLDEST[1]} or newer.")
    done = git.run("rev-parse", "--is-inside-work-tree", check=False)
    if done.code and "not a git repository" not in done.err:
        raise failure("git rev-parse", done)
    if done.text != "true":
        raise GitError(
            f"{root} is not in a git repository.", hint="`git init` makes one; `covey init` makes a fleet repo."
        )
    return git


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what a surrounding git (a hook, a rebase) has set for its own repository, and in plain English."""
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_") or _KEPT.match(name)}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":"}


def literal(path: str) -> str:
    """A pathspec that means just this path, whatever characters it has."""
    return f":(literal){path}"


def encode(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")


def _pathspecs(paths: Iterable[str]) -> bytes:
    return b"".join(encode(f":(top,literal){path}") + b"\0" for path in paths)


def _missing(root: Path) -> UserError:
    if not root.is_dir():
        return UserError(f"There is no folder {root}.")
    return UserError("There is no `git` on this machine's PATH.", hint="Install git 2.30 or newer.")
