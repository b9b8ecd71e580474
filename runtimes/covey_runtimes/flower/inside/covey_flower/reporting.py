"""Reports to the launcher, one JSON line each."""

from __future__ import annotations

import errno
import json
import os
from typing import Any

TRY_AGAIN, APP_FAILED, BAD_START = 10, 20, 30
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class ReportedError(Exception):
    """Told already, in one sentence."""


def report(kind: str, **fields: Any) -> None:
    line = json.dumps({"type": kind, **fields}).encode() + b"\n"
    handle = os.open(os.environ["COVEY_REPORTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def app_failed(where: str, error: BaseException) -> None:
    """The launcher ends its side with this sentence, and with the code that says that the app is to blame."""
    if isinstance(error, OSError) and error.errno in _FULL:
        report("error", code=TRY_AGAIN, message=f"The disk is full: {error.filename or error}.")
        return
    report("error", code=APP_FAILED, message=f"The {where} failed: {type(error).__name__}: {error}")
