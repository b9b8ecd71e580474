"""Kubeconfig files, whole in themselves: certificates and keys are inside."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def kubeconfig(url: str, *, authority: bytes, user: dict[str, Any], namespace: str = "default") -> str:
    """JSON, which is YAML; `user` as kubeconfig has it."""
    cluster = {"server": url, "certificate-authority-data": b64encode(authority).decode()}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "plane", "cluster": cluster}],
            "users": [{"name": "user", "user": user}],
            "contexts": [{"name": "plane", "context": {"cluster": "plane", "user": "user", "namespace": namespace}}],
            "current-context": "plane",
        },
        indent=1,
    )


def with_certificate(pair: tuple[bytes, bytes]) -> dict[str, str]:
    names = ("client-certificate-data", "client-key-data")
    return {name: b64encode(data).decode() for name, data in zip(names, pair, strict=True)}


def write(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path
