"""Runs a command line inside click's context and turns whatever it raises into a message and an exit code."""

from __future__ import annotations

import errno
import os
import sys

import click

from .app import app
from .console import color_for, prepare_streams, safe
from .errors import Exit, UserError

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
_LONGEST = 2000


def run(arguments: list[str]) -> int:
    prepare_streams()
    with click.Context(app, info_name="covey", **app.context_settings) as context:
        context.color = color_for("auto")  # until --color is read
        code = _guarded(context, arguments)
    try:
        _flush()
    except OSError:
        _drop_output()  # a failure before it has given the exit code
    return code


def _guarded(context: click.Context, arguments: list[str]) -> int:
    try:
        return _invoke(context, arguments)
    except UserError as error:
        return fail(error.message, hint=error.hint, code=error.code)
    except click.ClickException as error:
        return _misused(error)
    except (KeyboardInterrupt, EOFError, click.Abort):
        return fail("Interrupted.", code=Exit.INTERRUPTED)
    except OSError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - this is the boundary
        return _crashed(error)


def _invoke(context: click.Context, arguments: list[str]) -> int:
    try:
        app.parse_args(context, arguments)
        code = int(app.invoke(context) or 0)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    _flush()  # what can't be written must show here, not when Python ends
    return code


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _misused(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return Exit.USAGE
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"`{context.command_path} --help` shows how it is used." if context else ""
    return fail(error.format_message(), hint=hint, code=error.exit_code)


def _refused(error: OSError) -> int:
    named = isinstance(error.filename, str | bytes)
    if not named:
        _drop_output()  # what is still in the buffer can't be written either
    if isinstance(error, BrokenPipeError):
        return Exit.BROKEN_PIPE
    if error.errno not in _REFUSALS:
        return _crashed(error)
    name = f"'{os.fsdecode(error.filename)}'" if named else "the output"
    return fail(f"Can't use {name}: {(error.strerror or 'refused').lower()}.", code=Exit.FINDINGS)


def _crashed(error: Exception) -> int:
    from . import crash  # noqa: PLC0415 - only for faults

    message, hint = crash.explain(error)
    return fail(message, hint=hint, code=Exit.INTERNAL)


def fail(message: str, *, code: int, hint: str = "") -> int:
    """Prints an error and its hint on stderr, and returns the exit code."""
    try:
        click.echo(click.style("error: ", fg="red", bold=True) + safe(message, longest=_LONGEST), err=True)
        if hint:
            click.echo("hint: " + safe(hint, longest=_LONGEST), err=True)
    except OSError:
        pass  # nobody listens; the exit code still tells
    return code


def _drop_output() -> None:
    """Points stdout at the null device, or Python would complain about it once more when it ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
