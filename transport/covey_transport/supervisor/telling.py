"""Log lines of the supervisor: JSON on standard output, between Envoy's own."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

_LONGEST = 2000  # characters of one value; some come from the other side


def tell(log: str, **fields: Any) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    shown = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in fields.items()}
    sys.stdout.write(json.dumps({"log": log, "time": now, **shown}) + "\n")
    sys.stdout.flush()
