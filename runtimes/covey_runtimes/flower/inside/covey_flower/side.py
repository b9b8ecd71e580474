"""All of one side: its processes are forked from this one, or started Flower's own way where that can't be.

`aggregator PORT CONFIGURATION` or `collaborator KEY LINK_PORT OWN_PORT NODE_CONFIGURATION`.
"""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported is no garbage, and looking for some takes a quarter of the time; children do again

import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import flwr

from covey_flower import internals, roles, stock, thirdparty
from covey_flower.nursery import Nursery, threads
from covey_reports.reporting import BAD_START, failed, report

if TYPE_CHECKING:
    from collections.abc import Callable

STOCK = "COVEY_FLOWER_STOCK"


def commands(side: str, words: list[str]) -> list[tuple[str, ...]]:
    if side == "collaborator":
        return [("flower-supernode", *words)]
    port, configuration = words
    flags = ("--insecure", "--host=127.0.0.1", f"--port={port}", "--disable-runtime-dependency-installation")
    return [("flower-superlink", *flags), ("submit", port, configuration)]


def why_stock(side: str) -> str:
    """The reason to start processes the stock way; empty where there is none."""
    if os.environ.get(STOCK):
        return f"{STOCK} is set"
    if sys.platform != "linux":
        return "only Linux forks safely"
    if not flwr.__version__.startswith(internals.VERSION):
        return f"this is Flower {flwr.__version__}, not {internals.VERSION}x"
    return ", ".join(f"{place} has moved" for place in internals.moved(internals.FAST[side]))


def forked(side: str, first: list[tuple[str, ...]]) -> Callable[[], int]:
    """In the parent how the side ended, in each child what it is to do."""
    started = time.monotonic()
    roles.prepare(side)
    nursery = Nursery()
    for argv in first:
        if child := nursery.fork(*argv):
            return child
    if child := nursery.fork_executor():
        return child
    failed = thirdparty.load(thirdparty.named(Path(os.environ["COVEY_APP"])))
    if threads() > 1:
        _log("what the app imports has started threads, so each of its processes imports it anew")
    _log(f"imported in {time.monotonic() - started:.1f} s; not imported: {', '.join(failed) or 'nothing'}")
    return nursery.serve()


def too_private(side: str) -> str:
    """Why the job's privacy can't be had; empty where it can, or was not asked for."""
    if side != "aggregator" or "COVEY_PRIVACY" not in os.environ:
        return ""
    from covey_flower import privacy  # noqa: PLC0415 - it imports Flower's strategies, which few sides need this early

    asked = privacy.asked()
    return privacy.too_much(asked, int(os.environ["COVEY_ROUNDS"])) if asked else ""


def main() -> int:
    side, *words = sys.argv[1:]
    if gone := internals.moved(internals.NEEDED[side]):
        sys.stderr.write(f"Covey's adapter does not fit Flower {flwr.__version__}: {', '.join(gone)} has moved.\n")
        return BAD_START
    if said := too_private(side):
        report("error", code=BAD_START, message=said)
        return BAD_START
    from flwr.cli.build import build_fab_from_disk  # noqa: PLC0415 - it is one of the places just looked at

    try:
        fab = build_fab_from_disk(Path(os.environ["COVEY_APP"]))
    except Exception as error:  # noqa: BLE001 - whatever Flower dislikes in the app's files, no second start mends it
        return failed("The packing of the app by Flower", error)
    os.environ["COVEY_FAB"] = hashlib.sha256(fab).hexdigest()
    first = commands(side, words)
    if reason := why_stock(side):
        _log(f"every process imports everything anew, because {reason}")
        return stock.serve(first)
    return forked(side, first)()


def _log(text: str) -> None:
    sys.stderr.write(f"covey: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
