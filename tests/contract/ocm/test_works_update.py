"""How a work is written over what is on the spoke, by CreateOnly, ServerSideApply, ReadOnly; what the agent may do."""

from __future__ import annotations

import pytest

from controlplane.rest import Kind
from ocm_works import CONFIG_MAP, POD_TEMPLATE, SITE, config, config_map, pod_template
from waiting import steadily, until

pytestmark = pytest.mark.ocm

_QUOTA = Kind("v1", "ResourceQuota", "resourcequotas", namespaced=True)


def _strategy(kind, **said):
    return {"type": kind} | ({"serverSideApply": said} if said else {})


def _configs(manifest, strategy, **more):
    return [config(manifest, "configmaps", updateStrategy=strategy, **more)]


def _data(works, name):
    return works.spoke.get(CONFIG_MAP, name, SITE)["data"]


def test_create_only_never_writes_again(works):
    made = config_map("once", {"v": "1"})
    works.create("once", made, manifestConfigs=_configs(made, _strategy("CreateOnly")))
    works.wait("once")

    works.change("once", workload={"manifests": [config_map("once", {"v": "2"})]})

    works.wait("once")
    assert _data(works, "once") == {"v": "1"}
    assert works.spoke.get(CONFIG_MAP, "once", SITE)["metadata"]["ownerReferences"]


def test_create_only_owns_what_was_there(works):
    works.spoke.create(CONFIG_MAP, config_map("there", {"v": "spoke"}))
    made = config_map("there")

    works.create("there", made, manifestConfigs=_configs(made, _strategy("CreateOnly")))

    works.wait("there")
    assert _data(works, "there") == {"v": "spoke"}
    assert works.spoke.get(CONFIG_MAP, "there", SITE)["metadata"]["ownerReferences"]


def test_read_only_writes_nothing_and_reports(works):
    works.spoke.create(CONFIG_MAP, config_map("seen", {"v": "spoke"}))
    made = config_map("seen")
    rules = [{"type": "JSONPaths", "jsonPaths": [{"name": "v", "path": ".data.v"}]}]

    works.create("seen", made, manifestConfigs=_configs(made, _strategy("ReadOnly"), feedbackRules=rules))

    until(lambda: works.values("seen") == {"v": "spoke"})
    assert "ownerReferences" not in works.spoke.get(CONFIG_MAP, "seen", SITE)["metadata"]
    works.delete("seen")
    works.wait_gone("seen")
    assert _data(works, "seen") == {"v": "spoke"}


def test_a_conflict_names_the_other_manager_and_leaves_the_object(works):
    works.spoke.apply(CONFIG_MAP, config_map("taken", {"v": "spoke"}), manager="the-site")
    made = config_map("taken")

    works.create("taken", made, manifestConfigs=_configs(made, _strategy("ServerSideApply", force=False)))

    works.wait("taken", "Available")
    said = works.wait_manifest("taken", "Applied", "False")
    assert said["message"] == (
        'Failed to apply manifest: Apply failed with 1 conflict: conflict with "the-site": .data.v'
    )
    assert works.condition("taken", "Applied")["reason"] == "AppliedManifestWorkFailed"
    assert _data(works, "taken") == {"v": "spoke"}


def test_a_conflict_that_is_gone_is_not_noticed_before_the_work_is_looked_at_again(works):
    works.spoke.apply(CONFIG_MAP, config_map("taken", {"v": "spoke"}), manager="the-site")
    made = config_map("taken")
    works.create("taken", made, manifestConfigs=_configs(made, _strategy("ServerSideApply", force=False)))
    works.wait_manifest("taken", "Applied", "False")

    works.spoke.apply(CONFIG_MAP, {"metadata": made["metadata"]}, manager="the-site")  # gives its field up

    steadily(lambda: works.manifest("taken")["by_type"]["Applied"]["status"] == "False", seconds=2)
    works.touch("taken")
    works.wait("taken")
    assert _data(works, "taken") == {"v": "hub"}


