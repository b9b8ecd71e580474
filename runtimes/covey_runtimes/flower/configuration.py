"""The configuration of a run: the job's words, of which the app's `pyproject.toml` must know the names."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.existing import mapping_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ROUNDS = "num-server-rounds"  # the key by which nearly all apps know their rounds
_TABLE = "tool.flwr.app.config"


def of_run(app: Path, wanted: Mapping[str, Any], *, rounds: int) -> dict[str, Any]:
    """With the job's rounds, where the app has a key for them; raises LaunchError for keys that it does not have."""
    path = app / "pyproject.toml"
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LaunchError(
            f"The app is no Flower app: its pyproject.toml can't be read: {error}.", code=Exit.START
        ) from error
    known = dict(flat(mapping_at(document, *_TABLE.split("."))))
    if unknown := sorted(dict(flat(wanted)).keys() - known.keys()):
        raise LaunchError(f"The app's pyproject.toml has no {', '.join(unknown)} in [{_TABLE}].", code=Exit.START)
    return {**wanted, ROUNDS: rounds} if ROUNDS in known else dict(wanted)


def flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """As Flower names them: a table's keys behind its own name and a dot."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
