"""What secrets look like: private keys, tokens of forges and clouds, passwords in addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_B64 = "[A-Za-z0-9_-]"
_PEM = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_TOKENS: Final = (
    ("a signed token (JWT)", re.compile(rf"\beyJ{_B64}{{8,}}\.eyJ{_B64}{{8,}}\.{_B64}{{8,}}")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}")),
    ("a GitLab token", re.compile(rf"\bgl(?:pat|dt|rt|ptt|cbt|agent|soat|ft)-{_B64}{{18,}}")),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a Google API key", re.compile(rf"\bAIza{_B64}{{35}}")),
    ("a Google OAuth token", re.compile(rf"\bya29\.{_B64}{{20,}}")),
    ("a Slack token", re.compile(r"\bxox[abprse]-[A-Za-z0-9-]{10,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("a package index token", re.compile(rf"\bpypi-AgE{_B64}{{40,}}|\bnpm_[A-Za-z0-9]{{36}}")),
    ("a container registry token", re.compile(rf"\bdckr_pat_{_B64}{{20,}}")),
    ("an OpenShift token", re.compile(rf"\bsha256~{_B64}{{43}}")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}")),
    ("an address with a password", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@$<{]+@[^\s/@]+", re.IGNORECASE)),
)
# In base64, as kubeconfig files and Secrets hold it: the first letters of every private key in PEM.
_PEM_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,40}(?:UFJJVkFURSBLRVk|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ)")
_KUBECONFIG = re.compile(r"\bclient-key-data\s*[\"']?\s*:\s*[\"']?\S")
_SHORTEST = 12


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """The rule and the name of each kind of secret in `text`."""
    if len(text) < _SHORTEST:
        return
    if _PEM.search(text) or _PEM_BASE64.search(text):
        yield "secret/private-key", "a private key"
    if _KUBECONFIG.search(text):
        yield "secret/kubeconfig", "a kubeconfig's private key"
    for what, pattern in _TOKENS:
        if pattern.search(text):
            yield "secret/token", what


def holds_secret(text: str) -> bool:
    return next(secrets_in(text), None) is not None
