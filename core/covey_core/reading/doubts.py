"""What makes a text doubtful: one expression that finds all that readers see differently, and a little more.

It looks at the bare text, so that a script within a block may look doubtful too; that costs the time of the precise
reader, and changes nothing. What must not happen is the opposite, and the tests search for it.

Rust's regular expressions, which jsonschema_rs brings, take each character once however long the expression is: twenty
times as fast as Python's. They can't look around, so that what must not follow is written as all that may.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from .grammar import BARRED, DIFFERENT

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE = r"(?:\A|\n)"
# Where a node can begin: at a line, after a bracket or a comma, after an indicator and a space, after a quoted key.
_LEAD = r"(?:(?:\A|[\n\[{,])[ \t]*|[\"']:|[:?\-][ \t]+)"
_COLON = r":(?:[\s,\[\]{}\"']|\z)"
_END = rf"[ \t]*(?:[,\]}}\r\n]|\z|[ \t]#|{_COLON})"
_WORD = r"[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|=|<<|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
# All numbers but those that everybody reads alike, such as 80, -1.5 and the text 1.2.3.
_NUMBER = "|".join(  # noqa: FLY002 - one form a line
    (
        r"[-+]?0[xX][0-9a-fA-F_]+",
        r"[-+]?0[oObB][0-7_]+",
        r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?",
        r"[-+]?[0-9_.]+[eE][-+]?[0-9_]+",
        r"\+[0-9_.]+",
        r"-?[0-9.]*_[0-9_.]*",
        r"-?0[0-9]+(?:\.[0-9]*)?",
        r"-?[0-9]{19,}(?:\.[0-9]*)?",
        r"-?[0-9]+\.[0-9]{16,}",
        r"-?\.[0-9.]*",
        r"-?[0-9.]*\.",
        r"-?[0-9.]*\.\.[0-9.]*",
        r"-[0-9]+(?:\.[0-9]+){2,}",
    ),
)
_LITERAL = r"(?:true|True|TRUE|false|False|FALSE|null|Null|NULL|~|-?[0-9]+(?:\.[0-9]+)?)"
_KEY = rf"{_LITERAL}[ \t]*{_COLON}"
_SIGN = r"[&*][0-9A-Za-z_\-]|!|\?(?:[\s,\]}:]|\z)|:(?:[\s,\]}]|\z)"


def _unlike(shape: str, end: str) -> str:
    """What begins like `shape`, in which 0 means a digit, and deviates from it somewhere, or goes on with `end`."""
    expression = end
    for sign in reversed(shape):
        one = "0-9" if sign == "0" else sign
        expression = rf"(?:[^{one}]|\z|[{one}]{expression})"
    return expression


# Dates, and times other than 2006-01-02T15:04:05Z, which is text to everybody.
_NO_END = r"(?:[ \t]*[^ \t,\]}\r\n#]|#)"
_DATE = (
    rf"[0-9]{{4}}-(?:[0-9]{{1,2}}-[0-9]{{1,2}}(?:{_END}|[t \t])|[0-9]-[0-9]{{1,2}}T|[0-9]{{2}}-[0-9]T"
    rf"|[0-9]{{2}}-[0-9]{{2}}T{_unlike('00:00:00Z', _NO_END)})"
)

_DOUBTFUL: Final = "|".join(
    (
        rf"{_LEAD}(?:{_SIGN}|(?:{_WORD}|{_NUMBER}){_END}|{_DATE}|{_KEY})",
        rf"{_LINE}%",
        rf"{_LINE}[ ]*(?:[-?:][ ]*)*\t",
        r"\\/",
        r"\r(?:[^\n]|\z)",
        rf"\{{(?:(?s:.*)[{{,])?\s*{_LITERAL}\s*[,}}]",  # a key without a value
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{2028}\x{2029}\x{feff}\x{fffe}\x{ffff}]",
        BARRED,
        DIFFERENT,
    ),
)
_INDENTED = rf"{_LINE}[ \t?:-]"


def doubtful(text: str) -> bool:
    """Whether `text` could hold anything that readers read differently."""
    return _search(_DOUBTFUL)(text)


def deeper(text: str, columns: int) -> bool:
    """Whether blocks could be nested deeper than `columns`: each level takes a sign at the beginning of a line."""
    return _search(f"{_INDENTED}{{{columns}}}")(text)


@cache
def _search(expression: str) -> Callable[[str], bool]:
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415 - start-up must not pay for it

    return Draft202012Validator({"pattern": expression}, pattern_options=RegexOptions()).is_valid
