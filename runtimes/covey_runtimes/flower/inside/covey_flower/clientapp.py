"""Flower's `flwr-clientapp`, which runs no app but the one that is here already, and tells of its failure."""

from __future__ import annotations

import argparse
import hashlib
import os
from typing import Any

from flwr.clientapp import ClientApp
from flwr.common.args import add_args_flwr_app_common, try_obtain_flwr_app_token
from flwr.supernode.runtime import run_clientapp as running  # the module, not the function of that name

from covey_flower.orphans import never_be_one
from covey_reports.reporting import BAD_START, failed, report

_install, _loader, _call = running.install_from_fab, running.get_load_client_app_fn, ClientApp.__call__


def install(content: bytes, *arguments: Any, **options: Any) -> Any:
    found = hashlib.sha256(content).hexdigest()
    if found != os.environ["COVEY_FAB"]:
        said = f"The aggregator offers an app with the digest {found}; the one here has {os.environ['COVEY_FAB']}."
        report("error", code=BAD_START, message=said)
        raise PermissionError(said)
    return _install(content, *arguments, **options)


def loader(*arguments: Any, **options: Any) -> Any:
    load = _loader(*arguments, **options)

    def loaded(*names: str) -> Any:
        try:
            return load(*names)
        except Exception as error:
            failed("The ClientApp", error)
            raise

    return loaded


def call(app: ClientApp, message: Any, context: Any) -> Any:
    try:
        reply = _call(app, message, context)
    except Exception as error:
        failed("The ClientApp", error)
        raise
    if message.metadata.message_type == "train":
        report("round", round=_round(message))
    return reply


def _round(message: Any) -> int:
    """Strategies write it into the configuration that goes with the arrays."""
    rounds = (record.get("server-round", 0) for record in message.content.config_records.values())
    return max((int(number) for number in rounds), default=0)


def main() -> None:
    """Like Flower's own command, but for its module, which would import the whole SuperNode: 0.7 s for each message."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runtime-api-address", required=True)
    add_args_flwr_app_common(parser)
    words = parser.parse_args()
    never_be_one()
    running.install_from_fab = install
    running.get_load_client_app_fn = loader
    ClientApp.__call__ = call
    running.run_clientapp(
        runtime_api_address=words.runtime_api_address,
        token=try_obtain_flwr_app_token(words),
        insecure=words.insecure,
        parent_pid=words.parent_pid,
        runtime_dependency_install=False,
    )
