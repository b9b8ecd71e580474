"""The reference pages of the exit codes and of what `--format` prints, with examples that the real writers make."""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

import io
from contextlib import redirect_stdout

import click

from covey_cli.app import COMMANDS, app
from covey_cli.errors import MEANINGS
from covey_cli.output import GITHUB_MOST, emit
from covey_core.findings import Finding, Position, Severity

EXAMPLES = (
    Finding(
        "schema/unknown-field",
        "Unknown field `rouds` in `spec`; did you mean `rounds`?",
        "jobs/vision/digits/job.yaml",
        Position(11, 3),
        "/spec/rouds",
    ),
    Finding(
        "grant/min-collaborators",
        "`min` is 1, but the owner of 'digits' asks for at least 2 collaborators.",
        "jobs/vision/digits/job.yaml",
        Position(13, 10),
        "/spec/collaborators/min",
        "Raise it to 2.",
        Severity.WARNING,
    ),
)
FIELDS = {
    "version": "The version of this shape; a field is only ever added without raising it.",
    "summary.errors": "How many errors there are; any makes the command exit with 1.",
    "summary.warnings": "How many warnings.",
    "summary.notes": "How many notes (severity `info`).",
    "summary.filesWithFindings": "How many files have a finding.",
    "summary.filesChecked": "How many files were looked at, or null where the command does not count them.",
    "findings[].rule": "A stable id, `<group>/<name>`.",
    "findings[].severity": "`error`, `warning` or `info`.",
    "findings[].file": "The file, relative to the fleet repo or as it was named.",
    "findings[].line": "The line, from 1.",
    "findings[].column": "The column, from 1.",
    "findings[].pointer": "A JSON pointer (RFC 6901) into the document; empty for the whole of it.",
    "findings[].message": "One sentence that stands alone.",
    "findings[].hint": "What to do about it; may be empty.",
}


def exit_code_page() -> str:
    rows = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items())
    return f"""# Exit codes

Every command ends with one of these; they are the same everywhere.

| Code | Meaning |
| --- | --- |
{rows}

Messages about failures go to stderr: `error:` and a sentence, then `hint:` and what to do.
Findings and results go to stdout.
"""


def formats_page() -> str:
    fields = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in FIELDS.items())
    return f"""# Formats

`--format` says how a command prints its result.

| Command | Formats |
| --- | --- |
{_commands()}

Findings are sorted by file, line and column, and none is shown twice.
Text that comes from files is printed with control characters escaped, on one line, and cut when it is long.

## text

`file:line:column: severity: message [rule]`, then the hint, then a summary.

```text
{_printed("text")}```

## json

```json
{_printed("json")}```

| Field | Meaning |
| --- | --- |
{fields}

Other results (`explain`, `doctor`, `init`, `new` and so on) are one JSON object with `version` first.

## github

Annotations for GitHub and Gitea Actions, at most {GITHUB_MOST} of each level, as GitHub keeps no more of one step; the
others follow as plain lines.

```text
{_printed("github")}```
"""


def _printed(form: str) -> str:
    printed = io.StringIO()
    with redirect_stdout(printed):
        emit(EXAMPLES, format=form, checked=22)
    return click.unstyle(printed.getvalue())


def _commands() -> str:
    rows = []
    for name in COMMANDS:
        found = app.get_command(click.Context(app), name)
        rows += _formats(found, f"covey {name}") if found else []
    return "\n".join(rows)


def _formats(command: click.Command, path: str) -> list[str]:
    if isinstance(command, click.Group):
        return [row for name, found in sorted(command.commands.items()) for row in _formats(found, f"{path} {name}")]
    kinds = [one.type for one in command.params if one.name == "format"]
    return [f"| `{path}` | {', '.join(kind.choices)} |" for kind in kinds if isinstance(kind, click.Choice)]
