"""What one runtime's data path needs of the proxies; it comes as data, so that no runtime has a name here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_transport.checked import Checked

if TYPE_CHECKING:
    from collections.abc import Mapping

_PATH = re.compile(r"/[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*/?\Z")
_HEADER = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_METHOD = re.compile(r"[A-Z]+\Z")
_OWN = "/covey/"
_WRITTEN = ("host", "x-covey-", "x-envoy-", "x-forwarded-", "x-request-id")
_UPSTREAMS = ("http1", "http2")


@dataclass(frozen=True, slots=True)
class Again:
    """Ask again at the collaborator's side while an answer has this header: a long poll for runtimes that have none."""

    header: str
    value: str
    pause: float
    times: int


@dataclass(frozen=True, slots=True)
class Route:
    """One open path: exactly `path`, or all plainly written paths below it where it ends with a slash."""

    path: str
    methods: tuple[str, ...]
    again: Again | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """`key_header`: the header by which the runtime names a collaborator's key; it is then bound to the certificate."""

    routes: tuple[Route, ...]
    upstream: str
    upstream_idle: float
    key_header: str | None = None


def parse_rules(data: Any, where: str) -> Rules:
    """Raises BadStartError with the field's place; `where` is the place of `data` itself."""
    fields = Checked(data, where, ("routes", "upstream", "upstreamIdleSeconds", "keyHeader"))
    routes = tuple(_route(item, place) for item, place in fields.items_of("routes"))
    if not routes:
        raise fields.wrong("routes", "must name at least one open path")
    return Rules(
        routes=routes,
        upstream=fields.choice("upstream", _UPSTREAMS),
        upstream_idle=fields.number("upstreamIdleSeconds", 0.1, 3600),
        key_header=_key_header(fields) if fields.has("keyHeader") else None,
    )


def rules_data(rules: Rules) -> Mapping[str, Any]:
    """The same rules as they stand in `start.json`."""
    data: dict[str, Any] = {
        "routes": [_route_data(route) for route in rules.routes],
        "upstream": rules.upstream,
        "upstreamIdleSeconds": rules.upstream_idle,
    }
    return data | ({"keyHeader": rules.key_header} if rules.key_header else {})


def _route(data: Any, where: str) -> Route:
    fields = Checked(data, where, ("path", "methods", "again", "quiet"))
    methods = tuple(fields.texts("methods", _METHOD))
    if not methods:
        raise fields.wrong("methods", "must name at least one method, such as POST")
    again = _again(fields.value("again"), fields.place("again")) if fields.has("again") else None
    path = fields.text("path", _PATH)
    if path.startswith(_OWN):
        raise fields.wrong("path", "belongs to Covey")
    return Route(path, methods, again, fields.flag("quiet"))


def _key_header(fields: Checked) -> str:
    name = fields.text("keyHeader", _HEADER)
    if name.startswith(_WRITTEN):
        raise fields.wrong("keyHeader", "names a header which the proxy itself writes")
    return name


def _again(data: Any, where: str) -> Again:
    fields = Checked(data, where, ("header", "value", "pauseSeconds", "times"))
    return Again(
        header=fields.text("header", _HEADER),
        value=fields.text("value", re.compile(r"[!-~]{1,100}\Z")),
        pause=fields.number("pauseSeconds", 0.01, 10),
        times=int(fields.number("times", 1, 10000)),
    )


def _route_data(route: Route) -> dict[str, Any]:
    data: dict[str, Any] = {"path": route.path, "methods": list(route.methods)}
    if route.quiet:
        data["quiet"] = True
    if route.again is not None:
        again = route.again
        data["again"] = {
            "header": again.header,
            "value": again.value,
            "pauseSeconds": again.pause,
            "times": again.times,
        }
    return data
