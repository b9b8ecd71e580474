"""Random text that is nearly YAML: every style of scalar and collection, laid out oddly, with a slip now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

PLAIN = [
    *["a", "b", "foo", "x y", "a-b", "a.b/c", "v1", "80", "-1", "1.5", "true", "null", "~", "False", "0", "12:30"],
    *["http://a:80/b", "a:b", "a#b", "é", "日本", "a\u00a0b", "\u3000", "\u200b", "a,b", "$(A)", "a'b", 'a"b', "a\\b"],
    *["<a>", "a=b", "-a", "?a", ":a", "-", "...x", "a...", "2024-01-01T00:00:00Z", "1.2.3", "a [b]", "a {b}", "a]"],
    *["a | b", "x: y", "a: ", "a  b", "a\tb", "#a", "@a", "`a", "%a", "|", "&a", "&:", "*a", "!a", "{{ a }}", "'", '"'],
    *["null a", "1 2", "1e", "0x", "a? b", "a?", "a -b", "- b", "a:", "a :b", "[", "]", "{", "}", ",", "\\", "..."],
]
ESCAPES = [r"\n", r"\t", r"\"", r"\\", r"\x41", r"\u00e9", r"\U0001F600", r"\0", r"\ ", r"\N", r"\_", r"\L", r"\e"]
ESCAPES += [r"\/", r"\u2028", r"\ud83d\ude00", r"\uFEFF", r"\x0", r"\q"]
WORDS = ["a", "b1", "foo", "x/y", "a:b", "a.b", "80", "1.5", "true", "null", "10.0.0.1", "a=b", "a-b", "a@b", "_a"]
WORDS += ['"x"', '":80"', "'y'", '"a, b"', '""', "''", "'#c'", '"a: b"', '"["', "'{'", "a b", "-x", "a:", ":a", "?a"]
WORDS += ["|-", ">", "~x", "{{ a }}", "[a]: b", "? a", '"a":1', "'it''s'", '"\\n"', "*a", "", "[]", "{}"]
WORDS += [
    "a: b",
    "{a}",
    "{a}: b",
    "[a: b]",
    "- a",
    "-",
    "&a b",
    "!t a",
    "a #b",
    "a\n b",
    "%x",
    "@x",
    "<<: *a",
    "a ?",
    "a :b",
]
ENDS = ["\n"] * 16 + ["  \n", " # c: d\n", "\n\n", "\n   \n", "\n# c\n", "\n      # c\n", "\t\n", "#x\n", " #\n"]
SLIPS = [*" \n:-#'\"[]{},?|>\t&*!%@\r", "- ", ": ", "\r\n", "...\n", "\n ]", "\n  , b", "\u2028", "\ufeff", "\x85"]


def nearly_yaml(random: Random) -> str:
    text = _Writer(random).mapping(3, 0)
    if random.random() < 0.1:
        text = random.choice(["\n", "# c\n", "  # c\n", "\t\n", "\ufeff", "%YAML 1.2\n"]) + text
    if random.random() < 0.05:
        text = text.replace("\n", "\r\n")
    if random.random() < 0.05:
        text = text.rstrip("\n") + random.choice(["", "...", "\n...\n", "\n# c", "\n}", "\n  "])
    if random.random() < 0.35:
        for _ in range(random.choice([1, 1, 2, 3])):
            text = _slipped(text, random)
    return text


def _slipped(text: str, random: Random) -> str:
    at, other = random.randrange(len(text) + 1), random.randrange(len(text) + 1)
    added = random.choice(["", random.choice(SLIPS), text[other : other + 10]])
    return text[:at] + added + text[at + random.choice([0, 0, 1, 3]) :]


class _Writer:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._one = random.choice

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def mapping(self, depth: int, indent: int, first: str | None = None) -> str:
        text = ""
        for index in range(self._random.randint(1, 3)):
            text += first if first is not None and index == 0 else " " * indent
            text += self._key(index) + self._one([":"] * 20 + [" :", ""]) + self._node(depth, indent + self._step())
            if self._chance(0.05):
                text += " " * self._random.randint(0, indent + 1) + "# c\n"
        return text

    def _step(self) -> int:
        return self._one([2, 2, 2, 1, 4])

    def _key(self, index: int) -> str:
        odd = [f'"q{index}"', f"'q{index}'", self._one(PLAIN), "[a]", "{a: b}", "? a", "*a", "a\n b"]
        return self._one(odd) if self._chance(0.2) else self._one(["a", "name", "x.y/z", "a b", "d-e"]) + str(index)

    def _node(self, depth: int, indent: int) -> str:
        form = self._random.random()
        if form > 0.65 and depth > 0:
            inner = self.mapping(depth - 1, indent) if form < 0.85 else self._items_of(depth - 1, indent)
            return self._one(ENDS) + inner
        space = self._one([" "] * 12 + ["  ", "   ", "\t", "", self._one(ENDS) + " " * indent])
        if form < 0.15:
            return space + self._block(max(0, indent - 2))
        if form < 0.3:
            after = self._one([""] * 8 + [" # c", "  ", "\n  , ", "\n]", ",", "\n }", " #", "\t"])
            return space + self._brackets(self._one([0, 1, 1, 2])) + after + self._one(ENDS)
        return space + (self._plain(indent) if form < 0.5 else self._quoted(indent)) + self._one(ENDS)

    def _items_of(self, depth: int, indent: int) -> str:
        return self._sequence(depth, max(0, self._one([indent, indent - 2, indent - 1])))

    def _plain(self, indent: int) -> str:
        text = self._one(PLAIN)
        while self._chance(0.3):
            text += self._one([" ", "  ", *self._breaks(indent)]) + self._one(PLAIN)
        return text

    def _breaks(self, indent: int) -> list[str]:
        deep = " " * indent
        return ["\n" + deep, "\n\n" + deep, "  \n  " + deep, "\n" + " " * max(0, indent - 1), "\n \n" + deep]

    def _quoted(self, indent: int) -> str:
        between = [" ", " # ", ": ", *self._breaks(indent)]
        if self._chance(0.5):
            inner = "".join(self._one([self._one(PLAIN), *between]) for _ in range(self._random.randint(0, 4)))
            return "'" + (inner.replace("'", "''") if self._chance(0.98) else inner) + "'"
        folds = ["\\\n" + " " * indent, "  \\\n" + " " * indent, "\t"]
        parts = [[word for word in PLAIN if '"' not in word and "\\" not in word], ESCAPES, between, folds]
        return '"' + "".join(self._one(self._one(parts)) for _ in range(self._random.randint(0, 5))) + '"'

    def _block(self, parent: int) -> str:
        sign = self._one(["", "", "-", "+", self._one(["2", "1", "-2", "2-", "+1", "4", "0"])])
        text = self._one("|>") + sign + self._one(["", "", "", " ", " # c", "#c", "\t"]) + "\n"
        indent = max(0, parent + self._one([2, 2, 2, 1, 4, 0]))
        for _ in range(self._random.randint(0, 6)):
            words = " ".join(self._one(PLAIN) for _ in range(self._random.randint(1, 3)))
            odd = ["", " " * self._random.randint(0, indent + 3), " " * indent + "\tx", "\tx", "# c"]
            line = self._one([" " * indent + words, " " * indent + words, "  " * indent + words, self._one(odd)])
            text += line + self._one(["", "", "", " "]) + "\n"
        return text

    def _brackets(self, depth: int) -> str:
        count = self._random.randint(0, 3)
        pairs = self._chance(0.5)
        items = [self._item(depth, pair=f"k{index}" if pairs else "") for index in range(count)]
        separator = self._one([", "] * 8 + [",", ",  ", " , ", ",\n      ", ", # c\n   ", ""])
        text = self._one(["", "", " "]) + separator.join(items) + self._one([""] * 8 + [" ", ",", ", "])
        begin, end = "{}" if pairs else "[]"
        return begin + text + self._one([end] * 20 + ["", "]", "}"])

    def _item(self, depth: int, *, pair: str) -> str:
        value = self._brackets(depth - 1) if depth and self._chance(0.3) else self._one(WORDS)
        colon = self._one([": "] * 9 + [":", " : ", ":  ", "", ": # c\n   "])
        return self._one([pair, pair, self._one(WORDS)]) + colon + value if pair else value

    def _sequence(self, depth: int, indent: int) -> str:
        text = ""
        for _ in range(self._random.randint(1, 3)):
            form = self._random.random() if depth > 0 else 1.0
            text += " " * indent
            if form < 0.3:
                text += self.mapping(depth - 1, indent + 2, first="- ")
            elif form < 0.4:
                text += "- " + self._sequence(depth - 1, indent + 2).lstrip(" ")
            else:
                text += "-" + self._node(max(depth, 0), indent + 2)
        return text
