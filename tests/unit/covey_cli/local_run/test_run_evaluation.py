from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from covey_cli.errors import UserError
from covey_cli.local_run import sandbox
from covey_cli.local_run.evaluation import LOG, PROGRAM, evaluate

SAVED = "import numpy as np; np.savez(os.environ['COVEY_PREDICTIONS'], {})"


def _evaluate(tmp_path: Path, *lines: str, **more):
    app, data, model = (tmp_path / name for name in ("app", "data", "model"))
    for folder in (app, data, model):
        folder.mkdir(exist_ok=True)
    (app / PROGRAM).write_text("\n".join(("import os, sys, time", *lines)))
    options = {"classes": ("cat", "dog"), **more}
    return evaluate(Path(sys.executable), app, model=model, data=data, scratch=tmp_path / "scratch", **options)


def _refusal(tmp_path: Path, *lines: str, **more) -> str:
    with pytest.raises(UserError) as refused:
        _evaluate(tmp_path, *lines, **more)
    log = tmp_path / "scratch" / LOG
    assert log.is_file()
    message = refused.value.message
    assert message.endswith(f"; its output is in {log}.")
    return message.removesuffix(f"; its output is in {log}.")


def test_an_app_without_predictions_is_not_evaluated(tmp_path: Path) -> None:
    found = evaluate(
        Path("/nothing"), tmp_path, model=tmp_path, data=tmp_path, scratch=tmp_path / "scratch", classes=()
    )
    assert found is None
    assert not (tmp_path / "scratch").exists()


def test_predictions_become_results_by_class(tmp_path: Path) -> None:
    found = _evaluate(tmp_path, SAVED.format("truth=np.array([0, 0, 1, 1]), predicted=np.array([0, 1, 1, 1])"))
    assert (found.samples, found.correct, found.accuracy) == (4, 3, 0.75)
    assert found.confusion == ((1, 1), (0, 2))
    assert [(one.name, one.recall) for one in found.classes] == [("cat", 0.5), ("dog", 1.0)]


def test_the_program_finds_everything_and_writes_only_where_it_may(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/task.py").write_text("answer = 1")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/arrays.npz").write_text("")
    _evaluate(
        tmp_path,
        "from task import answer",
        "assert os.listdir(os.environ['COVEY_MODEL']) == ['arrays.npz']",
        "assert sorted(os.listdir(os.environ['COVEY_APP'])) == ['predict.py', 'task.py']",
        "assert os.path.isdir(os.environ['COVEY_DATA'])",
        f"assert os.getcwd() == os.environ['TMPDIR'] == {str(tmp_path / 'scratch')!r}",
        SAVED.format("truth=[answer], predicted=[answer]"),
    )
    assert sorted(path.name for path in (tmp_path / "app").iterdir()) == ["predict.py", "task.py"]


@pytest.mark.skipif(not sandbox.works(), reason="this machine has no user namespaces for us")
def test_the_program_finds_no_key(tmp_path: Path) -> None:
    keys = tmp_path / "tls"
    keys.mkdir()
    (keys / "tls.key").touch()
    said = _refusal(tmp_path, f"sys.exit(str(os.listdir({str(keys)!r})))", hidden=(keys,))
    assert said == "predict.py ended with exit code 1 ([])"


