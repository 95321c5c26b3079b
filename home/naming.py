"""Where others name somebody, in pages and in what was said. An erasure leaves it for an organiser to decide about.

Nothing here is searched for less than a whole name: half of one is everybody's.
"""

import json
from collections.abc import Iterator

from wagtail.blocks.stream_block import StreamValue
from wagtail.models import Page

from discussion.models import Comment
from live.models import Contribution
from people.personal import Keeper, Record, Subject, names_of_account, register

TEXTS = "texts of others that name you"


def names_of(subject: Subject) -> set[str]:
    """Every whole name that somebody is known by here: in an account, a profile, below what they said."""
    found = set(Comment.objects.filter(author_key__in=subject.author_keys).values_list("user_name", flat=True))
    return names_of_account(subject) | {name for one in found if len((name := " ".join(one.split())).split()) > 1}


def _naming(subject: Subject) -> list[Record]:
    names = names_of(subject)
    found = [*_pages(names), *_said(names, subject)] if names else []
    return [{"in": title, "address": address} for title, address in dict.fromkeys(found)]


def _pages(names: set[str]) -> Iterator[tuple[str, str]]:
    for page in Page.objects.live().specific().order_by("path").iterator(chunk_size=200):
        if any(name in text for text in _texts(page) for name in names):
            yield f"“{page.title}”", page.full_url or ""


def _texts(page: Page) -> Iterator[str]:
    for one in page._meta.concrete_fields:
        value = getattr(page, one.attname)
        if isinstance(value, StreamValue):
            yield json.dumps(value.get_prep_value(), ensure_ascii=False, default=str)
        elif isinstance(value, str):
            yield value


def _said(names: set[str], subject: Subject) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        comments = Comment.objects.visible_to(None).filter(comment__contains=name).select_related("page")
        for comment in comments.exclude(author_key__in=subject.author_keys).order_by("pk"):
            yield f"a comment on “{comment.page.title}”", comment.get_absolute_url()
        said = Contribution.objects.shown().filter(body__contains=name).select_related("session__page")
        for one in said.exclude(author_key__in=subject.author_keys).order_by("pk"):
            yield f"what somebody said in “{one.session.page.title}”", one.session.page.full_url or ""


def _retained(subject: Subject) -> list[str]:
    return [
        f"They are named in {one['in']} ({one['address']}), in the words of others: read it, and take the name out or "
        "write down why it stays."
        for one in _naming(subject)
    ]


def register_keepers() -> None:
    register(Keeper(TEXTS, _naming, lambda subject, remains: 0, _retained), order=70)
