"""CEL expressions about a ManagedCluster, made ready once and asked for each cluster."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .selectors import SelectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .world import Cluster

# What Covey renders, and a set knows as well as CEL does: no escapes, so a JSON list of texts is a CEL list.
_NAMES = re.compile(r"\s*managedCluster\.metadata\.name\s+in\s+(\[[^\\]*\])\s*\Z")
# `managedCluster` with `.scores(` or up to two field names after it; any other name before a parenthesis is a function.
_USES = re.compile(r"\bmanagedCluster\b(\.scores\s*\(|(?:\.[A-Za-z_]\w*\b(?!\s*\()){0,2})")
_CODES = re.compile(r"\A(?:[A-Z_]+: )?(?:ERROR: )?(?:<input>:\d+:\d+: )?|(?: \(in container ''\))?(?: \[[A-Z_]+\])?\Z")
_LONGEST: Final = 160


@dataclass(frozen=True, slots=True)
class Expression:
    """`failing` tells why the expression does not hold for a cluster, and nothing where it does."""

    text: str
    failing: Callable[[Cluster], str]


def ready(text: str, scores_of: Callable[[str], Mapping[str, Mapping[str, int]]]) -> Expression:
    """`scores_of` a cluster's name: resource to score to value. Raises SelectorError where CEL can't compile it."""
    names = _names(text)
    if names is not None:
        told = _told(text)
        return Expression(text, lambda cluster: "" if cluster.name in names else f"{told} does not hold")
    return Expression(text, _evaluating(text, scores_of))


def _names(text: str) -> frozenset[str] | None:
    match = _NAMES.match(text)
    if match:
        with suppress(ValueError, RecursionError):
            found = json.loads(match[1])
            if isinstance(found, list) and all(isinstance(name, str) for name in found):
                return frozenset(found)
    return None


def _evaluating(text: str, scores_of: Callable[[str], Mapping[str, Mapping[str, int]]]) -> Callable[[Cluster], str]:
    from .cel_engine import SCORES, environment  # noqa: PLC0415 - slow, and most Placements do without

    try:
        program = environment().compile(text)
    except (RuntimeError, ValueError) as error:
        raise SelectorError(f"compilation failed: {_reason(error)}") from error
    uses, told, wants_scores = _used(text), _told(text), "scores" in text

    def failing(cluster: Cluster) -> str:
        seen = _seen(cluster.whole) if uses is None else _part(cluster.whole, uses)
        if wants_scores:
            seen[SCORES] = scores_of(cluster.name)
        try:
            result = program.eval(data={"managedCluster": seen})
            value = result.value()
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            return f"{told} fails: {_reason(error)}"
        if result.type().name() == "ERROR":
            return f"{told} fails: {_reason(value)}"
        return "" if value is True else f"{told} does not hold"

    return failing


def _used(text: str) -> tuple[tuple[str, ...], ...] | None:
    """The fields that the expression can reach, at most two deep; None where it may need all of the object."""
    paths = {
        ("metadata", "name") if match[1].endswith("(") else tuple(match[1].split(".")[1:])
        for match in _USES.finditer(text)
    }
    return None if () in paths else tuple(sorted(paths))


def _seen(one: Mapping[str, Any]) -> dict[str, Any]:
    """As OCM hands it on: read from its cache, where objects have no kind, with the fields that are always written."""
    spec, status = one.get("spec") or {}, one.get("status") or {}
    return {
        "metadata": one.get("metadata") or {},
        "spec": {"hubAcceptsClient": False, **spec},
        "status": {"conditions": None, "version": {}, **status},
    }


def _part(one: Mapping[str, Any], uses: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """The fields used and no others: handing a whole object to the engine is most of an evaluation's time."""
    whole, part = _seen(one), {}
    for path in uses:
        top = path[0]
        if top not in whole:
            continue
        if len(path) == 1:
            part[top] = whole[top]
        elif part.get(top) is not whole[top]:
            fields = part.setdefault(top, {})
            if path[1] in whole[top]:
                fields[path[1]] = whole[top][path[1]]
    return part


def _reason(error: Any) -> str:
    first = str(error).split("\n", maxsplit=1)[0]
    return _short(_CODES.sub("", first).strip().rstrip("."))


def _told(text: str) -> str:
    return f"`{_short(text)}`"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
