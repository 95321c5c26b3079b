"""Asking somebody outside whether a comment is advertising. Off unless the installation names a checker.

`settings.SPAM_CHECK` names a class and its options. Whatever it is: what leaves the site is the text, the name as shown
and the page's address; never an e-mail address, never a network address.
"""

import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from discussion.models import Comment

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Question:
    """Everything that is told to the outside."""

    text: str
    author: str
    page_url: str


class Checker(Protocol):
    def is_spam(self, question: Question) -> bool:
        """Whether it is advertising. Raises OSError or ValueError if there is no answer."""


class Akismet:
    """The service of that name, or one that speaks like it."""

    def __init__(self, *, key: str, url: str = "") -> None:
        self.url = url or f"https://{key}.rest.akismet.com/1.1/comment-check"
        self.key = key

    def is_spam(self, question: Question) -> bool:
        values = {
            "api_key": self.key,
            "blog": settings.BASE_URL,
            # The service insists on a network address. We do not give any away.
            "user_ip": "127.0.0.1",
            "comment_type": "comment",
            "comment_author": question.author,
            "comment_content": question.text,
            "permalink": question.page_url,
            "blog_charset": "UTF-8",
        }
        request = urllib.request.Request(  # noqa: S310 the address is the installation's own choice
            self.url, data=urllib.parse.urlencode(values).encode(), headers={"User-Agent": "Summit | Summit"}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 as above
            said = answer.read(16).decode("ascii", "replace").strip()
        if said not in ("true", "false"):
            raise ValueError(f"The checker says {said!r}")
        return said == "true"


def checker() -> Checker | None:
    """The checker that the installation names, if any."""
    chosen = settings.SPAM_CHECK
    return import_string(chosen["BACKEND"])(**chosen.get("OPTIONS", {})) if chosen else None


def ask(comment: Comment) -> bool | None:
    """What the checker says of a comment; None if it does not answer."""
    found = checker()
    if found is None:
        return None
    try:
        return found.is_spam(Question(comment.body, comment.author_label, comment.page.full_url or ""))
    except (OSError, ValueError):
        return None
