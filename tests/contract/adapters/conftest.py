"""The runtimes that keep the contract, each with an app of the same kind: digits by logistic regression."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from covey_cli.local_run import samples
from covey_core.launch.exits import LaunchError
from covey_runtimes import environments
from federations import TINY, Federation


@dataclass(frozen=True)
class Kit:
    """`weights` is the name of the file in model and checkpoints, with the arrays `arr_0` (64x10) and `arr_1` (10)."""

    runtime: str
    app: Path
    weights: str
    pause: float  # seconds in which a round can be interrupted for sure
    seconds: int  # in which a run of 15 rounds ends, on a busy machine
    start: int  # seconds after which the processes of a collaborator have connected, on a busy machine
    stateful: dict = field(default_factory=dict)  # configuration that makes the strategy keep a state of its own


HERE = Path(__file__).parent
KITS = {
    "tiny": Kit("tiny", TINY / "app", "arrays.npz", 0.15, 60, 3),
    "flower": Kit("flower", HERE / "flower_app", "arrays.npz", 0.4, 250, 30, {"momentum": 0.9}),
    "openfl": Kit("openfl", HERE / "openfl_app", "arrays.npz", 0.5, 150, 40, {"momentum": 0.5}),
}


def pytest_generate_tests(metafunc):
    """Real frameworks take minutes: their tests carry the framework's name as a mark.

    A module with `RUNTIMES` is about these only.
    """
    if "kit" in metafunc.fixturenames:
        only = getattr(metafunc.module, "RUNTIMES", KITS)
        marked = [
            pytest.param(kit, id=name, marks=getattr(pytest.mark, f"runtime_{name}"))
            for name, kit in KITS.items()
            if name in only
        ]
        metafunc.parametrize("kit", marked, scope="module")


@pytest.fixture(autouse=True, scope="module")
def environment(kit):
    """The runtime's own environment, made once for this machine; the tiny one has none."""
    if kit.runtime != "tiny":
        try:
            environments.python(kit.runtime)
        except LaunchError:
            pytest.skip(f"the environment of {kit.runtime} is not made: run `make runtimes`")


@pytest.fixture(scope="session")
def digits():
    """Training data of two sites that hold different halves of the classes, and held-out digits."""
    found = samples.load("digits")
    order = np.random.default_rng(7).permutation(len(found.y))
    x, y = found.x.reshape(-1, 64)[order], found.y[order]
    train, low = slice(400, None), y < 6
    parts = [np.flatnonzero(low[train]) + 400, np.flatnonzero(~low[train]) + 400]
    sites = {f"site-{n}": _packed(x[part], y[part]) for n, part in enumerate(parts, start=1)}
    return sites, (x[:400], y[:400])


@pytest.fixture
def federate(tmp_path, kit, digits):
    """Makes federations, and leaves no process of theirs behind."""
    made = []

    def make(**options):
        root = tmp_path / str(len(made))
        own = {"runtime": kit.runtime, "app": kit.app, "data": digits[0], "seconds": kit.seconds}
        made.append(Federation(root, **own, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def accuracy(kit, digits):
    """Of the arrays in a model's or checkpoint's folder, on digits that no site has seen."""

    def of(folder):
        with np.load(folder / kit.weights) as file:
            w, b = (file[name] for name in file.files)
        x, y = digits[1]
        return float(((x @ w + b).argmax(axis=1) == y).mean())

    return of


def _packed(x, y):
    file = io.BytesIO()
    np.savez(file, x=x, y=y)
    return file.getvalue()
