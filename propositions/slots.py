"""What propositions show on the pages of others."""

from django.http import HttpRequest

from content.slots import SlotContent, register
from events.calendar import number_in_words
from events.models import EventPage
from people.models import Person
from propositions.models import PropositionPage
from propositions.selectors import contents_of, total_responses


@register("event.propositions", order=10)
def contents(request: HttpRequest, event: EventPage) -> SlotContent | None:
    rows = contents_of(event)
    if not rows:
        return None
    count = number_in_words(len(rows)).capitalize()
    heading = f"{count} proposition{'' if len(rows) == 1 else 's'}"
    return SlotContent("propositions/contents.html", {"rows": rows, "heading": heading})


@register("event.before_words", order=10)
def before_words(request: HttpRequest, event: EventPage) -> SlotContent | None:
    """How many responses the propositions drew, once the time before is over."""
    total = total_responses(event)
    return SlotContent("propositions/before_words.html", {"total": total}) if total else None


@register("person.parts", order=10)
def facilitated(request: HttpRequest, person: Person) -> SlotContent | None:
    """The propositions a person facilitates or facilitated."""
    found = list(
        PropositionPage.objects.filter(proposition_facilitators__person=person)
        .live()
        .public()
        .defer("statement")
        .order_by("-first_published_at")
    )
    # One question for all their events, instead of one each.
    events = {event.path: event for event in EventPage.objects.filter(path__in={_above(page) for page in found})}
    for page in found:
        page.event = events[_above(page)]
    return SlotContent("propositions/facilitated.html", {"propositions": found}) if found else None


def _above(page: PropositionPage) -> str:
    """Where the page above stands in Wagtail's tree."""
    return str(page.path[: -page.steplen])
