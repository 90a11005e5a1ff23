"""Whether a request comes from this node's own console page, and under a name of this node.

A browser sends a cookie along with what any page asks for. So a request that rests on a cookie, or
asks for one, comes under a host name of this node's own (against names that are made to lead here),
from the same origin, and what writes carries a header that no other page can set.
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

HEADER: Final = "x-clearline-console"
OWN_SITES: Final = ("same-origin", "none")
LOCAL: Final = "localhost"


def host_of(header: str) -> str | None:
    """The host name of a Host header, without its port; None for what is none."""
    try:
        parts = urlsplit(f"//{header}")
        port = parts.port
    except ValueError:
        return None
    if parts.hostname is None or parts.username is not None or parts.path or (port == 0):
        return None
    return parts.hostname.rstrip(".")


def is_own_host(header: str, names: Iterable[str]) -> bool:
    """Whether a Host header names this node. An address is always its own: only a name can be made
    to lead here by somebody else (DNS rebinding)."""
    host = host_of(header)
    if host is None:
        return False
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return host == LOCAL or host in {name.lower() for name in names}
    return True


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that the request comes from a page of this very address. A header
    that is not there says nothing against it: old browsers, and what is no browser."""
    if headers.get("sec-fetch-site", "same-origin") not in OWN_SITES:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    scheme, _, rest = origin.partition("://")
    return scheme in ("http", "https") and rest.lower() == headers.get("host", "").lower()


def is_own_page(headers: Mapping[str, str], names: Iterable[str], *, writes: bool) -> bool:
    """Whether a request may rest on a cookie."""
    if not is_own_host(headers.get("host", ""), names) or not is_same_origin(headers):
        return False
    return not writes or headers.get(HEADER) == "1"
