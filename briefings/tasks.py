"""What is done in the background: the print of a briefing that was published, looking for words that were withdrawn."""

from django.tasks import task

from briefings.actions import tell_of_remnants
from briefings.models import BriefingPage
from briefings.printing import print_briefing


@task
def set_print(briefing_id: int) -> int | None:
    """Make the print of a published briefing, so that no reader waits for it. Answers its pages. Safe to run again."""
    briefing = BriefingPage.objects.filter(pk=briefing_id, live=True).first()
    return print_briefing(briefing).pages if briefing else None


@task
def look_for_remnants(entry_ids: list[int]) -> int:
    """Tell editors of words that they typed and that may no longer be shown. Answers how many briefings have some."""
    return len(tell_of_remnants(entry_ids=entry_ids))
