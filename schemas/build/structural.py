"""JSON Schema 2020-12 of a written kind -> the structural OpenAPI v3 schema that a CRD may hold.

Nothing is lost in silence: a keyword that a CRD can't say becomes a CEL rule, or has its reason in `WITHOUT_RULE`, or
the conversion fails.
"""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

KEPT = frozenset({
    "type", "properties", "items", "additionalProperties", "required", "enum", "pattern", "format", "minLength",
    "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum",
})  # fmt: skip
TEXT = frozenset({"title", "description", "examples", "default"})

# By kind and place: what has to be added where JSON Schema says it in a way that a CRD can't.
ADDED: dict[str, Schema] = {
    "FederatedJob/collaborators/require/items": {
        "x-kubernetes-validations": [
            {
                "rule": "self.operator in ['In', 'NotIn'] ? size(self.values) > 0 : size(self.values) == 0",
                "fieldPath": ".values",
                "message": "In and NotIn need values, Exists and DoesNotExist have none.",
            },
        ],
    },
    # Inside an atomic spec these only say that no entry may stand twice.
    "DataSet/grants": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["cluster"]},
    "Fleet/namespaces": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
}
# Without a default in the kind, yet always known once a job is rendered.
ALSO_SPELLED = {"FederatedJob": {"listener"}, "FederatedJob/collaborators": {"minPerRound"}}
# Values without one type can't be read by CEL nor be bound by a structural schema; the renderer and the reconciler
# check them.
WITHOUT_RULE = frozenset({("FederatedJob/config", "propertyNames")})


def structural(schema: Schema, *, place: str) -> Schema:
    """The schema as a CRD may hold it, without its defaults; `place` names it in `ADDED` and in errors."""
    made: Schema = {"description": _description(schema)}
    rules = []
    for keyword, value in schema.items():
        if keyword in KEPT:
            made[keyword] = _kept(keyword, value, place=place)
        elif keyword not in TEXT:
            extra, rule = _replaced(keyword, value, schema=schema, place=place)
            made |= extra
            rules += rule
    made |= _typed(made, place=place)
    made |= {keyword: value for keyword, value in ADDED.get(place, {}).items() if keyword != "x-kubernetes-validations"}
    rules += ADDED.get(place, {}).get("x-kubernetes-validations", [])
    if made.get("additionalProperties") is False:
        del made["additionalProperties"]  # unknown fields are pruned, or refused by strict field validation
    return made | ({"x-kubernetes-validations": rules} if rules else {})


def spelled(schema: Schema, *, place: str) -> Schema:
    """A copy in which fields with a default are required: our CRDs have none, the renderer spells them out."""
    made = dict(schema)
    properties = schema.get("properties", {})
    if properties:
        implied = {name for name, part in properties.items() if "default" in part} | ALSO_SPELLED.get(place, set())
        made["required"] = sorted({*schema.get("required", ()), *implied})
        made["properties"] = {name: spelled(part, place=f"{place}/{name}") for name, part in properties.items()}
    if isinstance(schema.get("items"), dict):
        made["items"] = spelled(schema["items"], place=f"{place}/items")
    return made


def _description(schema: Schema) -> str:
    return f"{schema['title']}: {schema['description']}"


def _kept(keyword: str, value: Any, *, place: str) -> Any:
    if keyword == "properties":
        return {name: structural(part, place=f"{place}/{name}") for name, part in value.items()}
    if keyword in {"items", "additionalProperties"} and isinstance(value, dict):
        return structural(value, place=f"{place}/{keyword}")
    return value


def _replaced(keyword: str, value: Any, *, schema: Schema, place: str) -> tuple[Schema, list[Schema]]:
    """What stands in a CRD for a keyword that it does not know: other keywords and rules."""
    if keyword in {"exclusiveMinimum", "exclusiveMaximum"}:  # booleans beside the limit in OpenAPI 3.0
        limit = keyword.removeprefix("exclusive").lower()
        return {limit: value, keyword: True}, []
    if keyword == "uniqueItems":
        values = schema["items"].get("enum", [])
        return {"x-kubernetes-list-type": "set"} | ({"maxItems": len(values)} if values else {}), []
    if keyword == "contains" and set(value) == {"const"}:
        return {}, [_rule(f"'{value['const']}' in self", f"{value['const']} must be among them.")]
    if (place, keyword) in WITHOUT_RULE or (keyword == "allOf" and place in ADDED):
        return {}, []
    raise ValueError(f"{place}: a CRD can't say `{keyword}`; add a rule for it to ADDED in {__name__}.py.")


def _rule(rule: str, message: str) -> Schema:
    return {"rule": rule, "message": message}


def _typed(made: Schema, *, place: str) -> Schema:
    """Every structural schema has exactly one type, or says that it keeps whatever comes."""
    if isinstance(made.get("type"), str):
        return {}
    if "enum" in made and all(isinstance(value, str) for value in made["enum"]):
        return {"type": "string"}
    if isinstance(made.pop("type", None), list):
        for keyword in KEPT & made.keys():
            del made[keyword]
        return {"x-kubernetes-preserve-unknown-fields": True}
    raise ValueError(f"{place}: a CRD needs one type here.")
