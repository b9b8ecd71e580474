"""A run's folder `.covey/runs/<id>/`: made whole or not at all, and read again to go on with the run."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the dataclass's annotations are read by people's tools
from typing import TYPE_CHECKING, Any

from covey_cli.errors import UserError
from covey_cli.local_run import data
from covey_cli.local_run.files import REPORT, ROUNDS, RUNS, SUMMARY, begin, load, read_facts
from covey_cli.local_run.plan import HUB, Plan, Ports, net_json, start_json
from covey_cli.local_run.ports import free_ports
from covey_cli.locking import make_covey_folder
from covey_cli.version import VERSION
from covey_core import names
from covey_core.launch import start as start_data
from covey_core.manifests import canonical_json, digest
from covey_core.model.parse import parse_job
from covey_core.results.summary import VERSION as FACTS_VERSION
from covey_core.results.summary import RunFacts, State
from covey_runtimes import adapter
from covey_runtimes.launch.app_digest import app_digest, is_part
from covey_runtimes.registry import find
from covey_schemas.catalog import kind_schema
from covey_transport.roster import roster_of, write_roster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_cli.local_run.choice import Chosen
    from covey_cli.local_run.data import Held
    from covey_cli.local_run.partitions import Split
    from covey_core.model.job import FederatedJob

PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says of a run; `given` is a folder of the user's own data."""

    collaborators: tuple[str, ...]
    how: Split
    seed: int
    waiting: int
    given: Path | None = None
    bare: bool = False


def make(chosen: Chosen, job: FederatedJob, wishes: Wishes) -> tuple[Plan, RunFacts]:
    """A new run's folder, complete but for certificates; nothing is left where it can't be made."""
    started = time.time()
    folder = _new_folder(chosen.root, job, started)
    with _gone_unless_complete(folder):
        plan = Plan(
            folder=folder,
            job=job,
            runtime=chosen.runtime,
            uid=secrets.token_hex(8),
            app_digest=_copy_app(chosen.app, folder, (HUB, *wishes.collaborators)),
            trust_domain=chosen.trust_domain,
            collaborators=wishes.collaborators,
            ports=_ports((HUB, *wishes.collaborators)),
        )
        held = _write_data(plan, wishes)
        _write_plan(plan, wishes.waiting)
        write_sides(plan, wishes.waiting)
        facts = _facts(plan, held, started)
        begin(folder, facts)
    return plan, facts


