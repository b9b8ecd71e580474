from __future__ import annotations

import json

import pytest

from covey_core.results.codec import BadShapeError, decode, encode
from covey_core.results.evaluation import evaluate
from covey_core.results.series import Round, rounds
from covey_core.results.summary import ModelFile, Outcome, RunFacts, State, Summary, summarize
from covey_core.results.timeline import Attempts, timeline
from result_runs import START, a_run, events, facts

COMPLETED = Outcome(
    State.COMPLETED,
    evaluation=evaluate([0, 0, 1, 1], [0, 0, 1, 0], classes=("cat", "dog")),
    models=(ModelFile("model/model.npz", "npz", "sha256:" + "0" * 64, 1234),),
)


def _summary(outcome: Outcome = COMPLETED) -> Summary:
    return summarize(facts(), a_run(), rounds=rounds(a_run()), outcome=outcome)


def test_a_summary_says_how_it_went() -> None:
    summary = _summary()
    assert (summary.finished_rounds, summary.seconds, summary.ended) == (3, 13, START + 13)
    assert (summary.last.round, summary.last.accuracy) == (3, 0.85)
    assert (summary.best.round, summary.best.accuracy) == (2, 0.9)
    assert summary.attempts == Attempts(starts=2, restarts=1, lost=1, errors=0)
    assert summary.accuracy == 0.75  # on the held-out samples, which beats what the runtime said


def test_each_collaborator_is_summed_up() -> None:
    one, two = _summary().collaborators
    assert (one.name, one.samples, one.rounds, one.accuracy) == ("site-1", 100, 2, 0.8)
    assert (two.name, two.samples, two.rounds, two.accuracy) == ("site-2", 50, 1, 0.7)


def test_without_accuracy_the_best_round_is_that_of_the_lowest_loss() -> None:
    told = [Round(1, 1, 1, loss=0.5), Round(2, 2, 1, loss=0.2), Round(3, 3, 1, loss=0.2), Round(4, 4, 1)]
    summary = summarize(facts(), (), rounds=told, outcome=Outcome(State.COMPLETED))
    assert summary.best.round == 2
    assert summary.accuracy is None


def test_a_run_that_has_not_begun_has_a_summary() -> None:
    summary = summarize(facts(), (), rounds=(), outcome=Outcome(State.RUNNING))
    assert (summary.finished_rounds, summary.last, summary.best, summary.ended) == (0, None, None, None)
    assert [one.rounds for one in summary.collaborators] == [0, 0]


def test_what_is_written_is_read_again() -> None:
    text = json.dumps(encode(_summary()), allow_nan=False)
    assert decode(Summary, json.loads(text)) == _summary()
    for one in rounds(a_run()):
        assert decode(Round, encode(one)) == one
    assert "finishedRounds" in text


def test_a_newer_covey_s_field_is_skipped() -> None:
    assert decode(RunFacts, {**encode(facts()), "favouriteColour": "blue"}) == facts()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"number": "1"}, "number must be a whole number"),
        ({"number": True}, "number must be a whole number"),
        ({"rounds": 2**60}, "rounds must be a whole number"),
        ({"started": "now"}, "started must be a number"),
        ({"members": {}}, "members must be a list"),
        ({"members": [{"name": "a", "counts": {"cat": "many"}}]}, "members[0].counts.cat must be a whole number"),
        ({"data": {"name": 4}}, "data.name must be a text"),
        ({"data": []}, "data must be a mapping"),
    ],
)
def test_a_field_that_does_not_fit_is_named(change, sentence) -> None:
    with pytest.raises(BadShapeError) as refused:
        decode(RunFacts, {**encode(facts()), **change})
    assert str(refused.value) == sentence


def test_a_missing_field_and_an_unknown_state_are_named() -> None:
    with pytest.raises(BadShapeError, match=r"^the field job is missing$"):
        decode(RunFacts, {key: value for key, value in encode(facts()).items() if key != "job"})
    with pytest.raises(BadShapeError, match=r"^state must be one of Running, Completed, Failed, Interrupted$"):
        decode(Summary, {**encode(_summary()), "state": "Fine"})
    with pytest.raises(BadShapeError, match=r"^the whole must be a mapping$"):
        decode(Summary, [])


def test_the_timeline_tells_restarts_and_losses_in_order() -> None:
    told = [(moment.at, moment.kind, moment.who) for moment in timeline(a_run(), start=START)]
    assert told == [
        (0, "started", ""),
        (1, "connected", "site-1"),
        (1.5, "connected", "site-2"),
        (5, "lost", "site-2"),
        (8, "restarted", ""),
        (13, "end", ""),
    ]
    assert timeline(a_run(), start=START)[3].text == "the connection broke"


@pytest.mark.parametrize(
    ("code", "text"), [(0, ""), (143, "stopped after its last checkpoint"), (20, "exit code 20"), ("x", "")]
)
def test_the_end_says_how_it_ended(code, text) -> None:
    assert timeline(events((0, "end", {"code": code})), start=START)[0].text == text


def test_a_timeline_without_end_is_cut_in_the_middle() -> None:
    told = timeline(events(*((at, "lost", {"collaborator": "site-1"}) for at in range(1000))), start=START)
    assert len(told) == 201
    assert (told[99].at, told[100].text, told[101].at) == (99, "800 more events are not shown", 900)


def test_all_times_count_from_the_run_s_start_and_not_from_the_first_event() -> None:
    known = facts(started=START - 60)
    summary = summarize(known, a_run(), rounds=rounds(a_run(), start=known.started), outcome=Outcome(State.COMPLETED))
    assert (summary.timeline[0].at, summary.timeline[-1].at, summary.seconds) == (60, 73, 73)
    assert [one.ended for one in rounds(a_run(), start=known.started)] == [64, 70, 72]
    assert rounds(a_run(), start=known.started)[0].seconds == 4
