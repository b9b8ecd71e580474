"""Between v1alpha1 and v1beta1 of OCM's add-on kinds, as far as they differ in what Covey uses."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from controlplane.ocm.kinds import ADDONS
from controlplane.ocm.standin.registration_approval import SIGNER

if TYPE_CHECKING:
    from controlplane.ocm.api import Object

_NAMESPACE = f"{ADDONS}/v1alpha1-install-namespace"
_NONE = "__reserved_no_default__"  # OCM's word for a kind of configuration that has no default
_BETA = f"{ADDONS}/v1beta1"


def convert(asked: Object) -> Object:
    """A ConversionReview with its answer."""
    request = asked["request"]
    wanted = request["desiredAPIVersion"]
    objects = [_converted(one, wanted) for one in request["objects"]]
    response = {"uid": request["uid"], "convertedObjects": objects, "result": {"status": "Success"}}
    return {"apiVersion": asked["apiVersion"], "kind": asked["kind"], "response": response}


def _converted(one: Object, wanted: str) -> Object:
    new = copy.deepcopy(one)
    new["apiVersion"] = wanted
    if one["apiVersion"] == wanted:
        return new
    change = {
        ("ManagedClusterAddOn", True): _addon_to_beta,
        ("ManagedClusterAddOn", False): _addon_to_alpha,
        ("ClusterManagementAddOn", True): _all_to_beta,
        ("ClusterManagementAddOn", False): _all_to_alpha,
    }
    change[one["kind"], wanted == _BETA](new)
    return new


def _addon_to_beta(new: Object) -> None:
    namespace = (new.get("spec") or {}).pop("installNamespace", None)
    if namespace:
        new["metadata"].setdefault("annotations", {})[_NAMESPACE] = namespace
    status = new.get("status") or {}
    driver = status.pop("kubeClientDriver", None)
    for index, one in enumerate(status.get("registrations") or []):
        subject = one.get("subject") or {}
        if one["signerName"] == SIGNER:
            client = {"subject": {key: subject[key] for key in ("user", "groups") if key in subject}}
            client |= {"driver": driver} if driver else {}
            status["registrations"][index] = {"type": "kubeClient", "kubeClient": client}
        else:
            signer = {"signerName": one["signerName"], "subject": subject}
            status["registrations"][index] = {"type": "customSigner", "customSigner": signer}


def _addon_to_alpha(new: Object) -> None:
    namespace = (new["metadata"].get("annotations") or {}).pop(_NAMESPACE, None)
    if namespace:
        new.setdefault("spec", {})["installNamespace"] = namespace
    status = new.get("status") or {}
    for index, one in enumerate(status.get("registrations") or []):
        known = one.get("kubeClient" if one["type"] == "kubeClient" else "customSigner") or {}
        signer = SIGNER if one["type"] == "kubeClient" else known.get("signerName", "")
        status["registrations"][index] = {"signerName": signer, "subject": known.get("subject") or {}}
        if known.get("driver"):
            status["kubeClientDriver"] = known["driver"]


def _all_to_beta(new: Object) -> None:
    configs = (new.get("spec") or {}).pop("supportedConfigs", None)
    if configs is not None:
        new["spec"]["defaultConfigs"] = [_default(one) for one in configs]


def _all_to_alpha(new: Object) -> None:
    configs = (new.get("spec") or {}).pop("defaultConfigs", None)
    if configs is not None:
        new["spec"]["supportedConfigs"] = [_supported(one) for one in configs]


def _default(one: Object) -> Object:
    known = {key: one[key] for key in ("group", "resource") if key in one}
    return known | (one.get("defaultConfig") or {"name": _NONE})


def _supported(one: Object) -> Object:
    known = {key: one[key] for key in ("group", "resource") if key in one}
    named = {key: one[key] for key in ("namespace", "name") if one.get(key)}
    return known if named.get("name") in {None, _NONE} else known | {"defaultConfig": named}
