"""YAML text to documents, strictly, with positions on demand."""

from __future__ import annotations

from .positions import key_position_of, position_of
from .reader import Reading, read

__all__ = ["Reading", "key_position_of", "position_of", "read"]
