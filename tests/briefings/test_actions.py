"""What saving, starting and publishing a briefing does to the desk's points and to what readers are told."""

import json
import uuid
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser

from briefings import actions, receivers
from briefings.citations import cited, markup
from briefings.exceptions import BriefingError, BriefingNotReady, NotAllowed
from briefings.models import BriefingPage, PublishedCitation, PublishedPoint
from gathering.actions.excerpts import remove_excerpt
from gathering.exceptions import NotQuotable
from gathering.models import Entry, Excerpt, Point
from people.consent import Consent
from people.models import User
from tests.factories.briefings import (
    make_briefing,
    make_editor,
    make_entry,
    make_event,
    make_excerpt,
    make_organiser,
    make_point,
    make_proposition,
    make_ready_briefing,
    make_session,
    place,
    point_block,
)

pytestmark = pytest.mark.django_db


def blocks(briefing):
    return [(str(block.id), block.value["heading"]) for block in briefing.points]


# Points and blocks


def test_saving_a_draft_makes_the_points_of_its_new_blocks():
    event = make_event()
    proposition = make_proposition(event)
    briefing = make_briefing(
        event, proposition, points=[point_block("First?"), point_block("Second?"), point_block("Third?")]
    )

    briefing.save_revision()

    made = Point.objects.filter(event=event, proposition=proposition)
    assert [(str(point.pk), point.working_title, point.position) for point in made] == [
        (block.id, block.value["heading"], number) for number, block in enumerate(briefing.points, start=1)
    ]


def test_saving_a_draft_gives_points_the_new_titles_and_places(ready):
    one, two, three = ready.points
    ready.briefing.points = json.dumps(
        [
            point_block("Third first?", block_id=three.pk),
            point_block("First second?", block_id=one.pk),
            point_block("", block_id=two.pk),
        ]
    )

    ready.briefing.save_revision()

    assert list(Point.objects.order_by("position").values_list("pk", "working_title")) == [
        (three.pk, "Third first?"),
        (one.pk, "First second?"),
        (two.pk, "Working title 2"),
    ]


def test_removed_block_leaves_its_point_behind_the_others_with_its_entries(ready):
    one, two, three = ready.points
    ready.briefing.points = json.dumps([point_block(block_id=three.pk), point_block(block_id=one.pk)])

    report = actions.sync_points(actor=ready.editor, briefing=ready.briefing)

    assert report.left_over == [two]
    two.refresh_from_db()
    assert (two.position, two.entries.count()) == (3, 2)


def test_sync_leaves_another_events_point_alone(ready):
    other = make_ready_briefing()
    ready.briefing.points = json.dumps([point_block("Taken over?", block_id=other.points[0].pk)])

    report = actions.sync_points(actor=ready.editor, briefing=ready.briefing)

    assert report.foreign == [other.points[0]]
    assert Point.objects.get(pk=other.points[0].pk).working_title == "Working title 1"


def test_sync_twice_changes_nothing(ready):
    ready.briefing.save_revision()
    before = list(Point.objects.values_list("pk", "position", "working_title"))

    report = actions.sync_points(actor=ready.editor, briefing=ready.briefing)

    assert (report.created, report.updated) == ([], [])
    assert list(Point.objects.values_list("pk", "position", "working_title")) == before


# Starting from the desk


@pytest.fixture
def desk(db):
    event = make_event()
    proposition = make_proposition(event, number=2)
    session = make_session(event)
    points = [make_point(event, proposition, position) for position in (2, 1, 3)]
    points.sort(key=lambda point: point.position)
    return event, proposition, session, points


def test_start_takes_over_titles_and_excerpts_in_order_of_weight_and_invents_nothing(desk):
    event, proposition, _, points = desk
    light = make_excerpt(
        place(make_entry(event, "One person said <this>.", proposition=proposition), points[0]), points[0]
    )
    heavy_entry = place(make_entry(event, "Three people said that.", proposition=proposition), points[0])
    heavy = make_excerpt(heavy_entry, points[0])
    for _ in range(2):
        make_entry(event, proposition=proposition, disposition=Entry.Disposition.MERGED, merged_into=heavy_entry)

    briefing = actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)

    assert not briefing.live
    assert (briefing.number, briefing.title, briefing.opening, briefing.closing) == (2, proposition.title, "", "")
    assert blocks(briefing) == [(str(point.pk), point.working_title) for point in points]
    assert [block.value["discussion"].source for block in briefing.points] == [
        f"<p>“Three people said that.”{markup(heavy.pk)}</p><p>“One person said &lt;this&gt;.”{markup(light.pk)}</p>",
        "",
        "",
    ]
    assert blocks(briefing.get_latest_revision_as_object()) == blocks(briefing)


@pytest.mark.parametrize(
    "hindrance",
    [{"consent": Consent.NONE}, {"quote_label": ""}, {"source_withdrawn_at": "now"}, {"source_hidden_at": "now"}],
)
def test_start_leaves_out_what_may_not_be_quoted(desk, hindrance):
    event, proposition, _, points = desk
    fields = {name: "2026-10-14T10:00Z" if value == "now" else value for name, value in hindrance.items()}
    make_excerpt(place(make_entry(event, "Not for print.", proposition=proposition, **fields), points[0]), points[0])

    briefing = actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)

    assert "Not for print" not in json.dumps(briefing.points.get_prep_value())


def test_start_on_an_empty_desk_makes_the_usual_seven_points():
    event = make_event()
    proposition = make_proposition(event)

    briefing = actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)

    assert [block.value["heading"] for block in briefing.points] == [""] * 7
    assert blocks(briefing) == [(str(point.pk), "") for point in Point.objects.order_by("position")]


