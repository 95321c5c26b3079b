"""What an export holds, gathered in one reading: enough to plan an import, little enough to keep in memory."""

import calendar
import datetime
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from wordpress.markup import words_of
from wordpress.reader import SUPPORTED_VERSIONS, Author, Blog, Item, Record, Repairs, Term, is_likely_year, read_export

TEXTS = ("post", "page")
# Of no use outside WordPress, with what the report says of them.
NOT_IMPORTED = {
    "nav_menu_item": "Menus are not imported: pages here stand in menus by their own setting",
    "wp_navigation": "Menus are not imported: pages here stand in menus by their own setting",
    "revision": "An earlier version of a text; only the last one is imported",
    "customize_changeset": "A setting of WordPress",
    "custom_css": "A setting of WordPress",
    "oembed_cache": "A setting of WordPress",
    "user_request": "A setting of WordPress",
    "wp_global_styles": "A setting of WordPress",
    "wp_template": "A part of WordPress' design",
    "wp_template_part": "A part of WordPress' design",
    "wp_block": "A part of WordPress' design",
    "wp_font_family": "A part of WordPress' design",
    "wp_font_face": "A part of WordPress' design",
}
NOT_ON_SITE = {
    "trash": "It was in the bin",
    "auto-draft": "It was never saved",
    "inherit": "It belongs to another post",
}

_proposition = re.compile(r"^\s*proposition\s+(?:no\.?\s*|number\s+)?(\d{1,3})\b\s*[:.–—-]*\s*(.*)$", re.IGNORECASE)
_facilitated = re.compile(r"^\W*(?:proposition\s+)?facilitators?\s*:", re.IGNORECASE)
_months = [name.lower() for name in calendar.month_name[1:]]
_days = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?\s*(?:[–—-]|to|and)\s*(\d{1,2})(?:st|nd|rd|th)?\s+"
    rf"({'|'.join(_months)})\s*,?\s+(\d{{4}})",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Sketch:
    """A post or page as the plan needs it."""

    key: str
    kind: str
    title: str
    slug: str
    status: str
    parent: str
    link: str
    guid: str
    creator: str
    date: datetime.datetime | None
    categories: tuple[str, ...]
    names_facilitator: bool
    responses: int


@dataclass(slots=True)
class Attachment:
    key: str
    title: str
    address: str
    file: str
    parent: str
    alternative: str
    caption: str
    link: str = ""


@dataclass
class Survey:
    blog: Blog = field(default_factory=Blog)
    repairs: Repairs = field(default_factory=Repairs)
    authors: dict[str, Author] = field(default_factory=dict)
    terms: dict[tuple[str, str], Term] = field(default_factory=dict)
    texts: dict[str, Sketch] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    creators: Counter[str] = field(default_factory=Counter)
    items: int = 0
    first_date: datetime.datetime | None = None
    last_date: datetime.datetime | None = None

    @property
    def source(self) -> str:
        """The blog's address without its scheme: what comes from it is known again by it."""
        parts = urlsplit(self.blog.link if "//" in self.blog.link else f"//{self.blog.link}")
        return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}" or self.blog.title or "unknown"

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(f"//{self.source}").netloc}

    def days(self) -> tuple[datetime.date, datetime.date] | None:
        """The days of the summit, if the blog's subtitle says them: "11-13 October 2011"."""
        found = _days.search(f"{self.blog.title} {self.blog.description}")
        if not found:
            return None
        first, last, month, year = found.groups()
        number = _months.index(month.lower()) + 1
        if not is_likely_year(int(year)):
            return None
        try:
            return datetime.date(int(year), number, int(first)), datetime.date(int(year), number, int(last))
        except ValueError:
            return None

    def notes(self) -> list[str]:
        found = self.repairs.notes()
        if self.blog.version and self.blog.version not in SUPPORTED_VERSIONS:
            found.append(f"The export is of version {self.blog.version}; versions 1.0 to 1.2 are known.")
        return found


def survey(path: Path) -> Survey:
    """Read the whole file once. Raises `UnreadableExport` if any of it cannot be read, before anything is done."""
    found = Survey()
    for record in keyed(read_export(path, found.repairs)):
        match record:
            case Blog():
                found.blog = record
            case Author():
                found.authors.setdefault(record.login, record)
            case Term():
                found.terms.setdefault((record.kind, record.slug), record)
            case Item():
                _take(found, record)
    return found


def keyed(records: Iterator[Record]) -> Iterator[Record]:
    """The records, each item with a number of its own, also where the file gives none or one twice."""
    seen: set[str] = set()
    for record in records:
        if isinstance(record, Item):
            key = record.id or record.slug or record.link or record.title or "unnamed"
            key = key[:200]
            number = 2
            while f"{record.kind}:{key}" in seen:
                key = f"{key.partition('#')[0]}#{number}"
                number += 1
            seen.add(f"{record.kind}:{key}")
            record.id = key
            responses: set[str] = set()
            for position, response in enumerate(record.responses, start=1):
                key = response.id[:200] or f"unnumbered-{position}"
                if key in responses:
                    key = f"{key}#{position}"
                responses.add(key)
                response.id = key
        yield record


def proposition_of(name: str) -> tuple[int, str] | None:
    """The number and the title that a category or post gives a proposition: "Proposition 4: We must …"."""
    found = _proposition.match(name)
    if not found or int(found.group(1)) < 1:
        return None
    return int(found.group(1)), found.group(2).strip()


def path_of(address: str) -> str:
    """An address of the old site as its pages are looked up: host and path without the trailing slash, and query."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    path = unquote(parts.path).rstrip("/")
    return f"{host}{path}{'?' + parts.query if parts.query else ''}"


def _take(found: Survey, item: Item) -> None:
    found.items += 1
    found.counts[item.kind] += 1
    for response in item.responses:
        found.counts[response.kind] += 1
    if item.kind == "attachment":
        found.attachments[item.id] = Attachment(
            key=item.id,
            title=item.title,
            address=item.attachment_url or item.guid,
            file=item.meta.get("_wp_attached_file", "").strip(),
            parent=item.parent,
            alternative=" ".join(item.meta.get("_wp_attachment_image_alt", "").split()),
            caption=words_of(item.excerpt),
            link=item.link,
        )
        return
    if item.kind in NOT_IMPORTED:
        return
    for term in item.categories:
        found.terms.setdefault((term.kind, term.slug), term)
    if item.creator and item.status not in NOT_ON_SITE:
        found.creators[item.creator] += 1
    if item.date:
        found.first_date = min(found.first_date or item.date, item.date)
        found.last_date = max(found.last_date or item.date, item.date)
    found.texts[f"{item.kind}:{item.id}"] = Sketch(
        key=item.id,
        kind=item.kind,
        title=item.title[:255],
        slug=item.slug,
        status=item.status,
        parent=item.parent,
        link=item.link,
        guid=item.guid,
        creator=item.creator,
        date=item.date,
        categories=tuple(term.slug for term in item.categories if term.kind == "category"),
        names_facilitator=bool(_facilitated.match(words_of(item.content[:600]))),
        responses=len(item.responses),
    )
