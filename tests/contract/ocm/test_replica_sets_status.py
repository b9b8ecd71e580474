"""What a replica set says of its works, and where it says too little."""

from __future__ import annotations

import pytest

from controlplane.ocm.kinds import REPLICA_SET, WORK
from ocm_sets import CHOSEN
from ocm_works import CONFIG_MAP, SITE, config_map
from waiting import steadily, until

pytestmark = pytest.mark.ocm


def test_a_set_says_when_all_is_applied(sets, works):
    sets.choose("cluster1")
    sets.choose("cluster2")

    sets.create("digits")

    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert sets.condition("digits", "PlacementVerified") == ("True", "AsExpected")
    until(lambda: sets.status("digits")["summary"] == {"applied": 2, "available": 2, "total": 2})
    (said,) = sets.status("digits")["placementSummary"]
    assert (said["name"], said["availableDecisionGroups"]) == ("chosen", "1 (2 / 2 clusters applied)")
    assert {name: said["summary"][name] for name in ("applied", "available", "total")} == {
        "applied": 2,
        "available": 2,
        "total": 2,
    }
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)


def test_no_chosen_cluster_is_said(sets):
    sets.create("digits")

    sets.wait_for("digits", "PlacementVerified", ("False", "PlacementDecisionEmpty"))
    sets.wait_for("digits", "ManifestworkApplied", ("False", "PlacementDecisionEmpty"))
    assert sets.works("digits") == {}


def test_a_missing_placement_is_said_and_waited_for(sets):
    sets.choose("cluster1")
    sets.create("digits", placements=("later",))
    sets.wait_for("digits", "PlacementVerified", ("False", "PlacementDecisionNotFound"))

    sets.place("later", CHOSEN)

    sets.wait_on("digits", "cluster1")
    sets.wait_for("digits", "PlacementVerified", ("True", "AsExpected"))


def test_a_failing_manifest_shows_in_the_summary(sets):
    sets.choose("cluster1")

    sets.create("digits", config_map("plan"), config_map("lost", namespace="does-not-exist"))

    sets.wait_for("digits", "ManifestworkApplied", ("False", "NotAsExpected"))
    until(lambda: sets.status("digits")["summary"] == {"total": 1})


def test_works_that_the_hub_refuses_look_like_no_clusters_at_all(sets):
    sets.choose("cluster1")
    half = {"v": "-" * 300 * 1024}

    sets.create("big", config_map("one", half), config_map("two", half))

    sets.wait_for("big", "PlacementVerified", ("False", "PlacementDecisionEmpty"))
    until(lambda: sets.status("big")["placementSummary"][0]["availableDecisionGroups"] == "1 (0 / 1 clusters applied)")
    assert sets.works("big") == {}


def test_a_name_too_long_for_a_label_is_refused_by_the_set_which_then_never_ends(sets):
    sets.choose("cluster1")
    name = "d" * 61

    sets.create(name)

    sets.wait_for(name, "ManifestworkApplied", ("False", "InvalidManifestWorkName"))
    assert sets.hub.list(WORK, "cluster1") == []
    sets.delete(name)
    steadily(lambda: sets.hub.get(REPLICA_SET, name, "fl"), seconds=1)  # OCM asks for its works by that label
    sets.hub.patch(REPLICA_SET, name, {"metadata": {"finalizers": None}}, namespace="fl")


def test_a_set_with_a_dot_in_its_name_hears_nothing_of_its_works(sets, works):
    sets.choose("cluster1")
    for name in ("digits.1", "plain"):
        sets.create(name)
        sets.wait_on(name, "cluster1")
    until(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))
    touch = {"metadata": {"annotations": {"touched": "yes"}}}  # so that OCM looks at its works once more
    until(lambda: "applied" in sets.status("plain").get("summary", {}))
    sets.hub.patch(REPLICA_SET, "digits.1", touch, namespace="fl")
    sets.wait_for("digits.1", "ManifestworkApplied", ("True", "AsExpected"))
    sets.wait_for("plain", "ManifestworkApplied", ("True", "AsExpected"))

    works.spoke.delete(CONFIG_MAP, "plan", SITE)

    sets.wait_for("plain", "ManifestworkApplied", ("False", "NotAsExpected"))
    assert sets.condition("digits.1", "ManifestworkApplied") == ("True", "AsExpected")
