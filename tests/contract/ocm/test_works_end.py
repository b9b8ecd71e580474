"""The end of a work: what leaves the spoke with it, and what stays."""

from __future__ import annotations

import pytest

from controlplane.ocm.kinds import NAMESPACE, WORK
from ocm_works import CONFIG_MAP, SITE, config_map
from waiting import steadily, until

pytestmark = pytest.mark.ocm


def _object(works, name):
    return works.spoke.get(CONFIG_MAP, name, SITE)


def _owners(works, name):
    return _object(works, name)["metadata"].get("ownerReferences", [])


def test_a_work_takes_its_objects_along(works):
    works.create("plan", config_map("plan"))
    works.wait("plan")

    works.delete("plan")

    works.wait_gone("plan")
    assert _object(works, "plan") is None
    assert works.applied("plan") is None


def test_orphans_stay_without_an_owner(works):
    works.create("plan", config_map("plan"), deleteOption={"propagationPolicy": "Orphan"})
    works.wait("plan")
    assert _owners(works, "plan") == []

    works.delete("plan")

    works.wait_gone("plan")
    assert _object(works, "plan")["data"] == {"v": "hub"}


def test_only_the_named_objects_stay(works):
    rule = {"group": "", "resource": "configmaps", "namespace": SITE, "name": "stays"}
    option = {"propagationPolicy": "SelectivelyOrphan", "selectivelyOrphans": {"orphaningRules": [rule]}}
    works.create("plan", config_map("stays"), config_map("goes"), deleteOption=option)
    works.wait("plan")

    works.delete("plan")

    works.wait_gone("plan")
    assert _object(works, "stays")
    assert _object(works, "goes") is None


def test_a_work_can_become_an_orphaning_one(works):
    works.create("plan", config_map("plan"))
    works.wait("plan")

    works.change("plan", deleteOption={"propagationPolicy": "Orphan"})

    until(lambda: not _owners(works, "plan"))
    works.delete("plan")
    works.wait_gone("plan")
    assert _object(works, "plan")


def test_the_last_work_that_owns_an_object_takes_it_along(works):
    works.create("first", config_map("shared"))
    works.wait("first")
    works.create("second", config_map("shared"))
    works.wait("second")
    assert len(_owners(works, "shared")) == 2

    works.delete("first")
    works.wait_gone("first")
    assert [one["name"].rpartition("-")[2] for one in _owners(works, "shared")] == ["second"]

    works.delete("second")
    works.wait_gone("second")
    assert _object(works, "shared") is None


def test_a_manifest_that_leaves_one_of_two_works_stays(works):
    works.create("first", config_map("shared"), config_map("own"))
    works.create("second", config_map("shared"))
    works.wait("first")
    works.wait("second")

    works.change("first", workload={"manifests": [config_map("own")]})

    until(lambda: [one["name"].rpartition("-")[2] for one in _owners(works, "shared")] == ["second"])


def test_a_work_waits_until_its_objects_are_gone(works):
    works.create("slow", config_map("slow"))
    works.wait("slow")
    works.spoke.patch(CONFIG_MAP, "slow", {"metadata": {"finalizers": ["example.invalid/wait"]}}, namespace=SITE)

    works.delete("slow")

    said = works.wait("slow", "Deleting")
    assert (said["reason"], said["message"]) == ("WorkDeleting", "ManifestWork is being deleted")
    until(lambda: "deletionTimestamp" in _object(works, "slow")["metadata"])
    assert works.get("slow")
    works.spoke.patch(CONFIG_MAP, "slow", {"metadata": {"finalizers": None}}, namespace=SITE)
    works.wait_gone("slow")


def test_an_object_that_was_made_anew_by_others_is_left_to_them(works):
    works.create("plan", config_map("plan"))
    works.wait("plan", "Available")
    works.spoke.delete(CONFIG_MAP, "plan", SITE)
    works.spoke.create(CONFIG_MAP, config_map("plan", {"v": "spoke"}))

    works.delete("plan")

    works.wait_gone("plan")
    assert _object(works, "plan")["data"] == {"v": "spoke"}


def test_a_work_that_goes_without_its_agent_leaves_its_objects_for_an_hour(works, ocm, ocm_plane):
    works.create("plan", config_map("plan"))
    works.wait("plan", "Available")

    ocm.stop_agent(ocm_plane, "cluster1")  # or it would put its finalizer back
    works.delete("plan")
    works.hub.patch(WORK, "plan", {"metadata": {"finalizers": None}}, namespace=works.cluster)
    ocm.join(ocm_plane, "cluster1")
    until(lambda: "evictionStartTime" in works.applied("plan")["status"])

    assert _object(works, "plan")


def test_a_namespace_in_a_work_takes_all_that_is_in_it_along(works):
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}
    works.create("team", namespace)
    works.wait("team")
    works.spoke.create(CONFIG_MAP, config_map("data", namespace="team"))

    works.delete("team")

    works.wait_gone("team")
    assert works.spoke.get(NAMESPACE, "team") is None
    assert works.spoke.get(CONFIG_MAP, "data", "team") is None


def test_a_work_of_a_spoke_that_is_cut_off_waits_for_it(works, ocm, ocm_plane):
    works.create("old", config_map("old"))
    works.wait("old")
    ocm.stop_agent(ocm_plane, "cluster1")

    works.delete("old")
    works.create("new", config_map("new"))

    steadily(lambda: "deletionTimestamp" in works.get("old")["metadata"], seconds=0.5)
    assert "status" not in works.get("new")
    assert _object(works, "old")
    ocm.join(ocm_plane, "cluster1")
    works.wait_gone("old")
    works.wait("new")
    assert _object(works, "old") is None
