"""What a job gets, in the words of those who wait for clusters; all of it inert, whatever spokes write."""

from __future__ import annotations

import json
import re

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_cli.preview import printing
from covey_cli.preview.choice import LONGEST, choose
from covey_cli.preview.markdown import markdown
from covey_cli.preview.wanted import Wanted
from covey_core.model.parse import parse_job
from covey_core.placement import Placement, World
from covey_core.render.placement import job_placement
from covey_schemas.catalog import kind_schema
from fleets import JOB_VALUE
from placements import NOW, binding, cluster, cluster_set, scores, taint

CLAIM = "digits.data.covey.dev"
BOUND = (cluster_set("hospitals"), binding("hospitals", "vision"))
HOSTILE = "</details> @acme/all ![p](https://evil.example) `x` | \x1b[31m\u202e\n# Approved"


def wanted(granted="abc", **collaborators):
    value = json.loads(json.dumps(JOB_VALUE))
    value["spec"]["collaborators"] |= collaborators
    job = parse_job(value, kind_schema("FederatedJob"))
    placement = Placement.of(job_placement(job, tuple(granted), labels={}))
    asked = job.collaborators
    return Wanted("vision", "digits", asked.min, asked.max, CLAIM, frozenset(granted), placement)


def hospital(name, **more):
    return cluster(name, **({"of": "hospitals", "claims": {CLAIM: "present"}} | more))


def chosen(job, *objects, bound=BOUND):
    return choose(job, World.of([*bound, *objects]), now=NOW)


def why(choice):
    return [printing.other(one) for one in choice.others]


def test_a_job_gets_the_granted_clusters_that_claim_the_data():
    choice = chosen(wanted("ab"), hospital("a"), hospital("b"))
    assert (choice.clusters, choice.is_enough, choice.others) == (("a", "b"), True, ())
    assert printing.headline(choice) == "2 clusters, 2 needed"


def test_each_other_cluster_has_its_reason_and_the_closest_come_first():
    objects = [
        hospital("a"),
        hospital("b", claims={}),
        hospital("c", claims={CLAIM: "gone"}),
        hospital("d"),
        hospital("e", taints=[taint("maintenance")]),
        cluster("k", of="clinics"),
        hospital("x", claims={}),
    ]
    choice = chosen(wanted("abcekz", min=3), *objects)
    assert why(choice) == [
        "b does not claim the data present",
        "c does not claim the data present",
        "e has the taint maintenance:NoSelect, which is not tolerated",
        "k is in the cluster set clinics, not in (hospitals)",
        "z is no cluster of the hub",
        "d is not granted",
        "x is not granted",
    ]
    assert printing.headline(choice) == (
        "1 of 3 needed: b does not claim the data present; c does not claim the data present; "
        "e has the taint maintenance:NoSelect, which is not tolerated; 4 more"
    )


def test_a_cluster_that_says_it_holds_the_data_is_still_not_granted():
    choice = chosen(wanted("a"), hospital("a"), hospital("d"))
    assert printing.headline(choice) == "1 of 2 needed: d is not granted"


def test_more_clusters_than_take_part_are_said_to_be_ranked():
    reported = [scores(name, "covey", rows=rows) for name, rows in (("a", 1), ("b", 9), ("c", 5))]
    job = wanted(max=2, prefer={"score": {"resource": "covey", "name": "rows", "weight": 2}})
    choice = chosen(job, *map(hospital, "abc"), *reported)
    assert printing.headline(choice) == "3 clusters, 2 needed; 2 at the most take part, best score first"
    assert [printing.selected(one, choice) for one in choice.selected] == [
        "b (score 18)",
        "c (score 10)",
        "a (score 2)",
    ]


def test_a_lost_cluster_that_is_still_tolerated_says_until_when():
    lost = taint("cluster.open-cluster-management.io/unreachable", added="2026-11-23T11:55:00Z")
    choice = chosen(wanted("a"), hospital("a", taints=[lost]))
    assert [printing.selected(one, choice) for one in choice.selected] == [
        "a (its taint is tolerated until 2026-11-23T12:05:00Z)"
    ]


@pytest.mark.parametrize(
    ("bound", "trouble"),
    [
        ((), "The hub has no cluster set hospitals."),
        ((cluster_set("hospitals"),), "The cluster set hospitals is not bound to the namespace vision."),
        (BOUND, None),
    ],
)
def test_trouble_with_cluster_sets_is_told_once_for_all_clusters(bound, trouble):
    choice = chosen(wanted("a"), hospital("a"), bound=bound)
    assert list(choice.troubles) == ([trouble] if trouble else [])


def test_expired_scores_are_told():
    job = wanted("a", prefer={"score": {"resource": "covey", "name": "rows", "weight": 2}})
    choice = chosen(job, hospital("a"), scores("a", "covey", until="2026-11-23T11:00:00Z", rows=3))
    assert choice.troubles == ("AddOnPlacementScores a/covey expired; an expired score counts as 0.",)


def test_many_clusters_are_counted_and_not_listed():
    names = [f"c{number:03}" for number in range(120)]
    choice = chosen(wanted(names), *map(hospital, names[:60]))
    shown = list(printing.lines([choice]))
    assert sum(line.startswith("  + ") for line in shown) == printing.MOST
    assert [line for line in shown if " more" in line] == ["  and 10 more; `--format json` lists all"] * 2
    assert len(printing.as_json(choice)["notSelected"]) == 60


def outside_of_code(text):
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


@given(st.text(max_size=LONGEST * 3), st.text(max_size=40))
def test_whatever_a_spoke_writes_is_on_one_line_cut_and_inert(text, name):
    hostile, harmless = _seen(text, f"z{name}"), _seen("x", "z")
    shown = [click.unstyle(line) for line in printing.lines([hostile])]
    assert len(shown) == len(list(printing.lines([harmless])))
    assert all(line.isprintable() and len(line) <= 520 for line in shown)
    assert outside_of_code(markdown([hostile])) == outside_of_code(markdown([harmless]))


def _seen(text, name):
    objects = [
        hospital("a", labels={"region": text}),
        hospital("b", taints=[taint("x", value=text)], labels={"region": text}),
        hospital(name, claims={CLAIM: text}, labels={"region": "x"}),
    ]
    return chosen(wanted("ab", require=[{"key": "region", "operator": "Exists"}]), *objects)


def test_hostile_names_stand_in_code_spans():
    shown = markdown([chosen(wanted([HOSTILE]), hospital(HOSTILE))])
    line = next(line for line in shown.splitlines() if "Approved" in line)
    assert line.startswith("- ``</details> @acme/all")
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_the_summary_counts_jobs():
    good, bad = chosen(wanted("ab"), hospital("a"), hospital("b")), chosen(wanted("ab"))
    assert printing.summary([good]) == "1 job would get enough clusters."
    assert printing.summary([good, bad]) == "1 of 2 jobs would get too few clusters."
    assert printing.summary([]) == "There is no job to preview."
