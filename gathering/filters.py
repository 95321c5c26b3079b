"""Which entries an editor goes through, and in what order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from content.converters import id_in
from content.text import clean_line
from gathering.desk import Desk
from gathering.models import Entry
from gathering.querysets import EntryQuerySet
from gathering.suggestions import pile_around

Disposition = Entry.Disposition
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True)
class Filters:
    """Which entries the editor goes through. Unknown values in an address are ignored."""

    show: str = Disposition.UNDECIDED
    theme: str = ""
    echo: str = ""
    about: str = ""
    channel: str = ""
    session: str = ""
    prompt: str = ""
    point: str = ""
    table: str = ""
    like: str = ""
    starred: bool = False
    quotable: bool = False
    flagged: bool = False
    q: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, str]) -> "Filters":
        values: dict[str, Any] = {}
        for one in fields(cls):
            raw = clean_line(str(data.get(one.name, "")))
            values[one.name] = raw == "1" if isinstance(one.default, bool) else raw[:200]
        if values["show"] not in (*Disposition.values, "everything"):
            values["show"] = Disposition.UNDECIDED
        if values["channel"] not in Entry.Channel.values:
            values["channel"] = ""
        for name in ("theme", "session", "prompt", "about", "echo", "like"):
            if id_in(values[name]) is None and (values[name] != "none" or name == "like"):
                values[name] = ""
        if not re.fullmatch(UUID, values["point"]):
            values["point"] = ""
        return cls(**values)

    @property
    def query(self) -> str:
        """As a query string. Never empty, so that an address with a filter is told from one without."""
        given: dict[str, str] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value and value != one.default:
                given[one.name] = "1" if value is True else str(value)
        return urlencode({"show": self.show, **given})

    def but(self, **changes: Any) -> "Filters":
        return replace(self, **changes)

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows the disposition shown."""
        return self == Filters(show=self.show)

    @property
    def narrowing(self) -> list[tuple[str, str]]:
        """What narrows it beside the words searched for, as the fields of a form."""
        given = ((one.name, getattr(self, one.name)) for one in fields(self) if one.name not in ("show", "q"))
        return [(name, "1" if value is True else value) for name, value in given if value]

    def apply(self, desk: Desk) -> EntryQuerySet:
        """The entries of a desk that it holds."""
        entries = desk.entries
        if self.show != "everything":
            entries = entries.filter(disposition=self.show)
        if self.theme:
            entries = entries.filter(theme=None if self.theme == "none" else self.theme)
        if self.echo:
            entries = entries.filter(echo=None if self.echo == "none" else self.echo)
        if self.about:
            entries = entries.filter(proposition=None if self.about == "none" else self.about)
        if self.session:
            entries = entries.filter(session=None if self.session == "none" else self.session)
        if self.prompt:
            entries = entries.filter(prompt=None if self.prompt == "none" else self.prompt)
        if self.channel:
            entries = entries.filter(channel=self.channel)
        if self.point:
            entries = entries.filter(Q(point=self.point) | Q(merged_into__point=self.point))
        if self.table:
            entries = entries.filter(table_name=self.table)
        if self.starred:
            entries = entries.starred()
        if self.quotable:
            entries = entries.quotable()
        if self.flagged:
            entries = entries.exclude(
                source_edited_at=None, source_hidden_at=None, source_withdrawn_at=None, erased_at=None
            )
        if self.q:
            entries = entries.saying(self.q)
        if self.like:
            around = int(self.like)
            if around not in desk.piles:
                desk.piles[around] = pile_around(desk, around)
            entries = entries.filter(pk__in=desk.piles[around])
        return entries


@dataclass(frozen=True)
class Walk:
    """What a filter holds, in order: one query for the entry shown, its neighbours and how many there are."""

    ids: Sequence[int]
    desk: Desk
    filters: Filters

    def begin(self, near: Entry | None) -> int | None:
        """The entry to begin with: where one stopped if the filter holds it, else the next after, else the first."""
        if near is not None and near.pk in self.ids:
            return near.pk
        return self.after(near) or (self.ids[0] if self.ids else None)

    def after(self, near: Entry | None) -> int | None:
        """The entry that follows, whether or not the filter still holds this one."""
        if near is None:
            return None
        if near.pk in self.ids:
            return next(iter(self.ids[self.ids.index(near.pk) + 1 :][:1]), None)
        return self._outside().after(near).values_list("pk", flat=True).first()

    def before(self, near: Entry | None) -> int | None:
        """The entry that comes before."""
        if near is None:
            return None
        if near.pk in self.ids:
            return next(iter(self.ids[: self.ids.index(near.pk)][-1:]), None)
        return self._outside().before(near).values_list("pk", flat=True).first()

    def _outside(self) -> EntryQuerySet:
        return self.filters.apply(self.desk)


def walk(desk: Desk, filters: Filters) -> Walk:
    return Walk(list(filters.apply(desk).in_order().values_list("pk", flat=True)), desk, filters)
