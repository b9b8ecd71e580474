"""A work's executor: what it may not do itself on the spoke, the agent does not do for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from controlplane.ocm.api import Object, Refused
from controlplane.ocm.standin.work_kinds import group_of

if TYPE_CHECKING:
    from controlplane.ocm.api import Api
    from controlplane.rest import Kind

AGAIN = 60.0
_VERBS = ("create", "update", "patch", "get")
_RBAC = "rbac.authorization.k8s.io"
_EXISTS, _FORBIDDEN = 409, 403


class NotAllowedError(Exception):
    """Asked again after a minute, without a back-off."""

    def __init__(self, said: str) -> None:
        super().__init__(f"{said}, will try again in 1m0s")


def check(spoke: Api, executor: Object | None, kind: Kind, manifest: Object, *, owned: bool) -> None:
    """Raises NotAllowedError. An object that the work owns must be the executor's to delete, too."""
    if not executor:
        return
    subject = executor["subject"]
    account = subject.get("serviceAccount")
    if subject["type"] != "ServiceAccount" or not account:
        raise ValueError("the executor service account is nil")
    where = manifest["metadata"].get("namespace", "") if kind.namespaced else ""
    name = manifest["metadata"]["name"]
    group = group_of(kind.group_version)
    what = f"not allowed to apply the resource {group} {kind.plural}, {where} {name}"
    for verb in (*_VERBS, "delete") if owned else _VERBS:
        asked = {"verb": verb, "group": group, "resource": kind.plural, "namespace": where, "name": name}
        if not _may(spoke, account, {**asked, "version": kind.group_version.rpartition("/")[2]}):
            raise NotAllowedError(what)
    if group == _RBAC:
        _check_escalation(spoke, account, kind, manifest, what)


def _may(spoke: Api, account: Object, asked: Object) -> bool:
    groups = ["system:serviceaccounts", "system:authenticated", f"system:serviceaccounts:{account['namespace']}"]
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"resourceAttributes": asked, "user": _user(account), "groups": groups},
    }
    answer = spoke.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    return bool(answer["status"]["allowed"])


def _check_escalation(spoke: Api, account: Object, kind: Kind, manifest: Object, what: str) -> None:
    """The API server alone knows whether a role gives more than its writer has."""
    try:
        spoke.ask(
            "POST",
            kind.collection({"namespace": "", **manifest["metadata"]}),
            manifest,
            params={"dryRun": "All"},
            actor=_user(account),
        )
    except Refused as refused:
        if refused.code == _FORBIDDEN:
            raise NotAllowedError(f"{what}, error: permission escalation") from refused
        if refused.code != _EXISTS:
            raise


def _user(account: Object) -> str:
    return f"system:serviceaccount:{account['namespace']}:{account['name']}"
