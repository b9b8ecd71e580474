"""The precise reader's tree: YAML nodes with marks, styles, tags and anchors, made from the events of libyaml.

PyYAML's own composer hides where anchors and aliases stand, and recurses; this one does neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .limits import Limits

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the second only where PyYAML lacks libyaml


@dataclass(slots=True, eq=False)
class Node:
    """`start` and `end` are character offsets into the chunk; an anchor or a tag belongs to its node."""

    start: int
    end: int
    tag: str | None = None
    anchor: str | None = None


@dataclass(slots=True, eq=False)
class ScalarNode(Node):
    text: str = ""
    plain: bool = True
    double: bool = False  # within double quotes, where escapes are


@dataclass(slots=True, eq=False)
class SequenceNode(Node):
    flow: bool = False
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class MappingNode(Node):
    flow: bool = False
    items: list[tuple[Node, Node]] = field(default_factory=list)
    key: Node | None = None  # the key whose value comes next


@dataclass(slots=True, eq=False)
class AliasNode(Node):
    name: str = ""
    target: Node | None = None


class NodesError(Exception):
    """The text is no tree that we can work with; `rule` names the finding, `start` the place."""

    def __init__(self, rule: str, problem: str, start: int) -> None:
        super().__init__(problem)
        self.rule, self.problem, self.start = rule, problem, start


def compose(text: str, limits: Limits) -> Node | None:
    """The root node of the one document in `text`; None where there is none."""
    composer = _Composer(limits)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        rule = "yaml/document-end" if "expected <document start>" in str(error.problem) else "yaml/syntax"
        raise NodesError(rule, _problem(error), mark.index if mark else 0) from error
    except yaml.YAMLError as error:
        raise NodesError("yaml/encoding", "", 0) from error  # the marks of such errors count bytes
    return composer.root


def _offset(mark: Any) -> int:
    return int(mark.index)


def _problem(error: yaml.MarkedYAMLError) -> str:
    return " ".join(part for part in (error.context, error.problem) if part)


class _Composer:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.root: Node | None = None
        self._open: list[SequenceNode | MappingNode] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop().end = _offset(event.end_mark)
        elif isinstance(event, yaml.NodeEvent):
            self._count(event)
            node = self._node(event)
            self._place(node)
            if isinstance(node, SequenceNode | MappingNode):
                self._open.append(node)

    def _document(self, event: Any) -> None:
        if self.root is not None:
            raise NodesError("yaml/document-end", "", event.start_mark.index)
        if event.version or event.tags:
            raise NodesError("yaml/directive", "", 0)

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > self.limits.nodes:
            raise NodesError("yaml/too-many-nodes", "", event.start_mark.index)
        if len(self._open) >= self.limits.depth and isinstance(event, yaml.CollectionStartEvent):
            raise NodesError("yaml/too-deep", "", _offset(event.start_mark))

    def _node(self, event: Any) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor or "", start, end)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            plain = event.style is None or not event.style.strip("\0")
            node = ScalarNode(start, end, event.tag, event.anchor, event.value, plain, event.style == '"')
        else:
            made = MappingNode if isinstance(event, yaml.MappingStartEvent) else SequenceNode
            node = made(start, end, event.tag, event.anchor, bool(event.flow_style))
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, name: str, start: int, end: int) -> AliasNode:
        target = self._anchors.get(name)
        if target is None:
            raise NodesError("yaml/alias", f"The alias `*{name}` names an anchor that is not above it.", start)
        if target in self._open:
            raise NodesError("yaml/alias", f"The alias `*{name}` stands inside the value that it names.", start)
        return AliasNode(start, end, name=name, target=target)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
        else:
            parent.items.append((parent.key, node))
            parent.key = None


def walk(root: Node) -> Iterator[Node]:
    """All nodes of the text, in its order; aliases are not followed."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, SequenceNode):
            stack.extend(reversed(node.items))
        elif isinstance(node, MappingNode):
            stack.extend(part for pair in reversed(node.items) for part in reversed(pair))
