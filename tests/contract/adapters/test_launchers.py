"""What launchers find out by themselves, before or without any work of a runtime: one runtime shows it for all."""

from __future__ import annotations

import json

import pytest

RUNTIMES = ("tiny",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"contract": 99}, "has contract version 99"),
        ({"rounds": 0}, "rounds must be a whole number from 1 to"),
        ({"runtime": "nobody"}, "The runtime 'nobody' is not installed here"),
        ({"side": "collaborator"}, "is for the side collaborator"),
        ({"appDigest": "sha256:" + "0" * 64}, f"not sha256:{'0' * 64}."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_start_data_ends_with_30(federate, change, sentence):
    federation = federate()
    federation.write_start("hub", **change)
    federation.start("hub")

    assert federation.wait() == 30
    assert sentence in federation.said()
    assert federation.said().count("\n") == 1


def test_an_app_whose_files_were_changed_is_refused(federate):
    federation = federate()
    digest = "sha256:" + "0" * 64
    federation.write_start("site-1", appDigest=digest)
    federation.start("site-1")

    assert federation.wait("site-1") == 30
    assert f"not {digest}" in federation.said("site-1")


def test_a_collaborator_without_data_ends_with_40(federate):
    federation = federate()
    (federation.root / "site-1/data/train.npz").unlink()
    federation.start("site-1")

    assert federation.wait("site-1") == 40
    assert "There is no data in" in federation.said("site-1")


def test_two_launchers_never_share_a_run(kit, federate):
    federation = federate(rounds=200, configuration={"pause": kit.pause})
    federation.start()
    federation.until_round(1)
    first = federation.launchers["hub"]

    federation.start("hub")

    assert federation.wait(seconds=10) == 10
    assert "Another launcher works in" in federation.said()
    assert first.poll() is None
    federation.launchers["hub"] = first


def test_a_collaborator_that_never_comes_is_named_by_its_absence(kit, federate):
    federation = federate(timeouts={"waiting": kit.start, "round": 60, "run": 600})
    federation.start("hub", "site-1")

    assert federation.wait() == 10
    said = f"Only 1 of the 2 collaborators needed are connected after {kit.start} s: site-1."
    assert said in federation.said()


def test_a_collaborator_waits_for_its_own_run_and_lets_a_ghost_be(federate):
    federation = federate(timeouts={"waiting": 2, "round": 60, "run": 600})
    federation.write_start("hub", run={**federation.start_data["run"], "uid": "ghost"})
    federation.start("hub", "site-1")

    assert federation.wait("site-1") == 10
    (told, _) = federation.events("site-1", "error")
    assert told.fields["message"] == "At the other end is the run ghost; waiting."
    assert json.loads((federation.root / "site-1/start.json").read_text())["run"]["uid"] == "0d6c1f8a"
