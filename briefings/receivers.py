"""What saving, publishing and unpublishing a briefing sets in motion."""

import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Revision
from wagtail.signals import page_published, page_unpublished

from briefings import selectors
from briefings.actions import forget_publication, record_publication, retire_address, sync_points, unschedule_unready
from briefings.models import BriefingPage
from briefings.printing import forget_prints
from briefings.readiness import refuse_unready
from briefings.signals import briefing_publishing, schedule_refused
from briefings.tasks import look_for_remnants, set_print
from events.models import EventPage
from gathering.models import Point
from gathering.signals import excerpts_leaving, point_leaving, words_left
from gathering.tasks import tell_contributors


@receiver(post_save, sender=Revision)
def sync_points_of_draft(instance: Revision, raw: bool = False, **kwargs: Any) -> None:
    """Every saved draft is a revision, whether it came from the editor, a copy, an import or an action."""
    if not raw and instance.content_type.model_class() is BriefingPage:
        sync_points(actor=instance.user, briefing=instance.as_object())


@receiver(pre_delete, sender=BriefingPage)
def keep_address_of_what_was_printed(instance: BriefingPage, **kwargs: Any) -> None:
    retire_address(briefing=instance)


@receiver(briefing_publishing)
def check_before_publishing(briefing: BriefingPage, **kwargs: Any) -> None:
    refuse_unready(briefing)


@receiver(schedule_refused)
def unschedule_what_is_not_ready(revision: Revision, problems: list[str], **kwargs: Any) -> None:
    unschedule_unready(revision=revision, problems=problems)


@receiver(excerpts_leaving)
def keep_cited_excerpts(excerpt_ids: list[uuid.UUID], **kwargs: Any) -> str | None:
    """Excerpts stay where they are while a briefing, published or a draft, cites them."""
    return selectors.where_cited(excerpt_ids)


@receiver(point_leaving)
def keep_points_with_promises(point: Point, **kwargs: Any) -> str | None:
    """What was promised stays, and stays about something."""
    promised = point.follow_ups.first()
    return f"“{promised.promise}” was promised about point {point.position}: it stays." if promised else None


@receiver(page_published, sender=BriefingPage)
def note_publication(instance: BriefingPage, **kwargs: Any) -> None:
    if sync_points(actor=None, briefing=instance).foreign:
        # A whole event was copied and its pages kept public, which asks no check: what this rests on is elsewhere.
        instance.unpublish()
        return
    record_publication(briefing=instance)
    transaction.on_commit(partial(tell_those_who_asked, instance))
    transaction.on_commit(partial(set_print.enqueue, instance.pk))


def tell_those_who_asked(briefing: BriefingPage) -> None:
    """Write to those who wished to know where their words went, each once, however often it is published."""
    tell_contributors.enqueue(briefing.event.pk, briefing.proposition_id, briefing.title, briefing.full_url or "")


@receiver(words_left)
def forget_prints_with_those_words(event_ids: Iterable[int], **kwargs: Any) -> None:
    """A print holds words: it goes as soon as some may no longer be shown, and is made again without them."""
    for event in EventPage.objects.filter(pk__in=list(event_ids)):
        briefings = dict(BriefingPage.objects.child_of(event).values_list("pk", "live"))
        forget_prints(briefings)
        for pk, is_live in briefings.items():
            if is_live:
                transaction.on_commit(partial(set_print.enqueue, pk))


@receiver(words_left)
def tell_editors_of_what_they_typed(entry_ids: Iterable[int] = (), **kwargs: Any) -> None:
    """What is cited disappears by itself; what was typed does not."""
    if ids := list(entry_ids):
        transaction.on_commit(partial(look_for_remnants.enqueue, ids))


@receiver(page_unpublished, sender=BriefingPage)
def drop_publication(instance: BriefingPage, **kwargs: Any) -> None:
    forget_publication(briefing=instance)
