from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from covey_cli.local_run.display import Display
from covey_cli.local_run.files import Results
from covey_core.launch.events import Event
from covey_core.results.evaluation import evaluate
from covey_core.results.series import rounds
from covey_core.results.summary import Member, Outcome, State, summarize
from program import environment
from result_runs import START, a_run, events, facts
from run_cases import finished
from screens import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RUN = """
from result_runs import a_run, facts
from covey_cli.local_run.display import Display
display = Display(facts(), format={format!r})
for event in a_run():
    display.say("Something happens.")
    display.event(event)
    display.tick()
display.failed("It ended.")
"""


@pytest.fixture(autouse=True)
def a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the one is like in which the tests run."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def _display(stream: io.StringIO, clock: Clock | None = None, **more: Any) -> Display:
    shape = {"format": "text", **more}
    return Display(facts(), stream=stream, clock=clock or Clock(), **shape)


def _lived(stream: io.StringIO, told: Iterable[Event], **more: Any) -> Display:
    """A display that has seen these events, in their time, and then a tick."""
    clock = Clock()
    display = _display(stream, clock, **more)
    for event in told:
        clock.now = event.time
        display.tick()
        display.event(event)
    display.tick()
    return display


def _named(told: Iterable[str]) -> dict[str, str]:
    """The two columns of the last words."""
    return {line[2:10].strip(): line[12:] for line in told if line}


def test_a_log_gets_one_line_for_each_happening() -> None:
    log = io.StringIO()
    _lived(log, a_run())
    assert log.getvalue().splitlines() == [
        "site-1 connected.",
        "site-2 connected.",
        "Round 1/3: accuracy 50%, loss 1.5, 1 collaborator, 4.0 s",
        "site-2 was lost: the connection broke",
        "The aggregator was started again.",
        "Round 2/3: accuracy 90%, 2 collaborators, 1.8 s",
        "Round 3/3: accuracy 85%, 2.0 s",
    ]


def test_metrics_that_came_before_the_aggregator_was_killed_count_for_their_round() -> None:
    log = io.StringIO()
    told = events(
        (0, "session", {"epoch": "e1"}),
        (2, "round", {"round": 1}),
        (3, "session", {"epoch": "e2"}),
        (4, "metric", {"name": "accuracy", "value": 0.75}),
        (5, "round", {"round": 2}),
    )
    _lived(log, told)
    assert log.getvalue().splitlines()[-1] == "Round 2/3: accuracy 75%, 2.0 s"


def test_a_quiet_log_gets_signs_of_life_ever_more_rarely() -> None:
    log, clock = io.StringIO(), Clock()
    display = _display(log, clock)
    told = []
    for second in range(201):
        clock.now = START + second
        display.tick()
        told += [second] * (len(log.getvalue().splitlines()) - len(told))
    assert told == [10, 30, 70, 130, 190]
    display.say("Something happened.")
    clock.now += 10
    display.tick()
    assert log.getvalue().splitlines()[-2:] == ["Something happened.", "Starting, 3 min 30 s so far"]


def test_a_sign_of_life_says_what_is_awaited_and_how_long_it_takes() -> None:
    log, clock = io.StringIO(), Clock()
    display = _display(log, clock)
    for event in a_run()[:7]:
        display.event(event)
    clock.now = START + 14
    display.tick()
    assert log.getvalue().splitlines()[-1] == "Round 2/3, 2/2 collaborators here, 14 s so far, about 4.0 s left"
    display.event(a_run()[7])
    clock.now = START + 24
    display.tick()
    assert "Round 2/3, 1/2 collaborators here, waiting for site-2, 24 s" in log.getvalue().splitlines()[-1]


def test_a_terminal_has_one_live_line_below_the_finished_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    screen = Screen(120)
    display = _lived(screen, a_run()[:14])
    assert screen.lines == [
        "site-1 connected.",
        "site-2 connected.",
        "Round 1/3: accuracy 50%, loss 1.5, 1 collaborator, 4.0 s",
        "site-2 was lost: the connection broke",
        "The aggregator was started again.",
        "Round 2/3: accuracy 90%, 2 collaborators, 1.8 s",
        "Round 3/3  0/2 collaborators  waiting for site-1, site-2  accuracy 90%  0:10  about 0:03 left",
    ]
    display.close()
    display.close()
    assert screen.lines[-1] == ""
    display.tick()
    assert screen.lines[-1] == ""


def test_collaborators_are_named_when_they_are_few() -> None:
    screen = Screen(120)
    _lived(screen, a_run()[:3])
    assert screen.lines[-1] == "Round 1/3  2/2 collaborators  (site-1, site-2)  0:02"


