"""Logistic regression in NumPy alone; with a fault, where the plan asks for one."""

from __future__ import annotations

import ctypes
import time

import numpy as np
from openfl.federated import TaskRunner
from openfl.utilities import TensorKey


class LogisticRegression(TaskRunner):
    def __init__(self, data_loader, fault, **settings):
        super().__init__(data_loader, **settings)
        self.fault = fault
        self.weights = {"w": np.zeros((64, 10), "float32"), "b": np.zeros(10, "float32")}
        if fault == "initial":
            raise RuntimeError("there is no model")

    def initialize_tensorkeys_for_functions(self, with_opt_vars=False):
        """Both tasks need the global model alone."""

    def get_required_tensorkeys_for_function(self, func_name, **_):
        return [TensorKey(name, "GLOBAL", 0, report=False, tags=("model",)) for name in self.weights]

    def get_tensor_dict(self, with_opt_vars=False):
        return dict(self.weights)

    def set_tensor_dict(self, tensor_dict, with_opt_vars=False):
        self.weights = dict(tensor_dict)

    def save_native(self, filepath):
        np.savez(f"{filepath}.npz", **self.weights)

    def validate_task(self, col_name, round_num, input_tensor_dict, metrics, **_):
        self.set_tensor_dict(input_tensor_dict)
        found = self._scores()
        tags = ("metric", "validate_agg")
        return {
            TensorKey(name, col_name, round_num, report=True, tags=tags): np.array(found[name]) for name in metrics
        }, {}

    def train_task(self, col_name, round_num, input_tensor_dict, metrics, steps, pause, **_):
        self.set_tensor_dict(input_tensor_dict)
        images, labels = self.data_loader.images, self.data_loader.labels
        wanted = np.eye(10, dtype="float32")[labels]
        for _step in range(steps):
            wrong = (self._likely() - wanted) / len(images)
            self.weights["w"] = self.weights["w"] - 2.0 * images.T @ wrong
            self.weights["b"] = self.weights["b"] - 2.0 * wrong.sum(axis=0)
        time.sleep(pause)
        if self.fault == "lock":
            ctypes.PyDLL(None).sleep(10)  # as compiled code does that never lets another thread run
        if self.fault == "train":
            raise ValueError("the labels are odd")
        if self.fault == "nan":
            self.weights["w"] = self.weights["w"] * np.nan
        found = self._scores()
        if self.fault == "shape":
            self.weights["w"] = self.weights["w"][:1]
        told = {
            TensorKey(name, col_name, round_num, report=True, tags=("metric",)): np.array(found[name])
            for name in metrics
        }
        trained = {
            TensorKey(name, col_name, round_num, report=False, tags=("trained",)): value
            for name, value in self.weights.items()
        }
        return {**told, **trained}, {}

    def _scores(self):
        likely, labels = self._likely(), self.data_loader.labels
        right = likely[np.arange(len(labels)), labels]
        accuracy = (likely.argmax(axis=1) == labels).mean()
        return {"loss": float(-np.log(right + 1e-12).mean()), "accuracy": float(accuracy)}

    def _likely(self):
        raw = self.data_loader.images @ self.weights["w"] + self.weights["b"]
        raised = np.exp(raw - raw.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)
