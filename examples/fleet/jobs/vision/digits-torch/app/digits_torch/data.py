"""The digits that are here: a collaborator's own to train with, or the hub's to judge the model by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of one channel, and which digit each shows; `name` is `train` or `test`."""
    with np.load(Path(os.environ["COVEY_DATA"], f"{name}.npz")) as file:
        return file["x"].reshape(-1, 1, 8, 8), file["y"]


def batches(images: np.ndarray, labels: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng().permutation(len(labels))
    for start in range(0, len(order), size):
        part = order[start : start + size]
        yield images[part], labels[part]
