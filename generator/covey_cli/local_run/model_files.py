"""The model of a finished run: copied beside the report if it is what the launcher says, with its provenance."""

from __future__ import annotations

import hashlib
import mmap
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, cast

from covey_cli.errors import UserError
from covey_cli.files import read_bytes, safe_path
from covey_cli.local_run.provenance import statement
from covey_cli.staging import Change, Staging, reason
from covey_core.launch import checkpoint
from covey_core.launch.exits import LaunchError
from covey_core.results.summary import ModelFile

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.launch.checkpoint import Record
    from covey_core.results.summary import RunFacts

MODEL, RESULT, PROVENANCE = "model", "result.json", "model/provenance.json"
_MOST_BYTES: Final = 16 << 20
_FORMATS: Final = {
    ".npz": "NumPy arrays",
    ".npy": "NumPy array",
    ".safetensors": "safetensors",
    ".onnx": "ONNX",
    ".json": "JSON",
}


def collect(folder: Path, source: Path, facts: RunFacts) -> tuple[ModelFile, ...]:
    """Copies `source/model/` to `folder/model/`; raises UserError, with nothing copied, where a file is not as told."""
    record = _record(source / RESULT, facts)
    changes, models = [], []
    for name, said in sorted(record.files.items()):
        data = _content(source / MODEL, name)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if digest != said:
            raise UserError(f"{source / MODEL / name} is not the file that the training left: {RESULT} says {said}.")
        changes.append(Change(f"{MODEL}/{name}", data))
        models.append(ModelFile(f"{MODEL}/{name}", _format(name, facts), digest, len(data)))
    ended = (source / RESULT).stat().st_mtime
    changes.append(Change(PROVENANCE, statement(folder, facts, models=models, rounds=record.round, ended=ended)))
    with Staging(folder) as staging:
        staging.stage(changes, [])
        staging.apply()
    return tuple(models)


def _record(path: Path, facts: RunFacts) -> Record:
    try:
        record = checkpoint.decode(read_bytes(path, _MOST_BYTES), name=str(path))
    except LaunchError as error:
        raise UserError(str(error)) from None
    if record.run_uid != facts.uid:
        raise UserError(f"{path} belongs to the run {record.run_uid}, not to {facts.uid}.")
    if PurePosixPath(PROVENANCE).name in record.files:
        raise UserError(f"{path} names a file provenance.json, which Covey writes itself; give the app's another name.")
    return record


def _content(folder: Path, name: str) -> bytes:
    """The file's bytes, mapped: a model may be larger than the memory."""
    path = safe_path(folder, name)
    if path.is_symlink() or not path.is_file():
        raise UserError(f"{path} is not there, though {RESULT} names it.")
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return b""
            return cast("bytes", memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except OSError as error:
        raise UserError(f"Can't read {path}: {reason(error)}.") from None


def _format(name: str, facts: RunFacts) -> str:
    """What the file is, as far as its name says; everything else is the framework's own."""
    return _FORMATS.get(PurePosixPath(name).suffix.lower(), f"{facts.runtime}'s own format")
