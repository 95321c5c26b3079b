from importlib import import_module

from django.apps import AppConfig
from django_comments_xtd.apps import CommentsXtdConfig as StockCommentsXtdConfig


class DiscussionConfig(AppConfig):
    name = "discussion"
    # Two configurations stand in this file.
    default = True

    def ready(self) -> None:
        import_module("discussion.receivers")
        import_module("discussion.slots")
        keeping = import_module("discussion.keeping")
        keeping.register_keepers()
        keeping.register_rules()


class CommentsXtdConfig(StockCommentsXtdConfig):
    """The library's app without its `pre_save` handler, which republishes hidden replies and inflates counts."""

    def ready(self) -> None:
        """Connect nothing: our actions keep threads and counts."""
