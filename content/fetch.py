"""Fetching what strangers name: the one way in which this site asks other servers for anything.

Whoever can make a server fetch an address can make it fetch one that only the server reaches. So the name is resolved
once, every address it stands for must be a public one, and the connection goes to the address that was checked, not to
the name again: an answer that changes between the check and the connection changes nothing. Each redirect is a new
address and is checked as one. There is no setting that lets any of this go.

Never call it in a request or inside a transaction: another server decides how long it takes, up to `seconds`.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import quote, urljoin, urlsplit

import idna
from django.conf import settings
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

PORTS = {"http": frozenset({80}), "https": frozenset({443})}
MOST_REDIRECTS = 5
SECONDS = 15.0
LONGEST_BODY = 1_000_000
LONGEST_ADDRESS = 2_000
CHUNK = 16_384

# Besides what `ipaddress` calls global: addresses behind which stands another one, and what is set apart.
_REFUSED_NETWORKS = [
    ipaddress.ip_network(written)
    for written in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "198.18.0.0/15",  # measuring
        "240.0.0.0/4",  # reserved
        "64:ff9b::/96",  # NAT64: any IPv4 address stands behind it
        "64:ff9b:1::/48",  # the same, for local use
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2002::/16",  # 6to4: any IPv4 address stands behind it
        "5f00::/16",  # segment routing
        "3fff::/20",  # documentation
    )
]
_UNICAST = ipaddress.ip_network("2000::/3")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


class FetchError(Exception):
    """Nothing came. The message says why, in words for a moderator's eyes."""


class FetchRefused(FetchError):
    """This address is not one that we ask; trying again will not help."""


class FetchFailed(FetchError):
    """The other server did not answer, or not in a way we can use; it may do so another time."""


@dataclass(frozen=True)
class Fetched:
    """What a server answered: `url` is where it was found after redirects, header names are in lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    is_cut: bool = False

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text, in the encoding that the server named, or the document itself, or UTF-8."""
        named = re.search(r"charset=[\"']?([\w-]{2,40})", self.headers.get("content-type", ""), re.IGNORECASE)
        inside = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", self.body[:2048], re.IGNORECASE)
        encoding = named.group(1) if named else inside.group(1).decode("ascii", "replace") if inside else "utf-8"
        try:
            return self.body.decode(encoding, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    longest: int = LONGEST_BODY,
    cut: bool = False,
    seconds: float = SECONDS,
    redirects: int = MOST_REDIRECTS,
) -> Fetched:
    """Ask another server for something, whatever status it answers with.

    A body longer than `longest` (unpacked) is an error, or is cut there with `cut`. `seconds` is for everything
    together, redirects included. What is sent with POST goes on only to where a redirect says it should (307, 308).
    """
    deadline = time.monotonic() + seconds
    for _ in range(redirects + 1):
        answer = _ask(_checked(url), method, body, headers or {}, longest, cut, deadline)
        following = {301, 302, 303, 307, 308} if method in ("GET", "HEAD") else {307, 308}
        if answer.status not in following or not answer.headers.get("location"):
            return answer
        url = _joined(url, answer.headers["location"])
    raise FetchFailed(f"It leads on more than {redirects} times.")


