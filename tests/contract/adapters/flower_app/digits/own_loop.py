"""The server's side with a loop of its own; with Covey's helper, where it is there and the configuration allows it."""

from __future__ import annotations

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.serverapp import ServerApp

from digits.model import initial

try:
    import covey_rounds
except ImportError:
    covey_rounds = None

app = ServerApp()


@app.main()
def main(grid, context):
    helper = covey_rounds if context.run_config["helper"] else None
    done, arrays = helper.last() if helper else (0, None)
    weights = arrays.to_numpy_ndarrays() if arrays else initial(context.run_config)
    for number in range(done + 1, context.run_config["num-server-rounds"] + 1):
        replies = list(grid.send_and_receive(questions(weights, number, grid.get_node_ids())))
        updates = [reply.content["arrays"].to_numpy_ndarrays() for reply in replies]
        weights = [sum(parts) / len(parts) for parts in zip(*updates, strict=True)]
        if helper:
            size = float(np.abs(weights[0]).sum())
            helper.finished(number, ArrayRecord(weights), replies=replies, metrics={"size": size})
    np.savez("weights.npz", *weights)


def questions(weights, number, nodes):
    content = RecordDict({"arrays": ArrayRecord(weights), "config": ConfigRecord({"server-round": number})})
    return [Message(content, dst_node_id=node, message_type="train") for node in nodes]
