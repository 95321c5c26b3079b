"""Turns the HTML of a WordPress post into plain descriptions of our blocks, and that of a comment into plain text.

Knows nothing of the database. Reads classic text (blank lines between paragraphs), block markup and any mixture of
them, however broken. What no block holds becomes `Html`; what cannot be kept at all is named in the notes.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from content.text import clean_line

DEEPEST = 30
SHOWN_ADDRESS = 70

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# What has a place of its own, in a text that marks its paragraphs by blank lines.
BLOCKS = {
    *("address", "article", "aside", "blockquote", "center", "details", "div", "dl", "dd", "dt", "fieldset", "figure"),
    *("figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "iframe", "li", "main"),
    *("nav", "object", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
    *("ul", "video", "audio", "embed", "x-embed", "x-gallery", "svg"),
}
CONTAINERS = {
    *("article", "aside", "center", "details", "div", "fieldset", "footer", "form", "header", "main", "nav"),
    *("section", "summary", "figcaption"),
}
EMBEDS = {"iframe", "embed", "object", "video", "audio", "x-embed"}
# Looks alone: the words stay, the tag goes.
RICH = {"b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "dfn": "i", "var": "i"}
MEANINGFUL = {"sub", "sup", "del", "s", "strike", "ins", "code", "kbd", "samp", "mark", "tt", "u"}
CLOSES = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
}
STOPS = {"ul", "ol", "dl", "table", "blockquote"}

_block_comment = re.compile(r"\s*(/?)wp:([a-z][a-z0-9_-]*(?:/[a-z0-9_-]+)?)\b(.*?)(/?)\s*", re.DOTALL)
_pieces = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>|<script\b.*?</script>)", re.DOTALL | re.IGNORECASE)
_escaped_code = re.compile(r"\[(\[[a-z][\w-]*[^\[\]]*\])\]")
_caption = re.compile(r"\[(?:wp_)?caption\b([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.DOTALL | re.IGNORECASE)
_gallery = re.compile(r"\[gallery\b([^\]]*)\]", re.IGNORECASE)
_embed = re.compile(
    r"\[(embed|audio|video|playlist|youtube|vimeo|dailymotion|wpvideo|soundcloud|slideshare|googlemaps)\b([^\]]*)\]"
    r"(?:([^\[\]]*)\[/\1\])?",
    re.IGNORECASE,
)
_other_code = re.compile(
    r"\[([a-z][a-z0-9_-]{1,40})(?:\s+[a-z0-9_-]+\s*=[^\]]{0,500})\]|\[/([a-z][a-z0-9_-]{1,40})\]", re.I
)
_attribute = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_address = re.compile(r"https?://[^\s<>\"'\]]+", re.IGNORECASE)
_facilitator = re.compile(r"^\s*(?:proposition\s+)?facilitators?(?:ed by)?\s*:\s*(?P<who>\S.*?)\s*$", re.IGNORECASE)
_note = re.compile(r"^\s*(\*{1,4}|†|‡)\s*(?=[^\s*†‡])")
_sentence_end = re.compile(r"[.!?:;…”\"')\]]$")
_list_like = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Paragraph:
    html: str


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Quotation:
    text: str
    attribution: str = ""
    link: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture in the text: known by its address, by its number among the attachments, or both."""

    address: str = ""
    attachment: str = ""
    alternative: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Footnotes:
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Html:
    source: str


Block = Paragraph | Heading | Quotation | Picture | Footnotes | Html


@dataclass(frozen=True)
class Facilitator:
    name: str
    role: str = ""
    organisation: str = ""


@dataclass
class Converted:
    blocks: list[Block] = field(default_factory=list)
    facilitators: list[Facilitator] = field(default_factory=list)
    # Words before the mark "more", if there is one.
    beginning: str = ""
    # What was changed or left out, each with how often.
    notes: Counter[str] = field(default_factory=Counter)


# What the text links to: the attributes of our own link, and under "address" where it leads; None for elsewhere.
LinkFor = Callable[[str], dict[str, str] | None]


