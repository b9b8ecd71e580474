"""What the model says of the digits that nobody trained on."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from app import likely

with np.load(Path(os.environ["COVEY_DATA"], "test.npz")) as file:
    images, truth = file["x"].reshape(-1, 64), file["y"]
with np.load(Path(os.environ["COVEY_MODEL"], "arrays.npz")) as file:
    predicted = likely(file["arr_0"], file["arr_1"], images).argmax(axis=1)
np.savez(os.environ["COVEY_PREDICTIONS"], truth=truth, predicted=predicted)
