"""The same app in Flower's old way, with clients that are objects and a strategy from `flwr.server`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from flwr.client import ClientApp, NumPyClient
from flwr.common import ndarrays_to_parameters
from flwr.server import ServerApp, ServerAppComponents, ServerConfig
from flwr.server.strategy import FedAvgM

from digits.model import initial, scores, train


class Client(NumPyClient):
    def __init__(self, configuration):
        self.configuration = configuration

    def fit(self, parameters, config):  # noqa: ARG002 - Flower's own signature
        weights, examples, _ = train(parameters, os.environ["COVEY_DATA"], self.configuration)
        return weights, examples, {}

    def evaluate(self, parameters, config):  # noqa: ARG002 - Flower's own signature
        with np.load(Path(os.environ["COVEY_DATA"], "train.npz")) as file:
            images, labels = file["x"], file["y"]
        found = scores(parameters, images, labels)
        return found["loss"], len(labels), {"accuracy": found["accuracy"]}


def server_fn(context):
    weights = ndarrays_to_parameters(initial(context.run_config))
    strategy = FedAvgM(initial_parameters=weights, server_momentum=context.run_config["momentum"])
    return ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=1))


client = ClientApp(client_fn=lambda context: Client(context.run_config).to_client())
server = ServerApp(server_fn=server_fn)
