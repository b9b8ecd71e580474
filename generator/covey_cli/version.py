"""The version of Covey, a constant so that nothing has to be looked up to print it."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
