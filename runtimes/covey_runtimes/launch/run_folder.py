"""`state/runs/<n>/`: one run's events, checkpoints and result, for one launcher at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from typing import TYPE_CHECKING, Any

from covey_core.launch import checkpoint
from covey_core.launch.checkpoint import Record
from covey_core.launch.exits import Exit, LaunchError
from covey_core.launch.start import CONTRACT
from covey_runtimes.adapter import Resume
from covey_runtimes.launch import disk
from covey_runtimes.launch.event_log import EventLog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covey_core.launch.start import Start

_KEPT = 2  # rounds: the last one, and the one before it for people who look into a strange result


class RunFolder:
    """Raises LaunchError where another launcher holds the folder, or another run's files are in it."""

    def __init__(self, state: Path, start: Start) -> None:
        self.path = state / "runs" / str(start.run.number)
        self.logs = self.path / "logs"
        handed_over = self.path / "handoff"
        self.handoff = handed_over / secrets.token_hex(4)  # a ghost of the start before finds its own gone
        self._start = start
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.path / "lock")
        self.result = self._own("result.json")
        self.latest = self._latest()
        shutil.rmtree(handed_over, ignore_errors=True)  # rounds that a killed launcher had not taken over
        self.handoff.mkdir(parents=True)
        self.events = EventLog(self.path / "events.jsonl")

    def resume(self) -> Resume | None:
        return Resume(self.latest.round, self._round(self.latest.round)) if self.latest else None

    def keep_round(self, number: int, *, folder: str, metrics: Mapping[str, Any]) -> None:
        """Makes the handed-over folder the checkpoint of that round; a round that is kept already stays as it is."""
        source, target = self._handed_over(folder), self._round(number)
        if self.latest and self.latest.round >= number:
            shutil.rmtree(source)
            return
        record = self._record(source, number, metrics)
        disk.write(source / "checkpoint.json", checkpoint.encode(record))
        shutil.rmtree(target, ignore_errors=True)  # renamed by a launcher that was killed before it wrote LATEST
        source.rename(target)
        disk.write(self.path / "LATEST", f"{target.name}\n".encode())
        self.latest = record
        shutil.rmtree(self._round(number - _KEPT), ignore_errors=True)

    def keep_model(self) -> Record:
        """The model that was handed over becomes `model/`, and `result.json` says that the run is done."""
        source, target = self.handoff / "model", self.path / "model"
        if not source.is_dir() or not any(source.iterdir()):
            raise LaunchError("The training ended without a model: its app or runtime wrote none.", code=Exit.APP)
        done = self.latest.round if self.latest else 0
        record = self._record(source, done, self.latest.metrics if self.latest else {})
        shutil.rmtree(target, ignore_errors=True)
        source.rename(target)
        disk.write(self.path / "result.json", checkpoint.encode(record))
        return record

    def close(self) -> None:
        """What was handed over and not kept has no place on the model's volume."""
        shutil.rmtree(self.handoff.parent, ignore_errors=True)
        self.events.close()
        os.close(self._lock)

    def _handed_over(self, folder: str) -> Path:
        path = self.handoff / folder
        if path.parent != self.handoff or not path.is_dir() or path.is_symlink():
            raise LaunchError(f"The runtime named {folder!r} as a round's folder, and there is none.", code=Exit.AGAIN)
        return path

    def _record(self, folder: Path, number: int, metrics: Mapping[str, Any]) -> Record:
        return Record(
            contract=CONTRACT,
            run_uid=self._start.run.uid,
            inputs_digest=self._start.inputs_digest,
            round=number,
            files=disk.seal(folder),
            metrics=metrics,
        )

    def _latest(self) -> Record | None:
        path = self.path / "LATEST"
        if not path.exists():
            return None
        folder = path.read_text().strip()
        if record := self._own(f"{folder}/checkpoint.json"):
            _check_files(self.path / folder, record)
            return record
        raise LaunchError(
            f"{path} names {folder}, which is not there: the volume was changed by hand.", code=Exit.START
        )

    def _own(self, name: str) -> Record | None:
        path = self.path / name
        if not path.is_file():
            return None
        record = checkpoint.decode(path.read_bytes(), name=str(path))
        checkpoint.check_own(record, self._start, name=str(path))
        return record

    def _round(self, number: int) -> Path:
        return self.path / f"round-{number}"


def _check_files(folder: Path, record: Record) -> None:
    for name, said in record.files.items():
        path = folder / name
        if not path.is_file() or disk.file_digest(path) != said:
            raise LaunchError(f"{path} is not what its checkpoint says: the disk lost it.", code=Exit.START)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise LaunchError(f"Another launcher works in {path.parent}; stop it first.", code=Exit.AGAIN) from None
    return handle
