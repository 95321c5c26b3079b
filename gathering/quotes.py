"""The quote gate: words can be cited only if they stand in the source, in order.

Pure functions over two texts. What is forgiven is how quotation marks, dashes and spaces are typed; nothing else.
Whoever quotes may leave words out with "…" and add words in [brackets]; both are checked, and both stay visible.
Brackets only add: words that they should replace are left out with "…". The one exception is a first letter whose
case is changed: "[N]obody" may stand for "nobody". No other bracket touches a letter or digit: "[il]legal" would
turn "legal" into its opposite.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

Span = tuple[int, int]

# Longer than anybody quotes; keeps the work bounded before any matching starts.
MAX_QUOTE_LENGTH = 5000
MAX_BRACKET_LENGTH = 80
ELLIPSIS = "…"
JOIN = " … "

_SINGLE_QUOTES = "‘’‚‛′`´ʼ"
_DOUBLE_QUOTES = "“”„‟″«»"
_DASHES = "‐‑‒–—―−"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_FOLDED = {
    **dict.fromkeys(map(ord, _SINGLE_QUOTES), "'"),
    **dict.fromkeys(map(ord, _DOUBLE_QUOTES), '"'),
    **dict.fromkeys(map(ord, _DASHES), "-"),
}
_INVISIBLE_SET = frozenset(_INVISIBLE)
# What holds a word or a number together between two letters or digits: "can't", "non-negotiable", "3.5".
_HOLDS_WORDS = frozenset(_SINGLE_QUOTES + "'-‐‑")
_HOLDS_NUMBERS = frozenset(".,:")
_WORD = re.compile(r"\S+")
# Three dots, or an ellipsis, alone or in brackets as some writers set it.
_ELLIPSIS = re.compile(r"\[\s*(?:…|\.{3,})\s*\]|…|\.{3,}")
_BRACKET = re.compile(r"\[[^\]]*\]")
_STRAY = re.compile(r"[\[\]]")


class QuoteRefused(Exception):
    """The words cannot be quoted; `reason` says which of them do not stand in the source."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Quotation:
    """Where the quoted words stand in the source, and how they are shown: the source's own characters."""

    spans: tuple[Span, ...]
    text: str


