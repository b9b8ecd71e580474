"""Secrets in specs: found by their look, and never repeated."""

from __future__ import annotations

import base64

import pytest

from covey_core.documents import Document
from covey_core.manifests import to_yaml
from covey_core.validation import Validator, secret_findings
from covey_schemas.catalog import bundled

WORD = "PRIVATE KEY"
SECRETS = [
    ("secret/private-key", f"-----BEGIN {WORD}-----\nMIIE\n-----END {WORD}-----"),
    ("secret/private-key", f"text before\n-----BEGIN OPENSSH {WORD}-----\nb3Bl"),
    ("secret/private-key", base64.b64encode(f"-----BEGIN {WORD}-----\nMIIE".encode()).decode()),
    ("secret/private-key", base64.b64encode(f"-----BEGIN RSA {WORD}-----\nMIIE".encode()).decode()),
    ("secret/private-key", base64.b64encode(f"-----BEGIN EC {WORD}-----\nMIIE".encode()).decode()),
    ("secret/kubeconfig", "users:\n- user:\n    client-key-data: LS0t"),
    ("secret/token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSIsImEiOjF9.c2lnbmF0dXJlLWhlcmU"),
    ("secret/token", "ghp_" + "a1B2" * 9),
    ("secret/token", "glpat-" + "a1B2c3D4e5" * 2),
    ("secret/token", "AKIA" + "ABCD1234" * 2),
    ("secret/token", "hf_" + "aBcD" * 9),
    ("secret/token", "sha256~" + "a1B2c3D" * 7),
    ("secret/token", "xoxb-1234567890-abcdef"),
    ("secret/token", "https://user:swordfish1@git.example/repo.git"),
]
HARMLESS = [
    "https://git.example/repo.git",
    "https://user@git.example/repo.git",
    "https://$USER:$PASSWORD@git.example",
    "oci://quay.io:443/acme/app@sha256:" + "0" * 64,
    "quay.io/acme/digits@sha256:" + "4f53cda1" * 8,
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB").decode(),
    "a sentence about client-key-data in general",
    "eyJ is how a token begins",
]


def document(value):
    return Document("job.yaml", 0, value, to_yaml(value))


@pytest.mark.parametrize(("rule", "text"), SECRETS)
def test_a_secret_is_found_and_not_repeated(rule, text):
    (found,) = secret_findings(document({"spec": {"config": {"list": ["x", text]}}}))

    assert found.rule == rule
    assert found.pointer == "/spec/config/list/1"
    assert found.severity == "error"
    assert not any(part in found.message + found.hint for part in text.split() if len(part) > 11)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_a_little_like_a_secret_passes(text):
    assert secret_findings(document({"spec": {"config": {"a": text}}})) == ()


def test_a_kubeconfigs_key_and_a_secret_as_a_field_name_are_found():
    token = "ghp_" + "a1B2" * 9
    found = secret_findings(document({"user": {"client-key-data": "LS0t"}, "config": {token: 1}}))

    assert [(one.rule, one.pointer) for one in found] == [
        ("secret/kubeconfig", "/user/client-key-data"),
        ("secret/token", "/config"),
    ]


def test_a_misplaced_token_is_not_repeated_by_the_schemas_sentence_either():
    token = "ghp_" + "a1B2" * 9
    value = {"apiVersion": "covey.dev/v1alpha1", "kind": "DataSet", "metadata": {"name": token}, "spec": token}

    findings = Validator(bundled()).check_spec(document(value), "DataSet")

    assert findings
    assert not any(token in one.message + one.hint for one in findings)


@pytest.mark.parametrize(("rendered", "severity"), [(False, "warning"), (True, "error")])
def test_a_secret_with_data_is_refused_in_a_rendered_tree(rendered, severity):
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "stringData": {"password": "swordfish"}}

    (found,) = Validator(bundled()).check(document(value), rendered=rendered)

    assert (found.rule, found.severity) == ("secret/manifest", severity)
    assert "swordfish" not in found.message + found.hint


def test_a_secret_inside_a_work_is_found_too():
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"password": "c3dvcmRmaXNo"}}
    value = {
        "apiVersion": "work.open-cluster-management.io/v1",
        "kind": "ManifestWork",
        "metadata": {"name": "x", "namespace": "y"},
        "spec": {"workload": {"manifests": [secret]}},
    }

    (found,) = Validator(bundled()).check(document(value), rendered=True)

    assert (found.rule, found.pointer) == ("secret/manifest", "/spec/workload/manifests/0/data")


def test_a_secret_without_data_is_a_reference_and_passes():
    value = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "type": "Opaque"}

    assert Validator(bundled()).check(document(value), rendered=True) == ()