def test_an_edit_by_hand_stays_until_the_work_is_looked_at_again(works):
    works.create("plan", config_map("plan"))
    works.wait("plan", "Available")

    works.spoke.patch(CONFIG_MAP, "plan", {"data": {"v": "hand"}}, namespace=SITE)

    steadily(lambda: _data(works, "plan") == {"v": "hand"}, seconds=2)
    works.touch("plan")
    until(lambda: _data(works, "plan") == {"v": "hub"})


def test_force_takes_the_field(works):
    works.spoke.apply(CONFIG_MAP, config_map("taken", {"v": "spoke", "w": "spoke"}), manager="the-site")
    made = config_map("taken")

    works.create("taken", made, manifestConfigs=_configs(made, _strategy("ServerSideApply", force=True)))

    works.wait("taken")
    assert _data(works, "taken") == {"v": "hub", "w": "spoke"}


@pytest.mark.parametrize(
    ("said", "manager"), [({"force": False}, "work-agent"), ({"fieldManager": "work-agent-covey"}, "work-agent-covey")]
)
def test_fields_carry_their_managers_name(works, said, manager):
    made = config_map("managed")

    works.create("managed", made, manifestConfigs=_configs(made, _strategy("ServerSideApply", **said)))

    works.wait("managed")
    found = works.spoke.get(CONFIG_MAP, "managed", SITE)["metadata"]["managedFields"]
    assert manager in {one["manager"] for one in found if one["operation"] == "Apply"}


def test_ignored_fields_are_written_once_and_then_the_spokes(works):
    made = config_map("tuned", {"v": "1", "level": "low"})
    ignored = [{"condition": "OnSpokePresent", "jsonPaths": [".data.level"]}]
    strategy = _strategy("ServerSideApply", force=True, ignoreFields=ignored)
    works.create("tuned", made, manifestConfigs=_configs(made, strategy))
    works.wait("tuned")
    assert _data(works, "tuned") == {"v": "1", "level": "low"}
    works.spoke.patch(CONFIG_MAP, "tuned", {"data": {"level": "high"}}, namespace=SITE)

    works.change("tuned", workload={"manifests": [config_map("tuned", {"v": "2", "level": "low"})]})

    until(lambda: _data(works, "tuned") == {"v": "2", "level": "high"})


def test_the_agent_may_not_write_pod_templates_before_a_labelled_role_lets_it(works):
    works.create("template", pod_template("template"))
    said = works.wait_manifest("template", "Applied", "False")
    assert 'cannot get resource "podtemplates" in API group ""' in said["message"]
    assert "klusterlet-work-sa" in said["message"]

    rule = {"apiGroups": [""], "resources": ["podtemplates"], "verbs": ["*"]}
    metadata = {"name": "covey-work", "labels": {"open-cluster-management.io/aggregate-to-work": "true"}}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata}
    works.create("rights", {**role, "rules": [rule]})

    works.wait("rights")
    works.wait("template")
    assert works.spoke.get(POD_TEMPLATE, "template", SITE)


def test_a_kind_its_role_and_an_object_of_it_arrive_in_one_work(works):
    group, names = "example.dev", {"kind": "Thing", "plural": "things", "singular": "thing"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    kind = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }
    rule = {"apiGroups": [group], "resources": ["things"], "verbs": ["*"]}
    metadata = {"name": "things", "labels": {"open-cluster-management.io/aggregate-to-work": "true"}}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata, "rules": [rule]}
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one", "namespace": SITE}, "spec": {}}

    works.create("things", thing, role, kind)

    works.wait("things")
    assert works.spoke.get(Kind(f"{group}/v1", "Thing", "things", namespaced=True), "one", SITE)


def test_the_agent_reads_quotas_and_may_not_write_them(works):
    spec = {"hard": {"pods": "1"}}
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "quota", "namespace": SITE},
        "spec": spec,
    }
    works.create("quota", quota)

    said = works.wait_manifest("quota", "Applied", "False")

    assert 'cannot create resource "resourcequotas"' in said["message"]
    assert works.spoke.get(_QUOTA, "quota", SITE) is None


def test_a_work_of_one_cluster_is_no_business_of_another(works, apis, ocm_plane):
    works.create("mine", config_map("mine"))
    works.wait("mine")
    other = apis(ocm_plane.clusters["cluster2"].admin)
    assert other.get(CONFIG_MAP, "mine", SITE) is None
