"""A work's executor: the agent does only what that service account may do itself, and not everybody may name it."""

from __future__ import annotations

import pytest

from controlplane.ocm.kinds import ROLE_BINDING, WORK
from controlplane.rest import Kind
from ocm_works import CONFIG_MAP, SITE, config_map, refused

pytestmark = pytest.mark.ocm

_RBAC = "rbac.authorization.k8s.io"
_ROLE = Kind(f"{_RBAC}/v1", "Role", "roles", namespaced=True)
_EXECUTOR = {"subject": {"type": "ServiceAccount", "serviceAccount": {"namespace": SITE, "name": "runner"}}}
_ACCOUNT = {"kind": "ServiceAccount", "namespace": SITE, "name": "runner"}


def _allow(api, subject, *rules, namespace=SITE, name="runner"):
    metadata = {"name": name, "namespace": namespace}
    api.create(_ROLE, {"metadata": metadata, "rules": list(rules)})
    reference = {"apiGroup": _RBAC, "kind": "Role", "name": name}
    api.create(ROLE_BINDING, {"metadata": metadata, "roleRef": reference, "subjects": [subject]})


def _rule(groups, resources, *verbs):
    return {"apiGroups": [groups], "resources": [resources], "verbs": list(verbs)}


def test_an_executor_without_the_right_is_refused(works):
    _allow(works.spoke, _ACCOUNT, _rule("", "configmaps", "create", "update", "patch", "get"))

    works.create("plan", config_map("plan"), executor=_EXECUTOR)

    said = works.wait_manifest("plan", "Applied", "False")
    assert said["message"] == (
        f"Failed to apply manifest: not allowed to apply the resource  configmaps, {SITE} plan, will try again in 1m0s"
    )
    assert works.spoke.get(CONFIG_MAP, "plan", SITE) is None


def test_an_orphan_needs_no_right_to_delete(works):
    _allow(works.spoke, _ACCOUNT, _rule("", "configmaps", "create", "update", "patch", "get"))

    works.create("plan", config_map("plan"), executor=_EXECUTOR, deleteOption={"propagationPolicy": "Orphan"})

    works.wait("plan")
    assert works.spoke.get(CONFIG_MAP, "plan", SITE)


def test_an_executor_with_all_rights_is_let_through(works):
    _allow(works.spoke, _ACCOUNT, _rule("", "configmaps", "*"))

    works.create("plan", config_map("plan"), executor=_EXECUTOR)

    works.wait("plan")


def test_an_executor_gives_nobody_more_than_it_has(works):
    _allow(works.spoke, _ACCOUNT, _rule(_RBAC, "roles", "create", "update", "patch", "get", "delete"))
    metadata = {"name": "more", "namespace": SITE}
    more = {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": [_rule("", "secrets", "get")]}

    works.create("more", more, executor=_EXECUTOR)

    said = works.wait_manifest("more", "Applied", "False")
    assert "error: permission escalation" in said["message"]
    assert works.spoke.get(_ROLE, "more", SITE) is None


def test_only_who_may_act_as_the_executor_names_it(works, apis, ocm_plane, tmp_path):
    alice = apis(ocm_plane.hub.kubeconfig(tmp_path / "user", "alice"))
    subject = {"apiGroup": _RBAC, "kind": "User", "name": "alice"}
    write = _rule("work.open-cluster-management.io", "manifestworks", "*")
    _allow(works.hub, subject, {**write, "verbs": ["create", "update", "get"]}, namespace=works.cluster, name="alice")
    spec = {"workload": {"manifests": [config_map("plan")]}, "executor": _EXECUTOR}
    made = {"metadata": {"name": "plan", "namespace": works.cluster}, "spec": spec}

    said = refused(lambda: alice.create(WORK, made))
    assert f"user alice cannot manipulate the Manifestwork with executor {SITE}/runner" in said

    _allow(works.hub, subject, {**write, "verbs": ["execute-as"]}, namespace=works.cluster, name="executor")
    assert alice.create(WORK, made)
