"""A briefing on paper: the HTML it is set from, and the PDF. Nothing is fetched from anywhere while it is made."""

import base64
import functools
import hashlib
import io
import mimetypes
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags

from briefings.models import BriefingPage, Print
from briefings.selectors import Citation, Evidence, edition_of, evidence_of
from content.cards import HOUSE_COLOUR
from propositions.models import PropositionPage

# Raise it when the same HTML should make another PDF, for example after an upgrade of WeasyPrint.
EDITION = 2
# How many of a briefing's prints are kept: the published one, and those of its draft that were asked for last.
PRINTS_KEPT = 3

STYLESHEET = "css/briefing-print.css"
# Where the stylesheet and its fonts seem to come from. `.invalid` never leads anywhere.
STATIC = "https://static.invalid/"

# How a briefing of so many pages may be set; the first in which it fits is taken. Roomy, snug and tight keep the points
# on the first page, down one column and then the other, and begin all else overleaf; close is tight, without that. When
# the points run on they are set row by row, so that they can be read in order: spread is roomy, flowing is tight.
# Airy is for little text, which would leave half a page empty.
SIZES = {1: ("close", "flowing"), 2: ("airy", "roomy", "snug", "tight", "flowing"), 3: ("roomy", "spread", "flowing")}
# In these the sources stand with all their words.
WITH_WORDS = ("airy", "roomy", "snug", "spread")
# How many characters of a point's heading stand on a line.
HEADING, AIRY_HEADING = 32, 26


# Tagged, with its language, title and headings: what screen readers need.
OPTIONS = {"pdf_variant": "pdf/ua-1"}

_setting_type = threading.Lock()


@dataclass(frozen=True)
class Printed:
    """A printed briefing. It `fits` if it stands on the `wanted` pages; of two, the first should hold its points."""

    content: bytes
    pages: int
    points_on_first_page: bool
    wanted: int = 2

    @property
    def fits(self) -> bool:
        return self.pages <= self.wanted

    @property
    def warning(self) -> str:
        """What is too long, and what to do; empty if all is well."""
        if not self.fits:
            too_long = (
                "the opening or the longest points" if not self.points_on_first_page else "the closing or cite less"
            )
            return (
                f"The print runs to {self.pages} pages instead of {self.wanted}. Shorten {too_long}, "
                "or choose more pages."
            )
        if self.wanted == 2 and not self.points_on_first_page:
            return (
                "The points run on to the second page. Shorten the opening or the longest points to keep them together."
            )
        return ""

    @property
    def says(self) -> str:
        """The warning, or how long it is."""
        return self.warning or f"It fits: {self.pages} page{'' if self.pages == 1 else 's'}."


# The title's sizes: how many characters fit on a line of each, and how many lines it may take.
TITLE_SIZES = (("large", 19, 2), ("medium", 22, 3), ("long", 31, 5))


@dataclass(frozen=True)
class Title:
    """A title set in lines of about the same length."""

    size: str
    lines: tuple[str, ...]


def set_title(title: str) -> Title:
    """Break a title into lines as equal as its words allow, in the largest size that holds it."""
    words = title.split()
    for size, characters, most_lines in TITLE_SIZES:
        for count in range(1, most_lines + 1):
            lines = _balanced(words, count)
            if lines and max(map(len, lines)) <= characters:
                return Title(size, lines)
    return Title(TITLE_SIZES[-1][0], (" ".join(words),))


# More sources than this do not stand on one page: then they go on in rows, which can break anywhere.
SOURCES_IN_COLUMNS = 44
SOURCE_LINE = 46


def _source_columns(sources: list[Citation]) -> list[list[Citation]]:
    """The sources in two columns of about the same height, or in one list if they are too many for a page.

    Two lists, because WeasyPrint tags each column of a list as a list within the list, which PDF/UA does not allow.
    """
    if len(sources) < 2 or len(sources) > SOURCES_IN_COLUMNS:
        return [sources] if sources else []
    heights = [
        1.4 + (len(source.text) + len(source.attribution) + len(source.place) + len(source.gone)) / SOURCE_LINE
        for source in sources
    ]
    half, height = sum(heights) / 2, 0.0
    for index, own in enumerate(heights):
        if height + own / 2 > half:
            return [sources[:index], sources[index:]]
        height += own
    return [sources]


def in_lines(text: str, characters: int) -> tuple[str, ...]:
    """A heading in as few lines of at most so many characters as it takes, as equal as its words allow."""
    words = text.split()
    for count in range(1, 5):
        lines = _balanced(words, count)
        if lines and max(map(len, lines)) <= characters:
            return lines
    return (text,)


