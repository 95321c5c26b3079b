"""The demo's pictures, drawn here in the house's few colours: logos, portraits, and drawings for the news."""

import io
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

PAPER, WELL, RULE = "#F8F5EE", "#F0EBDF", "#D9D2C3"
INK, INK_2, EDGE = "#1B1A17", "#4A463F", "#857E70"
ACCENT, WASH = "#0B5A5C", "#E2ECE8"
OCHRE, HELD = "#7A4E00", "#F5E9CF"
BRICK, STOP = "#96291A", "#F6E2DB"

CREDIT = "Wilmot Crane, for the Society"

FONTS: dict[str, tuple[str, bytes | None]] = {
    "serif": ("newsreader-display-print.woff2", None),
    "italic": ("newsreader-italic-print.woff2", None),
    "sans": ("atkinson.woff2", None),
    "caps": ("atkinson.woff2", b"SemiBold"),
}

# Drawn at twice the size and reduced, so that edges are smooth.
SCALE = 2


@cache
def _font(style: str, size: int) -> ImageFont.FreeTypeFont:
    file_name, _ = FONTS[style]
    font = ImageFont.truetype(str(Path(settings.BASE_DIR) / "static" / "fonts" / file_name), size)
    if style == "caps":
        font.set_variation_by_axes([600])
    return font


def _png(image: Image.Image, *, colours: int = 64) -> bytes:
    """A small file: these drawings have few colours and their blends."""
    stream = io.BytesIO()
    if image.mode == "RGB":
        image = image.quantize(colours, dither=Image.Dither.NONE)
    image.save(stream, "PNG", optimize=False)
    return stream.getvalue()


def logo(name: str, style: str) -> bytes:
    """A partner's name as a wordmark in one ink on nothing, cropped to its letters' height."""
    size = 120
    text = name.upper() if style == "caps" else name
    font = _font(style, size)
    spacing = size * 0.08 if style == "caps" else 0
    width = math.ceil(sum(font.getlength(letter) + spacing for letter in text) if spacing else font.getlength(text))
    image = Image.new("LA", (width + 40, 170), (27, 0))
    draw = ImageDraw.Draw(image)
    if spacing:
        left = 20.0
        for letter in text:
            draw.text((left, 128), letter, font=font, fill=(27, 255), anchor="ls")
            left += font.getlength(letter) + spacing
    else:
        draw.text((20, 128), text, font=font, fill=(27, 255), anchor="ls")
    left, _, right, _ = image.getbbox() or (0, 0, *image.size)
    return _png(image.crop((max(left - 4, 0), 0, right + 4, 170)))


# Portraits: paper cut-outs. Heads and shoulders without features, each told apart by hair, collar and ground.


def portrait(key: str) -> bytes:
    size = 480 * SCALE
    ground, garment, hair, skin, style = {
        "ifeoma": (WASH, ACCENT, INK, "#6B4430", "crown"),
        "gwilym": (HELD, INK_2, "#B9B1A2", "#D9B394", "sides"),
        "yusra": (STOP, INK, ACCENT, "#B98560", "scarf"),
        "meera": (WELL, BRICK, "#241F1B", "#A06F4C", "long"),
    }[key]
    image = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(image)

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * size, top * size, right * size, bottom * size

    if style == "long":
        draw.rounded_rectangle(box(0.285, 0.17, 0.715, 0.80), radius=0.21 * size, fill=hair)
    if style == "crown":
        draw.ellipse(box(0.26, 0.08, 0.74, 0.50), fill=hair)
    if style == "scarf":
        draw.rounded_rectangle(box(0.29, 0.15, 0.71, 0.78), radius=0.2 * size, fill=hair)
    draw.rounded_rectangle(box(0.12, 0.72, 0.88, 1.4), radius=0.24 * size, fill=garment)
    if style != "scarf":
        draw.rounded_rectangle(box(0.425, 0.55, 0.575, 0.80), radius=0.07 * size, fill=skin)
        draw.polygon([(0.40 * size, 0.715 * size), (0.60 * size, 0.715 * size), (0.50 * size, 0.87 * size)], fill=skin)
    else:
        draw.ellipse(box(0.27, 0.60, 0.73, 0.86), fill=hair)
    draw.rounded_rectangle(box(0.345, 0.21, 0.655, 0.64), radius=0.155 * size, fill=skin)
    if style == "crown":
        draw.chord(box(0.33, 0.16, 0.67, 0.50), 190, 350, fill=hair)
    if style == "long":
        draw.chord(box(0.325, 0.17, 0.675, 0.55), 176, 330, fill=hair)
    if style == "sides":
        draw.pieslice(box(0.315, 0.20, 0.685, 0.56), 165, 225, fill=hair)
        draw.pieslice(box(0.315, 0.20, 0.685, 0.56), 315, 375, fill=hair)
        draw.rounded_rectangle(box(0.345, 0.24, 0.655, 0.60), radius=0.15 * size, fill=skin)
        for left in (0.375, 0.525):
            draw.ellipse(box(left, 0.395, left + 0.10, 0.485), outline=INK, width=int(0.008 * size))
        draw.line((0.475 * size, 0.43 * size, 0.525 * size, 0.43 * size), fill=INK, width=int(0.008 * size))
        draw.polygon([(0.5 * size, 0.80 * size), (0.47 * size, 0.86 * size), (0.53 * size, 0.86 * size)], fill=BRICK)
        draw.polygon(
            [(0.475 * size, 0.86 * size), (0.525 * size, 0.86 * size), (0.55 * size, size), (0.45 * size, size)],
            fill=BRICK,
        )
    if style == "scarf":
        draw.chord(box(0.33, 0.17, 0.67, 0.48), 185, 355, fill=hair)
    return _png(image.reduce(SCALE))


