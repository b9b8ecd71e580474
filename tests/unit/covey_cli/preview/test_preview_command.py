"""`covey preview` and `covey diff --snapshot` as they are typed."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from covey_cli import boundary
from covey_cli.preview.snapshot import from_file, save
from fake_hub import FakeHub, kubeconfig, serving
from git_repos import EXAMPLE
from placements import cluster, cluster_set, taint

PRESENT = {"digits.data.covey.dev": "present"}
HOSPITALS = [
    cluster_set("hospitals"),
    cluster("hospital-a", of="hospitals", claims=PRESENT),
    cluster("hospital-b", of="hospitals", claims=PRESENT, taints=[taint("maintenance")]),
    cluster("hospital-c", of="hospitals"),
    cluster("hospital-d", of="hospitals", claims=PRESENT),
]


@pytest.fixture
def fleet(tmp_path):
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("digits-*", ".covey"))
    save(root / "hub.yaml", HOSPITALS)
    return root


@pytest.fixture
def covey(fleet, capsys):
    """Exit code, output and what stands on stderr of a command in the fleet repo."""

    def run(command, *arguments):
        code = boundary.run(["--color", "never", command, "--root", str(fleet), *map(str, arguments)])
        ended = capsys.readouterr()
        return code, ended.out, ended.err

    return run


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_snapshot_is_enough_and_the_fleet_s_own_bindings_count(covey, fleet):
    code, out, _ = covey("preview", "--snapshot", fleet / "hub.yaml")
    assert code == 0
    assert out.splitlines() == [
        (
            "vision/digits: 1 of 2 needed: hospital-b has the taint maintenance:NoSelect, which is not tolerated; "
            "hospital-c does not claim the data present; hospital-d is not granted"
        ),
        "  + hospital-a",
        "  - hospital-b has the taint maintenance:NoSelect, which is not tolerated",
        "  - hospital-c does not claim the data present",
        "  - hospital-d is not granted",
        "",
        "1 of 1 job would get too few clusters.",
    ]


def test_check_fails_only_while_there_are_too_few(covey, fleet):
    arguments = ("preview", "vision/digits", "--snapshot", fleet / "hub.yaml", "--check")
    assert covey(*arguments)[0] == 1
    edit(fleet / "datasets/digits.yaml", "hospital-c", "hospital-d")
    assert covey(*arguments)[0] == 0


def test_json_has_every_cluster_with_its_reason(covey, fleet):
    _, out, _ = covey("preview", "--snapshot", fleet / "hub.yaml", "--format", "json")
    ((job,),) = [json.loads(out)["jobs"]]
    assert (job["needed"], job["isEnough"], [one["cluster"] for one in job["selected"]]) == (2, False, ["hospital-a"])
    assert [(one["cluster"], one["granted"], one["step"]) for one in job["notSelected"]] == [
        ("hospital-b", True, "taint"),
        ("hospital-c", True, "claim"),
        ("hospital-d", False, "grant"),
    ]


def test_markdown_is_a_comment(covey, fleet):
    _, out, _ = covey("preview", "--snapshot", fleet / "hub.yaml", "--format", "markdown")
    assert out.startswith("### Which clusters the jobs get\n\n**`vision/digits`**: `1 of 2 needed")
    assert "<details><summary>3 not chosen</summary>" in out


def test_a_hub_is_read_and_saved(covey, fleet, tmp_path):
    saved = tmp_path / "saved.yaml"
    with serving(FakeHub(HOSPITALS)) as hub:
        config = kubeconfig(tmp_path / "config", hub.address)
        from_hub = covey("preview", "--kubeconfig", config, "--context", "hub", "--save", saved)
        hub.refuse("AddOnPlacementScore", 403)
        code, _, error = covey("preview", "--kubeconfig", config)
    assert (code, "may not list addonplacementscores" in error) == (1, True)
    assert from_hub == covey("preview", "--snapshot", saved)
    assert from_file(saved) == from_file(fleet / "hub.yaml")


def test_an_unknown_job_is_told_with_the_closest(covey, fleet):
    code, _, error = covey("preview", "vision/digit", "--snapshot", fleet / "hub.yaml")
    assert (code, "Did you mean 'vision/digits'?" in error) == (1, True)


def test_a_file_and_a_hub_exclude_each_other(covey, fleet):
    code, _, error = covey("preview", "--snapshot", fleet / "hub.yaml", "--context", "hub")
    assert (code, "--snapshot reads a file" in error) == (2, True)


def test_specs_with_errors_are_not_previewed(covey, fleet):
    edit(fleet / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: many")
    code, out, _ = covey("preview", "--snapshot", fleet / "hub.yaml")
    assert (code, "job.yaml" in out) == (1, True)


def git(fleet, *arguments):
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments], cwd=fleet, check=True)


@pytest.fixture
def committed(fleet):
    git(fleet, "init", "--quiet")
    git(fleet, "add", ".")
    git(fleet, "commit", "--quiet", "--message", "all")
    return fleet


def clusters(out):
    return out[out.index("Which clusters the jobs get") :].splitlines()


def test_diff_says_which_clusters_a_change_gains_and_loses(covey, committed):
    edit(committed / "datasets/digits.yaml", "hospital-a", "hospital-d")
    code, out, _ = covey("diff", "--snapshot", committed / "hub.yaml")
    assert code == 0
    assert clusters(out) == [
        "Which clusters the jobs get:",
        (
            "  vision/digits: 1 of 2 needed: hospital-b has the taint maintenance:NoSelect, which is not tolerated; "
            "hospital-c does not claim the data present; hospital-a is not granted (before 1)"
        ),
        "    + hospital-d",
        "    - hospital-a is not granted",
    ]


def test_diff_of_what_does_not_matter_for_the_choice_says_so(covey, committed):
    edit(committed / "jobs/vision/digits/job.yaml", "rounds: 5", "rounds: 6")
    _, out, _ = covey("diff", "--snapshot", committed / "hub.yaml")
    assert clusters(out)[1:] == ["  The choice of clusters stays as it is."]
    _, out, _ = covey("diff", "--snapshot", committed / "hub.yaml", "--format", "markdown")
    assert out.endswith("**Which clusters the jobs get**\n\nThe choice of clusters stays as it is.\n")


def test_a_change_of_the_minimum_is_told_though_the_clusters_stay(covey, committed):
    edit(committed / "jobs/vision/digits/job.yaml", "min: 2", "min: 3")
    _, out, _ = covey("diff", "--snapshot", committed / "hub.yaml")
    assert clusters(out)[1].startswith("  vision/digits: 1 of 3 needed: ")
    assert clusters(out)[1].endswith(" as before")


def test_a_binding_that_goes_takes_its_clusters_along(covey, committed):
    """The snapshot holds the binding, as the hub does until the change is merged."""
    objects = from_file(committed / "hub.yaml")
    bound = "managedclustersetbinding-vision.hospitals.yaml"
    objects.append({**json.loads(json.dumps(HOSPITALS[0])), "kind": "ManagedClusterSetBinding"})
    objects[-1]["metadata"] = {"name": "hospitals", "namespace": "vision"}
    save(committed / "hub.yaml", objects)
    git(committed, "rm", "--quiet", f"rendered/_fleet/{bound}")
    git(committed, "commit", "--quiet", "--message", "unbind")
    _, out, _ = covey("diff", "HEAD~1..HEAD", "--snapshot", committed / "hub.yaml", "--format", "json")
    (found,) = json.loads(out)["clusters"]
    assert [one["cluster"] for one in found["before"]["selected"]] == ["hospital-a"]
    assert found["after"]["selected"] == []
    assert found["after"]["troubles"] == ["The cluster set hospitals is not bound to the namespace vision."]


def test_new_and_removed_jobs_have_one_side(covey, committed):
    shutil.rmtree(committed / "jobs/vision/digits")
    _, out, _ = covey("diff", "--snapshot", committed / "hub.yaml")
    assert clusters(out)[1:] == ["  vision/digits: gone, before 1", "    - hospital-a"]
    git(committed, "stash", "--quiet")
    git(committed, "rm", "--quiet", "-r", "rendered/vision", "jobs/vision")
    git(committed, "commit", "--quiet", "--message", "without")
    git(committed, "checkout", "--quiet", "HEAD~1", "--", "jobs")
    _, out, _ = covey("diff", "HEAD", "--snapshot", committed / "hub.yaml")
    assert clusters(out)[2:] == ["    + hospital-a"]


def test_without_a_snapshot_diff_says_nothing_of_clusters(covey, committed):
    edit(committed / "datasets/digits.yaml", "hospital-a", "hospital-d")
    assert "Which clusters" not in covey("diff")[1]
    assert "clusters" not in json.loads(covey("diff", "--format", "json")[1])
