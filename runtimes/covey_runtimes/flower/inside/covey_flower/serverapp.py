"""Flower's `flwr-serverapp`, with the strategy's start wrapped, whichever strategy the app makes."""

from __future__ import annotations

from typing import Any

from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import Strategy

from covey_flower import rounds
from covey_flower.orphans import never_be_one
from covey_flower.reporting import app_failed, report

_start, _call = Strategy.start, ServerApp.__call__


def start(strategy: Strategy, *arguments: Any, **options: Any) -> Any:
    return rounds.start(_start, strategy, *arguments, **options)


def call(app: ServerApp, grid: Any, context: Any) -> None:
    try:
        _call(app, grid, context)
    except rounds.BadUpdateError:
        raise
    except Exception as error:
        app_failed("ServerApp", error)
        raise
    report("end")


if __name__ == "__main__":
    from flwr.superlink.cli.flwr_serverapp import flwr_serverapp

    never_be_one()
    Strategy.start = start
    ServerApp.__call__ = call
    flwr_serverapp()
