"""The report in Chromium. The browser's own console says what its policy refused, so silence is the proof."""

from __future__ import annotations

import shutil
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from covey_cli.local_run import files as run_files
from html_pages import parse
from run_cases import NAMES, finished

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: `make browser` installs it")


def _browse(file: Path, home: Path, *options: str) -> tuple[str, list[str]]:
    """The page's elements after it was shown, and what the console said."""
    ended = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",  # tests run as root in containers; the page is ours
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={home / 'profile'}",
            "--enable-logging=stderr",
            *options,
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return ended.stdout, [line for line in ended.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_shown_whole_and_nothing_in_it_acts(name: str, tmp_path: Path) -> None:
    folder, _ = finished(name, tmp_path)
    file = folder / run_files.REPORT
    elements, console = _browse(file, tmp_path, "--dump-dom")
    assert console == []
    shown, written = parse(elements), parse(file.read_text("utf-8"))
    assert [one.name for one in shown.all()] == [one.name for one in written.all()]
    assert shown.all("title")[0].text == written.all("title")[0].text


@pytest.mark.parametrize(
    "more", ["<script>document.title = 'owned'</script>", "<img src='https://acme.example/x.png'>"]
)
def test_even_what_got_in_could_do_nothing(more: str, tmp_path: Path) -> None:
    folder, _ = finished("completed", tmp_path)
    file = folder / run_files.REPORT
    file.write_text(file.read_text("utf-8").replace("</main>", f"{more}</main>"), "utf-8")
    elements, console = _browse(file, tmp_path, "--dump-dom")
    assert len(console) == 1
    assert "violates the following Content Security Policy" in console[0]
    assert parse(elements).all("title")[0].text == "digits, run 1: training report"


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (390, 844)])
def test_it_is_drawn_on_a_desk_and_on_a_phone(width: int, height: int, tmp_path: Path) -> None:
    folder, _ = finished("completed", tmp_path)
    picture = tmp_path / "picture.png"
    _browse(folder / run_files.REPORT, tmp_path, f"--window-size={width},{height}", f"--screenshot={picture}")
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (width, height)
    assert len(data) > 30_000  # an empty page of this size has less than a tenth


def test_it_is_printed(tmp_path: Path) -> None:
    folder, _ = finished("completed", tmp_path)
    paper = tmp_path / "report.pdf"
    _browse(folder / run_files.REPORT, tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    assert 2 <= paper.read_bytes().count(b"/Type /Page\n") <= 8
