"""One run of `covey validate`: which files, how many processes, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from covey_core.findings import Finding, has_errors, in_order

from . import in_parallel, manifest_files
from .errors import Exit, UserError
from .file_results import STATUSES, FileResult
from .imported import FOLDER
from .options import find_root
from .progress import progress
from .validating import Settings, check_file, validator

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    settings: Settings
    jobs: int
    root: Path | None

    @classmethod
    def of(
        cls,
        *,
        paths: tuple[str, ...],
        allow_missing: tuple[str, ...] = (),
        schemas: tuple[str, ...] = (),
        schemas_only: bool = False,
        exclude: tuple[str, ...] = (),
        jobs: int | None = None,
    ) -> Request:
        root = _root()
        if not paths and root is None:
            raise UserError(
                "There is nothing to check: no PATHS are given, and no fleet repo is around here.",
                hint="Name files or folders, or `-` for stdin.",
                code=Exit.USAGE,
            )
        settings = Settings(
            allow_missing=frozenset(allow_missing),
            schemas_only=schemas_only,
            schemas=_schema_folders(schemas, root),
            root=str(root or ""),
            base="" if paths else str(root),
        )
        return cls(paths, exclude, settings, jobs or in_parallel.processes(), root)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found."""

    results: tuple[FileResult, ...]
    findings: tuple[Finding, ...]
    checked: int

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(STATUSES, 0)
        for result in self.results:
            counts["valid"] += result.valid
            for resource in result.resources:
                counts[resource.status] += 1
        return counts

    @property
    def failed(self) -> bool:
        return has_errors(self.findings)


def run(request: Request) -> Report:
    if request.paths:
        found = manifest_files.find(request.paths, request.exclude)
        return _report(request, found.files, found.findings, 0)
    from .checking import check_repo  # noqa: PLC0415 - only for whole fleet repos
    from .sources import data_set_files, job_files  # noqa: PLC0415 - the same

    root = Path(request.settings.root)
    found = manifest_files.find(["rendered"] if (root / "rendered").is_dir() else [], request.exclude, base=root)
    specs = 1 + len(data_set_files(root)) + len(job_files(root))
    return _report(request, found.files, [*found.findings, *check_repo(root)], specs)


def _report(request: Request, files: list[str], findings: Iterable[Finding], others: int) -> Report:
    """Checks `files`; `others` have been checked already, with `findings`."""
    results: list[FileResult] = []
    jobs = 1 if manifest_files.STDIN in files else request.jobs  # other processes have no stdin
    check = partial(check_file, settings=request.settings)
    ready = partial(validator, request.settings)
    with (
        in_parallel.each(check, files, jobs=jobs, ready=ready, base=request.settings.base) as checked,
        progress("Checking files", total=len(files)) as state,
    ):
        for result in checked:
            results.append(result)
            state.step()
    found = [*findings, *(finding for result in results for finding in result.findings)]
    return Report(tuple(results), in_order(found), len(files) + others)


def _root() -> Path | None:
    try:
        return find_root(Path.cwd())
    except (UserError, OSError):
        return None


def _schema_folders(given: tuple[str, ...], root: Path | None) -> tuple[str, ...]:
    for folder in given:
        if not Path(folder).is_dir():
            raise UserError(
                f"There is no folder {folder} with imported schemas.", hint="`covey schema import` makes one."
            )
    own = root / FOLDER if root is not None else None
    return (*given, *([str(own)] if own is not None and own.is_dir() else []))
