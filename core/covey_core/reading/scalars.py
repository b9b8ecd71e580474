"""What a plain scalar means to kubectl, and whether other readers see something else.

kubectl reads with a fork of go-yaml 2, kustomize with one of go-yaml 3; YAML 1.2 has its core schema, and Python's and
Ruby's readers follow YAML 1.1. The tests hold all this against the real kubectl.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache

Value = str | int | float | bool | None

_LONGEST = 400  # the longest text that is remembered, and the longest number that is kept exactly
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_YES = frozenset({"yes", "Yes", "YES", "on", "On", "ON"})
_NO = frozenset({"no", "No", "NO", "off", "Off", "OFF"})
_Y, _N = frozenset("yY"), frozenset("nN")
_NOT_FINITE = {
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
}
_WORDS = _NULLS | _TRUE | _FALSE | _YES | _NO | _Y | _N | _NOT_FINITE.keys()
_NUMERIC = frozenset("+-.0123456789")

_GO_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_GO_POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_CORE_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_OLD_INT = re.compile(r"[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)\Z")
_OLD_FLOAT = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?\Z")
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_TIME = r"[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
_DATE = re.compile(rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:(?:[Tt]|[ \t]+){_TIME})?\Z")
_AGREED_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*[1-9])?Z\Z")


@dataclass(frozen=True, slots=True)
class Plain:
    """`value` is what kubectl reads; `others` says who reads what else, and is empty where all agree."""

    value: Value
    others: str = ""


def plain(text: str) -> Plain:
    """The meaning of `text`, written without quotes."""
    return _remembered(text) if len(text) <= _LONGEST else _plain(text)


def _plain(text: str) -> Plain:
    if text in _WORDS or text[0] in _NUMERIC:
        value = kubectl_value(text)
        return Plain(value, _others(text, value))
    return Plain(text, _special(text))


_remembered = lru_cache(maxsize=16384)(_plain)


def kubectl_value(text: str) -> Value:
    if text in _WORDS:
        return _word(text, yes=True, letters=True)
    if text[0] == ".":
        return _float(text.replace("_", ""), text) if _GO_POINT.match(text) else text
    if text[0] not in _NUMERIC:
        return text
    digits = text.replace("_", "")
    if len(digits) <= _LONGEST and _GO_INT.match(digits):
        number = _go_int(digits)
        if -(2**63) <= number < 2**63 or (number < 2**64 and digits[0] not in "+-"):
            return number
    return _float(digits, text) if _FLOAT.match(digits) else text


def shown(value: Value) -> str:
    """`value` as a sentence names it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinity"
    return json.dumps(value, ensure_ascii=False)


def _word(text: str, *, yes: bool, letters: bool) -> Value:
    """The value of a word; `yes` and `letters` say whether yes/no/on/off and y/n are booleans."""
    if text in _NULLS:
        return None
    if text in _TRUE or (yes and text in _YES) or (letters and text in _Y):
        return True
    if text in _FALSE or (yes and text in _NO) or (letters and text in _N):
        return False
    return _NOT_FINITE.get(text, text)


def _go_int(digits: str) -> int:
    sign = -1 if digits[0] == "-" else 1
    body = digits.lstrip("+-").lower()
    bases = {"0x": 16, "0b": 2, "0o": 8}
    if body[:2] in bases:
        return sign * int(body[2:], bases[body[:2]])
    return sign * int(body, 8 if body[0] == "0" else 10)


def _float(digits: str, text: str) -> Value:
    """Go leaves a number that is too large for a float as text; whole numbers are kept exactly, to be refused."""
    number = float(digits)
    if not math.isfinite(number):
        return text
    return int(digits) if len(digits) <= _LONGEST and digits.lstrip("+-").isdecimal() else number


def _others(text: str, value: Value) -> str:
    if not _same(value, core := _core_value(text)):
        return f"{shown(core)} by YAML 1.2 readers"
    if _DATE.match(text):
        return "" if _AGREED_TIME.match(text) else "a date by kustomize and YAML 1.1 readers"
    if not _same(value, old := _old_value(text)):
        return f"{shown(old)} by YAML 1.1 readers"
    return ""


def _special(text: str) -> str:
    """Two words that YAML 1.1 gave a meaning, and that kubectl reads as text where they are values."""
    return "a sign with a meaning of its own by YAML 1.1 readers" if text in {"=", "<<"} else ""


def _same(one: Value, other: Value) -> bool:
    numbers = isinstance(one, int | float), isinstance(other, int | float)
    if isinstance(one, bool) or isinstance(other, bool) or not all(numbers):
        return type(one) is type(other) and one == other
    return one == other or (one != one and other != other)  # noqa: PLR0124 - that is how NaN shows


def _core_value(text: str) -> Value:
    if text in _WORDS:
        return _word(text, yes=False, letters=False)
    if _CORE_INT.match(text) and len(text) <= _LONGEST:
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    return float(text) if _FLOAT.match(text) else text


def _old_value(text: str) -> Value:
    """YAML 1.1 as PyYAML and most scripting languages read it (they leave y and n alone)."""
    if text in _WORDS:
        return _word(text, yes=True, letters=text not in _Y | _N)
    digits = text.replace("_", "")
    if _OLD_INT.match(text) and len(text) <= _LONGEST:
        return _go_int(digits) if _GO_INT.match(digits) else text
    if _BASE_60.match(text) and text.lstrip("+-")[0] != "0":
        return _base_60(digits)
    return float(digits) if _OLD_FLOAT.match(text) else text


def _base_60(digits: str) -> float:
    sign = -1 if digits[0] == "-" else 1
    total: float = 0
    for part in digits.lstrip("+-").split(":"):
        total = total * 60 + (float(part) if "." in part else int(part))
    return sign * total
