"""What stands in a page of another site: the link to ours with the words around it, and where mentions are taken.

Pages of strangers are taken apart by the parser of a browser (nh3), which leaves a few harmless tags, well-formed; only
that is looked at further.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import nh3

from content.fetch import Fetched
from discussion.choices import MentionKind
from discussion.links import BLOCK_TAGS, split_address, words_around

TITLE_LENGTH = 255
SITE_LENGTH = 160
EXCERPT_LENGTH = 600
HTML_TYPES = {"text/html", "application/xhtml+xml"}
_SOURCE_TAGS = BLOCK_TAGS | {
    "a",
    "title",
    "meta",
    "h1",
    "h5",
    "h6",
    "article",
    "section",
    "header",
    "footer",
    "tr",
    "table",
}
_BREAKS = BLOCK_TAGS | {"h1", "h5", "h6", "article", "section", "header", "footer", "tr", "table"}


@dataclass(frozen=True)
class LinkFound:
    """A page that links to one of ours."""

    title: str
    site_name: str
    excerpt: str


@dataclass(frozen=True)
class Endpoint:
    """Where a page wants to be told of links to it."""

    kind: MentionKind
    url: str


def find_link(fetched: Fetched, target_url: str) -> LinkFound | None:
    """The link to `target_url` in a page, with its title, site and the words around; None if there is none."""
    wanted = same_page_key(target_url)
    site_name = urlsplit(fetched.url).hostname or ""
    if fetched.content_type == "text/plain":
        for match in re.finditer(r"https?://[^\s<>\"']{1,500}", fetched.text):
            address = match.group().rstrip(".,;:!?)")
            if same_page_key(address) == wanted:
                start = match.start()
                line = words_around(fetched.text, start, start + len(address))
                return LinkFound("", site_name[:SITE_LENGTH], _cut(line, EXCERPT_LENGTH))
        return None
    if fetched.content_type not in HTML_TYPES:
        return None
    reader = _SourceReader(fetched.url, wanted)
    reader.feed(
        nh3.clean(
            fetched.text,
            tags=_SOURCE_TAGS,
            attributes={"a": {"href"}, "meta": {"property", "name", "content"}},
            url_schemes={"http", "https"},
            link_rel=None,
        )
    )
    reader.close()
    reader.end_block()
    if reader.excerpt is None:
        return None
    return LinkFound(
        title=_cut(reader.title, TITLE_LENGTH),
        site_name=_cut(reader.properties.get("og:site_name") or site_name, SITE_LENGTH),
        excerpt=_cut(reader.excerpt, EXCERPT_LENGTH),
    )


def find_endpoint(fetched: Fetched) -> Endpoint | None:
    """Where this page takes mentions. A webmention is preferred; headers come before what stands in the page."""
    reader = _EndpointReader()
    if fetched.content_type in HTML_TYPES:
        reader.feed(
            nh3.clean(
                fetched.text,
                tags={"a", "link"},
                attributes={"a": {"href", "rel"}, "link": {"href", "rel"}},
                link_rel=None,
            )
        )
        reader.close()
    webmention = _linked(fetched.headers.get("link", ""), "webmention")
    if webmention is None:
        webmention = reader.webmention
    if webmention is not None:
        return Endpoint(MentionKind.WEBMENTION, urljoin(fetched.url, webmention))
    pingback = fetched.headers.get("x-pingback", "").strip() or reader.pingback
    if pingback:
        return Endpoint(MentionKind.PINGBACK, urljoin(fetched.url, pingback))
    return None


def same_page_key(address: str) -> tuple[str, str, str]:
    """What two ways of writing a page's address have in common: not http or https, not its last slash or its #part."""
    parts: SplitResult | None = split_address(address)
    if parts is None:
        return ("", address, "")
    port = parts.port if parts.port not in (80, 443) else None
    host = (parts.hostname or "").removesuffix(".")
    return (f"{host}:{port}" if port else host, unquote(parts.path).rstrip("/"), parts.query)


# Parts of the above


class _SourceReader(HTMLParser):
    """Reads block by block until the wanted link, and the page's title and properties."""

    def __init__(self, url: str, wanted: tuple[str, str, str]) -> None:
        super().__init__()
        self.url = url
        self.wanted = wanted
        self.properties: dict[str, str] = {}
        self.document_title = ""
        self.heading = ""
        self.inside = ""
        self.text: list[str] = []
        self.length = 0
        self.link: tuple[int, int] | None = None
        self.open_at: int | None = None
        self.excerpt: str | None = None

    @property
    def title(self) -> str:
        return self.properties.get("og:title") or self.document_title or self.heading

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (values.get("property") or values.get("name") or "").lower()
            self.properties.setdefault(name, values.get("content", "").strip())
        elif tag in ("title", "h1"):
            self.end_block()
            self.inside = tag
        elif tag in _BREAKS:
            self.end_block()
        elif tag == "a" and self.excerpt is None and self.link is None:
            address = _absolute(self.url, values.get("href", ""))
            self.open_at = self.length if address and same_page_key(address) == self.wanted else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.open_at is not None:
            self.link = (self.open_at, self.length)
            self.open_at = None
        elif tag == self.inside:
            words = "".join(self.text)
            if tag == "title":
                self.document_title = self.document_title or words
                self.text, self.length, self.link = [], 0, None
            else:
                self.heading = self.heading or words
                self.end_block()
            self.inside = ""
        elif tag in _BREAKS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        self.length += len(data)

    def end_block(self) -> None:
        if self.open_at is not None:
            self.link = (self.open_at, self.length)
        if self.link and self.excerpt is None:
            self.excerpt = words_around("".join(self.text), *self.link)
        self.text, self.length, self.link, self.open_at = [], 0, None, None


class _EndpointReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.webmention: str | None = None
        self.pingback = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        relations = (values.get("rel") or "").lower().split()
        # An empty address is one: the page itself. No address at all is none.
        if "webmention" in relations and values.get("href") is not None and self.webmention is None:
            self.webmention = (values["href"] or "").strip()
        if tag == "link" and "pingback" in relations and not self.pingback:
            self.pingback = (values.get("href") or "").strip()


_LINK_VALUE = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\",;<>]+))?)*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;<>]+))", re.IGNORECASE)


def _linked(header: str, relation: str) -> str | None:
    """The address that a `Link` header gives for a relation."""
    for match in _LINK_VALUE.finditer(header[:8000]):
        named = _RELATION.search(match.group(2))
        if named and relation in (named.group(1) or named.group(2) or "").lower().split():
            return match.group(1).strip()
    return None


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return ""


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
