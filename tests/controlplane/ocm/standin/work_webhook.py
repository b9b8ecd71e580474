"""OCM's admission of ManifestWorks on the hub: their size, their names, and who may name an executor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controlplane.ocm.api import Api, Object

_LIMIT = 500 * 1024  # bytes of all manifests together
_SEVEN_BITS = 7


def refusal(hub: Api, request: Object) -> str | None:
    """Why the request of an AdmissionReview is refused; None when it is not."""
    work, old = request["object"], request.get("oldObject") or None
    manifests = work["spec"].get("workload", {}).get("manifests") or []
    problem = _problem(manifests)
    if problem:
        return problem
    executor = work["spec"].get("executor")
    if not executor or (old and old["spec"].get("executor") == executor):
        return None
    return _executor_problem(hub, work, executor, request["userInfo"])


def _problem(manifests: list[Object]) -> str | None:
    if not manifests:
        return "manifests should not be empty"
    size = sum(_size(one) for one in manifests)
    if size > _LIMIT:
        return f"the size of manifests is {size} bytes which exceeds the {_LIMIT} limit"
    return next(filter(None, map(_form_problem, manifests)), None) or _twice(manifests)


def _form_problem(one: Object) -> str | None:
    metadata = one.get("metadata") or {}
    if not one.get("kind"):
        return f"Object 'Kind' is missing in '{_text(one)}'"
    if not metadata.get("name"):
        return "name must be set in manifest"
    return "generateName must not be set in manifest" if metadata.get("generateName") else None


def _twice(manifests: list[Object]) -> str | None:
    seen = set()
    for one in manifests:
        version, kind, metadata = one.get("apiVersion", ""), one["kind"], one["metadata"]
        key = (version, kind, metadata.get("namespace", ""), metadata["name"])
        if key in seen:
            return f"duplicate manifest for resource {key[2]}/{key[3]} with resource type {version}.{kind}"
        seen.add(key)
    return None


def _executor_problem(hub: Api, work: Object, executor: Object, user: Object) -> str | None:
    """Whoever writes the work must be allowed to act as the executor."""
    subject = executor.get("subject", {})
    account = subject.get("serviceAccount")
    if not account:
        return "executor service account can not be nil"
    asked = {
        "group": "work.open-cluster-management.io",
        "resource": "manifestworks",
        "verb": "execute-as",
        "namespace": work["metadata"]["namespace"],
        "name": f"system:serviceaccount:{account['namespace']}:{account['name']}",
    }
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user["username"], "groups": user.get("groups", []), "resourceAttributes": asked},
    }
    answer = hub.ask("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
    if answer["status"]["allowed"]:
        return None
    where = f"{account['namespace']}/{account['name']} in namespace {work['metadata']['namespace']}"
    return f"user {user['username']} cannot manipulate the Manifestwork with executor {where}"


def _size(manifest: Object) -> int:
    """As protobuf: a mark, the length, the JSON."""
    length = len(_text(manifest).encode())
    return 1 + max(1, -(-length.bit_length() // _SEVEN_BITS)) + length


def _text(manifest: Object) -> str:
    return json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
