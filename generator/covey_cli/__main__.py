"""The program `covey`: the one place where errors become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

# What the machine or the user's rights refuse; any other OSError is a fault of ours.
_REFUSALS = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    },
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (the process's own by default) and returns its exit code."""
    from .errors import Exit, UserError  # noqa: PLC0415 - so that Ctrl-C while importing is handled as well

    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except UserError as error:
        return _fail(error.message, hint=error.hint, code=error.code)
    except KeyboardInterrupt:
        return _fail("Interrupted.", hint="", code=Exit.INTERRUPTED)
    except BrokenPipeError:
        _drop_output()
        return Exit.BROKEN_PIPE
    except OSError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - this is the boundary
        return _crashed(error)


def _run(arguments: list[str]) -> int:
    import click  # noqa: PLC0415 - see main

    from .app import app  # noqa: PLC0415
    from .console import prepare_streams  # noqa: PLC0415

    prepare_streams()
    try:
        if instruction := os.environ.get("_COVEY_COMPLETE"):
            from click.shell_completion import shell_complete  # noqa: PLC0415 - only for completion

            return shell_complete(app, {}, "covey", "_COVEY_COMPLETE", instruction)
        with app.make_context("covey", arguments) as context:
            code = app.invoke(context)
        _flush()
    except click.exceptions.Exit as stop:
        _flush()
        return stop.exit_code
    except (click.Abort, EOFError):
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return _misused(error)
    return int(code or 0)


def _misused(error: click.ClickException) -> int:
    import click  # noqa: PLC0415 - see main

    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"`{context.command_path} --help` shows how it is used." if context else ""
    return _fail(error.format_message(), hint=hint, code=error.exit_code)


def _refused(error: OSError) -> int:
    if error.errno not in _REFUSALS:
        return _crashed(error)
    reason = (error.strerror or "refused").lower()
    name = f"'{os.fsdecode(error.filename)}'" if isinstance(error.filename, str | bytes) else "the output"
    if name == "the output":
        _drop_output()
    return _fail(f"Can't use {name}: {reason}.", hint="", code=1)


def _crashed(error: Exception) -> int:
    from . import crash  # noqa: PLC0415 - only for faults
    from .errors import Exit  # noqa: PLC0415

    message, hint = crash.explain(error)
    return _fail(message, hint=hint, code=Exit.INTERNAL)


def _fail(message: str, *, hint: str, code: int) -> int:
    import click  # noqa: PLC0415 - see main

    from .console import safe  # noqa: PLC0415

    try:
        click.echo(click.style("error: ", fg="red", bold=True) + safe(message, longest=2000), err=True)
        if hint:
            click.echo("hint: " + safe(hint, longest=2000), err=True)
    except OSError:
        pass  # nobody listens; the exit code still tells
    return code


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _drop_output() -> None:
    """Points stdout at the null device, or Python would complain about it once more when it ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


if __name__ == "__main__":
    sys.exit(main())
