"""What is made in the background: the print of a briefing that was published."""

from django.tasks import task

from briefings.models import BriefingPage
from briefings.printing import print_briefing


@task
def set_print(briefing_id: int) -> int | None:
    """Make the print of a published briefing, so that no reader waits for it. Answers its pages. Safe to run again."""
    briefing = BriefingPage.objects.filter(pk=briefing_id, live=True).first()
    return print_briefing(briefing).pages if briefing else None
