"""Fetching what strangers name, and what may never be fetched.

Real servers answer on this machine. A test lets the one address stand for a public one that it needs; nothing but a
test can: there is no setting for it.
"""

import gzip
import re
import socket
import threading
import time
import zlib
from pathlib import Path

import pytest

from content import fetch as module
from content.fetch import FetchFailed, FetchRefused, fetch, is_fetchable, is_public_address
from tests.strangers import let_count_as_public, names, serving


@pytest.fixture
def server(monkeypatch):
    """A server at an address that counts as public, known as `blog.example`."""
    with serving("127.0.0.2") as made:
        let_count_as_public(monkeypatch, made)
        yield made


# Which addresses are public


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 it is to be refused
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.254",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:7f00:1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "4000::1",
        "not an address",
        "",
    ],
)
def test_address_that_is_not_public_is_refused(address):
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "185.199.108.153", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450:4009::1"]
)
def test_address_that_anybody_can_ask_is_public(address):
    assert is_public_address(address)


# What is asked at all


@pytest.mark.parametrize(
    "url",
    [
        "",
        "blog.example",
        "//blog.example/",
        "ftp://blog.example/",
        "file:///etc/passwd",
        "gopher://blog.example/",
        "data:text/html,x",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://blog.example:22/",
        "http://blog.example:443/",
        "https://blog.example:80/",
        "http://blog.example:6379/",
        "http://blog.example:99999/",
        "http://blog.example:port/",
        "http://name@blog.example/",
        "http://name:word@blog.example/",
        "http://blog.example@127.0.0.1/",
        "http://:@blog.example/",
        "http://blog.example\\@127.0.0.1/",
        "http://blog.example/a b",
        "http://blog.example/\r\nHost: inside",
        "http://blog.example/\tx",
        "http://blog.example\x00.inside/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://bl og.example/",
        "http://blog..example/",
        "http://blog%2eexample/",
        "http://-blog.example/",
        "http://" + "a" * 64 + ".example/",
        "http://blog.example/" + "a" * 2000,
    ],
)
def test_address_that_is_no_web_address_is_refused_before_anything_is_looked_up(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: pytest.fail("looked up"))

    assert not is_fetchable(url)
    with pytest.raises(FetchRefused):
        fetch(url)


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("127.1", socket.AF_INET),
        ("2130706433", socket.AF_INET),
        ("0x7f000001", socket.AF_INET),
        ("0x7f.1", socket.AF_INET),
        ("0177.0.0.1", socket.AF_INET),
        ("127.0.0.1.", socket.AF_INET),
        ("localhost", socket.AF_INET),
        ("LOCALHOST", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET),  # noqa: S104 it is to be refused
        ("0", socket.AF_INET),
        ("①②⑦.⓪.⓪.①", socket.AF_INET),
        ("[::1]", socket.AF_INET6),
        ("[0:0:0:0:0:0:0:1]", socket.AF_INET6),
        ("[::ffff:127.0.0.1]", socket.AF_INET),
        ("[::ffff:7f00:1]", socket.AF_INET),
    ],
)
def test_no_way_of_writing_this_machine_reaches_it(host, family, monkeypatch):
    """A canary listens; the port is allowed, so nothing but the check of the address is in the way."""
    with serving("::1" if family == socket.AF_INET6 else "127.0.0.1", family) as canary:
        monkeypatch.setattr(module, "PORTS", {"http": {80, canary.port}, "https": {443}})

        with pytest.raises((FetchRefused, FetchFailed)):
            fetch(f"http://{host}:{canary.port}/")

        assert canary.asked == []
        # Without the check it would have been reached: the canary is awake.
        monkeypatch.setattr(module, "is_public_address", lambda address: True)
        if host not in ("127.0.0.1.", "①②⑦.⓪.⓪.①"):
            assert fetch(f"http://{host}:{canary.port}/").body == b"hello"


