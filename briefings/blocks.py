"""What a briefing's points are made of."""

from wagtail import blocks

DISCUSSION_FEATURES = ["bold", "italic", "link", "citation"]


class PointBlock(blocks.StructBlock):
    """One thing to consider. The block's id is the id of its `gathering.Point`."""

    heading = blocks.CharBlock(label="Question or claim", max_length=200)
    discussion = blocks.RichTextBlock(
        features=DISCUSSION_FEATURES,
        help_text="A paragraph or two. To cite what somebody said, type / or select a word and press Cite.",
    )

    class Meta:
        icon = "list-ol"
        label = "Point"
        label_format = "{heading}"
