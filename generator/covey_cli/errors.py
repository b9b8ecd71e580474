"""What a command raises when it can't go on, and the exit codes that it promises."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """The exit codes; `docs/reference/exit-codes.md` is made from them."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INTERNAL = 3
    DYING = 10
    APP = 20
    START = 30
    DATA = 40
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


MEANINGS: dict[Exit, str] = {
    Exit.CLEAN: "All is well; warnings may have been printed.",
    Exit.FINDINGS: "Errors were found, or something expected went wrong: the message says what, and what to do.",
    Exit.USAGE: "The command line is wrong: an unknown command or option, or a missing or bad value.",
    Exit.INTERNAL: "A fault in Covey itself: the message names a log file with the details.",
    Exit.DYING: "`covey run`: something kept dying, or somebody did not come; `covey run --resume` may well succeed.",
    Exit.APP: "`covey run`: the app failed, or made a model that is no number.",
    Exit.START: "`covey run`: the app, or what it is started with, must not run so.",
    Exit.DATA: "`covey run`: a collaborator's data is gone, and there are too few without it.",
    Exit.INTERRUPTED: "Interrupted (Ctrl-C); nothing is left half-written.",
    Exit.BROKEN_PIPE: "Whatever read the output stopped reading, as `head` does.",
    Exit.TERMINATED: "`covey run`: stopped by SIGTERM; finished rounds are kept.",
}


class UserError(Exception):
    """An expected failure: one sentence for the user, and a hint that says what to do."""

    def __init__(self, message: str, *, hint: str = "", code: int = Exit.FINDINGS) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'validate'?` as a sentence of its own, or nothing where no known word is close."""
    from covey_core.suggest import closest  # noqa: PLC0415 - only a mistake should pay for it

    close = closest(word, known, most=3)
    return " Did you mean " + " or ".join(f"'{name}'" for name in close) + "?" if close else ""
