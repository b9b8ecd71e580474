"""What is Flower's alone: it sends apps from the hub to collaborators, and its configuration has known keys."""

from __future__ import annotations

RUNTIMES = ("flower",)


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
