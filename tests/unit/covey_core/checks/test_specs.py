"""Mistakes in specs that their schemas can't see, each with the sentence that the user reads."""

from __future__ import annotations

import copy

import pytest

from covey_core.checks.dataset import data_set_findings
from covey_core.checks.fleet import fleet_findings
from covey_core.checks.job import job_findings
from covey_core.checks.places import data_set_place, job_place
from covey_core.checks.together import jobs_together
from covey_core.documents import Document
from covey_core.findings import Severity
from covey_core.manifests import to_yaml
from covey_core.model.parse import parse_data_set, parse_fleet, parse_job
from covey_runtimes.registry import find
from covey_schemas.catalog import kind_schema
from fleets import DATA_SET_VALUE, FLEET_VALUE, JOB_VALUE


def changed(value, **changes):
    """`value` with changes by path: `spec__rounds=3`."""
    result = copy.deepcopy(value)
    for path, new in changes.items():
        *folders, last = path.split("__")
        at = result
        for folder in folders:
            at = at.setdefault(folder, {})
        at[last] = new
    return result


def document(value, source):
    return Document(source, 0, value, to_yaml(value))


def of_job(job=None, *, fleet=None, data_set=None):
    value = changed(JOB_VALUE, **(job or {}))
    model = parse_job(value, kind_schema("FederatedJob"))
    fleet_model = parse_fleet(changed(FLEET_VALUE, **(fleet or {})), kind_schema("Fleet"))
    data_set_model = parse_data_set(changed(DATA_SET_VALUE, **(data_set or {})), kind_schema("DataSet"))
    return job_findings(
        model,
        document(value, "jobs/vision/digits/job.yaml"),
        fleet=fleet_model,
        data_sets={data_set_model.name: data_set_model},
        runtime=find(model.runtime),
        runtimes=("flower", "openfl"),
    )


PRIVACY = {"epsilon": 8, "delta": 1e-5, "clippingNorm": 1, "noiseMultiplier": 1}
BUDGET = {"epsilonPerRun": 4, "epsilonTotal": 20, "delta": 1e-6}
JOB_MISTAKES = {
    "reserved name": (
        {"metadata__name": "covey-x"},
        {},
        "name/reserved",
        "/metadata/name",
        "The name 'covey-x' begins with 'covey-', which is kept for Covey's own objects.",
    ),
    "long name": (
        {"metadata__name": "x" * 40, "metadata__namespace": "n" * 30},
        {
            "fleet": {"spec__namespaces": [{"name": "n" * 30, "team": "t", "clusterSets": ["hospitals"]}]},
            "data_set": {"spec__namespaces": ["n" * 30]},
        },
        "name/too-long",
        "/metadata/name",
        f"'{'n' * 30}.{'x' * 40}' has 71 characters; namespace and name together may have 62, the dot included.",
    ),
    "more than the maximum": (
        {"spec__collaborators__max": 1},
        {},
        "job/min-over-max",
        "/spec/collaborators/min",
        "`min` is 2, more than `max`, which is 1.",
    ),
    "more per round than the maximum": (
        {"spec__collaborators__max": 2, "spec__collaborators__minPerRound": 3},
        {},
        "job/min-over-max",
        "/spec/collaborators/minPerRound",
        "`minPerRound` is 3, more than `max`, which is 2.",
    ),
    "a round longer than the run": (
        {"spec__timeouts": {"round": "2h", "run": "1h"}},
        {},
        "job/timeouts",
        "/spec/timeouts",
        "One round may take 7200 seconds, more than the whole run's 3600.",
    ),
    "unknown runtime": (
        {"spec__runtime": "flowr"},
        {},
        "reference/runtime",
        "/spec/runtime",
        "The runtime 'flowr' is not installed (did you mean 'flower'?).",
    ),
    "missing capability": (
        {"spec__runtime": "openfl", "spec__privacy": PRIVACY},
        {},
        "runtime/capability",
        "/spec/privacy",
        "The runtime 'openfl' can't do differential privacy.",
    ),
    "unknown namespace": (
        {"metadata__namespace": "visoin"},
        {"data_set": {"spec__namespaces": ["visoin"]}},
        "reference/namespace",
        "/metadata/namespace",
        "The namespace 'visoin' is not in covey.yaml (did you mean 'vision'?).",
    ),
    "cluster set not bound": (
        {"spec__collaborators__clusterSets": ["hospitals", "clinics"]},
        {},
        "reference/cluster-set",
        "/spec/collaborators/clusterSets/1",
        "The namespace 'vision' may not use the cluster set 'clinics'.",
    ),
    "unknown data set": (
        {"spec__collaborators__dataSet": "digit"},
        {},
        "reference/data-set",
        "/spec/collaborators/dataSet",
        "There is no data set 'digit' (did you mean 'digits'?).",
    ),
    "data set not granted": (
        {},
        {"data_set": {"spec__namespaces": []}},
        "grant/namespace",
        "/spec/collaborators/dataSet",
        "The data set 'digits' is not granted to the namespace 'vision'.",
    ),
    "no purpose": (
        {},
        {"data_set": {"spec__purposes": ["research"]}},
        "grant/purpose",
        "/spec/purpose",
        "The data set 'digits' is not granted for a job that states no purpose.",
    ),
    "another purpose": (
        {"spec__purpose": "sales"},
        {"data_set": {"spec__purposes": ["research"]}},
        "grant/purpose",
        "/spec/purpose",
        "The data set 'digits' is not granted for the purpose 'sales'.",
    ),
    "fewer than the owner asks for": (
        {"spec__collaborators__min": 1},
        {},
        "grant/min-collaborators",
        "/spec/collaborators/min",
        "`min` is 1, but the owner of 'digits' asks for at least 2 collaborators.",
    ),
    "fewer per round than the owner asks for": (
        {"spec__collaborators__minPerRound": 1},
        {},
        "grant/min-collaborators",
        "/spec/collaborators/minPerRound",
        "`minPerRound` is 1, but the owner of 'digits' asks for at least 2 collaborators.",
    ),
    "more than are granted": (
        {"spec__collaborators__min": 4},
        {},
        "grant/too-few-clusters",
        "/spec/collaborators/min",
        "`min` is 4, but 'digits' is granted on 3 clusters only, so the run could never start.",
    ),
    "privacy demanded": (
        {},
        {"data_set": {"spec__privacy": BUDGET}},
        "grant/privacy",
        "/spec",
        "The owner of 'digits' grants its use with differential privacy only.",
    ),
    "epsilon over the budget": (
        {"spec__privacy": {**PRIVACY, "delta": 1e-6}},
        {"data_set": {"spec__privacy": BUDGET}},
        "grant/privacy",
        "/spec/privacy/epsilon",
        "`epsilon` is 8, but the owner of 'digits' allows at most 4.",
    ),
    "delta over the budget": (
        {"spec__privacy": {**PRIVACY, "epsilon": 1}},
        {"data_set": {"spec__privacy": BUDGET}},
        "grant/privacy",
        "/spec/privacy/delta",
        "`delta` is 1e-05, but the owner of 'digits' allows at most 1e-06.",
    ),
    "route without a domain": (
        {"spec__listener": {"type": "Route"}},
        {},
        "job/route-domain",
        "/spec/listener",
        "A Route needs a domain for its host, and covey.yaml gives none.",
    ),
    "node port of a load balancer": (
        {"spec__listener": {"type": "LoadBalancer", "nodePort": 30001}},
        {},
        "job/node-port",
        "/spec/listener/nodePort",
        "`nodePort` means nothing for a listener of type LoadBalancer.",
    ),
}


