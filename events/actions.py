"""What is written about events beside what editors do to their pages."""

from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log
from wagtail.models import Revision

from events.models import EventPage
from people.models import User


def make_current(*, event: EventPage, actor: User | None = None) -> None:
    """Make a published event the only current one.

    The others give way in their drafts and in what is scheduled too: else publishing one of those took it back.
    """
    with transaction.atomic():
        for other in EventPage.objects.filter(is_current=True).exclude(pk=event.pk):
            EventPage.objects.filter(pk=other.pk).update(is_current=False)
            log(instance=other, action="events.give_way", user=actor, data={"to": event.pk})
        still_to_come = Q(pk__in=EventPage.objects.values("latest_revision")) | Q(approved_go_live_at__isnull=False)
        for revision in Revision.page_revisions.filter(still_to_come, content__is_current=True):
            if revision.object_id != str(event.pk):
                revision.content["is_current"] = False
                revision.save(update_fields=["content"])
