"""What makes a text doubtful: a few expressions that find all that readers see differently, and a little more.

They look at the bare text, so that a script within a block may look doubtful too; that costs the time of the precise
reader, and changes nothing. What must not happen is the opposite, and the tests search for it.
"""

from __future__ import annotations

import re

# Where a node can begin: at a line, after a bracket or a comma, after an indicator and a space, after a quoted key.
_LEAD = r"""[\n:?\-\[{,](?:(?<=[\n\[{,])[ \t]*|(?<=["']:)|[ \t]+)"""
_END = r"(?=[ \t]*(?:[,\]}\r\n]|\Z|[ \t]#|:(?:[\s,\[\]{}\"']|\Z)))"
_WORD = r"[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|=|<<|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_COMMON = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?(?![0-9.eE_:])|[0-9]+(?:\.[0-9]+){2,}(?![0-9.eE_:])"
_NUMBER = (
    r"[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[oObB][0-7_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    rf"|(?!{_COMMON})[-+]?[0-9_.]+(?:[eE][-+]?[0-9_]+)?"
)
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t][^\n]*)?"
_AGREED_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*[1-9])?Z"
_LITERAL = r"(?:true|True|TRUE|false|False|FALSE|null|Null|NULL|~|-?[0-9]+(?:\.[0-9]+)?)"
_KEY = rf"{_LITERAL}[ \t]*:(?=[\s,\[\]{{}}\"']|\Z)"
_SIGN = r"[&*][0-9A-Za-z_-]|!|\?(?=[\s,\]}:]|\Z)|:(?=[\s,\]}]|\Z)|(?<=\n)%"

_DOUBTFUL = re.compile(
    rf"{_LEAD}(?=[&*!?:%yYnNoO=<+\-._0-9~tTfF])"
    rf"(?:{_SIGN}|(?:{_WORD}){_END}|(?=[-+._0-9])(?:{_NUMBER}){_END}"
    rf"|(?=[0-9]{{4}}-)(?!{_AGREED_TIME}{_END}){_DATE}{_END}|{_KEY})",
)
_KEY_ALONE = re.compile(rf"[{{,]\s*{_LITERAL}\s*[,}}]")
_ODD_CHARACTER = re.compile("[\x85\u2028\u2029\ufeff]")
_TAB = re.compile(r"\n[ ]*(?:[-?:][ ]*)*\t")


def doubtful(text: str) -> bool:
    """Whether `text` could hold anything that readers read differently."""
    text = "\n" + text
    return bool(
        _DOUBTFUL.search(text)
        or ("{" in text and _KEY_ALONE.search(text))
        or "\\/" in text
        or ("\t" in text and _TAB.search(text))
        or ("\r" in text and text.count("\r") != text.count("\r\n"))
        or (not text.isascii() and _ODD_CHARACTER.search(text)),
    )