@pytest.mark.parametrize("mistake", JOB_MISTAKES)
def test_a_jobs_mistake_is_one_sentence_at_its_place(mistake):
    job, others, rule, pointer, message = JOB_MISTAKES[mistake]

    found = of_job(job, **others)

    assert [(one.rule, one.pointer, one.message) for one in found] == [(rule, pointer, message)]
    assert found[0].hint
    assert found[0].severity is Severity.ERROR
    assert found[0].position.line > 1


def test_a_sound_job_has_no_findings():
    assert of_job() == ()


def test_a_routes_host_label_has_a_limit():
    fleet = {"spec__listener": {"type": "Route", "domain": "apps.example"}}
    namespaces = [{"name": "n" * 30, "team": "t", "clusterSets": ["hospitals"]}]
    found = of_job(
        {"metadata__name": "x" * 33, "metadata__namespace": "n" * 30},
        fleet={**fleet, "spec__namespaces": namespaces},
        data_set={"spec__namespaces": ["n" * 30]},
    )

    assert {one.rule for one in found} == {"name/too-long"}
    assert any("has 64 characters; a DNS label may have 63." in one.message for one in found)


def test_several_mistakes_are_told_together():
    found = of_job({"spec__collaborators__min": 9, "spec__runtime": "none", "spec__collaborators__max": 3})

    assert {one.rule for one in found} == {"job/min-over-max", "reference/runtime", "grant/too-few-clusters"}


FLEET_MISTAKES = {
    "namespace twice": (
        {"spec__namespaces": [FLEET_VALUE["spec"]["namespaces"][0]] * 2},
        "fleet/namespace-twice",
        "/spec/namespaces/0/name",
    ),
    "reserved namespace": (
        {"spec__namespaces": [{"name": "kube-system", "team": "t", "clusterSets": ["s"]}]},
        "fleet/namespace-reserved",
        "/spec/namespaces/0/name",
    ),
    "the hub's own namespace": (
        {"spec__namespaces": [{"name": "argocd", "team": "t", "clusterSets": ["s"]}]},
        "fleet/namespace-reserved",
        "/spec/namespaces/0/name",
    ),
    "route without a domain": ({"spec__listener": {"type": "Route"}}, "fleet/route-domain", "/spec/listener"),
    "host bits": (
        {"spec__egress": [{"cidr": "10.0.0.1/8", "ports": ["1"]}]},
        "fleet/cidr",
        "/spec/egress/0/cidr",
    ),
    "ports the wrong way round": (
        {"spec__egress": [{"cidr": "10.0.0.0/8", "ports": ["9-1"]}]},
        "fleet/port-range",
        "/spec/egress/0/ports/0",
    ),
    "port too high": (
        {"spec__egress": [{"cidr": "10.0.0.0/8", "ports": ["99999"]}]},
        "fleet/port-range",
        "/spec/egress/0/ports/0",
    ),
}