def _balanced(words: list[str], count: int) -> tuple[str, ...]:
    """The words in `count` lines, the longest of which is as short as it can be; empty if they do not make so many."""
    if len(words) > 60:
        return ()

    @functools.cache
    def lines_from(start: int, count: int) -> tuple[str, ...]:
        if len(words) - start < count:
            return ()
        if count == 1:
            return (" ".join(words[start:]),)
        best: tuple[str, ...] = ()
        for cut in range(start + 1, len(words) - count + 2):
            lines = (" ".join(words[start:cut]), *lines_from(cut, count - 1))
            if not best or max(map(len, lines)) < max(map(len, best)):
                best = lines
        return best

    return lines_from(0, count)


@functools.lru_cache(maxsize=16)
def _mark(colour: str) -> str:
    """The mark in a colour, as an address that holds the picture itself."""
    drawing = _static_file("img/mark-print.svg").read_text(encoding="utf-8").replace(HOUSE_COLOUR.lower(), colour)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"


def print_html(briefing: BriefingPage, evidence: Evidence | None = None, *, size: str = "roomy") -> str:
    """The HTML that the PDF is set from."""
    evidence = evidence or evidence_of(briefing)
    short_url = settings.BASE_URL.rstrip("/") + briefing.path_printed_in(edition_of(briefing))
    of = PropositionPage.objects.child_of(evidence.event).live().count() if briefing.proposition_id else 0
    return render_to_string(
        "briefings/print/briefing.html",
        {
            "briefing": briefing,
            "evidence": evidence,
            "event": evidence.event,
            "site_name": settings.SITE_NAME,
            "title": set_title(briefing.title),
            "size": size,
            "is_brief": size not in WITH_WORDS,
            "heading_characters": AIRY_HEADING if size == "airy" else HEADING,
            "accent": briefing.colour_at(evidence.event),
            "mark": _mark(briefing.colour_at(evidence.event)),
            "stylesheet": STATIC + STYLESHEET,
            # The QR and what it rests on take a place of their own after the last point.
            "rows": (len(evidence.points) + 2) // 2,
            "of": of if of >= briefing.number else 0,
            "partner_names": _listed([link.partner.name for link in evidence.partners]),
            "qr": segno.make(short_url, error="m").svg_data_uri(scale=4, border=0, dark="#1b1a17"),
            "short_url": short_url,
            "short_address": short_url.partition("://")[2].rstrip("/"),
            "source_columns": _source_columns(evidence.citations),
            "example": evidence.citations[-1] if evidence.citations else None,
        },
    )


def print_briefing(briefing: BriefingPage) -> Printed:
    """The briefing as a tagged PDF (PDF/UA-1), in the first of the `SIZES` for its pages in which it fits.

    Kept by the content it is made from, so that a changed word, or a source withdrawn since, makes another. Publishing
    makes it in the background, so that no reader waits for it.
    """
    evidence = evidence_of(briefing)
    digest = _digest(print_html(briefing, evidence), briefing)
    printed = _kept(briefing, digest)
    if printed is None:
        # One at a time in a process: the second who asks finds what the first has made.
        with _setting_type:
            printed = _kept(briefing, digest) or _keep(briefing, digest, _print(briefing, evidence))
    return printed


def known_print(briefing: BriefingPage) -> Printed | None:
    """The print of a briefing if it was made before, exactly as it stands now."""
    return _kept(briefing, _digest(print_html(briefing), briefing))


def forget_prints(briefings: Iterable[int]) -> None:
    """Throw prints away whose words may no longer be shown."""
    Print.objects.filter(briefing__in=list(briefings)).delete()


def _kept(briefing: BriefingPage, digest: str) -> Printed | None:
    kept = Print.objects.filter(briefing=briefing.pk, digest=digest).first()
    if kept is None:
        return None
    return Printed(bytes(kept.content), kept.pages, kept.points_on_first_page, briefing.pages)


def _keep(briefing: BriefingPage, digest: str, printed: Printed) -> Printed:
    with transaction.atomic():
        Print.objects.update_or_create(
            briefing_id=briefing.pk,
            digest=digest,
            defaults={
                "content": printed.content,
                "pages": printed.pages,
                "points_on_first_page": printed.points_on_first_page,
                "made_at": timezone.now(),
            },
        )
        kept = list(Print.objects.filter(briefing=briefing.pk).order_by("-made_at", "-pk").values_list("pk", flat=True))
        Print.objects.filter(pk__in=kept[PRINTS_KEPT:]).delete()
    return printed


