"""The latest voices of an event: what was said in its rooms and in its discussions, as it was said."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from discussion.models import Comment
from events.models import EventPage
from live.models import Contribution, LiveSessionPage
from people.consent import Consent
from propositions.models import PropositionPage

HOW_MANY = 4
LONGEST = 150

_sentence_end = re.compile(r"(?<=[.!?…])[”\")]?\s+")
_marks = re.compile(r"(?<!\w)\*{1,2}|\*{1,2}(?!\w)")


@dataclass(frozen=True)
class Voice:
    """Words with who said them, as far as they let it be told, and where they stand."""

    text: str
    label: str
    place: str
    address: str
    said_at: datetime.datetime


def latest_voices(event: EventPage, *, limit: int = HOW_MANY) -> list[Voice]:
    """What was said last, in the rooms and in the discussions. Who is not to be quoted is not quoted here either."""
    numbers = dict(PropositionPage.objects.child_of(event).live().public().values_list("pk", "number"))
    voices = [*_comments(numbers, limit), *_contributions(event, numbers, limit)]
    return sorted(voices, key=lambda voice: voice.said_at, reverse=True)[:limit]


def beginning_of(text: str) -> str:
    """The first sentences of a text, as many as fit a few lines; a sentence too long for them is cut at a word."""
    paragraphs = [line.strip() for line in text.split("\n") if line.strip() and not line.lstrip().startswith(">")]
    words = _marks.sub("", " ".join((paragraphs or [text])[0].split()))
    taken = ""
    for sentence in _sentence_end.split(words):
        longer = f"{taken} {sentence}".strip()
        if taken and len(longer) > LONGEST:
            break
        taken = longer
    if len(taken) <= LONGEST:
        return taken
    return taken[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:–- ") + " …"


def _comments(numbers: dict[int, int], limit: int) -> Iterable[Voice]:
    comments = (
        Comment.objects.visible_to(None)
        .on_public_pages()
        .filter(page_id__in=list(numbers))
        .exclude(consent=Consent.NONE)
        .select_related("person")
        .order_by("-published_at", "-pk")[:limit]
    )
    for comment in comments:
        said_at = comment.published_at or comment.created_at
        yield Voice(
            text=beginning_of(comment.comment),
            label=comment.quote_label,
            place=f"on proposition {numbers[comment.page_id]}, {_when(said_at)}",
            address=reverse("comments-permalink", args=[comment.pk]),
            said_at=said_at,
        )


def _contributions(event: EventPage, numbers: dict[int, int], limit: int) -> Iterable[Voice]:
    contributions = (
        Contribution.objects.shown()
        .filter(session__page__in=LiveSessionPage.objects.child_of(event).live().public(), session__is_rehearsal=False)
        .filter(merged_into=None)
        .exclude(consent=Consent.NONE)
        .select_related("session__page")
        .prefetch_related("session__page__propositions")
        .order_by("-said_at", "-pk")[:limit]
    )
    for contribution in contributions:
        number = numbers.get(contribution.proposition_id or _only_proposition(contribution) or 0)
        about = f"said live on proposition {number}" if number else "said live"
        yield Voice(
            text=beginning_of(contribution.body),
            label=contribution.quote_label or contribution.table_name,
            place=f"{about}, {_when(contribution.said_at)}",
            address=contribution.session.page.get_url() or "",
            said_at=contribution.said_at,
        )


def _only_proposition(contribution: Contribution) -> int | None:
    propositions = list(contribution.session.page.propositions.all())
    return propositions[0].pk if len(propositions) == 1 else None


def _when(moment: datetime.datetime) -> str:
    """The time today, "yesterday", or the day."""
    day, today = timezone.localdate(moment), timezone.localdate()
    if day == today:
        return date_format(timezone.localtime(moment), "H.i")
    if day == today - datetime.timedelta(days=1):
        return "yesterday"
    return date_format(day, "j F" if day.year == today.year else "j F Y")
