"""How a git has ended, and what its complaints mean: sentences, then git's own last words with passwords masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from .errors import UserError

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_LAST = 6
_LONGEST = 600


class GitError(UserError):
    """Git refused; `output` is all that it said."""

    def __init__(self, message: str, *, hint: str = "", output: str = "") -> None:
        super().__init__(message, hint=hint)
        self.output = output


@dataclass(frozen=True, slots=True)
class Done:
    """A git that has ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", errors="surrogateescape").strip()

    @property
    def items(self) -> list[str]:
        """What `-z` printed."""
        return [item for item in self.out.decode("utf-8", errors="surrogateescape").split("\0") if item]


class Meaning(NamedTuple):
    """A pattern in git's output, what it means, and what to do."""

    pattern: re.Pattern[str]
    message: str
    hint: str = ""


def _meaning(pattern: str, message: str, hint: str = "") -> Meaning:
    return Meaning(re.compile(pattern, re.IGNORECASE), message, hint)


MEANINGS = (
    _meaning(
        r"terminal prompts disabled|authentication failed|could not read (username|password)|invalid username|"
        r"permission denied \(|http basic: access denied|returned error: 40[13]",
        "The remote did not accept your credentials.",
        "Check that `git fetch` works here; Covey never asks for a password.",
    ),
    _meaning(
        r"could not resolve host|connection refused|connection timed out|network is unreachable|failed to connect|"
        r"no route to host|connection reset|timed out",
        "The remote can't be reached.",
        "Check the network, and that `git fetch` works here.",
    ),
    _meaning(
        r"does not appear to be a git repository|repository .* not found|repository not found|no such remote",
        "The remote repository does not exist, or you may not see it.",
        "`git remote -v` shows the addresses; `--remote NAME` names another remote.",
    ),
    _meaning(
        r"protected branch|GH006|not allowed to push code to protected",
        "The branch is protected: the remote takes no direct pushes to it.",
        "Leave out --direct, and open a pull request from the branch that is pushed then.",
    ),
    _meaning(
        r"branch is currently checked out",
        "The remote is no bare repository, and the branch is checked out there.",
        "Push to a bare repository, as forges have them.",
    ),
    _meaning(
        r"hook declined|pre-receive hook|update hook",
        "A hook of the remote refused the push.",
        "Put right what the hook says below, then run the command again.",
    ),
    _meaning(
        r"failed to sign|gpg: signing failed|error: gpg|couldn't (load|find) .*key|signing key",
        "The commit could not be signed.",
        "Check `git config user.signingKey` and that your agent is unlocked; `git commit -S` must work here.",
    ),
    _meaning(
        r"please tell me who you are|unable to auto-detect email|empty ident name",
        "Git does not know who you are.",
        '`git config --global user.name "Your Name"` and `git config --global user.email you@example.org` tell it.',
    ),
    _meaning(
        r"index\.lock': file exists",
        "Another git process is at work in this repository, or one has crashed.",
        "Wait for it; if none runs, remove the file named below.",
    ),
    _meaning(
        r"detected dubious ownership",
        "The repository belongs to another user, so git does not trust it.",
        "`git config --global --add safe.directory <path>` says that you do.",
    ),
    _meaning(r"no space left on device", "The disk is full."),
    _meaning(r"unresolved|unmerged|you have not concluded your merge", "There are unmerged files."),
)


def mask(text: str) -> str:
    """Without the credentials that may stand in an address."""
    return _CREDENTIALS.sub("***@", text)


def last_words(text: str) -> str:
    """The end of git's complaint, on one line."""
    lines = [line.strip() for line in mask(text).splitlines() if line.strip() and not line.startswith("hint:")]
    said = " | ".join(lines[-_LAST:])
    return said if len(said) <= _LONGEST else "… " + said[-_LONGEST:]


def meaning_of(text: str) -> Meaning | None:
    return next((meaning for meaning in MEANINGS if meaning.pattern.search(text)), None)


def failure(name: str, done: Done) -> GitError:
    output = mask(done.err + "\n" + done.text)
    said = last_words(done.err) or last_words(done.text) or "it said nothing"
    known = meaning_of(output)
    if known:
        return GitError(f"{known.message} `{name}` said (exit {done.code}): {said}", hint=known.hint, output=output)
    return GitError(f"`{name}` failed (exit {done.code}): {said}", output=output)


def hook_failure(hooks: list[str], done: Done) -> GitError:
    """The commit was refused where `hooks` are at work, and most often by one of them."""
    output = mask(done.err + "\n" + done.text)
    if meaning_of(output):
        return failure("git commit", done)
    return GitError(
        f"A hook of this repository ({', '.join(hooks)}) refused the commit: {last_words(output)}",
        hint="Put right what it says, then run the command again.",
        output=output,
    )
