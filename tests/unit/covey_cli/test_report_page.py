from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from covey_cli.local_run import files as run_files
from covey_cli.report.page import page
from covey_core.results.series import Round, Share
from covey_core.results.summary import ModelFile, Outcome, State, summarize
from html_pages import Element, parse
from result_runs import facts
from run_cases import NAMES, finished

if TYPE_CHECKING:
    from pathlib import Path

TAGS = re.compile(
    "html|head|meta|title|style|body|main|header|section|article|footer|h1|h2|h3|p|span|i|dl|dt|dd|div|figure|figcaption"
    "|details|summary|table|caption|thead|tbody|tr|th|td|ol|li|svg|line|text|rect|circle|polyline"
)
ATTRIBUTES = re.compile(
    "lang|charset|http-equiv|content|name|class|role|aria-label|aria-hidden|tabindex|scope|viewbox|preserveaspectratio"
    "|x|y|x1|x2|y1|y2|cx|cy|r|width|height|points"
)

every_case = pytest.mark.parametrize("name", NAMES)


def _page(name: str, root: Path) -> Element:
    folder, _ = finished(name, root)
    return parse((folder / run_files.REPORT).read_text("utf-8"))


@every_case
def test_a_page_has_only_what_can_do_nothing(name: str, tmp_path: Path) -> None:
    for element in _page(name, tmp_path).all():
        assert TAGS.fullmatch(element.name)
        assert all(map(ATTRIBUTES.fullmatch, element.attributes))


@every_case
def test_a_page_refers_to_nothing_outside(name: str, tmp_path: Path) -> None:
    read = _page(name, tmp_path)
    (style,) = read.all("style")
    assert not re.search(r"url\(|@import|@font-face|expression", style.text)
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policies = [one.attributes["content"] for one in read.all("meta") if "http-equiv" in one.attributes]
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    ]


@every_case
def test_every_plot_and_table_says_what_it_is(name: str, tmp_path: Path) -> None:
    read = _page(name, tmp_path)
    for plot in read.all("svg"):
        told = plot.attributes.get("role") == "img" and plot.attributes.get("aria-label")
        assert told or plot.attributes.get("aria-hidden") == "true"
    for table in read.all("table"):
        assert table.children[0].name == "caption"
        assert all(cell.attributes["scope"] in ("row", "col") for cell in table.all("th"))
        widths = {len(row.children) for row in table.all("tr")}
        assert len(widths) == 1
    assert [one.name for one in read.all("h1")] == ["h1"]
    assert len({one.attributes["lang"] for one in read.all("html")}) == 1


def test_a_page_tells_the_result_to_a_stranger(tmp_path: Path) -> None:
    read = _page("completed", tmp_path)
    assert read.all("title")[0].text == "digits, run 1: training report"
    assert read.all("h1")[0].text == "The model is right on 93.9% of samples that it had never seen."
    words = " ".join(read.words().split())
    assert "3 collaborators trained one model together on 1,438 samples of the data set 'digits', in 8 rounds." in words
    assert "359 samples that no collaborator had: 337 right, 22 wrong" in words
    assert "The most frequent mistakes: 4 of 35 '8' taken for '1'" in words
    assert "lyon was lost: its connection broke off" in words
    assert "The aggregator was started again." in words
    assert "sha256:" + "7b" * 32 in words
    tiles = dict(
        zip([one.text for one in read.all("dt")][:6], [one.text for one in read.all("dd")][:6], strict=True),
    )
    assert tiles["Rounds"] == "8 of 8"
    assert tiles["Interruptions"] == "2"


def test_the_model_s_files_are_named_with_what_they_are_and_their_digests(tmp_path: Path) -> None:
    (model,) = [one for one in _page("completed", tmp_path).all("section") if one.all("h2")[0].text == "The model"]
    assert [one.text for one in model.all("dt")] == ["model/arrays.npz"]
    assert [one.text for one in model.all("dd")] == ["NumPy arrays, 5.3 KiB"]
    assert [one.text for one in model.all("span")] == ["sha256:" + "7b" * 32]
    assert "model/provenance.json" in model.words()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(State.COMPLETED, "No file of the model was kept."), (State.RUNNING, "There is no model yet: it is written")],
)
def test_a_run_without_a_model_says_so(state: State, sentence: str) -> None:
    summary = summarize(facts(), (), rounds=(), outcome=Outcome(state))
    assert sentence in parse(page(run_files.Results(summary, ()))).words()


