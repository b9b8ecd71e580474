"""Puts a job's configuration into a plan: by a setting's name alone, or by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECTIONS = ("task_runner", "data_loader", "tasks")  # what is the app's own; the rest is reached by paths
_OPEN = frozenset({"settings", "kwargs"})  # may get keys that the plan does not write down, as defaults do


class UnknownSettingError(Exception):
    """The message is one sentence."""


def settle(plan: dict[str, Any], words: Mapping[str, Any], *, rounds: int, network: Mapping[str, Any]) -> None:
    """Puts the job's words in first, so that none of them takes the place of what Covey itself fixes."""
    configure(plan, words)
    plan["network"]["settings"].update(network)
    plan["aggregator"]["settings"]["rounds_to_train"] = rounds


def configure(plan: dict[str, Any], configuration: Mapping[str, Any]) -> None:
    """Changes `plan`; raises UnknownSettingError, with the plan in an unknown state."""
    unknown = [path for path, value in _flat(configuration) if not _set(plan, path, value)]
    if unknown:
        names = ", ".join(sorted(unknown))
        raise UnknownSettingError(f"The plan has no setting {names}: give it in plan/plan.yaml, or its path here.")


def _flat(configuration: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in configuration.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _set(plan: dict[str, Any], path: str, value: Any) -> bool:
    *parents, name = path.split(".")
    if not parents:
        places = [place for section in _SECTIONS for place in _holders(plan.get(section), name)]
    else:
        places = _at(plan, parents, name)
    for place in places:
        place[name] = value
    return bool(places)


def _at(plan: dict[str, Any], parents: list[str], name: str) -> list[dict[str, Any]]:
    place: Any = plan
    for part in parents:
        place = place.get(part) if isinstance(place, dict) else None
    fits = isinstance(place, dict) and (name in place or parents[-1] in _OPEN)
    return [place] if fits else []


def _holders(section: Any, name: str) -> Iterator[dict[str, Any]]:
    """Every mapping below `section` that has this setting."""
    if not isinstance(section, dict):
        return
    if name in section and not isinstance(section[name], dict):
        yield section
    for inner in section.values():
        yield from _holders(inner, name)
