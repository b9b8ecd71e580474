"""The aggregator's process: opens its port, waits for enough collaborators, trains, and ends by itself."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported is no garbage, and looking for some takes a sixth of the time

import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfl.utilities import TensorKey

from covey_openfl import arrays, workspace
from covey_openfl.configuration import UnknownSettingError
from covey_openfl.model import Model
from covey_openfl.presence import Presence
from covey_openfl.results import Results
from covey_openfl.rounds import Rounds
from covey_openfl.server import Server
from covey_reports.reporting import APP_FAILED, BAD_START, TRY_AGAIN, fail, failed

if TYPE_CHECKING:
    from openfl.federated import Plan

_LOOK = 0.05
_SETTLE = 3.0  # seconds for all who have registered, once enough are here
_GOODBYE = 5.0  # seconds for collaborators to hear that all is done


def main() -> int:
    try:
        plan = workspace.make()
    except UnknownSettingError as error:
        return fail(BAD_START, str(error))
    except workspace.NoWorkspaceError as error:
        return fail(APP_FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - whatever OpenFL dislikes in the plan, no second start mends it
        return failed("The reading of the app's plan", error)
    settings = plan.config["aggregator"]["settings"]
    settings["persist_checkpoint"] = False  # ours are tied to the run; OpenFL's tensor.db is not
    try:
        return Training(plan).run()
    except Exception as error:  # noqa: BLE001 - any, it is the app's own code
        return failed("The app", error)


class Training:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._done = int(os.environ["COVEY_DONE"])
        self._checkpoint = Path(os.environ["COVEY_RESUME"])
        self._model = Model(plan)
        self._results = Results(plan, self._model)
        self._presence = Presence(Path(os.environ["COVEY_MEMBERS"]))
        self._rounds = Rounds(plan, self._results, self._presence)

    def run(self) -> int:
        if self._done >= self._plan.rounds_to_train:  # killed before the model was handed over
            score = self._results.resume(self._checkpoint)
            self._results.hand_over_model(arrays.load(self._checkpoint / arrays.ARRAYS), self._done, score)
            return 0
        server = Server(self._plan, self._presence)
        try:
            server.open(int(os.environ["COVEY_PORT"]))
        except OSError as error:
            return fail(TRY_AGAIN, f"The aggregator can't listen: {error}.")
        model = arrays.load(self._checkpoint / arrays.ARRAYS) if self._done else self._model.initial()
        self._await()
        self._begin(model)
        server.aggregator = self._rounds.aggregator
        return self._follow(server)

    def _await(self) -> None:
        needed, settled = int(os.environ["COVEY_NEEDED"]), None
        while settled is None or time.monotonic() < settled:
            here = self._presence.look()
            if len(here) < needed:
                settled = None
            elif here >= self._presence.registered:
                return
            else:
                settled = settled or time.monotonic() + _SETTLE
            time.sleep(_LOOK)

    def _begin(self, model: dict[str, Any]) -> None:
        """What differs between the sides is set now, so that it is not in the plan that was hashed."""
        self._plan.config["aggregator"]["settings"]["callbacks"] = [self._rounds]
        self._plan.authorized_cols = sorted(self._presence.here)
        aggregator = self._plan.get_aggregator(model)
        if self._done:
            self._resume(aggregator, model)
        self._rounds.attach(aggregator)

    def _resume(self, aggregator: Any, model: dict[str, Any]) -> None:
        """As if the rounds before had been in this process: aggregation functions look for the last aggregate."""
        aggregator.round_number = self._done
        for tag in ("model", "aggregated"):
            aggregator.tensor_db.cache_tensor(
                {
                    TensorKey(name, aggregator.uuid, self._done, report=False, tags=(tag,)): value
                    for name, value in model.items()
                }
            )
        aggregator.best_model_score = self._results.resume(self._checkpoint)

    def _follow(self, server: Server) -> int:
        end = None
        while self._rounds.code is None:
            here = self._presence.look()
            if self._rounds.over:
                end = end or time.monotonic() + _GOODBYE
                if here <= set(self._rounds.aggregator.quit_job_sent_to) or time.monotonic() > end:
                    server.close()
                    return 0
            else:
                self._rounds.look()
            time.sleep(_LOOK)
        return self._rounds.code


if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("openfl.component").setLevel(logging.INFO)
    code = main()
    sys.stdout.flush()
    os._exit(code)  # workers that still wait for a tensor would wait a minute
