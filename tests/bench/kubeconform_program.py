"""kubeconform for comparison: the program, built once, and our schemas in the layout that it reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covey_schemas.catalog import Catalog

VERSION = "v0.8.0"
MODULE = f"github.com/yannh/kubeconform/cmd/kubeconform@{VERSION}"
LOCATION = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"


def find() -> str | None:
    """The program named by KUBECONFORM, or one built with Go into the user's cache; None where there is no Go."""
    given = os.environ.get("KUBECONFORM")
    if given:
        return given
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "covey-bench" / VERSION
    built = cache / "kubeconform"
    if not built.exists() and shutil.which("go"):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "install", MODULE], check=True, env={**os.environ, "GOBIN": str(cache)})
    return str(built) if built.exists() else None


def version(program: str) -> str:
    """What the program says of itself; one that `go install` built knows no version, but Go can read its module's."""
    told = _output([program, "-v"])
    if told.startswith("v"):
        return told
    lines = _output(["go", "version", "-m", program]).splitlines() if shutil.which("go") else []
    module = next((line.split() for line in lines if line.split()[:1] == ["mod"]), [])
    return f"{module[2]}, built by `go install`" if len(module) > 2 else f"of an unknown version ({told})"


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def export(catalog: Catalog, folder: Path) -> str:
    """Writes every schema of `catalog`, unchanged; returns kubeconform's template for them."""
    for name in catalog.kinds():
        kind = catalog.find(name)
        if kind is not None:
            group = name.group or name.version  # what kubeconform takes for the group of `v1`
            path = folder / group / f"{name.kind.lower()}_{name.version}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(kind.schema), encoding="utf-8")
    return f"{folder}/{LOCATION}"
