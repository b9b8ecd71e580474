"""`covey run` from a spec to a model and a report, with the tiny runtime: every program is the real one."""

from __future__ import annotations

import json
import signal
import stat

import numpy as np
import pytest

from covey_cli.local_run import sandbox
from local_runs import SIDES, LocalRun, fleet_repo
from program import covey
from waiting import until


@pytest.fixture
def start(tmp_path):
    """Starts `covey run` in a fleet repo whose job has the given fields; leaves no process behind."""
    made = []

    def run(*arguments, **spec):
        at = spec.pop("at", tmp_path)
        if at == tmp_path and not (at / "covey.yaml").exists():
            fleet_repo(at, **spec)
        made.append(LocalRun(at, *(arguments or ["jobs/vision/digits/job.yaml"])))
        return made[-1]

    yield run
    for one in made:
        one.close()


def test_a_job_becomes_a_model_and_a_report(start, tmp_path):
    run = start()
    assert run.wait() == 0, run.out + run.err

    summary = json.loads((run.folder / "metrics_summary.json").read_text())
    assert summary["state"] == "Completed"
    assert summary["finishedRounds"] == 5
    assert summary["evaluation"]["accuracy"] > 0.9
    assert sum(map(sum, summary["evaluation"]["confusion"])) == summary["evaluation"]["samples"]
    assert [line["round"] for line in map(json.loads, _lines(run, "round_metrics.jsonl"))] == [1, 2, 3, 4, 5]
    with np.load(run.folder / "model/arrays.npz") as model:
        assert [model[name].shape for name in model.files] == [(64, 10), (10,)]
    assert "<html" in (run.folder / "report.html").read_text()
    assert run.lines()[-1]["type"] == "result"
    assert run.processes() == []
    listed = covey("runs", "--format", "json", cwd=tmp_path)
    assert [one["state"] for one in json.loads(listed.stdout)["runs"]] == ["Completed"]


def test_everybody_has_an_identity_of_its_own_and_keys_are_nobody_elses(start):
    run = start()
    assert run.wait() == 0, run.out + run.err

    keys = {side: (run.folder / side / "tls/tls.key") for side in SIDES}
    assert len({path.read_bytes() for path in keys.values()}) == len(SIDES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.values()} == {0o600}
    told = (run.folder / "aggregator/proxy.log").read_text()
    assert all(f"spiffe://fleet.acme.example/cluster/{side}" in told for side in SIDES[1:])
    secret = keys["aggregator"].read_text().splitlines()[1]
    others = [path for path in run.folder.rglob("*") if path.is_file() and "tls" not in path.parts]
    assert not [path for path in others if secret.encode() in path.read_bytes()]


def test_an_app_cannot_open_the_keys(start):
    if not sandbox.works():
        pytest.skip("this machine has no user namespaces for us")
    run = start(config={"fault": "peek"})

    assert run.wait() == 20, run.out + run.err
    assert "FileNotFoundError" in run.out
    assert (run.folder / "site-1/tls/tls.key").exists()


@pytest.mark.parametrize(("side", "program"), [(side, what) for side in SIDES[:2] for what in ("launcher", "proxy")])
def test_a_run_goes_on_after_any_of_its_programs_was_killed(start, side, program):
    run = start(rounds=25, config={"pause": 0.1})
    run.until_round(2)
    run.kill(side, program)
    run.until_round(6)
    run.kill(side, program)

    assert run.wait() == 0, run.out + run.err
    assert run.rounds() == list(range(1, 26))
    assert "was killed by signal 9. It is started again" in run.notices()
    assert run.processes() == []


