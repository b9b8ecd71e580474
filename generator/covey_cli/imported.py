"""Schemas that `covey schema import` has read from CRDs: one small file for each version of a kind, kept in Git.

schemas/<group>/<version>/<Kind>.json     a CustomResourceDefinition cut down to that version
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_schemas.catalog import KindName, KindSchema, from_crds
from covey_schemas.model import LazyCatalog

from .errors import UserError
from .files import Change, read_bytes, write_files
from .options import find_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covey_schemas.catalog import Catalog
    from covey_schemas.model import Make

FOLDER: Final = "schemas"
_MOST_BYTES: Final = 16 * 1024 * 1024
_ORIGIN: Final = "covey.dev/imported-from"


def catalog(folder: Path) -> Catalog:
    """The imported kinds; a file is read when its kind is first needed."""
    return LazyCatalog(partial(_makers, folder))


def _makers(folder: Path) -> Mapping[KindName, Make]:
    paths = sorted(folder.glob("*/*/*.json"))
    return {(name := _name(path)): partial(_read, path, name) for path in paths}


def _name(path: Path) -> KindName:
    return KindName(path.parts[-3], path.parts[-2], path.stem)


def _read(path: Path, name: KindName) -> KindSchema:
    hint = "Import it again with `covey schema import`, or remove the file."
    try:
        crd = json.loads(read_bytes(path, _MOST_BYTES))
        origin = crd.get("metadata", {}).get("annotations", {}).get(_ORIGIN, path.name)
        found = from_crds([crd], f"imported from {origin}").find(name)
    except (ValueError, AttributeError, RecursionError) as error:
        raise UserError(f"The imported schema {path} can't be used: {_sentence(error)}", hint=hint) from None
    if found is None:
        raise UserError(f"The imported schema {path} is of another kind than its path says.", hint=hint)
    return found


def folder_for_reading(given: Path | None) -> Path | None:
    """The folder that was named, or the fleet repo's own, if there is one."""
    if given is not None:
        return given
    try:
        own = find_root(Path.cwd()) / FOLDER
    except UserError:
        return None
    return own if own.is_dir() else None


def folder_for_writing(given: Path | None) -> Path:
    return given if given is not None else find_root(Path.cwd()) / FOLDER


def write(folder: Path, schemas: Mapping[str, str]) -> None:
    """All of the files, or none of them."""
    folder.mkdir(parents=True, exist_ok=True)
    root = folder.absolute().parent  # locks and half-written files stay beside the schemas, not among them
    write_files(root, [Change(f"{folder.name}/{path}", text.encode()) for path, text in schemas.items()])


def cut(crd: Mapping[str, Any], origin: str) -> Iterator[tuple[str, str]]:
    """The path and the text of each served version of a CRD that `from_crds` has accepted."""
    spec = crd["spec"]
    for version in spec["versions"]:
        if version["served"]:
            kept = {key: version[key] for key in ("name", "served", "storage", "schema") if key in version}
            small = {
                "apiVersion": crd["apiVersion"],
                "kind": crd["kind"],
                "metadata": {"name": crd["metadata"]["name"], "annotations": {_ORIGIN: origin}},
                "spec": {
                    "group": spec["group"],
                    "names": spec["names"],
                    "scope": spec["scope"],
                    "versions": [kept],
                },
            }
            path = f"{spec['group']}/{version['name']}/{spec['names']['kind']}.json"
            yield path, json.dumps(small, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".") or "it is nested too deeply"
    return text + "."