def convert(
    source: str,
    *,
    attached: Sequence[str] = (),
    footnotes: str = "",
    link_for: LinkFor = lambda address: None,
    takes_facilitators: bool = False,
) -> Converted:
    """The text as blocks. `attached` are the post's own pictures, for galleries that name none; `footnotes` is what
    WordPress keeps of them beside the text."""
    return _Conversion(attached, footnotes, link_for).run(source, takes_facilitators)


def plain_text(source: str) -> str:
    """A comment's HTML as the plain text that we keep: *emphasis*, > quotations, lists, addresses of links."""
    root, _ = _tree(source.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", _plain(root).strip())


def words_of(html: str) -> str:
    """The words of a piece of HTML on one line, without what nobody sees."""
    return clean_line(unescape(re.sub(r"<[^>]*>", " ", html)))


# The tree


@dataclass
class Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)


class _Builder(HTMLParser):
    """Builds a tree out of any text at all, no deeper than we follow it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.stack = [self.root]
        self.notes: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS and self.stack[-1].tag == "p":
            self.stack.pop()
        if tag in CLOSES:
            self._close_siblings(CLOSES[tag])
        node = Node(tag, {name: value or "" for name, value in attrs})
        if len(self.stack) > DEEPEST and tag not in VOID:
            self.notes["Nested deeper than we follow: the words were kept, the nesting was not"] += 1
            return
        self.stack[-1].children.append(node)
        if tag not in VOID:
            self.stack.append(node)

    def _close_siblings(self, tags: set[str]) -> None:
        for position in range(len(self.stack) - 1, 0, -1):
            if self.stack[position].tag in tags:
                del self.stack[position:]
                return
            if self.stack[position].tag in STOPS:
                return

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self.stack) - 1, 0, -1):
            if self.stack[position].tag == tag:
                del self.stack[position:]
                return

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        self.stack[-1].children.append(Node("!", {"text": data}))


def _tree(source: str) -> tuple[Node, Counter[str]]:
    builder = _Builder()
    builder.feed(source)
    builder.close()
    return builder.root, builder.notes


def _text(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    if node.tag == "br":
        return "\n"
    if node.tag in ("script", "style", "!"):
        return ""
    return "".join(_text(child) for child in node.children)


def _find(node: Node, *tags: str) -> list[Node]:
    found = []
    for child in node.children:
        if isinstance(child, Node):
            if child.tag in tags:
                found.append(child)
            else:
                found += _find(child, *tags)
    return found


def _web(address: str) -> str:
    """An address that may be linked to, or nothing."""
    address = address.strip()
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme.lower() in ("http", "https"):
        return address if parts.netloc else ""
    return address if parts.scheme.lower() in ("mailto", "tel") or (not parts.scheme and address[:1] in "/#?") else ""


# Text to blocks


class _Conversion:
    def __init__(self, attached: Sequence[str], footnotes: str, link_for: LinkFor) -> None:
        self.attached = attached
        self.link_for = link_for
        self.result = Converted()
        self.kept_notes = _kept_notes(footnotes)
        self.used_notes: list[str] = []
        self.heading_levels: set[str] = set()

    def run(self, source: str, takes_facilitators: bool) -> Converted:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
        root, notes = _tree(self._without_shortcodes(source))
        self.result.notes += notes
        self._walk(root.children)
        if len(self.heading_levels) > 1:
            self._note("Headings of several levels became headings of one")
        if takes_facilitators:
            self._take_facilitators()
        self._take_footnotes()
        return self.result

    def _note(self, text: str) -> None:
        self.result.notes[text] += 1

    def _add(self, block: Block) -> None:
        self.result.blocks.append(block)

    # Shortcodes

    def _without_shortcodes(self, source: str) -> str:
        parts = _pieces.split(source)
        parts[::2] = [self._shortcodes(part) for part in parts[::2]]
        return "".join(parts)

    def _shortcodes(self, text: str) -> str:
        if "[" not in text:
            return text
        escaped: list[str] = []

        def hide(match: re.Match[str]) -> str:
            escaped.append(match.group(1))
            return f"\x00{len(escaped) - 1}\x00"

        text = _escaped_code.sub(hide, text)
        text = _caption.sub(self._caption, text)
        text = _gallery.sub(self._gallery, text)
        text = _embed.sub(self._embed_code, text)
        for match in _other_code.finditer(text):
            if match.group(1):
                self._note(f"The shortcode [{match.group(1)}] was kept as text")
        return re.sub(r"\x00(\d+)\x00", lambda match: escaped[int(match.group(1))], text)

    def _caption(self, match: re.Match[str]) -> str:
        attributes = _attributes(match.group(1))
        inner = match.group(2)
        pictures = "".join(re.findall(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inner, re.IGNORECASE))
        words = attributes.get("caption") or inner.replace(pictures, "", 1) if pictures else inner
        return f"\n\n<figure>{pictures}<figcaption>{words}</figcaption></figure>\n\n"

    def _gallery(self, match: re.Match[str]) -> str:
        attributes = _attributes(match.group(1))
        ids = attributes.get("ids") or attributes.get("include") or ",".join(self.attached)
        return f'\n\n<x-gallery ids="{escape(ids)}"></x-gallery>\n\n'

    def _embed_code(self, match: re.Match[str]) -> str:
        found = _address.search(unescape(f"{match.group(2)} {match.group(3) or ''}"))
        if found:
            return f'\n\n<x-embed src="{escape(found.group())}"></x-embed>\n\n'
        ids = _attributes(match.group(2)).get("ids")
        if ids:
            return f'\n\n<x-gallery ids="{escape(ids)}"></x-gallery>\n\n'
        self._note(f"The shortcode [{match.group(1).lower()}] was kept as text")
        return match.group()

    # Blocks

    def _walk(self, nodes: Sequence[Node | str]) -> None:
        """Blocks as they come; what stands between them becomes paragraphs."""
        run: list[Node | str] = []
        for node in nodes:
            if isinstance(node, Node) and (node.tag in BLOCKS or _holds_block(node)):
                self._paragraphs(run)
                run = []
                self._block(node)
            elif isinstance(node, Node) and node.tag == "!":
                self._comment(node, run)
            elif isinstance(node, Node) and node.tag in ("script", "style"):
                self._note(f"A {node.tag} was left out")
            else:
                run.append(node)
        self._paragraphs(run)

    def _comment(self, node: Node, run: list[Node | str]) -> None:
        text = node.attributes["text"]
        if text.strip().lower().startswith("more"):
            before = [words_of(block.html) for block in self.result.blocks if isinstance(block, Paragraph)]
            self.result.beginning = " ".join([*before, " ".join(_text(Node("", {}, run)).split())]).strip()
            run.append("\n\n")
        elif text.strip().lower() == "nextpage":
            self._note("A page break was left out: the text stands on one page")
            run.append("\n\n")
        elif match := _block_comment.fullmatch(text):
            closes, name, _, is_empty = match.groups()
            if is_empty and not closes and name not in ("spacer", "separator", "footnotes", "more", "nextpage"):
                self._note(f"The block “{name}” shows what stands elsewhere; it has no words of its own")

    def _block(self, node: Node) -> None:
        match node.tag:
            case "p":
                self._paragraphs(node.children)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._heading(node)
            case "ul" | "ol":
                self._list(node)
            case "blockquote":
                self._quotation(node)
            case "figure":
                self._figure(node)
            case "x-gallery":
                self._pictures_of(node)
            case "hr":
                self._note("A dividing line was left out")
            case "svg":
                self._note("A drawing in the text (SVG) was left out")
            case "li":
                self._list(Node("ul", {}, [node]))
            case tag if tag in EMBEDS:
                self._embedded(node)
            case tag if tag in CONTAINERS or _is_loose(node):
                self._background(node)
                if tag == "form":
                    self._note("A form was left out; its words were kept")
                self._walk(node.children)
            case _:
                self._as_html(node)

    def _background(self, node: Node) -> None:
        """Block markup may put a picture behind words."""
        found = re.search(r"url\(\s*['\"]?(https?://[^'\")\s]+)", node.attributes.get("style", ""))
        if found:
            self._add(Picture(found.group(1)))

    def _heading(self, node: Node) -> None:
        self._lift_pictures(node)
        words = " ".join(_text(node).split())
        if not words:
            return
        if _find(node, "a"):
            self._as_html(Node("h3", {}, node.children))
            return
        self.heading_levels.add(node.tag)
        self._add(Heading(words))

    def _list(self, node: Node) -> None:
        if _find(node, "table", "pre", "dl", "blockquote", *MEANINGFUL):
            self._as_html(node)
            return
        self._lift_pictures(node)
        html = self._rich(node)
        if words_of(html):
            self._add(Paragraph(html))

    def _quotation(self, node: Node) -> None:
        if _find(node, "a", "ul", "ol", "table", "pre", "img", "figure", "iframe", *MEANINGFUL):
            if _find(node, "img", "figure", "iframe", "video", "audio", "embed", "object"):
                self._walk(node.children)
                self._note("A quotation with pictures in it became paragraphs")
            else:
                self._as_html(node)
            return
        names = [" ".join(_text(name).split()) for name in _find(node, "cite", "footer")]
        text = _lines(Node("", {}, [_without(node, {"cite", "footer"})]))
        if text:
            link = _web(node.attributes.get("cite", ""))
            link = link if link.startswith("http") else ""
            self._add(Quotation(text, ", ".join(filter(None, names)).strip("—–- "), link))
        elif any(names):
            self._add(Paragraph(f"<p><i>{escape(', '.join(names))}</i></p>"))

    def _figure(self, node: Node) -> None:
        captions = [" ".join(_text(child).split()) for child in node.children if _is(child, "figcaption")]
        caption = " ".join(filter(None, captions))
        rest = [child for child in node.children if not _is(child, "figcaption")]
        pictures = _find(Node("", {}, rest), "img")
        quotation = _find(Node("", {}, rest), "blockquote")
        inner_figures = _find(Node("", {}, rest), "figure")
        if inner_figures or (quotation and not pictures):
            self._walk(rest)
            if caption:
                self._add(Paragraph(f"<p><i>{escape(caption)}</i></p>"))
        elif pictures:
            for number, picture in enumerate(pictures):
                self._picture(picture, caption if number == len(pictures) - 1 else "")
            words = " ".join(_text(Node("", {}, rest)).split())
            if words:
                self._add(Paragraph(f"<p>{escape(words)}</p>"))
        elif _find(Node("", {}, rest), "table"):
            self._as_html(node)
        else:
            address = _address.fullmatch(_text(Node("", {}, rest)).strip())
            if address:
                self._link_to(address.group())
            else:
                self._walk(rest)
            if caption:
                self._add(Paragraph(f"<p><i>{escape(caption)}</i></p>"))

    def _pictures_of(self, node: Node) -> None:
        ids = [part.strip() for part in node.attributes.get("ids", "").split(",") if part.strip()]
        if not ids:
            self._note("A gallery names no pictures and none belong to the post")
        for number in ids:
            self._add(Picture(attachment=number))

    def _picture(self, node: Node, caption: str = "") -> None:
        address = _web(node.attributes.get("src", "") or node.attributes.get("data-src", ""))
        number = re.search(r"\bwp-image-(\d+)\b", node.attributes.get("class", ""))
        if not address and not number:
            self._note("A picture without an address was left out")
            return
        self._add(Picture(address, number.group(1) if number else "", node.attributes.get("alt", "").strip(), caption))

    def _lift_pictures(self, node: Node) -> None:
        for picture in _find(node, "img"):
            self._picture(picture)

    def _embedded(self, node: Node) -> None:
        sources = [node, *_find(node, "source", "embed", "iframe", "a")]
        addresses = [
            _web(one.attributes.get(name, "")) for one in sources for name in ("src", "data", "href") if one.attributes
        ]
        parameters = [_web(one.attributes.get("value", "")) for one in _find(node, "param")]
        found = next((address for address in [*addresses, *parameters] if address.startswith("http")), "")
        if found:
            self._link_to(found)
        elif words := " ".join(_text(node).split()):
            self._add(Paragraph(f"<p>{escape(words)}</p>"))
        else:
            self._note("An embed without an address was left out")

    def _link_to(self, address: str) -> None:
        """Nothing is fetched from elsewhere while somebody reads, so what was embedded is a link."""
        self._note("An embed became a link")
        self._add(Paragraph(f"<p>{self._anchor(address, escape(_shown(address)))}</p>"))

    def _as_html(self, node: Node) -> None:
        self._lift_pictures(node)
        html = self._html(node)
        if words_of(html):
            self._add(Html(html))

    # Paragraphs

    def _paragraphs(self, run: Sequence[Node | str]) -> None:
        for part in _split(run, lambda node: _is(node, "img") or _is_picture_link(node)):
            if len(part) == 1 and (_is(part[0], "img") or _is_picture_link(part[0])):
                self._linked_picture(part[0])
                continue
            for paragraph in _at_blank_lines(part):
                self._paragraph(paragraph)

    def _linked_picture(self, node: Node | str) -> None:
        if not isinstance(node, Node):
            return
        if node.tag == "img":
            self._picture(node)
            return
        for picture in _find(node, "img"):
            self._picture(picture)
            target = node.attributes.get("href", "")
            if target and not re.search(r"\.(?:jpe?g|png|gif|webp|avif)$|attachment_id=", target, re.IGNORECASE):
                source = picture.attributes.get("src", "").rsplit("/", 1)[-1].rsplit(".", 1)[0]
                if source[:12] not in target:
                    self._note(f"A picture was a link to {target[:120]}; it no longer is")

    def _paragraph(self, nodes: Sequence[Node | str]) -> None:
        holder = Node("p", {}, list(nodes))
        if any(True for _ in _find(holder, "img")):
            self._lift_pictures(holder)
        for tag in ("input", "button", "select", "textarea", "canvas"):
            for _ in _find(holder, tag):
                self._note("A form's field was left out; its words were kept")
        words = _text(holder).strip()
        if not words:
            return
        if _address.fullmatch(words) and not _find(holder, "a"):
            self._link_to(words)
            return
        # A reference to a footnote is a <sup> too.
        self._number_notes(holder)
        if any(
            node.tag in MEANINGFUL or (node.tag == "abbr" and node.attributes.get("title")) for node in _all(holder)
        ):
            self._add(Html(f"<p>{''.join(self._html(child) for child in holder.children).strip()}</p>"))
            return
        inner = "".join(self._rich(child) for child in holder.children)
        for html in _laid_out(inner):
            if words_of(html):
                self._add(Paragraph(f"<p>{html}</p>"))

    def _number_notes(self, holder: Node) -> None:
        for parent in [holder, *_all(holder)]:
            for position, child in enumerate(parent.children):
                if _is(child, "sup") and "data-fn" in child.attributes:
                    note = self.kept_notes.get(child.attributes["data-fn"])
                    if note is None:
                        self._note("A footnote's words are not in the export")
                    if note is not None and note not in self.used_notes:
                        self.used_notes.append(note)
                    number = self.used_notes.index(note) + 1 if note is not None else _text(child).strip()
                    parent.children[position] = str(number).translate(SUPERSCRIPTS)

    def _rich(self, node: Node | str) -> str:
        """What the editor's rich text holds: bold, italic, links, lists."""
        if isinstance(node, str):
            return escape(node, quote=False)
        if node.tag == "br":
            return "<br>"
        if node.tag in ("!", "script", "style", "img"):
            if node.tag in ("script", "style"):
                self._note(f"A {node.tag} was left out")
            return ""
        if node.tag in ("ul", "ol"):
            return f"<{node.tag}>{''.join(self._rich_item(child) for child in node.children)}</{node.tag}>"
        inner = "".join(self._rich(child) for child in node.children)
        if node.tag in RICH:
            return f"<{RICH[node.tag]}>{inner}</{RICH[node.tag]}>" if inner.strip() else inner
        if node.tag == "q":
            return f"“{inner}”"
        if node.tag == "a":
            return self._anchor(node.attributes.get("href", ""), inner) if inner.strip() else inner
        if node.tag == "li":
            return f"<li>{re.sub(r'[ ]*\n[ ]*', ' ', inner).strip()}</li>"
        if node.tag in ("p", "div"):
            return f"{inner}\n"
        return inner

    def _rich_item(self, node: Node | str) -> str:
        """What stands in a list. Words that are in none of its items become one."""
        inner = self._rich(node)
        if _is(node, "li", "ul", "ol"):
            return inner
        inner = " ".join(inner.split())
        return f"<li>{inner}</li>" if inner else ""

    def _anchor(self, address: str, inner: str) -> str:
        ours = self.link_for(address)
        if ours is not None:
            attributes = " ".join(f'{name}="{escape(value)}"' for name, value in ours.items() if name != "address")
            return f"<a {attributes}>{inner}</a>"
        target = _web(address)
        if target.startswith(("http", "mailto", "tel")):
            return f'<a href="{escape(target)}">{inner}</a>'
        if target.startswith("#"):
            self._note("A link within the page became plain words")
        elif address:
            self._note(f"A link to “{address[:80]}” became plain words")
        return inner

    def _html(self, node: Node | str) -> str:
        if isinstance(node, str):
            return escape(node, quote=False)
        if node.tag in ("!", "script", "style", "img"):
            if node.tag in ("script", "style"):
                self._note(f"A {node.tag} was left out")
            return ""
        if node.tag in EMBEDS:
            address = _web(node.attributes.get("src", ""))
            if address:
                self._note("An embed became a link")
            return self._plain_anchor(address, escape(_shown(address))) if address else ""
        inner = "".join(self._html(child) for child in node.children)
        if node.tag == "a":
            return self._plain_anchor(node.attributes.get("href", ""), inner)
        if node.tag in VOID:
            return f"<{node.tag}>" if node.tag in ("br", "hr", "wbr") else ""
        kept = "".join(
            f' {name}="{escape(node.attributes[name])}"'
            for name in ("colspan", "rowspan", "scope", "title", "start", "datetime")
            if name in node.attributes
        )
        tag = {"tt": "code", "strike": "s", "b": "strong", "i": "em"}.get(node.tag, node.tag)
        if tag in ("span", "font", "big", "center") or not re.fullmatch(r"[a-z][a-z0-9]*", tag):
            return inner
        return f"<{tag}{kept}>{inner}</{tag}>"

    def _plain_anchor(self, address: str, inner: str) -> str:
        ours = self.link_for(address)
        target = ours["address"] if ours and "address" in ours else _web(address)
        return f'<a href="{escape(target)}">{inner}</a>' if target and inner.strip() else inner

    # The head and the foot

    def _take_facilitators(self) -> None:
        """`Proposition facilitator: name, role, organisation` in the first line names the facilitator."""
        blocks = self.result.blocks
        if not blocks or not isinstance(blocks[0], Paragraph):
            return
        first, *rest = re.split(r"<br\s*/?>", blocks[0].html.removeprefix("<p>").removesuffix("</p>"))
        found = _facilitator.match(words_of(first))
        if not found:
            return
        for person in found.group("who").split(";"):
            name, *parts = [part.strip(" .") for part in person.split(",")]
            if name:
                role, organisation = (parts[0] if parts else ""), ", ".join(parts[1:])
                self.result.facilitators.append(Facilitator(name, role, organisation))
        blocks[0:1] = [Paragraph(f"<p>{'<br>'.join(rest).strip()}</p>")] if words_of("".join(rest)) else []

    def _take_footnotes(self) -> None:
        """Paragraphs at the end that begin with the mark of a word before them."""
        blocks = self.result.blocks
        found: list[tuple[str, str]] = []
        while blocks and isinstance(blocks[-1], Paragraph):
            lines = re.split(r"<br\s*/?>", blocks[-1].html.removeprefix("<p>").removesuffix("</p>"))
            marks = [_note.match(line) for line in lines]
            if not all(marks) or not all(_is_referred_to(mark.group(1), blocks[:-1]) for mark in marks if mark):
                break
            found[:0] = [
                (mark.group(1), line[mark.end() :].strip()) for mark, line in zip(marks, lines, strict=True) if mark
            ]
            blocks.pop()
        notes = list(self.used_notes)
        for mark, text in found:
            notes.append(text)
            self._replace_mark(mark, str(len(notes)).translate(SUPERSCRIPTS))
        notes += [note for note in self.kept_notes.values() if note not in notes]
        if notes:
            cleaned = tuple(self._note_text(note) if note in self.kept_notes.values() else note for note in notes)
            self._add(Footnotes(cleaned))

    def _note_text(self, note: str) -> str:
        root, _ = _tree(note)
        return "".join(self._rich(child) for child in root.children).strip()

    def _replace_mark(self, mark: str, number: str) -> None:
        pattern = _reference(mark)
        for position, block in enumerate(self.result.blocks):
            if isinstance(block, Paragraph) and pattern.search(block.html):
                self.result.blocks[position] = Paragraph(pattern.sub(number, block.html, count=1))
                return


