"""Who did what: one record out of all that are kept, for organisers.

Wagtail's log holds what was done to pages, people, comments and files; the sorting desk has its decisions, each live
session its events. Here they stand together, by kinds that people know. What was said stands in none of them, and of
somebody who was erased only that it was somebody.
"""

import csv
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageLogEntry

from archives.writing import defused
from gathering.models import Decision
from live.models import LiveSession
from people import retention
from people.models import User
from realtime.models import Event

PEOPLE, LIVE, MODERATION, DECISIONS = "sign-ins and roles", "live sessions", "moderation", "decisions"
PUBLISHING, EDITING, FILES, ERASURES = "publishing", "writing", "imports and exports", "erasures"
KINDS = [PEOPLE, ERASURES, PUBLISHING, EDITING, MODERATION, LIVE, DECISIONS, FILES]

# What the commands of a live session did, to stand behind a name. Moderating has its own kind.
OF_SESSIONS = {
    "session.opened": "Opened the session",
    "session.paused": "Paused the session",
    "session.closed": "Closed the session",
    "session.cleared": "Cleared the rehearsal",
    "session.rehearsal_started": "Started a rehearsal",
    "session.moderation_changed": "Changed what is held",
    "prompt.added": "Added a prompt",
    "prompt.edited": "Changed a prompt",
    "prompt.shown": "Put a prompt to the room",
    "prompt.closed": "Closed a prompt",
    "prompt.moved": "Put the prompts in another order",
    "prompt.removed": "Removed a prompt",
    "spotlight.set": "Put words on the wall",
    "spotlight.cleared": "Took words off the wall",
    "timer.started": "Started the timer",
    "timer.extended": "Moved the timer",
    "timer.stopped": "Stopped the timer",
    "wall.message_changed": "Changed the message on the wall",
    "wall.blanked": "Blanked the wall, or brought it back",
    "wall.themes_changed": "Changed the themes on the wall",
    "table.added": "Set up a table",
    "table.renamed": "Renamed a table",
    "table.removed": "Took a table away",
    "table.changed": "Changed who writes for a table",
    "contribution.tagged": "Tagged a contribution",
    "contribution.untagged": "Took a tag off a contribution",
    "contribution.starred": "Starred a contribution",
    "contribution.unstarred": "Took a star off a contribution",
}
OF_MODERATION = {
    "contribution.hidden": "Hid a contribution",
    "contribution.released": "Released a contribution",
    "contribution.merged": "Merged a contribution into another",
    "contribution.unmerged": "Took a merged contribution apart",
}

PUBLISHES = (
    *("wagtail.publish", "wagtail.unpublish", "wagtail.publish.schedule", "wagtail.schedule.cancel"),
    *("wagtail.publish.scheduled", "wagtail.unpublish.scheduled", "wagtail.workflow.approve"),
)
# What delegates do with their own words is no deed of anybody's office.
OWN_WORDS = ("discussion.edit", "discussion.withdraw")
LONGEST = 200
# Nothing was done before or will be after: days beyond cannot be counted with.
FIRST_DAY, LAST_DAY = datetime.date(1970, 1, 1), datetime.date(9999, 1, 1)
CHUNK = 1000
_accounts = Q(content_type__app_label="people", content_type__model="user") | Q(content_type__app_label="auth")
_erasures = Q(action__in=["people.erase", "people.decide_erasure"])
_files = Q(action="people.export") | Q(action__startswith="archives.") | Q(action__startswith="wordpress.")
_judged = Q(action__startswith="discussion.")
# Each log entry has one kind: the first of these that fits.
LOGGED = [
    (ERASURES, _erasures),
    (FILES, _files),
    (PEOPLE, Q(action__startswith="people.") | _accounts),
    (MODERATION, _judged),
    (PUBLISHING, Q(action__in=PUBLISHES)),
    (EDITING, Q()),
]


@dataclass(frozen=True)
class Wanted:
    """Which part of the record: all of it, if nothing is said."""

    person: int | None = None
    kind: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None


