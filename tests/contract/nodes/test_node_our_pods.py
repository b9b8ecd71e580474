"""The Pods that Covey renders, as they stand in the examples, on a node."""

from __future__ import annotations

from json import loads
from pathlib import Path

import pytest
import yaml
from lightkube import codecs
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Secret

from controlplane.node.images import Image
from controlplane.node.start import start_node
from controlplane.node.trials import Trial, container, ended, is_over, phase, waiting
from covey_core import names
from proxies import Stage

RENDERED = Path(__file__).resolve().parents[3] / "examples/fleet/rendered"
OURS = ("_fleet/serviceaccount-vision.covey-aggregator", "vision/digits/persistentvolumeclaim-digits-model")


@pytest.fixture
def aggregator(plane):
    """A node of the hub with the images that the example names, the objects beside the Pod, and the Pod's template."""
    template = _rendered("vision/digits/podtemplate-digits-aggregator")["template"]
    launcher, proxy = template["spec"]["containers"][0]["image"], template["spec"]["initContainers"][0]["image"]
    images = {launcher: Image(), proxy: Image(("covey-proxy",))}
    node = start_node(plane, "hub", images=images, backoff=1.0)
    client = plane.hub.client
    client.create(Namespace(metadata=ObjectMeta(name="vision")))
    for name in OURS:
        client.create(codecs.from_dict(_rendered(name)))
    yield Trial(node, "vision"), template
    node.stop()


def test_the_aggregators_pod_waits_for_its_certificate_then_serves_and_drains(aggregator, tmp_path):
    trial, template = aggregator
    name = _start(trial, template)
    trial.until_event(name, "FailedMount", 'secret "digits-1-tls" not found')
    assert waiting(trial.look(name), "proxy") == "PodInitializing"
    _certificate(trial, Stage(tmp_path), domain="fleet.acme.example")
    found = trial.until(name, is_over)
    # Nobody has told the launcher which Pod it is: that is the reconciler's part. Until then the proxy has served.
    assert phase(found) == "Failed"
    assert ended(found, "launcher")["exitCode"] == 30
    assert "run.uid is missing" in ended(found, "launcher")["message"]
    assert ended(found, "proxy")["exitCode"] == 0
    what = [loads(line).get("what") for line in trial.log(name, "proxy").splitlines()]
    assert [one for one in what if one] == ["ready", "draining", "ended"]
    assert not [said for reason, said in trial.events(name) if reason == "FailedPreStopHook"]


def test_a_proxy_with_a_foreign_certificate_says_so_again_and_again(aggregator, tmp_path):
    trial, template = aggregator
    _certificate(trial, Stage(tmp_path), domain="elsewhere.example")
    name = _start(trial, template)
    found = trial.until(name, lambda one: waiting(one, "proxy") == "CrashLoopBackOff")
    last = container(found, "proxy")["lastState"]["terminated"]
    assert last["exitCode"] == 30
    assert "not for this run: spiffe://fleet.acme.example/run/vision/digits/1" in last["message"]


def _start(trial, template):
    return trial.start({"metadata": {"name": "digits-1", **template["metadata"]}, "spec": template["spec"]})


def _certificate(trial, stage, *, domain):
    pair = stage.server_pair(uri=names.run_identity(domain, "vision", "digits", 1))
    data = {"tls.crt": pair.certificate, "tls.key": pair.key, "ca.crt": stage.authority.pem}
    text = {name: value.decode() for name, value in data.items()}
    stage.close()
    trial.client.create(Secret(metadata=ObjectMeta(name="digits-1-tls", namespace="vision"), stringData=text))


def _rendered(name):
    return yaml.safe_load((RENDERED / f"{name}.yaml").read_text())