@pytest.mark.parametrize("mistake", FLEET_MISTAKES)
def test_a_fleets_mistake_is_found_at_its_place(mistake):
    changes, rule, pointer = FLEET_MISTAKES[mistake]
    value = changed(FLEET_VALUE, **changes)

    found = fleet_findings(parse_fleet(value, kind_schema("Fleet")), document(value, "covey.yaml"))

    assert (rule, pointer) in [(one.rule, one.pointer) for one in found]
    assert {one.rule for one in found} == {rule}


DATA_SET_MISTAKES = {
    "cluster twice": (
        {"spec__grants": [{"cluster": "a"}, {"cluster": "a"}, {"cluster": "b"}]},
        "data-set/cluster-twice",
    ),
    "region not allowed": (
        {
            "spec__residency": ["eu"],
            "spec__grants": [{"cluster": "a", "region": "eu"}, {"cluster": "b", "region": "us"}],
        },
        "data-set/residency",
    ),
    "no region": (
        {"spec__residency": ["eu"], "spec__grants": [{"cluster": "a", "region": "eu"}, {"cluster": "b"}]},
        "data-set/residency",
    ),
    "too few grants": ({"spec__grants": [{"cluster": "a"}]}, "data-set/too-few-grants"),
    "budget": (
        {"spec__privacy": {"epsilonPerRun": 9, "epsilonTotal": 3, "delta": 1e-5}},
        "data-set/privacy-budget",
    ),
    "unknown namespace": ({"spec__namespaces": ["vision", "nobody"]}, "reference/namespace"),
}


@pytest.mark.parametrize("mistake", DATA_SET_MISTAKES)
def test_a_data_sets_mistake_is_found(mistake):
    changes, rule = DATA_SET_MISTAKES[mistake]
    value = changed(DATA_SET_VALUE, **changes)
    fleet = parse_fleet(FLEET_VALUE, kind_schema("Fleet"))

    found = data_set_findings(
        parse_data_set(value, kind_schema("DataSet")), fleet, document(value, "datasets/digits.yaml")
    )

    assert {one.rule for one in found} == {rule}


def test_the_datas_work_has_a_limit_where_the_claim_is_made():
    value = changed(DATA_SET_VALUE, metadata__name="d" * 40, spec__namespaces=["n" * 30], spec__volume={"size": "1Gi"})
    fleet = changed(FLEET_VALUE, spec__namespaces=[{"name": "n" * 30, "team": "t", "clusterSets": ["s"]}])

    (found,) = data_set_findings(
        parse_data_set(value, kind_schema("DataSet")),
        parse_fleet(fleet, kind_schema("Fleet")),
        document(value, "datasets/x.yaml"),
    )

    assert found.rule == "name/too-long"
    assert "has 82 characters" in found.message


@pytest.mark.parametrize(
    ("source", "rule"),
    [("jobs/vision/other/job.yaml", "place/name"), ("jobs/other/digits/job.yaml", "place/namespace")],
)
def test_a_folder_that_differs_from_its_objects_name_is_an_error(source, rule):
    (found,) = job_place(parse_job(JOB_VALUE, kind_schema("FederatedJob")), document(JOB_VALUE, source))

    assert found.rule == rule
    assert "other" in found.message


def test_a_data_sets_file_is_named_after_it():
    model = parse_data_set(DATA_SET_VALUE, kind_schema("DataSet"))

    assert data_set_place(model, document(DATA_SET_VALUE, "datasets/digits.yaml")) == ()
    assert [one.rule for one in data_set_place(model, document(DATA_SET_VALUE, "datasets/x.yaml"))] == ["place/name"]


def test_two_jobs_cannot_have_one_node_port():
    both = []
    for name in ("one", "two"):
        value = changed(JOB_VALUE, metadata__name=name, spec__listener={"type": "NodePort", "nodePort": 30001})
        both.append((parse_job(value, kind_schema("FederatedJob")), document(value, f"jobs/vision/{name}/job.yaml")))

    found = jobs_together(both)

    assert [one.message for one in found] == [
        "The node port 30001 is also asked for by vision/two.",
        "The node port 30001 is also asked for by vision/one.",
    ]


def test_a_drafts_image_is_a_warning():
    (found,) = of_job({"spec__app__image": "registry.example/x@sha256:" + "0" * 64})

    assert (found.rule, found.severity) == ("image/placeholder", Severity.WARNING)
    assert found.message == "The image's digest is all zeros, so no cluster can pull it."