@dataclass(frozen=True)
class Deed:
    at: datetime.datetime
    who: str
    did: str
    about: str
    kind: str


def _during(rows: QuerySet[Any], field: str, wanted: Wanted) -> QuerySet[Any]:
    zone = timezone.get_current_timezone()
    if wanted.since and wanted.since > FIRST_DAY:
        rows = rows.filter(**{f"{field}__gte": datetime.datetime.combine(wanted.since, datetime.time.min, zone)})
    if wanted.until and wanted.until < LAST_DAY:
        after = wanted.until + datetime.timedelta(days=1)
        rows = rows.filter(**{f"{field}__lt": datetime.datetime.combine(after, datetime.time.min, zone)})
    return rows


def _logged(model: Any, wanted: Wanted) -> QuerySet[Any]:
    rows = _during(model.objects.exclude(action__in=OWN_WORDS), "timestamp", wanted)
    if wanted.person:
        rows = rows.filter(user_id=wanted.person)
    if wanted.kind:
        for kind, fits in LOGGED:
            if kind == wanted.kind:
                return rows.filter(fits)
            rows = rows.exclude(fits) if fits else rows
        return rows.none()
    return rows


def _decided(wanted: Wanted) -> QuerySet[Any]:
    rows = _during(Decision.objects.all(), "made_at", wanted)
    if wanted.kind not in ("", DECISIONS):
        return rows.none()
    return rows.filter(actor_id=wanted.person) if wanted.person else rows


def _commanded(wanted: Wanted) -> QuerySet[Any]:
    kinds = {"": {**OF_SESSIONS, **OF_MODERATION}, LIVE: OF_SESSIONS, MODERATION: OF_MODERATION}.get(wanted.kind, {})
    rows = _during(Event.objects.filter(kind__in=kinds, payload__has_key="by"), "created_at", wanted)
    return rows.filter(payload__by=wanted.person) if wanted.person else rows


SOURCES = (PageLogEntry, ModelLogEntry, Decision, Event)


def record(wanted: Wanted) -> QuerySet[Any]:
    """Where each deed stands, newest first: to be cut into pages, and then read by `read`."""
    parts = (
        (_logged(PageLogEntry, wanted), "timestamp"),
        (_logged(ModelLogEntry, wanted), "timestamp"),
        (_decided(wanted), "made_at"),
        (_commanded(wanted), "created_at"),
    )
    first, *others = [
        part.order_by().values("pk", at=F(moment), source=Value(number, output_field=IntegerField()))
        for number, (part, moment) in enumerate(parts)
    ]
    return first.union(*others, all=True).order_by("-at", "-source", "-pk")


def read(rows: Iterable[dict[str, Any]]) -> list[Deed]:
    """The deeds of a page, in its order; the same few queries however many."""
    rows = list(rows)
    keys = [[row["pk"] for row in rows if row["source"] == number] for number in range(len(SOURCES))]
    pages, things = (
        model.objects.select_related("content_type", "user__person").in_bulk(keys[number])
        for number, model in enumerate((PageLogEntry, ModelLogEntry))
    )
    decisions = Decision.objects.select_related("entry__event", "actor__person").in_bulk(keys[2])
    events = Event.objects.in_bulk(keys[3])
    streams = {event.stream_id for event in events.values()}
    titles = dict(LiveSession.objects.filter(stream__in=streams).values_list("stream_id", "page__title"))
    people = User.objects.select_related("person").in_bulk({event.payload["by"] for event in events.values()})

    def deed(source: int, pk: int) -> Deed:
        match source:
            case 2:
                one = decisions[pk]
                about = f"Entry {one.entry_id}, {one.entry.event.title}"
                return Deed(one.made_at, who(one.actor), one.get_kind_display().capitalize(), about, DECISIONS)
            case 3:
                event = events[pk]
                kind = MODERATION if event.kind in OF_MODERATION else LIVE
                did = {**OF_SESSIONS, **OF_MODERATION}[event.kind]
                about = titles.get(event.stream_id, "A session that is gone")
                return Deed(event.created_at, who(people.get(event.payload["by"])), did, about, kind)
        entry = (pages, things)[source][pk]
        return Deed(entry.timestamp, _who_logged(entry), _sentence(entry), _about(entry), _kind_of(entry))

    return [deed(row["source"], row["pk"]) for row in rows]


