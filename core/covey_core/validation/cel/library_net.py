"""Kubernetes' functions on URLs, addresses and ranges of addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

from .marked import expect, mark_of, marked

if TYPE_CHECKING:
    from collections.abc import Callable

Marked = dict[str, Any]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|/)[^\x00-\x1f\x7f]*\Z")


def _url(text: str) -> Marked:
    if not _ABSOLUTE.match(text):
        raise ValueError("not an absolute URL")
    parts = urlsplit(text)
    port = "" if parts.port is None else str(parts.port)  # reads the port, and refuses what is none
    host = parts.netloc.rpartition("@")[2]
    if " " in host:
        raise ValueError("no host has a space")
    name = host.removesuffix(f":{port}") if port else host
    return marked(
        "url",
        text=text,
        scheme=parts.scheme,
        host=host,
        hostname=name.strip("[]"),
        port=port,
        path=quote(parts.path, safe="/%:@!$&'()*+,;=~"),
        query=parse_qs(parts.query, keep_blank_values=True),
    )


def _address(text: str) -> Address:
    found = ipaddress.ip_address(text)
    if "%" in text or (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped):
        raise ValueError("no zones and no IPv4 addresses written as IPv6")
    return found


def _ip(text: str) -> Marked:
    return marked("ip", text=str(_address(text)))


def _network(text: str) -> Network:
    address, slash, length = text.partition("/")
    if not slash or not length.isdecimal():
        raise ValueError("not a CIDR")
    _address(address)
    return ipaddress.ip_network(text, strict=False)


def _cidr(text: str) -> Marked:
    network = _network(text)
    return marked("cidr", text=f"{_address(text.partition('/')[0])}/{network.prefixlen}")


def _address_of(value: Marked | str) -> Address:
    return _address(value if isinstance(value, str) else expect(value, "ip")["text"])


def _network_of(value: Marked | str) -> Network:
    return _network(value if isinstance(value, str) else expect(value, "cidr")["text"])


def _contains_ip(outer: Marked, inner: Marked | str) -> bool:
    return _address_of(inner) in _network_of(outer)


def _contains_cidr(outer: Marked, inner: Marked | str) -> bool:
    big, small = _network_of(outer), _network_of(inner)
    return big.version == small.version and small.subnet_of(big)  # type: ignore[arg-type]  # the versions are equal


def _masked(value: Marked) -> Marked:
    return marked("cidr", text=str(_network_of(value)))


def _is_canonical(text: str) -> bool:
    return str(_address(text)) == text


def _works(function: Callable[[str], Any]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            function(text)
        except ValueError:
            return False
        return True

    return check


def _is(name: str) -> Callable[[Marked], bool]:
    return lambda value: bool(getattr(_address_of(value), name))


def _link_local_multicast(value: Marked) -> bool:
    address = _address_of(value)
    link_local = ipaddress.ip_network("224.0.0.0/24" if address.version == 4 else "ff02::/16")  # noqa: PLR2004 - IPv4
    return address in link_local


def _global(value: Marked) -> bool:
    """Go's meaning: whatever is unicast and neither unspecified, loopback, link-local nor broadcast."""
    address = _address_of(value)
    special = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not special and str(address) != "255.255.255.255"


def _field(name: str) -> Callable[[Marked], Any]:
    return lambda value: expect(value, "url")[name]


def _family(value: Marked) -> int:
    return _address_of(value).version if mark_of(value) == "ip" else _network_of(value).version


FUNCTIONS = (
    ("url", "MAP", ("STRING",), False, _url),
    ("isURL", "BOOL", ("STRING",), False, _works(_url)),
    ("getScheme", "STRING", ("MAP",), True, _field("scheme")),
    ("getHost", "STRING", ("MAP",), True, _field("host")),
    ("getHostname", "STRING", ("MAP",), True, _field("hostname")),
    ("getPort", "STRING", ("MAP",), True, _field("port")),
    ("getEscapedPath", "STRING", ("MAP",), True, _field("path")),
    ("getQuery", "MAP", ("MAP",), True, _field("query")),
    ("ip", "MAP", ("STRING",), False, _ip),
    ("isIP", "BOOL", ("STRING",), False, _works(_address)),
    ("ip.isCanonical", "BOOL", ("STRING",), False, _is_canonical),
    ("family", "INT", ("MAP",), True, _family),
    ("isUnspecified", "BOOL", ("MAP",), True, _is("is_unspecified")),
    ("isLoopback", "BOOL", ("MAP",), True, _is("is_loopback")),
    ("isLinkLocalUnicast", "BOOL", ("MAP",), True, _is("is_link_local")),
    ("isLinkLocalMulticast", "BOOL", ("MAP",), True, _link_local_multicast),
    ("isGlobalUnicast", "BOOL", ("MAP",), True, _global),
    ("cidr", "MAP", ("STRING",), False, _cidr),
    ("isCIDR", "BOOL", ("STRING",), False, _works(_network)),
    ("ip", "MAP", ("MAP",), True, lambda value: _ip(expect(value, "cidr")["text"].partition("/")[0])),
    ("masked", "MAP", ("MAP",), True, _masked),
    ("prefixLength", "INT", ("MAP",), True, lambda value: _network_of(value).prefixlen),
    ("containsIP", "BOOL", ("MAP", "DYN"), True, _contains_ip),
    ("containsCIDR", "BOOL", ("MAP", "DYN"), True, _contains_cidr),
)
