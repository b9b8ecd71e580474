"""Logistic regression on digits, in NumPy alone; with a fault, where the configuration asks for one."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np


def initial(configuration):
    if configuration.get("fault") == "initial":
        raise RuntimeError("there is no model")
    return [np.zeros((64, 10)), np.zeros(10)]


def train(weights, data, configuration):
    with np.load(Path(data, "train.npz")) as file:
        images, labels = file["x"].reshape(-1, 64), file["y"]
    before = scores(weights, images, labels)
    w, b = weights
    wanted = np.eye(10)[labels]
    for _ in range(configuration.get("steps", 20)):
        wrong = (likely(w, b, images) - wanted) / len(images)
        w, b = w - 2.0 * images.T @ wrong, b - 2.0 * wrong.sum(axis=0)
    time.sleep(configuration.get("pause", 0))
    if configuration.get("fault") == "peek":
        Path(data, "../tls/tls.key").resolve().read_text()
    if configuration.get("fault") == "train":
        raise ValueError("the labels are odd")
    if configuration.get("fault") == "nan":
        w = w * np.nan
    return [w, b], len(images), before


def scores(weights, images, labels):
    likelihood = likely(*weights, images)
    right = likelihood[np.arange(len(labels)), labels]
    accuracy = (likelihood.argmax(axis=1) == labels).mean()
    return {"loss": float(-np.log(right + 1e-12).mean()), "accuracy": float(accuracy)}


def likely(w, b, images):
    raw = images @ w + b
    raised = np.exp(raw - raw.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