def is_public_address(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet could ask."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public_address(str(found.ipv4_mapped))
        if found not in _UNICAST:
            return False
    if any(found in network for network in _REFUSED_NETWORKS if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_private


def is_fetchable(url: str) -> bool:
    """Whether an address is written in a way that would be asked at all. The name behind it is not looked up."""
    try:
        _checked(url)
    except FetchRefused:
        return False
    return True


# Parts of the above


@dataclass(frozen=True)
class _Target:
    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def _checked(url: str) -> _Target:
    if len(url) > LONGEST_ADDRESS:
        raise FetchRefused("The address is too long.")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise FetchRefused("The address holds characters that addresses do not have.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise FetchRefused("This is not a web address.") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise FetchRefused("Only addresses that begin with https:// or http:// are asked.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise FetchRefused("The address holds a name or password.")
    port = port if port is not None else {"http": 80, "https": 443}[scheme]
    if port not in PORTS[scheme]:
        raise FetchRefused(f"The address names port {port}, which is not one for web pages.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return _Target(url=url, scheme=scheme, host=_checked_host(host), port=port, path=path)


def _checked_host(host: str) -> str:
    if ":" in host:
        try:
            if "%" in host:
                raise ValueError  # a zone names a network card of this machine
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise FetchRefused("This is not a web address.") from None
    host = host.lower().removesuffix(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise FetchRefused("This is not a web address.") from None
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise FetchRefused("This is not a web address.")
    return host


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location.strip())
    except ValueError:
        raise FetchRefused("It leads on to what is not a web address.") from None


def _resolve(target: _Target) -> str:
    """One address of the host. All that its name stands for must be public: honest names are not half private."""
    try:
        answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchFailed(f"There is no server named {target.host}.") from None
    addresses = [str(answer[4][0]) for answer in answers]
    if not addresses:
        raise FetchFailed(f"There is no server named {target.host}.")
    for address in addresses:
        if not is_public_address(address):
            raise FetchRefused(f"{target.host} is not a public address.")
    # IPv4 first: a machine may know IPv6 addresses without a way to reach them.
    return min(addresses, key=lambda address: ":" in address)


def _ask(
    target: _Target,
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
    longest: int,
    cut: bool,
    deadline: float,
) -> Fetched:
    address = _resolve(target)
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchFailed("It took too long.")
    connection = _connection(target, address, min(left, 10.0))
    # Time limits of sockets begin anew with each byte; a server that sends one now and then is cut off by the clock.
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        _shut(connection)

    clock = threading.Timer(left, end)
    clock.daemon = True
    clock.start()
    try:
        connection.request(
            method,
            target.path,
            body=body,
            headers={
                "Host": target.netloc,
                "User-Agent": f"Summit (+{settings.BASE_URL})",
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.5",
                "Accept-Encoding": "identity",
                "Connection": "close",
                **headers,
            },
            preload_content=False,
            decode_content=False,
        )
        answer = connection.getresponse()
        found = _read(target, answer, longest, cut)
    except FetchError:
        if is_over.is_set():
            raise FetchFailed("It took too long.") from None
        raise
    except ssl.SSLError as error:
        raise FetchFailed(f"{target.host} has no certificate that can be trusted: {error.reason}.") from None
    except (HTTPError, OSError, ValueError) as error:
        if is_over.is_set():
            raise FetchFailed("It took too long.") from None
        raise FetchFailed(f"{target.host} did not answer ({type(error).__name__}).") from None
    finally:
        clock.cancel()
        connection.close()
    if is_over.is_set():
        raise FetchFailed("It took too long.")
    return found


def _connection(target: _Target, address: str, timeout: float) -> HTTPConnection:
    """A connection to the address that was checked, which the certificate must know by its name."""
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout,
        ssl_context=_tls(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shut(connection: HTTPConnection) -> None:
    try:
        if connection.sock is not None:
            cast(socket.socket, connection.sock).shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _read(target: _Target, answer: BaseHTTPResponse, longest: int, cut: bool) -> Fetched:
    headers = {name.lower(): ", ".join(answer.headers.getlist(name)) for name in answer.headers}
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchFailed("The answer is packed in a way that was not asked for.")
    unpack = zlib.decompressobj(47) if packing in ("gzip", "x-gzip") else None
    if packing == "deflate":
        unpack = zlib.decompressobj()
    body = bytearray()
    is_cut = False
    while chunk := answer.read(CHUNK, decode_content=False):
        if unpack is not None:
            try:
                # Never more than one byte beyond what is allowed, whatever the packed bytes promise.
                chunk = unpack.decompress(chunk, longest + 1 - len(body))
            except zlib.error:
                raise FetchFailed("The answer is packed in a way that cannot be unpacked.") from None
        body += chunk
        if len(body) > longest:
            if not cut:
                raise FetchFailed(f"It is longer than {longest:,} bytes.")
            del body[longest:]
            is_cut = True
            break
    return Fetched(url=target.url, status=answer.status, headers=headers, body=bytes(body), is_cut=is_cut)
