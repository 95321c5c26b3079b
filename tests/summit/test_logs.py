"""A canary says, writes and asks for things everywhere; no line of the log tells of it."""

import asyncio
import gc
import json
import logging
import smtplib
import sys

import pytest
from django.db import IntegrityError, OperationalError, transaction

from people.models import User
from summit.logs import JSONFormatter

CANARY = "canary-words"
EMAIL = "canary-bird@example.org"
ADDRESS = "203.0.113.77"
TRACES = (CANARY, "canary", EMAIL, ADDRESS, "2001:db8")


def line_of(name, message, *arguments, error=None, **more):
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, arguments, None)
    record.__dict__.update(more)
    if error is not None:
        try:
            raise error
        except BaseException:  # noqa: BLE001 as a logger takes it
            record.exc_info = sys.exc_info()
    return json.loads(JSONFormatter().format(record))


def assert_silent(line):
    written = json.dumps(line, ensure_ascii=False).lower()
    assert [trace for trace in TRACES if trace in written] == []


def test_line_says_what_happened_and_where():
    line = line_of("live.writer", "A batch of %d contributions failed.", 7, error=TypeError("no attribute 'pk'"))

    assert line["message"] == "A batch of 7 contributions failed."
    assert (line["level"], line["logger"]) == ("ERROR", "live.writer")
    assert line["exception"]["kind"] == "TypeError"
    assert line["exception"]["text"] == "no attribute 'pk'"
    assert line["exception"]["where"][-1].startswith("tests/summit/test_logs.py:")


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"invalid literal for int(): '{CANARY}'"),
        KeyError(CANARY),
        UnicodeEncodeError("ascii", CANARY, 0, 1, "ordinal not in range"),
        smtplib.SMTPRecipientsRefused({EMAIL: (550, b"no " + EMAIL.encode())}),
        smtplib.SMTPResponseException(550, EMAIL),
        FileNotFoundError(2, "No such file or directory", f"/srv/media/{CANARY}.jpg"),
        OperationalError(f"terminated\nDETAIL:  Key (email)=({EMAIL}) already exists."),
        ConnectionRefusedError(111, f"Connect call failed ('{ADDRESS}', 5432)"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_exception_that_quotes_somebody_is_not_quoted(error):
    line = line_of("django.request", "Internal Server Error: %s", f"/search/{CANARY}/", error=error)

    assert_silent(line)
    assert line["exception"]["kind"].endswith(type(error).__name__)
    assert line["message"] == "Internal Server Error: …"


def test_cause_is_told_as_carefully():
    try:
        raise ValueError(CANARY)
    except ValueError as cause:
        error = RuntimeError(CANARY)
        error.__cause__ = cause

    line = line_of("summit", "It failed.", error=error)

    assert_silent(line)
    assert line["exception"]["after"]["kind"] == "ValueError"


@pytest.mark.django_db
def test_database_that_quotes_a_row_is_not_quoted():
    User.objects.create_user(EMAIL)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create_user(EMAIL)

    assert_silent(line_of("live.writer", "A batch failed: %r", caught.value, error=caught.value))


@pytest.mark.parametrize(
    "arguments",
    [
        ("uvicorn.error", '%s - "WebSocket %s" [accepted]', (ADDRESS, 4711), f"/ws/?{CANARY}"),
        ("django.security.csrf", "Forbidden (%s): %s", "Origin checking failed", f"/comments/{CANARY}/"),
        ("some.library", f"Sent to {EMAIL} from {ADDRESS} and 2001:db8:0:1::7"),
        ("some.library", "%(name)s wrote %(count)d", {"name": CANARY, "count": 3}),
        ("some.library", "%d of them", CANARY),
        ("summit", "Told %s", EMAIL),
    ],
    ids=range(6),
)
def test_arguments_of_others_are_left_out(arguments):
    name, message, *given = arguments

    assert_silent(line_of(name, message, *given))


def test_numbers_of_others_are_kept():
    assert line_of("some.library", "%d tasks in %.1f s", 3, 0.25)["message"] == "3 tasks in 0.2 s"


def test_task_that_nobody_waited_for_quotes_nobody(caplog):
    async def fail():
        raise ValueError(f"{EMAIL} said {CANARY}")

    async def leave():
        task = asyncio.ensure_future(fail())
        await asyncio.wait([task])

    asyncio.run(leave())
    gc.collect()
    [record] = [one for one in caplog.records if one.name == "asyncio"]
    line = json.loads(JSONFormatter().format(record))

    assert CANARY in record.getMessage()
    assert line["message"] == "Task exception was never retrieved"
    assert line["exception"]["kind"] == "ValueError"
    assert_silent(line)


@pytest.mark.django_db
def test_pages_that_fail_are_told_by_their_route(client, monkeypatch, caplog):
    """Everything that the site logs about a visit of the canary, through its own formatter."""
    client.raise_request_exception = False
    headers = {"User-Agent": CANARY, "X-Forwarded-For": ADDRESS, "Referer": f"https://example.org/{CANARY}"}
    caplog.set_level(logging.DEBUG)

    def fail(*arguments, **options):
        raise ValueError(f"{CANARY} {EMAIL}")

    monkeypatch.setattr("home.views.render", fail)
    assert client.get("/search/", {"q": CANARY}, headers=headers).status_code == 500
    client.get(f"/my-data/{CANARY}/", headers=headers)
    client.get(f"/nowhere/{CANARY}/?email={EMAIL}", headers=headers)
    client.post("/accounts/login/", {"login": EMAIL}, headers={**headers, "Origin": f"https://{CANARY}.example"})
    client.get("/", headers={**headers, "Host": f"{CANARY}.example"})

    lines = [json.loads(JSONFormatter().format(record)) for record in caplog.records if record.levelno >= logging.INFO]
    assert len(lines) >= 3
    for line in lines:
        assert_silent(line)
    failed = next(line for line in lines if line.get("status") == 500)
    assert failed["message"] == "Internal Server Error"
    assert failed["route"] == "search/"
    assert failed["exception"]["kind"] == "ValueError"
