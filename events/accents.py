"""An event's own accent, computed from a hue so that it can be read on every ground.

The organiser picks an OKLCH hue. Lightness is moved until the contrast of the house's own accent is met or passed;
chroma gives way until the colour exists on a screen. Hues near those of *stop* and *held* are refused.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

REFUSED = range(10, 126)
"""Hues that could be taken for brick (stop) or ochre (held)."""

# The chroma that suits a hue in the light; between two of these it lies on a straight line.
LIGHT_CHROMA = ((126, 0.085), (150, 0.085), (250, 0.11), (280, 0.12), (340, 0.13), (369, 0.13))

PAPER = {"light": "#F8F5EE", "dark": "#161512", "wall": "#0F1413"}

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Accent:
    """A colour for what is now, used or pressable, and the wash that stands behind it."""

    colour: str
    wash: str


@dataclass(frozen=True)
class Accents:
    light: Accent
    dark: Accent
    wall: Accent


def is_refused(hue: int) -> bool:
    return not 0 <= hue <= 360 or hue % 360 in REFUSED


@lru_cache(maxsize=512)
def accents_of(hue: int) -> Accents:
    """The accents of a hue in the light, in the dark and on the wall."""
    light_wash, dark_wash = _hex(_in_gamut(0.935, 0.014, hue)), _hex(_in_gamut(0.285, 0.032, hue))
    light, _ = _settle(hue, 0.50, -0.005, _light_chroma(hue), (PAPER["light"], 7.2), (light_wash, 6))
    dark, lightness = _settle(hue, 0.70, 0.005, 0.085, (PAPER["dark"], 9), (dark_wash, 7))
    wall, _ = _settle(hue, lightness, 0.005, 0.08, (PAPER["wall"], 11))
    return Accents(Accent(light, light_wash), Accent(dark, dark_wash), Accent(wall, dark_wash))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _light_chroma(hue: int) -> float:
    place = hue if hue > REFUSED[-1] else hue + 360
    for (start, low), (end, high) in pairwise(LIGHT_CHROMA):
        if start <= place <= end:
            return low + (high - low) * (place - start) / (end - start)
    return LIGHT_CHROMA[-1][1]


def _settle(hue: int, lightness: float, step: float, chroma: float, *grounds: tuple[str, float]) -> tuple[str, float]:
    """The first colour from a lightness on that every ground bears, and its lightness."""
    while 0 <= lightness <= 1:
        colour = _hex(_in_gamut(lightness, chroma, hue))
        if all(contrast(colour, ground) >= least for ground, least in grounds):
            return colour, lightness
        lightness += step
    raise ValueError(f"No accent of hue {hue} can be read.")


def _in_gamut(lightness: float, chroma: float, hue: float) -> Rgb:
    """The sRGB colour, with as much of the chroma as a screen can show."""
    while chroma > 0:
        rgb = _srgb(lightness, chroma, hue)
        if all(-0.0005 <= channel <= 1.0005 for channel in rgb):
            return rgb
        chroma -= 0.002
    return _srgb(lightness, 0, hue)


def _srgb(lightness: float, chroma: float, hue: float) -> Rgb:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _gamma(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _gamma(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _gamma(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _gamma(channel: float) -> float:
    if channel <= 0.0031308:
        return 12.92 * channel
    return 1.055 * channel ** (1 / 2.4) - 0.055


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1, max(0, channel)) * 255):02X}" for channel in rgb)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
