"""What a fleet must be beyond its schema."""

from __future__ import annotations

import ipaddress
from collections import Counter
from typing import TYPE_CHECKING

from covey_core import names
from covey_core.checks.report import Report, placeholder_image
from covey_core.model.listener import ListenerType
from covey_core.pointers import pointer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covey_core.documents import Document
    from covey_core.findings import Finding
    from covey_core.model.fleet import Fleet

_MAX_PORT = 65535


def fleet_findings(fleet: Fleet, document: Document) -> tuple[Finding, ...]:
    report = Report(document)
    _namespaces(fleet, report)
    _listener(fleet, report)
    _ranges(fleet, report)
    placeholder_image(fleet.proxy_image, "/spec/images/proxy", report)
    return report.findings


def _namespaces(fleet: Fleet, report: Report) -> None:
    counts = Counter(namespace.name for namespace in fleet.namespaces)
    for index, namespace in enumerate(fleet.namespaces):
        at = pointer("spec", "namespaces", index, "name")
        if counts[namespace.name] > 1:
            report.add(
                "fleet/namespace-twice",
                f"The namespace {namespace.name!r} is listed {counts[namespace.name]} times.",
                at,
                hint="List it once, with all its cluster sets.",
            )
        if namespace.name.startswith((names.RESERVED_PREFIX, "kube-", "openshift-", "open-cluster-management")):
            report.add(
                "fleet/namespace-reserved",
                f"The namespace {namespace.name!r} is reserved: jobs may not run in it.",
                at,
                hint="Choose a namespace that belongs to one team.",
            )
        if namespace.name in (fleet.hub.namespace, fleet.hub.argocd_namespace, "default"):
            report.add(
                "fleet/namespace-reserved",
                f"The namespace {namespace.name!r} is used by the hub itself.",
                at,
                hint="Choose a namespace that belongs to one team.",
            )


def _listener(fleet: Fleet, report: Report) -> None:
    if fleet.listener.type is ListenerType.ROUTE and not fleet.listener.domain:
        report.add(
            "fleet/route-domain",
            "A listener of type Route needs a domain for its hosts.",
            "/spec/listener",
            hint="Add `domain`, for example the hub's apps domain.",
        )


def _ranges(fleet: Fleet, report: Report) -> None:
    _cidrs(fleet.hub.api_server_cidrs, "/spec/hub/apiServer/cidrs", report)
    _cidrs(fleet.listener.source_ranges, "/spec/listener/sourceRanges", report)
    for index, egress in enumerate(fleet.egress):
        _cidr(egress.cidr, pointer("spec", "egress", index, "cidr"), report)
        for number, text in enumerate(egress.ports):
            first, _, last = text.partition("-")
            if int(first) > _MAX_PORT or int(last or 0) > _MAX_PORT or (last and int(last) < int(first)):
                report.add(
                    "fleet/port-range",
                    f"{text!r} is no port or range of ports: ports go from 1 to {_MAX_PORT}, the smaller one first.",
                    pointer("spec", "egress", index, "ports", number),
                    hint='Write a port such as "443" or a range such as "30000-32767".',
                )


def _cidrs(values: Iterable[str], at: str, report: Report) -> None:
    for index, value in enumerate(values):
        _cidr(value, f"{at}/{index}", report)


def _cidr(value: str, at: str, report: Report) -> None:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        report.add(
            "fleet/cidr",
            f"{value!r} is no range of addresses: {error}.",
            at,
            hint="Write a network such as 198.51.100.0/24, with the host bits zero.",
        )
