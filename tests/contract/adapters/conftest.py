"""The runtimes that keep the contract, each with an app of the same kind: digits by logistic regression."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_digits

from federations import TINY, Federation

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Kit:
    """`weights` is the name of the file in model and checkpoints, with the arrays `arr_0` (64x10) and `arr_1` (10)."""

    runtime: str
    app: Path
    weights: str
    pause: float  # seconds in which a round can be interrupted for sure


KITS = {"tiny": Kit("tiny", TINY / "app", "weights.npz", 0.3)}


@pytest.fixture(params=KITS)
def kit(request):
    return KITS[request.param]


@pytest.fixture(scope="session")
def digits():
    """Training data of two sites that hold different halves of the classes, and held-out digits."""
    found = load_digits()
    order = np.random.default_rng(7).permutation(len(found.target))
    x, y = (found.data / 16).astype("float32")[order], found.target[order]
    train, low = slice(400, None), y < 6
    parts = [np.flatnonzero(low[train]) + 400, np.flatnonzero(~low[train]) + 400]
    sites = {f"site-{n}": _packed(x[part], y[part]) for n, part in enumerate(parts, start=1)}
    return sites, (x[:400], y[:400])


@pytest.fixture
def federate(tmp_path, kit, digits):
    """Makes federations, and leaves no process of theirs behind."""
    made = []

    def make(**options):
        made.append(Federation(tmp_path / str(len(made)), runtime=kit.runtime, app=kit.app, data=digits[0], **options))
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
