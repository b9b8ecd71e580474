"""Flower, a collaborator's side: it says how good the model is that came, and sends back a better one."""

from __future__ import annotations

from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from digits.data import load
from digits.model import measure, train

app = ClientApp()


@app.train()
def on_train(message: Message, context: Context) -> Message:
    images, labels = load("train")
    model = {name: array.numpy() for name, array in message.content["arrays"].items()}
    # Measuring here, rather than in a message of its own, halves what a round costs.
    scores = measure(model, images, labels)
    metrics = {"num-examples": len(labels), **{f"global_{name}": score for name, score in scores.items()}}
    settings = context.run_config
    model = train(model, images, labels, steps=int(settings["steps"]), rate=float(settings["rate"]))
    arrays = ArrayRecord({name: Array(values) for name, values in model.items()})
    return Message(RecordDict({"arrays": arrays, "metrics": MetricRecord(metrics)}), reply_to=message)