@dataclass(frozen=True)
class _Folded:
    """A text with one way of typing quotation marks, dashes and spaces; `starts[i]` is where character i came from.

    `joints` are the places of what holds a word together.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    joints: frozenset[int]


@dataclass(frozen=True)
class _Addition:
    """A bracket, before character `at` of its piece's words.

    `recases` if it only changes the case of the letter that stands there; `before` and `after` if it was typed with a
    space on that side.
    """

    at: int
    text: str
    recases: bool
    before: bool
    after: bool


@dataclass(frozen=True)
class _Piece:
    """Words between two ellipses, folded, without their brackets."""

    words: str
    additions: tuple[_Addition, ...]


def fold(text: str) -> str:
    """The text as the gate compares it."""
    return _fold(text).text


def find_quotation(source: str, quoted: str) -> Quotation:
    """Find quoted words in the source.

    Raises `QuoteRefused` with the words that do not stand there, or do not stand there in this order.
    """
    if len(quoted) > MAX_QUOTE_LENGTH:
        raise QuoteRefused(f"A quotation has at most {MAX_QUOTE_LENGTH} characters; this one has {len(quoted)}.")
    folded = _fold(source)
    quoted = _without_outer_marks(folded.text, quoted)
    try:
        return _match(source, folded, _pieces(quoted, folded.text))
    except QuoteRefused:
        if not _has_brackets(source):
            raise
        # The source has brackets of its own: the quoted ones may be those.
        try:
            return _match(source, folded, _pieces(quoted, None))
        except QuoteRefused:
            pass
        raise


def _match(source: str, folded: _Folded, pieces: Sequence[_Piece]) -> Quotation:
    spans: list[Span] = []
    shown: list[str] = []
    position = 0
    for index, piece in enumerate(pieces):
        start, end = _place(folded, piece, position, after=pieces[index - 1] if index else None)
        spans.append((folded.starts[start], folded.ends[end - 1]))
        shown.append(_shown(source, folded, piece, start))
        position = end
    return Quotation(tuple(spans), JOIN.join(shown))


def quotation_from_spans(source: str, spans: Sequence[Sequence[int]]) -> Quotation:
    """The words at the given places, grown to whole words.

    Raises `QuoteRefused` if a place is outside the source, holds no word, or comes before the one ahead of it.
    """
    if not spans:
        raise QuoteRefused("No words are marked.")
    grown: list[Span] = []
    for start, end in spans:
        if not 0 <= start < end <= len(source):
            raise QuoteRefused("The marked words are outside the text.")
        start, end = _grow_to_words(source, start, end)
        if not any(character.isalnum() for character in source[start:end]):
            raise QuoteRefused("No words are marked.")
        if grown and start < grown[-1][1]:
            raise QuoteRefused("The marked words are not in the order in which they were said.")
        if grown and not any(character.isalnum() for character in source[grown[-1][1] : start]):
            # Nothing is left out between the two marks: they are one.
            grown[-1] = (grown[-1][0], end)
        else:
            grown.append((start, end))
    text = text_of_spans(source, grown)
    if len(text) > MAX_QUOTE_LENGTH:
        raise QuoteRefused(f"A quotation has at most {MAX_QUOTE_LENGTH} characters; this one has {len(text)}.")
    return Quotation(tuple(grown), text)


def text_of_spans(source: str, spans: Sequence[Sequence[int]]) -> str:
    """The words at these places as shown: on one line, with "…" where words are left out."""
    return JOIN.join(_on_one_line(source[start:end]) for start, end in spans)


def _fold(text: str) -> _Folded:
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    joints: set[int] = set()
    index, length = 0, len(text)
    while index < length:
        begin = index
        character = text[index]
        index += 1
        if character in _INVISIBLE_SET:
            continue
        if character.isspace():
            while index < length and (text[index].isspace() or text[index] in _INVISIBLE_SET):
                index += 1
            character = " "
        else:
            # A letter and the marks upon it are one character, however they are stored.
            while index < length and unicodedata.combining(text[index]):
                index += 1
            if _is_joint(text, begin):
                joints.add(len(characters))
            character = unicodedata.normalize("NFC", text[begin:index]).translate(_FOLDED)
        for part in character:
            characters.append(part)
            starts.append(begin)
            ends.append(index)
    return _Folded("".join(characters), tuple(starts), tuple(ends), frozenset(joints))


def _has_brackets(text: str) -> bool:
    return "[" in text or "]" in text


def _without_outer_marks(source: str, quoted: str) -> str:
    """The quotation without the quotation marks put around it, unless they are the source's own."""
    stripped = quoted.strip()
    for opening, closing in (
        ("“", "”"),
        ("‘", "’"),
        ('"', '"'),
        ("'", "'"),
        ("«", "»"),
    ):
        if len(stripped) > 2 and stripped.startswith(opening) and stripped.endswith(closing):
            return stripped if fold(stripped) in source else stripped[1:-1].strip()
    return stripped


def _pieces(quoted: str, source: str | None) -> list[_Piece]:
    """Cut a quotation at its ellipses and lift its brackets out, except those that the source has itself.

    Without a source, every bracket is taken as the source's own.
    """
    pieces = []
    for part in _ELLIPSIS.sub(ELLIPSIS, quoted).split(ELLIPSIS):
        words, additions = _lift_brackets(part, source) if source is not None else (_trim(fold(part)), [])
        if any(character.isalnum() for character in words):
            pieces.append(_Piece(words, tuple(additions)))
        elif additions:
            raise QuoteRefused(
                f"“[{additions[0].text}]” stands alone: a quotation needs words of the source beside it."
            )
    if not pieces:
        raise QuoteRefused("There are no words to quote.")
    return pieces


