"""Kubernetes' functions on text: regular expressions, quantities, versions, named formats."""

from __future__ import annotations

import base64
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from covey_core.validation.metadata import is_label_value, is_qualified_name
from covey_core.validation.object_names import DNS_LABEL, DNS_SUBDOMAIN, SERVICE_LABEL

from . import quantity
from .marked import expect, marked, optional
from .values import is_duration, is_time

if TYPE_CHECKING:
    from collections.abc import Callable

Marked = dict[str, Any]
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?\Z",
)
_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")


def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    found = [match.group() for match in re.finditer(pattern, text)]
    return found if most < 0 else found[:most]


def _find(text: str, pattern: str) -> str:
    return next(iter(_find_all(text, pattern, 1)), "")


def _quantity(text: str) -> Marked:
    return _from(quantity.parse(text))


def _from(value: Decimal) -> Marked:
    return marked("quantity", text=quantity.canonical(value))


def number(value: Marked) -> Decimal:
    return Decimal(expect(value, "quantity")["text"])


def _operand(value: Marked | int) -> Decimal:
    return Decimal(value) if isinstance(value, int) else number(value)


def _whole(value: Marked) -> int:
    found = number(value)
    if found != found.to_integral_value() or abs(found) >= 2**63:
        raise ValueError("the quantity is no integer")
    return int(found)


def _sign(value: Marked) -> int:
    found = number(value)
    return (found > 0) - (found < 0)


def _semver(text: str) -> Marked:
    match = _SEMVER.match(text)
    if match is None:
        raise ValueError("not a semantic version")
    return marked("semver", text=text, numbers=[int(match[1]), int(match[2]), int(match[3])], before=match[4] or "")


def precedence(value: Marked) -> Any:
    """A key that sorts as the standard for semantic versions says; a release comes after its pre-releases."""
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in value["before"].split(".") if part]
    return (value["numbers"], not parts, parts)


def _works(function: Callable[[str], Any]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            function(text)
        except (ValueError, ArithmeticError):
            return False
        return True

    return check


def _is_uri(text: str) -> bool:
    return re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|/)\S*\Z", text) is not None


def _is_byte(text: str) -> bool:
    return _works(lambda value: base64.b64decode(value, validate=True))(text)


_FORMATS: dict[str, Callable[[str], bool]] = {
    "dns1123Label": DNS_LABEL.matches,
    "dns1123Subdomain": DNS_SUBDOMAIN.matches,
    "dns1035Label": SERVICE_LABEL.matches,
    "dns1123LabelPrefix": lambda text: DNS_LABEL.matches(text.rstrip("-") or "x"),
    "dns1123SubdomainPrefix": lambda text: DNS_SUBDOMAIN.matches(text.rstrip("-.") or "x"),
    "dns1035LabelPrefix": lambda text: SERVICE_LABEL.matches(text.rstrip("-") or "x"),
    "qualifiedName": is_qualified_name,
    "labelValue": is_label_value,
    "uri": _is_uri,
    "uuid": lambda text: _UUID.match(text) is not None,
    "byte": _is_byte,
    "date": lambda text: is_time(text, day=True),
    "datetime": lambda text: is_time(text, day=False),
    "duration": is_duration,
}


def _named(name: str) -> Marked:
    return optional(marked("format", text=name) if name in _FORMATS else None)


def _validate(form: Marked, text: str) -> Marked:
    name = expect(form, "format")["text"]
    return optional(None if _FORMATS[name](text) else [f"not a valid {name}"])


def _value(value: Marked) -> Any:
    values = expect(value, "optional")["values"]
    if not values:
        raise ValueError("optional.none() dereference")
    return values[0]


def _part(index: int) -> Callable[[Marked], int]:
    return lambda value: int(expect(value, "semver")["numbers"][index])


FUNCTIONS = (
    ("find", "STRING", ("STRING", "STRING"), True, _find),
    ("findAll", "LIST", ("STRING", "STRING"), True, _find_all),
    ("findAll", "LIST", ("STRING", "STRING", "INT"), True, _find_all),
    ("quantity", "MAP", ("STRING",), False, _quantity),
    ("isQuantity", "BOOL", ("STRING",), False, _works(_quantity)),
    ("sign", "INT", ("MAP",), True, _sign),
    ("isInteger", "BOOL", ("MAP",), True, lambda value: number(value) == number(value).to_integral_value()),
    ("asInteger", "INT", ("MAP",), True, _whole),
    ("asApproximateFloat", "DOUBLE", ("MAP",), True, lambda value: float(number(value))),
    ("add", "MAP", ("MAP", "DYN"), True, lambda left, right: _from(number(left) + _operand(right))),
    ("sub", "MAP", ("MAP", "DYN"), True, lambda left, right: _from(number(left) - _operand(right))),
    ("semver", "MAP", ("STRING",), False, _semver),
    ("isSemver", "BOOL", ("STRING",), False, _works(_semver)),
    ("major", "INT", ("MAP",), True, _part(0)),
    ("minor", "INT", ("MAP",), True, _part(1)),
    ("patch", "INT", ("MAP",), True, _part(2)),
    *((f"format.{name}", "MAP", (), False, lambda name=name: marked("format", text=name)) for name in _FORMATS),
    ("format.named", "MAP", ("STRING",), False, _named),
    ("validate", "MAP", ("MAP", "STRING"), True, _validate),
    ("hasValue", "BOOL", ("MAP",), True, lambda value: bool(expect(value, "optional")["values"])),
    ("value", "DYN", ("MAP",), True, _value),
)
