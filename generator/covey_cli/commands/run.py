"""`covey run`: the same spec trains on this machine, with the programs that the clusters will use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from covey_cli.command import command as declare
from covey_cli.errors import Exit, UserError
from covey_cli.options import FLEET_FILE, RUNS, format_option, runs_root

if TYPE_CHECKING:
    from covey_cli.local_run.choice import Chosen
    from covey_cli.local_run.folder import Wishes

_OF_NEW_RUNS: Final = {
    "collaborators": "--collaborators",
    "split": "--split",
    "seed": "--seed",
    "given": "--data",
    "no_data": "--no-data",
    "rounds": "--rounds",
    "waiting": "--waiting",
}


@declare(
    "run",
    examples=(
        (
            "Train a job with its runtime, over as many collaborators as it needs",
            "covey run jobs/vision/digits/job.yaml",
        ),
        (
            "Five collaborators that hold very different digits",
            "covey run jobs/vision/digits -n 5 --split dirichlet:0.3",
        ),
        ("Data of your own: one folder for each collaborator", "covey run jobs/vision/digits --data parts"),
        ("Go on with the newest run, after it was stopped or killed", "covey run --resume"),
        ("Events for a program", "covey run jobs/vision/digits --format json"),
    ),
)
@click.argument("job", required=False, metavar="[JOB]", type=click.Path(path_type=Path))
@click.option("-n", "--collaborators", type=click.IntRange(1, 64), metavar="N", help="How many; by default the least.")
@click.option("--split", default="iid", show_default=True, help="iid, by-class or dirichlet:ALPHA.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the split.")
@click.option(
    "--data",
    "given",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Holds a folder for each collaborator, with its data; one named `aggregator` holds the held-out part.",
)
@click.option("--no-data", is_flag=True, help="The app brings its data; each collaborator gets a partition's number.")
@click.option("--rounds", type=click.IntRange(1, 1_000_000), metavar="N", help="Other than the job says.")
@click.option(
    "--waiting",
    type=click.IntRange(1),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for collaborators.",
)
@click.option("--resume", is_flag=True, help="Go on with a run; JOB is then its id or its job (default: the newest).")
@click.option(
    "--root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COVEY_ROOT",
    help=f"With --resume: where the runs are; by default the nearest folder upwards that holds {RUNS} or {FLEET_FILE}.",
)
@format_option("text", "json")
def command(  # noqa: PLR0917 - click gives them by name
    job: Path | None,
    collaborators: int | None,
    split: str,
    seed: int,
    given: Path | None,
    rounds: int | None,
    waiting: int,
    root: Path | None,
    format: str,  # noqa: A002 - the option's name
    *,
    no_data: bool,
    resume: bool,
) -> int:
    """Train a job on this machine.

    The same launchers, proxies and certificates as in the clusters: an aggregator and some collaborators, each with its
    part of the data, mutual TLS between them. A program that dies is started again, and the run goes on from the last
    finished round. What is left is in .covey/runs/ID: model, metrics and report.

    Exits with 0 after a training, 20 if the app failed, 30 if it must not run so, 40 if its data is gone, 10 if
    something kept dying, and 130 or 143 if it was stopped.
    """
    _check_extra()
    _check_words(resume=resume)
    from covey_cli.local_run.folder import make, with_rounds  # noqa: PLC0415 - help must be quick
    from covey_cli.local_run.running import run  # noqa: PLC0415

    if resume:
        return _resume(job, runs_root(root), format)
    if job is None:
        raise click.UsageError("Name the job's file, or say --resume.")
    chosen = _chosen(job, format)
    if chosen is None:
        return Exit.FINDINGS
    wishes = _wishes(chosen, collaborators, given=given, split=split, seed=seed, waiting=waiting, bare=no_data)
    interpreter = _interpreter(chosen.runtime.name, chosen.app)
    plan, facts = make(chosen, with_rounds(chosen.job, rounds), wishes)
    return run(plan, facts, interpreter=interpreter, format=format)


def _check_extra() -> None:
    """What only local runs need is an extra, so that a CI image which validates stays small."""
    from importlib.util import find_spec  # noqa: PLC0415 - as above

    missing = [name for name in ("cryptography", "jinja2", "numpy", "sklearn") if find_spec(name) is None]
    if missing:
        raise UserError(
            f"`covey run` needs packages that are not here: {', '.join(missing)}.",
            hint="Run `pip install 'covey[local]'`.",
        )


def _check_words(*, resume: bool) -> None:
    """A word that would change nothing is refused: whoever typed it expects something of it."""
    context = click.get_current_context()
    said = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if resume and (useless := said & _OF_NEW_RUNS.keys()):
        words = ", ".join(sorted(_OF_NEW_RUNS[name] for name in useless))
        raise click.UsageError(f"--resume goes on with the run as it was begun; leave out {words}.")
    if not resume and "root" in said:
        raise click.UsageError("--root is for --resume; the runs of a job lie in its fleet repo, or beside it.")
    if {"split", "seed"} & said and {"given", "no_data"} & said:
        raise click.UsageError("--split and --seed are for data that Covey deals out; leave them out.")


def _chosen(job: Path, format: str) -> Chosen | None:  # noqa: A002 - as above
    from covey_cli.local_run.choice import Refused, choose  # noqa: PLC0415 - as above
    from covey_cli.output import emit  # noqa: PLC0415

    found = choose(job)
    if isinstance(found, Refused):
        emit(found.findings, format=format)
        return None
    return found


def _wishes(
    chosen: Chosen, number: int | None, *, given: Path | None, split: str, seed: int, waiting: int, bare: bool
) -> Wishes:
    from covey_cli.local_run.data import own_collaborators  # noqa: PLC0415 - as above
    from covey_cli.local_run.folder import Wishes  # noqa: PLC0415
    from covey_cli.local_run.partitions import Split  # noqa: PLC0415

    if given and (bare or number):
        raise click.UsageError("--data says who takes part; leave out --no-data and --collaborators.")
    least = chosen.job.collaborators.min
    names = own_collaborators(given) if given else tuple(f"site-{n}" for n in range(1, (number or least) + 1))
    if len(names) < least:
        raise UserError(
            f"The job needs {least} collaborators, and there are {len(names)}.",
            hint="`spec.collaborators.min` in the job says how many.",
        )
    return Wishes(names, Split.parse(split), seed, waiting, given.resolve() if given else None, bare)


def _resume(word: Path | None, root: Path, format: str) -> int:  # noqa: A002 - as above
    from covey_cli.local_run.files import held, is_held, read_facts  # noqa: PLC0415
    from covey_cli.local_run.folder import reopen  # noqa: PLC0415 - as above
    from covey_cli.local_run.listing import find  # noqa: PLC0415
    from covey_cli.local_run.plan import HUB  # noqa: PLC0415
    from covey_cli.local_run.running import run  # noqa: PLC0415

    folder = find(root, str(word) if word else None)
    if is_held(folder):
        raise UserError(f"The run {folder.name} goes on already.", hint="`covey runs` shows it.")
    interpreter = _interpreter(read_facts(folder).runtime, folder / HUB / "app")
    with held(folder):
        plan, facts = reopen(folder)
        return run(plan, facts, interpreter=interpreter, format=format)


def _interpreter(runtime: str, app: Path) -> Path:
    """Made before anything else: it may take minutes, and a failure leaves nothing behind."""
    from covey_core.launch.exits import LaunchError  # noqa: PLC0415 - as above
    from covey_runtimes import adapter  # noqa: PLC0415
    from covey_runtimes.environments import NoEnvironmentError  # noqa: PLC0415

    try:
        return adapter.interpreter(runtime, app, tell=_tell)
    except (NoEnvironmentError, LaunchError) as error:
        raise UserError(str(error)) from None


def _tell(step: str) -> None:
    click.echo(step, err=True)
