"""The forms in which the demo's content is written down, so that its modules read as content."""

import datetime
from dataclasses import dataclass
from typing import Literal

Consents = Literal["named", "role", "anonymous", "none"]
Roles = Literal["supports", "qualifies", "opposes"]


@dataclass(frozen=True)
class Profile:
    """Somebody of the demo. With `roles` or `signs_in`, they have an account."""

    key: str
    name: str
    role: str
    organisation: str
    biography: str = ""
    signs_in: bool = False
    groups: tuple[str, ...] = ()
    has_portrait: bool = False
    does: str = "delegate"

    @property
    def email(self) -> str:
        return f"{self.key}@northgate.example"

    @property
    def affiliation(self) -> str:
        return ", ".join(part for part in (self.role, self.organisation) if part)


@dataclass(frozen=True)
class When:
    """A moment counted back from the loading: whole days and a time of day, or minutes ago."""

    days: int = 0
    time: str = ""
    minutes: float = 0

    def at(self, now: datetime.datetime) -> datetime.datetime:
        if not self.time:
            return now - datetime.timedelta(days=self.days, minutes=self.minutes)
        hour, minute = (int(part) for part in self.time.split("."))
        day = now - datetime.timedelta(days=self.days)
        return min(day.replace(hour=hour, minute=minute, second=(hour * 7 + minute) % 60, microsecond=0), now)


@dataclass(frozen=True)
class Fate:
    """What the editor made of an entry: a point with the words picked, another entry it joins, or a reason."""

    point: int | None = None
    quote: str = ""
    as_role: Roles = "supports"
    merged_into: str = ""
    set_aside: str = ""


def used(point: int, quote: str = "", as_role: Roles = "supports") -> Fate:
    """Placed under a point; with a quotation, those exact words are picked as an excerpt."""
    return Fate(point=point, quote=quote, as_role=as_role)


def merged(key: str) -> Fate:
    return Fate(merged_into=key)


def aside(reason: str) -> Fate:
    return Fate(set_aside=reason)


@dataclass(frozen=True)
class Remark:
    """A comment and its replies."""

    by: str
    when: When
    text: str
    replies: tuple["Remark", ...] = ()
    key: str = ""
    consent: Consents = "named"
    shown_as: str = ""
    version: int | None = None
    supports: int = 0
    held: str = ""
    hidden: str = ""
    withdrawn: bool = False
    fate: Fate | None = None


@dataclass(frozen=True)
class Said:
    """A contribution: from a table by name, from somebody's phone, or from a phone that gave a role or nothing."""

    text: str
    table: str = ""
    by: str = ""
    role: str = ""
    key: str = ""
    consent: Consents = "role"
    held: bool = False
    hidden: str = ""
    starred: bool = False
    support: int = 0
    proposition: int | None = None
    fate: Fate | None = None


@dataclass(frozen=True)
class Question:
    """A prompt with what was said to it. Options are statements to weigh or choices of a poll, with their votes."""

    kind: Literal["ideas", "questions", "statements", "poll"]
    text: str
    said: tuple[Said, ...] = ()
    options: tuple[tuple[str, tuple[int, int, int]], ...] = ()


@dataclass(frozen=True)
class Post:
    slug: str
    title: str
    by: str
    days: int
    body: tuple[object, ...]
    summary: str = ""
    time: str = "08.00"
    takes_comments: bool = True
    category: str = ""
    is_note: bool = False


@dataclass(frozen=True)
class Session:
    slug: str
    title: str
    room: str
    introduction: str
    propositions: tuple[int, ...]
    facilitators: tuple[str, ...]
    questions: tuple[Question, ...]
    tables: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Thing:
    """One of the things to consider. `[[key]]` in the discussion cites the excerpt picked from that entry."""

    heading: str
    discussion: str


@dataclass(frozen=True)
class Promise:
    """What is done about a point of a briefing, and how it stood at each moment; `due` in days from the loading."""

    point: int
    text: str
    owner: str
    steps: tuple[tuple[When, str, str], ...]
    due: int | None = None


@dataclass(frozen=True)
class Briefing:
    slug: str
    number: int
    title: str
    proposition: int
    opening: str
    things: tuple[Thing, ...]
    closing: str
    credit: str = ""
    seo: str = ""
    is_published: bool = True
    promises: tuple[Promise, ...] = ()
    takes_objections_for_days: int = 0
    objects: tuple[str, ...] = ()
