"""Where the fast reader follows YAML 1.2 and kubectl does not: all that its grammar could take in another way.

Blocks are read alike but for few signs. Brackets are not: only lists and mappings that begin and end in one line, of
single words and quoted text without escapes, are sure to be. One automaton over the bare text finds the others; it
does not count brackets, so that a line that leaves some open is found by how the next one begins.
"""

from __future__ import annotations

from typing import Final

_FIRST = "A-Za-z0-9_/"
_LATER = r"A-Za-z0-9_/.=@%+\-"
_WORD = rf"[{_FIRST}](?:[{_LATER}]|:[{_FIRST}])*"
_DOUBLE, _SINGLE = r'"[^"\\\r\n]*', r"'[^'\r\n]*"
_QUOTED = rf"(?:{_DOUBLE}\"|{_SINGLE}')"
_ITEM = rf"(?:{_WORD}[ ]*|{_QUOTED}[ ]*|)"
_CLOSE = r"(?:[\]}][ ]*)"
_NODE = r"(?:(?:\A|\n)[ \t]*|[:?\-][ \t]+)"  # what comes before a node outside of brackets
_OPEN = rf"{_NODE}[\[{{]"
_STEP = rf"(?:[ \[{{]|{_WORD}:[ ]|{_QUOTED}:|{_ITEM}{_CLOSE}*,)"  # to where the next item may begin
_UNSURE = "|".join(
    (
        rf"[^{_FIRST}\"'\[\]{{}} ]",
        rf"{_WORD}(?:[^{_LATER}:,\]}} ]|:[^ {_FIRST}]|[ ]+[^ ,\]}}])",
        rf"{_QUOTED}(?:[^:,\]}} ]|[ ]+[^ ,\]}}])",
        rf"{_DOUBLE}[\\\r\n]|{_SINGLE}[\r\n]",
        rf"{_ITEM}{_CLOSE}*[\]}}](?:[^,\]}} \r\n']|[ ]+[^ ,\]}}\r\n#])",
        rf"\{{[ ]*[\[{{]|{_ITEM}{_CLOSE}*,[ ]*[\[{{]",  # maybe a key in brackets
    ),
)
_LOW = "7[fF]|8[0-46-9a-fA-F]|9[0-9a-fA-F]"
# Escapes of what YAML allows as an escape only: server-side apply sends JSON without escapes, and reads it as YAML.
BARRED: Final = rf"\\(?:x(?:{_LOW})|(?:u|U0000)(?:00(?:{_LOW})|[fF]{{3}}[eEfF]))"

_NOTHING = r"[ \t\r]*(?:#[^\n]*)?\n"

DIFFERENT: Final = "|".join(
    (
        rf"{_OPEN}{_STEP}*(?:{_UNSURE})",
        rf"{_NODE}\{{[ ]*[\[{{]",  # the same
        rf"{_OPEN}[^\n]*[\]}}]{_NOTHING}(?:{_NOTHING})*[ \t]*[,\]}}:]",
        rf"{_NODE}[&*][^ \t\n]",  # anchors of any sign
        rf"[|>][-+0-9]*{_NOTHING}[ \t]*(?:\r?\n|\z)",  # blocks without text
        r"\\u[dD][89a-fA-F]",
    ),
)
