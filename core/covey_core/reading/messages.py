"""The sentences for what the YAML reader refuses, and what to do about it."""

from __future__ import annotations

_SYNTAX_HINTS = (
    ("mapping values are not allowed", 'Quote a value that holds ": ", or check the indentation.'),
    ("cannot start any token", "Quote a value that begins with @, ` or %, and indent with spaces."),
    ("could not find expected ':'", "Write a colon and a space after each key, and close each quote."),
    ("did not find expected key", "Check the indentation, and the quotes of the line above."),
    ("did not find expected '-' indicator", "A list can't go on with a key at the same indentation."),
    ("did not find expected ',' or", "Close the bracket, or put a comma between the items."),
    ("found unexpected end of stream", "Close the quote."),
    ("unknown escape character", "Write a backslash as \\\\ within double quotes, or use single quotes."),
    ("invalid Unicode character escape", "Write the character itself, or \\U and its eight hexadecimal digits."),
    ("tab character", "Indent with spaces."),
    ("undefined tag handle", "Remove the tag; Kubernetes knows none."),
)

_FIXED = {
    "yaml/document-end": (
        "The document has ended above, and kubectl leaves out what follows without a word.",
        "Separate documents by a line `---`.",
    ),
    "yaml/encoding": ("The file holds characters that YAML does not allow.", "Remove them."),
    "yaml/directive": ("A `%` directive stands before the document; kubectl refuses it.", "Remove the line."),
    "yaml/too-deep": ("The document is nested deeper than {limits.depth} levels.", "Write it flatter."),
    "yaml/too-many-nodes": (
        "The document holds more than {limits.nodes:,} values.",
        "Split it, or check that aliases do not multiply it.",
    ),
    "yaml/alias": ("{problem}", "Write the value out."),
}


def fixed(rule: str) -> tuple[str, str] | None:
    """Message and hint of a rule whose sentences do not depend on the place."""
    return _FIXED.get(rule)


def syntax_hint(problem: str) -> str:
    return next((hint for part, hint in _SYNTAX_HINTS if part in problem), "Check the syntax near this place.")
