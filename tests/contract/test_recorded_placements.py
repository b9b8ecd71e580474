"""What real OCM decided and wrote, from the same clusters."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
import yaml

from covey_core.placement import Placement, World, decision_objects, evaluate, status
from placements import binding, cluster_set, scores

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
# File with the Placement, file with its decisions, and whether cluster2 was lost by then.
RECORDED = [
    ("placement-satisfied", "placementdecision", False),
    ("placement-after-loss", "placementdecision-after-loss", True),
    ("placement-no-match", "placementdecisions-all", False),
    ("placement-scored", "placementdecisions-all", False),
    ("placement-too-few", "placementdecisions-all", False),
    ("placement-unbound-set", "placementdecisions-all", False),
]


@pytest.mark.parametrize(("file", "decisions", "lost"), RECORDED)
def test_conditions_groups_and_decisions_are_what_ocm_wrote(recordings_folder, file, decisions, lost):
    (recorded,) = _objects(recordings_folder, file)
    outcome = evaluate(Placement.of(recorded), _world(recordings_folder, lost=lost), now=NOW)
    before = recorded["status"]
    written = status(outcome, now=NOW, previous=before)
    assert _by_type(written["conditions"]) == _by_type(before["conditions"])
    assert {key: written[key] for key in written if key != "conditions"} == {
        key: before[key] for key in before if key != "conditions"
    }
    theirs = [_known(one) for one in _objects(recordings_folder, decisions) if _is_of(one, recorded)]
    assert [_known(one) for one in decision_objects(outcome)] == theirs


def test_all_recorded_placements_are_in_the_table(recordings_folder):
    names = {path.stem for path in recordings_folder.glob("*.yaml") if "\nkind: Placement\n" in path.read_text()}
    assert names == {file for file, _, _ in RECORDED}


def test_a_toleration_with_seconds_would_not_have_kept_the_lost_cluster(recordings_folder):
    """Its taint was recorded without a time, as OCM writes it where no webhook adds one."""
    (recorded,) = _objects(recordings_folder, "placement-after-loss")
    wanted = copy.deepcopy(recorded)
    wanted["spec"]["tolerations"] = [{"operator": "Exists", "tolerationSeconds": 10**6}]
    outcome = evaluate(Placement.of(wanted), _world(recordings_folder, lost=True), now=NOW)
    (other,) = outcome.others
    assert (other.cluster, "without a time" in other.reason) == ("cluster2", True)


def _world(folder, *, lost):
    """Sets, binding and scores were not recorded; the story tells them. Decisions so far would change nothing."""
    first, second = (*_objects(folder, "managedcluster-available"), *_objects(folder, "managedcluster-lost"))
    if not lost:
        del second["spec"]["taints"]
    around = [cluster_set("default"), binding("default"), cluster_set("other")]
    return World.of(
        [first, second, *around, scores("cluster1", "covey", rows=10), scores("cluster2", "covey", rows=90)]
    )


def _objects(folder, file):
    text = (folder / f"{file}.yaml").read_text(encoding="utf-8")
    return [one for one in yaml.safe_load_all(text) if one]


def _is_of(one, recorded):
    return one["metadata"]["labels"]["cluster.open-cluster-management.io/placement"] == recorded["metadata"]["name"]


def _known(one):
    """Without what the API server adds; an empty decision was recorded without its status."""
    metadata = {key: one["metadata"][key] for key in ("name", "namespace", "labels", "ownerReferences")}
    return {**one, "metadata": metadata, "status": {"decisions": one.get("status", {}).get("decisions") or []}}


def _by_type(conditions):
    return {one["type"]: one for one in conditions}
