"""The CEL environment of OCM's cluster selectors: Kubernetes' functions, `scores` and `parseJSON`; slow to import.

Variables and functions as OCM 1.3 documents them in sdk-go's `pkg/cel`. Its limits on an expression's cost are left
out. An engine's function has no context, so the scores of a cluster travel inside the cluster, under a hidden key.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from cel_expr_python import cel  # type: ignore[import-untyped]  # it has stubs and no py.typed
from cel_expr_python.ext import ext_optional, ext_strings  # type: ignore[import-untyped]  # the same

from covey_core.validation.cel.library import extension

SCORES: Final = "__covey_scores__"


@cache
def environment() -> Any:
    functions = [
        _function("scores", cel.Type.LIST, [cel.Type.DYN, cel.Type.STRING], _scores),
        _function("parseJSON", cel.Type.DYN, [cel.Type.STRING], _parse_json),
    ]
    return cel.NewEnv(
        variables={"managedCluster": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)},
        extensions=[
            ext_optional.ExtOptional(),
            ext_strings.ExtStrings(),
            extension(cel),
            cel.CelExtension("covey_placement", functions),
        ],
    )


def _function(name: str, returns: Any, parameters: list[Any], implementation: Any) -> Any:
    overload = cel.Overload(
        f"covey_placement_{name}", return_type=returns, parameters=parameters, is_member=True, impl=implementation
    )
    return cel.FunctionDecl(name, [overload])


def _scores(cluster: Any, name: str) -> list[dict[str, Any]]:
    """Name and value of each score; whether they have expired is not asked."""
    known = cluster.get(SCORES) if isinstance(cluster, dict) else None
    if known is None or name not in known:
        raise ValueError(f"the cluster has no AddOnPlacementScore {name}")
    return [{"name": score, "value": value} for score, value in known[name].items()]


def _parse_json(text: str) -> Any:
    """As in Go, every number is a floating-point number."""
    try:
        return json.loads(text, parse_int=float, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("the text is nested too deeply") from error


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")
