"""Reads the `pyproject.toml` of an ordinary Flower app."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from covey_runtimes.existing import BadAppError, ExistingApp, Scalar, mapping_at, positive
from covey_runtimes.flower.configuration import ROUNDS, flat

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PROJECT = "pyproject.toml"
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
    app = mapping_at(document, "tool", "flwr", "app")
    if not app:
        return None
    components = mapping_at(app, "components")
    missing = [name for name in _COMPONENTS if not isinstance(components.get(name), str)]
    if missing:
        raise BadAppError(f"The app in {folder} has no {' and no '.join(missing)} in [tool.flwr.app.components].")
    settings = {key: value for key, value in flat(mapping_at(app, "config")) if isinstance(value, Scalar)}
    rounds = positive(settings.pop(ROUNDS, None))
    name = mapping_at(document, "project").get("name")
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
    federations = mapping_at(document, "tool", "flwr", "federations")
    default = federations.get("default")
    options = mapping_at(federations, default, "options") if isinstance(default, str) else {}
    return positive(options.get("num-supernodes"))