def test_a_run_that_was_killed_whole_goes_on_with_resume(start):
    run = start(rounds=25, config={"pause": 0.1})
    run.until_round(3)
    run.kill_all()
    kept = run.rounds()

    again = start("--resume")
    assert again.wait() == 0, again.out + again.err
    assert again.folder == run.folder
    assert again.rounds() == list(range(1, 26))
    assert again.events("session")[-1].fields["after"] == kept[-1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_nothing_behind_and_can_go_on(start, number, code):
    run = start(rounds=25, config={"pause": 0.1})
    run.until_round(2)
    run.process.send_signal(number)

    assert run.wait(30) == code, run.out + run.err
    assert run.processes() == []
    assert json.loads((run.folder / "metrics_summary.json").read_text())["state"] == "Interrupted"
    assert "covey run --resume" in run.out + run.err
    again = start("--resume")
    assert again.wait() == 0, again.out + again.err
    assert again.rounds() == list(range(1, 26))


def test_a_killed_covey_run_takes_its_programs_along(start):
    run = start(rounds=200, config={"pause": 0.1})
    run.until_round(1)
    run.process.kill()
    run.process.wait(10)
    until(lambda: not run.processes(), "the end of all processes", seconds=20)


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [("train", 20, "the labels are odd"), ("nan", 20, "holds NaN or infinity"), ("initial", 20, "there is no model")],
)
def test_an_app_that_fails_ends_the_run_with_one_sentence_and_the_logs_place(start, fault, code, said):
    run = start(config={"fault": fault})

    assert run.wait() == code, run.out + run.err
    shown = run.lines()[-1]
    assert said in json.dumps(shown)
    assert "launcher.log" in json.dumps(shown)
    assert run.processes() == []


def test_a_collaborator_whose_data_goes_away_ends_the_run_when_it_is_needed(start):
    run = start(rounds=200, config={"pause": 0.1})
    run.until_round(1)
    (run.folder / "site-1/data").rename(run.folder / "site-1/moved")
    (run.folder / "site-1/data").mkdir()

    assert run.wait() == 40, run.out + run.err
    assert "There is no data in" in json.dumps(run.lines()[-1])


def test_a_run_goes_on_without_a_collaborator_that_is_not_needed(start):
    run = start("jobs/vision/digits", "-n", "3", rounds=30, config={"pause": 0.1})
    run.until_round(1)
    (run.folder / "site-3/data").rename(run.folder / "site-3/moved")
    (run.folder / "site-3/data").mkdir()

    assert run.wait() == 0, run.out + run.err
    assert "The run goes on without site-3" in run.notices()


def test_a_job_that_stands_alone_runs_without_a_fleet(start, tmp_path):
    fleet_repo(tmp_path / "fleet")
    alone = tmp_path / "alone"
    (tmp_path / "fleet/jobs/vision/digits").rename(alone)
    run = start("job.yaml", at=alone)
    assert run.wait() == 0, run.out + run.err
    assert (alone / ".covey/.gitignore").read_text() == "*\n"


def test_data_of_ones_own_is_linked_and_says_who_takes_part(start, tmp_path):
    rng = np.random.default_rng(1)
    for name in ("north", "south", "west"):
        (tmp_path / "parts" / name).mkdir(parents=True)
        np.savez(tmp_path / "parts" / name / "train.npz", x=rng.random((30, 64)), y=rng.integers(0, 10, 30))
    run = start("jobs/vision/digits", "--data", "parts", rounds=2)

    assert run.wait() == 0, run.out + run.err
    assert {event.fields["collaborator"] for event in run.events("connected")} == {"north", "south", "west"}
    assert json.loads((run.folder / "metrics_summary.json").read_text())["evaluation"] is None


def _lines(run, name):
    return (run.folder / name).read_text().splitlines()


def test_a_refused_collaborator_is_named_waits_and_joins_when_it_is_added(start):
    run = start(rounds=3)
    roster = until_exists(lambda: run.folder / "aggregator/roster.json")
    whole = roster.read_text()
    few = json.loads(whole)
    del few["members"]["site-2"]
    _replace(roster, json.dumps(few))
    until(lambda: "cluster/site-2 (not-on-roster)" in run.notices(), "the refusal")
    assert run.events("round") == []
    _replace(roster, whole)

    assert run.wait() == 0, run.out + run.err
    assert run.rounds() == [1, 2, 3]


def test_collaborators_that_never_come_end_the_run_with_a_sentence(start):
    run = start("jobs/vision/digits", "--waiting", "2")
    roster = until_exists(lambda: run.folder / "aggregator/roster.json")
    _replace(roster, json.dumps({**json.loads(roster.read_text()), "members": {}}))

    assert run.wait() == 10, run.out + run.err
    assert "of the 2 collaborators needed are connected after 2 s" in json.dumps(run.lines()[-1])


def until_exists(find):
    def there():
        try:
            return find().exists()
        except (FileNotFoundError, ValueError):
            return False

    until(there, "the file")
    return find()


def _replace(path, text):
    new = path.with_name("new.json")
    new.write_text(text)
    new.replace(path)
