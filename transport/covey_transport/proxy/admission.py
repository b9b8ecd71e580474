"""Who may do what at the aggregator's listener: the routes, with the roster inside.

The filter's base denies everybody; each route brings its own rule as a matcher tree. A matcher joins the values of a
doubled header with a comma, so a forged second value never fits; the older list of policies looks at each value alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from covey_transport.proxy.parts import CLUSTER_HEADER, SESSION_PATH, Plain, typed

if TYPE_CHECKING:
    from covey_transport.proxy.rules import Route, Rules
    from covey_transport.roster import Member, Roster

ROUTES = "fleet"
RUNTIME = "runtime"
SESSION = "session"
# The names of refusals, as they stand in the log.
NOT_ON_ROSTER = "not-on-roster"
NO_KEY = "no-key-registered"
OTHER_KEY = "key-of-another"
PATH_NOT_OPEN = "path-not-open"
_RBAC = "extensions.filters.http.rbac.v3.RBAC"


def admission_routes(roster: Roster, rules: Rules) -> Plain:
    """The resource that Envoy reads anew whenever the file changes."""
    data_rule = _per_route(_tree(roster, rules.key_header))
    open_routes = [_open(match_of(route), RUNTIME, data_rule) for route in rules.routes]
    session = {"path": SESSION_PATH, "headers": [_method("GET", "POST")]}
    config = {
        "name": ROUTES,
        "virtual_hosts": [
            {
                "name": ROUTES,
                "domains": ["*"],
                "routes": [_open(session, SESSION, _per_route(_tree(roster, None))), *open_routes, _closed()],
            },
        ],
        "request_headers_to_add": [
            {
                "header": {"key": CLUSTER_HEADER, "value": "%DOWNSTREAM_PEER_URI_SAN%"},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            },
        ],
    }
    return {"resources": [typed("config.route.v3.RouteConfiguration", **config)]}


def match_of(route: Route) -> Plain:
    """Below a prefix only plainly written parts pass: no dots, escapes, semicolons or empty parts to be read anew."""
    headers = [_method(*route.methods)]
    if not route.path.endswith("/"):
        return {"path": route.path, "headers": headers}
    return {"safe_regex": {"regex": re.escape(route.path) + "[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*"}, "headers": headers}


def _method(*methods: str) -> Plain:
    return {"name": ":method", "string_match": {"safe_regex": {"regex": "|".join(methods)}}}


def _open(match: Plain, cluster: str, rule: Plain) -> Plain:
    retries = {"retry_on": "reset-before-request,connect-failure,refused-stream", "num_retries": 2}
    action = {"cluster": cluster, "timeout": "0s", "retry_policy": retries}
    return {"match": match, "route": action, "typed_per_filter_config": {"rbac": rule}}


def _closed() -> Plain:
    """Everything else is refused twice over: by the rule, which names the refusal, and by the answer."""
    rule = _per_route({"on_no_match": {"action": _action(PATH_NOT_OPEN, "DENY")}})
    refusal = {"status": 403}
    return {"match": {"prefix": "/"}, "direct_response": refusal, "typed_per_filter_config": {"rbac": rule}}


def _tree(roster: Roster, key_header: str | None) -> Plain:
    """By the one URI of the client's certificate; below that, where a key is bound, by the key it shows."""
    entries = {member.identity: _member(member, key_header) for member in roster.members}
    who = {"name": "who", "typed_config": typed("extensions.matching.common_inputs.ssl.v3.UriSanInput")}
    return _map(who, entries, refusal=NOT_ON_ROSTER)


def _member(member: Member, key_header: str | None) -> Plain:
    allow = {"action": _action(member.cluster, "ALLOW")}
    if key_header is None:
        return allow
    kind = "type.matcher.v3.HttpRequestHeaderMatchInput"
    key = {"name": "key", "typed_config": typed(kind, header_name=key_header)}
    refusal = OTHER_KEY if member.keys else NO_KEY
    return {"matcher": _map(key, dict.fromkeys(member.keys, allow), refusal=refusal)}


def _map(what: Plain, entries: dict[str, Any], *, refusal: str) -> Plain:
    denial = {"on_no_match": {"action": _action(refusal, "DENY")}}
    if not entries:  # Envoy takes no empty map
        return denial
    return {"matcher_tree": {"input": what, "exact_match_map": {"map": entries}}, **denial}


def _action(name: str, action: str) -> Plain:
    return {"name": "action", "typed_config": typed("config.rbac.v3.Action", name=name, action=action)}


def _per_route(matcher: Plain) -> Plain:
    return typed("extensions.filters.http.rbac.v3.RBACPerRoute", rbac={"matcher": matcher})
