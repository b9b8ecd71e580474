"""Runs in OpenFL's environment: says it is somebody else, in a plain request and in a streamed one; prints the answers.

Its words: the plan, the port, the name claimed, the epoch.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import grpc
import numpy as np
from openfl.federated import Plan
from openfl.pipelines import NoCompressionPipeline
from openfl.protocols import aggregator_pb2, aggregator_pb2_grpc, utils
from openfl.transport.grpc.common import create_header
from openfl.utilities import TensorKey


def main(plan_file, port, claimed, epoch):
    plan = Plan.parse(Path(plan_file))
    header = create_header(claimed, plan.aggregator_uuid, f"{plan.federation_uuid}_{epoch}", "")
    results = aggregator_pb2.TaskResults(
        header=header,
        round_number=1,
        task_name="train",
        data_size=10**9,
        tensors=[tensor("w", (64, 10)), tensor("b", 10)],
    )
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = aggregator_pb2_grpc.AggregatorStub(channel)
        answers = {
            "Ping": answer(stub.Ping, aggregator_pb2.PingRequest(header=header)),
            "SendLocalTaskResults": answer(stub.SendLocalTaskResults, utils.proto_to_datastream(results)),
        }
    sys.stdout.write(json.dumps(answers) + "\n")


def tensor(name, shape):
    data, metadata = NoCompressionPipeline().forward(np.zeros(shape, "float32"))
    key = TensorKey(name, "nobody", 1, report=False, tags=("compressed", "trained"))
    return utils.construct_named_tensor(key, data, metadata, lossless=True)


def answer(call, request):
    try:
        call(request, timeout=10)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


main(*sys.argv[1:])
