"""Condition rules: CEL over a spoke's object makes conditions of a manifest, and of all of them those of the work."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from controlplane.ocm.standin.work_conditions import condition

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_MADE_BY_RULE = "ConditionRule"  # how the reasons of such conditions begin
_NO_KEY = re.compile(r"^.*Key not found in map ?: ?\"?([^\"\s]+)\"?.*$", re.DOTALL)
_COMPLETE: dict[tuple[str, str], tuple[str, str]] = {
    ("batch/v1", "Job"): (
        """hasConditions(object.status) &&
           object.status.conditions.exists(c, c.type in ['Complete', 'Failed'] && c.status == 'True')""",
        "result ? 'Job is finished' : 'Job is not finished'",
    ),
    ("v1", "Pod"): ("object.status.phase in ['Succeeded', 'Failed']", "'Pod is in phase ' + object.status.phase"),
}


def evaluate(one: Object, rules: list[Object]) -> list[Object]:
    """A well-known condition that this kind has not is left out."""
    return [made for rule in rules for made in _evaluate(one, rule)]


def is_made(one: Object) -> bool:
    return str(one.get("reason", "")).startswith(_MADE_BY_RULE)


def prune(conditions: list[Object], generation: int) -> None:
    """Drops those of rules that are gone: they were not made anew for this generation."""
    conditions[:] = [one for one in conditions if not is_made(one) or one.get("observedGeneration") == generation]


def _evaluate(one: Object, rule: Object) -> list[Object]:
    name = rule["condition"]
    if rule["type"] == "WellKnownConditions":
        known = _COMPLETE.get((one["apiVersion"], one["kind"])) if name == "Complete" else None
        if known is None:
            return []
        expressions, said = [known[0]], rule.get("messageExpression") or known[1]
    else:
        expressions, said = rule.get("celExpressions", []), rule.get("messageExpression", "")
    try:
        status = all(_truth(expression, one) for expression in expressions)
    except Exception as error:  # noqa: BLE001 - the engine's errors have no common class
        return [condition(name, False, "ConditionRuleExpressionError", str(error))]  # noqa: FBT003
    return [condition(name, status, "ConditionRuleEvaluated", _message(one, rule, status=status, said=said))]


def _truth(expression: str, one: Object) -> bool:
    answer = _run(expression, {"object": one})
    if not isinstance(answer, bool):
        raise TypeError(f"expected bool result, got {type(answer).__name__}")
    return answer


def _message(one: Object, rule: Object, *, status: bool, said: str) -> str:
    if said:
        try:
            text = _run(said, {"object": one, "result": status})
        except Exception as error:  # noqa: BLE001 - as above
            return str(error)
        if not isinstance(text, str):
            return f"expected message expression to have a string result, got {type(text).__name__}"
        if text:
            return text
    return rule.get("message") or f"Manifest is {'' if status else 'not '}{rule['condition']}"


def _run(expression: str, names: Object) -> Any:
    result = _environment().compile(expression).eval(data=names)
    value = result.value()
    if result.type().name() == "ERROR":
        raise ValueError(_NO_KEY.sub(r"no such key: \1", str(value)))
    return value


@cache
def _environment() -> Any:
    from cel_expr_python import cel  # noqa: PLC0415 - slow to import
    from cel_expr_python.ext import ext_strings  # noqa: PLC0415 - the same

    from covey_core.validation.cel.library import extension  # noqa: PLC0415 - the same

    overload = cel.Overload(
        "status_has_conditions", return_type=cel.Type.BOOL, parameters=[cel.Type.DYN], is_member=False, impl=_has
    )
    own = cel.CelExtension("ocm_conditions", [cel.FunctionDecl("hasConditions", [overload])])
    variables = {"object": cel.Type.DYN, "result": cel.Type.BOOL}
    return cel.NewEnv(variables=variables, extensions=[ext_strings.ExtStrings(), extension(cel), own])


def _has(status: Any) -> bool:
    found = status.get("conditions") if isinstance(status, dict) else None
    return isinstance(found, list) and bool(found)
