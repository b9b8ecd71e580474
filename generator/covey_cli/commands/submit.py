"""`covey submit`: a job's spec becomes a branch for review, or lands on the main branch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from covey_cli.command import command as declare
from covey_cli.errors import Exit
from covey_cli.options import format_option, root_option

if TYPE_CHECKING:
    from covey_cli.submission import Submission
    from covey_cli.submitting import Submitted, Target


@declare(
    "submit",
    examples=(
        ("File a job and push it as a branch for a pull request", "covey submit digits.yaml"),
        ("See what would be pushed", "covey submit digits.yaml --dry-run"),
        ("The same spec as another team's job", "covey submit digits.yaml --namespace retail --name digits-2"),
        ("Straight onto the main branch, where that is allowed", "covey submit digits.yaml --direct"),
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--namespace", default="", metavar="NS", help="Another namespace than the one in the spec.")
@click.option("--name", default="", metavar="NAME", help="Another name than the one in the spec.")
@click.option("--app", type=click.Path(path_type=Path), metavar="DIR", help="The app's folder, if not beside the spec.")
@click.option("--branch", default="", metavar="BRANCH", help="The branch to push, instead of covey/<namespace>.<name>.")
@click.option("--direct", is_flag=True, help="Push to the remote's main branch, without a pull request.")
@click.option("--remote", default="origin", show_default=True, metavar="REMOTE", help="The remote to push to.")
@click.option("-m", "--message", default="", metavar="TEXT", help="The commit's message, instead of a generated one.")
@click.option("--dry-run", is_flag=True, help="Do everything but the push, and show what would change.")
@format_option("text", "json")
@root_option
def command(
    root: Path,
    format: str,  # noqa: A002 - the option's name
    *,
    file: Path,
    namespace: str,
    name: str,
    app: Path | None,
    branch: str,
    direct: bool,
    remote: str,
    message: str,
    dry_run: bool,
) -> int:
    """File the job spec FILE, render it and push it.

    The job goes to jobs/<namespace>/<name>/ with its app's folder, on top of the remote's newest commit. Your work
    tree is not touched, whatever is in it. When others push meanwhile, the job is rendered again on their commits;
    nothing is ever forced. A job of that name that is there already is replaced.
    """
    from covey_cli.git import open_git  # noqa: PLC0415 - help must be quick
    from covey_cli.output import emit  # noqa: PLC0415
    from covey_cli.progress import progress  # noqa: PLC0415
    from covey_cli.remote import Remote  # noqa: PLC0415
    from covey_cli.submission import read_submission  # noqa: PLC0415
    from covey_cli.submitting import Target, submit  # noqa: PLC0415

    if direct and branch:
        raise click.UsageError("--direct pushes to the main branch, --branch to another; give one of them.")
    git = open_git(root)
    submission, findings = read_submission(file, root=root, namespace=namespace, name=name, app=app)
    if submission is None:
        emit(findings, format=format)
        return Exit.FINDINGS
    own = branch or f"covey/{submission.namespace}.{submission.name}"
    target = Target(own, direct=direct, dry_run=dry_run, message=message)
    with progress("Submitting"):
        done = submit(Remote(git, remote), submission, target, tell=_tell)
    return _report(done, submission, target, remote, format)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _report(done: Submitted, submission: Submission, target: Target, remote: str, format: str) -> int:  # noqa: A002 - the option's name
    from covey_cli.output import emit, emit_json  # noqa: PLC0415 - as above
    from covey_core.findings import has_errors  # noqa: PLC0415

    if has_errors(done.findings):
        emit(done.findings, format=format)
        return Exit.FINDINGS
    if format == "json":
        emit_json(_as_json(done, submission, target, remote))
    else:
        _report_text(done, submission, target, remote)
    return Exit.CLEAN


def _as_json(done: Submitted, submission: Submission, target: Target, remote: str) -> dict[str, object]:
    return {
        "job": submission.job,
        "remote": remote,
        "branch": done.branch,
        "mainBranch": done.main,
        "commit": done.commit or None,
        "pushed": bool(done.commit) and not target.dry_run,
        "replaced": done.replaced,
        "tries": done.tries,
        "paths": list(done.paths),
        "remoteSaid": list(done.said),
    }


def _report_text(done: Submitted, submission: Submission, target: Target, remote: str) -> None:
    from covey_cli.console import safe  # noqa: PLC0415 - as above
    from covey_cli.difference_text import lines  # noqa: PLC0415
    from covey_cli.output import count  # noqa: PLC0415

    where = f"{safe(done.branch)} on {safe(remote)}"
    if not done.commit:
        click.echo(f"Nothing to do: {submission.job} is there already, just like this ({where}).")
        return
    for line in lines(done.difference, {}):
        click.echo(line)
    verb = "would be pushed" if target.dry_run else "pushed"
    kind = "replaces the job that was there" if done.replaced else "is new"
    click.echo(f"{submission.job} {kind}: {count(len(done.paths), 'file')} {verb} to {where} ({done.commit[:12]}).")
    for word in done.said:
        click.echo(f"remote: {safe(word)}")
    if not target.dry_run and not target.direct:
        click.echo(f"Next: open a pull request from {safe(done.branch)} into {safe(done.main)}.")
    elif not target.dry_run:
        click.echo("Next: `git pull` brings it into your work tree.")
