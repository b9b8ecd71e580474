"""Flower's `flwr-serverapp`, with the strategy's start wrapped, whichever strategy the app makes."""

from __future__ import annotations

import importlib
from typing import Any

from flwr.serverapp.strategy import Strategy
from flwr.superlink.cli.flwr_serverapp import flwr_serverapp

from covey_flower import rounds
from covey_flower.orphans import never_be_one
from covey_flower.reporting import app_failed, report

# The module: its package has a function of the same name.
_running: Any = importlib.import_module("flwr.superlink.runtime.run_serverapp")
_start, _run = Strategy.start, _running.run_


def start(strategy: Strategy, *arguments: Any, **options: Any) -> Any:
    return rounds.start(_start, strategy, *arguments, **options)


def run(**options: Any) -> Any:
    """Loads the app and calls it; what it raises is told."""
    try:
        context = _run(**options)
    except rounds.BadUpdateError:
        raise
    except Exception as error:
        app_failed("ServerApp", error)
        raise
    report("end")
    return context


def main() -> None:
    never_be_one()
    Strategy.start = start
    _running.run_ = run
    flwr_serverapp()
