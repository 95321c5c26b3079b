"""Only the site's own pages open sockets, and only where there are any."""

import pytest
from asgiref.testing import ApplicationCommunicator

from summit.asgi import application
from summit.origin import SameOriginValidator, is_allowed, parse_origin


def scope(origin=None, *, host="summit.example.org", scheme="wss", headers=()):
    sent = [(b"host", host.encode()), *headers]
    if origin is not None:
        sent.append((b"origin", origin.encode()))
    return {"type": "websocket", "scheme": scheme, "path": "/ws/", "headers": sent}


@pytest.fixture(autouse=True)
def _hosts(settings):
    settings.ALLOWED_HOSTS = ["summit.example.org", ".rooms.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = None


@pytest.mark.parametrize(
    "origin",
    [
        "https://summit.example.org",
        "https://summit.example.org:443",
    ],
)
def test_own_page_is_allowed(origin):
    assert is_allowed(scope(origin))


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        "https://summit.example.org.evil.example",
        "https://evil.example/summit.example.org",
        "https://summit.example.org@evil.example",
        "https://summit.example.org:8443",
        "https://summit.example.org:99999",
        "http://summit.example.org",
        "http://summit.example.org:443",
        "wss://summit.example.org",
        "file://",
        "https://other.rooms.example.org",
        "https://summit.example.org, https://evil.example",
    ],
)
def test_other_page_is_refused(origin):
    assert not is_allowed(scope(origin))


def test_page_without_encryption_may_not_open_an_encrypted_socket_and_the_reverse():
    assert is_allowed(scope("http://summit.example.org", scheme="ws"))
    assert not is_allowed(scope("https://summit.example.org", scheme="ws"))


def test_port_is_part_of_the_origin():
    assert is_allowed(scope("http://summit.example.org:8000", host="summit.example.org:8000", scheme="ws"))
    assert not is_allowed(scope("http://summit.example.org", host="summit.example.org:8000", scheme="ws"))


def test_host_that_is_not_ours_is_refused_even_by_itself():
    assert not is_allowed(scope("https://evil.example", host="evil.example"))


def test_two_origins_are_refused():
    second = ((b"origin", b"https://summit.example.org"),)

    assert not is_allowed(scope("https://summit.example.org", headers=second))


def test_proxy_says_that_the_page_was_encrypted(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    forwarded = ((b"x-forwarded-proto", b"https"),)

    assert is_allowed(scope("https://summit.example.org", scheme="ws", headers=forwarded))
    assert not is_allowed(scope("http://summit.example.org", scheme="ws", headers=forwarded))


def test_trusted_origin_is_allowed(settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://wall.example.org"]

    assert is_allowed(scope("https://wall.example.org"))
    assert not is_allowed(scope("http://wall.example.org"))


def test_origin_without_a_port_has_its_schemes():
    assert parse_origin("HTTPS://Summit.Example.org") == ("https", "summit.example.org", 443)


async def test_refused_socket_is_closed_before_it_opens():
    reached = []

    async def application(scope, receive, send):
        reached.append(scope)

    socket = ApplicationCommunicator(SameOriginValidator(application), scope("https://evil.example"))
    await socket.send_input({"type": "websocket.connect"})

    assert await socket.receive_output() == {"type": "websocket.close", "code": 4403}
    assert reached == []


async def test_own_socket_reaches_the_application():
    reached = []

    async def application(scope, receive, send):
        reached.append(scope["path"])

    socket = ApplicationCommunicator(SameOriginValidator(application), scope("https://summit.example.org"))
    await socket.wait()

    assert reached == ["/ws/"]


@pytest.mark.parametrize(
    "path",
    ["/", "", "/ws/", "/ws/live/", "/ws/live/ABCDEF", "/ws/live/ABCDEF/more/", "/admin/", "/live/ABCDEF/", "/\n"],
)
@pytest.mark.parametrize(("origin", "code"), [("https://summit.example.org", 4404), ("https://evil.example", 4403)])
async def test_socket_where_there_is_none_is_refused_and_no_error(path, origin, code, caplog):
    connection = ApplicationCommunicator(application, {**scope(origin), "path": path})
    await connection.send_input({"type": "websocket.connect"})

    assert await connection.receive_output() == {"type": "websocket.close", "code": code}

    await connection.wait()
    assert caplog.records == []
