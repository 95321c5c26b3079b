"""The picture of a briefing for shared links: its numeral, its title, its lines. Drawn here, nothing fetched."""

import functools
import hashlib
import io
from typing import Any

from django.core.cache import cache

from briefings.models import BriefingPage
from briefings.printing import accent_of, in_lines, unpacked_font
from briefings.selectors import dates_of, rests_of

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
PAPER, INK, INK_2, STOP = "#F8F5EE", "#1B1A17", "#4A463F", "#96291A"
KEPT_SECONDS = 30 * 24 * 60 * 60
# Raise it when the same briefing should get another picture.
EDITION = 1

# Sizes of the title, and how many characters fit on a line of each, and how many lines.
TITLE_SIZES = ((84, 21, 3), (68, 27, 4), (52, 36, 5))


def card_of(briefing: BriefingPage) -> bytes:
    """The card as a PNG. Kept until something on it changes."""
    event = briefing.event
    points = list(briefing.published_points.all())
    rests = rests_of(point.point_id for point in points)
    lines = tuple((rests[point.point_id].people, rests[point.point_id].opposing) for point in points)
    words = (briefing.number, briefing.title, f"{event.title}, {dates_of(event)}", event.host)
    colour = accent_of(briefing, event)
    digest = hashlib.sha256(repr((EDITION, words, lines, colour)).encode()).hexdigest()
    key = f"briefing-card-{digest}"
    card: bytes | None = cache.get(key)
    if card is None:
        card = _draw(*words, lines=lines, colour=colour)
        cache.set(key, card, KEPT_SECONDS)
    return card


def _draw(number: int, title: str, event: str, host: str, *, lines: tuple[tuple[int, int], ...], colour: str) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415 only those who draw pay for it

    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    numeral = _font("newsreader-display-print", 330 if number < 10 else 220)
    draw.text((MARGIN - 12, 330), str(number), fill=colour, font=numeral, anchor="ls")
    left = MARGIN + 250
    size, rows = _title(title)
    font = _font("newsreader-display-print", size)
    for index, row in enumerate(rows):
        draw.text((left, 88 + size * 0.8 + index * size * 1.02), row, fill=INK, font=font, anchor="ls")
    sans = _font("atkinson-400-print", 28)
    draw.text((left, HEIGHT - MARGIN - 44), event, fill=INK_2, font=sans, anchor="ls")
    draw.text((left, HEIGHT - MARGIN), host, fill=INK_2, font=sans, anchor="ls")
    _signature(draw, lines)
    draw.line((MARGIN, HEIGHT - 24, WIDTH - MARGIN, HEIGHT - 24), fill=colour, width=5)
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _signature(draw: Any, lines: tuple[tuple[int, int], ...]) -> None:
    """A line for each point, as long as the people behind it; the open end is those who oppose."""
    longest = max((people for people, _ in lines), default=0) or 1
    step = 17
    top = HEIGHT - MARGIN - step * (len(lines) - 1) - 4
    for index, (people, opposing) in enumerate(lines):
        y = top + index * step
        whole = 190 * people / longest
        solid = whole - 190 * min(opposing, people) / longest
        draw.rectangle((MARGIN, y, MARGIN + solid, y + 4), fill=INK)
        if whole > solid:
            draw.rectangle((MARGIN + solid, y, MARGIN + whole, y + 4), outline=STOP)


def _title(title: str) -> tuple[int, tuple[str, ...]]:
    for size, characters, most in TITLE_SIZES:
        rows = in_lines(title, characters)
        if len(rows) <= most and max(map(len, rows)) <= characters:
            return size, rows
    return TITLE_SIZES[-1][0], in_lines(title[:150].rpartition(" ")[0] + " …", TITLE_SIZES[-1][1])


@functools.lru_cache(maxsize=8)
def _font(name: str, size: int) -> Any:
    from PIL import ImageFont  # noqa: PLC0415 as above

    return ImageFont.truetype(io.BytesIO(unpacked_font(name)), size)
