"""Logs as lines of JSON that say what happened, and nothing about anybody.

What people say, their names and addresses get into logs by two ways: as arguments of messages that other people's code
writes, and as the texts of exceptions ("invalid literal for int(): …", "Key (email)=(…) already exists"). So of other
code only the wording of a message is kept and the numbers in it; of an exception its kind, where it was raised, and its
text if it is of a kind whose texts speak of machines and code.
"""

import datetime
import json
import logging
import os
import re
import smtplib
import traceback
import uuid
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.template import TemplateDoesNotExist, TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = "site-packages/"

# Their texts name types, attributes, hosts and tables, never what somebody wrote.
SPEAK_OF_CODE = (
    AttributeError,
    TypeError,
    NameError,
    ImportError,
    NotImplementedError,
    RecursionError,
    ImproperlyConfigured,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    OperationalError,
    InterfaceError,
    ProgrammingError,
)
LEFT_OUT = "…"
HARMLESS = (bool, int, float, uuid.UUID, type(None), datetime.timedelta)

# What slips through all the same: addresses of mailboxes and machines, and tokens.
ADDRESSES = re.compile(
    r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;]+"
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"
    r"|(?<![\w.])(?:[0-9a-fA-F]{1,4}:){3,}[0-9a-fA-F:]*"
    r"|[A-Za-z0-9_-]{40,}"
)
MOST = 500


class JSONFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        asked = asked_of(record)
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            # Django puts together the status in words and the address that was asked.
            "message": HTTPStatus(asked["status"]).phrase if "status" in asked else message_of(record),
            "pid": record.process,
            **asked,
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def message_of(record: logging.LogRecord) -> str:
    if isinstance(record.msg, BaseException):
        return clean(told(record.msg))
    arguments = record.args or ()
    keep = _keep_ours if _is_ours(record.name) else _keep_numbers
    if isinstance(arguments, dict):
        kept: Any = {name: keep(value) for name, value in arguments.items()}
    else:
        kept = tuple(keep(value) for value in arguments)
    template = str(record.msg)
    if not _is_ours(record.name):
        # asyncio puts the exception of a task that nobody waited for, text and all, into what follows.
        template = template.partition("\n")[0]
    try:
        return clean(template % kept if kept else template)
    except (TypeError, ValueError):
        # A number was asked for where something was left out.
        return clean(template)


def asked_of(record: logging.LogRecord) -> dict[str, Any]:
    """Which page was asked, not by which address: that may hold a token, a search, a name."""
    request = getattr(record, "request", None)
    if request is None:
        return {}
    match = getattr(request, "resolver_match", None)
    asked = {"method": getattr(request, "method", ""), "route": match.route if match else LEFT_OUT}
    status = getattr(record, "status_code", None)
    return {**asked, "status": status} if status else asked


def describe(error: BaseException, depth: int = 3) -> dict[str, Any]:
    described: dict[str, Any] = {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
        "text": clean(told(error)),
        "where": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in _frames(error)],
    }
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and depth:
        described["after"] = describe(before, depth - 1)
    return described


def told(error: BaseException) -> str:
    """As much of an exception's text as says nothing about anybody."""
    if isinstance(error, smtplib.SMTPException):
        return str(getattr(error, "smtp_code", ""))
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, SPEAK_OF_CODE):
        # What follows the first line may quote a row.
        return str(error).partition("\n")[0]
    return ""


def clean(text: str) -> str:
    return ADDRESSES.sub(LEFT_OUT, text)[:MOST]


def _keep_ours(value: Any) -> Any:
    if isinstance(value, BaseException):
        return f"{type(value).__name__} {told(value)}".strip()
    return value


def _keep_numbers(value: Any) -> Any:
    return value if isinstance(value, HARMLESS) else LEFT_OUT


def _is_ours(name: str) -> bool:
    first = name.partition(".")[0]
    return (ROOT / first).is_dir() and (first == "summit" or apps.is_installed(first))


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    # Without the lines themselves: looking them up reads files, and they are in the repository.
    return list(traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False, limit=-25))


def _short(filename: str) -> str:
    if LIBRARIES in filename:
        return filename.partition(LIBRARIES)[2]
    return os.path.relpath(filename, ROOT) if filename.startswith(str(ROOT)) else Path(filename).name
