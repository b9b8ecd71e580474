"""The finished model's word on the held-out digits, which `covey run` compares with the truth."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from digits.data import load
from digits.model import likelihood

images, truth = load("test")
with np.load(Path(os.environ["COVEY_MODEL"], "arrays.npz")) as model:
    predicted = likelihood(dict(model), images).argmax(axis=1)
np.savez(os.environ["COVEY_PREDICTIONS"], truth=truth, predicted=predicted)
