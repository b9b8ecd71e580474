"""The aggregator's process: opens its port, waits for enough collaborators, trains, and ends by itself."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfl.utilities import TensorKey

from covey_openfl import arrays, workspace
from covey_openfl.configuration import UnknownSettingError
from covey_openfl.model import Model
from covey_openfl.presence import Presence
from covey_openfl.reporting import APP_FAILED, BAD_START, TRY_AGAIN, fail, failed
from covey_openfl.rounds import BEST, SCORE, Rounds, functions
from covey_openfl.server import Server

if TYPE_CHECKING:
    from openfl.federated import Plan

_LOOK = 0.05
_GOODBYE = 5.0  # seconds for collaborators to hear that all is done


def main() -> int:
    try:
        plan = workspace.make()
    except UnknownSettingError as error:
        return fail(BAD_START, str(error))
    except workspace.NoWorkspaceError as error:
        return fail(APP_FAILED, str(error))
    presence = Presence(Path(os.environ["COVEY_MEMBERS"]))
    model = Model(plan)
    rounds = Rounds(plan, model, presence)
    try:
        return run(plan, model, rounds, presence)
    except OSError as error:
        return failed("The app", error)


def run(plan: Plan, model: Model, rounds: Rounds, presence: Presence) -> int:
    done = int(os.environ["COVEY_DONE"])
    ours(plan, rounds)
    if done >= plan.rounds_to_train:
        rounds.hand_over_model(arrays.load(_resumed(arrays.ARRAYS)), done)
        return 0
    server = Server(plan, presence)
    try:
        server.open(int(os.environ["COVEY_PORT"]))
    except OSError as error:
        return fail(TRY_AGAIN, f"The aggregator can't listen: {error}.")
    try:
        start = arrays.load(_resumed(arrays.ARRAYS)) if done else model.initial()
    except Exception as error:  # noqa: BLE001 - any, it is the app's own code
        return failed("The app", error)
    needed = int(os.environ["COVEY_NEEDED"])
    while len(presence.look()) < needed:
        time.sleep(_LOOK)
    try:
        begin(plan, rounds, start, done, presence)
    except Exception as error:  # noqa: BLE001 - as above: aggregation functions are the app's
        return failed("The plan", error)
    server.aggregator = rounds.aggregator
    return follow(server, rounds, presence)


def ours(plan: Plan, rounds: Rounds) -> None:
    """What differs between the sides, so it must not be in the plan that is hashed."""
    settings = plan.config["aggregator"]["settings"]
    settings["callbacks"] = [rounds]
    settings["persist_checkpoint"] = False  # ours are tied to the run; a tensor.db is not


def begin(plan: Plan, rounds: Rounds, start: dict[str, Any], done: int, presence: Presence) -> None:
    plan.authorized_cols = sorted(presence.here)
    aggregator = plan.get_aggregator(start)
    if done:
        resume(plan, aggregator, start, done)
    rounds.attach(aggregator)


def resume(plan: Plan, aggregator: Any, start: dict[str, Any], done: int) -> None:
    """As if the rounds before had been in this process: aggregation functions look for the last aggregate."""
    aggregator.round_number = done
    for tag in ("model", "aggregated"):
        keys = {
            TensorKey(name, aggregator.uuid, done, report=False, tags=(tag,)): value for name, value in start.items()
        }
        aggregator.tensor_db.cache_tensor(keys)
    arrays.restore_state(_resumed(""), functions(plan))
    if _resumed(BEST).exists():
        shutil.copyfile(_resumed(BEST), plan.config["aggregator"]["settings"]["best_state_path"])
        aggregator.best_model_score = json.loads(_resumed(SCORE).read_text())


def follow(server: Server, rounds: Rounds, presence: Presence) -> int:
    end = None
    while True:
        here = presence.look()
        if rounds.code is not None:
            return rounds.code
        if rounds.finished:
            end = end or time.monotonic() + _GOODBYE
            if here <= set(rounds.aggregator.quit_job_sent_to) or time.monotonic() > end:
                server.close()
                return 0
        else:
            rounds.look()
        time.sleep(_LOOK)


def _resumed(name: str) -> Path:
    return Path(os.environ["COVEY_RESUME"], name)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("openfl.component").setLevel(logging.INFO)
    code = main()
    sys.stdout.flush()
    os._exit(code)  # workers that still wait for a tensor would wait a minute
