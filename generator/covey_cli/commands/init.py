"""`covey init`: makes a fleet repo, or adds what is missing to one; never overwrites."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from covey_cli import console
from covey_cli.answers import Answers, FieldType, Question, options, settle
from covey_cli.command import command as declare
from covey_cli.errors import UserError
from covey_cli.options import FLEET_FILE, find_root, format_option
from covey_cli.output import count, emit_json
from covey_cli.scaffold import NO_DIGEST, Team, fleet_files
from covey_cli.writing import write_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_cli.writing import Written

QUESTIONS: Final = (
    Question("name", "The fleet's name", "fleet.metadata.name"),
    Question("trust_domain", "The trust domain of all certificates", "fleet.spec.trustDomain", "DOMAIN"),
    Question("repository", "The address from which Argo CD reads this repository", "fleet.spec.hub.repository", "URL"),
    Question("namespace", "The first namespace for jobs", "fleet.spec.namespaces.name"),
    Question("team", "The team that owns the namespace's jobs", "fleet.spec.namespaces.team"),
    Question("cluster_set", "The cluster set that its jobs may use", "fleet.spec.namespaces.clusterSets"),
    Question(
        "listener", "How collaborators reach the hub", "fleet.spec.listener.type", "[NodePort|LoadBalancer|Route]"
    ),
    Question("api_server", "The hub's API server", "fleet.spec.hub.apiServer.cidrs", "CIDR", asked=False),
    Question("egress", "Where spokes reach the hub's listeners", "fleet.spec.egress.cidr", "CIDR", asked=False),
    Question("proxy_image", "Covey's proxy image, by digest", "fleet.spec.images.proxy", "IMAGE", asked=False),
    Question("branch", "The branch that Argo CD follows", "fleet.spec.hub.branch", asked=False),
    Question("argocd_namespace", "Argo CD's namespace on the hub", "fleet.spec.hub.argocdNamespace", asked=False),
    Question("platform_team", "Who owns covey.yaml, for CODEOWNERS", "fleet.spec.namespaces.team", asked=False),
    Question("data_owner", "Who owns the data sets, for CODEOWNERS", "dataset.spec.owner", asked=False),
)
_PLACEHOLDERS: Final = {
    "namespace": "vision",
    "cluster_set": "default",
    "listener": "NodePort",
    "api_server": "192.0.2.1/32",
    "egress": "192.0.2.0/24",
    "proxy_image": f"registry.example/covey/proxy@{NO_DIGEST}",
    "branch": "main",
    "argocd_namespace": "argocd",
    "data_owner": "@acme/data-owners",
    "platform_team": "@acme/platform",
}


@declare(
    "init",
    examples=(
        ("A fleet repo in the folder `fleet`; asks for what it needs to know", "covey init fleet"),
        (
            "The same from a script",
            "covey init fleet --yes --namespace vision --team @acme/vision --cluster-set hospitals",
        ),
        ("Add what is missing to the repo here, and let git check each commit", "covey init --hooks"),
    ),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@options(QUESTIONS)
@click.option("--domain", type=FieldType("fleet.spec.listener.domain"), help="For the listener Route: its domain.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults, which are marked CHANGE in the files.")
@click.option("--git/--no-git", default=True, help="Make a git repository unless there is one around.")
@click.option("--hooks/--no-hooks", default=None, help="Have git check each commit; by default in a new repository.")
@format_option("text", "json")
def command(
    folder: Path,
    *,
    domain: str | None,
    yes: bool,
    git: bool,
    hooks: bool | None,
    format: str,  # noqa: A002 - the option's name
    **given: Any,
) -> None:
    """Make a fleet repo in DIR, or add what is missing to it.

    Nothing that exists is overwritten. What has no sensible default is marked CHANGE in the files.
    """
    root = _usable(folder)
    answers, teams = _existing(root, given) or _settled(root, given, domain, ask=console.interactive() and not yes)
    root.mkdir(parents=True, exist_ok=True)
    repository = _repository(root, branch=answers.values["branch"]) if git else "none"
    written = write_new(root, fleet_files(answers, teams=teams))
    hooked = repository != "none" and _hooked(root, wanted=repository == "made" if hooks is None else hooks)
    if format == "json":
        emit_json({"root": str(root), "made": written.made, "left": written.left, "git": repository, "hooks": hooked})
    else:
        _report(folder, written, hooked=hooked)


def _usable(folder: Path) -> Path:
    root = folder.absolute()
    if root.exists() and not root.is_dir():
        raise UserError(f"{folder} is a file, not a folder.", hint="Name a folder that is new or holds a fleet repo.")
    try:
        around = find_root(root.parent)
    except UserError:
        return root
    raise UserError(f"{folder} is inside the fleet repo {around}.", hint="One hub has one fleet repo; use that one.")


def _settled(root: Path, given: Mapping[str, Any], domain: str | None, *, ask: bool) -> tuple[Answers, list[Team]]:
    def default(name: str, so_far: Mapping[str, Any]) -> str:
        return _derived(name, so_far, root) or _PLACEHOLDERS[name]

    answers = settle(QUESTIONS, given, defaults=default, ask=ask)
    route = answers.values["listener"] == "Route"
    if domain and not route:
        raise click.UsageError("--domain is for the listener Route only.")
    domain = domain or (f"apps.{answers.values['trust_domain']}" if route else "")
    team = Team(answers.values["namespace"], answers.values["team"])
    return Answers({**answers.values, "domain": domain}, answers.defaulted), [team]


def _derived(name: str, so_far: Mapping[str, Any], root: Path) -> str | None:
    """Defaults that follow from the folder, its git or earlier answers."""
    if name == "name":
        return root.name if re.fullmatch(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", root.name) else "fleet"
    if name == "trust_domain":
        return f"{so_far['name']}.example"
    if name == "repository":
        return _origin(root) or f"https://git.example/{so_far['name']}.git"
    return f"@acme/{so_far['namespace']}" if name == "team" else None


def _origin(root: Path) -> str | None:
    """The address of git's remote `origin`, without anybody's password."""
    from covey_cli.git import Git  # noqa: PLC0415 - not needed to show the help

    address = Git(root).maybe("remote", "get-url", "origin") if root.is_dir() else None
    if not address or not re.match(r"(https?|ssh)://\S+\Z|[^\s/]+@[^\s/]+:\S+\Z", address):
        return None
    return re.sub(r"(?<=://)[^/@]+@", "", address) if address.startswith("http") else address


def _existing(root: Path, given: Mapping[str, Any]) -> tuple[Answers, list[Team]] | None:
    """The answers that a covey.yaml gives which is there already."""
    if not (root / FLEET_FILE).exists():
        return None
    from covey_cli.repo import load  # noqa: PLC0415 - heavy, and a new repo does not need it

    fleet = load(root).fleet
    if fleet is None:
        raise UserError(f"{FLEET_FILE} has errors.", hint="`covey validate` shows them; put them right first.")
    first = fleet.namespaces[0] if fleet.namespaces else None
    values = {question.name: given.get(question.name) or _PLACEHOLDERS.get(question.name) for question in QUESTIONS}
    values |= {
        "name": fleet.name,
        "trust_domain": fleet.trust_domain,
        "repository": fleet.hub.repository,
        "branch": fleet.hub.branch,
        "argocd_namespace": fleet.hub.argocd_namespace,
        "team": first.team if first else "",
        "domain": "",
    }
    owners = {name for name in ("platform_team", "data_owner") if not given.get(name)}
    return Answers(values, frozenset(owners)), [Team(one.name, one.team) for one in fleet.namespaces]


def _repository(root: Path, *, branch: str) -> str:
    from covey_cli.git import Git  # noqa: PLC0415 - not needed to show the help

    git = Git(root)
    if git.maybe("rev-parse", "--is-inside-work-tree") == "true":
        return "found"
    git.run("init", "--quiet", f"--initial-branch={branch}")
    return "made"


def _hooked(root: Path, *, wanted: bool) -> bool:
    """Whether git uses the committed hooks, after it was told to if that is wanted and it uses no others."""
    from covey_cli.git import Git  # noqa: PLC0415 - not needed to show the help

    git = Git(root)
    ours = f"{git.prefix()}.githooks"
    found = git.maybe("config", "core.hooksPath")
    if wanted and found is None:
        git.run("config", "--local", "core.hooksPath", ours)
        return True
    return found == ours


def _report(folder: Path, written: Written, *, hooked: bool) -> None:
    for path in written.made:
        click.echo(f"made {folder / path}")
    if written.left:
        click.echo(f"Left {count(len(written.left), 'file')} as they were: {', '.join(written.left)}.")
    if written.outdated:
        click.echo(f"Of another version of Covey: {', '.join(written.outdated)}. Remove them and run init again.")
    if hooked:
        click.echo("Git checks each commit with .githooks/pre-commit.")
    else:
        click.echo("Git does not check commits here; `covey init --hooks` changes that, unless it has other hooks.")
    if written.marks:
        click.echo(f"Put your own values where you find CHANGE: in {', '.join(written.marks)}.")
    if written.made:
        there = "" if folder == Path() else f"`cd {folder}`, then "
        click.echo(f"Next: {there}`covey new --kind dataset` for the data's owner and `covey new` for the first job.")
