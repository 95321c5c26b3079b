"""Finding somebody's words in what an editor typed, and taking them out. Pure functions, no database."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from gathering.quotes import QuoteRefused, find_quotation, fold

TAKEN_OUT = "[taken out as their author wished]"
NAME_TAKEN_OUT = "[name removed]"

# Fewer quoted words than these may be anybody's.
FEWEST_WORDS = 3
# Fewer words without marks may be anybody's.
FEWEST_WORDS_UNMARKED = 6

_TAG = re.compile(r"(<[^>]*>)")
_BRACKETS = re.compile(r"\[[^\]]*\]")
_INLINE = re.compile(r"</?(?:a|b|i|em|strong|sub|sup)\b")
_EMPTY = re.compile(r"<(b|i|em|strong)></\1>")
_QUOTED = re.compile(r"[“„«\"](?P<double>[^“”„«»\"]+)[”»\"]|‘(?P<single>[^‘]+?)’(?!\w)")

# From where to where something stands, and what comes in its place.
Cut = tuple[int, int, str]


@dataclass(frozen=True)
class Said:
    """Something said: its text, the excerpts picked from it, and the name its author was to be quoted by, if any."""

    text: str
    excerpts: Sequence[str] = ()
    name: str = ""


def taken_out(text: str, said: Sequence[Said], others: Sequence[str] = (), *, is_html: bool = True) -> str:
    """A text without what was said: quotations of it, excerpts whole, and the name. The same text if there are none.

    A quotation stays if it stands in one of `others`: words of somebody else that are cited beside it.
    """
    pieces = _TAG.split(text) if is_html else [text]
    plain: list[str] = []
    owners: list[int] = []
    for index, piece in enumerate(pieces):
        words = _plain_piece(index, piece) if is_html else piece
        plain += words
        owners += [index] * len(words)
    cuts = _cuts("".join(plain), said, others)
    if not cuts:
        return text
    texts: dict[int, str] = defaultdict(str)
    for start, end, instead in cuts:
        plain[start] = instead
        plain[start + 1 : end] = [""] * (end - start - 1)
    for character, owner in zip(plain, owners, strict=True):
        texts[owner] += character
    if not is_html:
        return texts[0]
    whole = "".join(piece if index % 2 else _escaped(texts[index]) for index, piece in enumerate(pieces))
    return _EMPTY.sub("", whole)


def quoted_in(html: str) -> list[str]:
    """The quotations in rich text without citations, each once: some words at least between double marks."""
    found = [match["double"] for match in _QUOTED.finditer(_plain(html)) if match["double"]]
    return list(dict.fromkeys(" ".join(quoted.split()) for quoted in found if len(quoted.split()) >= FEWEST_WORDS))


def stands_in(quoted: str, sources: Sequence[str]) -> bool:
    """Whether the quote gate finds quoted words in one of the sources."""
    return any(_stands_in(quoted, source) for source in sources)


def typed_in(text: str, *, is_html: bool = True) -> "Typed":
    """A text made ready to be searched for what several people said."""
    words = _plain(text) if is_html else text
    found = [match["double"] or match["single"] for match in _QUOTED.finditer(words)]
    return Typed(
        " ".join(words.split()),
        tuple(" ".join(quoted.split()) for quoted in found if len(quoted.split()) >= FEWEST_WORDS),
    )


@dataclass(frozen=True)
class Typed:
    """What an editor typed, without its marks and citations, and the quotations in it."""

    words: str
    quoted: tuple[str, ...]

    def words_of(self, said: Said) -> list[str]:
        """What of something said stands here: quotations of it, excerpts of it, and whole sentences."""
        found = [
            quoted
            for quoted in dict.fromkeys(self.quoted)
            if may_stand_in(quoted, said.text) and _stands_in(quoted, said.text)
        ]
        phrases = {" ".join(text.split()) for text in said.excerpts if len(text.split()) >= FEWEST_WORDS}
        phrases |= {text for text in _sentences(said.text) if len(text.split()) >= FEWEST_WORDS_UNMARKED}
        for phrase in sorted(phrases, key=lambda text: (-len(text), text)):
            if not any(phrase in one for one in found) and _stands_whole(phrase, self.words):
                found.append(phrase)
        return found


def may_stand_in(quoted: str, source: str) -> bool:
    """A quick no, before the quote gate is asked: whether the longest word stands in the source at all."""
    # What stands in brackets is the editor's own.
    words = re.findall(r"\w+", fold(_BRACKETS.sub("", quoted)))
    return not words or max(words, key=len).lower() in fold(source).lower()


def _sentences(text: str) -> list[str]:
    return [" ".join(one.split()).rstrip(".!?… ") for one in re.split(r"(?<=[.!?…])\s+|\n+", text)]


def _stands_whole(phrase: str, words: str) -> bool:
    return phrase in words and re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", words) is not None


def _plain(html: str) -> str:
    return "".join(_plain_piece(index, piece) for index, piece in enumerate(_TAG.split(html)))


def _plain_piece(index: int, piece: str) -> str:
    if index % 2:
        # Words on both sides of a paragraph's end do not run into each other; those around emphasis do.
        return "" if _INLINE.match(piece) else "\n"
    return unescape(piece)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cuts(words: str, said: Sequence[Said], others: Sequence[str]) -> list[Cut]:
    """What to take out, in order, none inside another."""
    cuts: list[Cut] = []
    position = 0
    for start, end, instead in sorted(_found(words, said, others), key=lambda cut: (cut[0], -cut[1])):
        if start >= position:
            cuts.append((start, end, instead))
            position = end
    return cuts


def _found(words: str, said: Sequence[Said], others: Sequence[str]) -> Iterator[Cut]:
    for match in _QUOTED.finditer(words):
        name = "double" if match["double"] else "single"
        quoted = match[name]
        is_theirs = len(quoted.split()) >= FEWEST_WORDS and any(_stands_in(quoted, one.text) for one in said)
        if is_theirs and not any(_stands_in(quoted, other) for other in others):
            yield (*match.span(name), TAKEN_OUT)
    for one in said:
        for excerpt in one.excerpts:
            parts = excerpt.split()
            if len(parts) >= FEWEST_WORDS and not any(_stands_in(excerpt, other) for other in others):
                for match in re.finditer(r"\s+".join(map(re.escape, parts)), words):
                    yield (*match.span(), TAKEN_OUT)
        if len(one.name.split()) > 1:
            for match in re.finditer(rf"(?<!\w){re.escape(one.name)}(?!\w)", words):
                yield (*match.span(), NAME_TAKEN_OUT)


def _stands_in(quoted: str, source: str) -> bool:
    """Whether words stand in a source, but for the point, comma or ellipsis that typing puts inside the marks."""
    for candidate in (quoted, quoted.rstrip(" .,;:!?…")):
        try:
            find_quotation(source, candidate)
        except QuoteRefused:
            continue
        return True
    return False
