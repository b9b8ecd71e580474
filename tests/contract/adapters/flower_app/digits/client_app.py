"""The client's side: what the global model knows already comes back with the update."""

from __future__ import annotations

import os
import time

from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from digits.model import train

app = ClientApp()


@app.train()
def on_train(message, context):
    weights = message.content["arrays"].to_numpy_ndarrays()
    if wanted := context.run_config["partitions"]:
        assert context.node_config["num-partitions"] == wanted, context.node_config
        assert context.node_config["partition-id"] < wanted, context.node_config
    if context.run_config["fault"] == "hang" and context.node_config["cluster-name"] == "site-2":
        time.sleep(600)
    weights, examples, metrics = train(weights, os.environ["COVEY_DATA"], context.run_config)
    reply = RecordDict({"arrays": ArrayRecord(weights), "metrics": MetricRecord({"num-examples": examples, **metrics})})
    return Message(reply, reply_to=message)
