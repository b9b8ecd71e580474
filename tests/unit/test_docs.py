"""What the documentation says is so: pages are up to date, links lead somewhere, commands exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from command_lines import parse
from covey_cli.app import COMMANDS
from covey_cli.fields import KINDS, kind_fields
from covey_cli.output import as_json
from covey_cli.version import VERSION
from covey_core.findings import Finding

CHECKOUT = Path(__file__).parents[2]
REFERENCE = CHECKOUT / "docs/reference"
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("examples/**/*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```(?:shell|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())


def test_the_reference_is_what_its_sources_say() -> None:
    line = [sys.executable, "docs/build/reference.py", "--check"]
    ended = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.short)
def test_every_field_has_one_row(kind) -> None:
    rows = re.findall(r"^\| \[?`([^`]+)`", (REFERENCE / f"{kind.short}.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(field.path[-1] for field in kind_fields(kind).walk())


def test_every_command_has_one_section() -> None:
    headings = re.findall(r"^### covey (\S+)$", (REFERENCE / "cli.md").read_text(), re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS)


def test_every_field_of_the_json_format_is_explained() -> None:
    shown = as_json([Finding("a/b", "Wrong.", "f.yaml")])
    keys = {f"summary.{key}" for key in shown["summary"]} | {f"findings[].{key}" for key in shown["findings"][0]}
    explained = re.findall(r"^\| `([^`]+)` \| ", (REFERENCE / "formats.md").read_text(), re.MULTILINE)
    assert keys | {"version"} == {name for name in explained if not name.startswith("covey ")}


@page
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", path.read_text())):
        file, _, anchor = link.partition("#")
        if file.startswith(("http://", "https://")):
            continue
        target = (path.parent / file).resolve() if file else path
        assert target.is_relative_to(CHECKOUT), link
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_names_every_page() -> None:
    index = CHECKOUT / "docs/README.md"
    named = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text())}
    pages = {path for path in index.parent.glob("**/*.md") if path.parent.name != "decisions"}
    assert pages - {index} <= named


@page
def test_pages_hold_no_path_of_anybody_s_machine(path: Path) -> None:
    assert not re.findall(r"(?<![\w.])/(?:work|tmp|root|home|Users)/\S*", path.read_text())


@page
def test_commands_in_pages_parse(path: Path) -> None:
    for block in _SHELL.findall(path.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.partition(" # ")[0].partition(" > ")[0].split("|"):
                words = part.strip().removeprefix("$ ").removeprefix('eval "$(').removesuffix(')"')
                if words.startswith("covey "):
                    parse(shlex.split(words)[1:])


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    screen = (CHECKOUT / "README.md").read_text().splitlines()[:24]
    assert any(line.startswith("make demo ") for line in screen)
    assert any(line.startswith("make test ") for line in screen)


def test_the_version_is_the_package_s() -> None:
    assert tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_the_change_log_has_a_place_for_what_comes_next() -> None:
    headings = re.findall(r"^## (.*)$", (CHECKOUT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
