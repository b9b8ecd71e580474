"""How a registration agent gets a certificate and keeps it fresh: key, CSR on the hub, Secret on the spoke."""

from __future__ import annotations

import random
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controlplane.ocm.api import Refused
from controlplane.ocm.kinds import CSR, SECRET
from controlplane.ocm.standin import work_conditions as conditions
from controlplane.pki import key_pem

if TYPE_CHECKING:
    from collections.abc import Callable

    from controlplane.ocm.api import Api, Object

_USAGES = ["digital signature", "key encipherment", "client auth"]
_CAP = 10
_ROTATED = "ClusterCertificateRotated"


@dataclass(frozen=True)
class Subject:
    name: str
    groups: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def is_of(self, certificate: x509.Certificate) -> bool:
        found = (_values(certificate, one) for one in (NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME))
        names = _values(certificate, NameOID.COMMON_NAME)
        return names == {self.name} and list(found) == [set(self.groups), set(self.units)]


@dataclass(frozen=True)
class Wanted:
    """A certificate that is to be in a Secret; `more` goes beside it there."""

    prefix: str
    labels: tuple[tuple[str, str], ...]
    subject: Subject
    signer: str
    namespace: str
    secret: str
    more: tuple[tuple[str, bytes], ...] = ()
    dns: str = ""


@dataclass
class Certificate:
    """`step` does what can be done now, and is called again when a CSR or the Secret has changed."""

    hub: Api
    spoke: Api
    wanted: Wanted
    report: Callable[[Object], None]
    _request: str = ""
    _key: bytes = b""
    _unsaved: dict[str, str] = field(default_factory=dict)
    _threshold: float = field(default_factory=lambda: random.uniform(0.2, 0.25))  # noqa: S311 - spreads renewals

    def step(self) -> bool:
        """Whether a certificate was written."""
        if not self._unsaved and not self._issued():
            return False
        self._save()
        return True

    def is_fresh(self) -> bool:
        return not self._is_needed(self.spoke.get(SECRET, self.wanted.secret, self.wanted.namespace))

    def _issued(self) -> bool:
        if self._request:
            return self._collect()
        if self.is_fresh():
            return False
        labels = ",".join(f"{name}={value}" for name, value in self.wanted.labels)
        if len(self.hub.list(CSR, labels=labels)) >= _CAP:  # whoever has made them
            self._failed("Stop creating csr since there are too many csr created already on hub")
            return False
        self._ask()
        return False

    def _is_needed(self, secret: Object | None) -> bool:
        data = {name: b64decode(value) for name, value in ((secret or {}).get("data") or {}).items()}
        try:
            certificates = x509.load_pem_x509_certificates(data.get("tls.crt", b""))
        except ValueError:
            return True
        now = datetime.now(UTC)
        if any(one.not_valid_after_utc < now for one in certificates):
            return True
        if not any(self.wanted.subject.is_of(one) for one in certificates):
            return True
        if any(data.get(name) != value for name, value in self.wanted.more):
            return True
        first, last = certificates[0].not_valid_before_utc, certificates[0].not_valid_after_utc
        return (last - now) / (last - first) <= self._threshold

    def _ask(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        wanted = self.wanted
        builder = x509.CertificateSigningRequestBuilder().subject_name(_name(wanted.subject))
        if wanted.dns:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(wanted.dns)]), critical=False)
        request = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        spec = {"signerName": wanted.signer, "usages": _USAGES, "request": b64encode(request).decode()}
        metadata = {"generateName": wanted.prefix, "labels": dict(wanted.labels)}
        try:
            made = self.hub.create(CSR, {"metadata": metadata, "spec": spec})
        except Refused as refused:
            self._failed(f"Failed to create CSR {refused}")
            raise
        self._request, self._key = made["metadata"]["name"], key_pem(key)

    def _collect(self) -> bool:
        one = self.hub.get(CSR, self._request)
        if one is None:
            self._request = ""
            self._failed("Failed to rotated client certificate: the request is gone")
            return False
        issued = one.get("status", {}).get("certificate", "")
        if issued and conditions.is_true(conditions.of(one), "Approved"):
            self._unsaved = {"tls.crt": issued, "tls.key": b64encode(self._key).decode()}
            self._request = ""
        return bool(self._unsaved)

    def _save(self) -> None:
        wanted = self.wanted
        more = {name: b64encode(value).decode() for name, value in wanted.more}
        data = self._unsaved | more
        if self.spoke.get(SECRET, wanted.secret, wanted.namespace):
            self.spoke.patch(SECRET, wanted.secret, {"data": data}, namespace=wanted.namespace)
        else:
            metadata = {"name": wanted.secret, "namespace": wanted.namespace}
            self.spoke.create(SECRET, {"metadata": metadata, "data": data, "type": "Opaque"})
        certificate = x509.load_pem_x509_certificate(b64decode(self._unsaved["tls.crt"]))
        self._unsaved = {}
        first, last = (_as_go(one) for one in (certificate.not_valid_before_utc, certificate.not_valid_after_utc))
        message = f"client certificate rotated starting from {first} to {last}"
        self.report(conditions.condition(_ROTATED, status=True, reason="ClientCertificateUpdated", message=message))

    def _failed(self, message: str) -> None:
        reason = "ClientCertificateUpdateFailed"
        self.report(conditions.condition(_ROTATED, status=False, reason=reason, message=message))


def _values(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> set[str]:
    return {str(one.value) for one in certificate.subject.get_attributes_for_oid(kind)}


def _name(subject: Subject) -> x509.Name:
    """As Go writes it: all values of one kind in one part."""
    given = [
        (NameOID.ORGANIZATION_NAME, subject.groups),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.units),
        (NameOID.COMMON_NAME, (subject.name,)),
    ]
    parts = [[x509.NameAttribute(kind, one, _validate=False) for one in values] for kind, values in given if values]
    return x509.Name([x509.RelativeDistinguishedName(part) for part in parts])


def _as_go(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC")
