"""The server's side: federated averaging, with momentum where it is asked for."""

from __future__ import annotations

from flwr.app import ArrayRecord
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg, FedAvgM

from digits.model import initial

app = ServerApp()


@app.main()
def main(grid, context):
    arrays = ArrayRecord(initial(context.run_config))
    momentum = context.run_config["momentum"]
    strategy = FedAvgM(fraction_evaluate=0.0, server_momentum=momentum) if momentum else FedAvg(fraction_evaluate=0.0)
    strategy.start(grid=grid, initial_arrays=arrays, num_rounds=context.run_config["num-server-rounds"])
