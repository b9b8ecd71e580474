"""What is the same in both launchers' programs: options, one sentence for each failure, and the exit codes."""

from __future__ import annotations

import argparse
import errno
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core.launch.events import Type
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.launch import root as roots
from covey_runtimes.launch.children import lead_group
from covey_runtimes.launch.run_folder import RunFolder
from covey_runtimes.launch.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from covey_runtimes.launch.root import Root

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def launch(side: str, body: Callable[[Root, RunFolder, Signals], Exit]) -> int:
    """Runs `body` in the folder that the command line names; returns the exit code."""
    parser = argparse.ArgumentParser(prog=f"covey-{side}", description=f"Runs the {side}'s side of a training.")
    parser.add_argument("--root", type=Path, required=True, help="the folder with start.json, app, data and state")
    path: Path = parser.parse_args().root
    lead_group()
    signals = Signals()
    try:
        root = roots.read(path, side=side)
        run = RunFolder(root.state, root.start)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends with a sentence and a code of the contract
        return _told(side, _as_launch_error(error))
    return _inside(side, root, run, body=body, signals=signals)


def _inside(
    side: str, root: Root, run: RunFolder, *, body: Callable[[Root, RunFolder, Signals], Exit], signals: Signals
) -> int:
    """An ended run's launcher has said so among the events, unless the disk would not have it."""
    code: int
    try:
        code = body(root, run, signals)
    except Exception as error:  # noqa: BLE001 - as above
        failure = _as_launch_error(error)
        code = _told(side, failure)
        try:
            run.events.write(Type.ERROR, message=str(failure), code=code)
            run.events.write(Type.END, code=code)
        except OSError as unwritten:
            sys.stderr.write(f"covey-{side}: events.jsonl can't be written: {unwritten}.\n")
    finally:
        run.close()
    return code


def _told(side: str, error: LaunchError) -> int:
    sys.stderr.write(f"covey-{side}: {error}\n")
    return int(error.code)


def _as_launch_error(error: Exception) -> LaunchError:
    if isinstance(error, LaunchError):
        return error
    if not isinstance(error, OSError):
        traceback.print_exception(error)
        return LaunchError(f"The launcher itself failed: {type(error).__name__}: {error}.", code=Exit.AGAIN)
    where = error.filename or "a file of the run"
    said = "The disk is full" if error.errno in _FULL else "The disk refused to work"
    return LaunchError(f"{said}: {where}: {error.strerror or error}.", code=Exit.AGAIN)
