"""`covey preview` on a real API server: what it reads, and what it says where it may not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from controlplane.ocm import crds, kinds
from controlplane.ocm.api import Api
from git_repos import EXAMPLE
from placements import binding, cluster, cluster_set, scores, taint

KINDS = {kind.kind: kind for kind in (kinds.CLUSTER, kinds.CLUSTER_SET, kinds.BINDING, kinds.SCORE)}
PRESENT = {"digits.data.covey.dev": "present"}
OBJECTS = [
    cluster_set("hospitals"),
    cluster("hospital-a", of="hospitals", claims=PRESENT),
    cluster("hospital-b", of="hospitals", claims=PRESENT, taints=[taint("maintenance")]),
    cluster("hospital-c", of="hospitals"),
    cluster("hospital-d", of="hospitals", claims=PRESENT),
    binding("hospitals", "vision"),
    scores("hospital-a", "covey", rows=3),
]
EXPECTED = (
    "vision/digits: 1 of 2 needed: hospital-b has the taint maintenance:NoSelect, which is not tolerated; "
    "hospital-c does not claim the data present; hospital-d is not granted"
)


@pytest.fixture
def fleet(tmp_path):
    root = tmp_path / "fleet"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("digits-*", ".covey"))
    return root


def covey(fleet, *arguments):
    line = [str(Path(sys.executable).with_name("covey")), "preview", "--root", str(fleet), *map(str, arguments)]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environment)


def test_a_real_hub_is_read_and_refusals_are_one_sentence(plane, fleet, tmp_path):
    hub = plane.hub
    without_crds = covey(fleet, "--kubeconfig", hub.admin)
    assert without_crds.returncode == 1
    assert "does not serve managedclusters.cluster.open-cluster-management.io" in without_crds.stderr

    with closing(Api(hub.admin, manager="covey-tests")) as api:
        crds.install(api, crds.of_hub())
        for name in ("vision", "hospital-a"):
            api.apply(kinds.NAMESPACE, {"metadata": {"name": name}})
        for one in OBJECTS:
            kind = KINDS[one["kind"]]
            api.create(kind, one)
            if "status" in one:
                api.patch(
                    kind,
                    one["metadata"]["name"],
                    {"status": one["status"]},
                    namespace=one["metadata"].get("namespace", ""),
                    part="status",
                )
    saved = tmp_path / "hub.yaml"
    found = covey(fleet, "--kubeconfig", hub.admin, "--save", saved)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[0] == EXPECTED
    assert covey(fleet, "--snapshot", saved).stdout == found.stdout
    assert "uid" not in yaml.safe_load(saved.read_text())["items"][0]["metadata"]

    stranger = hub.kubeconfig(tmp_path / "stranger", "somebody")
    refused = covey(fleet, "--kubeconfig", stranger)
    assert refused.returncode == 1
    assert "may not list managedclusters.cluster.open-cluster-management.io" in refused.stderr
