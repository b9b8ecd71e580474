"""What is Flower's alone: apps that come from the hub, and the many ways to write one."""

from __future__ import annotations

import json

import numpy as np
import pytest

RUNTIMES = ("flower",)
PRIVACY = {"epsilon": 12, "delta": 1e-5, "clippingNorm": 2.0, "noiseMultiplier": 0.5}


def components(federation, *, server, client="digits.client_app:app"):
    """Makes other parts of the app the ones that run."""
    for name in ("hub", *federation.names):
        path = federation.root / name / "app/pyproject.toml"
        text = path.read_text().replace("digits.server_app:app", server)
        path.write_text(text.replace("digits.client_app:app", client))


def kill_and_restart(federation, *, after):
    federation.until_round(after)
    federation.kill("hub")
    federation.start("hub")
    assert federation.wait() == 0, federation.said()


def test_a_collaborator_runs_only_the_app_of_its_own_image(federate):
    federation = federate()
    app = federation.root / "hub/app/digits/client_app.py"
    app.write_text(app.read_text() + "\n# and now something else\n")
    federation.start()

    assert federation.wait("site-1") == 30
    assert "The aggregator offers an app with the digest" in federation.said("site-1")
    assert federation.rounds() == []


def test_configuration_that_the_app_does_not_know_is_bad_start_data(federate):
    federation = federate(configuration={"learning-rate": 1.0})
    federation.start("hub")

    assert federation.wait() == 30
    assert "has no learning-rate in [tool.flwr.app.config]" in federation.said()


def test_an_app_that_flower_does_not_take_is_the_apps_fault(federate):
    federation = federate()
    path = federation.root / "hub/app/pyproject.toml"
    path.write_text(path.read_text().replace('name = "digits"', 'name = "my_digits"'))
    federation.start("hub")

    assert federation.wait() == 20
    assert "The packing of the app by Flower failed: ValueError: " in federation.said()


