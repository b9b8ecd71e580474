"""Everything that Covey renders is accepted by a real API server, also on the spokes that works bring it to."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from acceptance import Hub, carried
from covey_core.reading import read
from property.rendered import rendered
from property.strategies import fleets

ROOT = Path(__file__).parents[2]
FLEETS = [ROOT / "examples/fleet", *sorted((ROOT / "tests/cases/render").iterdir())]


@pytest.fixture(scope="module")
def hub(module_kinds_plane):
    with closing(Hub(module_kinds_plane.hub)) as found:
        yield found


def objects_of(fleet):
    for file in sorted((fleet / "rendered").rglob("*.yaml")):
        reading = read(file.relative_to(ROOT).as_posix(), file.read_bytes(), strict=False)
        for document in reading.documents:
            yield document.source, document.value
            for inner in carried(document.value):
                yield f"{document.source} carries {inner['kind']}", inner


def refused(hub, named):
    """Those that the API server does not take, with its reason."""
    named = list(named)
    hub.need_namespaces(value for _, value in named)
    verdicts = [(name, hub.verdict(value)) for name, value in named]
    return [f"{name}: {verdict.message}" for name, verdict in verdicts if not verdict.accepted]


def test_all_that_is_rendered_is_accepted(hub):
    named = [pair for fleet in FLEETS for pair in objects_of(fleet)]

    assert len(named) > 100
    assert refused(hub, named) == []


def test_what_is_rendered_of_any_job_is_accepted(hub):
    @seed(5)  # the same jobs in every run: CI should not fail by luck
    @settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
    @given(fleets())
    def accepts(values):
        named = [(file.path, file.value) for file in rendered(*values)]
        inner = [(f"{name} carries {one['kind']}", one) for name, value in named for one in carried(value)]
        assert refused(hub, [*named, *inner]) == []

    accepts()


def test_a_broken_rendered_object_would_be_refused(hub):
    name = "manifestworkreplicaset-digits.yaml"
    text = (ROOT / "examples/fleet/rendered/vision/digits" / name).read_text(encoding="utf-8")
    broken = text.replace("readOnlyRootFilesystem", "readOnlyRootFileSystem", 1)
    (document,) = read(name, broken.encode(), strict=False).documents
    (inner,) = carried(document.value)

    (reason,) = refused(hub, [(name, inner)])

    assert "readOnlyRootFileSystem" in reason
