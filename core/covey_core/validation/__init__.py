"""Checks of documents: JSON Schema and CEL rules, names and labels, secrets. What they find are findings."""

from __future__ import annotations

from .secrets import secret_findings
from .validator import Validator

__all__ = ["Validator", "secret_findings"]
