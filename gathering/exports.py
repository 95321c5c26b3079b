"""The ledger as files for editors: CSV and JSON, with no more of anybody's words and name than they allowed."""

import csv
import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from gathering.models import Decision, Echo, Entry
from gathering.querysets import EntryQuerySet
from people.consent import Consent
from people.models import User

COLUMNS = (
    "id",
    "proposition",
    "channel",
    "said_at",
    "session",
    "prompt",
    "table",
    "people",
    "speaker",
    "said_by",
    "consent",
    "text",
    "text_hash",
    "what_became_of_it",
    "point",
    "point_title",
    "stands_with",
    "reason",
    "decided_by",
    "decided_at",
    "theme",
    "campaign",
    "starred",
    "source",
    "excerpts",
)
# What a spreadsheet would take for a formula, also behind blanks.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


# Decisions that say what becomes of an entry.
SETTLING = (Decision.Kind.PLACED, Decision.Kind.UNPLACED, Decision.Kind.SET_ASIDE, Decision.Kind.MERGED)


def defused(value: Any) -> Any:
    """Text that no spreadsheet runs as a formula."""
    if isinstance(value, str) and (value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)):
        return f"'{value}"
    return value


def rows_of(entries: EntryQuerySet) -> Iterator[dict[str, Any]]:
    """One row an entry, in the order in which things were said.

    Nobody's name stands here that the consent does not give: the label is the one for quotations. Who spoke is a
    number, the same for everything one person said. What is not to be quoted is marked so and kept out; so is what
    was withdrawn, hidden or erased. The hash of the words stands only beside them. Who decided, and when, is the
    editor whose decision stands.
    """
    speakers: dict[str, int] = {}
    latest = Decision.objects.filter(entry=OuterRef("pk"), kind__in=SETTLING, undone_by=None).order_by("-pk")
    names = {one.pk: one.display_name for one in User.objects.filter(pk__in=_deciders()).select_related("person")}
    found = (
        entries.select_related("proposition", "session__page", "prompt", "point", "merged_into__point", "theme", "echo")
        .prefetch_related("excerpts")
        .annotate(decided_by=Subquery(latest.values("actor")[:1]), decided_at=Subquery(latest.values("made_at")[:1]))
        .in_order()
    )
    for entry in found.iterator(chunk_size=1000):
        point = entry.point or (entry.merged_into.point if entry.merged_into else None)
        echo = entry.echo if entry.echo and entry.echo.is_campaign and entry.echo.state == Echo.State.KEPT else None
        decided = entry.disposition != Entry.Disposition.UNDECIDED and entry.decided_at is not None
        yield {
            "id": entry.pk,
            "proposition": entry.proposition.number if entry.proposition else None,
            "channel": entry.channel,
            "said_at": _moment(entry.said_at),
            "session": entry.session.page.title if entry.session else "",
            "prompt": entry.prompt.text if entry.prompt else "",
            "table": entry.table_name,
            "people": entry.headcount,
            "speaker": speakers.setdefault(entry.author_key, len(speakers) + 1),
            "consent": entry.consent,
            "text": entry.text if entry.is_quotable else "",
            "said_by": entry.quote_label if entry.is_quotable and entry.consent != Consent.ANONYMOUS else "",
            "text_hash": entry.text_hash if entry.is_quotable else "",
            "what_became_of_it": entry.disposition,
            "point": point.position if point else None,
            "point_title": point.working_title if point else "",
            "stands_with": entry.merged_into_id,
            "reason": entry.set_aside_reason,
            "decided_by": names.get(entry.decided_by, "") if decided else "",
            "decided_at": _moment(entry.decided_at) if decided else "",
            "theme": entry.theme.label if entry.theme else "",
            "campaign": echo.label if echo else "",
            "starred": entry.is_starred or entry.is_starred_in_room,
            "source": entry.source_note or ("Changed since" if entry.source_edited_at else ""),
            "excerpts": [
                {"role": excerpt.role, "point": str(excerpt.point_id), "text": excerpt.text}
                for excerpt in entry.excerpts.all()
                if excerpt.removed_at is None and entry.is_quotable
            ],
        }


def _deciders() -> QuerySet[Decision, Any]:
    return Decision.objects.filter(kind__in=SETTLING).order_by().values("actor").distinct()


def _moment(moment: datetime.datetime) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    # Spreadsheets tell UTF-8 by this mark.
    yield "\ufeff" + str(writer.writerow(COLUMNS))
    for row in rows:
        flat = {**row, "excerpts": " | ".join(f"{one['role']}: “{one['text']}”" for one in row["excerpts"])}
        yield str(writer.writerow([defused(flat[name]) for name in COLUMNS]))


def json_lines(rows: Iterable[dict[str, Any]], about: dict[str, Any]) -> Iterator[str]:
    """One JSON document, written as it is read."""
    head = json.dumps({**about, "entries": []}, ensure_ascii=False)
    yield head[:-2]
    for number, row in enumerate(rows):
        yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield "\n]}\n"
