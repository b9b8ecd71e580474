"""A key pair and its authorities on disk, laid out as the kubelet lays out a Secret's volume.

`tls.crt` is a link to `..data/tls.crt`, and `..data` a link to a folder of this version: one rename changes all files
at once, so that Envoy never reads a key that does not fit its certificate.
"""

from __future__ import annotations

import secrets
import shutil
from typing import TYPE_CHECKING

from covey_transport.files import make_folder, write_new
from covey_transport.layout import AUTHORITIES, CERTIFICATE, KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covey_transport.identity.authority import KeyPair

_DATA = "..data"


def write_identity(folder: Path, pair: KeyPair, *, authorities: tuple[bytes, ...]) -> None:
    """Writes, or replaces in one step, what one side needs for mutual TLS."""
    bundle = b"".join(authorities)
    write_folder(folder, {CERTIFICATE: pair.certificate, KEY: pair.key, AUTHORITIES: bundle})


def write_authorities(folder: Path, authorities: tuple[bytes, ...]) -> None:
    """Replaces whom this side trusts; its own certificate and key stay."""
    kept = {name: (folder / name).read_bytes() for name in (CERTIFICATE, KEY)}
    write_folder(folder, {**kept, AUTHORITIES: b"".join(authorities)})


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """All of `files`, seen at once; files of an earlier version that are not among them go."""
    make_folder(folder)
    version = folder / f"..{secrets.token_hex(8)}"
    make_folder(version)
    for name, data in files.items():
        write_new(version / name, data)
    swap = folder / f"{_DATA}_tmp"
    swap.unlink(missing_ok=True)
    swap.symlink_to(version.name)
    swap.replace(folder / _DATA)
    _link(folder, set(files))
    _remove_others(folder, keep=version.name)


def _remove_others(folder: Path, *, keep: str) -> None:
    """Earlier versions, and what a writer that was killed left behind."""
    for path in folder.glob("..*"):
        if path.is_dir() and not path.is_symlink() and path.name != keep:
            shutil.rmtree(path, ignore_errors=True)


def _link(folder: Path, names: set[str]) -> None:
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"{_DATA}/{name}")
    for path in folder.iterdir():
        if path.is_symlink() and not path.name.startswith("..") and path.name not in names:
            path.unlink()
