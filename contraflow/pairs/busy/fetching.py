"""Fetch a calendar from an address that somebody typed, without being led anywhere private.

The name is resolved once, every address it has must be public, and the connection goes to the very
address that was looked at: a name that changes its mind in between (DNS rebinding) gains nothing.
Each redirect is looked at in the same way.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from urllib.parse import SplitResult, urljoin, urlsplit

from contraflow.pairs.busy import BusyProblem

MOST_BYTES = 5 << 20
MOST_REDIRECTS = 3
# seconds without a sign of life; the child as a whole has a limit of its own
_PATIENCE = 8
_PORTS = {"https": 443, "http": 80}
_REDIRECTS = {301, 302, 303, 307, 308}
# addresses that stand for others, which may be private: 6to4, Teredo, NAT64
_TRANSLATED = [ipaddress.ip_network(each) for each in ("2002::/16", "2001::/32", "64:ff9b::/96")]

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def fetch(address: str, *, allows_http: bool = False, networks: Sequence[str] = ()) -> bytes:
    """Return what lies at an address; `networks` are private ones that are allowed all the same."""
    allowed = [ipaddress.ip_network(each) for each in networks]
    for _step in range(MOST_REDIRECTS + 1):
        found = _ask(_checked(address, allows_http, allowed), allowed)
        if isinstance(found, bytes):
            return found
        address = urljoin(address, found)
    raise BusyProblem("too_many_redirects")


def is_public(ip: IP) -> bool:
    """Tell whether an address is one of the open internet, and stands for no other."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(ip.ipv4_mapped)
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _checked(address: str, allows_http: bool, allowed: Sequence) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        raise BusyProblem("address") from None
    schemes = {"https", "http"} if allows_http else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
        raise BusyProblem("address")
    # other ports are other services; an organisation's own network may have its reasons
    if port not in {None, _PORTS[parts.scheme]} and not allowed:
        raise BusyProblem("address")
    return parts


def _resolved(parts: SplitResult, allowed: Sequence) -> tuple[str, int]:
    """Return the address to connect to, after every one that the name has was looked at."""
    default = _PORTS[parts.scheme]
    port = parts.port or default
    try:
        rows = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BusyProblem("unreachable") from None
    found = [str(row[4][0]).partition("%")[0] for row in rows]
    for each in found:
        ip = ipaddress.ip_address(each)
        is_allowed = any(ip in network for network in allowed)
        if not is_allowed and (not is_public(ip) or port != default):
            raise BusyProblem("private")
    if not found:
        raise BusyProblem("unreachable")
    return found[0], port


def _ask(parts: SplitResult, allowed: Sequence) -> bytes | str:
    """Return the content, or where it is said to lie instead."""
    host = parts.hostname or ""
    ip, port = _resolved(parts, allowed)
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        # the very address that was looked at: the name is not asked for again
        connection.sock = socket.create_connection((ip, port), timeout=_PATIENCE)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(
            "GET", path,
            headers={
                "User-Agent": "Contraflow", "Accept": "text/calendar", "Connection": "close",
                "Accept-Encoding": "identity",
            },
        )  # fmt: skip
        # a response that says it is the last one holds the socket itself
        with connection.getresponse() as response:
            return _content(response)
    except ssl.SSLCertVerificationError:
        raise BusyProblem("certificate") from None
    except TimeoutError:
        raise BusyProblem("too_slow") from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError):
        raise BusyProblem("unreachable") from None
    finally:
        connection.close()


def _content(response: http.client.HTTPResponse) -> bytes | str:
    if response.status in _REDIRECTS:
        return response.headers.get("Location") or "/"
    if response.status != http.HTTPStatus.OK:
        is_refusal = response.status in {401, 403, 404, 410}
        raise BusyProblem("refused" if is_refusal else "unreachable")
    content = response.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BusyProblem("too_large")
    return content
