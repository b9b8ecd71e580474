"""OpenFL: the classes that plan/plan.yaml names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from openfl.federated import PyTorchDataLoader, PyTorchTaskRunner
from openfl.utilities import Metric
from torch.optim import Adam

from digits_torch.data import load
from digits_torch.model import measure, network, train

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch


class Digits(PyTorchDataLoader):
    def __init__(self, data_path: str | None = None, batch_size: int = 32, **settings: object) -> None:
        """Without a path only a first model is wanted, and there is no data."""
        super().__init__(batch_size, **settings)
        self.X_train, self.y_train = load("train") if data_path else (None, None)
        self.X_valid, self.y_valid = self.X_train, self.y_train

    def get_feature_shape(self) -> list[int]:
        return [1, 8, 8]

    def get_num_classes(self) -> int:
        return 10


class Trainer(PyTorchTaskRunner):
    def __init__(self, *, rate: float, **settings: object) -> None:
        super().__init__(device="cpu", **settings)
        self.net = network()
        self.optimizer = Adam(self.net.parameters(), lr=rate)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.net(images)

    def rebuild_model(self, *words: object, **settings: object) -> None:
        """The federation's model has come: how good is it, before it learns more?"""
        super().rebuild_model(*words, **settings)
        self.found = measure(self.net, self.data_loader.X_train, self.data_loader.y_train)

    def train_(self, train_dataloader: Iterable[tuple[np.ndarray, np.ndarray]]) -> Metric:
        """One epoch."""
        return Metric(name="loss", value=np.array(train(self.net, train_dataloader, self.optimizer)))

    def validate_(self, validation_dataloader: Iterable[tuple[np.ndarray, np.ndarray]]) -> Metric:
        return Metric(name="accuracy", value=np.array(self.found["accuracy"]))
