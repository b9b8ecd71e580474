"""What a `format` of Kubernetes means as limits that every JSON Schema validator checks; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$"
DATE_TIME = rf"^{_DATE}[Tt]{_CLOCK}(\.\d+)?([Zz]|[+-]\d{{2}}:\d{{2}})$"
GO_TIME = rf"^{_DATE}T{_CLOCK}(\.\d+)?(Z|[+-]\d{{2}}:\d{{2}})$"  # the API server's own types want capitals
MICRO_TIME = rf"^{_DATE}T{_CLOCK}\.\d{{6}}(Z|[+-]\d{{2}}:\d{{2}})$"
_PATTERNS = {"date-time": DATE_TIME, "byte": _BASE64}
INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}


def limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The limits that the format of this node adds to its own."""
    name, kind = schema.get("format"), schema.get("type")
    if kind == "integer" and name == "int32":
        return {key: bound for key, bound in INT32.items() if key not in schema}
    if kind == "string" and name in _PATTERNS and "pattern" not in schema:
        return {"pattern": _PATTERNS[name]}
    return {}
