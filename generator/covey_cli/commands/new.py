"""`covey new`: writes the spec of a new job or data set; never overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from covey_cli import console
from covey_cli.answers import FieldType, Question, options, settle
from covey_cli.command import command as declare
from covey_cli.errors import UserError, did_you_mean
from covey_cli.options import Choice, format_option, root_option
from covey_cli.output import as_json, emit_json, finding_lines
from covey_cli.scaffold import NO_DIGEST, data_set_files, job_files
from covey_cli.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from covey_cli.draft import Surroundings
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
        (
            "A data set, which its owner writes",
            "covey new --kind dataset digits --owner @acme/data --cluster site-1 --cluster site-2",
        ),
    ),
)
@click.argument("name", required=False, type=FieldType("job.metadata.name"))
@click.option("--kind", type=Choice(("job", "dataset")), default="job", show_default=True, help="What to write.")
@options(_BOTH)
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults.")
@root_option
@format_option("text", "json")
def command(root: Path, *, kind: str, yes: bool, format: str, **given: Any) -> None:  # noqa: A002 - the option's name
    """Write the spec of a new job, or of a new data set.

    Asks for what flags do not say, with defaults from the fleet repo; where nobody can be asked, flags must say it.
    """
    from covey_cli.draft import check, surroundings  # noqa: PLC0415 - heavy, and not needed to show the help

    questions = JOB if kind == "job" else DATA_SET
    _only(questions, given, kind)
    around = surroundings(root)
    if kind == "job":
        given["namespace"] = _namespace(given["namespace"], around)
    ask = console.interactive() and not yes
    answers = settle(questions, given, defaults=_defaults(kind, around, ask=ask), ask=ask)
    changes = (job_files if kind == "job" else data_set_files)(answers)
    spec = changes[0]
    if (root / spec.path).exists():
        raise UserError(f"{spec.path} exists already; nothing was written.", hint="Edit it, or choose another name.")
    findings = check(spec, "FederatedJob" if kind == "job" else "DataSet", around)
    _refuse(findings)
    written = write_new(root, changes)
    if format == "json":
        emit_json({"made": list(written.made), **as_json(findings)})
    else:
        _report(written.made, marked=bool(written.marks), findings=findings)


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


def _defaults(kind: str, around: Surroundings, *, ask: bool) -> Callable[[str, Mapping[str, Any]], Any]:
    """What the fleet repo suggests; None where it does not."""
    names = [namespace.name for namespace in around.fleet.namespaces]
    if kind == "dataset":
        fixed = {"namespace": tuple(names) if len(names) == 1 else None, "min": 2}
        return lambda name, _: fixed.get(name)
    derived: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "namespace": lambda _: _only_one(names),
        "runtime": lambda _: "flower",
        # Only a person who is asked can decide to name the image later.
        "image": lambda so_far: f"registry.example/{so_far['name']}@{NO_DIGEST}" if ask else None,
        "rounds": lambda _: 5,
        "storage": lambda _: "2Gi",
        "data_set": lambda so_far: _only_one(
            [one.name for one in around.data_sets.values() if so_far["namespace"] in one.namespaces],
        ),
        "cluster_set": lambda so_far: _cluster_sets(around, so_far["namespace"]),
        "min": lambda so_far: _minimum(around, so_far["data_set"]),
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


def _report(made: Sequence[str], *, marked: bool, findings: Sequence[Finding]) -> None:
    click.echo(f"Wrote {' and '.join(made)}.")
    if marked:
        click.echo("Put your own values where you find CHANGE.")
    if findings:
        click.echo("To do before it can be merged:")
        click.echo("\n".join(finding_lines(findings)))
    click.echo("Next: `covey diff` shows what it means, `covey commit` renders and commits it.")