def reopen(folder: Path) -> tuple[Plan, RunFacts]:
    """The plan of a run that has not ended, with new ports; raises UserError where it can't go on.

    The caller holds the run: what is written here would pull the ports from under one that goes on.
    """
    facts = read_facts(folder)
    try:
        said = json.loads((folder / PLAN).read_bytes())
        job = parse_job(said["job"], kind_schema("FederatedJob"))
        runtime = find(job.runtime)
        waiting, trust_domain = int(said["waiting"]), str(said["trustDomain"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{folder / PLAN} can't be used: {error}.", hint="Start the job anew with `covey run`."
        ) from None
    if runtime is None:
        raise UserError(f"The runtime {job.runtime!r} is not installed any more.")
    collaborators = tuple(member.name for member in facts.members)
    ports = _ports((HUB, *collaborators))
    plan = Plan(folder, job, runtime, facts.uid, facts.app_digest, trust_domain, collaborators, ports)
    if (folder / SUMMARY).exists() and load(folder).summary.state is State.COMPLETED:
        raise UserError(f"The run {facts.id} has ended.", hint=f"`covey report {facts.id}` shows how.")
    write_sides(plan, waiting)
    for name in (ROUNDS, SUMMARY, REPORT):
        (folder / name).unlink(missing_ok=True)
    return plan, facts


def write_sides(plan: Plan, waiting: int) -> None:
    """Start data, network data and roster, for launchers and proxies."""
    for name in plan.sides:
        root = plan.root(name)
        for part in ("state", "tmp", "net"):
            (root / part).mkdir(exist_ok=True)
        (root / "proxy").mkdir(mode=0o700, exist_ok=True)
        (root / "start.json").write_bytes(start_json(plan, name, waiting=waiting))
        if name != HUB:
            (root / "net/net.json").write_bytes(net_json(plan))
    write_roster(plan.root(HUB) / "roster.json", roster_of(plan.collaborators, trust_domain=plan.trust_domain))


def with_rounds(job: FederatedJob, rounds: int | None) -> FederatedJob:
    """The job with other rounds, for a quick try."""
    if rounds is None:
        return job
    document = _document(job)
    document["spec"] = {**job.spec, "rounds": rounds}
    return parse_job(document, kind_schema("FederatedJob"))


def _new_folder(root: Path, job: FederatedJob, started: float) -> Path:
    runs = root / RUNS
    make_covey_folder(runs.parent)
    runs.mkdir(exist_ok=True)
    name = f"{job.name}-{job.run_number}-{time.strftime('%m%d-%H%M%S', time.localtime(started))}"
    for suffix in ("", *(f"-{number}" for number in range(2, 100))):
        folder = runs / f"{name}{suffix}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise UserError(f"There are too many runs of this second in {runs}.")


@contextmanager
def _gone_unless_complete(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _no_part(_: str, names: list[str]) -> list[str]:
    return [name for name in names if not is_part(name)]


def _copy_app(app: Path, folder: Path, sides: tuple[str, ...]) -> str:
    """A copy for each side, as each has an image of its own; returns the app's digest."""
    if not app.is_dir():
        raise UserError(f"The app's folder {app} is not there.", hint="`spec.app.path` in the job names it.")
    try:
        for side in sides:
            shutil.copytree(app, folder / side / "app", symlinks=True, ignore=_no_part)
        return app_digest(folder / HUB / "app")
    except shutil.Error as error:
        source, _, why = error.args[0][0]
        raise UserError(f"Can't copy {source}: {why}.") from None
    except OSError as error:
        raise UserError(f"The app can't be used: {error}.") from None


def _write_data(plan: Plan, wishes: Wishes) -> Held:
    if wishes.bare:
        return data.only_numbers(plan.folder, wishes.collaborators)
    if wishes.given:
        return data.link_own(plan.folder, wishes.given, wishes.collaborators)
    name = plan.job.collaborators.data_set
    return data.split_shipped(plan.folder, name, wishes.collaborators, how=wishes.how, seed=wishes.seed)


def _write_plan(plan: Plan, waiting: int) -> None:
    said = {"version": 1, "trustDomain": plan.trust_domain, "waiting": waiting, "job": _document(plan.job)}
    (plan.folder / PLAN).write_bytes(canonical_json(said))


def _document(job: FederatedJob) -> dict[str, Any]:
    metadata = {"name": job.name, "namespace": job.namespace}
    return {"apiVersion": names.API_VERSION, "kind": "FederatedJob", "metadata": metadata, "spec": dict(job.spec)}


def _ports(sides: tuple[str, ...]) -> dict[str, Ports]:
    free = iter(free_ports(3 * len(sides)))
    return {side: Ports(next(free), next(free), next(free)) for side in sides}


def _facts(plan: Plan, held: Held, started: float) -> RunFacts:
    job = plan.job
    start = start_data.parse(plan.root(HUB).joinpath("start.json").read_bytes())
    return RunFacts(
        version=FACTS_VERSION,
        id=plan.folder.name,
        namespace=job.namespace,
        job=job.name,
        number=job.run_number,
        uid=plan.uid,
        runtime=job.runtime,
        rounds=job.rounds,
        minimum=job.collaborators.min,
        started=started,
        events=plan.events.relative_to(plan.folder).as_posix(),
        covey=VERSION,
        runtime_version=adapter.version(job.runtime),
        spec_digest=digest(dict(job.spec)),
        inputs_digest=start.inputs_digest,
        app_digest=plan.app_digest,
        data=held.data,
        members=held.members,
    )