def who(user: User | None) -> str:
    """Whose deed it was, as far as that may be said."""
    if user is None:
        return "Nobody signed in"
    if user.email.endswith("@erased.invalid"):
        return "Somebody who was erased"
    return user.display_name


def _who_logged(entry: Any) -> str:
    """Whoever was signed in, or who ran a command on the server, where nobody signs in."""
    operator = (entry.data or {}).get("operator") if entry.user is None else None
    return f"{operator}, on the server" if operator else who(entry.user)


def _sentence(entry: Any) -> str:
    """What the log says was done, in words."""
    said = str(entry.message or entry.action.partition(".")[2].replace("_", " ").capitalize())
    return said if len(said) <= LONGEST else f"{said[:LONGEST].rstrip()}…"


def _about(entry: Any) -> str:
    """What it was done to; of a delegate's comment its number, not its words."""
    about = entry.content_type
    if about is not None and about.natural_key() == ("discussion", "comment"):
        return f"Comment {entry.object_id}"
    return str(entry.label)


def _kind_of(entry: Any) -> str:
    action, about = entry.action, entry.content_type
    if action in ("people.erase", "people.decide_erasure"):
        return ERASURES
    if action == "people.export" or action.startswith(("archives.", "wordpress.")):
        return FILES
    is_account = about is not None and (about.app_label == "auth" or about.natural_key() == ("people", "user"))
    if action.startswith("people.") or is_account:
        return PEOPLE
    if action.startswith("discussion.") and action not in OWN_WORDS:
        return MODERATION
    return PUBLISHING if action in PUBLISHES else EDITING


def doers() -> QuerySet[User]:
    """Whoever stands in the record, to choose from."""
    logged = Exists(PageLogEntry.objects.filter(user=OuterRef("pk"))) | Exists(
        ModelLogEntry.objects.filter(user=OuterRef("pk"))
    )
    decided = Exists(Decision.objects.filter(actor=OuterRef("pk")))
    ran = Exists(LiveSession.facilitators.through.objects.filter(user=OuterRef("pk")))
    return User.objects.filter(logged | decided | ran).select_related("person").order_by("email")


def table(wanted: Wanted) -> Iterator[str]:
    """The record as lines of CSV, a thousand deeds at a time."""
    yield _line(("When", "Who", "Did", "About", "Kind"))
    rows = record(wanted)
    start = 0
    while page := list(rows[start : start + CHUNK]):
        for one in read(page):
            at = timezone.localtime(one.at).isoformat(timespec="seconds")
            yield _line((at, *(defused(cell) for cell in (one.who, one.did, one.about, one.kind))))
        start += CHUNK


def _line(cells: Iterable[str]) -> str:
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _forget_sign_ins(before: datetime.datetime) -> int:
    signed = ModelLogEntry.objects.filter(action__in=["people.sign_in", "people.sign_out"], timestamp__lt=before)
    return signed.delete()[0]


def _forget_record(before: datetime.datetime) -> int:
    return sum(model.objects.filter(timestamp__lt=before).delete()[0] for model in (PageLogEntry, ModelLogEntry))


def register_rules() -> None:
    retention.register(
        retention.Rule(
            "sign-ins in the record",
            "When somebody with a role signed in and out, for the record of who did what",
            lambda: settings.KEEP_DAYS["sign_ins"],
            _forget_sign_ins,
        ),
        order=70,
    )
    retention.register(
        retention.Rule(
            "the record of who did what",
            "Which of those with a role, or at the server, did what, and when: published, gave a role, took a file. "
            "What they decided on the sorting desk and did in a live session is part of the event, and stays with it",
            lambda: settings.KEEP_DAYS["record"],
            _forget_record,
        ),
        order=71,
    )
