"""The fleet level: a function of covey.yaml and the data sets only."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from covey_core.model.dataset import Grant
from covey_core.model.fleet import Namespace
from covey_core.model.job import Storage
from covey_core.render import fleet_groups, read_stamp, render_fleet
from fleets import DATA_SET, FLEET

WITH_VOLUME = dataclasses.replace(DATA_SET, volume=Storage("1Gi", ""))
PREFIX = "rendered/_fleet/"


def objects(fleet=FLEET, data_sets=(DATA_SET,)):
    files = render_fleet(fleet, data_sets, version="1")
    return {file.path.removeprefix(PREFIX): yaml.safe_load(file.text) for file in files}


def inputs(fleet=FLEET, data_sets=(DATA_SET,)):
    return {group.lead.removeprefix(PREFIX): group.inputs for group in fleet_groups(fleet, data_sets, version="1")}


def test_the_folder_is_flat_and_no_two_objects_share_a_file():
    files = render_fleet(FLEET, (WITH_VOLUME,), version="1")

    assert all(file.path.startswith(PREFIX) and "/" not in file.path.removeprefix(PREFIX) for file in files)
    assert len({file.path for file in files}) == len(files)
    assert all(read_stamp(file.text).intact for file in files)


def test_no_job_shows_in_it():
    assert "jobs" not in render_fleet.__code__.co_varnames
    assert not any("covey.dev/job" in one["metadata"]["labels"] for one in objects().values())


@pytest.mark.parametrize("where", ["hub", "spoke"])
def test_namespaces_are_restricted_and_deny_by_default(where):
    whole = objects()
    if where == "hub":
        namespace, policy = whole["namespace-vision.yaml"], whole["networkpolicy-vision.covey-default-deny.yaml"]
    else:
        brought = spoke_objects(whole)
        namespace, policy = brought["Namespace", "vision"], brought["NetworkPolicy", "covey-default-deny"]

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def spoke_objects(whole):
    work = whole["manifestworkreplicaset-vision.covey-namespace.yaml"]["spec"]["manifestWorkTemplate"]
    return {(one["kind"], one["metadata"]["name"]): one for one in work["workload"]["manifests"]}


def test_collaborators_reach_dns_and_the_hubs_listeners_only():
    policy = spoke_objects(objects())["NetworkPolicy", "covey-collaborator"]["spec"]

    assert "ingress" not in policy
    assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/component": "collaborator"}}
    assert policy["egress"][1:] == [
        {
            "ports": [{"port": 30000, "endPort": 32767, "protocol": "TCP"}],
            "to": [{"ipBlock": {"cidr": "198.51.100.0/24"}}],
        },
    ]


def test_aggregators_take_connections_on_one_port_and_reach_the_api_server():
    policy = objects()["networkpolicy-vision.covey-aggregator.yaml"]["spec"]

    assert policy["ingress"] == [{"ports": [{"port": 8443, "protocol": "TCP"}]}]
    assert policy["egress"][1] == {
        "ports": [{"port": 6443, "protocol": "TCP"}],
        "to": [{"ipBlock": {"cidr": "10.0.0.1/32"}}],
    }


def test_works_of_the_fleet_level_orphan_what_they_brought():
    works = [one for one in objects(data_sets=(WITH_VOLUME,)).values() if one["kind"] == "ManifestWorkReplicaSet"]

    assert len(works) == 3
    for work in works:
        assert work["spec"]["manifestWorkTemplate"]["deleteOption"] == {"propagationPolicy": "Orphan"}


def test_the_work_agent_gets_its_right_to_pod_templates_by_a_labelled_role():
    work = objects()["manifestworkreplicaset-covey-system.covey-base.yaml"]["spec"]["manifestWorkTemplate"]
    (role,) = work["workload"]["manifests"]

    assert role["metadata"]["labels"]["open-cluster-management.io/aggregate-to-work"] == "true"
    assert [rule["resources"] for rule in role["rules"]] == [["podtemplates"]]


def test_an_aggregator_may_read_rosters_and_report_and_nothing_else():
    role = objects()["role-vision.covey-aggregator.yaml"]

    assert role["rules"] == [
        {"apiGroups": ["covey.dev"], "resources": ["federatedruns"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["covey.dev"], "resources": ["federatedruns/status"], "verbs": ["patch"]},
    ]


def test_accounts_mount_no_token_by_themselves():
    accounts = [one for one in objects().values() if one["kind"] == "ServiceAccount"]

    assert all(one["automountServiceAccountToken"] is False for one in accounts)
    assert spoke_objects(objects())["ServiceAccount", "covey-collaborator"]["automountServiceAccountToken"] is False


def test_a_projects_jobs_stay_in_their_namespace():
    spec = objects()["appproject-argocd.covey-vision.yaml"]["spec"]

    assert spec["destinations"] == [{"server": "https://kubernetes.default.svc", "namespace": "vision"}]
    assert "clusterResourceWhitelist" not in spec
    assert {"group": "work.open-cluster-management.io", "kind": "ManifestWork"} not in spec[
        "namespaceResourceWhitelist"
    ]


def test_each_job_becomes_an_application_and_the_fleet_level_none():
    spec = objects()["applicationset-argocd.covey-jobs.yaml"]["spec"]

    assert spec["template"]["metadata"]["name"] == "{{index .path.segments 1}}.{{.path.basename}}"
    assert {"path": "rendered/_fleet/*", "exclude": True} in spec["generators"][0]["git"]["directories"]


def test_the_datas_claim_is_made_on_granted_clusters_only():
    whole = objects(data_sets=(WITH_VOLUME,))
    placement = whole["placement-vision.covey-data-digits.yaml"]["spec"]
    work = whole["manifestworkreplicaset-vision.covey-data-digits.yaml"]["spec"]["manifestWorkTemplate"]["workload"]

    assert placement["predicates"][0]["requiredClusterSelector"]["celSelector"]["celExpressions"] == [
        'managedCluster.metadata.name in ["a", "b", "c"]',
    ]
    assert [one["metadata"]["name"] for one in work["manifests"]] == ["data-digits"]


def test_an_owner_who_makes_the_claim_gets_no_work():
    assert not any("data-digits" in name for name in objects())


def test_a_data_sets_change_touches_its_own_files_only():
    before = inputs()
    after = inputs(data_sets=(dataclasses.replace(DATA_SET, spec={**DATA_SET.spec, "owner": "x"}),))

    assert {name for name in before if before[name] != after[name]} == {"dataset-digits.yaml"}


def test_another_teams_namespace_touches_no_file_of_this_one():
    more = (*FLEET.namespaces, Namespace("driving", "@acme/driving", ("cars",)))
    spec = {**FLEET.spec, "namespaces": [*FLEET.spec["namespaces"], {"name": "driving"}]}
    after = inputs(dataclasses.replace(FLEET, namespaces=more, spec=spec))

    assert after["namespace-vision.yaml"] == inputs()["namespace-vision.yaml"]


def test_a_grant_changes_the_data_set_as_argo_cd_sees_it():
    more = dataclasses.replace(WITH_VOLUME, grants=(*WITH_VOLUME.grants, Grant("d", "")))
    work = objects(data_sets=(more,))["placement-vision.covey-data-digits.yaml"]["spec"]

    assert '"d"' in work["predicates"][0]["requiredClusterSelector"]["celSelector"]["celExpressions"][0]


def test_a_fleet_without_namespaces_renders():
    whole = objects(dataclasses.replace(FLEET, namespaces=()), ())

    assert sorted(whole) == ["applicationset-argocd.covey-jobs.yaml", "fleet-acme.yaml", "namespace-covey-system.yaml"]
