"""Notices when Flower changes inside, where Covey rests on it, and names what has changed.

After a look at the new sources, `SOURCES` gets the digests that the failing test prints.
"""

from __future__ import annotations

import json

import pytest

# The code around the places of `internals.py`, in Flower 1.41: when and in which order they are called.
SOURCES = {
    "flwr.supernode.runtime.run_clientapp:run_clientapp": "6ce09559f3a2",
    "flwr.supernode.runtime.run_clientapp:push_message": "07cb512c93e0",
    "flwr.supernode.start_client_internal:start_client_internal": "9e89a6eb68fb",
    "flwr.supernode.start_client_internal:_pull_and_store_message": "eaf5d0e36dc3",
    "flwr.supernode.start_client_internal:_push_messages": "00bb86faffde",
    "flwr.supernode.fleet_http_connection:http_request_response": "b80ca36779c2",
    "flwr.supernode.cli.flower_supernode:flower_supernode": "e263e1045207",
    "flwr.supercore.heartbeat:HeartbeatSender": "27714c8e3512",
    "flwr.supercore.inflatable.inflatable_utils:pull_objects": "31bb2de46b45",
    "flwr.supercore.inflatable.inflatable_utils:pull_and_inflate_object_from_tree": "139811483a15",
    "flwr.supercore.logger:flush_logs": "14450b87d1d8",
    "flwr.supercore.superexec.executor.subprocess_executor:SubprocessExecutor.launch": "83abf3dbe022",
    "flwr.supercore.superexec.run_superexec:run_superexec": "d11f4e7fbc8f",
    "flwr.superlink.cli.flower_superlink:SuperLinkLifespan": "a2c1f2f11725",
    "flwr.superlink.cli.flower_superlink:_run_superlink_http_api": "eb0d78b85f99",
    "flwr.superlink.cli.flwr_serverapp:flwr_serverapp": "b274501e3b1e",
    "flwr.superlink.runtime.run_serverapp:run_serverapp": "2cf00cc3bc7e",
    "flwr.serverapp.server_app:ServerApp.__call__": "5279f85ee896",
    "flwr.serverapp.strategy:Strategy.start": "ce8c9834e592",
    "flwr.serverapp.strategy:FedAvg.aggregate_train": "0e014b5d7cc3",
    "flwr.serverapp.strategy:DifferentialPrivacyServerSideFixedClipping.aggregate_train": "59e602ef32c7",
    "flwr.server.compat.app:start_grid": "cf9dc6b55933",
    "flwr.server.compat.grid_client_proxy:GridClientProxy._send_receive_recorddict": "a762e476a09b",
    "flwr.server.server:Server.fit": "bcc13a555092",
    "flwr.server.server:Server.fit_round": "0cde6b5c4514",
    "flwr.server.server:Server.evaluate_round": "ef829ccbc6c8",
    "flwr.cli.build:build_fab_from_disk": "d4912729f7fa",
    "flwr.supercore.control.control_http_client:ControlHttpClient": "ee524b3741ae",
}
_DIGESTS = """
import hashlib, importlib, inspect, json, sys
found = {}
for place in json.loads(sys.argv[1]):
    module, _, path = place.partition(":")
    try:
        thing = importlib.import_module(module)
        for name in path.split("."):
            thing = getattr(thing, name)
        found[place] = hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()[:12]
    except (ImportError, AttributeError):
        found[place] = "gone"
print(json.dumps(found))
"""

pytestmark = pytest.mark.runtime_flower


def test_every_place_inside_flower_is_where_it_was(inside):
    looked = inside("-m", "covey_flower.internals")
    assert (looked.returncode, looked.stdout) == (0, ""), looked.stderr


def test_a_place_that_has_moved_is_named(inside):
    words = (
        "from covey_flower.internals import moved; print(moved(['flwr.app:Message', 'flwr.app:Telegram', 'flwr.x:y']))"
    )
    assert inside("-c", words).stdout == "['flwr.app:Telegram', 'flwr.x:y']\n"


def test_what_flower_does_around_these_places_is_what_it_did(inside):
    looked = inside("-c", _DIGESTS, json.dumps(list(SOURCES)))
    found = json.loads(looked.stdout)
    changed = {place: digest for place, digest in found.items() if digest != SOURCES[place]}
    assert changed == {}, f"Flower has changed these: {', '.join(changed)}"


def test_children_of_one_parent_draw_different_numbers(inside):
    """NumPy's own generator is copied by a fork, and apps shuffle with it."""
    words = """
import os, numpy
from covey_flower.nursery import _fresh_randomness
numpy.random.seed(1)
for _ in range(2):
    if os.fork() == 0:
        _fresh_randomness()
        os.write(1, b"%f " % numpy.random.rand())
        os._exit(0)
    os.wait()
"""
    one, other = inside("-c", words).stdout.split()
    assert one != other


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"COVEY_FLOWER_STOCK": "1"}, "COVEY_FLOWER_STOCK is set"),
        ({}, ""),
    ],
)
def test_the_stock_way_is_taken_for_a_reason_only(inside, env, said):
    words = (
        "from covey_flower import side; print(side.why_stock('aggregator'), side.why_stock('collaborator'), sep='|')"
    )
    assert inside("-c", words, **env).stdout == f"{said}|{said}\n"


def test_another_flower_is_started_its_own_way(inside):
    words = (
        "import flwr; flwr.__version__ = '1.42.0'; from covey_flower import side; print(side.why_stock('aggregator'))"
    )
    assert inside("-c", words).stdout == "this is Flower 1.42.0, not 1.41.x\n"


@pytest.mark.parametrize(
    ("module", "name"),
    [("flwr.superlink.runtime.run_serverapp", "run_"), ("flwr.cli.build", "build_fab_from_disk")],
)
def test_a_flower_that_does_not_fit_is_said_to_be_none(inside, module, name):
    words = (
        f"import importlib, sys; found = importlib.import_module('{module}'); del found.{name}\n"
        "from covey_flower import side; sys.argv = ['side', 'aggregator', '1', '{}']; sys.exit(side.main())"
    )
    looked = inside("-c", words)
    assert looked.returncode == 30
    assert f"{module}:{name} has moved" in looked.stderr


def test_every_place_that_covey_calls_is_looked_at(inside):
    words = "import json; from covey_flower.internals import NEEDED; print(json.dumps(NEEDED))"
    needed = json.loads(inside("-c", words).stdout)
    assert "flwr.serverapp.server_app:start_grid" in needed["aggregator"]
    assert all("flwr.cli.build:build_fab_from_disk" in places for places in needed.values())
