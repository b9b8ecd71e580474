"""What is OpenFL's alone: plans that must be equal, senders that are bound, its files, and its inside that we use."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from covey_core.results.series import rounds
from covey_runtimes import environments, own_code
from federations import Federation
from waiting import until

RUNTIMES = ("openfl",)
HERE = Path(__file__).parent


def test_a_collaborator_works_only_for_an_aggregator_with_the_app_of_its_own_image(federate):
    federation = federate()
    source = federation.root / "hub/app/src/task_runner.py"
    source.write_text(source.read_text() + "\n# and now something else\n")
    federation.start()

    assert federation.wait("site-1") == 30
    assert "The aggregator's plan is another one" in federation.said("site-1")
    assert federation.rounds() == []


def test_configuration_that_the_plan_does_not_know_is_bad_start_data(federate):
    federation = federate(configuration={"learning-rate": 1.0})
    federation.start("hub")

    assert federation.wait() == 30
    assert "The plan has no setting learning-rate" in federation.said()


def test_an_app_without_a_plan_is_told_what_it_lacks(federate):
    federation = federate()
    (federation.root / "hub/app/plan/plan.yaml").unlink()
    federation.start("hub")

    assert federation.wait() == 20
    assert "The app is no OpenFL workspace: it has no plan/plan.yaml." in federation.said()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("aggregator:", "aggregator: [", "failed: ParserError: "),
        ("network:", "net:", "failed: KeyError: 'network'"),
    ],
    ids=["no YAML", "no network"],
)
@pytest.mark.parametrize("side", ["hub", "site-1"])
def test_a_broken_plan_is_the_apps_fault(federate, side, old, new, sentence):
    federation = federate()
    plan = federation.root / side / "app/plan/plan.yaml"
    assert old in plan.read_text()
    plan.write_text(plan.read_text().replace(old, new))
    federation.start()

    assert federation.wait(side) == 20
    assert "The reading of the app's plan failed" in federation.said(side)
    assert sentence in federation.said(side)


def test_an_update_of_another_shape_ends_the_run_and_names_its_collaborators(federate):
    federation = federate(configuration={"fault": "shape", "collaborator.settings.use_delta_updates": False})
    federation.start()

    assert federation.wait() == 20
    said = "The update of site-1, site-2 in round 1 holds arrays of other shapes than the model's."
    assert said in federation.said()


@pytest.fixture(scope="module")
def watched(kit, digits, tmp_path_factory):
    """A federation that trains, after others have tried to speak to its aggregator: its answers to them."""
    root, configuration = tmp_path_factory.mktemp("watched"), {"pause": kit.pause}
    own = {"runtime": kit.runtime, "app": kit.app, "data": digits[0], "seconds": kit.seconds}
    made = Federation(root, rounds=200, configuration=configuration, **own)
    made.start()
    try:
        made.until_round(1)
        made.answers = {"site-1": forge(made, claimed="site-2", door="site-1")}
        made.until_round(made.rounds()[-1] + 3)
        made.told = [event.fields["message"] for event in made.events(type_="error")]
        made.answers[None] = forge(made, claimed="site-2", door=None)
        yield made
    finally:
        made.close()


def test_a_result_with_another_ones_name_is_refused_and_told_with_who_and_why(watched):
    assert watched.answers["site-1"] == {"Ping": "PERMISSION_DENIED", "SendLocalTaskResults": "PERMISSION_DENIED"}
    assert watched.told == ["Refused a PingRequest of site-1 that claims to come from 'site-2'."]
    log = (watched.run_folder() / "logs/aggregator.log").read_text()
    assert "Refused a TaskResults of site-1 that claims to come from 'site-2'." in log
    assert rounds(watched.events())[-2].accuracy > 0.8


def test_nobody_is_believed_who_does_not_come_through_a_proxy(watched):
    assert watched.answers[None] == {"Ping": "PERMISSION_DENIED", "SendLocalTaskResults": "PERMISSION_DENIED"}


def test_the_aggregator_listens_on_loopback_alone(watched):
    wanted = f":{watched.port:04X}"

    rows = [line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]]
    listening = [row[1].partition(":")[0] for row in rows if row[1].endswith(wanted) and row[3] == "0A"]
    assert listening in (["0100007F"], ["0000000000000000FFFF00000100007F"])


def test_a_port_in_use_is_told_and_may_be_tried_again(federate):
    federation = federate()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", federation.port))
        taken.listen()
        federation.start("hub")

        assert federation.wait() == 10
    assert f"The aggregator can't listen: port {federation.port} is in use." in federation.said()


def test_who_comes_late_joins_and_a_round_goes_on_without_who_is_gone(kit, federate):
    federation = federate(rounds=1000, minimum=1, configuration={"pause": kit.pause})
    federation.start("hub", "site-1")
    federation.until_round(1)
    federation.start("site-2")
    until(lambda: last_round(federation) == {"site-1", "site-2"}, "a round of both", seconds=kit.start)

    federation.kill("site-2")

    until(lambda: last_round(federation) == {"site-1"}, "a round of one", seconds=kit.start)
    assert [event.fields["collaborator"] for event in federation.events(type_="lost")] == ["site-2"]


def test_who_holds_pythons_lock_while_it_trains_is_not_lost(federate):
    federation = federate(rounds=1, minimumPerRound=1, configuration={"fault": "lock"})
    federation.start()

    assert federation.wait() == 0, federation.said()
    assert federation.events(type_="lost") == []
    assert last_round(federation) == {"site-1", "site-2"}


def test_a_model_comes_in_openfls_own_formats_too_and_again_if_it_was_lost_with_nobody_asked(federate):
    federation = federate(rounds=2, configuration={"aggregator.settings.save_native_model": True})
    federation.start()

    assert federation.wait() == 0, federation.said()
    folder = federation.run_folder()
    before = {path.name: path.read_bytes() for path in (folder / "model").iterdir()}
    assert set(before) == {"arrays.npz", "last.pbuf", "best.pbuf", "best.json", "native.npz"}
    code = """
