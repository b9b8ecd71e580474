"""A prepared run, from its first program to its report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from covey_cli.errors import UserError
from covey_cli.local_run import sandbox
from covey_cli.local_run.certificates import Certificates
from covey_cli.local_run.display import Display
from covey_cli.local_run.display_end import resumption
from covey_cli.local_run.evaluation import evaluate
from covey_cli.local_run.federation import Ending, Federation
from covey_cli.local_run.files import finish, held
from covey_cli.local_run.model_files import collect
from covey_cli.local_run.plan import HUB
from covey_core.launch.exits import Exit
from covey_core.results.summary import Outcome, State
from covey_runtimes.launch.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from covey_cli.local_run.files import Results
    from covey_cli.local_run.plan import Plan
    from covey_core.results.evaluation import Evaluation
    from covey_core.results.summary import RunFacts


def run(plan: Plan, facts: RunFacts, *, interpreter: Path, format: str) -> int:  # noqa: A002 - the option's name
    """Trains, looks at the model, writes the results; returns the exit code of `covey run`."""
    signals = Signals()
    display = Display(facts, format=format, folder=plan.folder)

    def meanwhile() -> None:
        display.tick()
        if signals.stopped:
            raise UserError("It was stopped.")

    try:
        with held(plan.folder):
            ending = Federation(plan, Certificates(plan), display=display, signals=signals).train()
            ending, outcome = _look(ending, plan, facts, interpreter, meanwhile=meanwhile)
            if signals.stopped:
                ending = replace(ending, code=128 + signals.number)
            results = _finish(plan, outcome, display)
        if outcome.state is State.COMPLETED:
            if outcome.message:
                display.say(outcome.message)
            display.finished(results)
        else:
            display.failed(_advice(ending, facts, plan.folder), results=results)
    finally:
        display.close()
    return ending.code


def _finish(plan: Plan, outcome: Outcome, display: Display) -> Results:
    try:
        return finish(plan.folder, outcome)
    except UserError as error:
        display.failed(error.message)
        raise


def _look(
    ending: Ending, plan: Plan, facts: RunFacts, interpreter: Path, *, meanwhile: Callable[[], None]
) -> tuple[Ending, Outcome]:
    """The model of a run that has completed, and how well it does on the data that nobody has seen."""
    if ending.state is not State.COMPLETED:
        return ending, Outcome(ending.state, ending.message)
    try:
        models = collect(plan.folder, plan.state, facts)
    except UserError as error:
        return Ending(State.FAILED, Exit.AGAIN, error.message), Outcome(State.FAILED, error.message)
    try:
        evaluation = _evaluate(plan, facts, interpreter, meanwhile=meanwhile)
    except UserError as error:  # the model is there, and nobody knows how good it is
        said = f"The model could not be evaluated: {error.message}"
        return Ending(ending.state, Exit.APP, said), Outcome(ending.state, said, None, models)
    return ending, Outcome(ending.state, "", evaluation, models)


def _evaluate(plan: Plan, facts: RunFacts, interpreter: Path, *, meanwhile: Callable[[], None]) -> Evaluation | None:
    """None where nothing was held out."""
    hub = plan.root(HUB)
    if not any((hub / "data").iterdir()):
        return None
    return evaluate(
        interpreter,
        hub / "app",
        model=plan.folder / "model",
        data=hub / "data",
        scratch=hub / "tmp",
        classes=facts.data.classes if facts.data else (),
        hidden=plan.secret_folders if sandbox.works() else (),
        meanwhile=meanwhile,
    )


def _advice(ending: Ending, facts: RunFacts, folder: Path) -> str:
    if ending.code in {Exit.START, Exit.APP}:
        return ending.message
    return f"{ending.message} `{resumption(facts, folder)}` goes on from the last finished round."
