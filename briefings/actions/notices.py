"""What those who keep a briefing are told when something about it changed without them."""

from collections import defaultdict
from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from wagtail.log_actions import log
from wagtail.models import Revision

from briefings.models import BriefingPage
from briefings.remnants import Remains, remains_of
from content.mail import send_later
from people.models import User
from people.roles import EDITORS, ORGANISERS


def unschedule_unready(*, revision: Revision, problems: list[str]) -> None:
    """Take a briefing that is not ready off the schedule, and tell the organisers why. Its draft stays as it is.

    Called by the schedule, so nobody is asked for a permission.
    """
    briefing = revision.content_object
    with transaction.atomic():
        # As Wagtail's own unscheduling: the wished moment stays in the draft, and is past.
        # Not saved: saving a revision that may not be the newest would set the desk's points back to it.
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        log(
            instance=briefing,
            action="briefings.unschedule_unready",
            revision=revision,
            data={"problems": problems},
        )
        _tell(
            [ORGANISERS],
            f"Not published as scheduled: {briefing.title}",
            "briefings/mail/unscheduled.txt",
            briefing,
            problems=problems,
        )


def tell_of_remnants(*, entry_ids: Collection[int]) -> list[BriefingPage]:
    """Tell editors which briefings still have words of entries that may no longer be shown, a message for each.

    The words themselves are not sent: they are in the checks. Answers the briefings that have some.
    """
    by_briefing: dict[int, list[Remains]] = defaultdict(list)
    for found in remains_of(entry_ids).values():
        for remains in found:
            by_briefing[remains.briefing.pk].append(remains)
    told = []
    for some in by_briefing.values():
        briefing = some[0].briefing
        published = list(dict.fromkeys(one.place for remains in some for one in remains.published))
        draft = list(dict.fromkeys(one.place for remains in some for one in remains.draft))
        with transaction.atomic():
            log(
                instance=briefing,
                action="briefings.tell_of_remnants",
                data={"published": published, "draft": draft},
            )
            _tell(
                [EDITORS, ORGANISERS],
                f"Words to take out of briefing {briefing.number}: {briefing.title}",
                "briefings/mail/remnants.txt",
                briefing,
                published=published,
                draft=draft,
            )
        told.append(briefing)
    return told


def _tell(groups: list[str], subject: str, template: str, briefing: BriefingPage, **words: object) -> None:
    context = {
        "briefing": briefing,
        "link": settings.BASE_URL.rstrip("/") + reverse("wagtailadmin_pages:edit", args=[briefing.pk]),
        "site_name": settings.SITE_NAME,
        **words,
    }
    body = render_to_string(template, context)
    told = User.objects.filter(is_active=True, groups__name__in=groups).distinct()
    for address in told.values_list("email", flat=True):
        message = EmailMessage(subject[:200], body, to=[address], headers={"Auto-Submitted": "auto-generated"})
        send_later(message)
