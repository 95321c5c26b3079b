"""How a comment's plain text becomes HTML: paragraphs, lists, *emphasis*, > quotation, links. Nothing else."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from content.text import clean_text

LINK_RELATION = "nofollow ugc noopener"
ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "em", "strong", "blockquote", "a"}
SHOWN_LINK_LENGTH = 60
# Stands for a link while the marks around it are read. No text may hold it: it is no character that can be shown.
PLACE_OF_LINK = "\x00"

# Phones turn straight quotation marks into these, which no address holds.
_link = re.compile(r"\bhttps?://[^\s<>\"'`\\^{}|“”„‟«»‹›‚‘]+", re.IGNORECASE)
_link_like = re.compile(
    r"https?:/|www\.|\[url|<a\s|\b[a-z0-9-]{2,}\.(?:com|net|org|info|biz|ru|cn|xyz|top|shop|online|site|uk)\b",
    re.IGNORECASE,
)
_strong = re.compile(r"(?<![*\w])\*\*(?=[^\s*])([^*\n]{1,400}?)(?<=[^\s*])\*\*(?![*\w])")
_emphasis = re.compile(r"(?<![*\w])\*(?=[^\s*])([^*\n]{1,400}?)(?<=[^\s*])\*(?![*\w])")
_bullet = re.compile(r"^\s{0,3}[-*•–]\s+(?=\S)")
_number = re.compile(r"^\s{0,3}(\d{1,3})[.)]\s+(?=\S)")
_indented = re.compile(r"^(?:\s{2,}|\t)(?=\S)")
_quotation = re.compile(r"^\s{0,3}>\s?")


def render_comment(text: str) -> SafeString:
    """The text as safe HTML. Whatever is typed, only the few tags above come out, links lead no search engine."""
    text = text.replace(PLACE_OF_LINK, "").replace("\r\n", "\n").replace("\r", "\n")
    html = "".join(_blocks(text.split("\n")))
    clean = nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}, "li": {"value"}},
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
            items, position = _items(lines, position, _bullet)
            yield "<ul>" + "".join(f"<li>{_lines_of(item)}</li>" for item in items) + "</ul>"
        elif number := _number.match(line):
            start = int(number[1])
            numbers: list[int] = []
            items, position = _items(lines, position, _number, numbers)
            yield f'<ol start="{start}">' if start != 1 else "<ol>"
            for place, item in enumerate(items):
                expected = numbers[place - 1] + 1 if place else start
                value = "" if numbers[place] == expected else f' value="{numbers[place]}"'
                yield f"<li{value}>{_lines_of(item)}</li>"
            yield "</ol>"
        else:
            taken = [line]
            while position + len(taken) < len(lines) and _is_plain(lines[position + len(taken)], is_quoted=is_quoted):
                taken.append(lines[position + len(taken)])
            yield f"<p>{_lines_of(taken)}</p>"
            position += len(taken)


def _items(
    lines: list[str], start: int, pattern: re.Pattern[str], numbers: list[int] | None = None
) -> tuple[list[list[str]], int]:
    """The items of a list, each with the indented lines that go on with it, and where the list ends."""
    items: list[list[str]] = []
    position = start
    while position < len(lines):
        line = lines[position]
        if match := pattern.match(line):
            items.append([line[match.end() :]])
            if numbers is not None:
                numbers.append(int(match[1]))
        elif _indented.match(line) and not any(mark.match(line) for mark in (_bullet, _number, _quotation)):
            items[-1].append(line)
        else:
            break
        position += 1
    return items, position


def _lines_of(lines: list[str]) -> str:
    return "<br>".join(_inline(line.strip()) for line in lines)


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
    """Links first, then the marks, which may stand around a link as around any word."""
    links: list[str] = []
    parts = []
    end = 0
    for match in _link.finditer(text):
        address = _without_trailing_punctuation(match.group())
        anchor = _anchor(address)
        if not anchor:
            continue
        parts += [text[end : match.start()], PLACE_OF_LINK]
        links.append(anchor)
        end = match.start() + len(address)
    parts.append(text[end:])
    marked = iter(_emphasised("".join(parts)).split(PLACE_OF_LINK))
    return next(marked) + "".join(link + rest for link, rest in zip(links, marked, strict=True))


def _emphasised(text: str) -> str:
    escaped = str(escape(text))
    return _emphasis.sub(r"<em>\1</em>", _strong.sub(r"<strong>\1</strong>", escaped))


def _anchor(address: str) -> str:
    """The link, saying where it leads; empty if an address hides that, as one that begins with another site's name."""
    try:
        parts = urlsplit(address)
        _ = parts.port
        host = parts.netloc
    except ValueError:
        return ""
    if not host or "@" in host:
        return ""
    shown = re.sub(r"^https?://(www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    if len(host) > SHOWN_LINK_LENGTH:
        # Whose site it is stands at the end of its name.
        shown = "…" + host[-(SHOWN_LINK_LENGTH - 1) :]
    elif len(shown) > SHOWN_LINK_LENGTH:
        shown = shown[: SHOWN_LINK_LENGTH - 1] + "…"
    return f'<a href="{escape(address)}">{escape(shown)}</a>'


def _without_trailing_punctuation(address: str) -> str:
    """A full stop, dash or bracket after an address belongs to the sentence, unless its bracket opened inside."""
    while address and address[-1] in ".,;:!?)]*_…’—–":
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


def digest(*words: str) -> str:
    """Tells whether words are the same as those somebody read."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