# Drawings for the news: a few large shapes on a field of 1600 by 900, kept as wide as they are ever shown.

WIDTH, HEIGHT = 1600, 900
KEPT = 1280, 720


def _weighhouse(draw: ImageDraw.ImageDraw) -> None:
    """A stepped gable between lower neighbours, and a beam with two pans in its doorway."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=PAPER)
    draw.rectangle((0, 700, WIDTH, HEIGHT), fill=RULE)
    for left, right, top, colour in ((60, 420, 420, WASH), (1180, 1540, 380, HELD)):
        draw.rectangle((left, top, right, 700), fill=colour)
        for column in range(4):
            for row in range(2):
                x, y = left + 50 + column * 76, top + 56 + row * 120
                draw.rectangle((x, y, x + 34, y + 66), fill=PAPER)
    for step in range(7):
        inset, top = 420 + step * 48, 400 - step * 46
        draw.rectangle((inset, top, WIDTH - inset, 700), fill=ACCENT)
    draw.ellipse((752, 216, 848, 312), fill=PAPER)
    draw.line((800, 264, 800, 228), fill=INK, width=8)
    draw.line((800, 264, 826, 280), fill=INK, width=8)
    for x in (520, 1010):
        draw.rectangle((x, 440, x + 70, 560), fill=WASH)
    draw.pieslice((640, 390, 960, 710), 180, 360, fill=PAPER)
    draw.rectangle((640, 548, 960, 700), fill=PAPER)
    draw.line((800, 430, 800, 500), fill=INK, width=10)
    draw.line((690, 512, 910, 488), fill=INK, width=12)
    for x, y in ((690, 512), (910, 488)):
        draw.line((x, y, x - 40, y + 100), fill=INK, width=4)
        draw.line((x, y, x + 40, y + 100), fill=INK, width=4)
        draw.chord((x - 56, y + 60, x + 56, y + 140), 0, 180, fill=BRICK)
    draw.rectangle((0, 692, WIDTH, 700), fill=INK)


def _tramlines(draw: ImageDraw.ImageDraw) -> None:
    """Two tramlines that cross, seen from above, and the blocks of the city between them."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=WASH)
    blocks = (
        (60, 70, 420, 300, PAPER),
        (480, 50, 900, 210, PAPER),
        (1210, 60, 1540, 330, HELD),
        (60, 600, 360, 840, STOP),
        (520, 640, 900, 850, PAPER),
        (1220, 560, 1540, 840, PAPER),
        (960, 60, 1130, 220, PAPER),
        (70, 370, 260, 520, PAPER),
    )
    for left, top, right, bottom, colour in blocks:
        draw.rectangle((left, top, right, bottom), fill=colour)

    def line(points: list[tuple[float, float]], colour: str) -> None:
        draw.line(points, fill=PAPER, width=64, joint="curve")
        for offset in (-13, 13):
            draw.line([(x, y + offset) for x, y in points], fill=colour, width=9, joint="curve")

    line([(x, 430 + 150 * math.sin((x - 200) / 420)) for x in range(-40, WIDTH + 60, 20)], ACCENT)
    line([(x, 520 - 190 * math.sin((x - 420) / 350)) for x in range(-40, WIDTH + 60, 20)], BRICK)
    stops = ((250, ACCENT, 430 + 150 * math.sin(50 / 420)), (960, ACCENT, 430 + 150 * math.sin(760 / 420)))
    stops += ((610, BRICK, 520 - 190 * math.sin(190 / 350)), (1190, BRICK, 520 - 190 * math.sin(770 / 350)))
    for x, colour, y in stops:
        draw.ellipse((x - 34, y - 34, x + 34, y + 34), fill=PAPER, outline=colour, width=12)