def test_start_again_opens_the_same_briefing(desk):
    event, proposition, _, _ = desk
    first = actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)

    again = actions.start_briefing(actor=make_organiser(), event=event, proposition=proposition)

    assert again == first
    assert BriefingPage.objects.count() == 1


def test_start_keeps_to_the_events_series(desk):
    event, proposition, _, _ = desk
    first = actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)
    other = actions.start_briefing(actor=make_editor(), event=event, proposition=make_proposition(event, number=3))

    assert other.series == first.series
    assert first.series.strapline == event.strapline


@pytest.mark.parametrize("role", ["nobody", "delegate"])
def test_start_is_refused_to_others(desk, role):
    event, proposition, _, _ = desk
    actor = AnonymousUser() if role == "nobody" else User.objects.create_user("delegate@example.org")

    with pytest.raises(NotAllowed):
        actions.start_briefing(actor=actor, event=event, proposition=proposition)

    assert not BriefingPage.objects.exists()


def test_start_is_refused_when_the_desk_has_more_points_than_a_briefing(desk):
    event, proposition, _, _ = desk
    for position in range(4, 14):
        make_point(event, proposition, position)

    with pytest.raises(BriefingError, match="the desk has 13"):
        actions.start_briefing(actor=make_editor(), event=event, proposition=proposition)


# Publishing


def test_publishing_notes_points_and_citations_with_their_codes(ready):
    second = make_excerpt(ready.entries[1][1], ready.points[1])
    ready.briefing.points = json.dumps(
        [
            point_block("Last is first", cites=[ready.excerpts[2][0]], block_id=ready.points[2].pk),
            point_block("Two of them", cites=[second, ready.excerpts[1][0], second], block_id=ready.points[1].pk),
            point_block("First is last", cites=[ready.excerpts[0][0]], block_id=ready.points[0].pk),
        ]
    )

    ready.publish()

    assert list(PublishedPoint.objects.values_list("number", "point_id", "heading")) == [
        (1, ready.points[2].pk, "Last is first"),
        (2, ready.points[1].pk, "Two of them"),
        (3, ready.points[0].pk, "First is last"),
    ]
    assert list(PublishedCitation.objects.order_by("code").values_list("code", "excerpt_id")) == [
        ("1a", ready.excerpts[2][0].pk),
        ("2a", second.pk),
        ("2b", ready.excerpts[1][0].pk),
        ("3a", ready.excerpts[0][0].pk),
    ]


def test_publishing_again_rewrites_what_was_noted(ready):
    ready.publish()
    ready.briefing.points = json.dumps(list(reversed(ready.briefing.points.get_prep_value())))

    ready.publish()

    assert list(PublishedPoint.objects.values_list("number", "point_id")) == [
        (number, point.pk) for number, point in enumerate(reversed(ready.points), start=1)
    ]


def test_unpublishing_forgets_it(ready):
    ready.publish().unpublish()

    assert not PublishedPoint.objects.exists()


def test_publishing_is_refused_while_a_check_blocks_and_nothing_is_lost(ready):
    Excerpt.objects.filter(pk=ready.excerpts[0][0].pk).delete()
    revision = ready.briefing.save_revision()

    with pytest.raises(BriefingNotReady) as refusal:
        revision.publish()

    assert refusal.value.problems == [
        "Citation 1a leads to nothing: its excerpt was taken back. Remove it or cite another."
    ]
    ready.briefing.refresh_from_db()
    assert not ready.briefing.live
    assert cited(ready.briefing.get_latest_revision_as_object().points[0].value["discussion"].source) == [
        ready.excerpts[0][0].pk
    ]


def test_cited_excerpt_cannot_be_taken_back_until_the_citation_is_gone(ready):
    excerpt = ready.excerpts[1][0]
    with pytest.raises(NotQuotable, match="Briefing 4 cites it in point 2"):
        remove_excerpt(actor=ready.editor, excerpt=excerpt)

    ready.briefing.points = json.dumps(list(reversed(ready.briefing.points.get_prep_value()))[:1])
    ready.briefing.save()
    remove_excerpt(actor=ready.editor, excerpt=excerpt)

    assert not Excerpt.objects.filter(pk=excerpt.pk).exists()


# Addresses on paper


def test_short_address_is_the_number_and_never_changes(ready):
    assert ready.briefing.short_address == "4"
    ready.briefing.number = 5

    ready.briefing.save()

    assert ready.briefing.short_address == "4"


def test_next_briefing_of_the_same_number_gets_another_short_address(ready):
    others = [make_briefing(make_event(starts_on="2027-10-12", ends_on="2027-10-13")) for _ in range(2)]

    assert [page.short_address for page in others] == ["4-2027", "4-2027-2"]


def test_copy_gets_its_own_short_address_and_keeps_its_citations(ready):
    copy = ready.briefing.copy(update_attrs={"slug": f"copy-{uuid.uuid4().hex[:6]}"})

    assert copy.short_address == "4-2026"
    assert copy.points.get_prep_value() == ready.briefing.points.get_prep_value()
    assert Point.objects.count() == 3


# Those who asked


def test_publication_is_told_to_those_who_asked(ready, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(receivers, "tell_contributors", SimpleNamespace(enqueue=lambda *args: told.append(args)))

    with django_capture_on_commit_callbacks(execute=True):
        briefing = ready.publish()

    assert told == [(ready.event.pk, ready.proposition.pk, briefing.title, briefing.full_url)]
