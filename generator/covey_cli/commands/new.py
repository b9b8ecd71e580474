"""`covey new`: writes the spec of a new job or data set; never overwrites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from covey_cli import console
from covey_cli.answers import Answers, FieldType, Question, options, settle
from covey_cli.command import command as declare
from covey_cli.errors import UserError, did_you_mean
from covey_cli.options import Choice, format_option, root_option
from covey_cli.output import as_json, emit_json, finding_lines
from covey_cli.scaffold import NO_DIGEST, data_set_files, job_files, job_spec
from covey_cli.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from covey_cli.draft import Surroundings
    from covey_cli.from_app import Found
    from covey_cli.staging import Change
    from covey_core.findings import Finding

_NAME: Final = Question("name", "Its name", "job.metadata.name", argument=True)
JOB: Final = (
    _NAME,
    Question("namespace", "The namespace in which it runs", "job.metadata.namespace"),
    Question("runtime", "The framework that the app is written for", "job.spec.runtime"),
    Question("image", "The app's image, by digest", "job.spec.app.image", "IMAGE"),
    Question("data_set", "The data set to train on", "job.spec.collaborators.dataSet"),
    Question("cluster_set", "A cluster set to choose from", "job.spec.collaborators.clusterSets", many=True),
    Question("rounds", "How many rounds to train", "job.spec.rounds", "NUMBER"),
    Question("min", "How many collaborators must take part", "job.spec.collaborators.min", "NUMBER"),
    Question("purpose", "What the model is for", "job.spec.purpose"),
    Question("storage", "The size of the model's volume", "job.spec.model.storage.size", "SIZE", asked=False),
)
DATA_SET: Final = (
    _NAME,
    Question("owner", "Who answers for the data", "dataset.spec.owner"),
    Question("namespace", "A namespace: the job's, or one that may use the data", "dataset.spec.namespaces", many=True),
    Question("cluster", "A cluster that holds the data", "dataset.spec.grants.cluster", many=True),
    Question("min", "How many collaborators must take part", "dataset.spec.minCollaborators", "NUMBER"),
)
_BOTH: Final = tuple({question.name: question for question in (*JOB, *DATA_SET)}.values())
_FEW: Final = 2  # files that are told by name
# What can't be meant, so that nothing is written; anything else may be put right in the file.
_REFUSED: Final = ("name/", "reference/", "schema/", "yaml/")


@declare(
    "new",
    examples=(
        ("A job; asks for what it needs to know", "covey new digits"),
        (
            "The same from a script",
            "covey new digits --yes --data-set digits --min 2 --image registry.example/digits@sha256:" + "4f53cda1" * 8,
        ),
        ("A job for an app that exists already", "covey new --from-app ../quickstart --yes"),
        (
            "A data set, which its owner writes",
            "covey new --kind dataset digits --owner @acme/data --cluster site-1 --cluster site-2",
        ),
    ),
)
@click.argument("name", required=False, type=FieldType("job.metadata.name"))
@click.option("--kind", type=Choice(("job", "dataset")), default="job", show_default=True, help="What to write.")
@click.option(
    "--from-app",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the job for the app in this folder, with what the app says of itself.",
)
@options(_BOTH)
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults.")
@root_option
@format_option("text", "json")
def command(
    root: Path,
    kind: str,
    from_app: Path | None,
    format: str,  # noqa: A002 - the option's name
    *,
    yes: bool,
    **given: Any,
) -> None:
    """Write the spec of a new job, or of a new data set.

    Asks for what flags do not say, with defaults from the fleet repo; where nobody can be asked, flags must say it.
    With --from-app the app says the runtime, rounds, collaborators and settings that it knows; one outside of the fleet
    repo is copied into the job's folder. What nobody could know is marked CHANGE.
    """
    from covey_cli.draft import check, surroundings  # noqa: PLC0415 - heavy, and not needed to show the help

    questions = JOB if kind == "job" else DATA_SET
    _only(questions, given, kind)
    around = surroundings(root)
    if kind == "job":
        given["namespace"] = _namespace(given["namespace"], around)
    found = _existing(from_app, kind, given) if from_app else None
    ask = console.interactive() and not yes
    answers = settle(questions, given, defaults=_defaults(kind, around, ask=ask, app=found), ask=ask)
    changes = _changes(root, kind, answers, app=found, ask=ask)
    spec = changes[0]
    if (root / spec.path).exists():
        raise UserError(f"{spec.path} exists already; nothing was written.", hint="Edit it, or choose another name.")
    findings = check(spec, "FederatedJob" if kind == "job" else "DataSet", around)
    _refuse(findings)
    written = write_new(root, changes)
    if format == "json":
        emit_json({"made": list(written.made), **as_json(findings)})
    else:
        _report(written.made, marked=bool(written.marks), findings=findings, app=found)


def _existing(folder: Path, kind: str, given: dict[str, Any]) -> Found:
    """The app, whose own name the job gets where nobody gives another."""
    from covey_cli.from_app import find  # noqa: PLC0415 - as above

    if kind != "job":
        raise click.UsageError("--from-app is for `covey new --kind job`.")
    found = find(folder, given["runtime"])
    if not given["name"] and FieldType("job.metadata.name").takes(found.name):
        given["name"] = found.name
    return found


def _changes(root: Path, kind: str, answers: Answers, *, app: Found | None, ask: bool) -> tuple[Change, ...]:
    """The spec, and whatever else is to be written; the spec comes first."""
    if kind != "job":
        return data_set_files(answers)
    if app is None:
        return job_files(answers)
    from covey_cli.from_app import place  # noqa: PLC0415 - as above

    unsaid = () if ask else {"rounds", "min"} & answers.defaulted - app.said.keys()
    path, copies = place(root, app, namespace=answers.values["namespace"], name=answers.values["name"])
    return (job_spec(answers, path=path, configuration=app.configuration, unsaid=unsaid), *copies)


def _only(questions: Sequence[Question], given: Mapping[str, Any], kind: str) -> None:
    known = {question.name for question in questions}
    for question in _BOTH:
        if given.get(question.name) and question.name not in known:
            other = "dataset" if kind == "job" else "job"
            raise click.UsageError(f"{question.flag} is for `covey new --kind {other}`.")


def _namespace(given: Sequence[str], around: Surroundings) -> str | None:
    """The job's own; checked here because further defaults follow from it."""
    if len(given) > 1:
        raise click.UsageError(f"A job has one namespace; --namespace was given {len(given)} times.")
    names = [namespace.name for namespace in around.fleet.namespaces]
    if given and given[0] not in names:
        raise UserError(
            f"The namespace '{given[0]}' is not in covey.yaml.{did_you_mean(given[0], names)}",
            hint="The platform team adds namespaces there.",
        )
    return given[0] if given else None