def _lanterns(draw: ImageDraw.ImageDraw) -> None:
    """A flight of stairs at night, a lantern over every other step."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill="#15302F")
    for step in range(9):
        left, top = step * 190 - 20, 820 - step * 78
        draw.rectangle((left, top, WIDTH, HEIGHT), fill=ACCENT if step % 2 else "#0F4A4C")
        draw.rectangle((left, top, WIDTH, top + 7), fill="#76C9C2")
    for number in range(4):
        x, y = 190 + number * 390, 470 - number * 126
        draw.line((x, 0, x, y), fill="#C6BFB1", width=5)
        draw.ellipse((x - 96, y - 66, x + 96, y + 126), fill="#33270F")
        draw.polygon([(x - 40, y), (x + 40, y), (x + 58, y + 92), (x - 58, y + 92)], fill="#E3B15A")
        draw.rectangle((x - 46, y - 14, x + 46, y + 2), fill=PAPER)
        draw.rectangle((x - 62, y + 90, x + 62, y + 102), fill=PAPER)


def _weights(draw: ImageDraw.ImageDraw) -> None:
    """Seven standard weights on a shelf, as tall as they are heavy; the house's mark in another form."""
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=HELD)
    draw.rectangle((0, 640, WIDTH, HEIGHT), fill=WELL)
    draw.rectangle((0, 640, WIDTH, 652), fill=INK)
    left = 110.0
    for number, colour in enumerate((BRICK, OCHRE, ACCENT, INK, ACCENT, OCHRE, BRICK)):
        size = 88 + 30 * (6 - number)
        top = 640 - size * 1.28
        draw.rounded_rectangle((left, top + size * 0.26, left + size, 640), radius=size * 0.1, fill=colour)
        draw.rectangle((left + size * 0.4, top + size * 0.14, left + size * 0.6, top + size * 0.3), fill=colour)
        draw.ellipse((left + size * 0.28, top - size * 0.16, left + size * 0.72, top + size * 0.22), fill=colour)
        draw.line((left + size * 0.18, 640 - size * 0.22, left + size * 0.82, 640 - size * 0.22), fill=PAPER, width=5)
        left += size + 24


DRAWINGS: dict[str, tuple[str, str, Callable[[ImageDraw.ImageDraw], None]]] = {
    "weighhouse": (
        "The Weigh House",
        "A tall house with a stepped gable; in its doorway hangs a pair of scales.",
        _weighhouse,
    ),
    "tramlines": ("Two tramlines", "A plan of city blocks with two tramlines that cross twice.", _tramlines),
    "lanterns": ("The gallery stairs", "A staircase at night with a lantern above every other step.", _lanterns),
    "weights": ("Standard weights", "Seven brass weights on a shelf, from the heaviest to the lightest.", _weights),
}


def drawing(name: str) -> bytes:
    image = Image.new("RGB", (KEPT[0] * SCALE, KEPT[1] * SCALE), PAPER)
    DRAWINGS[name][2](_Scaled(image, scale=KEPT[0] * SCALE / WIDTH))  # type: ignore[arg-type]
    return _png(image.reduce(SCALE), colours=128)


class _Scaled:
    """Draws on a larger image with the coordinates of the smaller one."""

    def __init__(self, image: Image.Image, scale: float) -> None:
        self._draw = ImageDraw.Draw(image)
        self._scale = scale

    def __getattr__(self, name: str) -> Callable[..., None]:
        method = getattr(self._draw, name)

        def draw(points, *arguments, **options):  # type: ignore[no-untyped-def]
            nested = points and isinstance(points[0], tuple)
            scaled = (
                [tuple(value * self._scale for value in pair) for pair in points]
                if nested
                else [v * self._scale for v in points]
            )
            if "width" in options:
                options["width"] = round(options["width"] * self._scale)
            if "radius" in options:
                options["radius"] = options["radius"] * self._scale
            method(scaled, *arguments, **options)

        return draw