def standalone_html(briefing: BriefingPage) -> str:
    """The print's HTML with its stylesheet, fonts and mark inside, to be kept as one file."""
    css = _static_file(STYLESHEET).read_text(encoding="utf-8")

    def inline(match: re.Match[str]) -> str:
        path = _static_file((Path(STYLESHEET).parent / match.group(1)).as_posix())
        kind = mimetypes.guess_type(path.name)[0] or "font/woff2"
        return f'url("data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}")'

    css = re.sub(r'url\("([^"]+)"\)', inline, css)
    link = f'<link rel="stylesheet" href="{STATIC}{STYLESHEET}">'
    return print_html(briefing).replace(link, f"<style>{css}</style>")


# About what these sizes hold: characters in the longer texts of each row, and sources. Trying one costs as much as the
# print itself, so it is not tried with what is clearly more.
AIRY_CHARACTERS = 800
ROOMY_CHARACTERS = 1300
SNUG_CHARACTERS = 1500
AIRY_SOURCES = 20
ROOMY_SOURCES = 34
# With more than these a print is long whatever is tried, and every try is slow.
FLOWING_SOURCES = 60
CLOSE_CHARACTERS = 1900


def _sizes_for(evidence: Evidence, pages: int) -> tuple[str, ...]:
    sizes = SIZES.get(pages, SIZES[3])
    lengths = [len(point.heading) + len(strip_tags(point.discussion)) for point in evidence.points]
    rows = (len(lengths) + 2) // 2
    longer = [max(pair) for pair in zip_longest(lengths[:rows], lengths[rows:], fillvalue=0)]
    sources = len(evidence.citations)
    if sources > FLOWING_SOURCES:
        return ("close", "flowing") if sum(longer) < CLOSE_CHARACTERS else ("flowing",)
    if pages == 2 and (sum(longer) > SNUG_CHARACTERS or sources > ROOMY_SOURCES):
        return sizes[3:]
    if pages == 2 and sum(longer) > ROOMY_CHARACTERS:
        return sizes[2:]
    if pages == 2 and (sum(longer) > AIRY_CHARACTERS or sources > AIRY_SOURCES):
        return sizes[1:]
    return sizes


def _print(briefing: BriefingPage, evidence: Evidence) -> Printed:
    wanted = briefing.pages
    for size in _sizes_for(evidence, wanted):
        document = _lay_out(print_html(briefing, evidence, size=size), base_url=briefing.full_url or settings.BASE_URL)
        first = document.pages[0].anchors
        pages = len(document.pages)
        are_together = all(f"point-{point.number}" in first for point in evidence.points)
        if size == "close":
            is_good = are_together
        elif size == "airy":
            is_good = are_together and pages <= wanted
        elif wanted == 2:
            # Sources that run over by more than a page no size will save, so the one with all words stays.
            is_good = are_together and not (size in WITH_WORDS and wanted < pages <= wanted + 1)
        else:
            is_good = pages <= wanted and (are_together or size == "spread")
        if is_good:
            break
    target = io.BytesIO()
    document.write_pdf(target, **OPTIONS)
    return Printed(target.getvalue(), pages, are_together, wanted)


def _lay_out(html: str, *, base_url: str) -> Any:
    import weasyprint  # noqa: PLC0415 takes seconds and Pango: only those who print pay for it
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 as above

    fonts = FontConfiguration()
    return weasyprint.HTML(string=html, base_url=base_url, url_fetcher=_fetcher()).render(font_config=fonts, **OPTIONS)


def _fetcher() -> Any:
    """Answers with our own static files and what stands in the page itself. Everything else is refused."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415 as above

    class StaticOnly(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            if not url.startswith(STATIC):
                raise ValueError(f"Nothing is fetched for print: {url}")
            path = _static_file(urlsplit(url).path.lstrip("/"))
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            content = _unpacked_font(path) if path.suffix == ".woff2" else path.read_bytes()
            return URLFetcherResponse(url, content, {"Content-Type": kind})

    return StaticOnly(allowed_protocols=("data",), allow_redirects=False)


@functools.lru_cache(maxsize=16)
def _unpacked_font(path: Path) -> bytes:
    """A web font as plain TrueType. Unpacking the five takes longer than setting a page, so each is done once."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 as above

    font = TTFont(path)
    font.flavor = None
    target = io.BytesIO()
    font.save(target)
    return target.getvalue()


def _static_file(name: str) -> Path:
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    found = finders.find("/".join(parts))
    if found is None:
        raise ValueError(f"No static file {name!r}")
    return Path(found)


def _digest(html: str, briefing: BriefingPage) -> str:
    digest = hashlib.sha256(f"{EDITION} {briefing.pages} {html}".encode())
    digest.update(_static_file(STYLESHEET).read_bytes())
    return digest.hexdigest()


def _listed(names: list[str]) -> str:
    """Names as in a sentence: A, B and C."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
