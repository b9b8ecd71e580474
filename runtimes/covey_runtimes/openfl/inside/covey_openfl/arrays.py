"""The model and the aggregation functions' own state in neutral files: NumPy's, without pickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ARRAYS, STATE = "arrays.npz", "state.npz"


def hand_over(name: str, arrays: Mapping[str, Any], fill: Callable[[Path], None]) -> None:
    """The folder gets its name when it is complete."""
    folder = Path(os.environ["COVEY_HANDOFF"], f".{name}")
    folder.mkdir()
    np.savez(folder / ARRAYS, **arrays)
    fill(folder)
    folder.rename(folder.with_name(name))


def load(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def finite(array: Any) -> bool:
    return not np.issubdtype(array.dtype, np.inexact) or bool(np.isfinite(array).all())


def save_state(folder: Path, functions: Mapping[str, Any]) -> None:
    """Momentum and the like: mappings of names to arrays or numbers, in the functions or in their optimizers."""
    state: dict[str, Any] = {
        f"{where}/{key}": np.asarray(value)
        for where, values in _mappings(functions)
        for key, value in values.items()
        if isinstance(value, np.ndarray | np.generic | int | float)
    }
    if state:
        np.savez(folder / STATE, **state)


def restore_state(folder: Path, functions: Mapping[str, Any]) -> None:
    saved = load(folder / STATE) if (folder / STATE).exists() else {}
    places = dict(_mappings(functions))
    for path, value in saved.items():
        where, key = "/".join(path.split("/", 3)[:3]), path.split("/", 3)[3]
        if where in places:
            places[where][key] = value if value.ndim else value.item()


def _mappings(functions: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Under `<task>/<attribute of the function, or a dot>/<attribute>`."""
    for task, function in sorted(functions.items()):
        owners = {".": function}
        owners |= {name: value for name, value in vars(function).items() if hasattr(value, "__dict__")}
        for owner, holder in owners.items():
            for name, value in vars(holder).items():
                if isinstance(value, dict) and all(isinstance(key, str) for key in value):
                    yield f"{task}/{owner}/{name}", value