def test_labels_name_the_classes_where_nobody_did(tmp_path: Path) -> None:
    found = _evaluate(tmp_path, SAVED.format("truth=[0, 2], predicted=[2, 2]"), classes=())
    assert [one.name for one in found.classes] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("raise ValueError('bad\\x1b[2J')", "predict.py ended with exit code 1 (ValueError: bad\\x1b[2J)"),
        ("sys.exit(3)", "predict.py ended with exit code 3"),
        ("os.kill(os.getpid(), 9)", "predict.py was killed by signal 9"),
        ("pass", "predict.py wrote no file COVEY_PREDICTIONS"),
        ("os.mkfifo(os.environ['COVEY_PREDICTIONS'])", "predict.py wrote no file COVEY_PREDICTIONS"),
        ("os.symlink('/etc/hostname', os.environ['COVEY_PREDICTIONS'])", "predict.py wrote no file COVEY_PREDICTIONS"),
        (SAVED.format("truth=[0]"), "predict.py wrote no array 'predicted'"),
        (
            SAVED.format("truth=[0, 1], predicted=[0]"),
            "predict.py wrote predictions that do not fit: There are 2 samples, but 1 predictions",
        ),
        (
            SAVED.format("truth=[0], predicted=[2]"),
            "predict.py wrote predictions that do not fit: Class 0 taken for 2: there are 2 classes, from 0",
        ),
        (
            SAVED.format("truth=[-1], predicted=[0]"),
            "predict.py wrote predictions that do not fit: Class -1 taken for 0: there are 2 classes, from 0",
        ),
        (
            SAVED.format("truth=np.array([], int), predicted=np.array([], int)"),
            "predict.py wrote predictions that do not fit: There is no sample to evaluate the model on",
        ),
        (
            SAVED.format("truth=[0.5], predicted=[0]"),
            "predict.py wrote 'truth' as float64 (1); it must be a list of whole numbers",
        ),
        (
            SAVED.format("truth=[[0, 1]], predicted=[0]"),
            "predict.py wrote 'truth' as int64 (1x2); it must be a list of whole numbers",
        ),
        (
            SAVED.format("truth=np.array([{}], dtype=object), predicted=[0]"),
            "predict.py wrote predictions that are no npz file with a plain array 'truth' (pickles are not read)",
        ),
        (
            "open(os.environ['COVEY_PREDICTIONS'], 'wb').write(b'PK')",
            "predict.py wrote predictions that are no npz file with a plain array 'truth' (pickles are not read)",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(line: str, sentence: str, tmp_path: Path) -> None:
    assert _refusal(tmp_path, line) == sentence


def test_a_label_can_not_fill_the_memory(tmp_path: Path) -> None:
    said = _refusal(tmp_path, SAVED.format("truth=[10**15], predicted=[0]"), classes=())
    assert said.startswith("predict.py wrote the label 1000000000000000; without names of classes there can be 1,000")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    line = (
        "import zipfile; file = zipfile.ZipFile(os.environ['COVEY_PREDICTIONS'], 'w', zipfile.ZIP_DEFLATED)\n"
        "with file.open('truth.npy', 'w', force_zip64=True) as part:\n"
        "    for _ in range(257): part.write(bytes(1 << 20))\n"
        "file.close()"
    )
    assert _refusal(tmp_path, line) == "predict.py wrote more than 268,435,456 bytes of predictions"


def test_predictions_of_an_earlier_try_do_not_count(tmp_path: Path) -> None:
    _evaluate(tmp_path, SAVED.format("truth=[0], predicted=[0]"))
    assert _refusal(tmp_path, "pass") == "predict.py wrote no file COVEY_PREDICTIONS"


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    forked = f"child = os.fork()\nif child: open({str(pid)!r}, 'w').write(str(child))\ntime.sleep(100)"
    said = _refusal(tmp_path, forked, seconds=3)
    assert said == "predict.py took too long and was stopped"
    _gone(int(pid.read_text()))


def test_a_child_that_was_left_behind_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    forked = f"child = os.fork()\nif not child: time.sleep(100)\nopen({str(pid)!r}, 'w').write(str(child))"
    _evaluate(tmp_path, forked, SAVED.format("truth=[0], predicted=[0]"))
    _gone(int(pid.read_text()))


def test_whoever_waits_can_end_it(tmp_path: Path) -> None:
    called = []

    def meanwhile() -> None:
        called.append(time.monotonic())
        if len(called) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _evaluate(tmp_path, "time.sleep(100)", meanwhile=meanwhile)
    assert len(called) == 3


def test_an_interpreter_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / PROGRAM).write_text("")
    with pytest.raises(UserError, match=r"^predict.py can't be started: no such file or directory.$"):
        evaluate(tmp_path / "python", tmp_path, model=tmp_path, data=tmp_path, scratch=tmp_path / "scratch", classes=())


def _gone(pid: int) -> None:
    """Nobody but the system's first process waits for an orphan, so it may be a zombie for a while."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z"):
                return
        except (ProcessLookupError, FileNotFoundError):
            return
        time.sleep(0.05)
    raise AssertionError(pid)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("data[6] |= 1; data[data.index(b'PK\\1\\2') + 8] |= 1", id="encrypted"),
        pytest.param("data[8] = data[data.index(b'PK\\1\\2') + 10] = 99", id="packed by an unknown method"),
    ],
)
def test_a_file_that_was_tampered_with_is_no_fault_of_coveys(damage: str, tmp_path: Path) -> None:
    lines = (
        SAVED.format("truth=[0], predicted=[0]"),
        "path = os.environ['COVEY_PREDICTIONS']; data = bytearray(open(path, 'rb').read())",
        f"{damage}; open(path, 'wb').write(data)",
    )
    assert _refusal(tmp_path, *lines).startswith("predict.py wrote predictions that are no npz file")