def _lift_brackets(part: str, source: str) -> tuple[str, list[_Addition]]:
    words = ""
    additions: list[_Addition] = []
    position = 0
    part = _trim(part)
    while match := _BRACKET.search(part, position):
        inside = _bracketed(part, match)
        if fold(match.group()) in source:
            words += fold(part[position : match.end()])
            position = match.end()
            continue
        words += fold(part[position : match.start()])
        position = match.end()
        following = part[position : position + 1]
        touches_left = bool(words) and not words[-1].isspace()
        leads, trails = _touches(part, match.start(), -1), _touches(part, match.end(), 1)
        if len(inside) == 1 and inside.isalpha() and following.isalpha() and not leads:
            additions.append(_Addition(len(words), inside, recases=True, before=False, after=False))
            words += fold(inside)
            continue
        if leads or trails:
            raise QuoteRefused(
                f"“[{inside}]” is joined to a word, which could change what it says. Write a space beside the bracket."
            )
        additions.append(
            _Addition(
                len(words),
                inside,
                recases=False,
                before=bool(words) and not touches_left,
                after=following.isspace(),
            )
        )
        # The bracket takes its own spaces with it: "said [so]." and "he [too] said" leave "said." and "he said".
        if words.endswith(" ") and not following.isalnum() and not following.startswith(("[", "(", "'", '"')):
            words = words[:-1]
            additions[-1] = replace(additions[-1], at=len(words))
        elif not words and following.isspace():
            position += len(part[position:]) - len(part[position:].lstrip())
    if (stray := _STRAY.search(part, position)) is not None:
        what = "opened and not closed" if stray.group() == "[" else "closed that was never opened"
        raise QuoteRefused(f"A bracket is {what}.")
    words += fold(part[position:])
    return words.rstrip(), additions


def _touches(part: str, index: int, step: int) -> bool:
    """Whether a bracket that ends before this index, or begins at it, is written in one with a word or a bracket."""
    at = index if step > 0 else index - 1
    while 0 <= at < len(part) and part[at] in _INVISIBLE_SET:
        at += step
    if not 0 <= at < len(part):
        return False
    return _joins(part[at]) or part[at] in "[]" or bool(unicodedata.combining(part[at]))


def _bracketed(part: str, match: re.Match[str]) -> str:
    inside = _on_one_line(match.group()[1:-1])
    if "[" in inside:
        raise QuoteRefused("A bracket stands inside another.")
    if not inside:
        raise QuoteRefused("A bracket is empty.")
    if len(inside) > MAX_BRACKET_LENGTH:
        raise QuoteRefused(f"The words in brackets are longer than {MAX_BRACKET_LENGTH} characters.")
    return inside


def _place(source: _Folded, piece: _Piece, position: int, *, after: _Piece | None) -> Span:
    """Where the piece stands at or after a position, leaving something out after the piece ahead of it."""
    found = _search(source, piece, piece.words, position, skips=after is not None)
    if found is not None:
        return found
    if after is not None:
        if _search(source, piece, piece.words, position, skips=False) is not None:
            raise QuoteRefused(f"“…” before “{_brief(piece.words)}” leaves nothing out.")
        if _search(source, piece, piece.words, 0, skips=False) is not None:
            raise QuoteRefused(
                f"“{_brief(piece.words)}” stands in the source, but not after “{_tail(after.words)}”: "
                "quoted words keep their order."
            )
    raise QuoteRefused(_what_is_missing(source, piece, position if after is not None else 0))


def _search(source: _Folded, piece: _Piece, words: str, position: int, *, skips: bool) -> Span | None:
    """The first place of the words from a position on that begins and ends at whole words.

    With `skips` something must be left out between the position and that place.
    """
    pattern = _pattern(piece, words)
    at = position
    while match := pattern.search(source.text, at):
        start, end = match.span()
        at = start + 1
        if skips and not _leaves_out(source.text[position:start]):
            continue
        if _is_inside_word(source, start) or _is_inside_word(source, end):
            continue
        if any(
            _is_inside_word(source, start + addition.at)
            for addition in piece.additions
            if not addition.recases and 0 < addition.at < len(words)
        ):
            continue
        return start, end
    return None


