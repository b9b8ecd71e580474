"""Flower, a collaborator's side: it says how good the model is that came, and sends back a better one."""

from __future__ import annotations

from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from torch.optim import Adam

from digits_torch.data import batches, load
from digits_torch.model import measure, network, train

app = ClientApp()


@app.train()
def on_train(message: Message, context: Context) -> Message:
    images, labels = load("train")
    net, settings = network(), context.run_config
    net.load_state_dict(message.content["arrays"].to_torch_state_dict())
    # Measuring here, rather than in a message of its own, halves what a round costs.
    scores = measure(net, images, labels)
    metrics = {"num-examples": len(labels), **{f"global_{name}": score for name, score in scores.items()}}
    optimizer = Adam(net.parameters(), lr=float(settings["rate"]))
    for _ in range(int(settings["epochs"])):
        train(net, batches(images, labels, int(settings["batch_size"])), optimizer)
    reply = RecordDict({"arrays": ArrayRecord(net.state_dict()), "metrics": MetricRecord(metrics)})
    return Message(reply, reply_to=message)
