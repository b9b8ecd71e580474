"""Digests on rendered objects, so that a hand edit and an unchanged input show without rendering again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.manifests import digest_bytes, to_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covey_core.manifests import Manifest

_OBJECT_LINE = re.compile(rf"^    {re.escape(names.ANNOTATION_OBJECT)}: (sha256:[0-9a-f]{{64}})\n", re.MULTILINE)
_INPUTS_LINE = re.compile(rf"^    {re.escape(names.ANNOTATION_INPUTS)}: (sha256:[0-9a-f]{{64}})\n", re.MULTILINE)
_FILES_LINE = re.compile(rf"^    {re.escape(names.ANNOTATION_FILES)}: (sha256:[0-9a-f]{{64}})\n", re.MULTILINE)
_BLANK = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file to be; `path` is posix and relative to the repository's root, `value` the object that `text` holds."""

    path: str
    text: str
    value: Manifest = field(repr=False, hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Objects that share their inputs, and so stay or change together.

    `inputs` is their digest, `lead` the path of the file that also vouches for the others; `build` renders them all.
    """

    inputs: str
    lead: str
    build: Callable[[], tuple[RenderedFile, ...]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a rendered text says of itself; empty where it says nothing. `ours` is false for a stranger's file."""

    inputs: str
    files: str
    ours: bool
    intact: bool


def stamped(
    folder: str,
    lead: Manifest,
    others: Iterable[Manifest] = (),
    *,
    inputs: str,
    version: str,
) -> tuple[RenderedFile, ...]:
    """The files of one group of objects that share their inputs.

    `lead` also carries the digest of the names of all files of the group, so that a missing one shows.
    """
    objects = [lead, *others]
    paths = [f"{folder}/{file_name(one)}" for one in objects]
    lead["metadata"]["annotations"][names.ANNOTATION_FILES] = files_digest(paths)
    return tuple(RenderedFile(path, _text(one, inputs, version), one) for path, one in zip(paths, objects, strict=True))


def files_digest(paths: Iterable[str]) -> str:
    return digest_bytes("\n".join(sorted(paths)).encode())


def file_name(manifest: Manifest) -> str:
    """`<kind>-<name>.yaml` in a job's folder; in the fleet's, which is flat, the namespace comes before the name.

    No name of ours that stands beside a namespace holds a dot, so two objects never share a file.
    """
    kind, metadata = manifest["kind"].lower(), manifest["metadata"]
    in_job = names.LABEL_JOB in metadata["labels"]
    namespace = "" if in_job or "namespace" not in metadata else metadata["namespace"] + "."
    return f"{kind}-{namespace}{metadata['name']}.yaml"


def read_stamp(text: str) -> Stamp:
    """What `text` says of itself, and whether its own digest still fits it."""
    head = text[: text.find("\n  labels:") + 1]  # annotations come before labels, and thousands of files are looked at
    found = _OBJECT_LINE.search(head)
    if found is None:
        return Stamp("", "", ours=False, intact=False)
    intact = digest_bytes(text.replace(found.group(), "", 1).encode()) == found.group(1)
    return Stamp(_first(_INPUTS_LINE, head), _first(_FILES_LINE, head), ours=True, intact=intact)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


def _text(manifest: Manifest, inputs: str, version: str) -> str:
    annotations = manifest["metadata"]["annotations"]
    annotations[names.ANNOTATION_INPUTS] = inputs
    annotations[names.ANNOTATION_RENDERER] = f"covey/{version}"
    annotations[names.ANNOTATION_OBJECT] = _BLANK
    text = to_yaml(manifest)
    own = digest_bytes(_OBJECT_LINE.sub("", text, count=1).encode())
    annotations[names.ANNOTATION_OBJECT] = own
    return text.replace(_BLANK, own, 1)
