from django.apps import AppConfig
from django_comments_xtd.apps import CommentsXtdConfig as StockCommentsXtdConfig


class DiscussionConfig(AppConfig):
    name = "discussion"


class CommentsXtdConfig(StockCommentsXtdConfig):
    """The library's app without its `pre_save` handler, which republishes hidden replies and inflates counts."""

    def ready(self) -> None:
        """Connect nothing: our actions keep threads and counts."""
