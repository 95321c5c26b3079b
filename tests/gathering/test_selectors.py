"""Coverage and evidence: people before entries, one query count whatever the size."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gathering.actions import (
    create_points,
    merge_entries,
    pick_excerpt,
    place_entries,
    set_aside_entries,
)
from gathering.models import Entry
from gathering.selectors import (
    Tally,
    count_people,
    coverage,
    coverage_of_propositions,
    entries_of,
    fates_of,
    last_undoable,
    point_tallies,
    what_points_rest_on,
)
from people.consent import Consent
from tests.factories.gathering import (
    CommentFactory,
    ContributionFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    PropositionPageFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.fixture
def points(event, editor):
    return create_points(actor=editor, event=event)


def table(event, **fields):
    return EntryFactory(event=event, channel=Entry.Channel.TABLE, headcount=5, **fields)


def test_people_are_counted_once_and_tables_with_everybody(event):
    EntryFactory.create_batch(3, event=event, author_key="one")
    table(event, author_key="table 6")
    table(event, author_key="table 6")
    EntryFactory(event=event, channel=Entry.Channel.BEFORE)

    found = coverage(event)

    assert found.total == Tally(entries=6, people=7)
    assert found.channels == {"before": Tally(1, 1), "live": Tally(3, 1), "table": Tally(2, 5)}
    assert count_people(Entry.objects.all()) == 7


def test_coverage_is_by_disposition_and_proposition(event, editor, points):
    proposition = PropositionPageFactory(parent=event)
    entries = EntryFactory.create_batch(5, event=event, proposition=proposition)
    EntryFactory(event=event)
    EntryFactory()
    place_entries(actor=editor, entries=entries[:2], point=points[0])
    merge_entries(actor=editor, entries=[entries[2]], into=entries[0])
    set_aside_entries(actor=editor, entries=[entries[3]], reason="Greeting")

    found = coverage(event, proposition)

    assert found.dispositions == {
        "used": Tally(2, 2),
        "merged": Tally(1, 1),
        "set_aside": Tally(1, 1),
        "undecided": Tally(1, 1),
    }
    assert (found.undecided, found.decided) == (1, 4)
    assert coverage(event).total.entries == 6
    assert coverage_of_propositions([event]) == {
        (event.pk, proposition.pk): found.dispositions,
        (event.pk, None): {"undecided": Tally(1, 1)},
    }


def test_point_rests_on_what_is_placed_merged_or_quoted(event, editor, points):
    placed = EntryFactory(event=event, text="The gate was locked all winter.", channel=Entry.Channel.BEFORE)
    merged = table(event)
    elsewhere = EntryFactory(event=event, text="Not every gate should open.")
    silent = EntryFactory(event=event, consent=Consent.NONE)
    place_entries(actor=editor, entries=[placed, silent], point=points[0])
    merge_entries(actor=editor, entries=[merged], into=placed)
    place_entries(actor=editor, entries=[elsewhere], point=points[1])
    for_it = pick_excerpt(actor=editor, entry=Entry.objects.get(pk=placed.pk), point=points[0], text="all winter")
    against = pick_excerpt(
        actor=editor,
        entry=Entry.objects.get(pk=elsewhere.pk),
        point=points[0],
        role="opposes",
        text="Not every gate should open.",
    )

    evidence = what_points_rest_on([points[0].pk, points[6].pk])

    first = evidence[points[0].pk]
    assert [entry.pk for entry in first.entries] == [placed.pk, merged.pk, silent.pk, elsewhere.pk]
    assert first.people == 8
    assert first.opposing_people == 1
    assert first.excerpts == [for_it, against]
    assert first.other_entries == [merged]
    assert first.unshown == 1
    assert first.channels == {"before": Tally(1, 1), "live": Tally(2, 2), "table": Tally(1, 5)}
    assert not first.is_one_voice
    empty = evidence[points[6].pk]
    assert (empty.people, empty.entries, empty.is_one_voice) == (0, [], False)


def test_one_voice_is_one_person_however_often_they_speak(event, editor, points):
    place_entries(actor=editor, entries=EntryFactory.create_batch(4, event=event, author_key="one"), point=points[0])
    place_entries(actor=editor, entries=[table(event)], point=points[1])

    tallies = point_tallies([point.pk for point in points])

    assert tallies[points[0].pk].is_one_voice
    assert (tallies[points[1].pk].people, tallies[points[1].pk].is_one_voice) == (5, False)
    assert tallies[points[2].pk].people == 0
    assert what_points_rest_on([points[0].pk])[points[0].pk].is_one_voice


def test_point_tallies_agree_with_the_evidence(event, editor, points):
    entries = EntryFactory.create_batch(9, event=event)
    tables = [table(event) for _ in range(2)]
    place_entries(actor=editor, entries=[*entries[:4], *tables], point=points[0])
    place_entries(actor=editor, entries=entries[4:7], point=points[1])
    merge_entries(actor=editor, entries=entries[7:], into=entries[4])
    for index, role in ((0, "supports"), (1, "opposes"), (4, "opposes"), (5, "qualifies")):
        entry = Entry.objects.get(pk=entries[index].pk)
        pick_excerpt(actor=editor, entry=entry, point=points[index % 2], text=entry.text, role=role)

    evidence = what_points_rest_on([point.pk for point in points])
    tallies = point_tallies([point.pk for point in points])

    for point in points:
        assert tallies[point.pk].people == evidence[point.pk].people
        assert tallies[point.pk].entries == len(evidence[point.pk].entries)
        assert tallies[point.pk].opposing == evidence[point.pk].opposing_people
        assert tallies[point.pk].is_one_voice == evidence[point.pk].is_one_voice


def test_fates_tell_the_point_even_through_a_merge(event, editor, points):
    comments = CommentFactory.create_batch(4, page=PropositionPageFactory(parent=event))
    contribution = ContributionFactory()
    used, merged, aside, undecided = (EntryFactory(event=event, comment=comment) for comment in comments)
    live = EntryFactory(event=event, contribution=contribution)
    place_entries(actor=editor, entries=[used], point=points[2])
    merge_entries(actor=editor, entries=[merged], into=used)
    set_aside_entries(actor=editor, entries=[aside], reason="About the car park")
    pick_excerpt(actor=editor, entry=live, point=points[0], text=live.text)

    fates = fates_of(comments=[comment.pk for comment in comments], contributions=[contribution.pk])

    assert {
        key: (fate.disposition, fate.point and fate.point.position, fate.reason, fate.is_quoted)
        for key, fate in fates.items()
    } == {
        ("comment", comments[0].pk): ("used", 3, "", False),
        ("comment", comments[1].pk): ("merged", 3, "", False),
        ("comment", comments[2].pk): ("set_aside", None, "About the car park", False),
        ("comment", comments[3].pk): ("undecided", None, "", False),
        ("contribution", contribution.pk): ("used", 1, "", True),
    }
    assert undecided.pk == fates["comment", comments[3].pk].entry.pk


def test_entries_of_somebody_come_from_every_event_but_nobody_else(event):
    mine = [EntryFactory(event=event, author_key="me"), EntryFactory(author_key="me too")]
    EntryFactory(event=event)

    assert {entry.pk for entry in entries_of(["me", "me too"])} == {entry.pk for entry in mine}


def queries_of(call):
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_reads_take_the_same_queries_at_any_size(event, editor, points):
    def grow(count):
        for number in range(count):
            comment = CommentFactory(page=event)
            entry = EntryFactory(event=event, comment=comment, author_key="me", headcount=number % 3 + 1)
            pick_excerpt(actor=editor, entry=entry, point=points[number % 7], text=entry.text)
            place_entries(actor=editor, entries=[EntryFactory(event=event)], point=points[number % 7])

    def reads():
        ids = [point.pk for point in points]
        comments = list(Entry.objects.exclude(comment=None).values_list("comment_id", flat=True))

        def evidence():
            for one in what_points_rest_on(ids).values():
                assert one.people >= 0
                [entry.prompt for entry in one.other_entries]
                [excerpt.entry.comment for excerpt in one.excerpts]

        return [
            queries_of(lambda: coverage(event)),
            queries_of(lambda: point_tallies(ids)),
            queries_of(evidence),
            queries_of(lambda: fates_of(comments=comments)),
            queries_of(lambda: [entry.event for entry in entries_of(["me"])]),
            queries_of(lambda: coverage_of_propositions([event])),
            queries_of(lambda: last_undoable(editor, event)),
        ]

    grow(1)
    few = reads()
    grow(29)

    assert reads() == few
    assert few == [9, 7, 2, 2, 2, 2, 1]
