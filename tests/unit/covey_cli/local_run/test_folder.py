from __future__ import annotations

import json
from dataclasses import replace

import pytest

from covey_cli.errors import UserError
from covey_cli.local_run.choice import choose
from covey_cli.local_run.data import own_collaborators
from covey_cli.local_run.files import finish
from covey_cli.local_run.folder import PLAN, Wishes, make, reopen, with_rounds
from covey_cli.local_run.partitions import Split
from covey_cli.local_run.plan import HUB
from covey_core.launch import start
from covey_core.results.summary import Outcome, State
from local_runs import fleet_repo

WISHES = Wishes(("site-1", "site-2", "site-3"), Split.parse("iid"), 1, 60)


@pytest.fixture
def chosen(tmp_path):
    return choose(fleet_repo(tmp_path, runtime="flower"))


def _starts(plan):
    return {name: start.parse((plan.root(name) / "start.json").read_bytes()) for name in plan.sides}


def test_every_side_gets_start_data_that_its_launcher_takes(chosen):
    plan, facts = make(chosen, chosen.job, WISHES)
    starts = _starts(plan)
    assert {one.inputs_digest for one in starts.values()} == {facts.inputs_digest}
    assert {one.minimum for one in starts.values()} == {3}
    assert starts[HUB].timeouts.waiting == 60
    assert len({port for one in plan.ports.values() for port in (one.proxy, one.runtime, one.session)}) == 12


def test_a_partition_is_told_to_each_collaborator_and_to_nobody_else(chosen):
    plan, facts = make(chosen, chosen.job, WISHES)
    told = {name: json.loads((plan.root(name) / "data/data.json").read_text()) for name in plan.sides}
    assert [told[name]["partition"] for name in plan.collaborators] == [{"id": n, "of": 3} for n in range(3)]
    assert "partition" not in told[HUB]
    assert [member.samples for member in facts.members] == [told[name]["samples"] for name in plan.collaborators]


def test_without_data_there_is_a_number_still(chosen):
    plan, facts = make(chosen, chosen.job, replace(WISHES, bare=True))
    assert json.loads((plan.root("site-2") / "data/data.json").read_text())["partition"] == {"id": 1, "of": 3}
    assert facts.data is None


def test_nothing_is_left_of_a_run_that_cannot_be_made(chosen, tmp_path):
    (tmp_path / "jobs/vision/digits/app/model").symlink_to("/etc/hostname")
    with pytest.raises(UserError, match="is a link"):
        make(chosen, chosen.job, WISHES)
    assert list((tmp_path / ".covey/runs").iterdir()) == []


def test_a_run_is_opened_again_with_the_same_inputs_and_new_ports(chosen):
    plan, facts = make(chosen, chosen.job, WISHES)
    before = _starts(plan)
    again, told = reopen(plan.folder)
    after = _starts(again)
    assert told == facts
    assert {name: one.inputs_digest for name, one in after.items()} == {n: o.inputs_digest for n, o in before.items()}
    assert after[HUB].ports != before[HUB].ports


@pytest.mark.parametrize(
    ("state", "goes_on"), [(State.FAILED, True), (State.INTERRUPTED, True), (State.COMPLETED, False)]
)
def test_a_run_goes_on_unless_it_has_completed(chosen, state, goes_on):
    """Also where all was trained and its results could not be written, as on a full disk."""
    plan, facts = make(chosen, chosen.job, WISHES)
    plan.state.mkdir(parents=True)
    (plan.state / "result.json").touch()
    finish(plan.folder, Outcome(state, "It is over."))
    if goes_on:
        assert reopen(plan.folder)[1] == facts
    else:
        with pytest.raises(UserError, match="has ended"):
            reopen(plan.folder)


def test_a_damaged_plan_is_one_sentence(chosen):
    plan, _ = make(chosen, chosen.job, WISHES)
    (plan.folder / PLAN).write_text("{")
    with pytest.raises(UserError, match=r"plan\.json can't be used"):
        reopen(plan.folder)


def test_rounds_may_be_others_for_a_try(chosen):
    assert with_rounds(chosen.job, 2).rounds == 2
    assert with_rounds(chosen.job, None) is chosen.job


def test_ones_own_data_needs_folders_with_names_of_collaborators(tmp_path):
    with pytest.raises(UserError, match="There is no folder in"):
        own_collaborators(tmp_path)
    for name in ("b", "a", "aggregator", ".hidden"):
        (tmp_path / name).mkdir()
    assert own_collaborators(tmp_path) == ("a", "b")
    (tmp_path / "Not So").mkdir()
    with pytest.raises(UserError, match="is no collaborator's name"):
        own_collaborators(tmp_path)
