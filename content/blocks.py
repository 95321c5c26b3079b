"""Blocks that several kinds of page share."""

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
        template = "blocks/footnotes.html"


STATEMENT_BLOCKS = [
    ("paragraph", ParagraphBlock()),
    ("heading", HeadingBlock()),
    ("quotation", QuotationBlock()),
    ("picture", PictureBlock()),
    ("footnotes", FootnotesBlock()),
]
