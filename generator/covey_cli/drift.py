"""How the rendered tree on disk differs from what the specs ask for, and what no API server would take, as findings."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covey_core.checks.limits import limit_findings
from covey_core.documents import Document
from covey_core.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from covey_core.render import RenderedFile

MOST_FOLDER_BYTES = 10 * 1024 * 1024  # Argo CD's limit on the manifests of one application's folder
_SHOWN = 3


def drift(kind: str, what: str, paths: Iterable[str]) -> Iterator[Finding]:
    """One finding for each folder: a spec that changed concerns all its files at once."""
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folders[folder_of(path)].append(path)
    for folder, files in folders.items():
        shown = ", ".join(path.removeprefix(f"{folder}/") for path in files[:_SHOWN])
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        yield Finding(
            f"rendered/{kind}",
            f"Files of {folder} are {what}: {shown}{more}.",
            files[0],
            hint="Change specs, never these files, and run `covey render`.",
        )


def stranger(path: str) -> Finding:
    return Finding(
        "rendered/stranger",
        f"{path} was not rendered by Covey, but Argo CD will apply it with the rest.",
        path,
        hint="Move it out of rendered/: only what the specs ask for may run.",
    )


def over_limits(files: Sequence[RenderedFile], sizes: Mapping[str, int]) -> Iterator[Finding]:
    """Objects and folders that are too large; `sizes` are the bytes of all files that are to be there."""
    for file in files:
        yield from limit_findings(Document(file.path, 0, file.value, file.text))
    folders: dict[str, int] = defaultdict(int)
    for path, size in sizes.items():
        folders[folder_of(path)] += size
    for folder, size in folders.items():
        if size > MOST_FOLDER_BYTES:
            yield Finding(
                "limit/folder-size",
                f"{folder} has {size:,} bytes of manifests; Argo CD takes {MOST_FOLDER_BYTES:,} in one application.",
                min(path for path in sizes if folder_of(path) == folder),
                hint="Split the fleet: fewer namespaces, or shorter lists of grants, in one repository.",
            )


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]
