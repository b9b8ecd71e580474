"""The rendered tree at a commit and as it would be now, decoded for comparison."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from covey_core import names
from covey_core.diff import compare
from covey_core.reading import read

from .errors import UserError
from .git import literal
from .sources import rendered_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from covey_core.diff import Difference

    from .git import Git
    from .rendering import Plan

RENDERED = "rendered"
_FLEET = f"{RENDERED}/{names.FLEET_FOLDER}"


def difference(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Difference:
    """Equal files are decoded once, and only those that say whom a change concerns."""
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    if not changed:
        return compare({}, {})
    folders = {_FLEET, *map(posixpath.dirname, changed)}
    decoded: dict[bytes, Any] = {}
    sides = []
    for files in (before, after):
        needed = {path: data for path, data in files.items() if posixpath.dirname(path) in folders or _is_job(path)}
        for path, data in needed.items():
            if data not in decoded:
                decoded[data] = _decode(path, data)
        sides.append({path: decoded[data] for path, data in needed.items()})
    return compare(*sides)


def rendered_at(git: Git, revision: str, folders: Sequence[str] = (RENDERED,)) -> dict[str, bytes]:
    return {path: data for path, data in files_at(git, revision, folders).items() if path.endswith((".yaml", ".yml"))}


def rendered_now(root: Path, planned: Plan) -> dict[str, bytes]:
    """What rendering would leave on disk, without writing it."""
    files: dict[str, bytes] = {}
    for path, content in rendered_texts(root):
        if isinstance(content, UserError):
            raise content
        files[path] = content
    for path in planned.removals:
        files.pop(path, None)
    return files | {file.path: file.text.encode() for file in planned.writes}


def files_at(git: Git, revision: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The files below `paths` at a commit, relative to git's root, with their content."""
    blobs: dict[str, str] = {}
    for entry in git.run("ls-tree", "-r", "-z", revision, "--", *paths).items:
        words, _, path = entry.partition("\t")
        mode, _, name = words.split(" ")
        if mode.startswith("100"):
            blobs[path] = name
    contents = _blobs(git, set(blobs.values()))
    return {path: contents[name] for path, name in blobs.items()}


def changed_files(git: Git, before: str, after: str | None, paths: Sequence[str]) -> dict[str, str]:
    """Path to `A`, `M`, `D` or another letter of git's; without `after` the work tree, new files included."""
    revisions = [before] if after is None else [before, after]
    options = ("--no-renames", "--relative", "--name-status", "-z")
    words = git.run("diff", *options, *revisions, "--", *map(literal, paths)).items
    changes = dict(zip(words[1::2], words[::2], strict=True))
    if after is None:
        listed = git.run("ls-files", "--others", "--exclude-standard", "-z", "--", *map(literal, paths)).items
        changes |= dict.fromkeys(listed, "A")
    return dict(sorted(changes.items()))


def _blobs(git: Git, wanted: Iterable[str]) -> dict[str, bytes]:
    ordered = sorted(wanted)
    data = git.run("cat-file", "--batch", stdin="".join(name + "\n" for name in ordered).encode()).out
    contents: dict[str, bytes] = {}
    at = 0
    for name in ordered:
        start = data.index(b"\n", at) + 1
        size = int(data[at:start].split(b" ")[2])
        contents[name] = data[start : start + size]
        at = start + size + 1
    return contents


def _is_job(path: str) -> bool:
    return posixpath.basename(path).startswith("federatedlearning-")


def _decode(path: str, data: bytes) -> Any:
    """The object in the file; what can't be read is compared as text."""
    documents = read(path, data, strict=False).documents
    return documents[0].value if len(documents) == 1 else data.decode("utf-8", "replace")
