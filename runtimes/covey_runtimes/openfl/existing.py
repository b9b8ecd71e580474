"""Reads the plan of an ordinary OpenFL workspace."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from covey_runtimes.existing import BadAppError, ExistingApp, Scalar, mapping_at, positive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PLAN = "plan/plan.yaml"
_SECTIONS = ("task_runner", "data_loader")


def existing_app(folder: Path) -> ExistingApp | None:
    plan = _read(folder, _PLAN)
    if plan is None:
        return None
    if not isinstance(plan, dict) or "aggregator" not in plan:
        raise BadAppError(f"{folder / _PLAN} is no OpenFL plan: it has no aggregator.")
    if "connector" in plan:
        raise BadAppError(f"The plan in {folder} has a connector to another framework: use that framework's runtime.")
    return ExistingApp(
        folder.resolve().name,
        rounds=positive(mapping_at(plan, "aggregator", "settings").get("rounds_to_train")),
        minimum=_minimum(folder, plan),
        configuration=_named(tuple(_settings(plan))),
    )


def _settings(plan: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
    """The app's own settings by their paths in the plan."""
    places = [f"{section}.settings" for section in _SECTIONS]
    places += [f"tasks.{task}.kwargs" for task in mapping_at(plan, "tasks") if "train" in task]
    for place in places:
        for key, value in mapping_at(plan, *place.split(".")).items():
            if isinstance(value, str | int | float | bool):
                yield f"{place}.{key}", value


def _named(settings: tuple[tuple[str, Scalar], ...]) -> dict[str, Scalar]:
    """By name alone where no other setting has the same one."""
    seen = Counter(path.rpartition(".")[2] for path, _ in settings)
    names = {path: path.rpartition(".")[2] for path, _ in settings}
    return {names[path] if seen[names[path]] == 1 else path: value for path, value in settings}


def _minimum(folder: Path, plan: Mapping[str, Any]) -> int | None:
    """The collaborators that the plan's neighbours list, or the number that the plan itself names."""
    listed = _read(folder, "plan/cols.yaml")
    names = listed.get("collaborators") if isinstance(listed, dict) else None
    if isinstance(names, list) and names:
        return len(names)
    lines = _text(folder, "plan/data.yaml").splitlines()
    shards = [line for line in lines if "," in line and not line.lstrip().startswith("#")]
    return positive(len(shards)) or positive(mapping_at(plan, "data_loader", "settings").get("collaborator_count"))


def _read(folder: Path, name: str) -> Any:
    """The YAML of a file, or None where it is not there."""
    import yaml  # noqa: PLC0415 - slow to import, and only this command needs it here

    try:
        return yaml.safe_load(_text(folder, name)) if (folder / name).is_file() else None
    except yaml.YAMLError as error:
        raise BadAppError(f"{folder / name} is no YAML: {' '.join(str(error).split())}.") from error


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
