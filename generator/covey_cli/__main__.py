"""The program `covey`: the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130  # errors.Exit.INTERRUPTED, known before anything is imported


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (the process's own by default) and returns its exit code."""
    try:
        from .boundary import run  # noqa: PLC0415 - so that Ctrl-C while importing is quiet, too

        if instruction := os.environ.get("_COVEY_COMPLETE"):
            return _complete(instruction)
        return run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED


def _complete(instruction: str) -> int:
    from click.shell_completion import shell_complete  # noqa: PLC0415 - only when a shell asks

    from .app import app  # noqa: PLC0415

    return shell_complete(app, {}, "covey", "_COVEY_COMPLETE", instruction)


if __name__ == "__main__":
    sys.exit(main())
