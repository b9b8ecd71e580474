"""Arrays in neutral files (NumPy's, without pickle), and the folders in which rounds and the model are handed over."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord

from covey_flower import state

ARRAYS, STATE = "arrays.npz", "state.npz"


def hand_over(name: str, arrays: ArrayRecord, strategy: Any = None) -> None:
    """The folder gets its name when it is complete; a later one of the same name takes its place."""
    folder = _folder(f".{name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    parts: dict[str, Any] = {key: array.numpy() for key, array in arrays.items()}
    np.savez(folder / ARRAYS, **parts)
    if strategy is not None and (own := state.of(strategy)):
        np.savez(folder / STATE, **own)
    shutil.rmtree(_folder(name), ignore_errors=True)
    folder.rename(_folder(name))


def handed_over(name: str) -> bool:
    return _folder(name).exists()


def keep_files(source: Path) -> None:
    """What an app has left in its own folder, often the model in its framework's format, goes beside the arrays.

    Links (a logger's `latest`, say) stay behind: where they lead is no part of the model.
    """
    for path in list(source.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            path.unlink()
    model = _folder("model")
    for path in sorted(source.iterdir()):
        if path.name.startswith((".", "__pycache__")):
            continue
        model.mkdir(exist_ok=True)
        if not (model / path.name).exists():
            shutil.move(path, model / path.name)


def load(folder: Path, strategy: Any = None) -> ArrayRecord:
    with np.load(folder / ARRAYS, allow_pickle=False) as file:
        arrays = ArrayRecord({key: Array(file[key]) for key in file.files})
    if strategy is not None and (folder / STATE).exists():
        with np.load(folder / STATE, allow_pickle=False) as file:
            state.restore(strategy, {key: file[key] for key in file.files})
    return arrays


def finite(arrays: ArrayRecord) -> bool:
    values = (array.numpy() for array in arrays.values())
    return all(bool(np.isfinite(value).all()) for value in values if np.issubdtype(value.dtype, np.inexact))


def _folder(name: str) -> Path:
    return Path(os.environ["COVEY_HANDOFF"], name)