def _pattern(piece: _Piece, words: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for addition in piece.additions:
        if addition.recases and addition.at < len(words):
            parts += [
                re.escape(words[at : addition.at]),
                f"(?i:{re.escape(words[addition.at])})",
            ]
            at = addition.at + 1
    return re.compile("".join(parts) + re.escape(words[at:]))


def _leaves_out(gap: str) -> bool:
    """Whether "…" may stand for this: a word at least, or an ellipsis of the source's own."""
    return any(character.isalnum() for character in gap) or ELLIPSIS in gap or "..." in gap


def _what_is_missing(source: _Folded, piece: _Piece, position: int) -> str:
    """Say which words of a piece do not stand in the source, and what stands there instead."""
    cut = source.text.find(piece.words, position)
    if cut >= 0 and not any(addition.recases for addition in piece.additions):
        return _what_is_cut(source, piece, cut)
    other_case = source.text.lower().find(piece.words.lower(), position)
    if other_case >= 0:
        stands = source.text[other_case : other_case + len(piece.words)]
        return (
            f"Capital letters count: the source says “{_brief(stands)}”. A changed first letter stands in [brackets]."
        )
    words = [match.span() for match in _WORD.finditer(piece.words)]
    # The longest beginning that stands in the source: every shorter one stands there too, so halving finds it.
    low, high, end = 0, len(words) - 1, 0
    while low < high:
        middle = (low + high + 1) // 2
        found = _search(source, piece, piece.words[: words[middle - 1][1]], position, skips=False)
        if found is None:
            high = middle - 1
        else:
            low, end = middle, found[1]
    missing = piece.words[words[low][0] :]
    if low == 0:
        return f"“{_brief(missing)}” does not stand in the source."
    beginning = piece.words[: words[low - 1][1]]
    says = _brief(source.text[end:].strip(), 4)
    then = f"the source says “{says}”" if says else "the source ends"
    return f"“{_brief(missing, 6)}” does not stand in the source: after “{_tail(beginning)}” {then}."


def _what_is_cut(source: _Folded, piece: _Piece, start: int) -> str:
    end = start + len(piece.words)
    if _is_inside_word(source, start):
        return f"“{_brief(piece.words, 3)}” begins in the middle of “{_word_around(source, start)}”: quote whole words."
    if _is_inside_word(source, end):
        return f"“{_tail(piece.words, 3)}” ends in the middle of “{_word_around(source, end)}”: quote whole words."
    inserted = ", ".join(f"[{addition.text}]" for addition in piece.additions)
    return f"{inserted} stands in the middle of a word of the source."


def _word_around(source: _Folded, index: int) -> str:
    start = end = index
    while _is_inside_word(source, start):
        start -= 1
    while _is_inside_word(source, end):
        end += 1
    return source.text[start:end]


def _shown(source: str, folded: _Folded, piece: _Piece, start: int) -> str:
    """The piece in the source's own characters, with its brackets back in place."""
    shown = ""
    at = 0

    def words_until(end: int) -> str:
        return source[folded.starts[start + at] : folded.ends[start + end - 1]] if end > at else ""

    after = None
    for addition in (*piece.additions, None):
        words = words_until(addition.at if addition else len(piece.words))
        if after is not None:
            words = (" " if after else "") + (words.lstrip() if after or shown.endswith(" ") else words)
        shown += words
        if addition is None:
            break
        at = addition.at
        if addition.recases:
            at += 1
            after = None
        else:
            if addition.before:
                shown = shown.rstrip() + " "
            after = addition.after
        shown += f"[{addition.text}]"
    return _on_one_line(shown)


def _is_inside_word(source: _Folded, index: int) -> bool:
    if not 0 < index < len(source.text):
        return False
    if index in source.joints or index - 1 in source.joints:
        return True
    return _joins(source.text[index - 1]) and _joins(source.text[index])


def _is_joint(text: str, index: int) -> bool:
    """Whether what stands here holds what is before and after it together: "can't" holds no "can"."""
    character = text[index]
    if not 0 < index < len(text) - 1:
        return False
    before, after = text[index - 1], text[index + 1]
    if character in _HOLDS_NUMBERS:
        return before.isdecimal() and after.isdecimal()
    return character in _HOLDS_WORDS and (before.isalnum() or bool(unicodedata.combining(before))) and after.isalnum()


def _joins(character: str) -> bool:
    """Whether words may not be cut beside this character. Scripts written without spaces may be cut anywhere."""
    return character.isalnum() and unicodedata.category(character) != "Lo"


def _grow_to_words(source: str, start: int, end: int) -> Span:
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    if start == end:
        return start, end
    while _cuts(source, start):
        start -= 1
    while _cuts(source, end):
        end += 1
    return start, end


def _cuts(source: str, index: int) -> bool:
    if not 0 < index < len(source):
        return False
    before, after = source[index - 1], source[index]
    return bool(
        unicodedata.combining(after)
        or before in _INVISIBLE_SET
        or after in _INVISIBLE_SET
        or (_joins(before) and _joins(after))
        or _is_joint(source, index - 1)
        or _is_joint(source, index)
    )


def _trim(text: str) -> str:
    return text.strip(" \t\r\n" + _INVISIBLE).strip()


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _brief(text: str, words: int = 8) -> str:
    parts = text.split()
    return " ".join(parts[:words]) + (" …" if len(parts) > words else "")


def _tail(text: str, words: int = 4) -> str:
    return " ".join(text.split()[-words:])
