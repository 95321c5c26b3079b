"""Reads a WordPress export (WXR 1.0 to 1.2) from its beginning to its end, one record at a time.

Knows files and XML, nothing of this site. What it has given away it forgets, so memory hangs on the largest single
post with its comments, never on the length of the file.
"""

import codecs
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers.expat.errors import (
    XML_ERROR_NO_ELEMENTS,
    XML_ERROR_PARTIAL_CHAR,
    XML_ERROR_UNCLOSED_CDATA_SECTION,
    XML_ERROR_UNCLOSED_TOKEN,
    codes,
)

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

CHUNK = 64 * 1024
# One post with all its comments. The longest real ones have some megabytes.
LARGEST_RECORD = 32 * 1024 * 1024
DEEPEST = 32
EARLIEST_YEAR = 1990
# What expat calls a file that ends within an element, a tag, a letter or a quotation.
ENDS_EARLY = {
    codes[XML_ERROR_NO_ELEMENTS],
    codes[XML_ERROR_UNCLOSED_TOKEN],
    codes[XML_ERROR_PARTIAL_CHAR],
    codes[XML_ERROR_UNCLOSED_CDATA_SECTION],
}
WHAT_TO_GIVE = "Give the .xml file that WordPress writes under Tools → Export, “All content”."
SUPPORTED_VERSIONS = ("1.0", "1.1", "1.2")

_illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_declaration = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


class UnreadableExport(Exception):
    """The file is no WordPress export, or is broken beyond reading. The message says what and where."""


@dataclass
class Blog:
    title: str = ""
    link: str = ""
    description: str = ""
    version: str = ""


@dataclass
class Author:
    login: str
    id: str = ""
    name: str = ""
    # Never kept: only tells whether they were erased here.
    email: str = ""


@dataclass
class Term:
    """A category, a tag, or a term of another taxonomy."""

    kind: str
    slug: str
    name: str
    parent: str = ""
    id: str = ""


@dataclass
class Response:
    """A comment, a pingback or a trackback."""

    id: str
    kind: str
    author: str = ""
    email: str = ""
    url: str = ""
    user_id: str = ""
    date: datetime.datetime | None = None
    content: str = ""
    approved: str = ""
    parent: str = ""
    has_address: bool = False


@dataclass
class Item:
    """A post, page, attachment, menu entry or anything else that WordPress keeps as a post."""

    id: str
    kind: str
    title: str = ""
    link: str = ""
    guid: str = ""
    creator: str = ""
    content: str = ""
    excerpt: str = ""
    slug: str = ""
    status: str = ""
    parent: str = ""
    password: str = ""
    is_sticky: bool = False
    comment_status: str = ""
    attachment_url: str = ""
    date: datetime.datetime | None = None
    categories: list[Term] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    responses: list[Response] = field(default_factory=list)


Record = Blog | Author | Term | Item


@dataclass
class Repairs:
    """What had to be mended so that the file could be read at all."""

    control_characters: int = 0
    wrong_bytes: int = 0

    def notes(self) -> list[str]:
        found = []
        if self.control_characters:
            number = self.control_characters
            words = f"{number:,} control characters that XML forbids were" if number > 1 else "A control character was"
            found.append(f"{words} left out.")
        if self.wrong_bytes:
            number = f"{self.wrong_bytes:,} bytes were" if self.wrong_bytes > 1 else "One byte was"
            found.append(f"{number} not in the file's encoding and read as Windows-1252, as browsers do.")
        return found


def read_export(path: Path, repairs: Repairs | None = None) -> Iterator[Record]:
    """Every record of the file in its order; the blog first. Raises `UnreadableExport`, perhaps half way."""
    try:
        with path.open("rb") as file:
            yield from read_stream(file, repairs)
    except OSError as error:
        raise UnreadableExport(f"The file cannot be read: {error.strerror}.") from error


def read_stream(file: BinaryIO, repairs: Repairs | None = None) -> Iterator[Record]:
    text = _Text(file, repairs if repairs is not None else Repairs())
    parser = DefusedXMLParser()
    events = XMLPullParser(("start", "end"), _parser=parser)
    walk = _Walk()
    try:
        for chunk in text.chunks():
            events.feed(chunk)
            yield from walk.records(events)
            walk.weigh(len(chunk))
        events.close()
        yield from walk.records(events)
    except ParseError as error:
        if not walk.is_begun:
            raise UnreadableExport(f"This is no WordPress export: it is no XML. {WHAT_TO_GIVE}") from error
        line, column = error.position
        if error.code in ENDS_EARLY:
            raise UnreadableExport(
                f"The file ends too early, in line {line}: it was cut short while it was downloaded. Export it again."
            ) from error
        raise UnreadableExport(
            f"The file is broken at line {line}, column {column}: {_words_of(error)}. Export it again."
        ) from error
    except DefusedXmlException as error:
        raise UnreadableExport(
            "The file declares entities of its own, as attacks do and WordPress does not. It was not read."
        ) from error
    except (ValueError, LookupError) as error:
        # expat says so of sizes and encodings that it cannot hold.
        raise UnreadableExport(f"The file cannot be read as XML: {error}.") from error
    if not walk.has_blog:
        raise UnreadableExport(f"This is no WordPress export: nothing of a blog stands in it. {WHAT_TO_GIVE}")
    if not walk.is_of_wordpress:
        raise UnreadableExport(f"This is the feed of a blog and not its export. {WHAT_TO_GIVE}")


