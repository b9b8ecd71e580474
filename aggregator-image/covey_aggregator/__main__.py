"""`covey-aggregator --root DIR`: see docs/launchers.md for the contract."""

from __future__ import annotations

import sys

from covey_aggregator.training import train
from covey_runtimes.launch.program import launch


def main() -> None:
    sys.exit(launch("aggregator", train))


if __name__ == "__main__":
    main()
