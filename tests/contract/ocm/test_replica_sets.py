"""Replica sets: one work for each cluster that a Placement names, for as long as it does."""

from __future__ import annotations

import pytest

from controlplane.ocm.kinds import REPLICA_SET, WORK
from ocm_sets import ALL, OWNER, PLACED_BY
from ocm_works import CONFIG_MAP, SITE, config_map
from waiting import until

pytestmark = pytest.mark.ocm


def test_every_chosen_cluster_gets_a_work_named_after_the_set(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")

    sets.create("digits", labels={"covey.dev/job": "digits"})

    for cluster, work in sets.wait_on("digits", "cluster1", "cluster2").items():
        name = work["metadata"]["name"]
        assert (name[:6], len(name)) == ("digits", 11), cluster
        assert work["metadata"]["labels"] == {"covey.dev/job": "digits", OWNER: "fl.digits", PLACED_BY: "chosen"}
        assert work["spec"]["workload"] == {"manifests": [config_map("plan")]}


def test_a_cluster_that_joins_gets_its_work_and_one_that_leaves_loses_it(sets, works):
    sets.choose("cluster1")
    sets.create("digits")
    sets.wait_on("digits", "cluster1")
    until(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))

    sets.choose("cluster2")
    sets.wait_on("digits", "cluster1", "cluster2")
    sets.leave("cluster1")

    sets.wait_on("digits", "cluster2")
    until(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE) is None)
    until(lambda: sets.status("digits")["summary"].get("total") == 1)


def test_a_changed_template_changes_the_works_in_place(sets, works):
    sets.choose("cluster1")
    sets.create("digits", config_map("plan", {"v": "1"}))
    before = sets.wait_on("digits", "cluster1")["cluster1"]["metadata"]["name"]

    sets.change("digits", manifestWorkTemplate={"workload": {"manifests": [config_map("plan", {"v": "2"})]}})

    until(lambda: (works.spoke.get(CONFIG_MAP, "plan", SITE) or {}).get("data") == {"v": "2"})
    assert sets.works("digits")["cluster1"]["metadata"]["name"] == before


def test_a_work_that_somebody_deletes_or_edits_comes_back(sets):
    sets.choose("cluster1")
    sets.create("digits")
    first = sets.wait_on("digits", "cluster1")["cluster1"]["metadata"]

    sets.hub.delete(WORK, first["name"], "cluster1")
    second = until(lambda: _other(sets, first["uid"]))["metadata"]
    edit = {"spec": {"workload": {"manifests": [config_map("other")]}}}
    sets.hub.patch(WORK, second["name"], edit, namespace="cluster1")

    until(lambda: sets.works("digits")["cluster1"]["spec"]["workload"]["manifests"] == [config_map("plan")])


def test_a_set_that_goes_takes_its_works_along(sets, works):
    sets.choose("cluster1")
    sets.create("digits")
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))

    sets.delete("digits")

    until(lambda: sets.hub.get(REPLICA_SET, "digits", "fl") is None)
    sets.wait_on("digits")
    until(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE) is None)


def test_a_foreground_set_waits_for_its_works(sets, works):
    sets.choose("cluster1")
    sets.create("digits", policy="Foreground")
    until(lambda: works.spoke.get(CONFIG_MAP, "plan", SITE))
    works.spoke.patch(CONFIG_MAP, "plan", {"metadata": {"finalizers": ["example.invalid/wait"]}}, namespace=SITE)

    sets.delete("digits")

    until(lambda: "deletionTimestamp" in works.spoke.get(CONFIG_MAP, "plan", SITE)["metadata"])
    assert sets.hub.get(REPLICA_SET, "digits", "fl")
    works.spoke.patch(CONFIG_MAP, "plan", {"metadata": {"finalizers": None}}, namespace=SITE)
    until(lambda: sets.hub.get(REPLICA_SET, "digits", "fl") is None)


def test_orphans_stay_on_a_cluster_that_leaves(sets, works):
    sets.choose("cluster1")
    sets.create("digits", deleteOption={"propagationPolicy": "Orphan"})
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))

    sets.leave("cluster1")

    sets.wait_on("digits")
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)


def test_a_placement_that_leaves_the_set_takes_its_works_along(sets):
    sets.choose("cluster1")
    sets.place("second", {"covey.dev/second": "yes"})
    sets.choose("cluster2", {"covey.dev/second": "yes"})
    sets.create("digits", placements=("chosen", "second"))
    works = sets.wait_on("digits", "cluster1", "cluster2")
    assert works["cluster2"]["metadata"]["labels"][PLACED_BY] == "second"

    sets.change("digits", placementRefs=[{"name": "chosen", "rolloutStrategy": ALL}])

    sets.wait_on("digits", "cluster1")
    sets.choose("cluster2", {"covey.dev/second": None})


def _other(sets, uid):
    """The work on cluster1, when it is a new one."""
    found = sets.works("digits").get("cluster1")
    return found if found and found["metadata"]["uid"] != uid else None
