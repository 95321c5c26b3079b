"""What a discussion does when something happens elsewhere."""

from typing import Any

from django.dispatch import receiver
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from discussion.actions import forget_internal_mentions, record_internal_mentions


@receiver(page_published, dispatch_uid="discussion.record_internal_mentions")
def on_page_published(instance: Page, **kwargs: Any) -> None:
    record_internal_mentions(page=instance)


@receiver(page_unpublished, dispatch_uid="discussion.forget_internal_mentions")
def on_page_unpublished(instance: Page, **kwargs: Any) -> None:
    forget_internal_mentions(page=instance)
