"""What a checkpoint and a result say of themselves, so that another run's are never taken for one's own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from covey_core.launch.exits import Exit, LaunchError
from covey_core.manifests import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covey_core.launch.start import Start


@dataclass(frozen=True, slots=True)
class Record:
    """Of a checkpoint (`round-<k>/checkpoint.json`) or, after the last round, of the model (`result.json`).

    `files` are the digests of the files beside it by relative path; `digest` is that of all of them.
    """

    contract: int
    run_uid: str
    inputs_digest: str
    round: int
    files: Mapping[str, str]
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest(dict(self.files))


def encode(record: Record) -> bytes:
    return canonical_json({**asdict(record), "digest": record.digest}) + b"\n"


def decode(data: bytes, *, name: str) -> Record:
    """The record in `data`; `name` is the file's, for the sentence of the LaunchError."""
    try:
        value = json.loads(data)
        said = value.pop("digest")
        record = Record(**value)
        whole = said == record.digest and isinstance(record.round, int)
    except (ValueError, TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise LaunchError(
            f"{name} is damaged: it was not written by a launcher, or the disk lost part of it.", code=Exit.START
        )
    return record


def check_own(record: Record, start: Start, *, name: str) -> None:
    """Raises LaunchError where the record belongs to another run, or to this run with other inputs."""
    if record.run_uid != start.run.uid:
        raise LaunchError(
            f"{name} belongs to the run {record.run_uid}, not to {start.run.uid}: "
            "give this run a volume or a number of its own.",
            code=Exit.START,
        )
    if record.inputs_digest != start.inputs_digest:
        raise LaunchError(
            f"{name} was made with other inputs (another app, rounds or configuration) under the same run: "
            "raise the run number.",
            code=Exit.START,
        )
