"""Reading contributions from a table made elsewhere. Knows files and columns; stores nothing.

What makes the whole file unreadable is an `UnreadableFile`. What is wrong with one row is said of that row.
"""

import csv
import datetime
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

FIELDS = ("body", "author", "time", "shown", "name", "role", "table")
DELIMITERS = (",", ";", "\t")
LARGEST_FILE = 200 * 1024 * 1024

# Epoch times come in seconds, milliseconds or microseconds; any of these as seconds lies beyond the year 5000.
MILLISECONDS_FROM = 1e11
MICROSECONDS_FROM = 1e14

SHOWN = {"1", "yes", "y", "true", "t", "shown"}
HIDDEN = {"-1", "no", "n", "false", "f", "hidden"}
HELD = {"0", "held"}

# Clocks and time zones may be wrong by so much; a moment further ahead was never when somebody spoke.
AHEAD = datetime.timedelta(days=1)


class UnreadableFile(Exception):
    """The file as a whole cannot be imported. Its text says why."""


@dataclass(frozen=True)
class Row:
    """One thing said, as read. `number` is the row's number in the file, the header being row 1."""

    number: int
    body: str
    author: str
    said_at: datetime.datetime | None
    verdict: str
    name: str = ""
    role: str = ""
    table: str = ""


@dataclass(frozen=True)
class Problem:
    """Why a row was skipped."""

    number: int
    reason: str


def read_rows(content: bytes, columns: Mapping[str, str], *, encoding: str = "utf-8") -> Iterator[Row | Problem]:
    """The rows of a CSV file. `columns` says which of its columns holds what: field -> name in the header."""
    unknown = set(columns) - set(FIELDS)
    if unknown:
        raise UnreadableFile(f"There is no field “{sorted(unknown)[0]}”. Fields: {', '.join(FIELDS)}.")
    if "body" not in columns:
        raise UnreadableFile("Say which column holds the words: --column body=NAME.")
    text = _decode(content, encoding)
    header, rows = _open(text, columns)
    places = {field: header.index(name) for field, name in columns.items()}
    return _read(rows, places, len(header), columns)


def _decode(content: bytes, encoding: str) -> str:
    if len(content) > LARGEST_FILE:
        raise UnreadableFile("The file is larger than 200 MB.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        # Bytes that are no text are kept as lone surrogates, so that the rows they stand in can be named.
        return content.decode(encoding, errors="surrogateescape")
    except (LookupError, UnicodeError) as error:
        raise UnreadableFile(f"The file is not text in {encoding}.") from error


def _open(text: str, columns: Mapping[str, str]) -> tuple[list[str], Iterator[list[str]]]:
    if "\x00" in text:
        raise UnreadableFile("The file is not text: it holds zero bytes.")
    if not text.strip():
        raise UnreadableFile("The file is empty.")
    first_line = text.lstrip("\n").splitlines()[0]
    best: list[str] = []
    for delimiter in DELIMITERS:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in _next(rows)]
        except (csv.Error, StopIteration):
            continue
        if all(name in header for name in columns.values()):
            _refuse_doubles(header, columns)
            return header, rows
        best = header if len(header) > len(best) else best
    missing = [name for name in columns.values() if name not in best]
    found = ", ".join(f"“{name}”" for name in best) or f"“{first_line[:80]}”"
    raise UnreadableFile(f"The file has no column “{missing[0] if missing else ''}”. Its columns: {found}.")


def _refuse_doubles(header: Sequence[str], columns: Mapping[str, str]) -> None:
    count = Counter(header)
    doubled = next((name for name in columns.values() if count[name] > 1), None)
    if doubled is not None:
        raise UnreadableFile(f"The file has {count[doubled]} columns “{doubled}”: rename those that are not meant.")


def _next(rows: Iterator[list[str]]) -> list[str]:
    """The next row, however long its cells: one that is too long is a matter of its row, not of the file."""
    limit = csv.field_size_limit(LARGEST_FILE)
    try:
        return next(rows)
    finally:
        csv.field_size_limit(limit)


def _read(
    rows: Iterator[list[str]], places: Mapping[str, int], width: int, columns: Mapping[str, str]
) -> Iterator[Row | Problem]:
    number = 1
    while True:
        number += 1
        try:
            cells = _next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(f"Row {number} cannot be read: {error}.") from error
        if not any(cell.strip() for cell in cells):
            yield Problem(number, "the row is empty")
        elif len(cells) < width and max(places.values()) >= len(cells):
            absent = next(columns[field] for field, place in places.items() if place >= len(cells))
            yield Problem(number, f"the row ends before the column “{absent}”")
        elif any(cell.strip() for cell in cells[width:]):
            # A comma that is part of the words parted them: what is left of them must not pass for the whole.
            yield Problem(number, "the row has more cells than the file has columns: put words in quotation marks")
        else:
            yield _row(number, {field: cells[place] for field, place in places.items()}, columns)


def _row(number: int, cells: Mapping[str, str], columns: Mapping[str, str]) -> Row | Problem:
    for field, cell in cells.items():
        if any("\ud800" <= character <= "\udfff" for character in cell):
            return Problem(number, f"the column “{columns[field]}” is not text in the file's encoding")
    try:
        return Row(
            number=number,
            body=cells["body"],
            author=cells.get("author", "").strip(),
            said_at=_past(cells["time"]) if "time" in cells else None,
            verdict=parse_shown(cells["shown"]) if "shown" in cells else "shown",
            name=" ".join(cells.get("name", "").split()),
            role=" ".join(cells.get("role", "").split()),
            table=" ".join(cells.get("table", "").split()),
        )
    except ValueError as error:
        return Problem(number, str(error))


def _past(value: str) -> datetime.datetime:
    moment = parse_time(value)
    if moment > timezone.now() + AHEAD:
        raise ValueError(f"“{value.strip()[:40]}” is still to come")
    return moment


def parse_time(value: str) -> datetime.datetime:
    """A moment in ISO 8601 (in the site's time zone if it names none) or in seconds, milliseconds … since 1970."""
    value = value.strip()
    try:
        number = float(value)
    except ValueError:
        return _parse_iso(value)
    if not math.isfinite(number):
        raise ValueError(f"“{value[:40]}” is no time")
    if abs(number) >= MICROSECONDS_FROM:
        number /= 1_000_000
    elif abs(number) >= MILLISECONDS_FROM:
        number /= 1000
    try:
        return datetime.datetime.fromtimestamp(number, datetime.UTC)
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"“{value[:40]}” is no time") from None


def _parse_iso(value: str) -> datetime.datetime:
    try:
        moment = parse_datetime(value)
        day = None if moment else parse_date(value)
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime.datetime.combine(day, datetime.time())
    if moment is None:
        shown = f"“{value[:40]}” is" if value else "there is"
        raise ValueError(f"{shown} no time in ISO 8601 or since 1970")
    moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    try:
        # As it is stored; at the ends of the calendar there may be no such moment.
        return moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError(f"“{value[:40]}” is no time") from None


def parse_shown(value: str) -> str:
    """What became of it where it comes from: `shown`, `hidden`, or `held` where nobody decided."""
    word = value.strip().lower()
    # Spreadsheets write whole numbers as 1.0.
    word = word.removesuffix(".0")
    if word in SHOWN:
        return "shown"
    if word in HIDDEN:
        return "hidden"
    if word in HELD:
        return "held"
    raise ValueError(f"“{value.strip()[:40]}” says neither shown nor hidden (1/0/-1, yes/no, true/false)")
