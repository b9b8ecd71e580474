"""What the hub hears of objects on a spoke: feedback values, availability, conditions by rules, completion."""

from __future__ import annotations

import pytest

from controlplane.rest import Kind
from ocm_works import CONFIG_MAP, JOB, SITE, config, config_map, job
from waiting import until

pytestmark = pytest.mark.ocm

_POD = Kind("v1", "Pod", "pods", namespaced=True)
_COMPLETE = [{"type": "WellKnownConditions", "condition": "Complete"}]


def _paths(**paths):
    return [{"type": "JSONPaths", "jsonPaths": [{"name": name, "path": path} for name, path in paths.items()]}]


def _rule(condition, *expressions, **said):
    return {"type": "CEL", "condition": condition, "celExpressions": list(expressions), **said}


def _seen(works, name, manifest, resource, **said):
    works.create(name, manifest, manifestConfigs=[config(manifest, resource, **said)])


def _job(works, name):
    """A job that reports and may complete."""
    _seen(
        works,
        name,
        job(name, suspend=False),
        "jobs",
        conditionRules=_COMPLETE,
        feedbackRules=[{"type": "WellKnownStatus"}],
    )


def _finish_pod(works, name, phase):
    """As a node would; Kubernetes' own job controller does the rest."""
    selector = f"job-name={name}"
    pod = until(lambda: works.spoke.list(_POD, SITE, labels=selector))[0]
    works.spoke.patch(_POD, pod["metadata"]["name"], {"status": {"phase": phase}}, namespace=SITE, part="status")


def test_values_are_strings_integers_and_booleans(works):
    manifest = job("typed")
    paths = _paths(kind=".kind", tries=".spec.backoffLimit", suspended=".spec.suspend")

    _seen(works, "typed", manifest, "jobs", feedbackRules=paths)

    until(lambda: works.values("typed") == {"kind": "Job", "tries": 6, "suspended": True})
    assert works.manifest("typed")["by_type"]["StatusFeedbackSynced"]["reason"] == "StatusFeedbackSynced"


def test_a_configuration_may_match_many_manifests(works):
    identifier = {"group": "", "resource": "configmaps", "namespace": "*", "name": "plan-*"}
    many = {"resourceIdentifier": identifier, "feedbackRules": _paths(v=".data.v")}

    works.create("plans", config_map("plan-a", {"v": "a"}), config_map("other"), manifestConfigs=[many])

    until(lambda: works.values("plans") == {"v": "a"})
    assert works.values("plans", 1) == {}


def test_what_is_no_single_value_is_named_and_the_rest_arrives(works):
    paths = _paths(metadata=".metadata", missing=".status.none", name=".metadata.name")

    _seen(works, "mixed", config_map("mixed"), "configmaps", feedbackRules=paths)

    said = works.wait_manifest("mixed", "StatusFeedbackSynced", "False")
    assert said["reason"] == "StatusFeedbackSyncFailed"
    assert said["message"] == (
        "Sync status feedback failed with error the type map[string]interface {} of the value for metadata is not found"
    )
    assert works.values("mixed") == {"name": "mixed"}


def test_no_well_known_status_is_an_error(works):
    _seen(works, "none", config_map("none"), "configmaps", feedbackRules=[{"type": "WellKnownStatus"}])

    said = works.wait_manifest("none", "StatusFeedbackSynced", "False")

    assert said["message"].endswith("cannot find the wellknown statuses for resource with gvk /v1, Kind=ConfigMap")


def test_values_follow_the_object(works):
    _seen(works, "moving", config_map("moving"), "configmaps", feedbackRules=_paths(v=".data.v"))
    until(lambda: works.values("moving") == {"v": "hub"})

    works.spoke.patch(CONFIG_MAP, "moving", {"data": {"v": "spoke"}}, namespace=SITE)

    until(lambda: works.values("moving") == {"v": "spoke"}, seconds=10)


def test_an_object_that_is_gone_is_not_available(works):
    works.create("plan", config_map("plan"))
    works.wait("plan", "Available")

    works.spoke.delete(CONFIG_MAP, "plan", SITE)

    said = works.wait("plan", "Available", "False")
    assert said["message"] == "1 of 1 resources are not available"
    assert works.condition("plan", "Applied")["status"] == "True"


