"""An app that exists already: which runtime it is for, what it says, and where its files go."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from covey_core import names
from covey_runtimes import registry
from covey_runtimes.existing import BadAppError
from covey_runtimes.launch.app_digest import is_part

from .errors import UserError
from .files import read_bytes
from .staging import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covey_runtimes.existing import ExistingApp

_MOST_BYTES: Final = 50_000_000
_LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Found:
    """`said` maps the names of questions to what the app answers; `unfit` are settings that no spec can hold."""

    folder: Path
    runtime: str
    name: str
    said: Mapping[str, Any]
    configuration: Mapping[str, Any]
    unfit: tuple[str, ...] = field(default=())


def find(folder: Path, runtime: str | None) -> Found:
    """The app in `folder`, for `runtime` where that is given; raises UserError where there is none, or two."""
    asked = _readers(runtime)
    try:
        apps = {name: app for name, module in asked.items() if (app := module.existing_app(folder))}
    except BadAppError as error:
        raise UserError(str(error), hint="Put that right, or choose the runtime with --runtime.") from None
    except (OSError, ValueError) as error:
        raise UserError(f"Can't read the app in {folder}: {error}.") from None
    if not apps:
        signs = "; ".join(f"{name}: {module.APPS}" for name, module in (asked or _readers(None)).items())
        raise UserError(f"{folder} holds no app that Covey knows ({signs}).", hint=_HOW)
    if len(apps) > 1:
        raise UserError(f"{folder} holds apps for {' and '.join(apps)}.", hint="Say which one with --runtime.")
    return _found(folder, *apps.popitem())


def _readers(runtime: str | None) -> dict[str, Any]:
    """The modules of the runtimes that know their apps: of `runtime` alone where it is given."""
    readers = {}
    for name in registry.names():
        if runtime in (None, name):
            try:
                module = importlib.import_module(registry.module(name) or "")
            except registry.BadRuntimeError as error:
                if runtime:
                    raise UserError(str(error)) from None
                continue  # a plug-in that is broken is no reason to refuse another runtime's app
            if hasattr(module, "existing_app"):
                readers[name] = module
    return readers


_HOW: Final = "Name the app's own folder; `covey new` without --from-app begins a new app."


def _found(folder: Path, runtime: str, app: ExistingApp) -> Found:
    configuration = {key: value for key, value in app.configuration.items() if _fits(key, value)}
    said = {"runtime": runtime, "rounds": app.rounds, "min": app.minimum}
    return Found(
        folder,
        runtime,
        re.sub(r"[^a-z0-9]+", "-", app.name.lower())[:_LONGEST_NAME].strip("-"),
        {name: value for name, value in said.items() if value is not None},
        configuration,
        tuple(sorted(app.configuration.keys() - configuration.keys())),
    )


def _fits(key: str, value: Any) -> bool:
    from covey_cli.answers import FieldType  # noqa: PLC0415 - only here

    return FieldType("job.spec.config").takes({key: value})


def place(root: Path, found: Found, *, namespace: str, name: str) -> tuple[str, tuple[Change, ...]]:
    """The app's path as the spec says it, and the files to copy: none for a folder of the fleet repo itself."""
    folder, job = found.folder.resolve(), names.job_folder(namespace, name)
    if not folder.is_relative_to(root.resolve()):
        return "app", tuple(_copies(folder, f"{job}/app"))
    inside = folder.relative_to(root.resolve())
    if not inside.parts or inside.parts[0] in {"rendered", ".git", ".covey"}:
        raise UserError(f"{found.folder} can't be a job's app.", hint="Give the app a folder of its own.")
    return os.path.relpath(inside.as_posix(), job), ()


def _copies(folder: Path, target: str) -> Iterator[Change]:
    total = 0
    for path in _files(folder):
        if path.is_symlink():
            raise UserError(f"{path} is a link, and an app's folder holds plain files only.")
        total += path.stat().st_size
        if total > _MOST_BYTES:
            raise UserError(
                f"The files in {folder} are more than {_MOST_BYTES // 1_000_000} MB.",
                hint="Data and models do not belong into a job; leave them out, and try again.",
            )
        data = read_bytes(path, _MOST_BYTES)
        relative = path.relative_to(folder).as_posix()
        yield Change(f"{target}/{relative}", data, executable=os.access(path, os.X_OK))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not is_part(path.name):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path
