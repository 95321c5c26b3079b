"""How a comment's plain text becomes HTML: paragraphs, lists, *emphasis*, > quotation, links. Nothing else."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from content.text import clean_text

LINK_RELATION = "nofollow ugc noopener"
ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "em", "strong", "blockquote", "a"}
SHOWN_LINK_LENGTH = 60

_link = re.compile(r"\bhttps?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
_link_like = re.compile(
    r"https?:/|www\.|\[url|<a\s|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|ru|cn|xyz|top|shop|online|site|uk)\b",
    re.IGNORECASE,
)
_strong = re.compile(r"(?<![*\w])\*\*(?=[^\s*])([^*\n]{1,400}?)(?<=[^\s*])\*\*(?![*\w])")
_emphasis = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]{1,400}?)(?<=[^\s*])\*(?![*\w])")
_bullet = re.compile(r"^\s{0,3}[-*•–]\s+(?=\S)")
_number = re.compile(r"^\s{0,3}\d{1,3}[.)]\s+(?=\S)")
_quotation = re.compile(r"^\s{0,3}>\s?")


def render_comment(text: str) -> SafeString:
    """The text as safe HTML. Whatever is typed, only the few tags above come out, links lead no search engine."""
    html = "".join(_blocks(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))
    clean = nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=LINK_RELATION,
    )
    return mark_safe(clean)  # noqa: S308 nh3 let nothing else through


def has_link(text: str) -> bool:
    """Whether the text holds a link, or something that means to be one."""
    return bool(_link_like.search(text))


def normalise(text: str) -> str:
    """Clean text without trailing blanks, with at most one blank line in a row."""
    text = "\n".join(line.rstrip() for line in clean_text(text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n").strip()


def folded(text: str) -> str:
    """The text as words are looked for in it: capitals, forms of letters, blanks and line breaks make no difference."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())


def _blocks(lines: list[str], *, is_quoted: bool = False) -> Iterator[str]:
    position = 0
    while position < len(lines):
        line = lines[position]
        if not line.strip():
            position += 1
        elif _quotation.match(line) and not is_quoted:
            taken = _while_matching(lines, position, _quotation)
            yield "<blockquote>" + "".join(_blocks(taken, is_quoted=True)) + "</blockquote>"
            position += len(taken)
        elif _bullet.match(line):
            taken = _while_matching(lines, position, _bullet)
            yield "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in taken) + "</ul>"
            position += len(taken)
        elif _number.match(line):
            taken = _while_matching(lines, position, _number)
            yield "<ol>" + "".join(f"<li>{_inline(item)}</li>" for item in taken) + "</ol>"
            position += len(taken)
        else:
            taken = [line]
            while position + len(taken) < len(lines) and _is_plain(lines[position + len(taken)], is_quoted=is_quoted):
                taken.append(lines[position + len(taken)])
            yield "<p>" + "<br>".join(_inline(part.strip()) for part in taken) + "</p>"
            position += len(taken)


def _while_matching(lines: list[str], start: int, pattern: re.Pattern[str]) -> list[str]:
    taken = []
    for line in lines[start:]:
        match = pattern.match(line)
        if not match:
            break
        taken.append(line[match.end() :])
    return taken


def _is_plain(line: str, *, is_quoted: bool) -> bool:
    return bool(
        line.strip()
        and not _bullet.match(line)
        and not _number.match(line)
        and (is_quoted or not _quotation.match(line))
    )


def _inline(text: str) -> str:
    parts = []
    end = 0
    for match in _link.finditer(text):
        address = _without_trailing_punctuation(match.group())
        parts.append(_emphasised(text[end : match.start()]))
        parts.append(_anchor(address))
        end = match.start() + len(address)
    parts.append(_emphasised(text[end:]))
    return "".join(parts)


def _emphasised(text: str) -> str:
    escaped = str(escape(text))
    return _emphasis.sub(r"<em>\1</em>", _strong.sub(r"<strong>\1</strong>", escaped))


def _anchor(address: str) -> str:
    shown = re.sub(r"^https?://(www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    if len(shown) > SHOWN_LINK_LENGTH:
        shown = shown[: SHOWN_LINK_LENGTH - 1] + "…"
    return f'<a href="{escape(address)}">{escape(shown)}</a>'


def _without_trailing_punctuation(address: str) -> str:
    """A full stop or bracket after an address belongs to the sentence, unless its bracket opened inside."""
    while address and address[-1] in ".,;:!?)]*_":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def digest(*words: str) -> str:
    """Tells whether words are the same as those somebody read."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
