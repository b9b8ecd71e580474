"""A convolutional network, how it learns, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn.functional import cross_entropy

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np


def network() -> nn.Sequential:
    """The same one every time, so that a run can be repeated."""
    torch.manual_seed(7)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def train(net: nn.Module, batches: Iterable[tuple[np.ndarray, np.ndarray]], optimizer: torch.optim.Optimizer) -> float:
    """Returns the mean loss of the batches."""
    net.train()
    losses = []
    for images, labels in batches:
        optimizer.zero_grad()
        loss = cross_entropy(net(torch.as_tensor(images)), torch.as_tensor(labels))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def measure(net: nn.Module, images: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    net.eval()
    scores, truth = net(torch.as_tensor(images)), torch.as_tensor(labels)
    accuracy = (scores.argmax(dim=1) == truth).double().mean()
    return {"loss": cross_entropy(scores, truth).item(), "accuracy": accuracy.item()}