def _defaults(
    kind: str, around: Surroundings, *, ask: bool, app: Found | None = None
) -> Callable[[str, Mapping[str, Any]], Any]:
    """What the app and the fleet repo suggest; None where they do not."""
    names = [namespace.name for namespace in around.fleet.namespaces]
    if kind == "dataset":
        fixed = {"namespace": tuple(names) if len(names) == 1 else None, "min": 2}
        return lambda name, _: fixed.get(name)
    said = app.said if app else {}
    derived: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "namespace": lambda _: _only_one(names),
        "runtime": lambda _: said.get("runtime", "flower"),
        # Only a person who is asked, or has an app but no image of it yet, can decide to name the image later.
        "image": lambda so_far: f"registry.example/{so_far['name']}@{NO_DIGEST}" if ask or app else None,
        "rounds": lambda _: said.get("rounds", 5),
        "storage": lambda _: "2Gi",
        "data_set": lambda so_far: _only_one(
            [one.name for one in around.data_sets.values() if so_far["namespace"] in one.namespaces],
        ),
        "cluster_set": lambda so_far: _cluster_sets(around, so_far["namespace"]),
        "min": lambda so_far: max(said.get("min", 1), _minimum(around, so_far["data_set"])),
        "purpose": lambda so_far: _purpose(around, so_far["data_set"]),
    }
    return lambda name, so_far: derived[name](so_far) if name in derived else None


def _only_one(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _cluster_sets(around: Surroundings, namespace: str | None) -> tuple[str, ...] | None:
    found = around.fleet.namespace(namespace) if namespace else None
    return found.cluster_sets if found else None


def _minimum(around: Surroundings, data_set: str | None) -> int:
    found = around.data_sets.get(data_set) if data_set else None
    return found.min_collaborators if found else 2


def _purpose(around: Surroundings, data_set: str | None) -> str | None:
    """Nothing to say where the owner names no purposes."""
    found = around.data_sets.get(data_set) if data_set else None
    return _only_one(found.purposes) if found and found.purposes else ""


def _refuse(findings: Sequence[Finding]) -> None:
    for finding in findings:
        if finding.rule.startswith(_REFUSED):
            raise UserError(f"{finding.message} Nothing was written.", hint=finding.hint)


def _report(made: Sequence[str], *, marked: bool, findings: Sequence[Finding], app: Found | None) -> None:
    few = made if len(made) <= _FEW else (made[0], f"{len(made) - 1} files of the app")
    click.echo(f"Wrote {' and '.join(few)}.")
    if app and app.unfit:
        click.echo(f"The app's own values stay for what no spec can hold: {', '.join(app.unfit)}.")
    if marked:
        click.echo("Put your own values where you find CHANGE.")
    if findings:
        click.echo("To do before it can be merged:")
        click.echo("\n".join(finding_lines(findings)))
    tried = f"`covey run {made[0]}` trains it on this machine, " if app else ""
    click.echo(f"Next: {tried}`covey diff` shows what it means, `covey commit` renders and commits it.")
