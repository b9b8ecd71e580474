"""Reads the `pyproject.toml` of an ordinary Flower app."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from covey_runtimes.existing import BadAppError, ExistingApp, Scalar, positive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PROJECT = "pyproject.toml"
_ROUNDS = "num-server-rounds"
_COMPONENTS = ("serverapp", "clientapp")
# Templates and quickstarts have called it by all these names.
_MINIMUM = tuple(f"min-{what}{who}" for what in ("available-", "train-", "fit-", "") for who in ("nodes", "clients"))


def existing_app(folder: Path) -> ExistingApp | None:
    try:
        text = (folder / _PROJECT).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadAppError(f"{folder / _PROJECT} is no TOML: {error}.") from error
    app = _table(document, "tool", "flwr", "app")
    if not app:
        return None
    components = _table(app, "components")
    missing = [name for name in _COMPONENTS if not isinstance(components.get(name), str)]
    if missing:
        raise BadAppError(f"The app in {folder} has no {' and no '.join(missing)} in [tool.flwr.app.components].")
    settings = dict(_flat(_table(app, "config")))
    rounds = positive(settings.pop(_ROUNDS, None))
    name = _table(document, "project").get("name")
    return ExistingApp(
        name if isinstance(name, str) else folder.resolve().name,
        rounds=rounds,
        minimum=_minimum(settings) or _supernodes(document),
        configuration=settings,
    )


def _minimum(settings: Mapping[str, Scalar]) -> int | None:
    found = {key.replace("_", "-"): value for key, value in settings.items()}
    return next((number for name in _MINIMUM if (number := positive(found.get(name)))), None)


def _supernodes(document: Mapping[str, Any]) -> int | None:
    """Of the default federation, which older apps describe in the same file."""
    federations = _table(document, "tool", "flwr", "federations")
    default = federations.get("default")
    options = _table(federations, default, "options") if isinstance(default, str) else {}
    return positive(options.get("num-supernodes"))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Scalar]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str | int | float | bool):
            yield f"{prefix}{key}", value


def _table(document: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The table at `path`, or an empty one."""
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
