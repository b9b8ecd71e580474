from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest

from covey_cli import boundary
from covey_cli.__main__ import main
from covey_cli.crash import KEPT, state_folder, without_secrets
from covey_cli.errors import MEANINGS, Exit, UserError, did_you_mean
from program import COVEY, covey, environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "covey"


def _raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """The real boundary around a command that fails."""

    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(boundary.app, "invoke", fail)


def test_a_user_error_is_one_sentence_and_a_hint_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _raising(monkeypatch, UserError("The data set is missing.", hint="Add it."))
    assert main(["explain"]) == 1
    printed = capsys.readouterr()
    assert printed.err == "error: The data set is missing.\nhint: Add it.\n"
    assert not printed.out


def test_a_user_error_can_have_its_own_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    _raising(monkeypatch, UserError("No.", code=Exit.USAGE))
    assert main(["explain"]) == 2


def test_a_message_from_a_file_can_not_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _raising(monkeypatch, UserError("bad \x1b[2J name\nerror: forged \u202e"))
    main(["explain"])
    assert capsys.readouterr().err == "error: bad \\x1b[2J name\\nerror: forged \\u202e\n"


def test_an_unexpected_error_is_one_sentence_that_names_its_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: Path
) -> None:
    _raising(monkeypatch, ZeroDivisionError("hunter2"))
    assert main(["explain"]) == 3
    printed = capsys.readouterr().err
    (log,) = state.glob("crash-*.log")
    assert printed.startswith("error: Covey has a fault (ZeroDivisionError at ")
    assert str(log) in printed
    assert "Traceback" not in printed
    assert "hunter2" not in printed
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_old_logs_are_removed(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    state.mkdir()
    for number in range(KEPT + 5):
        (state / f"crash-20000101T0000{number:02}Z-1.log").touch()
    _raising(monkeypatch, ZeroDivisionError())
    main(["explain"])
    assert len(list(state.glob("crash-*.log"))) == KEPT


def test_a_log_that_can_not_be_written_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "covey").write_text("a file in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    _raising(monkeypatch, ZeroDivisionError())
    assert main(["explain"]) == 3
    assert "Its log could not be written" in capsys.readouterr().err


def test_a_relative_state_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".local/state/covey"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ada:hunter2@git.example/x.git", "https://***@git.example/x.git"),
        ("token: hunter2 rest", "token: *** rest"),
        ("'password': 'hunter2'", "'password': ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nrest", "***\nrest"),
        ("-----BEGIN PRIVATE KEY-----\nMII", "***"),
    ],
)
def test_secrets_do_not_get_into_the_log(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_what_the_system_refuses_is_an_expected_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _raising(monkeypatch, PermissionError(13, "Permission denied", "covey.yaml"))
    assert main(["explain"]) == 1
    assert capsys.readouterr().err == "error: Can't use 'covey.yaml': permission denied.\n"


def test_a_missing_file_that_nobody_named_is_a_fault(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    _raising(monkeypatch, FileNotFoundError(2, "No such file", "template"))
    assert main(["explain"]) == 3
    assert list(state.glob("crash-*.log"))


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _raising(monkeypatch, KeyboardInterrupt())
    assert main(["explain"]) == 130
    assert capsys.readouterr().err == "error: Interrupted.\n"


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    ended = covey("--help", cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, capture_output=False)
    os.close(theirs)
    assert ended.returncode == 141
    assert not ended.stderr


def test_a_failure_stays_a_failure_when_nobody_reads_the_output(tmp_path: Path) -> None:
    code = "import sys; from covey_cli import boundary; from covey_cli.errors import UserError\n"
    code += "def fail(*_):\n  sys.stdout.write('half'); raise UserError('No.')\n"
    code += "boundary.app.invoke = fail; sys.exit(boundary.run(['explain']))"
    ours, theirs = os.pipe()
    os.close(ours)
    line, env = [sys.executable, "-c", code], environment(tmp_path)
    ended = subprocess.run(line, cwd=tmp_path, env=env, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.close(theirs)
    assert ended.returncode == 1
    assert ended.stderr == "error: No.\n"


def test_a_full_disk_behind_stdout_is_an_error(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a path of ours
        ended = covey("--help", cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert ended.returncode == 1
    assert ended.stderr == "error: Can't use the output: no space left on device.\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closed: str, tmp_path: Path) -> None:
    line = f"{COVEY} explain job {closed}"
    ended = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr


def test_a_closed_stream_s_number_goes_to_no_file(tmp_path: Path) -> None:
    """Or what git prints would end up in whatever file was opened first."""
    line = f"{COVEY} init fleet >&-"
    subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment(tmp_path), check=True, capture_output=True)
    assert (tmp_path / "fleet/covey.yaml").read_text().startswith("# yaml-language-server")


def test_a_closed_stderr_does_not_hide_the_exit_code(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["sh", "-c", f"{COVEY} explain jbo 2>&-"], cwd=tmp_path, env=environment(tmp_path), check=False
    )
    assert ended.returncode == 1


def test_an_encoding_that_lacks_a_letter_is_no_error(tmp_path: Path) -> None:
    env = environment(tmp_path, PYTHONIOENCODING="latin-1")
    ended = covey("explain", "jŏb", cwd=tmp_path, env=env)
    assert ended.returncode == 1
    assert "There is no kind 'j\\u014fb'." in ended.stderr


def test_ctrl_c_in_the_real_program_is_quiet(tmp_path: Path) -> None:
    code = "import os, signal, sys; from covey_cli import boundary; from covey_cli.__main__ import main\n"
    code += f"boundary.app.invoke = lambda *_: os.kill(os.getpid(), {int(signal.SIGINT)}) or signal.pause()\n"
    code += "sys.exit(main(['explain']))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 130
    assert ended.stderr == "error: Interrupted.\n"


def test_every_exit_code_is_explained() -> None:
    assert set(MEANINGS) == set(Exit)


def test_a_suggestion_ignores_case() -> None:
    assert did_you_mean("federatedjop", ["FederatedJob", "Fleet"]) == " Did you mean 'FederatedJob'?"


def test_nothing_is_suggested_for_what_is_not_close() -> None:
    assert not did_you_mean("zebra", ["validate", "render"])
