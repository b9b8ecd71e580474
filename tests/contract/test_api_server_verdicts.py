"""The offline validator and a real API server give the same verdict, on good objects and on broken ones."""

from __future__ import annotations

import os
import re
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from acceptance import Hub, all_crds, carried
from covey_core.findings import Severity
from covey_core.reading import read
from covey_core.validation import Validator
from covey_schemas.catalog import bundled, from_crds, layered
from covey_schemas.kubernetes import makers
from crd_cases import NAMES, sample
from mutations import mutations

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/cases"
DIFFERENCES = yaml.safe_load(Path(__file__).with_name("api_server_differences.yaml").read_text(encoding="utf-8"))
EVERY = int(os.environ.get("COVEY_EVERY_MUTATION", "8"))  # 1 takes minutes
BUILT_IN = {name.kind for name in makers()}
# Not about one object alone: where it is, and of which kind.
_ELSEWHERE = ("/apiVersion", "/kind", "/metadata", "/metadata/namespace")


@dataclass(frozen=True)
class Difference:
    kind: str
    where: str
    what: str
    stricter: str
    says: str

    def is_listed_as(self, entry):
        kinds = entry["kinds"]
        if kinds in ("custom", "kubernetes"):
            fits = (self.kind in BUILT_IN) is (kinds == "kubernetes")
        else:
            fits = kinds == "all" or self.kind in kinds
        found = {"where": self.where or self.says, "what": self.what, "says": self.says}
        searched = all(re.search(entry.get(key, ""), text) for key, text in found.items())
        return fits and searched and entry["stricter"] == self.stricter


@pytest.fixture(scope="module")
def hub(module_kinds_plane):
    with closing(Hub(module_kinds_plane.hub)) as found:
        yield found


@pytest.fixture(scope="module")
def validator():
    return Validator(layered(from_crds(all_crds(), "the hub"), bundled()))


def values_of(file):
    return [document.value for document in read(file.name, file.read_bytes(), strict=False).documents]


def good_objects():
    """One of each rendered kind, the largest; what works carry; samples of our kinds; some that we don't render."""
    found = {}
    for file in sorted((ROOT / "examples/fleet/rendered").rglob("*.yaml")):
        for value in values_of(file):
            for one in (value, *carried(value)):
                known = found.get(one["kind"], {})
                found[one["kind"]] = one if len(str(one)) > len(str(known)) else known
    samples = [{key: part for key, part in sample(name).items() if key != "status"} for name in NAMES]
    others = yaml.safe_load_all((CASES / "verdicts.yaml").read_text(encoding="utf-8"))
    return [*found.values(), *samples, *others]


def difference(hub, validator, value, *, where="", what=""):
    """None where both agree."""
    verdict = hub.verdict(value, create=where == "/metadata/name")
    told = " | ".join(problem.message for problem in validator.problems(value) if problem.severity is Severity.ERROR)
    if verdict.accepted is not bool(told):
        return None
    stricter, says = ("ours", told) if verdict.accepted else ("server", verdict.message)
    return Difference(value["kind"], where, what, stricter, says)


def cases(folder):
    """The validator's own cases, but for those of a CRD that no API server takes: one of its rules is broken."""
    values = [value for file in sorted((CASES / "validation" / folder).glob("*.yaml")) for value in values_of(file)]
    return [value for value in values if not str(value.get("apiVersion")).startswith("test.covey.dev/")]


def test_good_objects_are_accepted_by_both(hub, validator):
    objects = [value for value in (*good_objects(), *cases("good")) if not value["kind"].endswith("List")]
    hub.need_namespaces(objects)
    verdicts = [(value["kind"], hub.verdict(value)) for value in objects]

    assert [f"{kind}: {verdict.message}" for kind, verdict in verdicts if not verdict.accepted] == []
    assert [problem for value in objects for problem in validator.problems(value)] == []


def test_broken_objects_get_the_same_verdict_from_both(hub, validator):
    objects = good_objects()
    hub.need_namespaces(objects)
    found = []
    tried = refused = 0
    for value in objects:
        for mutation in mutations(value):
            told = f"{value['kind']}{mutation}"
            if mutation.where not in _ELSEWHERE and sha256(told.encode()).digest()[0] % EVERY == 0:
                one = difference(hub, validator, mutation.value, where=mutation.where, what=mutation.what)
                tried += 1
                refused += one is None
                found += [one] if one else []

    assert tried > 1000
    assert refused > tried / 2
    assert [one for one in found if not any(map(one.is_listed_as, DIFFERENCES))] == []
    assert [entry["reason"] for entry in DIFFERENCES if not any(one.is_listed_as(entry) for one in found)] == []


def test_the_cases_of_the_validator_are_refused_by_the_api_server_too(hub, validator):
    # Nothing can be asked of those without a name or a kind.
    values = [value for value in cases("bad") if isinstance(value.get("metadata", {}).get("name"), str)]
    hub.need_namespaces([{"metadata": {"namespace": "hospital-a"}}, {"metadata": {"namespace": "policies"}}])
    found = [one for value in values if (one := difference(hub, validator, value))]

    assert [one for one in found if not any(map(one.is_listed_as, DIFFERENCES))] == []
