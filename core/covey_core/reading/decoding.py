"""Bytes to text: UTF-8, of a reasonable size, and YAML at all."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from covey_core.findings import Finding, Position

from .limits import MEBIBYTE
from .lines import Lines

if TYPE_CHECKING:
    from .limits import Limits

_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"\0\0\0")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LFS_POINTER = "version https://git-lfs"
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)


def decode(source: str, data: bytes, limits: Limits) -> tuple[str, Finding | None]:
    """The text, without its byte order mark, or why the file is refused before any parsing."""
    if len(data) > limits.size:
        size = f"The file has {len(data) / MEBIBYTE:.1f} MiB; at most {limits.size // MEBIBYTE} MiB are read."
        return "", Finding("yaml/too-large", size, source, hint="Split the file.")
    if wide := _wide(data):
        message = f"The file is encoded in {wide}, and not in UTF-8."
        return "", Finding("yaml/encoding", message, source, hint="Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", _not_utf8(source, error)
    if text.count("\n---") > limits.documents:
        message = f"The file is cut into more than {limits.documents:,} documents."
        return "", Finding("yaml/too-many-documents", message, source, hint="Split the file.")
    return text, _not_yaml(source, text)


def _wide(data: bytes) -> str:
    if data.startswith(_UTF_32) or data[1:4] == b"\0\0\0":
        return "UTF-32"
    if data.startswith(_UTF_16) or (len(data) > 1 and len(data) % 2 == 0 and 0 in data[:2] and data[:2] != b"\0\0"):
        return "UTF-16"
    return ""


def _not_utf8(source: str, error: UnicodeDecodeError) -> Finding:
    before = error.object[: error.start].decode("utf-8", "replace")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    byte = error.object[error.start]
    message = f"The byte 0x{byte:02X} is not UTF-8."
    return Finding("yaml/encoding", message, source, Position(line, column), hint="Save the file as UTF-8.")


def _not_yaml(source: str, text: str) -> Finding | None:
    if text.startswith(_LFS_POINTER):
        message = "The file is a Git LFS pointer, and not the file itself."
        return Finding("yaml/lfs-pointer", message, source, hint="Run `git lfs pull`, or keep this file out of LFS.")
    if ("<<<<<<<" in text or ">>>>>>>" in text) and (match := _CONFLICT.search(text)):
        message = "The file holds a merge conflict that nobody has resolved."
        position = Lines(text).at(match.start())
        return Finding("yaml/conflict-marker", message, source, position, hint="Resolve the conflict, then commit.")
    return None
