"""Data for a local run: a set that an installed package ships, split and written to each collaborator's `data/`.

`train.npz` (the hub: `test.npz`) holds the arrays `x` and `y`; `data.json` beside it says what they are.
"""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass
from importlib.metadata import distribution
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from covey_cli.errors import UserError, did_you_mean
from covey_cli.local_run.partitions import hold_out, split
from covey_cli.staging import Change, Staging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from covey_cli.local_run.partitions import Split

VERSION: Final = 1
HELD_OUT: Final = 0.2
TRAIN, TEST, ABOUT = "data/train.npz", "data/test.npz", "data/data.json"
_DIGITS: Final = "sklearn/datasets/data/digits.csv.gz"


@dataclass(frozen=True, slots=True)
class Samples:
    """`y` are indices into `classes`; `source` says where the samples come from."""

    name: str
    source: str
    x: NDArray[np.float32]
    y: NDArray[np.int64]
    classes: tuple[str, ...]

    def counts(self, indices: NDArray[np.int64]) -> dict[str, int]:
        """How many of these samples each class has."""
        numbers = np.bincount(self.y[indices], minlength=len(self.classes))
        return {name: int(number) for name, number in zip(self.classes, numbers, strict=True)}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which samples go to whom: `parts` by collaborator, `held_out` to the hub for the last word on the model."""

    samples: Samples
    how: Split
    seed: int
    parts: Mapping[str, NDArray[np.int64]]
    held_out: NDArray[np.int64]


def load(name: str) -> Samples:
    """A data set by name; nothing is downloaded."""
    if name not in DATA_SETS:
        raise UserError(
            f"No installed package ships the data set {name!r}.{did_you_mean(name, DATA_SETS)}",
            hint=f"Local runs know {', '.join(DATA_SETS)}; `--data DIR` names a folder with data of your own.",
        )
    try:
        return DATA_SETS[name]()
    except ImportError as error:
        raise UserError(
            f"The data set {name!r} needs the package {error.name!r}.", hint="Run `pip install 'covey[local]'`."
        ) from None


def plan(samples: Samples, collaborators: Sequence[str], *, how: Split, seed: int, share: float = HELD_OUT) -> Plan:
    """Splits the samples that are not held out; raises UserError where somebody would have none."""
    training, aside = hold_out(samples.y, share, seed=seed)
    parts = split(samples.y[training], len(collaborators), how=how, seed=seed)
    named = {name: training[part] for name, part in zip(collaborators, parts, strict=True)}
    return Plan(samples, how, seed, named, aside)


def write(root: Path, planned: Plan, *, hub: str) -> None:
    """Writes `<collaborator>/data/` for each, and `<hub>/data/`: all of them, or none."""
    changes = [change for name, part in planned.parts.items() for change in _changes(planned, name, part, TRAIN)]
    with Staging(root) as staging:
        staging.stage([*changes, *_changes(planned, hub, planned.held_out, TEST)], [])
        staging.apply()


def about(planned: Plan, name: str, indices: NDArray[np.int64]) -> dict[str, Any]:
    """What `data.json` says of the samples that `name` holds."""
    samples = planned.samples
    arrays: dict[str, NDArray[Any]] = {"x": samples.x[indices], "y": samples.y[indices]}
    return {
        "version": VERSION,
        "name": samples.name,
        "source": samples.source,
        "holder": name,
        "part": "train" if name in planned.parts else "test",
        "samples": len(indices),
        "arrays": {key: {"shape": list(value.shape), "type": str(value.dtype)} for key, value in arrays.items()},
        "classes": list(samples.classes),
        "counts": samples.counts(indices),
        "split": {"method": str(planned.how), "seed": planned.seed, "collaborators": len(planned.parts)},
        **_partition(planned, name),
    }


def _partition(planned: Plan, name: str) -> dict[str, Any]:
    """For apps that know their part by a number."""
    parts = list(planned.parts)
    return {"partition": {"id": parts.index(name), "of": len(parts)}} if name in planned.parts else {}


def _changes(planned: Plan, name: str, indices: NDArray[np.int64], file: str) -> tuple[Change, Change]:
    packed = io.BytesIO()
    np.savez(packed, x=planned.samples.x[indices], y=planned.samples.y[indices])
    text = json.dumps(about(planned, name, indices), indent=2) + "\n"
    return Change(f"{name}/{file}", packed.getvalue()), Change(f"{name}/{ABOUT}", text.encode())


def _digits() -> Samples:
    """Read beside scikit-learn: importing it takes longer than all else before a run starts."""
    package = distribution("scikit-learn")
    try:
        with gzip.open(str(package.locate_file(_DIGITS)), "rt", encoding="ascii") as file:
            table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    except (OSError, EOFError, ValueError) as error:
        raise UserError(
            f"The data set 'digits' can't be read from scikit-learn {package.version}: {error}",
            hint="Install scikit-learn again, or name a folder with data of your own by `--data DIR`.",
        ) from None
    return Samples(
        name="digits",
        source=f"scikit-learn {package.version}: 8x8 images of handwritten digits (UCI), scaled to 0..1",
        x=(table[:, :-1].reshape(-1, 8, 8) / 16).astype(np.float32),
        y=table[:, -1],
        classes=tuple(str(digit) for digit in range(10)),
    )


DATA_SETS: Final[dict[str, Callable[[], Samples]]] = {"digits": _digits}
