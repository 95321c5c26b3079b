"""What a briefing's points are made of."""

from typing import Any

from wagtail import blocks
from wagtail.rich_text import RichText

from briefings.comparing import PointComparison
from content.text import clean_line, clean_text

HEADING_LENGTH = 200
DISCUSSION_FEATURES = ["bold", "italic", "link", "citation"]


class PointBlock(blocks.StructBlock):
    """One thing to consider. The block's id is the id of its `gathering.Point`."""

    heading = blocks.CharBlock(label="Question or claim", max_length=HEADING_LENGTH)
    discussion = blocks.RichTextBlock(
        features=DISCUSSION_FEATURES,
        help_text="A paragraph or two. To cite what somebody said, type / or select a word and press Cite.",
    )

    def get_comparison_class(self) -> type[PointComparison]:
        return PointComparison

    def clean(self, value: Any) -> Any:
        """Without what pasting brings along and nobody sees: it would turn the text around in print."""
        cleaned = super().clean(value)
        cleaned["heading"] = clean_line(cleaned["heading"])
        cleaned["discussion"] = RichText(clean_text(cleaned["discussion"].source))
        return cleaned

    class Meta:
        icon = "list-ol"
        label = "Point"
        label_format = "{heading}"