def test_a_model_that_could_not_be_evaluated_says_why() -> None:
    models = (ModelFile("model/arrays.npz", "NumPy arrays", "sha256:1", 1),)
    outcome = Outcome(State.COMPLETED, "predict.py took too long.", models=models)
    words = parse(page(run_files.Results(summarize(facts(), (), rounds=(), outcome=outcome), ()))).words()
    assert "The model was not tested on samples kept aside. predict.py took too long." in words


def test_files_that_are_too_many_are_counted() -> None:
    models = tuple(ModelFile(f"model/{at}.npy", "NumPy array", "sha256:1", 1) for at in range(103))
    summary = summarize(facts(), (), rounds=(), outcome=Outcome(State.COMPLETED, models=models))
    words = parse(page(run_files.Results(summary, ()))).words()
    assert "3 more files are not shown." in words
    assert "model/100.npy" not in words


def test_plots_lie_inside_of_their_frames(tmp_path: Path) -> None:
    plots = [one for one in _page("completed", tmp_path).all("svg") if one.attributes["class"].startswith("plot")]
    assert len(plots) == 3 + 3
    for plot in plots:
        _, _, width, height = map(float, plot.attributes["viewbox"].split())
        for line in plot.all("polyline"):
            points = [tuple(map(float, point.split(","))) for point in line.attributes["points"].split()]
            assert len(points) in (7, 8)  # lyon missed a round
            assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
            assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_the_confusion_matrix_and_the_holdings_are_the_numbers(tmp_path: Path) -> None:
    _, results = finished("completed", tmp_path)
    tables = {one.children[0].text.split(":")[0]: one for one in parse(page(results)).all("table")}
    shown = [[cell.text for cell in row.all("td")] for row in tables["Confusion matrix"].all("tbody")[0].all("tr")]
    assert shown == [[str(n) if n else "·" for n in row] for row in results.summary.evaluation.confusion]
    held = [
        [cell.text for cell in row.all("td")] for row in tables["Who holds how many samples of which class"].all("tr")
    ]
    assert held[1:] == [
        [str(one.counts[name]) if one.counts[name] else "·" for name in results.summary.run.data.classes]
        for one in results.summary.run.members
    ]


def test_what_a_hostile_run_says_is_text(tmp_path: Path) -> None:
    read = _page("hostile", tmp_path)
    assert read.all("title")[0].text.startswith('<script>document.title="owned"</script>')
    words = read.words()
    assert "{{ 7*7 }}" in words
    assert "\\u202egnp.exe" in words
    assert "</svg></main> was lost" in words
    assert all(character.isprintable() or character == "\n" for character in words)
    assert len(words) < 30_000


def test_a_failed_run_says_why_and_where(tmp_path: Path) -> None:
    read = _page("failed", tmp_path)
    said = "Training failed after 2 of 8 rounds: plant-1 sent an update with NaN in layer 'fc2'."
    assert read.all("h1")[0].text == said
    assert "exit code 20" in read.words()
    assert "not tested on samples kept aside" in read.words()


def test_a_run_of_a_million_characters_and_rounds_fits_on_a_page() -> None:
    many = [Round(at, at, 1, 1 / at, 1 - 1 / at, {"m" * 100: at}) for at in range(1, 20_001)]
    names = [f"{at}-" + "n" * 1_000_000 for at in range(3)] + [f"site-{at}" for at in range(2_000)]
    last = Round(20_001, 20_001, 1, None, None, {}, tuple(Share(name, 1, 0.5, 0.5) for name in names))
    told = [*many, last]
    summary = summarize(facts(), (), rounds=told, outcome=Outcome(State.COMPLETED, "x" * 1_000_000))
    text = page(run_files.Results(summary, tuple(told)))
    assert len(text) < 400_000
    words = parse(text).words()
    assert "100 of 20,001 rounds" in words
    assert "1,979 more collaborators are not shown." in words


@pytest.mark.parametrize("state", [State.RUNNING, State.INTERRUPTED, State.COMPLETED])
def test_a_run_of_which_nothing_is_known_has_a_page(state: State) -> None:
    summary = summarize(facts(members=(), data=None), (), rounds=(), outcome=Outcome(state))
    words = parse(page(run_files.Results(summary, ()))).words()
    assert "No round has ended." in words
    assert "No collaborator has joined." in words