def test_an_app_of_the_old_kind_goes_on_after_a_kill_with_its_strategys_state(kit, federate):
    models = []
    for interrupted in (False, True):
        federation = federate(rounds=2, configuration={"pause": kit.pause, "momentum": 0.5})
        components(federation, server="digits.old:server", client="digits.old:client")
        federation.start()
        if interrupted:
            kill_and_restart(federation, after=1)
        assert federation.wait() == 0, federation.said()
        assert federation.rounds() == [1, 2]
        with np.load(federation.run_folder() / "model" / kit.weights) as file:
            models.append([file[name] for name in file.files])

    last = federation.events(type_="round")[-1].fields
    assert last["metrics"]["accuracy"] > 0.8
    assert last["collaborators"]["site-1"]["examples"] > 100
    for one, other in zip(*models, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_a_loop_of_an_apps_own_leaves_a_model_and_its_files_and_says_that_it_can_not_resume(federate):
    federation = federate(rounds=2, configuration={"helper": False, "partitions": 2})
    components(federation, server="digits.own_loop:app")
    for number, name in enumerate(federation.names):
        path = federation.root / name / "data/data.json"
        path.write_text(json.dumps({"partition": {"id": number, "of": 2}}))  # the app looks at it
    federation.start()

    assert federation.wait() == 0, federation.said()
    assert federation.rounds() == [1, 2]
    (told,) = federation.events(type_="error")
    assert (
        "The app has a loop of its own over the Grid: a restart of the aggregator begins it anew"
        in told.fields["message"]
    )
    assert {path.name for path in (federation.run_folder() / "model").iterdir()} == {"arrays.npz", "weights.npz"}


def test_a_loop_with_the_helper_goes_on_after_a_kill(kit, federate, accuracy):
    federation = federate(rounds=3, configuration={"pause": kit.pause})
    components(federation, server="digits.own_loop:app")
    federation.start()
    kill_and_restart(federation, after=1)

    assert federation.rounds() == [1, 2, 3]
    assert federation.events(type_="error") == []
    last = federation.events(type_="round")[-1].fields
    assert set(last["metrics"]) == {"accuracy", "loss", "size"}
    assert set(last["collaborators"]) == {"site-1", "site-2"}
    model = federation.run_folder() / "model"
    assert accuracy(model) > 0.85
    with np.load(model / "arrays.npz") as kept, np.load(model / "weights.npz") as own:
        np.testing.assert_array_equal(kept[kept.files[0]], own["arr_0"])


@pytest.mark.parametrize("side", ["server", "client"])
def test_an_app_that_does_not_load_ends_with_20_and_says_why(federate, side):
    federation = federate()
    names = {"server": "digits.server_app:app", "client": "digits.client_app:app", side: "digits.nowhere:app"}
    components(federation, **names)
    federation.start()

    failing = {"server": "hub", "client": "site-1"}[side]
    assert federation.wait(failing) == 20
    assert "digits.nowhere" in federation.said(failing)


def test_an_app_trains_with_processes_that_flower_starts_its_own_way(federate, monkeypatch):
    monkeypatch.setenv("COVEY_FLOWER_STOCK", "1")
    federation = federate(rounds=1)
    federation.start()

    assert [federation.wait(name) for name in ("hub", *federation.names)] == [0, 0, 0], federation.said()
    assert federation.rounds() == [1]
    log = (federation.run_folder() / "logs/flower.log").read_text()
    assert "every process imports everything anew, because COVEY_FLOWER_STOCK is set" in log
    assert federation.runtime_processes() == []


@pytest.mark.parametrize("server", ["digits.server_app:app", "digits.own_loop:app"])
def test_a_client_that_hangs_costs_a_round_time_and_not_its_end(federate, server):
    timeouts = {"waiting": 60, "round": 20, "run": 600}
    federation = federate(rounds=2, minimumPerRound=1, timeouts=timeouts, configuration={"fault": "hang"})
    components(federation, server=server)
    federation.start()

    assert federation.wait() == 0, federation.said()
    assert federation.rounds() == [1, 2]
    assert [set(event.fields["collaborators"]) for event in federation.events(type_="round")] == [{"site-1"}] * 2
    assert len(federation.events(type_="session")) == 1


def test_privacy_adds_noise_keeps_metrics_back_and_counts_the_budget_across_restarts(kit, federate):
    federation = federate(rounds=2, privacy={**PRIVACY, "epsilon": 16}, configuration={"pause": kit.pause})
    federation.start()
    kill_and_restart(federation, after=1)

    rounds = [event.fields for event in federation.events(type_="round")]
    assert [one["collaborators"] for one in rounds] == [{"site-1": {}, "site-2": {}}] * 2
    assert [set(one["metrics"]) for one in rounds] == [{"privacy_epsilon"}] * 2
    # Noise 0.5 at delta 1e-5, once and twice.
    assert [one["metrics"]["privacy_epsilon"] for one in rounds] == pytest.approx([9.997, 15.456], abs=0.001)
    with np.load(federation.run_folder() / "model" / kit.weights) as file:
        weights = file[file.files[0]]
    # The first pixel is empty in all digits: without noise its weights would stay 0. With it, they deviate by 0.7.
    assert weights[0].std() > 0.1


@pytest.mark.parametrize(
    ("configuration", "server", "sentence"),
    [
        ({}, "digits.server_app:app", "cost an epsilon of 20.1 at delta 1e-05; the job allows 12: take fewer rounds"),
        ({"momentum": 0.9}, "digits.server_app:app", "FedAvgM does more than to average: use FedAvg or FedProx"),
        ({}, "digits.own_loop:app", "the app sends messages that no strategy protects"),
    ],
    ids=["budget", "strategy", "own loop"],
)
def test_privacy_that_can_not_be_kept_is_refused_before_anything_is_trained(federate, configuration, server, sentence):
    epsilon = 12 if "epsilon" in sentence else 100
    federation = federate(rounds=3, configuration=configuration, privacy={**PRIVACY, "epsilon": epsilon})
    components(federation, server=server)
    federation.start()

    assert federation.wait() == 30
    assert sentence in federation.said()
    assert federation.rounds() == federation.rounds("site-1") == []
