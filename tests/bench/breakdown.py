"""Where the time of validation goes: each step alone, in one process, in seconds of CPU."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import yaml_rs

from covey_core.checks.limits import limit_findings
from covey_core.checks.upstream import upstream_findings
from covey_core.reading import read
from covey_core.reading.chunks import documents_of
from covey_core.reading.doubts import doubtful
from covey_core.validation import Validator
from covey_core.validation.problems import to_finding
from covey_schemas.catalog import bundled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from covey_core.documents import Document

WORKS = ("ManifestWork", "ManifestWorkReplicaSet")


def of(folder: Path, *, allowed: frozenset[str]) -> dict[str, float]:
    """Steps by name; the steps of a group overlap where their names say so."""
    gc.disable()
    paths = sorted(folder.rglob("*.yaml"))
    data, read_files = _timed(lambda: [path.read_bytes() for path in paths])
    chunks = [chunk.text for content in data for chunk in documents_of(content.decode())]
    _, parsing = _timed(lambda: [yaml_rs.loads(text, parse_datetime=False) for text in chunks])
    _, doubting = _timed(lambda: [doubtful(content.decode()) for content in data])
    documents, reading = _timed(lambda: [one for text in data for one in read("x", text, strict=False).documents])
    _, schemas = _timed(
        lambda: _problems(documents, Validator(bundled(), allowed_missing=allowed, cel=False, extras=False))
    )
    found, extras = _timed(lambda: _problems(documents, Validator(bundled(), allowed_missing=allowed, cel=False)))
    _, everything = _timed(lambda: _problems(documents, Validator(bundled(), allowed_missing=allowed)))
    _, positions = _timed(lambda: [to_finding(problem, document) for document, problem in found])
    _, cross = _timed(lambda: [_cross(document) for document in documents])
    gc.enable()
    return {
        "reading files": read_files,
        "YAML to values (yaml-rs)": parsing,
        "looking for what YAML readers disagree about": doubting,
        "the rest of reading": max(0.0, reading - parsing - doubting),
        "JSON Schema (jsonschema_rs)": schemas,
        "names, labels, lists, objects inside works": max(0.0, extras - schemas),
        "CEL rules": max(0.0, everything - extras),
        "limits, and warnings about upstream resources": cross,
        "lines and columns of what is wrong": positions,
    }


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def _problems(documents: list[Document], validator: Validator) -> list[Any]:
    return [
        (document, problem)
        for document in documents
        for _, problems in validator.by_resource(document.value)
        for problem in problems
    ]


def _cross(document: Document) -> None:
    if document.value["kind"] in WORKS:
        limit_findings(document)
    if document.value["kind"] == "FederatedLearning":
        upstream_findings(document)
