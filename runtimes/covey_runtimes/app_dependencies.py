"""What an app says that it needs, and whether an environment has it: read from files, without starting anything."""

from __future__ import annotations

import importlib
import re
import tomllib
from typing import TYPE_CHECKING

from covey_runtimes import registry
from covey_runtimes.installing import NoEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.metadata import Distribution
    from pathlib import Path

    from packaging.requirements import Requirement

_PIN = re.compile(r"^(?P<pin>[A-Za-z0-9][^\s;]*==[^\s;]+(?:\s*;\s*[^\\]+)?)", re.MULTILINE)
_INCLUDED = re.compile(r"^(?:-r|--requirement)[\s=]+(?P<file>\S+)$")
# A path, plain, editable or as a URL, or an archive; not a requirement, another option, or what comes from elsewhere.
_LOCAL = re.compile(r"^(?:(?:-e|--editable)[\s=]*)?(?:\.|/|file:|(?!-)[^\s;:@]*(?:/|\.whl|\.tar\.gz|\.zip))|@\s*file:")
# An engine that runs a whole federation in one process: the launchers never start it, and it is large.
_EXTRAS_NOT_USED = re.compile(r"\[\s*simulation\s*\]|\bsimulation\s*,\s*|,\s*simulation\b")


def read(runtime: str, app: Path) -> tuple[str, ...]:
    """The app's dependencies, one requirement each, from the file that its runtime names."""
    found = registry.module(runtime)
    name = getattr(importlib.import_module(found), "DEPENDENCIES", "pyproject.toml") if found else "pyproject.toml"
    file = app / name
    if not file.exists():
        return ()
    try:
        wanted = tuple(_of_project(file) if file.suffix == ".toml" else _of_list(file))
    except (OSError, ValueError, RecursionError) as error:
        raise NoEnvironmentError(f"The app's dependencies can't be read in {file}: {error}.") from error
    if local := [text for text in wanted if _LOCAL.search(text)]:
        said = f"{file} asks for {local[0]!r}, a path: once installed, its edits would go unnoticed"
        raise NoEnvironmentError(f"{said}. Put that package's folder into the app, where it is imported as it is.")
    return wanted


def _of_project(file: Path) -> Iterator[str]:
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    listed = project.get("dependencies", []) if isinstance(project, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ValueError("[project] dependencies must be a list of texts")
    for one in listed:
        yield _EXTRAS_NOT_USED.sub("", one.strip(), count=1)


def _of_list(file: Path) -> Iterator[str]:
    """Lines of a requirements.txt, with those of the files that it includes."""
    for line in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text = re.sub(r"(^|\s)#.*$", "", line).strip()
        if included := _INCLUDED.match(text):
            yield from _of_list(file.parent / included["file"])
        elif text:
            yield text


def pins(requirements: str) -> list[str]:
    """The pins of a requirements.txt without their hashes, which would be asked of everything else too."""
    return [found["pin"].strip() for found in _PIN.finditer(requirements)]


def satisfied(wanted: Sequence[str], packages: Path) -> bool:
    """Whether the distributions in a site-packages folder meet all requirements; what only pip understands does not."""
    from importlib.metadata import distributions  # noqa: PLC0415 - slow to import, and most apps need nothing more

    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - as above
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - as above

    held: dict[str, Distribution] = {canonicalize_name(one.name): one for one in distributions(path=[str(packages)])}
    try:
        return all(_met(Requirement(text), held) for text in wanted)
    except InvalidRequirement:
        return False


def _met(wanted: Requirement, held: Mapping[str, Distribution], extra: str = "") -> bool:
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - as above

    if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
        return True
    found = held.get(canonicalize_name(wanted.name))
    if found is None or wanted.url or not wanted.specifier.contains(found.version, prereleases=True):
        return False
    return all(_met(one, held, name) for name in wanted.extras for one in _of_extra(found, name))


def _of_extra(found: Distribution, extra: str) -> Iterator[Requirement]:
    from packaging.requirements import Requirement  # noqa: PLC0415 - as above

    for text in found.requires or ():
        one = Requirement(text)
        if one.marker and not one.marker.evaluate({"extra": ""}) and one.marker.evaluate({"extra": extra}):
            yield one
