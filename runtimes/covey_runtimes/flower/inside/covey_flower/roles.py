"""The programs of a side, by the names that Flower gives them, as functions to call."""

from __future__ import annotations

import importlib
import sys

# Where each is, and what it is called there; ours call Flower's, see there.
ROLES = {
    "flower-superlink": ("flwr.superlink.cli.flower_superlink", "flower_superlink"),
    "flower-superexec": ("flwr.supercore.cli.flower_superexec", "flower_superexec"),
    "flower-supernode": ("covey_flower.supernode", "main"),
    "flwr-serverapp": ("covey_flower.serverapp", "main"),
    "flwr-clientapp": ("covey_flower.clientapp", "main"),
    "submit": ("covey_flower.submit", "main"),
}
APPS = frozenset({"flwr-serverapp", "flwr-clientapp"})
# What a side needs of them before it forks, and what they would import later, each for itself.
_LATER = ("httpcore", "encodings.idna")
OF_SIDE = {
    "aggregator": ("flower-superlink", "flower-superexec", "flwr-serverapp", "submit", "flwr.superlink.main", *_LATER),
    "collaborator": ("flower-supernode", "flower-superexec", "flwr-clientapp", "flwr.supernode.main", *_LATER),
}


def prepare(side: str) -> None:
    for name in OF_SIDE[side]:
        importlib.import_module(ROLES[name][0] if name in ROLES else name)


def call(argv: list[str]) -> int:
    """As if `argv` were this process's command line."""
    sys.argv = argv
    module, name = ROLES[argv[0]]
    return getattr(importlib.import_module(module), name)() or 0


if __name__ == "__main__":
    sys.exit(call(sys.argv[1:]))