def test_rules_make_conditions_of_manifest_and_work(works):
    progressing = _rule("Progressing", "object.data.v != 'done'", messageExpression="'at ' + object.data.v")
    degraded = _rule("Degraded", "object.data.v == 'bad'", message="all is well or not")

    _seen(works, "ruled", config_map("ruled"), "configmaps", conditionRules=[progressing, degraded])

    said = works.wait("ruled", "Progressing")
    assert (said["reason"], said["message"]) == ("ConditionRulesAggregated", "at hub")
    assert works.condition("ruled", "Degraded")["message"] == "all is well or not"
    assert works.manifest("ruled")["by_type"]["Progressing"]["reason"] == "ConditionRuleEvaluated"
    works.spoke.patch(CONFIG_MAP, "ruled", {"data": {"v": "done"}}, namespace=SITE)
    assert works.wait("ruled", "Progressing", "False")["message"] == "at done"


def test_rules_of_several_manifests_are_taken_together(works):
    one, two = config_map("one", {"v": "done"}), config_map("two", {"v": "on"})
    rule = _rule("Progressing", "object.data.v != 'done'")
    ready = _rule("Ready", "object.data.v == 'done'")
    configs = [config(made, "configmaps", conditionRules=[rule, ready]) for made in (one, two)]

    works.create("both", one, two, manifestConfigs=configs)

    said = works.wait("both", "Progressing")
    assert said["message"] == "Aggregated from 2 manifest conditions"
    assert works.condition("both", "Ready")["status"] == "False"


def test_a_rule_that_fails_says_why(works):
    _seen(works, "wrong", config_map("wrong"), "configmaps", conditionRules=[_rule("Ready", "object.spec.none == 1")])

    said = works.wait_manifest("wrong", "Ready", "False")

    assert (said["reason"], said["message"]) == ("ConditionRuleExpressionError", "no such key: spec")


def test_conditions_go_with_their_rules(works):
    made = config_map("fickle")
    _seen(works, "fickle", made, "configmaps", conditionRules=[_rule("Ready", "true")])
    works.wait("fickle", "Ready")

    works.change("fickle", manifestConfigs=[])

    until(lambda: "Ready" not in {one["type"] for one in works.get("fickle")["status"]["conditions"]})
    assert "Ready" not in works.manifest("fickle")["by_type"]


def test_a_job_that_runs_is_available_and_not_complete(works):
    _job(works, "digits")

    said = works.wait("digits", "Complete", "False")

    assert (said["reason"], said["message"]) == ("ConditionRulesAggregated", "Job is not finished")
    assert works.condition("digits", "Available")["status"] == "True"
    said = works.manifest("digits")["by_type"]["Complete"]
    assert (said["reason"], said["message"]) == ("ConditionRuleEvaluated", "Job is not finished")


def test_a_finished_job_completes_its_work_for_ever(works):
    _job(works, "digits")
    works.wait("digits", "Complete", "False")
    _finish_pod(works, "digits", "Succeeded")

    assert works.wait("digits", "Complete")["message"] == "Job is finished"
    until(lambda: works.values("digits") == {"JobComplete": "True", "JobSucceeded": 1})
    works.change("digits", workload={"manifests": [job("digits", suspend=False), config_map("late")]})
    works.change("digits", deleteOption={"propagationPolicy": "Orphan"})

    until(lambda: works.get("digits")["metadata"]["generation"] == 3)
    works.create("next", config_map("next"))
    works.wait("next", "Available")  # the agent has had time
    assert works.spoke.get(CONFIG_MAP, "late", SITE) is None
    assert works.spoke.get(JOB, "digits", SITE)["metadata"]["ownerReferences"]


def test_a_failed_job_completes_its_work_too(works):
    manifest = job("digits", suspend=False)
    manifest["spec"]["backoffLimit"] = 0
    _seen(works, "digits", manifest, "jobs", conditionRules=_COMPLETE, feedbackRules=[{"type": "WellKnownStatus"}])
    _finish_pod(works, "digits", "Failed")

    assert works.wait("digits", "Complete")["message"] == "Job is finished"
    assert "JobSucceeded" not in works.values("digits")


def test_a_completed_work_can_be_deleted(works):
    _job(works, "digits")
    _finish_pod(works, "digits", "Succeeded")
    works.wait("digits", "Complete")

    works.delete("digits")

    works.wait_gone("digits")
    until(lambda: works.spoke.get(JOB, "digits", SITE) is None)
