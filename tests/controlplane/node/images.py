"""Images as the tests have them: a name, and how to start what is in the image from this checkout."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[3]
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
_SETTINGS = ("ld.so.cache", "passwd", "group", "ssl", "alternatives", "localtime", "nsswitch.conf", "ca-certificates")


def own_folders() -> tuple[str, ...]:
    """This checkout, its Python, and the runtimes' environments."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "covey" / "runtimes"
    found = [ROOT, Path(sys.prefix), Path(sys.base_prefix), cache]
    return tuple(str(one) for one in found if one.is_dir())


def _path() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True)
class Image:
    """`entrypoint`, `env`, `user` and `folder` are what an image says of itself; `shown` is its file system, in which
    the folders of the machine have their own paths and can only be read."""

    entrypoint: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=_path)
    user: int = 65532
    folder: str = "/"
    shown: tuple[str, ...] = field(default_factory=own_folders)


def write(images: Mapping[str, Image], file: Path) -> None:
    file.write_text(json.dumps({name: asdict(image) for name, image in images.items()}))


def read(file: Path) -> dict[str, Image]:
    found = json.loads(file.read_text())
    return {
        name: Image(**{**one, "entrypoint": tuple(one["entrypoint"]), "shown": tuple(one["shown"])})
        for name, one in found.items()
    }


def links() -> dict[str, str]:
    """Top folders that are links into /usr."""
    return {name: os.readlink(name) for name in _SYSTEM if os.path.islink(name)}  # noqa: PTH114, PTH115 - as text


def mounts(image: Image) -> list[tuple[str, str]]:
    """From and to, of what every container sees of the machine."""
    system = [name for name in _SYSTEM if os.path.isdir(name) and not os.path.islink(name)]  # noqa: PTH112, PTH114
    settings = [f"/etc/{name}" for name in _SETTINGS if Path("/etc", name).exists()]
    shown = [one for one in image.shown if not any(_below(one, top) for top in system)]
    outer = [one for one in shown if not any(_below(one, other) and one != other for other in shown)]
    return [(one, one) for one in [*system, "/sys", *settings, *dict.fromkeys(outer)]]


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
