"""Citations in rich text: how they are stored, found, lettered and replaced. Pure functions, no database.

A citation is stored as `<a linktype="citation" excerpt="UUID">†</a>`. What stands between the tags is only a place
holder for editors and comparisons: the code a reader sees, such as 3b, is computed from where it stands.
"""

import re
import uuid
from collections.abc import Callable

PLACEHOLDER = "†"

# How many characters of an id stand in addresses.
SHORT = 8

_CITATION = re.compile(r'[ \u00a0]?<a\b(?=[^>]*\blinktype="citation")([^>]*)>.*?</a>', re.DOTALL)
_EXCERPT = re.compile(r'\bexcerpt="([^"]*)"')


def as_uuid(text: object) -> uuid.UUID | None:
    """The UUID a text stands for, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def markup(excerpt_id: uuid.UUID | str) -> str:
    """A citation as rich text stores it."""
    return f'<a linktype="citation" excerpt="{excerpt_id}">{PLACEHOLDER}</a>'


def cited(html: str) -> list[uuid.UUID | None]:
    """The excerpts cited in a text, each once, in order of appearance. None stands for a reference that is no id."""
    found: list[uuid.UUID | None] = []
    for match in _CITATION.finditer(html):
        reference = _reference(match)
        if reference not in found:
            found.append(reference)
    return found


def replace(html: str, replacement: Callable[[uuid.UUID | None], str]) -> str:
    """The text with every citation replaced. A space just before one goes with it: the code hangs on its word."""
    return _CITATION.sub(lambda match: replacement(_reference(match)), html)


def without(html: str) -> str:
    """The text without its citations."""
    return replace(html, lambda _: "")


def letter(index: int) -> str:
    """a, b, … z, aa, ab, … for 0, 1, …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def code(number: int, index: int) -> str:
    """The code of the citation that appears at `index` in point `number`: 3b for the second of point 3."""
    return f"{number}{letter(index)}"


def point_anchor(point_id: uuid.UUID) -> str:
    """Where a point stands in its page: the beginning of its id, because its number moves."""
    return f"p-{short_id(point_id)}"


def anchor(point_id: uuid.UUID, excerpt_id: uuid.UUID) -> str:
    """Where a citation's evidence stands in its page: what is cited and the point that cites it."""
    return f"q-{short_id(point_id)}-{short_id(excerpt_id)}"


def short_id(pk: uuid.UUID) -> str:
    """Enough of an id to tell the points of a briefing, or the excerpts of a point, apart."""
    return pk.hex[:SHORT]


def _reference(match: re.Match[str]) -> uuid.UUID | None:
    excerpt = _EXCERPT.search(match.group(1))
    return as_uuid(excerpt.group(1)) if excerpt else None
