"""`covey-collaborator --root DIR`: see docs/launchers.md for the contract."""

from __future__ import annotations

import sys

from covey_collaborator.joining import join
from covey_runtimes.launch.program import launch


def main() -> None:
    sys.exit(launch("collaborator", join))


if __name__ == "__main__":
    main()