def _reference(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=[\w.,;:!?)”’\"'>]){re.escape(mark)}(?![\w*†‡])")


def _is_referred_to(mark: str, blocks: Sequence[Block]) -> bool:
    pattern = _reference(mark)
    return any(isinstance(block, Paragraph) and pattern.search(block.html) for block in blocks)


def _kept_notes(footnotes: str) -> dict[str, str]:
    """The footnotes that WordPress keeps beside a text, by their ids."""
    try:
        found = json.loads(footnotes) if footnotes else []
    except ValueError:
        return {}
    if not isinstance(found, list):
        return {}
    return {
        str(note["id"]): str(note.get("content", "")) for note in found if isinstance(note, dict) and note.get("id")
    }


def _attributes(text: str) -> dict[str, str]:
    return {
        match.group(1).lower(): unescape(match.group(2) or match.group(3) or match.group(4) or "")
        for match in _attribute.finditer(text)
    }


def _is(node: Node | str, *tags: str) -> bool:
    return isinstance(node, Node) and node.tag in tags


def _all(node: Node) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Node):
            yield child
            yield from _all(child)


def _holds_block(node: Node) -> bool:
    """A link or an emphasis around paragraphs is a container."""
    return node.tag not in VOID and any(child.tag in BLOCKS for child in _all(node))