def test_name_that_stands_for_a_private_address_is_refused(server):
    with serving("127.0.0.1") as canary:
        module.PORTS["http"].add(canary.port)

        with pytest.raises(FetchRefused, match="not a public address"):
            fetch(f"http://inside.example:{canary.port}/")

        assert canary.asked == []


def test_name_that_stands_for_a_public_and_a_private_address_is_refused(server, monkeypatch):
    names(monkeypatch, {"both.example": ["127.0.0.2", "127.0.0.1"]})

    with pytest.raises(FetchRefused):
        fetch(f"http://both.example:{server.port}/")

    assert server.asked == []


def test_name_that_changes_what_it_stands_for_gains_nothing(server, monkeypatch):
    """Rebinding: the check is told one address, whoever asks again would be told another."""
    lookups = []
    with serving("127.0.0.1") as canary:
        module.PORTS["http"].add(canary.port)
        names(monkeypatch, {"turning.example": [["127.0.0.2"], ["127.0.0.1"]]})
        counted = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *args, **options: (lookups.append(host), counted(host, *args, **options))[1],
        )

        answer = fetch(f"http://turning.example:{server.port}/")

        assert answer.body == b"hello"
        assert lookups.count("turning.example") == 1
        with pytest.raises(FetchRefused):
            fetch(f"http://turning.example:{canary.port}/")
        assert canary.asked == []


# Redirects


def test_redirect_is_followed_and_says_where_it_ended(server):
    server.answers["/old"] = (301, {"Location": "/new?x=1"}, b"")

    answer = fetch(f"http://blog.example:{server.port}/old")

    assert (answer.url, answer.status) == (f"http://blog.example:{server.port}/new?x=1", 200)
    assert [asked[1:3] for asked in server.asked] == [
        ("/old", f"blog.example:{server.port}"),
        ("/new?x=1", f"blog.example:{server.port}"),
    ]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/",
        "http://inside.example:{port}/",
        "//inside.example:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "http://blog.example:22/",
        "http://x@blog.example/",
        "http://[oops/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_checked_like_any_address(server, location, status):
    with serving("127.0.0.1") as canary:
        module.PORTS["http"].add(canary.port)
        server.answers["/"] = (status, {"Location": location.format(port=canary.port)}, b"")

        with pytest.raises(FetchRefused):
            fetch(f"http://blog.example:{server.port}/")

        assert canary.asked == []


def test_redirects_end(server):
    server.answers["/"] = (302, {"Location": "/"}, b"")

    with pytest.raises(FetchFailed, match="leads on more than 3 times"):
        fetch(f"http://blog.example:{server.port}/", redirects=3)

    assert len(server.asked) == 4


def test_what_is_posted_goes_on_only_where_it_should(server):
    server.answers["/a"] = (302, {"Location": "/b"}, b"")
    server.answers["/c"] = (307, {"Location": "/d"}, b"")

    first = fetch(f"http://blog.example:{server.port}/a", method="POST", body=b"x=1")
    second = fetch(f"http://blog.example:{server.port}/c", method="POST", body=b"x=1")

    assert (first.status, second.status) == (302, 200)
    assert [(asked[1], asked[3]) for asked in server.asked] == [("/a", b"x=1"), ("/c", b"x=1"), ("/d", b"x=1")]


# Size and time


def test_long_answer_is_refused_or_cut(server):
    server.answers["/"] = (200, {"Content-Type": "text/html"}, b"x" * 100_000)

    with pytest.raises(FetchFailed, match="longer than"):
        fetch(f"http://blog.example:{server.port}/", longest=99_999)
    answer = fetch(f"http://blog.example:{server.port}/", longest=50_000, cut=True)
    whole = fetch(f"http://blog.example:{server.port}/", longest=100_000)

    assert (len(answer.body), answer.is_cut) == (50_000, True)
    assert (len(whole.body), whole.is_cut) == (100_000, False)


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_answer_is_unpacked_no_further_than_allowed(server, name, pack):
    server.answers["/"] = (200, {"Content-Encoding": name}, pack(b"0" * 20_000_000))
    server.answers["/small"] = (200, {"Content-Encoding": name}, pack(b"small"))

    answer = fetch(f"http://blog.example:{server.port}/", longest=1000, cut=True)

    assert answer.body == b"0" * 1000
    assert fetch(f"http://blog.example:{server.port}/small").body == b"small"
    with pytest.raises(FetchFailed):
        fetch(f"http://blog.example:{server.port}/", longest=1000)


