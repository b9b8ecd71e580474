"""The rollout of a replica set: it goes by a condition that only a work's rules make."""

from __future__ import annotations

import pytest

from ocm_works import config, config_map

pytestmark = pytest.mark.ocm


def test_without_a_rule_for_progressing_a_set_never_counts_as_rolled_out(sets):
    sets.choose("cluster1")

    sets.create("digits")

    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert sets.condition("digits", "PlacementRolledOut") == ("False", "Progressing")


def test_with_a_rule_that_says_done_it_does(sets):
    sets.choose("cluster1")
    made = config_map("plan")
    rule = {"type": "CEL", "condition": "Progressing", "celExpressions": ["object.data.v == 'on'"]}

    sets.create("digits", made, manifestConfigs=[config(made, "configmaps", conditionRules=[rule])])

    sets.wait_for("digits", "PlacementRolledOut", ("True", "Complete"))


def test_progressive_rollout_stops_at_its_first_clusters_without_rules(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")
    rollout = {"type": "Progressive", "progressive": {"maxConcurrency": 1}}

    sets.create("digits", rollout=rollout)

    sets.wait_on("digits", "cluster1")
    sets.wait_for("digits", "ManifestworkApplied", ("True", "AsExpected"))
    assert set(sets.works("digits")) == {"cluster1"}


def test_progressive_rollout_goes_on_when_a_rule_says_done(sets):
    sets.choose("cluster1")
    sets.choose("cluster2")
    made = config_map("plan")
    rule = {"type": "CEL", "condition": "Progressing", "celExpressions": ["object.data.v == 'on'"]}
    rollout = {"type": "Progressive", "progressive": {"maxConcurrency": 1}}

    sets.create("digits", made, rollout=rollout, manifestConfigs=[config(made, "configmaps", conditionRules=[rule])])

    sets.wait_on("digits", "cluster1", "cluster2")
