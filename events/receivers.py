"""Publishing an event as the current one makes the others give way."""

from typing import Any

from django.dispatch import receiver
from wagtail.models import Revision
from wagtail.signals import page_published

from events.actions import make_current
from events.models import EventPage


@receiver(page_published, sender=EventPage, dispatch_uid="events.keep_one_current")
def keep_one_current(instance: EventPage, revision: Revision | None = None, **kwargs: Any) -> None:
    if instance.is_current:
        make_current(event=instance, actor=revision.user if revision else None)
