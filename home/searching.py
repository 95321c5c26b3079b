"""Looking for words in everything public: pages by the index, people, and what was said."""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from discussion.models import Comment
from live.models import Contribution, LiveSessionPage, SessionState
from live.templatetags.live_room import attribution
from people.models import Person
from people.personal import NAME_REMOVED

MOST_PEOPLE = 6
MOST_SAID = 20
MOST_WORDS = 8
# Around the first of the words that are found.
LENGTH = 220


@dataclass(frozen=True)
class Finding:
    """Something said, with who said it as they let it be told, and where it stands."""

    text: str
    label: str
    place: str
    address: str
    said_at: datetime.datetime


def pages_with(query: str) -> Iterable[Page]:
    """Pages that hold the words, the likeliest first."""
    pages = Page.objects.live().public().filter(depth__gt=2)
    words = _for_index(query)
    return pages.search(words) if words else pages.none()


def people_with(query: str) -> list[Person]:
    """People whose name, role or profile holds the words."""
    words = _for_index(query)
    if not words:
        return []
    found = get_search_backend().search(words, Person)[:MOST_PEOPLE]
    return [person for person in found if person.name != NAME_REMOVED]


def said_with(query: str) -> tuple[int, list[Finding]]:
    """How often all the words were said in one place, and the newest of it.

    Read from the words themselves and not from an index, so that nothing is found that was hidden or withdrawn a
    moment ago. Sessions are searched once they are over and their page shows what was said.
    """
    typed = unicodedata.normalize("NFKC", query).split()
    words = [word for word in typed if any(character.isalnum() for character in word)][:MOST_WORDS]
    if not words:
        return 0, []
    comments = _holding(Comment.objects.visible_to(None).on_public_pages(), "comment", words)
    told = LiveSessionPage.objects.live().public()
    over = {"session__state": SessionState.CLOSED, "session__is_rehearsal": False, "session__page__in": told}
    contributions = _holding(Contribution.objects.shown().filter(merged_into=None, **over), "body", words)
    found = [
        *(
            Finding(
                text=_around(words, comment.comment),
                label=comment.author_label,
                place=comment.page.title,
                address=comment.get_absolute_url(),
                said_at=comment.published_at or comment.submit_date,
            )
            for comment in comments.select_related("page").order_by("-pk")[:MOST_SAID]
        ),
        *(
            Finding(
                text=_around(words, contribution.body),
                label=attribution(contribution),
                place=contribution.session.page.title,
                address=f"{contribution.session.page.get_url()}#said-{contribution.pk}",
                said_at=contribution.said_at,
            )
            for contribution in contributions.select_related("session__page").order_by("-said_at")[:MOST_SAID]
        ),
    ]
    newest = sorted(found, key=lambda finding: finding.said_at, reverse=True)[:MOST_SAID]
    return comments.count() + contributions.count(), newest


def _for_index(query: str) -> str:
    # SQLite's full-text search takes a lone quotation mark for a string without an end.
    return unicodedata.normalize("NFKC", query).replace('"', " ").strip()


def _holding[Rows: QuerySet](rows: Rows, field: str, words: list[str]) -> Rows:
    every = Q()
    for word in words:
        spellings = {word.replace("’", "'"), word.replace("'", "’")}
        every &= reduce(or_, (Q(**{f"{field}__icontains": spelling}) for spelling in spellings))
    return rows.filter(every)


def _around(words: list[str], text: str) -> str:
    """The part of a text that holds the first of the words found in it, on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= LENGTH:
        return line
    patterns = (re.sub("['’]", "['’]", re.escape(word)) for word in words)
    places = [match.start() for pattern in patterns if (match := re.search(pattern, line, re.IGNORECASE))]
    start = max(min(places, default=0) - LENGTH // 3, 0)
    begins = line.find(" ", start) + 1 if start else 0
    ends = line.rfind(" ", begins, begins + LENGTH) if begins + LENGTH < len(line) else len(line)
    return ("… " if begins else "") + line[begins:ends] + (" …" if ends < len(line) else "")
