"""What happens when Covey itself has a fault: one sentence for the user, the details in a log file."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
import traceback
from pathlib import Path

from .version import VERSION

KEPT = 10
_SECRETS = (
    (re.compile(r"://[^/@\s]+@"), "://***@"),
    (re.compile(r"(?i)((?:token|secret|password|passwd|api[-_]?key|authorization)['\"]?\s*[:=]\s*)\S+"), r"\1***"),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL), "***"),
)


def explain(error: BaseException) -> tuple[str, str]:
    """The sentence and the hint for an unexpected error, whose details are written to a log file."""
    message = f"Covey has a fault ({type(error).__name__}{_where(error)})."
    try:
        log = _write(_report(error))
    except (OSError, RuntimeError):
        return message, "Its log could not be written; set XDG_STATE_HOME to a folder that can be, and try again."
    return message, f"The details are in {log}; please read them through and attach them to a report."


def _where(error: BaseException) -> str:
    """The innermost line of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "covey_" in frame.filename]
    return f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def state_folder() -> Path:
    """Where the user's logs go: XDG_STATE_HOME/covey; raises RuntimeError where there is no home."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state") / "covey"


def _report(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    versions = f"covey {VERSION}, Python {platform.python_version()}, {platform.platform()}"
    return without_secrets(f"{versions}\narguments: {sys.argv[1:]}\n\n{text}")


def without_secrets(text: str) -> str:
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _write(report: str) -> Path:
    folder = state_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in sorted(folder.glob("crash-*.log"))[: -KEPT + 1]:
        old.unlink(missing_ok=True)
    log = folder / f"crash-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log"
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(report)
    return log
