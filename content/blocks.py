"""Blocks that several kinds of page share."""

from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul", "document-link"]


class ParagraphBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(**{"features": TEXT_FEATURES, **kwargs})

    class Meta:
        icon = "pilcrow"
        label = "Text"
        template = "blocks/paragraph.html"


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = "Heading"
        template = "blocks/heading.html"


class QuotationBlock(blocks.StructBlock):
    text = blocks.TextBlock(label="Quotation", rows=3)
    attribution = blocks.CharBlock(required=False)
    link = blocks.URLBlock(required=False)

    class Meta:
        icon = "openquote"
        label = "Quotation"
        template = "blocks/quotation.html"


class PictureBlock(blocks.StructBlock):
    image = ImageBlock()
    caption = blocks.CharBlock(required=False)

    class Meta:
        icon = "image"
        label = "Picture"
        template = "blocks/picture.html"


class FootnotesBlock(blocks.ListBlock):
    def __init__(self, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(blocks.RichTextBlock(features=["bold", "italic", "link"]), **kwargs)

    class Meta:
        icon = "list-ol"
        label = "Footnotes"
        help_text = "Write [1] in the text where the first belongs, [2] for the second. They become links to and fro."
        template = "blocks/footnotes.html"


KEPT_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "blockquote", "pre", "div", "figure", "figcaption"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("a", "b", "strong", "i", "em", "cite", "q", "s", "del", "ins", "u", "small", "sub", "sup", "mark"),
    *("abbr", "code", "kbd", "samp", "var", "time"),
}
KEPT_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}


def safe_html(source: str) -> SafeString:
    """What may stand in a text without harm: no scripts, styles, pictures or frames, nothing fetched from elsewhere."""
    clean = nh3.clean(
        source,
        tags=KEPT_TAGS,
        attributes=KEPT_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308 nh3 let nothing else through


class SafeHtmlBlock(blocks.RawHTMLBlock):
    """For what no other block holds: tables, code, definition lists. Whatever is typed, only safe HTML is kept."""

    def normalize(self, value: Any) -> SafeString:
        return safe_html(str(super().normalize(value) or ""))

    def to_python(self, value: Any) -> SafeString:
        return safe_html(value or "")

    def clean(self, value: Any) -> SafeString:
        return safe_html(super().clean(value))

    class Meta:
        icon = "code"
        label = "Table, code or other HTML"
        template = "blocks/html.html"


STATEMENT_BLOCKS = [
    ("paragraph", ParagraphBlock()),
    ("heading", HeadingBlock()),
    ("quotation", QuotationBlock()),
    ("picture", PictureBlock()),
    ("footnotes", FootnotesBlock()),
    ("html", SafeHtmlBlock()),
]
