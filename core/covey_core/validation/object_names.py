"""The names that Kubernetes takes: most kinds want a DNS subdomain, some less, some more."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .problems import Problem
from .wording import clean, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .problems import Path


@dataclass(frozen=True, slots=True)
class NameForm:
    """One syntax of names, with the words that describe it."""

    pattern: re.Pattern[str]
    longest: int
    words: str

    def matches(self, name: str) -> bool:
        return len(name) <= self.longest and self.pattern.match(name) is not None


DNS_LABEL: Final = NameForm(
    re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z"),
    63,
    "be at most 63 small letters, digits or `-`, and begin and end with a letter or digit",
)
SERVICE_LABEL: Final = NameForm(
    re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z"),
    63,
    "be at most 63 small letters, digits or `-`, begin with a letter and end with a letter or digit",
)
DNS_SUBDOMAIN: Final = NameForm(
    re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z"),
    253,
    "be at most 253 small letters, digits, `-` or `.`, and begin and end with a letter or digit",
)
PATH_SEGMENT: Final = NameForm(
    re.compile(r"(?!\.{1,2}\Z)[^/%]+\Z"),
    sys.maxsize,  # Kubernetes names no limit for these
    "have no `/` and no `%`, and be neither `.` nor `..`",
)

_RBAC = "rbac.authorization.k8s.io"
_FORMS: Final[dict[tuple[str, str], NameForm]] = {
    ("", "Namespace"): DNS_LABEL,
    ("", "Service"): SERVICE_LABEL,
    ("cluster.open-cluster-management.io", "ManagedCluster"): DNS_LABEL,
    ("certificates.k8s.io", "ClusterTrustBundle"): PATH_SEGMENT,
    (_RBAC, "Role"): PATH_SEGMENT,
    (_RBAC, "ClusterRole"): PATH_SEGMENT,
    (_RBAC, "RoleBinding"): PATH_SEGMENT,
    (_RBAC, "ClusterRoleBinding"): PATH_SEGMENT,
}


def form_of(group: str, kind: str) -> NameForm:
    return _FORMS.get((group, kind), DNS_SUBDOMAIN)


def check_name(name: str, path: Path, *, group: str, kind: str, prefix: bool = False) -> Iterator[Problem]:
    """The problem of a name, or of a `generateName`, to which Kubernetes will add letters."""
    field = "generateName" if prefix else "name"
    form = form_of(group, kind)
    tried = re.sub(r"[-.]+\Z", "", name) + "x" if prefix else name
    if form.matches(tried):
        return
    too_long = f": it has {len(name)} characters, {form.longest} are allowed" if len(tried) > form.longest else ""
    message = f"The {clean(kind)} can't have the {field} {shown(name)}{too_long}."
    yield Problem("k8s/name", path, message, hint=f"It must {form.words}.")
