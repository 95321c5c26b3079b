"""Briefings with everything below them: an event, its proposition, what was said, the points it was sorted under."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import Page, Site

from briefings import citations
from briefings.models import BriefingPage, Series
from discussion.models import Comment, CommentState
from events.models import EventPage
from gathering.models import Entry, Excerpt, Point
from home.models import HomePage
from live.models import Contribution, LiveSession, LiveSessionPage, Participant
from people.consent import Consent
from people.models import User
from people.roles import EDITORS, ORGANISERS
from propositions.models import PropositionPage
from realtime.models import Stream

_numbers = count(1)


def make_editor(email: str = "") -> User:
    user = User.objects.create_user(email or f"editor{next(_numbers)}@example.org")
    user.groups.add(Group.objects.get_or_create(name=EDITORS)[0])
    return user


def make_organiser(email: str = "") -> User:
    user = User.objects.create_user(email or f"organiser{next(_numbers)}@example.org")
    user.groups.add(Group.objects.get_or_create(name=ORGANISERS)[0])
    return user


def make_home() -> HomePage:
    home = HomePage.objects.first()
    if home is None:
        home = Page.objects.get(depth=1).add_child(instance=HomePage(title="Summit", slug="front"))
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
        else:
            Site.objects.filter(pk=site.pk).update(root_page=home)
            Site.clear_site_root_paths_cache()
    return home


def make_event(title: str = "The Harvest Summit", **fields: object) -> EventPage:
    home = make_home()
    number = next(_numbers)
    return home.add_child(
        instance=EventPage(
            **{
                "title": title,
                "slug": f"event-{number}",
                "starts_on": datetime.date(2026, 10, 13),
                "ends_on": datetime.date(2026, 10, 15),
                "strapline": "<p>asking <i>better questions</i> sooner</p>",
                "host": "Alliance of Parish Councils",
                **fields,
            }
        )
    )


def make_proposition(event: EventPage, number: int = 4, **fields: object) -> PropositionPage:
    event.refresh_from_db()
    return event.add_child(
        instance=PropositionPage(
            **{
                "title": "Every village needs a place to meet",
                "slug": f"proposition-{number}-{next(_numbers)}",
                "number": number,
                "statement": [("paragraph", "<p>A hall is more than its roof.</p>")],
                **fields,
            }
        )
    )


def make_session(event: EventPage, title: str = "Who keeps the key?") -> LiveSession:
    event.refresh_from_db()
    page = event.add_child(
        instance=LiveSessionPage(
            title=title,
            slug=f"session-{next(_numbers)}",
            starts_at=datetime.datetime(2026, 10, 14, 9, 30, tzinfo=datetime.UTC),
        )
    )
    return LiveSession.objects.get_or_create(page=page, defaults={"stream": Stream.objects.create()})[0]


def make_comment(page: Page, text: str = "", **fields: object) -> Comment:
    number = next(_numbers)
    return Comment.objects.create(
        **{
            "content_object": page,
            "site_id": 1,
            "page": page,
            "comment": text or "We lost the hall and then the choir.",
            "user_name": f"Delegate {number}",
            "user_email": f"delegate{number}@example.org",
            "author_role": "Parish clerk",
            "author_key": f"author-{number}",
            "consent": Consent.ROLE,
            "state": CommentState.PUBLISHED,
            "submit_date": timezone.now(),
            "published_at": timezone.now(),
            **fields,
        }
    )


def make_contribution(session: LiveSession, text: str = "", **fields: object) -> Contribution:
    number = next(_numbers)
    participant = fields.pop("participant", None) or Participant.objects.create(
        session=session, token_hash=f"hash-{number}", author_key=f"author-{number}"
    )
    body = text or "Give the key to whoever opens the door most often."
    return Contribution.objects.create(
        **{
            "session": session,
            "participant": participant,
            "seq": number,
            "body": body,
            "body_hash": hashlib.sha256(body.encode()).hexdigest(),
            "author_key": participant.author_key,
            "author_label": "A hall steward",
            "quote_label": "A hall steward",
            "said_at": datetime.datetime(2026, 10, 14, 9, 42, tzinfo=datetime.UTC),
            **fields,
        }
    )


def make_entry(event: EventPage, text: str = "", **fields: object) -> Entry:
    """An entry in the ledger. With a `comment` or `contribution` it takes the place that receivers may have made."""
    number = next(_numbers)
    source = {name: fields[name] for name in ("comment", "contribution") if fields.get(name)}
    default_text = source["comment"].comment if "comment" in source else ""
    default_text = source["contribution"].body if "contribution" in source else default_text
    body = text or default_text or f"The boiler is the real chair of our committee, said number {number}."
    values = {
        "channel": Entry.Channel.LIVE,
        "text": body,
        "text_hash": hashlib.sha256(body.encode()).hexdigest(),
        "consent": Consent.ROLE,
        "author_label": f"Delegate {number}",
        "quote_label": "Hall steward",
        "author_key": f"author-{number}",
        "said_at": datetime.datetime(2026, 10, 14, 9, 42, tzinfo=datetime.UTC),
        **fields,
    }
    if source:
        return Entry.objects.update_or_create(**source, defaults={"event": event, **values})[0]
    return Entry.objects.create(event=event, **values)


def make_point(event: EventPage, proposition: PropositionPage | None, position: int, title: str = "") -> Point:
    return Point.objects.create(
        event=event, proposition=proposition, position=position, working_title=title or f"Working title {position}"
    )


def place(entry: Entry, point: Point) -> Entry:
    entry.point = point
    entry.disposition = Entry.Disposition.USED
    entry.save()
    return entry


def make_excerpt(entry: Entry, point: Point, words: str = "", role: str = Excerpt.Role.SUPPORTS) -> Excerpt:
    """Exact words of an entry; the whole of it by default."""
    words = words or entry.text
    start = entry.text.index(words)
    return Excerpt.objects.create(entry=entry, point=point, role=role, spans=[[start, start + len(words)]], text=words)


def make_series(**fields: object) -> Series:
    return Series.objects.create(
        **{"name": "Better questions", "strapline": "<p>asking <i>better questions</i> sooner</p>", **fields}
    )


def point_block(
    heading: str = "Who keeps the key?",
    cites: Sequence[Excerpt | uuid.UUID | str] = (),
    block_id: object = None,
    text: str = "Somebody has to open the door.",
) -> dict[str, object]:
    marks = "".join(citations.markup(getattr(cited, "pk", cited)) for cited in cites)
    return {
        "type": "point",
        "value": {"heading": heading, "discussion": f"<p>{text}{marks}</p>"},
        "id": str(block_id or uuid.uuid4()),
    }


def make_briefing(event: EventPage, proposition: PropositionPage | None = None, **fields: object) -> BriefingPage:
    event.refresh_from_db()
    series = fields.pop("series", None) or Series.objects.first() or make_series()
    points = fields.pop("points", None) or [point_block() for _ in range(3)]
    return event.add_child(
        instance=BriefingPage(
            **{
                "title": "Open the door before you mend the roof",
                "slug": f"briefing-{next(_numbers)}",
                "number": 4,
                "series": series,
                "proposition": proposition,
                "opening": "<p>A hall that is used gets mended. Here are <i>some</i> things to consider.</p>",
                "closing": "<p>None of this needs a new law.</p>",
                "points": json.dumps(points),
                "live": False,
                **fields,
            }
        )
    )


@dataclass
class Ready:
    """A briefing that nothing speaks against, with all it stands on."""

    event: EventPage
    proposition: PropositionPage
    session: LiveSession
    points: list[Point]
    entries: list[list[Entry]]
    excerpts: list[list[Excerpt]]
    briefing: BriefingPage
    editor: User = field(default_factory=make_editor)

    def publish(self) -> BriefingPage:
        self.briefing.save_revision().publish()
        self.briefing.refresh_from_db()
        return self.briefing


def make_ready_briefing(points: int = 3, entries: int = 2, **fields: object) -> Ready:
    """A draft with `points` points; under each `entries` entries of as many people, the first of them cited."""
    event = make_event()
    proposition = make_proposition(event)
    session = make_session(event)
    all_points, all_entries, all_excerpts = [], [], []
    for position in range(1, points + 1):
        point = make_point(event, proposition, position)
        placed = [
            place(
                make_entry(
                    event,
                    f"Sentence {position}.{index} stands ahead. These are the words of {position}.{index}. It ends.",
                    proposition=proposition,
                    session=session,
                ),
                point,
            )
            for index in range(1, entries + 1)
        ]
        all_points.append(point)
        all_entries.append(placed)
        index_words = f"These are the words of {position}.1."
        all_excerpts.append([make_excerpt(placed[0], point, index_words)])
    briefing = make_briefing(
        event,
        proposition,
        **{
            "points": [
                point_block(f"Question {point.position}?", cites=all_excerpts[index], block_id=point.pk)
                for index, point in enumerate(all_points)
            ],
            **fields,
        },
    )
    return Ready(event, proposition, session, all_points, all_entries, all_excerpts, briefing)