def _is_loose(node: Node) -> bool:
    """Parts of a table or a list of terms without their whole; an inline element around blocks."""
    return node.tag in ("td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd") or node.tag not in BLOCKS


def _is_picture_link(node: Node | str) -> bool:
    return _is(node, "a") and bool(_find(node, "img")) and not _text(node).strip()  # type: ignore[arg-type]


def _without(node: Node, tags: set[str]) -> Node:
    return Node(
        node.tag,
        node.attributes,
        [
            _without(child, tags) if isinstance(child, Node) else child
            for child in node.children
            if not _is(child, *tags)
        ],
    )


def _lines(node: Node) -> str:
    """The words of a quotation, its paragraphs kept apart."""
    parts: list[str] = []

    def collect(one: Node | str) -> None:
        if isinstance(one, str):
            parts.append(one)
        elif one.tag == "br":
            parts.append("\n")
        elif one.tag not in ("!", "script", "style"):
            is_block = one.tag in BLOCKS
            parts.append("\n\n" if is_block else "")
            for child in one.children:
                collect(child)
            parts.append("\n\n" if is_block else "")

    collect(node)
    paragraphs = re.split(r"\n\s*\n", "".join(parts))
    return "\n\n".join(
        "\n".join(" ".join(line.split()) for line in paragraph.strip().split("\n"))
        for paragraph in paragraphs
        if paragraph.strip()
    )


