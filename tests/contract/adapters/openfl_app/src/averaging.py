"""Averaging by the number of examples, with momentum where the plan asks for it."""

from __future__ import annotations

from openfl.interface.aggregation_functions import AggregationFunction


class Averaging(AggregationFunction):
    def __init__(self, momentum):
        super().__init__()
        self.momentum = momentum
        self.velocity = {}
        self.before = {}

    def call(self, local_tensors, db_iterator, tensor_name, fl_round, tags):
        mean = sum(one.tensor * one.weight for one in local_tensors)
        if not self.momentum:
            return mean
        before = self.before.get(tensor_name, mean * 0)
        velocity = self.velocity.get(tensor_name, mean * 0) * self.momentum + (mean - before)
        self.velocity[tensor_name], self.before[tensor_name] = velocity, before + velocity
        return before + velocity
