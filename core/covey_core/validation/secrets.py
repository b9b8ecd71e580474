"""Finds private keys, tokens and passwords in what is meant for Git; what it found is never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from covey_core.findings import Severity

from .problems import Problem, to_finding
from .secret_patterns import holds_secret, secrets_in
from .wording import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covey_core.documents import Document
    from covey_core.findings import Finding

    from .problems import Path

_HINT = (
    "Take it out, put it into a Secret that is made on the cluster, and name that. "
    "If it was ever pushed, it is known: replace it."
)


def secret_findings(document: Document) -> tuple[Finding, ...]:
    """For every kind of document: secrets in its strings, its keys included."""
    return tuple(to_finding(problem, document) for problem in secret_problems(document.value))


def secret_problems(value: Any, path: Path = ()) -> Iterator[Problem]:
    if isinstance(value, str):
        for rule, what in secrets_in(value):
            yield _problem(rule, path, what)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "client-key-data" and item:
                yield _problem("secret/kubeconfig", (*path, key), "a kubeconfig's private key")
            else:
                yield from secret_problems(item, (*path, key))
            if isinstance(key, str) and holds_secret(key):
                yield _problem("secret/token", path, "a secret as the name of a field")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secret_problems(item, (*path, index))


def secret_object_problems(value: dict[str, Any], path: Path, *, rendered: bool) -> Iterator[Problem]:
    """A Secret that carries its data: in a rendered tree that is an error."""
    if value.get("kind") != "Secret" or value.get("apiVersion") != "v1":
        return
    for field in ("data", "stringData"):
        if value.get(field):
            yield Problem(
                "secret/manifest",
                (*path, field),
                f"A Secret with `{field}` can't stand in Git: whoever reads the repository has it.",
                hint="Make the Secret on the cluster, or commit a reference that a secrets operator resolves.",
                severity=Severity.ERROR if rendered else Severity.WARNING,
                at_key=True,
            )


def _problem(rule: str, path: Path, what: str) -> Problem:
    return Problem(rule, path, f"{place(path)} holds {what}; nothing that is in Git is secret.", hint=_HINT)
