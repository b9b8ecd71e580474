"""The last word on a model: the app's own `predict.py`, run on the samples that nobody trained on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from covey_cli.console import safe
from covey_cli.errors import UserError
from covey_cli.local_run import sandbox
from covey_core.results import evaluation as results
from covey_runtimes.launch.children import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from covey_core.results.evaluation import Evaluation

PROGRAM: Final = "predict.py"
SECONDS: Final = 600.0
LOG: Final = "predict.log"
_PREDICTIONS: Final = "predictions.npz"
_MOST_BYTES: Final = 256 << 20
_MOST_CLASSES: Final = 1000  # the confusion matrix is the square of it
_TAIL: Final = 4096
# What NumPy and zipfile raise over bytes that somebody made up; a header may also claim more memory than there is.
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError, MemoryError)


def evaluate(
    interpreter: Path,
    app: Path,
    *,
    model: Path,
    data: Path,
    scratch: Path,
    classes: Sequence[str],
    hidden: Sequence[Path] = (),
    seconds: float = SECONDS,
    meanwhile: Callable[[], None] | None = None,
) -> Evaluation | None:
    """None for an app without `predict.py`; raises UserError, one sentence that names the log.

    The program can't look into `hidden`. `meanwhile` is called about ten times a second while it runs; what it raises
    ends the program. Without `classes` the labels themselves name them.
    """
    if not (app / PROGRAM).is_file():
        return None
    scratch.mkdir(parents=True, exist_ok=True)
    predictions, log = scratch / _PREDICTIONS, scratch / LOG
    predictions.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "COVEY_APP": str(app.absolute()),
        "COVEY_MODEL": str(model.absolute()),
        "COVEY_DATA": str(data.absolute()),
        "COVEY_PREDICTIONS": str(predictions.absolute()),
        "PYTHONDONTWRITEBYTECODE": "1",  # the app's digest is known, and its folder stays as it is
        "TMPDIR": str(scratch.absolute()),
    }
    argv: Sequence[str] = (str(interpreter), str((app / PROGRAM).absolute()))
    if hidden:
        argv = sandbox.wrapped(argv, hidden)
    _run(argv, environment, folder=scratch, log=log, end=time.monotonic() + seconds, meanwhile=meanwhile)
    return _measured(predictions, classes, log=log)


def _run(
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path,
    log: Path,
    end: float,
    meanwhile: Callable[[], None] | None,
) -> None:
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - the user's own app, no shell
                argv,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - this program has one thread
            )
    except OSError as error:
        raise UserError(f"{PROGRAM} can't be started: {(error.strerror or 'refused').lower()}.") from None
    try:
        code = _wait(process, end=end, meanwhile=meanwhile)
    finally:
        with suppress(ProcessLookupError):  # also what it started and left behind
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code is None:
        _fail("took too long and was stopped", log)
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        _fail(f"{how}{_last_line(log)}", log)


def _wait(process: subprocess.Popen[bytes], *, end: float, meanwhile: Callable[[], None] | None) -> int | None:
    """The exit code, or None when the time is over."""
    while time.monotonic() < end:
        try:
            return process.wait(0.1)
        except subprocess.TimeoutExpired:
            if meanwhile:
                meanwhile()
    return None


def _measured(path: Path, classes: Sequence[str], *, log: Path) -> Evaluation:
    if path.is_symlink() or not path.is_file():
        _fail("wrote no file COVEY_PREDICTIONS", log)
    truth, predicted = (_labels(path, name, log=log) for name in ("truth", "predicted"))
    names = classes or _names(max(truth, default=0), max(predicted, default=0), log=log)
    try:
        return results.evaluate(truth, predicted, classes=names)
    except ValueError as error:
        _fail(f"wrote predictions that do not fit: {str(error).rstrip('.')}", log)


def _labels(path: Path, name: str, *, log: Path) -> list[int]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _MOST_BYTES:
            _fail(f"wrote more than {_MOST_BYTES:,} bytes of predictions", log)
        with np.load(path, allow_pickle=False) as file:
            array: NDArray[Any] = file[name]
    except KeyError:
        _fail(f"wrote no array {name!r}", log)
    except _DAMAGED:
        _fail(f"wrote predictions that are no npz file with a plain array {name!r} (pickles are not read)", log)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        shape = "x".join(map(str, array.shape)) or "one number"
        _fail(f"wrote {name!r} as {array.dtype} ({shape}); it must be a list of whole numbers", log)
    found: list[int] = array.tolist()
    return found


def _names(*highest: int, log: Path) -> list[str]:
    if max(highest) >= _MOST_CLASSES:
        _fail(f"wrote the label {max(highest)}; without names of classes there can be {_MOST_CLASSES:,}, from 0", log)
    return [str(number) for number in range(max(highest) + 1)]


def _last_line(log: Path) -> str:
    """Of a traceback it says what went wrong."""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - _TAIL, 0))
        lines = file.read(_TAIL).decode("utf-8", "replace").strip().splitlines()
    return f" ({safe(lines[-1].strip(), longest=200)})" if lines else ""


def _fail(what: str, log: Path) -> NoReturn:
    raise UserError(f"{PROGRAM} {what}; its output is in {log}.")
