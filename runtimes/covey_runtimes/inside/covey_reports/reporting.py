"""Reports to the launcher, one JSON line each, and the exit codes that go with them."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

TRY_AGAIN, APP_FAILED, BAD_START, DATA_GONE = 10, 20, 30, 40
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_LONGEST = 2000


class ReportedError(Exception):
    """Told already, in one sentence."""


def report(kind: str, **fields: Any) -> None:
    """Sentences become one line; a stranger may have written a part of them."""
    if "message" in fields:
        fields["message"] = " ".join(str(fields["message"]).split())[:_LONGEST]
    line = json.dumps({"type": kind, **fields}).encode() + b"\n"
    handle = os.open(os.environ["COVEY_REPORTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def fail(code: int, message: str) -> int:
    """In the log too: before the aggregator's port is open, its launcher looks at the log's last line alone."""
    sys.stderr.write(" ".join(message.split())[:_LONGEST] + "\n")
    report("error", code=code, message=message)
    return code


def failed(where: str, error: BaseException) -> int:
    """The exit code that the error deserves; the launcher ends its side with this sentence."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return fail(TRY_AGAIN, f"The disk is full: {error.filename or error}.")
    if isinstance(error, FileNotFoundError) and _is_data(error.filename):
        return fail(DATA_GONE, f"The data is gone: there is no {error.filename}.")
    return fail(APP_FAILED, f"{where} failed: {type(error).__name__}: {error}")


def _is_data(name: Any) -> bool:
    return isinstance(name, str | os.PathLike) and Path(name).is_relative_to(os.environ["COVEY_DATA"])
