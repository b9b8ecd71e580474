"""The finished model's word on the held-out digits, which `covey run` compares with the truth."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from digits_torch.data import load
from digits_torch.model import network

images, truth = load("test")
net = network().eval()
with np.load(Path(os.environ["COVEY_MODEL"], "arrays.npz")) as model:  # OpenFL's names begin with the attribute's
    net.load_state_dict({name.removeprefix("net."): torch.as_tensor(model[name]) for name in model.files})
with torch.no_grad():
    predicted = net(torch.as_tensor(images)).argmax(dim=1).numpy()
np.savez(os.environ["COVEY_PREDICTIONS"], truth=truth, predicted=predicted)
