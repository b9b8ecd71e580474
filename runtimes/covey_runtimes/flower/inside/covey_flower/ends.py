"""What the end of a side's process means for the side."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_BAD = 1
_WHAT = {
    "flower-superlink": "The SuperLink",
    "flower-supernode": "The SuperNode",
    "flower-superexec": "The SuperExec",
    "flwr-serverapp": "The ServerApp's process",
    "flwr-clientapp": "The ClientApp's process",
    "submit": "The start of the run",
}
_SERVES = frozenset({"flower-superlink", "flower-supernode", "flower-superexec"})


@dataclass(frozen=True, slots=True)
class End:
    code: int
    sentence: str

    def tell(self) -> int:
        """The launcher shows the last line of the log."""
        if self.sentence:
            sys.stderr.write(f"\n{self.sentence}\n")
        return self.code


def after(name: str, code: int) -> End | None:
    """The side's end, or None where it goes on: an app that raised has reported so itself."""
    if code == 0 and name == "flwr-serverapp":
        return End(0, "")
    if name not in _SERVES and (code == 0 or (name == "flwr-clientapp" and code > 0)):
        return None
    how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
    return End(code if name == "submit" and code > 0 else _BAD, f"{_WHAT.get(name, name)} {how}.")
