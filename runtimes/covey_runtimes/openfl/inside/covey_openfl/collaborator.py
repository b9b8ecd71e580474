"""A collaborator's process: OpenFL's own, with our client."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # what is imported is no garbage, and looking for some takes a sixth of the time

import logging
import os
import sys
import traceback
from typing import Any

from openfl.callbacks import Callback

from covey_openfl import beat, workspace
from covey_openfl.client import OtherPlanError, client
from covey_openfl.configuration import UnknownSettingError
from covey_reports.few import few
from covey_reports.reporting import APP_FAILED, BAD_START, fail, failed, report


class Progress(Callback):
    """Each round is told once, also where it is done in two parts."""

    def __init__(self) -> None:
        super().__init__()
        self._told = -1

    def on_round_end(self, round_num: int, logs: dict[str, Any] | None = None) -> None:
        if round_num > self._told:
            self._told = round_num
            measured = {".".join(name.split("/")[1:]): value for name, value in (logs or {}).items()}
            report("round", round=round_num + 1, metrics=few(measured))


def main() -> int:
    name = os.environ["COVEY_NAME"]
    try:
        plan = workspace.make()
    except UnknownSettingError as error:
        return fail(BAD_START, str(error))
    except workspace.NoWorkspaceError as error:
        return fail(APP_FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - whatever OpenFL dislikes in the plan, no second start mends it
        return failed("The reading of the app's plan", error)
    try:
        link = client(plan, name)
        beat.start(link)
        plan.config["collaborator"]["settings"]["callbacks"] = [Progress()]
        plan.get_collaborator(name, client=link).run()
    except OtherPlanError as error:
        return fail(BAD_START, str(error))
    except Exception as error:  # noqa: BLE001 - any, it is the app's own code
        traceback.print_exc()
        return failed("The app", error)
    return 0


if __name__ == "__main__":
    gc.freeze()
    gc.enable()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("openfl.component").setLevel(logging.INFO)
    code = main()
    sys.stdout.flush()
    os._exit(code)