def _words_of(error: ParseError) -> str:
    return str(error).partition(":")[0]


class _Text:
    """The file as text that XML allows, whatever its bytes."""

    def __init__(self, file: BinaryIO, repairs: Repairs) -> None:
        self.file = file
        self.repairs = repairs

    def chunks(self) -> Iterator[str]:
        first = self.file.read(CHUNK)
        if not first.strip():
            raise UnreadableExport(f"The file is empty. {WHAT_TO_GIVE}")
        if first[:2] in (b"PK", b"\x1f\x8b"):
            raise UnreadableExport("This is a compressed file. Unpack it first, and give the .xml file in it.")
        decoder = codecs.getincrementaldecoder(self._encoding_of(first))("summit_windows_1252")
        is_first = True
        chunk = first
        while chunk:
            text = decoder.decode(chunk)
            if is_first:
                # Some servers put blank lines before the declaration, which XML forbids.
                text = text.lstrip("\ufeff \t\r\n")
                is_first = not text
            yield self._legal(text)
            chunk = self.file.read(CHUNK)
        yield self._legal(decoder.decode(b"", final=True))

    def _encoding_of(self, first: bytes) -> str:
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if first.startswith(mark):
                return name
        found = _declaration.match(first)
        name = found.group(1).decode().lower() if found else "utf-8"
        try:
            codec = codecs.lookup(name)
        except LookupError:
            raise UnreadableExport(f"The file says it is written in “{name}”, an encoding nobody knows.") from None
        # Only codecs of text; Python has others. UTF-16 without a mark cannot start with a readable declaration.
        if not codec._is_text_encoding or codec.name.startswith(("utf-16", "utf-32", "utf-7", "idna", "punycode")):
            raise UnreadableExport(f"The file says it is written in “{name}”, and is not.")
        return codec.name

    def _legal(self, text: str) -> str:
        _wrong.take(self.repairs)
        text, count = _illegal.subn("", text)
        self.repairs.control_characters += count
        return text


