"""Writes docs/reference/ from the JSON Schemas, the commands and the exit codes.

Run it as `python docs/build/reference.py`; with `--check` it writes nothing and fails if a page is not up to date.
"""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

import sys
from pathlib import Path

from command_page import command_page
from field_page import field_page
from format_pages import exit_code_page, formats_page
from result_schemas import result_schemas

from covey_cli.fields import KINDS

DOCS = Path(__file__).resolve().parents[1]
MADE = "<!-- Made by `make docs` from {source}: change that, not this page. -->\n\n"


def pages() -> dict[str, str]:
    """File name -> text."""
    made = {
        f"{kind.short}.md": MADE.format(source=f"schemas/covey_schemas/kinds/{kind.name.lower()}.schema.json")
        + field_page(kind)
        for kind in KINDS
    }
    made["cli.md"] = MADE.format(source="the commands in generator/covey_cli/commands/") + command_page()
    made["exit-codes.md"] = MADE.format(source="generator/covey_cli/errors.py") + exit_code_page()
    made["formats.md"] = MADE.format(source="generator/covey_cli/output.py") + formats_page()
    return made | result_schemas()


def main() -> int:
    folder = DOCS / "reference"
    wanted = {folder / name: text for name, text in pages().items()}
    strangers = [path for path in folder.glob("*") if path not in wanted]
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in (*stale, *strangers):
            sys.stderr.write(f"{path.relative_to(DOCS.parent)} is not up to date: run `make docs`.\n")
        return 1 if stale or strangers else 0
    folder.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], "utf-8")
    for path in strangers:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
