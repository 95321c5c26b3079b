"""A briefing on paper: the HTML it is set from, and the PDF. Nothing is fetched from anywhere while it is made."""

import base64
import functools
import hashlib
import io
import mimetypes
import re
import threading
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from briefings.models import BriefingPage
from briefings.selectors import Citation, Evidence, evidence_of
from propositions.models import PropositionPage

PAGES = 2
# Raise it when the same HTML should make another PDF, for example after an upgrade of WeasyPrint.
EDITION = 1
KEPT_SECONDS = 30 * 24 * 60 * 60

STYLESHEET = "css/briefing-print.css"
# Where the stylesheet and its fonts seem to come from. `.invalid` never leads anywhere.
STATIC = "https://static.invalid/"

# Set roomy; tight if it does not fit like that; and if the points leave the first page even so, all in one flow.
SIZES = ("roomy", "tight", "flowing")

# Tagged, with its language, title and headings: what screen readers need.
OPTIONS = {"pdf_variant": "pdf/ua-1"}

_setting_type = threading.Lock()


@dataclass(frozen=True)
class Printed:
    """A printed briefing. It `fits` if it stands on two pages, at best with its points on the first."""

    content: bytes
    pages: int
    points_on_first_page: bool

    @property
    def fits(self) -> bool:
        return self.pages <= PAGES

    @property
    def warning(self) -> str:
        """What is too long, and what to do; empty if all is well."""
        if not self.fits:
            too_long = (
                "the opening or the longest points" if not self.points_on_first_page else "the closing or cite less"
            )
            return f"The print runs to {self.pages} pages instead of {PAGES}. Shorten {too_long}."
        if not self.points_on_first_page:
            return (
                "The points run on to the second page. Shorten the opening or the longest points to keep them together."
            )
        return ""

    @property
    def says(self) -> str:
        """The warning, or how long it is."""
        return self.warning or f"It fits: {self.pages} pages."


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
    if len(words) < count or len(words) > 60:
        return ()
    if count == 1:
        return (" ".join(words),)
    best: tuple[str, ...] = ()
    for cut in range(1, len(words) - count + 2):
        rest = _balanced(words[cut:], count - 1)
        lines = (" ".join(words[:cut]), *rest)
        if rest and (not best or max(map(len, lines)) < max(map(len, best))):
            best = lines
    return best


def print_html(briefing: BriefingPage, evidence: Evidence | None = None, *, size: str = SIZES[0]) -> str:
    """The HTML that the PDF is set from."""
    evidence = evidence or evidence_of(briefing)
    short_url = settings.BASE_URL.rstrip("/") + briefing.short_path
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
            "stylesheet": STATIC + STYLESHEET,
            # The QR and what it rests on take a place of their own after the last point.
            "rows": (len(evidence.points) + 2) // 2,
            "of": of if of >= briefing.number else 0,
            "partner_names": _listed([link.partner.name for link in evidence.partners]),
            "qr": segno.make(short_url, error="m").svg_data_uri(scale=4, border=0, dark="#1b1a17"),
            "short_url": short_url,
            "short_address": short_url.partition("://")[2].rstrip("/"),
            "source_columns": _source_columns(evidence.citations),
            "example": evidence.citations[-1].code if evidence.citations else "",
        },
    )


def print_briefing(briefing: BriefingPage) -> Printed:
    """The briefing as a tagged PDF (PDF/UA-1), in the first of `SIZES` in which it fits.

    Kept by the content it is made from, so that a changed word, or a source withdrawn since, makes another.
    """
    evidence = evidence_of(briefing)
    key = _key(print_html(briefing, evidence))
    printed: Printed | None = cache.get(key)
    if printed is None:
        # One at a time in a process: the second who asks finds what the first has made.
        with _setting_type:
            printed = cache.get(key) or _print(briefing, evidence)
            cache.set(key, printed, KEPT_SECONDS)
    return printed


def known_print(briefing: BriefingPage) -> Printed | None:
    """The print of a briefing if it was made before, exactly as it stands now."""
    printed: Printed | None = cache.get(_key(print_html(briefing)))
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


# About what the roomy size holds: characters in the longer texts of each row, and sources. Trying it costs as much as
# the print itself, so it is not tried with what is clearly more.
ROOMY_CHARACTERS = 1300
ROOMY_SOURCES = 34


def _sizes_for(evidence: Evidence) -> tuple[str, ...]:
    lengths = [len(point.heading) + len(strip_tags(point.discussion)) for point in evidence.points]
    rows = (len(lengths) + 2) // 2
    longer = [max(pair) for pair in zip_longest(lengths[:rows], lengths[rows:], fillvalue=0)]
    is_clearly_more = sum(longer) > ROOMY_CHARACTERS or len(evidence.citations) > ROOMY_SOURCES
    return SIZES[1:] if is_clearly_more else SIZES


def _print(briefing: BriefingPage, evidence: Evidence) -> Printed:
    sizes = _sizes_for(evidence)
    for size in sizes:
        document = _lay_out(print_html(briefing, evidence, size=size), base_url=briefing.full_url or settings.BASE_URL)
        first = document.pages[0].anchors
        printed = Printed(
            content=b"",
            pages=len(document.pages),
            points_on_first_page=all(f"point-{point.number}" in first for point in evidence.points),
        )
        # Sources that run over by more than a page no size will save, so the roomy one stays.
        if printed.points_on_first_page and not (size == SIZES[0] and PAGES < printed.pages <= PAGES + 1):
            break
    target = io.BytesIO()
    document.write_pdf(target, **OPTIONS)
    return Printed(target.getvalue(), printed.pages, printed.points_on_first_page)


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


def _key(html: str) -> str:
    digest = hashlib.sha256(html.encode())
    digest.update(_static_file(STYLESHEET).read_bytes())
    return f"briefing-print-{EDITION}-{digest.hexdigest()}"


def _listed(names: list[str]) -> str:
    """Names as in a sentence: A, B and C."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
