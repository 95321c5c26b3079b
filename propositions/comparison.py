"""What changed between two versions of a text, word by word, in a form a reader can follow."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser
from typing import Literal

BLOCKS = {"p", "li", "h1", "h2", "h3", "h4", "blockquote", "figcaption"}


@dataclass(frozen=True)
class Piece:
    """Words that stand in both versions, only in the earlier one, or only in the later one."""

    kind: Literal["same", "gone", "new"]
    text: str


def paragraphs_of(html: str) -> list[str]:
    """The text of a rendered statement, one string for each paragraph, heading or list item."""
    reader = _ParagraphReader()
    reader.feed(html)
    reader.close()
    return [text for text in (" ".join(part.split()) for part in reader.parts) if text]


def compare(earlier: list[str], later: list[str]) -> list[list[Piece]]:
    """The later text, paragraph by paragraph, with what went and what came."""
    result: list[list[Piece]] = []
    for tag, i, j, k, m in SequenceMatcher(None, earlier, later, autojunk=False).get_opcodes():
        if tag == "equal":
            result += [[Piece("same", text)] for text in later[k:m]]
        else:
            result += _compare_stretch(earlier[i:j], later[k:m])
    return result


def _compare_stretch(earlier: list[str], later: list[str]) -> Iterator[list[Piece]]:
    """Pair each later paragraph with the earlier one it grew from, if it grew from any."""
    left = list(earlier)
    for text in later:
        origin = max(left, key=lambda other: _likeness(other, text), default=None)
        if origin is None or _likeness(origin, text) < 0.4:
            yield [Piece("new", text)]
            continue
        for passed in left[: left.index(origin)]:
            yield [Piece("gone", passed)]
        left = left[left.index(origin) + 1 :]
        yield _compare_words(origin, text)
    for text in left:
        yield [Piece("gone", text)]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def _compare_words(earlier: str, later: str) -> list[Piece]:
    before, after = (re.findall(r"\S+\s*", text) for text in (earlier, later))
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, [word.strip() for word in before], [word.strip() for word in after], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(after[k:m])))
            continue
        if j > i:
            pieces.append(Piece("gone", "".join(before[i:j])))
        if m > k:
            pieces.append(Piece("new", "".join(after[k:m])))
    return pieces


class _ParagraphReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.parts.append("")
        elif tag == "br":
            self.parts[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("")

    def handle_data(self, data: str) -> None:
        self.parts[-1] += data