@pytest.mark.parametrize("headers", [{"Content-Encoding": "br"}, {"Content-Encoding": "gzip"}])
def test_answer_packed_otherwise_is_refused(server, headers):
    server.answers["/"] = (200, headers, b"not packed at all")

    with pytest.raises(FetchFailed, match="packed"):
        fetch(f"http://blog.example:{server.port}/")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_server_that_dawdles_is_cut_off(server, part):
    """It sends a byte now and then, so no time limit of a socket ever runs out."""
    stop = threading.Event()

    def dawdle(handler):
        try:
            handler.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n" + (b"" if part == "headers" else b"\r\n")
            )
            while not stop.wait(0.05):
                handler.wfile.write(b"a")
                handler.wfile.flush()
        except OSError:
            pass

    server.answers["/"] = dawdle
    start = time.monotonic()
    try:
        with pytest.raises(FetchFailed, match="too long"):
            fetch(f"http://blog.example:{server.port}/", seconds=0.6)
    finally:
        stop.set()

    assert time.monotonic() - start < 10


def test_server_that_never_answers_is_cut_off(server):
    stop = threading.Event()
    server.answers["/"] = lambda handler: stop.wait(20)
    try:
        with pytest.raises(FetchFailed):
            fetch(f"http://blog.example:{server.port}/", seconds=0.5)
    finally:
        stop.set()


def test_server_that_is_not_there_is_a_failure(server):
    with pytest.raises(FetchFailed, match="no server named"):
        fetch("http://nobody.example/")
    with socket.socket() as unused:
        unused.bind(("127.0.0.2", 0))
        port = unused.getsockname()[1]
        module.PORTS["http"].add(port)
        with pytest.raises(FetchFailed, match="did not answer"):
            fetch(f"http://blog.example:{port}/")


def test_certificate_must_be_trusted(server, monkeypatch):
    """The server at the checked address speaks no TLS; without it nothing is read."""
    module.PORTS["https"].add(server.port)

    with pytest.raises(FetchFailed):
        fetch(f"https://blog.example:{server.port}/")

    assert server.asked == []


# What comes back


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/html; charset=ISO-8859-1", b"caf\xe9", "café"),
        ("text/html", b'<meta charset="iso-8859-1">caf\xe9', '<meta charset="iso-8859-1">café'),
        ("text/html", "café".encode(), "café"),
        ("text/html; charset=nonsense", "café".encode(), "café"),
    ],
)
def test_text_is_read_in_its_encoding(server, content_type, body, text):
    server.answers["/"] = (200, {"Content-Type": content_type}, body)

    answer = fetch(f"http://blog.example:{server.port}/")

    assert (answer.text, answer.content_type) == (text, "text/html")


def test_names_in_other_alphabets_are_asked_as_dns_knows_them(server, monkeypatch):
    names(monkeypatch, {"xn--mnchen-3ya.example": ["127.0.0.2"]})

    fetch(f"http://münchen.example:{server.port}/straße?q=ü")

    assert server.asked == [
        ("GET", "/stra%C3%9Fe?q=%C3%BC", f"xn--mnchen-3ya.example:{server.port}", b""),
    ]


def test_no_setting_opens_the_way_inside():
    """What is refused is written in the code: neither settings nor environment are asked about it."""
    source = Path(module.__file__).read_text()

    assert "environ" not in source
    assert set(re.findall(r"\bsettings\.(\w+)", source)) == {"BASE_URL"}
