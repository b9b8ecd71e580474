from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from covey_cli.errors import UserError
from covey_cli.local_run.choice import ALONE, Chosen, Refused, choose
from local_runs import fleet_repo

FLOWER = {"runtime": "flower"}


def test_a_jobs_file_and_its_folder_mean_the_same(tmp_path):
    job = fleet_repo(tmp_path, **FLOWER)
    by_file, by_folder = choose(job), choose(job.parent)
    assert isinstance(by_file, Chosen)
    assert by_file == by_folder
    assert by_file.root == tmp_path.resolve()
    assert by_file.trust_domain == "fleet.acme.example"
    assert by_file.app == job.parent / "app"


def test_a_job_outside_of_a_fleet_stands_alone(tmp_path):
    fleet_repo(tmp_path / "fleet", **FLOWER)
    shutil.move(tmp_path / "fleet/jobs/vision/digits", tmp_path / "own")
    found = choose(tmp_path / "own")
    assert isinstance(found, Chosen)
    assert found.root == tmp_path.resolve() / "own"
    assert found.trust_domain == ALONE


def test_a_copy_of_a_job_elsewhere_in_a_fleet_stands_alone(tmp_path):
    job = fleet_repo(tmp_path, **FLOWER)
    (tmp_path / "drafts").mkdir()
    shutil.copy(job, tmp_path / "drafts/wide.yaml")
    found = choose(tmp_path / "drafts/wide.yaml")
    assert isinstance(found, Chosen)
    assert found.trust_domain == ALONE


def test_another_file_beside_a_job_stands_alone(tmp_path):
    job = fleet_repo(tmp_path, **FLOWER)
    wide = shutil.copy(job, job.parent / "wide.yaml")
    found = choose(Path(wide))
    assert isinstance(found, Chosen)
    assert found.trust_domain == ALONE


def test_a_job_with_errors_is_refused_with_them(tmp_path):
    job = fleet_repo(tmp_path, **FLOWER)
    job.write_text(job.read_text().replace('"rounds"', '"rouds"'))
    found = choose(job)
    assert isinstance(found, Refused)
    assert "`rouds`" in found.findings[0].message


def test_errors_of_other_jobs_are_none_of_this_ones(tmp_path):
    job = fleet_repo(tmp_path, **FLOWER)
    shutil.copytree(job.parent, tmp_path / "jobs/vision/wrong")
    (tmp_path / "jobs/vision/wrong/job.yaml").write_text("kind: nothing\n")
    assert isinstance(choose(job), Chosen)


def test_an_unknown_runtime_of_a_lone_job_is_a_finding(tmp_path):
    job = fleet_repo(tmp_path / "fleet", runtime="flour")
    shutil.move(job.parent, tmp_path / "own")
    found = choose(tmp_path / "own")
    assert isinstance(found, Refused)
    assert "'flour' is not installed" in found.findings[0].message


def test_a_misspelt_path_is_told_with_the_one_that_was_meant(tmp_path, monkeypatch):
    fleet_repo(tmp_path, **FLOWER)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"Did you mean 'jobs/vision/digits/job\.yaml'"):
        choose(Path("jobs/vision/digit/job.yaml"))


def test_a_grant_is_not_asked_for_where_there_is_no_fleet(tmp_path):
    job = fleet_repo(tmp_path / "fleet", **FLOWER)
    value = json.loads(job.read_text())
    value["spec"]["collaborators"]["dataSet"] = "somebody-elses"
    job.write_text(json.dumps(value))
    assert isinstance(choose(job), Refused)
    shutil.move(job.parent, tmp_path / "own")
    assert isinstance(choose(tmp_path / "own"), Chosen)
