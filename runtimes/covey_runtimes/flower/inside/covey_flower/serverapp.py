"""Flower's `flwr-serverapp`, with what Covey needs around the Grid and the strategies, whichever the app makes."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from flwr.server.server import Server
from flwr.serverapp.strategy import Strategy
from flwr.superlink.cli.flwr_serverapp import flwr_serverapp

from covey_flower import legacy, rounds
from covey_flower.arrays import keep_files
from covey_flower.grid import CoveyGrid
from covey_flower.orphans import never_be_one
from covey_flower.own_loop import OwnLoop
from covey_reports.reporting import ReportedError, failed, report

# The modules, whose packages have functions of the same names.
_running: Any = importlib.import_module("flwr.superlink.runtime.run_serverapp")
_server_app: Any = importlib.import_module("flwr.serverapp.server_app")
_start, _run, _start_grid, _fit = Strategy.start, _running.run_, _server_app.start_grid, Server.fit


def start(strategy: Strategy, *arguments: Any, **options: Any) -> Any:
    return rounds.start(_start, strategy, *arguments, **options)


def start_grid(**options: Any) -> Any:
    return legacy.start(_start_grid, **options)


def fit(server: Server, num_rounds: int, timeout: float | None) -> Any:
    return legacy.fit(_fit, server, num_rounds, timeout)


def run(*, grid: Any, **options: Any) -> Any:
    """Loads the app and calls it; what it raises is told, and what it leaves in its folder belongs to the model."""
    folder = Path(os.environ["COVEY_HANDOFF"], ".app")
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    ours = CoveyGrid(grid)
    loop = OwnLoop()
    ours.watch = loop.exchanged
    try:
        context = _run(grid=ours, **options)
        loop.end()
        keep_files(folder)
    except ReportedError:
        raise
    except Exception as error:
        failed("The ServerApp", error)
        raise
    report("end")
    return context


def main() -> None:
    never_be_one()
    Strategy.start, Server.fit = start, fit
    _running.run_, _server_app.start_grid = run, start_grid
    flwr_serverapp()
