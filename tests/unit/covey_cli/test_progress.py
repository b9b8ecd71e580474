from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from covey_cli.progress import PATIENCE, progress
from program import environment

if TYPE_CHECKING:
    from pathlib import Path

WORK = """
import time
from covey_cli.progress import progress
with progress({label!r}, total={total}, patience={patience}) as state:
    state.step(1000)
    time.sleep(0.5)
print("done")
"""


def _screen(tmp_path: Path, *, label: str = "Checking", total: int | None = 2000, patience: float, term: str) -> str:
    """What a terminal shows of half a second of work."""
    ours, theirs = pty.openpty()
    script = WORK.format(label=label, total=total, patience=patience)
    env = environment(tmp_path, TERM=term)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # Linux says so when the other end is closed
            pass
        assert process.stdout is not None
        assert process.stdout.read() == b"done\n"
    os.close(ours)
    return shown.decode()


def test_long_work_shows_how_far_it_is_and_leaves_no_trace(tmp_path: Path) -> None:
    shown = _screen(tmp_path, patience=0, term="xterm")
    assert "\r\x1b[KChecking: 1,000 of 2,000" in shown
    assert shown.endswith("\r\x1b[K")
    assert "\n" not in shown


@pytest.mark.parametrize(("patience", "term"), [(PATIENCE, "xterm"), (0, "dumb")])
def test_short_work_and_simple_terminals_show_nothing(patience: float, term: str, tmp_path: Path) -> None:
    assert not _screen(tmp_path, patience=patience, term=term)


def test_work_of_unknown_size_shows_what_is_done(tmp_path: Path) -> None:
    assert "Reading: 1,000" in _screen(tmp_path, label="Reading", total=None, patience=0, term="xterm")


def test_a_label_can_not_command_the_terminal(tmp_path: Path) -> None:
    assert "bad\\x1b[2J: 1,000" in _screen(tmp_path, label="bad\x1b[2J", patience=0, term="xterm")


def test_nothing_is_shown_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Checking", patience=0) as state:
        state.step()
    assert capsys.readouterr() == ("", "")


def test_an_error_in_the_work_is_passed_on() -> None:
    with pytest.raises(ZeroDivisionError), progress("Checking"):
        raise ZeroDivisionError
