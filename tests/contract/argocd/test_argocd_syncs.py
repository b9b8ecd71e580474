"""Real Argo CD brings commits into the hub, and all that Covey renders is Synced and stays so."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import yaml

from argocd_applications import Applications, GitRepo, application

ROOT = Path(__file__).parents[3]
FLEETS = {"example": ROOT / "examples/fleet"} | {
    name: ROOT / "tests/cases/render" / name for name in ("everything", "route")
}
SETTINGS = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: '{value}'}}\n"


@pytest.fixture
def applications(argo):
    return Applications(argo)


@pytest.fixture
def repo(tmp_path):
    return GitRepo.make(tmp_path / "repo", tmp_path / "home")


def config_map(argo, name):
    code, found = argo.rest.ask("GET", f"/api/v1/namespaces/default/configmaps/{name}")
    return found["data"]["a"] if code == 200 else None


def test_a_commit_is_applied_pruned_and_healed(argo, applications, repo):
    first = repo.commit(
        {"app/one.yaml": SETTINGS.format(name="one", value=1), "app/two.yaml": SETTINGS.format(name="two", value=1)}
    )
    applications.make(application("settings", repo, path="app", namespace="default"))
    applications.wait_synced("settings", first)
    assert config_map(argo, "one") == config_map(argo, "two") == "1"

    for value in range(2, 5):
        commit = repo.commit({"app/one.yaml": SETTINGS.format(name="one", value=value)})
        applications.refresh("settings")
        applications.wait_synced("settings", commit)
        assert config_map(argo, "one") == str(value)

    pruned = repo.commit({"app/two.yaml": None})
    applications.refresh("settings")
    applications.wait_synced("settings", pruned)
    assert config_map(argo, "two") is None

    argo.rest.ask("DELETE", "/api/v1/namespaces/default/configmaps/one")
    applications.wait(lambda: config_map(argo, "one") == "4", "the deleted object", "settings")


@pytest.mark.parametrize("fleet", FLEETS)
def test_every_rendered_object_is_synced_and_stays_so(applications, repo, fleet):
    commit, rendered = copy_fleet(FLEETS[fleet], repo)
    applications.make(application("fleet", repo, path="rendered/_fleet", namespace="argocd"))
    applications.wait_synced("fleet", commit)
    jobs = {f"{folder.parent.name}.{folder.name}" for folder in (repo.folder / "rendered").glob("[!_]*/*")}
    applications.wait(lambda: applications.names() == {"fleet", *jobs}, "an Application for each job", "fleet")
    for name in sorted(jobs):
        applications.wait_synced(name, commit)
    told = synced(applications, {"fleet", *jobs})
    assert told == dict.fromkeys(rendered, "Synced")
    histories = {name: len(applications.get(name)["status"]["history"]) for name in ("fleet", *jobs)}

    for name in ("fleet", *sorted(jobs)):
        applications.refreshed(name, "hard")
    time.sleep(2)

    assert synced(applications, {"fleet", *jobs}) == told
    assert {name: len(applications.get(name)["status"]["history"]) for name in histories} == histories


def copy_fleet(source, repo):
    """Its rendered files with our repository's address and our Argo CD's namespace, and the objects in them."""
    hub = yaml.safe_load((source / "covey.yaml").read_text(encoding="utf-8"))["spec"]["hub"]
    own = {hub["repository"]: repo.address, f"namespace: {hub.get('argocdNamespace')}\n": "namespace: argocd\n"}
    shutil.copytree(source / "rendered", repo.folder / "rendered")
    objects = set()
    for file in (repo.folder / "rendered").rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for theirs, ours in own.items():
            text = text.replace(theirs, ours)
        file.write_text(text, encoding="utf-8")
        for value in yaml.safe_load_all(text):
            objects.add((value["kind"], value["metadata"].get("namespace", ""), value["metadata"]["name"]))
    commit = repo.commit({})
    if hub.get("branch", "main") != "main":
        repo.git("branch", hub["branch"])
    return commit, objects


def synced(applications, names):
    resources = [one for name in names for one in applications.get(name)["status"]["resources"]]
    return {(one["kind"], one.get("namespace", ""), one["name"]): one.get("status") for one in resources}
