"""The values that a field may have, from the Go types of k8s.io/api (`+enum`): the OpenAPI files don't list them."""
# ruff: noqa: INP001 - scripts side by side, no package

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Enums = dict[str, dict[str, list[str]]]  # definition -> field -> values

_IMPORT = re.compile(r'^\s*(?P<alias>\w+)?\s*"k8s\.io/api/(?P<path>[\w/]+)"')
_STRING_TYPE = re.compile(r"^type (?P<name>\w+) string$")
_STRUCT = re.compile(r"^type (?P<name>\w+) struct \{$")
_CONSTANT = re.compile(r'^\s*\w+\s+(?P<type>\w+)\s*=\s*"(?P<value>[^"]*)"')
_FIELD = re.compile(r'^\s+\w+\s+(?P<type>[\w.*\[\]]+)\s+`json:"(?P<name>\w+)(?P<options>[^"]*)"')
_INLINE = re.compile(r'^\s+(?P<type>\w+)\s+`json:",inline"')


@dataclass(slots=True)
class _Package:
    name: str
    imports: dict[str, str] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)  # may be empty, too?
    inlined: dict[str, list[str]] = field(default_factory=dict)


def read(module: Path) -> Enums:
    paths = sorted(module.glob("*/v*/types.go"))
    packages = {package.name: package for package in (_package(path) for path in paths)}
    return {
        f"{package.name}.{struct}": found
        for package in packages.values()
        for struct in package.fields
        if (found := _fields(packages, package, struct))
    }


def _fields(packages: dict[str, _Package], package: _Package, struct: str) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for inlined in package.inlined.get(struct, ()):
        result |= _fields(packages, package, inlined)
    for name, (type_name, may_be_empty) in package.fields.get(struct, {}).items():
        alias, _, plain = type_name.rpartition(".")
        home = packages.get(package.imports.get(alias, "")) if alias else package
        values = home.enums.get(plain) if home else None
        if values:  # Go can't tell an empty text from none where the field is no pointer
            result[name] = sorted({*values, *([""] if may_be_empty else [])})
    return result


def _package(path: Path) -> _Package:
    package = _Package(".".join(path.parts[-3:-1]))
    struct, is_enum = "", False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("//"):
            is_enum = is_enum or line.startswith("// +enum")
            continue
        if match := _STRING_TYPE.match(line):
            if is_enum:
                package.enums.setdefault(match["name"], [])
        elif match := _STRUCT.match(line):
            struct = match["name"]
            package.fields[struct] = {}
        elif line == "}":
            struct = ""
        else:
            _line(package, struct, line)
        is_enum = False
    _constants(package, path)
    return package


def _line(package: _Package, struct: str, line: str) -> None:
    if match := _IMPORT.match(line):
        name = match["path"].replace("/", ".")
        package.imports[match["alias"] or match["path"].rpartition("/")[2]] = name
    elif struct and (match := _INLINE.match(line)):
        package.inlined.setdefault(struct, []).append(match["type"])
    elif struct and (match := _FIELD.match(line)):
        declared = match["type"]
        may_be_empty = "omitempty" in match["options"] and declared[0] not in "*["
        package.fields[struct][match["name"]] = (declared.lstrip("*[]"), may_be_empty)


def _constants(package: _Package, path: Path) -> None:
    for match in map(_CONSTANT.match, path.read_text(encoding="utf-8").splitlines()):
        if match and match["type"] in package.enums:
            package.enums[match["type"]].append(match["value"])