def _shown(address: str) -> str:
    shown = re.sub(r"^https?://(www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    return shown if len(shown) <= SHOWN_ADDRESS else f"{shown[: SHOWN_ADDRESS - 1]}…"


def _split(nodes: Sequence[Node | str], is_apart: Callable[[Node | str], bool]) -> Iterator[list[Node | str]]:
    part: list[Node | str] = []
    for node in nodes:
        if is_apart(node):
            if part:
                yield part
            yield [node]
            part = []
        else:
            part.append(node)
    if part:
        yield part


def _at_blank_lines(nodes: Sequence[Node | str]) -> Iterator[list[Node | str]]:
    part: list[Node | str] = []
    for node in nodes:
        if not isinstance(node, str):
            part.append(node)
            continue
        first, *others = re.split(r"\n[ \t\xa0]*\n\s*", node)
        part.append(first)
        for other in others:
            yield part
            part = [other]
    yield part


def _laid_out(inner: str) -> list[str]:
    """A paragraph's lines: joined if they were broken by a machine, kept if by a person, apart if each is one."""
    lines = [line.strip() for line in inner.strip().split("\n")]
    lines = [line for line in lines if line]
    if len(lines) < 2:
        return lines
    lengths = [len(words_of(line)) for line in lines]
    if any(_list_like.match(words_of(line)) for line in lines[1:]):
        return ["<br>".join(lines)]
    if is_hard_wrapped([words_of(line) for line in lines]):
        joined = lines[0]
        for line in lines[1:]:
            joined += line if re.search(r"\w-$", joined) and line[:1].islower() else f" {line}"
        return [joined]
    # Whole paragraphs on a line each. A tag may open in one line and close in another: then they stay together.
    if max(lengths) > 160 and all(line.count("<") == 2 * line.count("</") for line in lines):
        return lines
    return ["<br>".join(lines)]


def is_hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether a mail program or an editor broke the lines at a margin: all but the last about as long."""
    body = lines[:-1]
    if not body or max(map(len, lines)) > 110 or min(map(len, body)) < 40:
        return False
    width = max(map(len, lines))
    # A line was broken because the next word did not fit. People break where a sentence ends.
    forced = sum(
        len(line) + 1 + len(following.split(" ", 1)[0]) > width for line, following in zip(body, lines[1:], strict=True)
    )
    ended = sum(bool(_sentence_end.search(line)) for line in body)
    return forced * 2 >= len(body) and ended * 2 <= len(body) + (len(body) > 2)


def _plain(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    if node.tag in ("!", "script", "style"):
        return ""
    if node.tag == "br":
        return "\n"
    inner = "".join(_plain(child) for child in node.children)
    match node.tag:
        case "em" | "i" | "cite" if inner.strip() and "\n" not in inner.strip() and "*" not in inner:
            return f"*{inner.strip()}*" + (" " if inner[-1:].isspace() else "")
        case "strong" | "b" if inner.strip() and "\n" not in inner.strip() and "*" not in inner:
            return f"**{inner.strip()}**" + (" " if inner[-1:].isspace() else "")
        case "a":
            address = _web(node.attributes.get("href", ""))
            if not address.startswith("http") or inner.strip() == address:
                return inner
            return f"{inner.strip()} ({address})" if inner.strip() else address
        case "img":
            address = _web(node.attributes.get("src", ""))
            return " ".join(filter(None, [node.attributes.get("alt", ""), address]))
        case "blockquote":
            return "\n\n" + "\n".join(f"> {line}" for line in inner.strip().split("\n")) + "\n\n"
        case "li":
            return f"\n- {inner.strip()}"
        case "q":
            return f"“{inner}”"
        case "iframe" | "embed":
            return f"\n{_web(node.attributes.get('src', ''))}\n"
        case tag if tag in BLOCKS:
            return f"\n\n{inner.strip()}\n\n"
    return inner
