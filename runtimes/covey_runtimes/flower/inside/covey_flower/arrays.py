"""Arrays and a strategy's own state in neutral files: NumPy's, without pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord

ARRAYS, STATE = "arrays.npz", "state.npz"


def hand_over(name: str, arrays: ArrayRecord, strategy: Any = None) -> None:
    """The folder gets its name when it is complete."""
    folder = Path(os.environ["COVEY_HANDOFF"], f".{name}")
    folder.mkdir()
    np.savez(folder / ARRAYS, **{key: array.numpy() for key, array in arrays.items()})
    if strategy is not None and (state := _state(strategy)):
        np.savez(folder / STATE, **state)
    folder.rename(folder.with_name(name))


def load(folder: Path, strategy: Any) -> ArrayRecord:
    with np.load(folder / ARRAYS, allow_pickle=False) as file:
        arrays = ArrayRecord({key: Array(file[key]) for key in file.files})
    if (folder / STATE).exists():
        with np.load(folder / STATE, allow_pickle=False) as file:
            _restore(strategy, {key: file[key] for key in file.files})
    return arrays


def finite(arrays: ArrayRecord) -> bool:
    values = (array.numpy() for array in arrays.values())
    return all(bool(np.isfinite(value).all()) for value in values if np.issubdtype(value.dtype, np.inexact))


def _state(strategy: Any) -> dict[str, Any]:
    """Momentum and the like: attributes that are mappings or lists of arrays, under `<attribute>/<kind>/<key>`."""
    found: dict[str, Any] = {}
    for name, value in vars(strategy).items():
        if isinstance(value, ArrayRecord):
            found |= {f"{name}/r/{key}": array.numpy() for key, array in value.items()}
        elif isinstance(value, dict) and value and all(isinstance(item, np.ndarray) for item in value.values()):
            found |= {f"{name}/d/{key}": item for key, item in value.items()}
        elif isinstance(value, list) and value and all(isinstance(item, np.ndarray) for item in value):
            found |= {f"{name}/l/{number}": item for number, item in enumerate(value)}
    return found


def _restore(strategy: Any, state: dict[str, Any]) -> None:
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for path, value in state.items():
        name, kind, key = path.split("/", 2)
        grouped.setdefault((name, kind), {})[key] = value
    for (name, kind), values in grouped.items():
        if kind == "r":
            setattr(strategy, name, ArrayRecord({key: Array(value) for key, value in values.items()}))
        else:
            setattr(strategy, name, values if kind == "d" else list(values.values()))
