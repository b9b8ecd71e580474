"""What Kubernetes asks of every object's apiVersion, kind and metadata, whatever its schema says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from covey_core.findings import Severity

from .object_names import DNS_LABEL, check_name
from .problems import Problem
from .wording import clean, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .problems import Path

_NAME_PART = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\Z")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\Z")
_KEY_HINT = "A key is at most 63 letters, digits, `-`, `_` or `.`, with a DNS name and a `/` before it if you like."
_VALUE_HINT = (
    "A label's value is at most 63 letters, digits, `-`, `_` or `.`, and begins and ends with a letter or digit."
)


def metadata_problems(
    value: dict[str, Any], path: Path, *, group: str, kind: str, namespaced: bool
) -> Iterator[Problem]:
    """The problems of `metadata`, beyond its types: those are in every kind's schema."""
    metadata = value.get("metadata")
    if not isinstance(metadata, dict):
        return
    where = (*path, "metadata")
    yield from _name(metadata, where, group=group, kind=kind)
    if metadata.get("namespace"):
        yield from _namespace(metadata["namespace"], (*where, "namespace"), kind=kind, namespaced=namespaced)
    yield from _labels(metadata.get("labels"), (*where, "labels"))
    yield from _annotations(metadata.get("annotations"), (*where, "annotations"))
    yield from _finalizers(metadata.get("finalizers"), (*where, "finalizers"))


def _name(metadata: dict[str, Any], where: Path, *, group: str, kind: str) -> Iterator[Problem]:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if isinstance(name, str):
        yield from check_name(name, (*where, "name"), group=group, kind=kind)
    elif name is None and isinstance(prefix, str):
        yield from check_name(prefix, (*where, "generateName"), group=group, kind=kind, prefix=True)
    elif name is None and prefix is None:
        message = f"The {clean(kind)} has no `metadata.name`."
        yield Problem("k8s/name", where, message, hint="Name it; what is synced from Git can't use `generateName`.")


def _namespace(namespace: Any, where: Path, *, kind: str, namespaced: bool) -> Iterator[Problem]:
    if not isinstance(namespace, str):
        return
    if not DNS_LABEL.matches(namespace):
        message = f"`metadata.namespace` {shown(namespace)} is no namespace's name."
        yield Problem("k8s/namespace", where, message, hint=f"It must {DNS_LABEL.words}.")
    elif not namespaced:
        message = f"The {clean(kind)} belongs to the whole cluster; its `metadata.namespace` means nothing."
        yield Problem("k8s/namespace", where, message, hint="Remove the namespace.", severity=Severity.WARNING)


def _labels(labels: Any, where: Path) -> Iterator[Problem]:
    if not isinstance(labels, dict):
        return
    for key, value in labels.items():
        if not is_qualified_name(key):
            message = f"{shown(key)} is no label key."
            yield Problem("k8s/label", (*where, key), message, hint=_KEY_HINT, at_key=True)
        if isinstance(value, str) and not is_label_value(value):
            message = f"The label `{clean(key)}` can't have the value {shown(value)}."
            yield Problem("k8s/label", (*where, key), message, hint=_VALUE_HINT)


def _annotations(annotations: Any, where: Path) -> Iterator[Problem]:
    if not isinstance(annotations, dict):
        return
    for key in annotations:
        if not is_qualified_name(key.lower()):
            message = f"{shown(key)} is no annotation key."
            yield Problem("k8s/annotation", (*where, key), message, hint=_KEY_HINT, at_key=True)


def _finalizers(finalizers: Any, where: Path) -> Iterator[Problem]:
    if not isinstance(finalizers, list):
        return
    for index, name in enumerate(finalizers):
        if isinstance(name, str) and not is_qualified_name(name):
            message = f"{shown(name)} is no finalizer's name."
            yield Problem("k8s/finalizer", (*where, index), message, hint=_KEY_HINT.replace("A key", "It", 1))


@lru_cache(maxsize=4096)
def is_qualified_name(key: str) -> bool:
    """The syntax of the keys of labels and annotations: a name, with a DNS subdomain and a slash before it or not."""
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _PREFIX.match(prefix)):  # noqa: PLR2004 - the length of a DNS name
        return False
    return _NAME_PART.match(name) is not None


@lru_cache(maxsize=4096)
def is_label_value(value: str) -> bool:
    return _LABEL_VALUE.match(value) is not None
