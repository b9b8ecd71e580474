"""From the tree to the value that kubectl reads, and to findings wherever that value is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .keys import is_merge, key_of
from .nodes import AliasNode, MappingNode, Node, NodesError, ScalarNode, SequenceNode
from .values import check_tag, scalar_value

if TYPE_CHECKING:
    from .limits import Limits
    from .report import Path, Report


class Builder:
    """Builds one document; a value that several places share by an alias is built once, but counted each time."""

    def __init__(self, report: Report, limits: Limits) -> None:
        self._report = report
        self._limits = limits
        self._built: dict[Node, tuple[Any, int, int]] = {}  # of anchored nodes: value, nodes, depth
        self._nodes = 0
        self._deepest = 0

    def build(self, node: Node, path: Path = (), depth: int = 0) -> Any:
        self._count(node, 1, depth)
        if isinstance(node, AliasNode):
            return self._aliased(node, path, depth)
        if not node.anchor:
            return self._value(node, path, depth)
        message = f"Anchors such as `&{node.anchor}` are not allowed here."
        self._report.forbidden("yaml/anchor", message, node, path, hint="Write the value out wherever it is needed.")
        before, deepest = self._nodes, self._deepest
        self._deepest = depth
        value = self._value(node, path, depth)
        self._built[node] = value, self._nodes - before, self._deepest - depth
        self._deepest = max(deepest, self._deepest)
        return value

    def _aliased(self, node: AliasNode, path: Path, depth: int) -> Any:
        message = f"Aliases such as `*{node.name}` are not allowed here."
        self._report.forbidden("yaml/alias", message, node, path, hint="Write the value out.")
        if node.target not in self._built:  # an alias to a key's anchor, or to a part of a merge that was refused
            return self._value(node.target, path, depth) if node.target else None
        value, nodes, levels = self._built[node.target]
        self._count(node, nodes, depth + levels)
        return value

    def _count(self, node: Node, nodes: int, depth: int) -> None:
        self._nodes += nodes
        self._deepest = max(self._deepest, depth)
        if self._nodes > self._limits.nodes:
            raise NodesError("yaml/too-many-nodes", "", node.start)
        if self._deepest > self._limits.depth:
            raise NodesError("yaml/too-deep", "", node.start)

    def _value(self, node: Node, path: Path, depth: int) -> Any:
        if isinstance(node, ScalarNode):
            return scalar_value(node, path, self._report)
        if isinstance(node, SequenceNode):
            check_tag(node, path, self._report, allowed="seq")
            return [self.build(item, (*path, index), depth + 1) for index, item in enumerate(node.items)]
        assert isinstance(node, MappingNode)  # noqa: S101 - the type checker can't know that these are all
        check_tag(node, path, self._report, allowed="map")
        return self._mapping(node, path, depth)

    def _mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        seen: dict[str, Node] = {}
        merge: Node | None = None
        for key, item in node.items:
            if is_merge(key):
                self._duplicate("<<", key, merge, path)
                merge = key
                self._merge(item, key, (*path, "<<"), depth, into=value)
                continue
            name = key_of(key, path, self._report)
            if name is None:
                self.build(item, path, depth + 1)
                continue
            self._duplicate(name, key, seen.get(name), path)
            seen[name] = key
            value[name] = self.build(item, (*path, name), depth + 1)
        return value

    def _duplicate(self, name: str, key: Node, first: Node | None, path: Path) -> None:
        if first is None:
            return
        report = self._report
        one, two = report.line(first), report.line(key)
        where = f"twice in line {one}" if one == two else f"in line {one} and again in line {two}"
        message = f"The key `{name}` stands {where}."
        report.error("yaml/duplicate-key", message, key, (*path, name), hint="Keep one of them.")

    def _merge(self, item: Node, key: Node, path: Path, depth: int, *, into: dict[str, Any]) -> None:
        """What `<<` brings replaces what stands above it, for kubectl; later keys replace it, for all."""
        report = self._report
        message = "Merge keys `<<` are not allowed here."
        report.forbidden("yaml/merge-key", message, key, path, hint="Write the keys out.")
        merged = self.build(item, path, depth + 1)
        maps = merged[::-1] if isinstance(merged, list) else [merged]
        if not all(isinstance(each, dict) for each in maps):
            message = "The merge key `<<` needs a mapping, or a list of mappings."
            report.error("yaml/merge-key", message, item, path, hint="Merge a mapping by its alias.")
            return
        brought = {name: value for each in maps for name, value in each.items()}
        lost = sorted(name for name in brought.keys() & into.keys() if brought[name] != into[name])
        if lost:
            message = f"The merge key `<<` below `{lost[0]}` replaces it for kubectl, but not for other readers."
            report.doubt("yaml/trap", message, key, path, hint="Put `<<` before the other keys.")
        into.update(brought)
