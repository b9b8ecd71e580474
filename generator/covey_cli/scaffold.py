"""The files that `init` and `new` write, made from the templates beside this module; pure but for reading those."""

from __future__ import annotations

import posixpath
import string
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, ClassVar, Final

from covey_core.manifests import to_yaml

from .fields import KINDS
from .staging import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .answers import Answers

NO_DIGEST: Final = "sha256:" + "0" * 64  # stands, marked CHANGE, where an image must be named by digest
# Files of a fleet repo and their templates; the schemas for editors come on top.
_FLEET: Final = {
    ".ci/covey": "ci",
    ".gitattributes": "gitattributes",
    ".githooks/pre-commit": "pre-commit",
    ".github/workflows/covey.yaml": "workflow.yaml",
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    "CODEOWNERS": "CODEOWNERS",
    "README.md": "README.md",
    "covey.yaml": "covey.yaml",
    "datasets/README.md": "datasets.md",
    "gitops/bootstrap.yaml": "bootstrap.yaml",
    "jobs/README.md": "jobs.md",
}
_EXECUTABLE: Final = frozenset({".ci/covey", ".githooks/pre-commit"})
_MARKS: Final = {
    "trust_domain": "a name of your own",
    "api_server": "your hub's",
    "repository": "this repository's address",
    "namespace": "your team's namespace",
    "team": "your team, as the forge names it",
    "cluster_set": "your ManagedClusterSet",
    "proxy_image": "where you keep Covey's images",
    "egress": "your hub's listeners",
    "image": "your app's image",
}
_PORTS: Final = {"NodePort": "30000-32767", "LoadBalancer": "443", "Route": "443"}


class _Template(string.Template):
    """Shell scripts and workflows have `$` of their own."""

    delimiter: ClassVar[str] = "@@"


@dataclass(frozen=True, slots=True)
class Team:
    """A namespace and who may change its jobs."""

    namespace: str
    team: str


def fleet_files(answers: Answers, *, teams: Sequence[Team]) -> tuple[Change, ...]:
    """All files of a new fleet repo."""
    values = answers.values
    words = {
        **_words(answers),
        "egress_ports": _scalar(_PORTS[values["listener"]]),
        "domain_line": f"\n    domain: {_scalar(values['domain'])}" if values["domain"] else "",
        "owners": _owners(values["platform_team"], values["data_owner"], teams),
        "owners_mark": "\n# CHANGE: the names." if not answers.defaulted.isdisjoint({"team", "platform_team"}) else "",
    }
    made = [_filled(path, f"fleet/{template}", words) for path, template in _FLEET.items()]
    return (*made, *_schemas())


def job_files(answers: Answers) -> tuple[Change, ...]:
    """A job's spec and the place of its app."""
    spec = job_spec(answers, path="app")
    return (spec, _filled(f"{posixpath.dirname(spec.path)}/app/README.md", "job/README.md", _words(answers)))


def job_spec(
    answers: Answers, *, path: str, configuration: Mapping[str, Any] | None = None, unsaid: Iterable[str] = ()
) -> Change:
    """A job's spec, for the app at `path`; `unsaid` are answers that the app itself should have given."""
    values = answers.values
    purpose = f"\n  purpose: {_scalar(values['purpose'])}" if values["purpose"] else ""
    lines = "".join(f"\n    {_scalar(key)}: {_scalar(value)}" for key, value in (configuration or {}).items())
    words = {
        **_words(answers),
        "path": _scalar(path),
        "purpose_line": purpose,
        "configuration_lines": f"\n  config:{lines}" if lines else "",
        "rounds_mark": "",
        "min_mark": "",
        **{f"{name}_mark": " # CHANGE: the app does not say" for name in unsaid},
    }
    return _filled(f"jobs/{values['namespace']}/{values['name']}/job.yaml", "job/job.yaml", words)


def data_set_files(answers: Answers) -> tuple[Change, ...]:
    values = answers.values
    grants = "".join(f"\n    - cluster: {_scalar(cluster)}" for cluster in values["cluster"])
    words = {**_words(answers), "grants": grants}
    return (_filled(f"datasets/{values['name']}.yaml", "dataset/dataset.yaml", words),)


def _owners(platform: str, data_owner: str, teams: Iterable[Team]) -> str:
    owned = ("/datasets/", "/rendered/_fleet/dataset-*.yaml", "/rendered/_fleet/*.covey-data-*.yaml")
    lines = [("*", platform), *((path, data_owner) for path in owned)]
    for team in teams:
        lines += [(f"/jobs/{team.namespace}/", team.team), (f"/rendered/{team.namespace}/", team.team)]
    width = max(len(path) for path, _ in lines)
    return "\n".join(f"{path:<{width}} {owner}" for path, owner in lines)


def _words(answers: Answers) -> dict[str, str]:
    """What templates can name: `@@x` for YAML, `@@x_plain` for text, `@@x_mark` where a default must be changed."""
    words: dict[str, str] = {}
    for name, value in answers.values.items():
        words[name] = _scalars(value)
        words[f"{name}_plain"] = str(value)
        marked = name in answers.defaulted and name in _MARKS
        words[f"{name}_mark"] = f" # CHANGE: {_MARKS[name]}" if marked else ""
    return words


def _scalars(value: Any) -> str:
    return ", ".join(map(_scalar, value)) if isinstance(value, tuple) else _scalar(value)


def _scalar(value: Any) -> str:
    """The value as YAML reads it back, whatever it looks like; it fits into a flow collection, too."""
    return to_yaml(value).strip()


def _filled(path: str, template: str, words: Mapping[str, str]) -> Change:
    text = files("covey_cli").joinpath("templates", *template.split("/")).read_text(encoding="utf-8")
    return Change(path, _Template(text).substitute(words).encode(), executable=path in _EXECUTABLE)


def _schemas() -> tuple[Change, ...]:
    """Copies for editors, so that they complete and check without a network."""
    folder = files("covey_schemas").joinpath("kinds")
    names = [f"{kind.name.lower()}.schema.json" for kind in KINDS]
    return tuple(Change(f"schemas/covey/{name}", folder.joinpath(name).read_bytes()) for name in names)
