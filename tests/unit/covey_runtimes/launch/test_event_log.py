from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys

from covey_core.launch.events import Type
from covey_runtimes.launch.event_log import EventLog, Lines, read


def test_a_new_writer_goes_on_with_the_sequence(tmp_path):
    path = tmp_path / "events.jsonl"
    for number in (1, 2):
        with EventLog(path) as log:
            log.write(Type.ROUND, round=number)

    assert [(event.sequence, event.fields) for event in read(path)] == [(1, {"round": 1}), (2, {"round": 2})]
    with EventLog(path) as log:
        assert log.last_round == 2


def test_a_line_that_a_crash_tore_is_cut_off(tmp_path):
    path = tmp_path / "events.jsonl"
    with EventLog(path) as log:
        log.write(Type.METRIC, name="a", value=1)
    with path.open("ab") as file:
        file.write(b'{"sequence":2,"ti')

    with EventLog(path) as log:
        log.write(Type.METRIC, name="b", value=2)

    assert [json.loads(line)["sequence"] for line in path.read_text().splitlines()] == [1, 2]


def test_a_reader_sees_each_event_once_and_only_when_it_is_complete(tmp_path):
    path = tmp_path / "events.jsonl"
    lines = Lines(path)
    assert list(lines) == []
    path.write_bytes(b"one\ntw")
    assert list(lines) == [b"one\n"]
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    assert list(lines) == [b"two\n", b"three\n"]
    assert list(lines) == []


def test_a_full_disk_never_leaves_half_a_line(tmp_path):
    """The limit on a file's size stands for the disk's end: what fits is written, and then nothing is."""
    program = (
        "import sys; from pathlib import Path; from covey_runtimes.launch.event_log import EventLog\n"
        "log = EventLog(Path(sys.argv[1]))\n"
        "try:\n    for n in range(100): log.write('metric', name='x' * 20, value=n)\n"
        "except OSError as error: print(error.errno)\n"
    )

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    path = tmp_path / "events.jsonl"
    line = [sys.executable, "-B", "-c", program, str(path)]
    ended = subprocess.run(line, preexec_fn=small_disk, capture_output=True, text=True, check=True)

    assert ended.stdout.strip() in {"27", "28"}
    data = path.read_bytes()
    assert data.endswith(b"\n")
    assert [event.sequence for event in read(path)] == list(range(1, data.count(b"\n") + 1))
