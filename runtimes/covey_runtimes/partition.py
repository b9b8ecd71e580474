"""Which part of the data a side has, where `data/data.json` says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core.launch.exits import Exit, LaunchError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Partition:
    """Number `id`, counted from 0, of `of` parts."""

    id: int
    of: int


def read(data: Path) -> Partition | None:
    """None where nothing is said of it; raises LaunchError where what is said can't be understood."""
    path = data / "data.json"
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise LaunchError(f"{path} can't be read: {error}.", code=Exit.DATA) from error
    said = found.get("partition") if isinstance(found, dict) else None
    return _checked(path, said) if said is not None else None


def _checked(path: Path, said: Any) -> Partition:
    number, of = (said.get("id"), said.get("of")) if isinstance(said, dict) else (None, None)
    if type(number) is int and type(of) is int and 0 <= number < of:
        return Partition(number, of)
    wanted = '{"id": 0, "of": 2}, with an id from 0 to below of'
    raise LaunchError(f"The partition in {path} is {json.dumps(said)[:60]}; it must be like {wanted}.", code=Exit.DATA)
