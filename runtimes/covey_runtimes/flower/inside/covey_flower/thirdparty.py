"""What an app's sources import from others, for the parent that forks; the app's own code is not run there."""

from __future__ import annotations

import ast
import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_OURS = frozenset({"flwr", "covey_flower"})
# What a library imports when it is first used: for torch's optimizers that is seconds, in every process.
_LATER = {"torch.optim": "torch._dynamo"}


def named(app: Path) -> list[tuple[str, str]]:
    """(module, name in it or "") for each import, at any depth, that is neither Python's nor the app's."""
    own = {path.stem for path in app.iterdir()} | {path.parent.name for path in app.rglob("__init__.py")}
    found: dict[tuple[str, str], None] = {}
    for path in sorted(app.rglob("*.py")):
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, ValueError, SyntaxError):
            continue  # who runs it will tell
        for module, name in _imports(tree):
            if module.partition(".")[0] not in own | _OURS | sys.stdlib_module_names:
                found[module, name] = None
    return list(found)


def load(names: Iterable[tuple[str, str]]) -> list[str]:
    """Imports them; returns what could not be, for the log: the app itself fails better, or never needs it."""
    failed = [said for module, name in names if (said := _load(module, name))]
    late = [module for first, module in _LATER.items() if first in sys.modules]
    return failed + [said for module in late if (said := _load(module))]


def _load(module: str, name: str = "") -> str:
    """Empty where it went well."""
    try:
        loaded = importlib.import_module(module)
        if name and not hasattr(loaded, name):
            importlib.import_module(f"{module}.{name}")
    except Exception as error:  # noqa: BLE001 - any code may run here
        return f"{module}: {error}"
    return ""


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module, "" if alias.name == "*" else alias.name
