"""Certificates: who they are for, what they may do, and how they lie on disk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from covey_transport.errors import BadStartError
from covey_transport.identity.authority import Usage, issue, make_authority
from covey_transport.identity.folder import write_authorities, write_folder, write_identity
from covey_transport.identity.reading import read_holder

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URI = "spiffe://covey.test/cluster/site-1"


@pytest.fixture(scope="module")
def authority():
    return make_authority("test", now=NOW, seconds=3600)


def test_a_leaf_says_who_until_when_and_under_which_names(authority) -> None:
    pair = issue(authority, URI, usage=Usage.SERVER, now=NOW, seconds=60, server_names=("a.test", "b.test"))
    holder = read_holder(pair.certificate)
    assert (holder.uri, holder.server_names) == (URI, ("a.test", "b.test"))
    assert (holder.not_before, holder.not_after) == (NOW, NOW + timedelta(seconds=60))


def test_serials_and_keys_are_never_the_same(authority) -> None:
    pairs = [issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60) for _ in range(3)]
    assert len({read_holder(pair.certificate).serial for pair in pairs}) == 3
    assert len({pair.key for pair in pairs}) == 3


def test_a_leaf_is_for_one_purpose_and_no_authority(authority) -> None:
    pair = issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60)
    leaf = x509.load_pem_x509_certificate(pair.certificate)
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [Usage.CLIENT.value]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)
    leaf.verify_directly_issued_by(authority.certificate)


def test_an_authority_may_only_sign_leaves(authority) -> None:
    constraints = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_neither_key_shows_in_a_traceback(authority) -> None:
    pair = issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60)
    assert "PRIVATE" not in repr(pair)
    assert "key" not in repr(authority).replace("Authority", "")


def test_a_long_identity_still_gets_a_certificate(authority) -> None:
    uri = "spiffe://covey.test/cluster/" + "c" * 200
    assert read_holder(issue(authority, uri, usage=Usage.CLIENT, now=NOW, seconds=60).certificate).uri == uri


@pytest.mark.parametrize(
    ("pem", "why"), [(b"", "no certificate"), (b"-----BEGIN CERTIFICATE-----\nx\n", "no certificate")]
)
def test_what_is_no_certificate_is_said_to_be_none(pem, why) -> None:
    with pytest.raises(BadStartError, match=why):
        read_holder(pem)


def test_an_authoritys_certificate_names_nobody(authority) -> None:
    with pytest.raises(BadStartError, match="no certificate with a subject alternative name"):
        read_holder(authority.pem)


def test_a_folder_looks_like_a_secrets_volume_and_is_private(authority, tmp_path) -> None:
    folder = tmp_path / "tls"
    pair = issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60)
    write_identity(folder, pair, authorities=(authority.pem, authority.pem))
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith("..")) == [
        "ca.crt",
        "tls.crt",
        "tls.key",
    ]
    assert (folder / "tls.key").readlink().as_posix() == "..data/tls.key"
    assert (folder / "ca.crt").read_bytes() == authority.pem * 2
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*") if path.is_file()} == {0o600}


def test_a_renewal_is_one_swap_and_leaves_nothing_old(authority, tmp_path) -> None:
    folder = tmp_path / "tls"
    pairs = [issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60) for _ in range(2)]
    write_identity(folder, pairs[0], authorities=(authority.pem,))
    (folder / "..killed").mkdir()
    write_identity(folder, pairs[1], authorities=(authority.pem,))
    assert (folder / "tls.crt").read_bytes() == pairs[1].certificate
    assert len([path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]) == 1


def test_only_the_authorities_change(authority, tmp_path) -> None:
    folder = tmp_path / "tls"
    pair = issue(authority, URI, usage=Usage.CLIENT, now=NOW, seconds=60)
    write_identity(folder, pair, authorities=(authority.pem,))
    write_authorities(folder, (b"other",))
    assert ((folder / "tls.key").read_bytes(), (folder / "ca.crt").read_bytes()) == (pair.key, b"other")


def test_a_file_that_is_no_longer_given_goes(tmp_path) -> None:
    write_folder(tmp_path, {"a": b"1", "b": b"2"})
    write_folder(tmp_path, {"a": b"3"})
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["a"]
