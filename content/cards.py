"""The picture of a page for shared links: its numeral, its title, its lines. Drawn here, nothing fetched."""

import functools
import hashlib
import io
from dataclasses import dataclass
from typing import Any

from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.http import HttpResponse

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
HOUSE_COLOUR = "#0B5A5C"
PAPER, INK, INK_2, STOP = "#F8F5EE", "#1B1A17", "#4A463F", "#96291A"
SIGNATURE_STEP, SIGNATURE_WIDTH = 17, 190
TITLE_SIZES = (92, 80, 68, 58, 50)
MOST_ROWS = 4
KEPT_SECONDS = 30 * 24 * 60 * 60
# Raise it when the same page should get another picture.
EDITION = 1


@dataclass(frozen=True)
class CardWords:
    """What stands on a card: one numeral or a few, a title, and up to three short lines below it.

    The `signature` has a line for each point, as long as the people behind it; its open end is those who oppose.
    """

    title: str
    numeral: str = ""
    lines: tuple[str, ...] = ()
    colour: str = HOUSE_COLOUR
    signature: tuple[tuple[int, int], ...] = ()


def card(words: CardWords) -> bytes:
    """A PNG of 1200 by 630, as those who show links ask for it. Kept until its words change."""
    key = f"card-{hashlib.sha256(repr((EDITION, words)).encode()).hexdigest()}"
    drawn: bytes | None = cache.get(key)
    if drawn is None:
        drawn = _draw(words.numeral, words.title, [line for line in words.lines if line], words.colour, words.signature)
        cache.set(key, drawn, KEPT_SECONDS)
    return drawn


def answer_with(picture: bytes) -> HttpResponse:
    """A card as an answer that everybody may keep for a day."""
    return HttpResponse(
        picture,
        content_type="image/png",
        headers={
            "Cache-Control": "public, max-age=86400, stale-while-revalidate=86400",
            # Made to be shown by others beside a link to the page.
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )


def _draw(
    numeral: str, title: str, lines: list[str], colour: str, signature: tuple[tuple[int, int], ...] = ()
) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415 only those who draw pay for it

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    left = MARGIN
    if numeral:
        height = 320 if len(numeral) == 1 else 200 if len(numeral) == 2 else 130
        figure = _font("newsreader-display-print", height)
        draw.text((MARGIN - height // 32, 88 + height * 0.73), numeral, fill=colour, font=figure, anchor="ls")
        left = max(MARGIN + 250, MARGIN + int(draw.textlength(numeral, font=figure)) + 48)
    size, rows = _title(draw, title, WIDTH - MARGIN - left)
    for index, row in enumerate(rows):
        font = _font("newsreader-display-print", size)
        draw.text((left, 88 + size * 0.8 + index * size * 1.04), row, fill=INK, font=font, anchor="ls")
    sans = _font("atkinson-400-print", 28)
    for index, line in enumerate(reversed(lines)):
        short = _fitted(draw, line, sans, WIDTH - MARGIN - left)
        draw.text((left, HEIGHT - MARGIN - index * 44), short, fill=INK_2, font=sans, anchor="ls")
    _sign(draw, signature)
    draw.line((MARGIN, HEIGHT - 24, WIDTH - MARGIN, HEIGHT - 24), fill=colour, width=5)
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _sign(draw: Any, signature: tuple[tuple[int, int], ...]) -> None:
    longest = max((people for people, _ in signature), default=0) or 1
    for index, (people, opposing) in enumerate(reversed(signature)):
        bottom = HEIGHT - MARGIN - index * SIGNATURE_STEP
        whole = SIGNATURE_WIDTH * people / longest
        solid = whole - SIGNATURE_WIDTH * min(opposing, people) / longest
        draw.rectangle((MARGIN, bottom - 4, MARGIN + solid, bottom), fill=INK)
        if whole > solid:
            draw.rectangle((MARGIN + solid, bottom - 4, MARGIN + whole, bottom), outline=STOP)


def _title(draw: Any, title: str, width: int) -> tuple[int, list[str]]:
    """The largest size in which the title stands in a few rows; the smallest, cut, if there is none."""
    for size in TITLE_SIZES:
        rows = _rows(draw, title, _font("newsreader-display-print", size), width)
        if len(rows) <= MOST_ROWS - (size > TITLE_SIZES[1]):
            return size, rows
    font = _font("newsreader-display-print", TITLE_SIZES[-1])
    rows = _rows(draw, title, font, width)
    return TITLE_SIZES[-1], [*rows[: MOST_ROWS - 1], _fitted(draw, " ".join(rows[MOST_ROWS - 1 :]), font, width)]


def _rows(draw: Any, text: str, font: Any, width: int) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and draw.textlength(longer, font=font) <= width:
            rows[-1] = longer
        else:
            rows.append(_fitted(draw, word, font, width))
    return rows


def _fitted(draw: Any, text: str, font: Any, width: int) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    text = text[:300]
    if draw.textlength(text, font=font) <= width:
        return text
    while text and draw.textlength(f"{text}…", font=font) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


@functools.lru_cache(maxsize=16)
def _font(name: str, size: int) -> Any:
    from PIL import ImageFont  # noqa: PLC0415 as above

    return ImageFont.truetype(str(finders.find(f"fonts/{name}.woff2")), size)
