"""What the launcher starts for OpenFL."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from covey_runtimes import environments
from covey_runtimes.adapter import Place
from covey_runtimes.openfl import sides


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "python", lambda *_: Path(sys.executable))
    ports = SimpleNamespace(proxy=1, runtime=2, session=3)
    start = SimpleNamespace(side="collaborator", name="site-1", ports=ports, rounds=3, configuration={})
    paths = ("app", "data", "tmp", "reports", "handoff", "members")
    return Place(start=start, **{name: tmp_path / name for name in paths}, epoch="uid-00ff", resume=None)


def test_nobody_can_guess_a_collaborators_key(place):
    """Who registers it first would lock the collaborator out."""
    one, other = (sides.collaborator(place).public_key for _ in range(2))
    assert one != other
    assert one.startswith("uid-00ff/site-1/")
