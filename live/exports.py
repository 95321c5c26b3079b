"""A session to take away: as CSV, as a spreadsheet, as JSON. Says no more than its reader may see."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from live.models import Contribution, LiveSession, Prompt
from live.permissions import can_moderate
from live.selectors import moment
from people.permissions import AnyUser
from realtime import presenters

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
COLUMNS = (
    "number", "said at", "prompt", "prompt text", "proposition", "words", "quoted as", "consent", "person", "table",
    "people", "channel", "state", "reason", "support", "seen", "starred", "tags", "merged into", "edited",
)  # fmt: skip
WIDTHS = {"prompt text": 40, "words": 80, "quoted as": 28, "said at": 20, "reason": 28}
# What makes a spreadsheet calculate, also in full width and behind blanks.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(value: Any) -> Any:
    """Text that a spreadsheet shows instead of calculating it."""
    if not isinstance(value, str):
        return value
    if value.startswith(("\t", "\r", "\n")) or value.strip().startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def contributions_for(user: AnyUser, session: LiveSession) -> Sequence[Contribution]:
    """In the order in which they were said: all for those who moderate the session, else what is shown.

    What its author took back is nobody's any more.
    """
    said = Contribution.objects.filter(session=session)
    visible = said.exclude(state=Contribution.State.WITHDRAWN) if can_moderate(user, session) else said.shown()
    return visible.select_related("prompt", "proposition", "merged_into").order_by("seq")


def export(*, user: AnyUser, session: LiveSession, kind: str) -> bytes:
    rows = list(_rows(contributions_for(user, session), session))
    if kind == "csv":
        return _csv(rows)
    if kind == "xlsx":
        return _xlsx(rows, session)
    return presenters.encode(_document(rows, session)).encode()


def file_name(session: LiveSession, kind: str) -> str:
    rehearsal = "rehearsal-" if session.is_rehearsal else ""
    return f"{rehearsal}{session.page.slug}-{session.code}.{kind}"


def _rows(contributions: Sequence[Contribution], session: LiveSession) -> Iterator[dict[str, Any]]:
    numbers = {prompt.pk: number for number, prompt in enumerate(session.prompts.all(), start=1)}
    # Tells distinct people apart within this file, and nowhere else.
    people: dict[str, int] = {}
    for one in contributions:
        yield {
            "number": one.seq,
            "said at": moment(one.said_at),
            "prompt": numbers.get(one.prompt_id) if one.prompt_id else None,
            "prompt text": one.prompt.text if one.prompt else "",
            "proposition": one.proposition.number if one.proposition else None,
            "words": one.body,
            "quoted as": one.quote_label,
            "consent": one.get_consent_display(),
            "person": people.setdefault(one.author_key, len(people) + 1),
            "table": one.table_name,
            "people": one.headcount,
            "channel": one.channel,
            "state": one.state,
            "reason": one.hide_reason or one.hold_reason,
            "support": one.support_count,
            "seen": one.seen_count,
            "starred": one.is_starred,
            "tags": list(one.tags),
            "merged into": one.merged_into.seq if one.merged_into else None,
            "edited": one.edited_at is not None,
        }


def _cells(row: dict[str, Any]) -> list[Any]:
    cells = []
    for column in COLUMNS:
        value = row[column]
        if isinstance(value, list):
            value = ", ".join(value)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        cells.append(defused(value))
    return cells


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(["" if cell is None else cell for cell in _cells(row)] for row in rows)
    # With a byte order mark, without which Excel takes it for another encoding.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[dict[str, Any]], session: LiveSession) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 a new workbook has a sheet
    sheet.title = "Contributions"
    _fill(sheet, COLUMNS, [_cells(row) for row in rows])
    columns = ("prompt", "prompt text", "kind", "option", "support", "concern", "pass", "seen")
    results = [
        [
            number,
            prompt.text,
            prompt.kind,
            option.text,
            option.support_count,
            option.concern_count,
            option.pass_count,
            option.seen_count,
        ]
        for number, prompt in enumerate(_prompts(session), start=1)
        for option in prompt.options.all()
    ]
    _fill(book.create_sheet("Results"), columns, [[defused(cell) for cell in row] for row in results])
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def _fill(sheet: Any, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet.append(list(columns))
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row])
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(cell.value, str):
                cell.data_type = "s"
    for cell, name in zip(sheet[1], columns, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = WIDTHS.get(name, 12)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _document(rows: Sequence[dict[str, Any]], session: LiveSession) -> dict[str, Any]:
    page = session.page
    return {
        "session": {
            "title": page.title,
            "code": session.code,
            "state": session.state,
            "is_rehearsal": session.is_rehearsal,
            "room": page.room,
            "starts_at": moment(page.starts_at),
            "opened_at": moment(session.opened_at),
            "closed_at": moment(session.closed_at),
            "exported_at": moment(timezone.now()),
            "propositions": [
                {"number": proposition.number, "title": proposition.title}
                for proposition in page.propositions.order_by("number")
            ],
            "tables": [{"name": table.name, "people": table.headcount} for table in session.tables.all()],
        },
        "prompts": [
            {
                "number": number,
                "text": prompt.text,
                "kind": prompt.kind,
                "state": prompt.state,
                "options": [
                    {
                        "text": option.text,
                        "support": option.support_count,
                        "concern": option.concern_count,
                        "pass": option.pass_count,
                        "seen": option.seen_count,
                    }
                    for option in prompt.options.all()
                ],
            }
            for number, prompt in enumerate(_prompts(session), start=1)
        ],
        "contributions": [{name.replace(" ", "_"): value for name, value in row.items()} for row in rows],
    }


def _prompts(session: LiveSession) -> Sequence[Prompt]:
    return session.prompts.prefetch_related("options")
