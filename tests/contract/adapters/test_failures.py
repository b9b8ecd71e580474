"""One sentence and the right exit code for each thing that goes wrong in an app or its runtime."""

from __future__ import annotations

import shutil

import pytest


@pytest.mark.parametrize("fault", ["initial", "train"])
def test_an_app_that_raises_ends_with_20_and_its_last_words(federate, fault):
    federation = federate(configuration={"fault": fault})
    federation.start()
    failing, words = ("hub", "there is no model") if fault == "initial" else ("site-1", "the labels are odd")

    assert federation.wait(failing) == 20
    assert words in federation.said(failing)
    assert federation.said(failing).count("\n") == 1
    assert federation.events(failing)[-1].fields == {"code": 20}
    assert words in federation.events(failing, "error")[0].fields["message"]


def test_an_update_that_is_not_a_number_ends_the_run_and_names_its_collaborators(federate):
    federation = federate(configuration={"fault": "nan"})
    federation.start()

    assert federation.wait() == 20
    assert "The update of site-1, site-2 in round 1 holds NaN" in federation.said()
    assert not (federation.run_folder() / "LATEST").exists()


def test_data_that_goes_away_ends_the_collaborator_with_40(kit, federate):
    federation = federate(rounds=200, configuration={"pause": kit.pause})
    federation.start()
    federation.until_round(1)

    shutil.rmtree(federation.root / "site-1/data")

    assert federation.wait("site-1", seconds=20) == 40
    assert federation.events("site-1")[-1].fields == {"code": 40}
