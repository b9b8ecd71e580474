"""Who a certificate is for, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

from covey_transport.errors import BadStartError

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """What a certificate says of its holder; it is proof only after a handshake."""

    uri: str
    server_names: tuple[str, ...]
    serial: int
    not_before: datetime
    not_after: datetime


def read_holder(pem: bytes) -> Holder:
    """The first certificate of `pem`; exactly one URI must stand in it."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise BadStartError("This is no certificate with a subject alternative name in PEM.") from error
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise BadStartError(f"A certificate must name one identity, but this one names {len(uris)}.")
    return Holder(
        uri=uris[0],
        server_names=tuple(names.get_values_for_type(x509.DNSName)),
        serial=certificate.serial_number,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
