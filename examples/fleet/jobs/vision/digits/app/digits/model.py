"""Logistic regression: 64 pixels in, the likelihood of ten digits out."""

from __future__ import annotations

import numpy as np

Model = dict[str, np.ndarray]


def initial() -> Model:
    return {"weights": np.zeros((64, 10)), "bias": np.zeros(10)}


def likelihood(model: Model, images: np.ndarray) -> np.ndarray:
    scores = images @ model["weights"] + model["bias"]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def train(model: Model, images: np.ndarray, labels: np.ndarray, *, steps: int, rate: float) -> Model:
    weights, bias = model["weights"], model["bias"]
    truth = np.eye(10)[labels]
    for _ in range(steps):
        wrong = (likelihood({"weights": weights, "bias": bias}, images) - truth) / len(images)
        weights, bias = weights - rate * images.T @ wrong, bias - rate * wrong.sum(axis=0)
    return {"weights": weights, "bias": bias}


def measure(model: Model, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    likely = likelihood(model, images)
    right = likely[np.arange(len(labels)), labels]
    accuracy = (likely.argmax(axis=1) == labels).mean()
    return {"loss": float(-np.log(right + 1e-12).mean()), "accuracy": float(accuracy)}
