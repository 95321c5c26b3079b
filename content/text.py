"""What people type, made fit to stand beside other people's words. Every write that takes text asks here."""

import re
import unicodedata
from typing import Final

# More marks than any script puts on one letter; beyond that they climb over the lines above.
MARKS_ON_A_LETTER = 5

_LINE_ENDS: Final = {"\r\n": "\n", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n\n"}
_line_end = re.compile("|".join(re.escape(end) for end in _LINE_ENDS))

# Characters nobody sees that turn the text around them, hide words from filters, or make a name out of nothing.
_UNSEEN: Final = {
    **dict.fromkeys(code for code in range(0x20) if chr(code) not in "\n\t"),
    **dict.fromkeys(range(0x7F, 0xA0)),  # delete, and the second set of controls
    0xAD: None,  # soft hyphen
    0x34F: None,  # combining grapheme joiner
    **dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0)),  # Hangul letters that are blanks
    **dict.fromkeys((0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F)),
    0x200B: None,  # zero width space
    **dict.fromkeys(range(0x202A, 0x202F)),  # embeddings and overrides of direction
    **dict.fromkeys(range(0x2060, 0x2070)),  # word joiner, invisible operators, isolates of direction
    0x2800: None,  # the braille pattern without dots
    **dict.fromkeys(range(0xD800, 0xE000)),  # halves of characters
    0xFEFF: None,  # byte order mark
    **dict.fromkeys(range(0xFFF0, 0xFFFC)),  # annotations; U+FFFC and U+FFFD are seen
    **dict.fromkeys((0xFFFE, 0xFFFF)),
    **dict.fromkeys(range(0x1BCA0, 0x1BCA4)),
    **dict.fromkeys(range(0x1D173, 0x1D17B)),
    **dict.fromkeys(range(0xE0080, 0xE0100)),
    **dict.fromkeys(range(0xE01F0, 0xE1000)),
}
# The marks that say only that what stands beside them runs one way. In a text they help; in a name they are noise.
_DIRECTION_MARKS: Final = dict.fromkeys((0x200E, 0x200F, 0x061C))

# Joiners shape letters of many scripts and make one picture of several, and elsewhere cut words in two unseen.
_idle_joiner = re.compile(
    "(?<![^\\x00-\\u024f\\s\u200c\u200d])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\x00-\\u024f\\s\u200c\u200d])"
)
# Tags spell the flags of England, Scotland and Wales behind a black flag; anywhere else they are hidden writing.
_idle_tags = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
# One selector says how the character before it is drawn; a row of them says something to somebody else.
_idle_selectors = re.compile("(?:^|(?<=[\\s\ufe00-\ufe0f\U000e0100-\U000e01ef]))[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")


def clean_text(text: str) -> str:
    """Text of several lines as it is kept: composed, line ends as \\n, nothing in it that acts without being seen.

    What is left may run from right to left, as people write: show it in an element of its own, or in `<bdi>`.
    """
    text = _line_end.sub(lambda end: _LINE_ENDS[end.group()], text).translate(_UNSEEN)
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    text = _idle_joiner.sub("", _idle_selectors.sub("", _idle_tags.sub("", text)))
    return _with_few_marks(text)


def clean_line(text: str) -> str:
    """A name, a role, a reason: one line, with single spaces. Empty if there was nothing to be seen."""
    return " ".join(clean_text(text).translate(_DIRECTION_MARKS).split())


def shorten(text: str, most: int) -> str:
    """The beginning of a text, cut behind a word, with an ellipsis in place of the stop or comma that stands there."""
    if len(text) <= most:
        return text
    start = text[:most]
    end = most if text[most].isspace() else max(start.rfind(" "), start.rfind("\n"))
    return start[: end if end > most // 2 else most].rstrip(" \n\t.,:;!?…–-") + "…"


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if character > "\u02ff" and unicodedata.combining(character) else 0
        if marks <= MARKS_ON_A_LETTER:
            kept.append(character)
    return "".join(kept)
