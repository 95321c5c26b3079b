"""The links in a page's own text, with the words around them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import SplitResult, urlsplit

from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page, Site

WORDS_AROUND = 12
BLOCK_TAGS = {"p", "li", "ul", "ol", "h2", "h3", "h4", "blockquote", "div", "br", "hr", "td", "th"}


@dataclass(frozen=True)
class LinkToPage:
    """A link from one page of ours to another."""

    target_id: int
    excerpt: str


def links_to_pages(page: Page) -> list[LinkToPage]:
    """Pages of this site that a page's text links to, each once, with the words around the first link."""
    found: dict[int, LinkToPage] = {}
    for source in _texts(page):
        for link in _links(source):
            target_id = link.page_id or page_at(link.address)
            if target_id and target_id != page.pk:
                found.setdefault(target_id, LinkToPage(target_id, link.excerpt))
    return list(found.values())


def links_elsewhere(page: Page) -> list[str]:
    """Addresses on other sites that a page's text links to, each once, in order."""
    own_hosts = {urlsplit(root_url).netloc for _, _, root_url, *_ in _root_paths()}
    found: dict[str, None] = {}
    for source in _texts(page):
        addresses = [link.address for link in _links(source)]
        if source.startswith(("http://", "https://")) and not re.search(r"\s", source):
            addresses.append(source)
        for address in addresses:
            parts = split_address(address)
            if parts and parts.scheme in ("http", "https") and parts.netloc and parts.netloc not in own_hosts:
                found.setdefault(address)
    return list(found)


@dataclass(frozen=True)
class _Link:
    page_id: int | None
    address: str
    excerpt: str


class _LinkReader(HTMLParser):
    """Collects text, block by block, and where links begin and end in it."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, list[tuple[int, int, dict[str, str]]]]] = []
        self.text = ""
        self.links: list[tuple[int, int, dict[str, str]]] = []
        self.open: tuple[int, dict[str, str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCK_TAGS:
            self.end_block()
        elif tag == "a":
            self.open = (len(self.text), {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.open:
            start, attributes = self.open
            self.links.append((start, len(self.text), attributes))
            self.open = None
        elif tag in BLOCK_TAGS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        self.text += data

    def end_block(self) -> None:
        if self.links:
            self.blocks.append((self.text, self.links))
        self.text, self.links, self.open = "", [], None


def _texts(page: Page) -> Iterator[str]:
    for field in page._meta.get_fields():
        if isinstance(field, RichTextField):
            yield str(getattr(page, field.name) or "")
        elif isinstance(field, StreamField):
            yield from _strings(list(getattr(page, field.name).raw_data))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _links(source: str) -> Iterator[_Link]:
    if "<a" not in source:
        return
    reader = _LinkReader()
    reader.feed(source)
    reader.close()
    reader.end_block()
    for text, links in reader.blocks:
        for start, end, attributes in links:
            number = attributes.get("id", "")
            is_page = attributes.get("linktype") == "page" and number.isdigit()
            address = html.unescape(attributes.get("href", ""))
            yield _Link(int(number) if is_page else None, address, words_around(text, start, end))


def words_around(text: str, start: int, end: int) -> str:
    """The words of the link with some before and after, as "[…] so and so […]"."""
    before, words, after = text[:start].split(), " ".join(text[start:end].split()), text[end:].split()
    glue_before = "" if text[:start][-1:].strip() else " "
    glue_after = "" if text[end:][:1].strip() else " "
    head, tail = " ".join(before[-WORDS_AROUND:]), " ".join(after[:WORDS_AROUND])
    line = f"{head}{glue_before if head else ''}{words}{glue_after if tail else ''}{tail}"
    return f"{'[…] ' if len(before) > WORDS_AROUND else ''}{line}{' […]' if len(after) > WORDS_AROUND else ''}".strip()


def page_at(address: str) -> int | None:
    """The page of ours at an address typed as text; None for any other."""
    parts = split_address(address)
    if parts is None or parts.scheme not in ("", "http", "https") or not (parts.netloc or parts.path.startswith("/")):
        return None
    for _, root_path, root_url, *_ in _root_paths():
        host = urlsplit(root_url).netloc
        if parts.netloc and parts.netloc != host:
            continue
        path = root_path.rstrip("/") + "/" + parts.path.strip("/")
        return Page.objects.live().filter(url_path=path.rstrip("/") + "/").values_list("pk", flat=True).first()
    return None


def split_address(address: str) -> SplitResult | None:
    """The parts of an address; None for what is none, whatever brackets it holds."""
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts


def _root_paths() -> list[Any]:
    return list(Site.get_site_root_paths())