@pytest.mark.parametrize("width", [1, 2, 12, 30, 44, 60, 80])
def test_a_narrow_terminal_keeps_what_matters_on_one_row(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = Screen(width)
    _lived(screen, a_run()[:8])
    assert len(screen.lines[-1]) < width
    if width > 60:
        assert screen.lines[-1].startswith("Round 2/3")
        assert "accuracy 50%" in screen.lines[-1]


def test_a_terminal_that_became_narrower_keeps_no_piece_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    screen = Screen(120)
    display = _lived(screen, a_run()[:8])
    long = len(screen.lines[-1])
    screen.width = 20
    monkeypatch.setenv("COLUMNS", "20")
    display.tick()
    assert long > 60
    assert len(screen.lines[-1]) < 20
    display.close()
    assert [line for line in screen.lines if "Round 2/3" in line] == []


@pytest.mark.parametrize(("width", "named"), [(49, True), (48, False)])
def test_wide_letters_are_counted_as_the_terminal_counts_them(
    width: int, *, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = Screen(width)
    display = Display(facts(job="x", members=(), rounds=1, minimum=1), format="text", stream=screen, clock=Clock())
    for event in events((0, "session", {}), (1, "connected", {"collaborator": "東京東京東"})):
        display.event(event)
    display.tick()
    shown = "  (東京東京東)" if named else ""
    assert screen.lines[-1] == f"Round 1/1  1/1 collaborators{shown}  0:00"


@pytest.mark.parametrize("width", [12, 30, 60])
def test_a_terminal_that_knows_only_ascii_has_one_row_as_well(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(Screen, "encoding", "ascii")
    screen = Screen(width)
    _lived(screen, events((0, "session", {}), (1, "connected", {"collaborator": "münchen"})))
    assert screen.lines[-1].isascii()
    assert 0 < len(screen.lines[-1]) < width


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_nothing_but_the_chosen_colours_is_written(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen(120)
    _lived(screen, a_run())
    assert "\x1b[3" not in screen.written
    assert ("\x1b" in screen.written) == (term == "xterm")


def test_what_went_wrong_is_coloured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen(120)
    _lived(screen, events((0, "session", {}), (1, "error", {"message": "no", "code": 20})))
    display = _display(screen)
    display.event(events((2, "connected", {"collaborator": "site-1"}))[0])
    assert "\x1b[31mAn error: no\x1b[0m\n" in screen.written
    assert screen.written.endswith("site-1 connected.\n")


@pytest.mark.parametrize("shape", ["text", "json"])
@pytest.mark.parametrize("name", ["\x1b[2J\n", "x" * 5000, "\u202e\x9b", "\ud800"])
def test_what_strangers_say_is_made_harmless(name: str, shape: str) -> None:
    log = io.StringIO()
    told = events(
        (0, "session", {}),
        (1, "connected", {"collaborator": name}),
        (2, "lost", {"collaborator": name, "reason": name}),
        (3, "error", {"message": name, "code": 10}),
        (4, "round", {"round": 1, "metrics": {name: 1, "loss": name}, "collaborators": {name: {"loss": name}}}),
    )
    display = _lived(log, told, format=shape)
    display.say(name)
    display.failed(name)
    assert all(line.isprintable() for line in log.getvalue().splitlines())
    if shape == "text":
        assert max(map(len, log.getvalue().splitlines())) <= 2000


@pytest.mark.parametrize("number", [0, -1, 10**30, True, "1", None])
def test_a_round_that_is_no_number_is_no_round(number: Any) -> None:
    log = io.StringIO()
    _lived(log, events((0, "session", {}), (1, "round", {"round": number, "metrics": [1], "collaborators": 3})))
    assert log.getvalue() == ""


def test_many_collaborators_are_told_only_where_they_come_late() -> None:
    log = io.StringIO()
    many = replace(facts(), members=tuple(Member(f"site-{at}") for at in range(30)))
    display = Display(many, format="text", stream=log, clock=Clock())
    for event in events(
        (0, "session", {}),
        *((1, "connected", {"collaborator": f"site-{at}"}) for at in range(29)),
        (2, "round", {"round": 1}),
        (3, "connected", {"collaborator": "site-29"}),
    ):
        display.event(event)
    assert log.getvalue().splitlines() == ["Round 1/3: 2.0 s", "site-29 connected."]


def test_what_was_before_a_resume_is_known_but_not_told_again() -> None:
    log, clock = io.StringIO(), Clock()
    clock.now += 1000
    display = _display(log, clock)
    for event in a_run()[:7]:
        display.event(event, replay=True)
    assert log.getvalue() == ""
    display.event(Event(8, clock.now, "session", {}))
    display.event(Event(9, clock.now + 3, "round", {"round": 2}))
    assert log.getvalue().splitlines() == [
        "The aggregator was started again.",
        "Round 2/3: accuracy 50%, loss 1.5 (after round 1), 3.0 s",
    ]


def test_programs_get_the_events_as_they_are_and_a_result() -> None:
    log = io.StringIO()
    display = _lived(log, a_run(), format="json")
    display.say("A notice.")
    display.failed("It failed.")
    display.failed("It failed twice.")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert lines[0] == {"sequence": 1, "time": START, "type": "session", "epoch": "e1"}
    assert [line["sequence"] for line in lines[:-2]] == [event.sequence for event in a_run()]
    assert lines[-2] == {"type": "notice", "text": "A notice.", "time": START + 13}
    assert lines[-1] == {
        "type": "result",
        "state": "Failed",
        "message": "It failed.",
        "id": "digits-1-0001",
        "seconds": 13.0,
        "rounds": 3,
        "finishedRounds": None,
        "accuracy": None,
        "models": [],
        "folder": ".covey/runs/digits-1-0001",
        "report": None,
    }


def test_a_number_that_json_does_not_know_is_null() -> None:
    log = io.StringIO()
    _lived(log, events((0, "metric", {"name": "loss", "value": float("nan")})), format="json")
    assert json.loads(log.getvalue())["value"] is None


def test_the_result_says_how_good_the_model_is_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, results = finished("completed", tmp_path)
    log = io.StringIO()
    _display(log, format="json", folder=folder).finished(results)
    result = json.loads(log.getvalue())
    assert result["state"] == "Completed"
    assert result["accuracy"] == results.summary.evaluation.accuracy
    assert [model["digest"] for model in result["models"]] == [one.digest for one in results.summary.models]
    assert result["report"] == str(folder / "report.html")
    assert result["seconds"] == results.summary.seconds


def test_a_person_is_told_how_it_went_and_what_to_do_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, results = finished("completed", tmp_path)
    screen = Screen(100)
    display = _lived(screen, (), folder=folder)
    display.finished(results)
    verdict, *told = screen.lines
    assert verdict == "Completed: digits-1-a1b2c3, 8 of 8 rounds in 25 s"
    named = _named(told)
    assert named["accuracy"] == "93.9% on held-out data: 337 of 359 samples right"
    assert named["worst"].startswith("class ")
    assert named["worst"].count("found") == 3
    assert named["report"] == ".covey/runs/digits-1-a1b2c3/report.html"
    assert named["next"] == "covey report digits-1-a1b2c3 --open"
    assert "model" in named
    assert named["logs"] == ".covey/runs/digits-1-a1b2c3/*/*.log"
    assert named[""].endswith("/logs")


def test_the_next_command_names_the_repo_where_it_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, results = finished("completed", tmp_path / "a fleet")
    monkeypatch.chdir(tmp_path)
    log = io.StringIO()
    _display(log, folder=folder).finished(results)
    assert log.getvalue().endswith("  covey report digits-1-a1b2c3 --root 'a fleet' --open\n")


def test_classes_are_told_only_where_one_could_do_better() -> None:
    perfect = evaluate([0, 1, 1], [0, 1, 1], classes=("cat", "dog", "cow"))
    outcome = Outcome(State.COMPLETED, evaluation=perfect)
    results = Results(summarize(facts(), a_run(), rounds=(), outcome=outcome), ())
    log = io.StringIO()
    _display(log).finished(results)
    assert "accuracy  100% on held-out data: 3 of 3 samples right" in log.getvalue()
    assert "worst" not in log.getvalue()


@pytest.mark.parametrize(("state", "color"), [(State.INTERRUPTED, "33"), (State.FAILED, "31")])
def test_a_run_that_did_not_complete_says_how_far_it_came(
    state: State, color: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "covey.yaml").touch()
    results = Results(summarize(facts(), a_run(), rounds=rounds(a_run()), outcome=Outcome(state)), ())
    log, screen = io.StringIO(), Screen(120)
    _display(log, format="json").failed("It stopped.", results=results)
    _display(screen).failed("It stopped.", results=results)
    result = json.loads(log.getvalue())
    assert (result["state"], result["finishedRounds"], result["message"]) == (state.value, 3, "It stopped.")
    assert f"\x1b[{color}m\x1b[1mIt stopped.\x1b[0m\n" in screen.written
    assert screen.lines[-2].split(maxsplit=1) == ["next", "covey report digits-1-0001 --open"]


def test_a_run_without_a_test_says_so(tmp_path: Path) -> None:
    folder, results = finished("completed", tmp_path)
    log = io.StringIO()
    untested = replace(results, summary=replace(results.summary, evaluation=None))
    _display(log, folder=folder).finished(untested)
    assert "in training; there was no test on held-out data" in log.getvalue()


@pytest.mark.parametrize("shape", ["text", "json"])
def test_a_reader_that_went_away_does_not_end_the_run(shape: str, tmp_path: Path) -> None:
    """As in `covey run … | head -1`."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN.format(format=shape)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path, PYTHONPATH=":".join(sys.path)),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert said == b""
    assert process.returncode == 0