class _WrongBytes:
    """Reads a byte that is none in the file's encoding as Windows-1252, and counts."""

    count = 0

    def __call__(self, error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        wrong = error.object[error.start : error.end]
        self.count += len(wrong)
        return wrong.decode("cp1252", "replace"), error.end

    def take(self, repairs: Repairs) -> None:
        repairs.wrong_bytes, self.count = repairs.wrong_bytes + self.count, 0


_wrong = _WrongBytes()
codecs.register_error("summit_windows_1252", _wrong)


class _Walk:
    """Where in the file we are, and what can be given away."""

    def __init__(self) -> None:
        self.depth = 0
        self.weight = 0
        self.path: list[Element] = []
        self.blog = Blog()
        self.is_begun = False
        self.has_blog = False
        self.is_of_wordpress = False
        self.is_announced = False

    def weigh(self, size: int) -> None:
        self.weight += size
        if self.weight > LARGEST_RECORD:
            raise UnreadableExport(
                f"A single post is larger than {LARGEST_RECORD // 1024 // 1024} MB. That is no export of a blog."
            )

    def records(self, events: XMLPullParser) -> Iterator[Record]:
        for event, element in events.read_events():
            if event == "start":
                self._open(element)
            else:
                yield from self._close(element)

    def _open(self, element: Element) -> None:
        self.path.append(element)
        self.is_begun = True
        self.is_of_wordpress = self.is_of_wordpress or _name(element).startswith("wp:")
        if len(self.path) > DEEPEST:
            raise UnreadableExport("The file is nested deeper than any export of WordPress.")
        if len(self.path) == 1 and _name(element) != "rss":
            raise UnreadableExport(f"This is no WordPress export: it does not begin like one. {WHAT_TO_GIVE}")
        if len(self.path) == 2 and _name(element) == "channel":
            self.has_blog = True

    def _close(self, element: Element) -> Iterator[Record]:
        self.path.pop()
        if len(self.path) != 2 or _name(self.path[1]) != "channel":
            return
        match _name(element):
            case "title":
                self.blog.title = _line(element)
            case "link":
                self.blog.link = _line(element)
            case "description":
                self.blog.description = _line(element)
            case "wp:wxr_version":
                self.blog.version = _line(element)
            case "wp:base_blog_url":
                self.blog.link = _line(element) or self.blog.link
            case "wp:author":
                yield from self._announced(_author(element))
            case "wp:category" | "wp:tag" | "wp:term":
                yield from self._announced(_term(element))
            case "item":
                yield from self._announced(_item(element))
        self.path[1].clear()
        self.weight = 0

    def _announced(self, record: Record) -> Iterator[Record]:
        """The blog comes before the first of its records: by then all that is said of it has been read."""
        if not self.is_announced:
            self.is_announced = True
            yield self.blog
        yield record


def _name(element: Element) -> str:
    """A tag as WordPress writes it, whichever version's address its namespace has."""
    space, _, local = element.tag[1:].rpartition("}") if element.tag.startswith("{") else ("", "", element.tag)
    if "excerpt" in space:
        return f"excerpt:{local}"
    if "modules/content" in space:
        return f"content:{local}"
    if "elements/1.1" in space:
        return f"dc:{local}"
    return f"wp:{local}" if "wordpress.org/export" in space else local


def _line(element: Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _fields(element: Element) -> dict[str, Element]:
    """Children by name; the first of a name counts."""
    found: dict[str, Element] = {}
    for child in element:
        found.setdefault(_name(child), child)
    return found


def _author(element: Element) -> Author:
    fields = _fields(element)
    login = _line(fields.get("wp:author_login"))
    first, last = _line(fields.get("wp:author_first_name")), _line(fields.get("wp:author_last_name"))
    name = _line(fields.get("wp:author_display_name")) or f"{first} {last}".strip() or login
    email = _line(fields.get("wp:author_email"))
    return Author(login=login, id=_line(fields.get("wp:author_id")), name=name, email=email)


def _term(element: Element) -> Term:
    fields = _fields(element)
    match _name(element):
        case "wp:category":
            return Term(
                "category",
                _line(fields.get("wp:category_nicename")),
                _line(fields.get("wp:cat_name")),
                _line(fields.get("wp:category_parent")),
                _line(fields.get("wp:term_id")),
            )
        case "wp:tag":
            return Term("tag", _line(fields.get("wp:tag_slug")), _line(fields.get("wp:tag_name")))
    taxonomy = _line(fields.get("wp:term_taxonomy")) or "term"
    kind = {"category": "category", "post_tag": "tag"}.get(taxonomy, taxonomy)
    return Term(
        kind,
        _line(fields.get("wp:term_slug")),
        _line(fields.get("wp:term_name")),
        _line(fields.get("wp:term_parent")),
    )


def _item(element: Element) -> Item:
    fields = _fields(element)

    def line(name: str) -> str:
        return _line(fields.get(name))

    def text(name: str) -> str:
        found = fields.get(name)
        return (found.text or "") if found is not None else ""

    item = Item(
        id=line("wp:post_id"),
        kind=line("wp:post_type") or "post",
        title=line("title"),
        link=line("link"),
        guid=line("guid"),
        creator=line("dc:creator"),
        content=text("content:encoded"),
        excerpt=text("excerpt:encoded"),
        slug=line("wp:post_name"),
        status=line("wp:status") or "publish",
        parent=_reference(line("wp:post_parent")),
        password=line("wp:post_password"),
        is_sticky=line("wp:is_sticky") == "1",
        comment_status=line("wp:comment_status"),
        attachment_url=line("wp:attachment_url"),
        date=_moment(line("wp:post_date_gmt"), line("wp:post_date")) or _published(line("pubDate")),
    )
    for child in element:
        match _name(child):
            case "category":
                kind = {"post_tag": "tag", "tag": "tag", "": "category"}.get(
                    child.get("domain", ""), child.get("domain", "")
                )
                name = _line(child)
                term = Term(kind, child.get("nicename", "") or name.lower().replace(" ", "-"), name)
                # Exports of WXR 1.0 say each category twice, once without its domain.
                if term not in item.categories:
                    item.categories.append(term)
            case "wp:postmeta":
                meta = _fields(child)
                value = meta.get("wp:meta_value")
                item.meta[_line(meta.get("wp:meta_key"))] = (value.text or "") if value is not None else ""
            case "wp:comment":
                item.responses.append(_response(child))
    return item


def _response(element: Element) -> Response:
    fields = _fields(element)

    def line(name: str) -> str:
        return _line(fields.get(f"wp:comment_{name}"))

    content = fields.get("wp:comment_content")
    return Response(
        id=line("id"),
        kind=line("type") or "comment",
        author=line("author"),
        email=line("author_email"),
        url=line("author_url"),
        user_id=_reference(line("user_id")),
        date=_moment(line("date_gmt"), line("date")),
        content=(content.text or "") if content is not None else "",
        approved=line("approved"),
        parent=_reference(line("parent")),
        has_address=bool(line("author_IP")),
    )


def _reference(number: str) -> str:
    """WordPress writes 0 for nothing."""
    return "" if number.strip("0") == "" else number


def _moment(universal: str, local: str) -> datetime.datetime | None:
    """The moment in universal time, or else as the blog's clock showed it; None for the zeros of a missing one."""
    for text in (universal, local):
        try:
            found = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.UTC)
        except ValueError:
            continue
        if is_likely_year(found.year):
            return found
    return None


def is_likely_year(year: int) -> bool:
    """Whether a blog may say so of itself: not before there were any, with what was moved over, nor long from now."""
    return EARLIEST_YEAR <= year <= datetime.datetime.now(tz=datetime.UTC).year + 1


def _published(text: str) -> datetime.datetime | None:
    try:
        found: Any = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A draft's is written as the last day of the year minus one.
    if not is_likely_year(found.year):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
