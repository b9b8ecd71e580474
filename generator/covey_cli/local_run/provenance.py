"""Where a model comes from: what came out, from what it was made, by whom, when. It is not signed.

An in-toto Statement v1 (https://github.com/in-toto/attestation) with the predicate of SLSA's provenance v1
(https://slsa.dev/spec/v1.0/provenance).
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from covey_core.results.codec import encode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from covey_core.results.summary import ModelFile, RunFacts

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "https://covey.dev/training/v1"  # names of ours, as the formats want them; there are no pages
BUILDER: Final = "https://covey.dev/local-run"
_DATA: Final = ("train.npz", "test.npz")


def statement(folder: Path, facts: RunFacts, *, models: Sequence[ModelFile], rounds: int, ended: float) -> bytes:
    """`folder` is the run's, whose sides' data is digested; `rounds` were finished, at `ended` since 1970."""
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": _asked(facts),
            "internalParameters": {
                "finishedRounds": rounds,
                "inputsDigest": facts.inputs_digest,
                "collaborators": [encode(member) for member in facts.members],
            },
            "resolvedDependencies": [*_inputs(facts), *_data(folder, facts)],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": _versions(facts)},
            "metadata": {"invocationId": facts.uid, "startedOn": _time(facts.started), "finishedOn": _time(ended)},
        },
    }
    value = {
        "_type": STATEMENT,
        "subject": [{"name": one.file, "digest": _digest(one.digest)} for one in models],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }
    return json.dumps(value, indent=2).encode() + b"\n"


def _asked(facts: RunFacts) -> dict[str, Any]:
    data = facts.data
    return {
        "namespace": facts.namespace,
        "job": facts.job,
        "number": facts.number,
        "runtime": facts.runtime,
        "rounds": facts.rounds,
        "minimum": facts.minimum,
        "data": {"name": data.name, "split": data.split, "seed": data.seed} if data else None,
    }


def _inputs(facts: RunFacts) -> list[dict[str, Any]]:
    named = (("spec", facts.spec_digest), ("app", facts.app_digest))
    return [{"name": name, "digest": _digest(digest)} for name, digest in named if digest]


def _data(folder: Path, facts: RunFacts) -> list[dict[str, Any]]:
    """Each part of the data, of collaborators and of the hub, as it lies in the run's folder."""
    sides = ("aggregator", *(member.name for member in facts.members))
    source = {"annotations": {"source": facts.data.source}} if facts.data and facts.data.source else {}
    found = [folder / side / "data" / name for side in sides for name in _DATA]
    return [
        {"name": path.relative_to(folder).as_posix(), "digest": {"sha256": _file_digest(path)}, **source}
        for path in found
        if path.is_file()
    ]


def _versions(facts: RunFacts) -> dict[str, str]:
    named = {"covey": facts.covey, facts.runtime: facts.runtime_version}
    return {name: version for name, version in named.items() if version}


def _digest(text: str) -> dict[str, str]:
    """`sha256:<hex>` as both formats write it."""
    method, _, value = text.partition(":")
    return {method: value}


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
