"""What stands about briefings on the pages of events, propositions and comments."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from briefings import selectors
from briefings.models import BriefingPage, FollowUp
from briefings.remnants import remains_of
from content import slots
from discussion.models import Comment
from events.models import EventPage
from gathering import publications
from gathering.models import Entry
from live import uses
from people.permissions import is_editor
from propositions.models import PropositionPage


@slots.register("comment.footer", order=50)
def used_in(request: HttpRequest, subject: Comment) -> slots.SlotContent | None:
    """ "Used in point 3", for comments that a published briefing rests on. One lookup for all that are shown."""
    kept: dict[int, Any] | None = getattr(request, "_briefing_points_of_comments", None)
    if kept is None or subject.pk not in kept:
        shown = getattr(subject, "shown_with", (subject.pk,))
        found = selectors.published_points_of_comments(shown)
        kept = {**(kept or {}), **{pk: found.get(pk) for pk in shown}}
        request._briefing_points_of_comments = kept  # type: ignore[attr-defined]
    points = kept.get(subject.pk)
    return slots.SlotContent("briefings/slots/used_in.html", {"points": points}) if points else None


@uses.register
def uses_of_contributions(contribution_ids: Collection[int]) -> dict[int, uses.Use]:
    """ "Used in point 3 of briefing 4", for people's phones. Of several points the first."""
    found = selectors.published_points_of_contributions(contribution_ids)
    return {
        pk: uses.Use(
            words=f"Used in point {points[0].number} of briefing {points[0].briefing.number}",
            url=points[0].url,
        )
        for pk, points in found.items()
    }


@slots.register("proposition.margin", order=50)
def briefing_of_proposition(request: HttpRequest, subject: PropositionPage) -> slots.SlotContent | None:
    """The proposition's briefing, or when it is expected."""
    briefings = list(BriefingPage.objects.filter(proposition=subject).live().public().order_by("number"))
    expected = None if briefings else subject.event.briefings_expected_on
    if not briefings and expected is None:
        return None
    return slots.SlotContent(
        "briefings/slots/proposition_margin.html",
        {"briefings": briefings, "expected": expected, "proposition": subject},
    )


@slots.register("feeds.rows", order=50)
def feed_of_follow_ups(request: HttpRequest, subject: EventPage | None) -> slots.SlotContent | None:
    """What is being done about points, among the feeds of the site."""
    if not FollowUp.objects.filter(briefing__live=True).exists():
        return None
    return slots.SlotContent("briefings/slots/feeds_rows.html", {})


@slots.register("event.briefings", order=50)
def briefings_of_event(request: HttpRequest, subject: EventPage) -> slots.SlotContent | None:
    """The event's briefings as covers. Before there are any: the last event's, and when this one's are expected."""
    covers = selectors.covers_of(BriefingPage.objects.child_of(subject).live().public().order_by("-number"))
    former = [] if covers else selectors.covers_of(selectors.former_briefings(subject))
    if not covers and not former and not subject.briefings_expected_on:
        return None
    return slots.SlotContent(
        "briefings/slots/event_briefings.html",
        {
            "event": subject,
            "covers": covers or former,
            "former": bool(former),
            "has_follow_ups": FollowUp.objects.filter(briefing__live=True).exists(),
        },
    )


@slots.register("event.after_words", order=50)
def briefings_stay(request: HttpRequest, subject: EventPage) -> slots.SlotContent | None:
    """Once the event is archived: that its briefings can be read, if it had any."""
    has_any = BriefingPage.objects.child_of(subject).live().public().exists()
    return slots.SlotContent("briefings/slots/event_after_words.html", {}) if has_any else None


@publications.register
def places_of_entries(entry_ids: Collection[int]) -> dict[int, list[publications.Place]]:
    """The points of published briefings that rest on entries, as readers know them."""
    found = selectors.published_points_of_entries(Q(pk__in=entry_ids))
    return {
        pk: [
            publications.Place(
                number=point.number,
                heading=point.heading,
                briefing=point.briefing.number,
                url=point.url,
            )
            for point in points
        ]
        for pk, points in found.items()
    }


@publications.register_remainders
def remainders_of_entries(entry_ids: Collection[int]) -> dict[int, list[publications.Remainder]]:
    """Where words that may not be shown still stand, each place once; in drafts where readers do not see them yet."""
    return {
        pk: [
            publications.Remainder(briefing=one.briefing.number, place=place, is_published=bool(one.published))
            for one in found
            for place in dict.fromkeys(words.place for words in one.published or one.draft)
        ]
        for pk, found in remains_of(entry_ids).items()
    }


@slots.register("words.objection", order=50)
def objection_to_quoting(request: HttpRequest, subject: Entry) -> slots.SlotContent | None:
    """Whether a draft quotes somebody's words, and a button to object. One lookup a page, kept on the request."""
    kept: dict[int, list[selectors.Objectable]] | None = getattr(request, "_briefing_objections", None)
    if kept is None:
        said = Entry.objects.filter(author_key=subject.author_key) if subject.author_key else Entry.objects.none()
        kept = selectors.objectables_of(said.values_list("pk", flat=True))
        request._briefing_objections = kept  # type: ignore[attr-defined]
        request._briefing_objections_of = {subject.author_key}  # type: ignore[attr-defined]
    elif subject.author_key not in request._briefing_objections_of:  # type: ignore[attr-defined]
        said = Entry.objects.filter(author_key=subject.author_key)
        kept.update(selectors.objectables_of(said.values_list("pk", flat=True)))
        request._briefing_objections_of.add(subject.author_key)  # type: ignore[attr-defined]
    places = kept.get(subject.pk)
    if not places:
        return None
    token = request.resolver_match.kwargs.get("token", "") if request.resolver_match else ""
    return slots.SlotContent(
        "briefings/slots/words_objection.html", {"entry": subject, "places": places, "token": token}
    )


@slots.register("desk.header", order=50)
def briefing_of_desk(request: HttpRequest, subject: Any) -> slots.SlotContent | None:
    """From the sorting desk to the briefing it sorts for, or a button that starts it."""
    if not is_editor(request.user):
        return None
    found = selectors.briefing_of(subject.event, subject.proposition)
    return slots.SlotContent("briefings/slots/desk_header.html", {"desk": subject, "briefing": found})
