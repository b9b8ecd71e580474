"""A launcher's `--root` folder: read, checked, and made into what its adapter gets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_core.launch import start as start_data
from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.adapter import Place, Resume
from covey_runtimes.launch.app_digest import app_digest

if TYPE_CHECKING:
    from pathlib import Path

    from covey_core.launch.start import Start
    from covey_runtimes.launch.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Root:
    path: Path
    start: Start

    @property
    def app(self) -> Path:
        return self.path / "app"

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def state(self) -> Path:
        return self.path / "state"

    def place(self, run: RunFolder, *, epoch: str, resume: Resume | None) -> Place:
        tmp = self.path / "tmp"
        tmp.mkdir(exist_ok=True)
        for old in tmp.glob(f"*-{self.start.run.uid}-*"):  # reports and keys of the epochs before
            if epoch not in old.name:
                old.unlink()
        return Place(
            start=self.start,
            app=self.app,
            data=self.data,
            tmp=tmp,
            reports=tmp / f"reports-{epoch}.jsonl",
            handoff=run.handoff,
            members=tmp / f"members-{epoch}.json",
            epoch=epoch,
            resume=resume,
        )


def read(path: Path, *, side: str) -> Root:
    """The root of a launcher of that side; raises LaunchError for start data or an app that must not run."""
    try:
        data = (path / "start.json").read_bytes()
    except OSError as error:
        raise LaunchError(f"{path / 'start.json'}: {error.strerror}.", code=Exit.START) from error
    start = start_data.parse(data)
    if start.side != side:
        raise LaunchError(f"start.json is for the side {start.side}; this is the {side}'s launcher.", code=Exit.START)
    root = Root(path.resolve(), start)
    _check_app(root)
    if not root.state.is_dir() or not os.access(root.state, os.W_OK):
        raise LaunchError(f"{root.state} is no folder that this launcher can write to.", code=Exit.START)
    return root


def check_data(root: Root) -> None:
    """Raises LaunchError where there is no data: an empty folder is what an unmounted volume looks like."""
    try:
        there = any(root.data.iterdir())
    except OSError as error:
        raise LaunchError(f"The data in {root.data} can't be read: {error.strerror}.", code=Exit.DATA) from error
    if not there:
        raise LaunchError(f"There is no data in {root.data}.", code=Exit.DATA)


def _check_app(root: Root) -> None:
    try:
        found = app_digest(root.app)
    except OSError as error:
        raise LaunchError(f"The app in {root.app} can't be read: {error}.", code=Exit.START) from error
    if root.start.app_digest and found != root.start.app_digest:
        said = root.start.app_digest
        raise LaunchError(f"The app in {root.app} has the digest {found}, not {said}.", code=Exit.START)
