"""An event as an archive: a zip with its data and their schema, its media, briefings on paper, ledger as a table."""

import csv
import datetime
import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, PageViewRestriction

from archives.contents import MODELS, NUMBERS_INSIDE, archived_models, drafted_relations, exported_fields, is_page
from archives.references import in_rich_text, in_stream
from archives.schema import schema
from briefings.models import BriefingPage
from briefings.printing import print_briefing, standalone_html
from content.models import SummitImage
from events.models import EventPage
from gathering.models import Entry
from news.models import NewsIndexPage, PostPage
from people.consent import Consent
from wordpress.models import Companion

FORMAT = "summit-event"
VERSION = 2
DATA = "event.json"
LEDGER = "ledger.csv"
README = """An event of Summit, with everything that belongs to it.

event.json      the data: every page, comment, contribution, vote, ledger entry, decision and briefing
schema.json     what stands in event.json, as a JSON schema (2020-12)
ledger.csv      the ledger as a table
briefings/      the briefings that are published, as PDF and as HTML
media/          pictures and documents

Posts of news and pages of text outside the event stand in it if they came in with the event from a blog; others belong
to the site. What editors have not published yet stands beside what is published, as each page's "draft".

manage.py import_event reads it into another installation. It holds names and words of people, and no addresses of
theirs; no accounts either. Pages that few may read stand in it like all others, with the passwords they ask for: keep
it as safe as they are.
"""
# A spreadsheet takes what begins with these for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_archive(event: EventPage, path: Path, *, with_print: bool = True) -> dict[str, int]:
    """Write an event to a file. Answers how many rows of each model went in."""
    collected = _Collection(event)
    data = collected.data()
    part = path.with_name(f"{path.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            _put(archive, "README.txt", README)
            _put(archive, DATA, json.dumps(data, cls=_Encoder, ensure_ascii=False, indent=1) + "\n")
            _put(archive, "schema.json", json.dumps(schema(), indent=1) + "\n")
            _put(archive, LEDGER, ledger_table(event))
            for name, row in collected.files.items():
                with row.file.open("rb") as file:
                    _put(archive, name, file.read())
            if with_print:
                for briefing in BriefingPage.objects.child_of(event).live():
                    _put(archive, f"briefings/{briefing.slug}.pdf", print_briefing(briefing).content)
                    _put(archive, f"briefings/{briefing.slug}.html", standalone_html(briefing))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {label: len(rows) for label, rows in data["rows"].items()}


def data_of(event: EventPage) -> dict[str, Any]:
    """All that an archive says of an event, ready for JSON."""
    text = json.dumps(_Collection(event).data(), cls=_Encoder)
    found: dict[str, Any] = json.loads(text)
    return found


def left_behind() -> dict[str, int]:
    """How much stands outside all events and came in with none: news and pages of text that belong to the site."""
    companions = Companion.objects.values("page")
    texts = archived_models()["home.TextPage"]
    return {
        "posts of news": PostPage.objects.exclude(pk__in=companions)
        .filter(pk__in=_below(NewsIndexPage.objects.all()))
        .count(),
        "pages of text": texts._default_manager.exclude(pk__in=companions).count(),
    }


def _below(indexes: Iterable[Page]) -> set[int]:
    return {pk for index in indexes for pk in index.get_children().values_list("pk", flat=True)}


def ledger_table(event: EventPage) -> str:
    """The ledger as CSV, one entry a line, with nothing in it that a spreadsheet would run.

    As in the desk's own export, what is not to be quoted, or was withdrawn, hidden or erased, has its line and no words
    or name in it.
    """
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(
        [
            *("number", "said at", "channel", "proposition", "text", "people", "disposition", "point"),
            *("merged into", "set aside because", "theme", "starred", "may be quoted as", "source"),
        ]
    )
    entries = (
        Entry.objects.filter(event=event).select_related("proposition", "point", "theme").order_by("said_at", "pk")
    )
    numbers = {pk: number for number, pk in enumerate(entries.values_list("pk", flat=True), start=1)}
    for entry in entries.iterator(chunk_size=500):
        table.writerow(
            defused(str(value))
            for value in (
                numbers[entry.pk],
                entry.said_at.isoformat(),
                entry.get_channel_display(),
                entry.proposition.number if entry.proposition else "",
                entry.text if entry.is_quotable else "",
                entry.headcount,
                entry.get_disposition_display(),
                entry.point or "",
                numbers.get(entry.merged_into_id or 0, ""),
                entry.set_aside_reason,
                entry.theme or "",
                "yes" if entry.is_starred else "",
                entry.quote_label if entry.is_quotable and entry.consent != Consent.ANONYMOUS else "",
                entry.source_note,
            )
        )
    return file.getvalue()


def defused(cell: str) -> str:
    """A cell that a spreadsheet shows as text."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _put(archive: zipfile.ZipFile, name: str, content: str | bytes) -> None:
    # One date for all: two archives of the same event are the same.
    entry = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


class _Encoder(DjangoJSONEncoder):
    """Django's, which rounds moments to thousandths of a second, without the rounding."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime.datetime) else super().default(o)


class _Collection:
    """The rows of one event, each with a name to point to it by."""

    def __init__(self, event: EventPage) -> None:
        self.event = event
        self.names: dict[tuple[str, str], str] = {}
        self.rows: dict[str, list[models.Model]] = {label: [] for label in archived_models()}
        self.files: dict[str, Any] = {}
        below = Page.objects.descendant_of(event, inclusive=True).order_by("path")
        with_it = Page.objects.filter(pk__in=event.companions.values("page"))
        # First news, then texts: where they stand to each other and to the event differs from site to site.
        outside = sorted(with_it, key=lambda page: (page.specific_class is not PostPage, page.path))
        pages = list(dict.fromkeys([*below, *outside]))
        self.pages = {page.pk: page for page in pages}
        paths = {page.path for page in pages}
        # Pages whose parents stay behind: the event, posts of news, pages of text at the top.
        self.roots = [page.pk for page in pages if page.path[: -Page.steplen] not in paths]
        for number, page in enumerate(pages, start=1):
            self.names["page", str(page.pk)] = f"page:{number}"
        self.restrictions = self._restrictions()

    def _restrictions(self) -> dict[int, list[dict[str, Any]]]:
        """Who may read what, by page. What holds above the event holds for the event, wherever it is read in."""
        found: dict[int, list[dict[str, Any]]] = {}
        restrictions = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE)
        for restriction in restrictions.order_by("pk").select_related("page").prefetch_related("groups"):
            written = {
                "type": restriction.restriction_type,
                "password": restriction.password,
                "groups": sorted(group.name for group in restriction.groups.all()),
            }
            for page in self._uppermost(restriction.page):
                found.setdefault(page, []).append(written)
        return found

    def _uppermost(self, restricted: Page) -> list[int]:
        """The page of the archive that a restriction is of; from outside the archive, the first ones below it."""
        if restricted.pk in self.pages:
            return [restricted.pk]
        return [pk for pk in self.roots if self.pages[pk].path.startswith(restricted.path)]

    def data(self) -> dict[str, Any]:
        for label, model in archived_models().items():
            if MODELS[label]:
                self._take(label, self._belonging(label, model))
        # What is pointed to comes in as it is met, and may point on: a person to a portrait.
        written = {label: [self._row(row) for row in rows] for label, rows in self.rows.items() if MODELS[label]}
        pending = True
        while pending:
            pending = False
            for label, rows in self.rows.items():
                if not MODELS[label] and len(written.setdefault(label, [])) < len(rows):
                    written[label] += [self._row(row) for row in rows[len(written[label]) :]]
                    pending = True
        return {
            "format": FORMAT,
            "version": VERSION,
            "event": "page:1",
            "rows": {label: written[label] for label in self.rows},
        }

    def _belonging(self, label: str, model: type[models.Model]) -> list[Any]:
        if is_page(model):
            found = model._default_manager.filter(pk__in=self.pages)
            places = {pk: place for place, pk in enumerate(self.pages)}
            return sorted(found, key=lambda page: places[page.pk])
        condition = Q()
        for field, of in MODELS[label].items():
            numbers = list(self.pages) if of == "page" else [row.pk for row in self.rows[of]]
            condition |= Q(**{f"{field}__in": numbers})
        manager = getattr(model, "with_removed", None) or model._default_manager
        return list(_in_order(manager.filter(condition)))

    def _take(self, label: str, rows: list[Any]) -> None:
        for row in rows:
            self.rows[label].append(row)
            self._name(label, row)

    def _name(self, label: str, row: models.Model) -> str:
        if is_page(type(row)):
            return self.names["page", str(row.pk)]
        name = f"{label}:{len(self.rows[label])}"
        self.names[label, str(row.pk)] = name
        return name

    def _row(self, row: Any) -> dict[str, Any]:
        model = type(row)
        label = model._meta.label
        name = self.names["page" if is_page(model) else label, str(row.pk)]
        written: dict[str, Any] = {"ref": name}
        if is_page(model) and row.pk not in self.roots:
            written["parent"] = self.names["page", str(row.get_parent().pk)]
        if is_page(model) and row.pk in self.restrictions:
            written["restrictions"] = self.restrictions[row.pk]
        for field in exported_fields(model):
            written[field.name] = self._value(label, row, field)
        if is_page(model) and row.latest_revision_id and (row.has_unpublished_changes or not row.live):
            draft = self._draft(row.get_latest_revision_as_object())
            if draft != self._draft(row):
                written["draft"] = draft
        if label == "discussion.Comment":
            # The library's number of what a comment answers.
            answered = row.parent_id if row.parent_id != row.pk else None
            written["answers"] = self._turn(label, answered) if answered else None
        if hasattr(row, "file") and label in ("content.SummitImage", "wagtaildocs.Document"):
            written["media"] = self._media(row, name)
        return written

    def _draft(self, page: Any) -> dict[str, Any]:
        """What editors are working on: the page as it would be published, with what stands on it in rows of its own."""
        model = type(page)
        written = {field.name: self._value(model._meta.label, page, field) for field in exported_fields(model)}
        for relation, (related, fields) in drafted_relations(model).items():
            rows = getattr(page, relation).all()
            written[relation] = [
                {field.name: self._value(related._meta.label, row, field) for field in fields} for row in rows
            ]
        return written

    def _value(self, label: str, row: Any, field: Any) -> Any:
        if field.many_to_many:
            chosen = [other.pk for other in getattr(row, field.name).all()]
            return sorted(filter(None, (self._turn(field.related_model._meta.label, number) for number in chosen)))
        if field.is_relation:
            return self._turn(field.related_model._meta.label, getattr(row, field.attname))
        value = getattr(row, field.attname)
        if isinstance(field, StreamField):
            return in_stream(field, list(value.raw_data), self._turn) if value else []
        if isinstance(field, RichTextField):
            return in_rich_text(value or "", self._turn)
        inside = NUMBERS_INSIDE.get(f"{label}.{field.name}")
        if inside and isinstance(value, dict):
            return {key: self._turn(inside[key], one) if key in inside else one for key, one in value.items()}
        return value

    def _turn(self, label: str, number: Any) -> str | None:
        """The name of a row; what is only pointed to is taken in now. None for what belongs to other events."""
        if number is None or number == "":
            return None
        model = archived_models().get(label)
        kind = "page" if label in ("page", "wagtailcore.Page") or (model and is_page(model)) else label
        name = self.names.get((kind, str(number)))
        if name or kind == "page" or MODELS.get(kind):
            return name
        row = model._default_manager.filter(pk=number).first() if model else None
        if row is None:
            return None
        self.rows[kind].append(row)
        return self._name(kind, row)

    def _media(self, row: Any, name: str) -> str | None:
        """Where a file stands in the archive; None if it is lost."""
        try:
            if not row.file.storage.exists(row.file.name):
                return None
        except (OSError, ValueError):
            return None
        folder = "images" if isinstance(row, SummitImage) else "documents"
        # Not the name it has here: storages add to names that are taken.
        path = f"media/{folder}/{name.partition(':')[2]}{PurePosixPath(row.file.name).suffix.lower()}"
        self.files[path] = row
        return path


def _in_order(rows: models.QuerySet) -> models.QuerySet:
    """Rows in the order they were made, which is the same wherever the archive was read."""
    return rows.order_by("pk")
