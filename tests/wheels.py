"""Tiny wheels, made on the spot, for tests that install something."""

from __future__ import annotations

import hashlib
import zipfile


def wheel(folder, name, version, *, needs=None, extras=None):
    """A wheel of one module with a VERSION, and of one program that says which `further` it sees."""
    info = f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {needs}"] if needs else []
    for extra, wanted in (extras or {}).items():
        metadata += [f"Provides-Extra: {extra}", f"Requires-Dist: {wanted}; extra == '{extra}'"]
    program = "def main():\n    import further\n    print(further.VERSION)\n"
    held = {
        f"{name}.py": f"VERSION = {version!r}\n\n{program}",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name}-program = {name}:main\n",
    }
    held[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*held, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for inside, text in held.items():
            packed.writestr(inside, text)
    return path


def hashed(requirement, path):
    """The line of a requirements.txt with the wheel's hash."""
    return f"{requirement} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
