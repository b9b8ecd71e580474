"""Evaluates the CEL rules of a CRD on an object, and on the object that it replaces, as the API server does."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]
MISSING: Any = object()
# Field names that CEL keeps for itself; Kubernetes writes them with underscores around them.
KEYWORDS = frozenset({
    "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
    "namespace", "null", "package", "return", "true", "var", "void", "while",
})  # fmt: skip


def root(crd: Mapping[str, Any]) -> Schema:
    schema: Schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def nodes(schema: Schema, place: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema node with its place, the root first."""
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from nodes(part, f"{place}/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from nodes(schema[keyword], f"{place}/{keyword}")


def rules(schema: Schema) -> Iterator[tuple[str, dict[str, str]]]:
    for place, node in nodes(schema):
        for rule in node.get("x-kubernetes-validations", []):
            yield place, rule


def broken(schema: Schema, new: Any, old: Any = MISSING) -> set[str]:
    """The messages of the rules that `new` breaks, also as the successor of `old`; `Duplicate value` for doubles."""
    found = {
        rule["message"] for rule in schema.get("x-kubernetes-validations", []) if not _holds(rule["rule"], new, old)
    }
    if _doubles(schema, new):
        found.add("Duplicate value")
    for part, child, before in _children(schema, new, old):
        found |= broken(part, child, before)
    return found


def _holds(rule: str, new: Any, old: Any) -> bool:
    if "oldSelf" in rule and old is MISSING:
        return True  # a transition rule says nothing about what is new
    data = {"self": _escaped(new), "oldSelf": _escaped(None if old is MISSING else old)}
    answer = compiled(rule).eval(data=data).value()
    if not isinstance(answer, bool):  # an error comes as a value, too
        raise TypeError(f"{rule}: {answer}")
    return answer


@cache
def compiled(rule: str) -> Any:
    return _env().compile(rule)


@cache
def _env() -> Any:
    variables = {"self": cel.Type.DYN, "oldSelf": cel.Type.DYN}
    return cel.NewEnv(variables=variables, extensions=[ext_strings.ExtStrings()])


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"__{key}__" if key in KEYWORDS else key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def _children(schema: Schema, new: Any, old: Any) -> Iterator[tuple[Schema, Any, Any]]:
    if isinstance(new, dict):
        for name, value in new.items():
            part = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if isinstance(part, dict):
                yield part, value, old.get(name, MISSING) if isinstance(old, dict) else MISSING
    if isinstance(new, list):
        for item in new:
            yield schema["items"], item, _correlated(schema, item, old)


def _doubles(schema: Schema, value: Any) -> bool:
    """A set may not hold a value twice, a map list no two items with the same keys."""
    kind = schema.get("x-kubernetes-list-type")
    if not isinstance(value, list) or kind not in {"set", "map"}:
        return False
    names = schema.get("x-kubernetes-list-map-keys", [])
    keys = [[item[name] for name in names] if kind == "map" else item for item in value]
    return any(key in keys[:index] for index, key in enumerate(keys))


def _correlated(schema: Schema, item: Any, old: Any) -> Any:
    """The old item with the same keys; only lists that are maps have one."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list):
        return MISSING
    keys = schema["x-kubernetes-list-map-keys"]
    return next((one for one in old if all(one[key] == item[key] for key in keys)), MISSING)