import sys, numpy as np
from openfl.pipelines import NoCompressionPipeline
from openfl.protocols import utils
folder = sys.argv[1]
found, number = utils.deconstruct_model_proto(utils.load_proto(folder + "/last.pbuf"), NoCompressionPipeline())
with np.load(folder + "/arrays.npz") as neutral, np.load(folder + "/native.npz") as native:
    for name, value in found.items():
        assert (value == neutral[name]).all() and (value == native[name]).all(), name
assert number == 2, number
"""
    run(code, str(folder / "model"))
    (folder / "result.json").unlink()  # as after a kill before the model was kept
    shutil.rmtree(folder / "model")

    federation.start("hub")

    assert federation.wait() == 0, federation.said()
    assert {path.name: path.read_bytes() for path in (folder / "model").iterdir()} == before
    assert federation.rounds() == [1, 2]


def test_the_inside_of_openfl_is_as_we_know_it():
    """When this fails, OpenFL has changed: look at each of these in `inside/` again before the pin is raised."""
    code = """
import inspect, openfl
from openfl.component.aggregator.aggregator import Aggregator
from openfl.component.aggregator.straggler_handling import StragglerPolicy, WaitForAllPolicy
from openfl.federated.plan.plan import Plan
from openfl.transport.grpc.aggregator_client import AggregatorGRPCClient
from openfl.transport.grpc.aggregator_server import AggregatorGRPCServer

def takes(function, *names):
    found = list(inspect.signature(function).parameters)
    assert found == ["self", *names], (function, found)

assert openfl.__version__ == "1.9", openfl.__version__
takes(Aggregator.get_tasks, "collaborator_name")
takes(Aggregator.process_task_results, "collaborator_name", "round_number", "task_name", "data_size", "named_tensors")
takes(Aggregator._process_named_tensor, "named_tensor", "collaborator_name")
takes(Aggregator._end_of_round_check)
takes(Aggregator._end_of_round_with_stragglers_check)
takes(AggregatorGRPCServer.validate_collaborator, "request", "context")
takes(AggregatorGRPCServer.check_request, "request")
takes(AggregatorGRPCClient.reconnect)
assert StragglerPolicy.__abstractmethods__ == {"start_policy", "reset_policy_for_round", "straggler_cutoff_check"}
source = inspect.getsource(Aggregator)
for word in ("self.callbacks.on_round_end(self.round_number, logs)", "self.collaborators_done",
             "self.metric_queue.put(", "self.quit_job_sent_to.append(collaborator_name)",
             "self._secure_aggregation_enabled"):
    assert word in source, word
server = inspect.getsource(AggregatorGRPCServer)
for method in ("Ping", "GetTasks", "GetAggregatedTensor", "SendLocalTaskResults", "InteropRelay"):
    assert "self.validate_collaborator(" in server.partition(f"def {method}(")[2].partition("    def ")[0], method
plan = inspect.getsource(Plan)
for word in ("self.federation_uuid = f", "if self.assigner_ is None", "sha384(dump(self.config)"):
    assert word in plan, word
"""
    run(code)


def test_a_best_model_that_an_app_brings_along_is_not_this_runs(tmp_path, kit):
    app = tmp_path / "app"
    shutil.copytree(kit.app, app)
    (app / "save").mkdir()
    for name in ("best.pbuf", "last.pbuf", "init.pbuf"):
        (app / "save" / name).write_text("of another training")
    code = """
import os, sys
os.environ |= dict(COVEY_APP=sys.argv[1], COVEY_NAME="hub", COVEY_DATA=sys.argv[1], COVEY_PARTITION="",
                   COVEY_NO_PART="[]", COVEY_ROUNDS="1", COVEY_CONFIGURATION="{}", COVEY_EPOCH="e", COVEY_PORT="1")
os.chdir(os.path.dirname(sys.argv[1]))
from covey_openfl import workspace
workspace.make()
print(os.listdir("save"))
"""
    assert run(code, str(app)) == "['init.pbuf']"


def test_a_sign_of_life_ends_with_whom_it_is_of_also_when_that_was_at_once():
    code = "from covey_openfl import beat; beat.main('127.0.0.1:9', 'site-1', 'a', 'f', '999999999'); print('ended')"
    assert run(code) == "ended"


def last_round(federation):
    return set(federation.events(type_="round")[-1].fields["collaborators"])


def forge(federation, *, claimed, door):
    """What the aggregator says to requests with that name in their header, through a collaborator's door or none."""
    port = federation.session.port(door) if door else federation.port
    plan = federation.root / "site-1/tmp/workspace/plan/plan.yaml"
    epoch = federation.events(type_="session")[-1].fields["epoch"]
    return json.loads(run((HERE / "forged_openfl.py").read_text(), str(plan), str(port), claimed, epoch))


def run(code, *words):
    """In OpenFL's environment."""
    ended = subprocess.run(
        [environments.python("openfl"), "-c", code, *words],
        env={**os.environ, "PYTHONPATH": own_code.inside("openfl")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip().rpartition("\n")[2]


@pytest.fixture(autouse=True)
def not_measured(monkeypatch):
    """OpenFL's environment has no coverage."""
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
