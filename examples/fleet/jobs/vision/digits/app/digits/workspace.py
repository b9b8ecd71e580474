"""OpenFL: the classes that plan/plan.yaml names."""

from __future__ import annotations

import numpy as np
from openfl.federated import DataLoader, TaskRunner
from openfl.utilities import TensorKey

from digits.data import load
from digits.model import initial, measure, train


class Digits(DataLoader):
    def __init__(self, data_path: str | None = None, **_: object) -> None:
        """Without a path only a first model is wanted, and there is no data."""
        self.images, self.labels = load("train") if data_path else (None, ())

    def get_feature_shape(self) -> list[int]:
        return [64]

    def get_train_data_size(self) -> int:
        return len(self.labels)

    get_valid_data_size = get_train_data_size


class Trainer(TaskRunner):
    def __init__(self, *, steps: int, rate: float, **settings: object) -> None:
        super().__init__(**settings)
        self.steps, self.rate, self.model = steps, rate, initial()

    def validate_task(self, col_name: str, round_num: int, input_tensor_dict: dict, **_: object) -> tuple[dict, dict]:
        tags = ("metric", "validate_agg")
        found = measure(input_tensor_dict, self.data_loader.images, self.data_loader.labels)
        return {TensorKey(name, col_name, round_num, True, tags): np.array(value) for name, value in found.items()}, {}

    def train_task(self, col_name: str, round_num: int, input_tensor_dict: dict, **_: object) -> tuple[dict, dict]:
        images, labels = self.data_loader.images, self.data_loader.labels
        self.model = train(input_tensor_dict, images, labels, steps=self.steps, rate=self.rate)
        trained = self.model.items()
        return {TensorKey(name, col_name, round_num, False, ("trained",)): values for name, values in trained}, {}

    def get_tensor_dict(self, with_opt_vars: bool = False) -> dict:
        return dict(self.model)

    def set_tensor_dict(self, tensor_dict: dict, with_opt_vars: bool = False) -> None:
        self.model = dict(tensor_dict)

    def get_required_tensorkeys_for_function(self, func_name: str, **_: object) -> list[TensorKey]:
        return [TensorKey(name, "GLOBAL", 0, False, ("model",)) for name in self.model]

    def initialize_tensorkeys_for_functions(self, with_opt_vars: bool = False) -> None:
        """Every task needs the same: the whole model."""
