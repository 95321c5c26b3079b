"""Reading, in a browser, the mail that a demo or a developer's server would have sent."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

# What Django's file backend writes after each message of a file.
BETWEEN_MESSAGES = b"\n" + b"-" * 79 + b"\n"

MOST_SHOWN = 200


@dataclass(frozen=True)
class KeptMessage:
    """A message in the folder: where it is kept and what it says."""

    name: str
    message: EmailMessage

    @property
    def text(self) -> str:
        part = self.message.get_body(preferencelist=("plain",))
        return part.get_content().strip() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(preferencelist=("html",))
        return part.get_content() if part else ""


def read_messages(folder: Path) -> list[KeptMessage]:
    """Every message in the folder of Django's file backend, oldest first."""
    files = sorted(folder.glob("*.log"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    kept = []
    for file in files:
        for number, part in enumerate(file.read_bytes().split(BETWEEN_MESSAGES)):
            if part.strip():
                message = email.message_from_bytes(part, policy=email.policy.default)
                kept.append(KeptMessage(f"{file.stem}-{number}", message))  # type: ignore[arg-type]
    return kept


def mail_folder() -> Path:
    return Path(settings.MAILERS["default"]["OPTIONS"]["file_path"])


@never_cache
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    newest_first = read_messages(mail_folder())[::-1]
    return render(request, "devmail/message_list.html", {"messages_kept": newest_first[:MOST_SHOWN]})


@never_cache
@require_safe
def message_detail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "devmail/message_detail.html", {"kept": _find(name)})


@never_cache
@require_safe
@csp_override({"default-src": [CSP.NONE], "style-src": [CSP.UNSAFE_INLINE], "img-src": ["data:"], "sandbox": True})
def message_html(request: HttpRequest, name: str) -> HttpResponse:
    """The message as a mail program shows it, kept from running or fetching anything."""
    return HttpResponse(_find(name).html)


def _find(name: str) -> KeptMessage:
    for kept in read_messages(mail_folder()):
        if kept.name == name:
            return kept
    raise Http404


urlpatterns = [
    path("", message_list, name="message_list"),
    path("<str:name>/", message_detail, name="message_detail"),
    path("<str:name>/html/", message_html, name="message_html"),
]
app_name = "devmail"
