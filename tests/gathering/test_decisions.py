"""Editors' decisions: each written once, refused when stale, undone only by the one who made it."""

import threading
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction

from events.models import Phase
from gathering.actions import (
    add_point,
    create_points,
    file_entries,
    merge_entries,
    move_point,
    pick_excerpt,
    place_entries,
    place_entry,
    remove_excerpt,
    remove_point,
    rename_point,
    set_aside_entries,
    set_aside_entry,
    show_ledger,
    star_entries,
    undo_decision,
    unplace_entries,
)
from gathering.exceptions import (
    CannotUndo,
    DecidedMeanwhile,
    EventIsArchived,
    GatheringError,
    MergeRefused,
    NotAnEditor,
    NothingChosen,
    NotQuotable,
    PointRefused,
    ReasonMissing,
)
from gathering.models import Decision, Desk, Entry, Excerpt, Point
from gathering.signals import entries_decided, excerpts_leaving
from people.consent import Consent
from people.roles import EDITORS, MODERATORS, ORGANISERS
from realtime.models import Event
from tests.factories.gathering import (
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    PointFactory,
    PropositionPageFactory,
    UserFactory,
    organiser,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def points(event):
    return create_points(actor=EditorFactory(), event=event)


@pytest.fixture
def editor():
    return EditorFactory(first_name="Lena", last_name="Marchbank")


def reload(*entries):
    found = {entry.pk: entry for entry in Entry.objects.filter(pk__in=[entry.pk for entry in entries])}
    fresh = [found[entry.pk] for entry in entries]
    return fresh[0] if len(fresh) == 1 else fresh


def states(*entries):
    return [entry.state() for entry in Entry.objects.filter(pk__in=[e.pk for e in entries]).order_by("pk")]


def test_placing_is_written_on_the_entry_in_the_log_and_on_the_stream(event, points, editor):
    entry = EntryFactory(event=event)

    decisions = place_entry(actor=editor, entry=entry, point=points[2])

    entry = reload(entry)
    assert (entry.disposition, entry.point, entry.version) == (Entry.Disposition.USED, points[2], 1)
    assert list(Decision.objects.all()) == decisions
    assert decisions[0].actor == editor
    assert decisions[0].kind == Decision.Kind.PLACED
    assert decisions[0].before == {"disposition": "undecided", "point": None}
    assert decisions[0].after == {"disposition": "used", "point": str(points[2].pk)}
    told = Event.objects.filter(stream=Desk.objects.get(event=event).stream, kind="decision.made").get()
    assert told.payload == {
        "batch": str(decisions[0].batch),
        "kind": "placed",
        "actor": editor.pk,
        "count": 1,
        "entries": [entry.pk],
    }
    assert told.audience == "editors"


@pytest.mark.parametrize("change", [{"kind": "starred"}, {"after": {}}, {"made_at": "2026-01-01T10:00Z"}])
def test_database_keeps_the_log_from_being_changed(event, points, editor, change):
    place_entry(actor=editor, entry=EntryFactory(event=event), point=points[0])

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Decision.objects.update(**change)


def test_log_outlives_the_account_of_who_decided_and_goes_with_its_event(event, points, editor):
    entry = EntryFactory(event=event)
    place_entry(actor=editor, entry=entry, point=points[0])
    undo_decision(actor=editor, event=event)

    editor.delete()
    assert list(Decision.objects.values_list("kind", "actor")) == [("placed", None), ("undone", None)]

    entry.delete()
    assert not Decision.objects.exists()


def test_apps_above_hear_of_decisions(event, points, editor):
    heard = []
    entries = EntryFactory.create_batch(2, event=event)

    def hear(decisions, actor, **kwargs):
        heard.append(([decision.entry_id for decision in decisions], actor))

    entries_decided.connect(hear)
    place_entries(actor=editor, entries=entries, point=points[0])
    entries_decided.disconnect(hear)

    assert heard == [([entry.pk for entry in entries], editor)]


def test_placing_again_where_it_stands_decides_nothing(event, points, editor):
    entry = EntryFactory(event=event)
    place_entry(actor=editor, entry=entry, point=points[0])

    assert place_entry(actor=editor, entry=reload(entry), point=points[0]) == []
    assert Decision.objects.count() == 1


def test_setting_aside_needs_a_reason(event, points, editor):
    entry = EntryFactory(event=event)

    for reason in ("", "  \n "):
        with pytest.raises(ReasonMissing, match="Give a reason"):
            set_aside_entry(actor=editor, entry=entry, reason=reason)
    with pytest.raises(ReasonMissing, match="at most 200"):
        set_aside_entry(actor=editor, entry=entry, reason="x" * 201)
    set_aside_entry(actor=editor, entry=entry, reason=" About the venue.\nPassed on. ")

    assert reload(entry).set_aside_reason == "About the venue. Passed on."
    place_entry(actor=editor, entry=reload(entry), point=points[0])
    assert reload(entry).set_aside_reason == ""


def test_merging_stands_with_one_entry_however_deep(event, editor):
    first, second, third = EntryFactory.create_batch(3, event=event)

    merge_entries(actor=editor, entries=[first], into=second)
    merge_entries(actor=editor, entries=[reload(second)], into=third)

    assert [entry.merged_into for entry in reload(first, second)] == [third, third]
    fourth = EntryFactory(event=event)
    merge_entries(actor=editor, entries=[fourth], into=reload(first))
    assert reload(fourth).merged_into == third


def test_merging_in_a_circle_is_refused(event, editor):
    first, second = EntryFactory.create_batch(2, event=event)
    merge_entries(actor=editor, entries=[first], into=second)

    for into in (reload(second), reload(first)):
        with pytest.raises(MergeRefused):
            merge_entries(actor=editor, entries=[reload(second)], into=into)


def test_unplacing_brings_a_merged_entry_back_alone(event, editor):
    first, second, third = EntryFactory.create_batch(3, event=event)
    merge_entries(actor=editor, entries=[first, second], into=third)

    unplace_entries(actor=editor, entries=[reload(first)])

    assert [entry.disposition for entry in reload(first, second)] == ["undecided", "merged"]


def test_stale_decision_is_refused_and_says_who_did_what(event, points, editor):
    entry = EntryFactory(event=event)
    other = EditorFactory()
    place_entry(actor=editor, entry=entry, point=points[1])
    stale = Entry(pk=entry.pk, version=0)

    with pytest.raises(DecidedMeanwhile, match=r"Lena Marchbank placed it under point 2 at \d\d\.\d\d\.") as refusal:
        place_entry(actor=other, entry=stale, point=points[4])

    assert refusal.value.entry_ids == [entry.pk]
    assert reload(entry).point == points[1]
    assert Decision.objects.count() == 1


def test_one_stale_entry_refuses_the_whole_batch(event, points, editor):
    first, second = EntryFactory.create_batch(2, event=event)
    place_entry(actor=editor, entry=first, point=points[1])

    with pytest.raises(DecidedMeanwhile):
        set_aside_entries(actor=editor, entries={first.pk: 0, second.pk: 0}, reason="Greeting")

    assert reload(second).disposition == Entry.Disposition.UNDECIDED


def test_batch_sent_again_answers_what_it_did(event, points, editor):
    entry, batch = EntryFactory(event=event), uuid.uuid4()
    seen = {entry.pk: 0}

    first = place_entries(actor=editor, entries=seen, point=points[0], batch=batch)
    again = place_entries(actor=editor, entries=seen, point=points[0], batch=batch)

    assert again == first
    assert reload(entry).version == 1


def test_undo_goes_back_step_by_step(event, points, editor):
    entry = EntryFactory(event=event)
    start = entry.state()
    place_entry(actor=editor, entry=entry, point=points[0])
    placed = reload(entry).state()
    set_aside_entry(actor=editor, entry=reload(entry), reason="Said twice")

    undo_decision(actor=editor, event=event)
    assert reload(entry).state() == placed
    undo_decision(actor=editor, event=event)
    assert reload(entry).state() == start

    with pytest.raises(CannotUndo, match="nothing of yours"):
        undo_decision(actor=editor, event=event)
    assert [decision.kind for decision in Decision.objects.all()] == ["placed", "set_aside", "undone", "undone"]
    assert reload(entry).version == 4


def test_undo_takes_back_a_batch_as_one(event, points, editor):
    entries = EntryFactory.create_batch(3, event=event)
    merge_entries(actor=editor, entries=entries[:1], into=entries[1])
    before = states(*entries)
    merge_entries(actor=editor, entries=[reload(entries[1])], into=entries[2])

    undone = undo_decision(actor=editor, event=event)

    assert len(undone) == 2
    assert len({decision.batch for decision in undone}) == 1
    assert states(*entries) == before


def test_undo_sent_again_undoes_once(event, points, editor):
    first, second = EntryFactory.create_batch(2, event=event)
    place_entry(actor=editor, entry=first, point=points[0])
    place_entry(actor=editor, entry=second, point=points[0])
    batch = uuid.uuid4()

    undo_decision(actor=editor, event=event, batch=batch)
    undo_decision(actor=editor, event=event, batch=batch)

    assert [entry.disposition for entry in reload(first, second)] == ["used", "undecided"]


def test_only_the_one_who_decided_can_undo(event, points, editor):
    entry = EntryFactory(event=event)
    decision = place_entry(actor=editor, entry=entry, point=points[0])[0]
    other = EditorFactory()

    with pytest.raises(CannotUndo, match="Only the person who made"):
        undo_decision(actor=other, event=event, decision=decision)
    with pytest.raises(CannotUndo, match="nothing of yours"):
        undo_decision(actor=other, event=event)
    undo_decision(actor=editor, event=event, decision=decision)
    with pytest.raises(CannotUndo, match="undone already"):
        undo_decision(actor=editor, event=event, decision=decision)


def test_undo_never_overwrites_what_another_decided_since(event, points, editor):
    entry = EntryFactory(event=event)
    decision = place_entry(actor=editor, entry=entry, point=points[0])[0]
    place_entry(actor=EditorFactory(first_name="Ines", last_name="Vale"), entry=reload(entry), point=points[3])

    with pytest.raises(CannotUndo, match="Ines Vale placed it under point 4"):
        undo_decision(actor=editor, event=event, decision=decision)

    assert reload(entry).point == points[3]


def test_undo_leaves_what_another_decided_about_something_else(event, points, editor):
    entry = EntryFactory(event=event)
    decision = place_entry(actor=editor, entry=entry, point=points[0])[0]
    star_entries(actor=EditorFactory(), entries=[reload(entry)])

    undo_decision(actor=editor, event=event, decision=decision)

    entry = reload(entry)
    assert entry.disposition == Entry.Disposition.UNDECIDED
    assert entry.is_starred


def test_undo_that_is_refused_can_be_passed_over(event, points, editor):
    mine, overruled = EntryFactory.create_batch(2, event=event)
    place_entry(actor=editor, entry=mine, point=points[0])
    place_entry(actor=editor, entry=overruled, point=points[0])
    place_entry(actor=EditorFactory(first_name="Ines", last_name="Vale"), entry=reload(overruled), point=points[3])
    with pytest.raises(CannotUndo, match="Ines Vale placed it") as refusal:
        undo_decision(actor=editor, event=event)

    undo_decision(actor=editor, event=event, passing_over=[refusal.value.batch])

    assert [entry.point for entry in reload(mine, overruled)] == [None, points[3]]


def test_undo_on_a_desk_takes_back_what_was_decided_there(event, points, editor):
    here, there = PropositionPageFactory.create_batch(2, parent=event)
    first, second, moved = (EntryFactory(event=event, proposition=one) for one in (here, there, here))
    place_entry(actor=editor, entry=first, point=points[0])
    file_entries(actor=editor, entries=[moved], proposition=there)
    place_entry(actor=editor, entry=second, point=points[0])

    undo_decision(actor=editor, event=event, proposition=here)
    assert reload(moved).proposition == here
    undo_decision(actor=editor, event=event, proposition=here)
    assert reload(first).point is None
    with pytest.raises(CannotUndo, match="nothing of yours"):
        undo_decision(actor=editor, event=event, proposition=here)

    assert reload(second).point == points[0]


def unplace(editor, entry):
    return unplace_entries(actor=editor, entries=[reload(entry)])[0]


def test_undo_merges_nothing_into_what_is_merged_by_now(event, editor):
    one, two, three = EntryFactory.create_batch(3, event=event)
    merge_entries(actor=editor, entries=[one], into=two)
    decision = unplace(editor, one)
    merge_entries(actor=EditorFactory(), entries=[two], into=three)

    with pytest.raises(CannotUndo, match="merged otherwise since"):
        undo_decision(actor=editor, event=event, decision=decision)

    assert reload(one).merged_into is None


def test_undo_merges_in_no_circle(event, editor):
    one, two = EntryFactory.create_batch(2, event=event)
    merge_entries(actor=editor, entries=[one], into=two)
    decision = unplace(editor, one)
    merge_entries(actor=EditorFactory(), entries=[two], into=reload(one))

    with pytest.raises(CannotUndo, match="merged otherwise since"):
        undo_decision(actor=editor, event=event, decision=decision)

    assert [entry.merged_into for entry in reload(one, two)] == [None, one]


def test_undo_puts_nothing_back_under_a_point_that_is_gone(event, points, editor):
    entry = EntryFactory(event=event)
    pick_excerpt(actor=editor, entry=entry, point=points[2], text="Nobody had counted the ladders")
    decision = unplace(editor, entry)
    remove_point(actor=EditorFactory(), point=points[2])

    with pytest.raises(CannotUndo, match="point that it stood under has been taken away"):
        undo_decision(actor=editor, event=event, decision=decision)

    assert reload(entry).state() == {**entry.state(), "disposition": "undecided", "point": None}


def test_undo_leaves_what_is_settled_with_its_proposition(event, points, editor):
    here, there = PropositionPageFactory.create_batch(2, parent=event)
    filed, moved = EntryFactory.create_batch(2, event=event, proposition=here)
    filing = file_entries(actor=editor, entries=[filed], proposition=there)[0]
    place_entry(actor=EditorFactory(first_name="Ines", last_name="Vale"), entry=reload(filed), point=points[0])
    place_entry(actor=editor, entry=moved, point=points[0])
    unplacing = unplace(editor, moved)
    file_entries(actor=EditorFactory(first_name="Ines", last_name="Vale"), entries=[reload(moved)], proposition=there)

    with pytest.raises(CannotUndo, match="Ines Vale placed it"):
        undo_decision(actor=editor, event=event, decision=filing)
    with pytest.raises(CannotUndo, match="Ines Vale moved it to another proposition"):
        undo_decision(actor=editor, event=event, decision=unplacing)

    assert [(entry.proposition, entry.point) for entry in reload(filed, moved)] == [(there, points[0]), (there, None)]


def test_stars_come_and_go(event, editor):
    entry = EntryFactory(event=event)

    star_entries(actor=editor, entries=[entry])
    assert reload(entry).is_starred
    star_entries(actor=editor, entries=[reload(entry)], is_starred=False)
    assert not reload(entry).is_starred


def test_entries_of_two_events_are_not_decided_together(event, points, editor):
    with pytest.raises(NothingChosen, match="one event at a time"):
        place_entries(actor=editor, entries=[EntryFactory(event=event), EntryFactory()], point=points[0])


def test_nothing_chosen_is_refused(event, points, editor):
    for entries in ([], {987654: 0}):
        with pytest.raises(NothingChosen):
            place_entries(actor=editor, entries=entries, point=points[0])


def test_point_of_another_event_is_refused(event, editor):
    with pytest.raises(PointRefused, match="another event"):
        place_entry(actor=editor, entry=EntryFactory(event=event), point=PointFactory())


def test_entry_of_another_event_is_nothing_to_merge_into(event, editor):
    entry, elsewhere = EntryFactory(event=event), EntryFactory()

    with pytest.raises(MergeRefused, match="another event"):
        merge_entries(actor=editor, entries=[entry], into=elsewhere)

    assert reload(entry).merged_into is None


def test_point_taken_away_meanwhile_is_refused(event, points, editor):
    entry, gone = EntryFactory(event=event), points[6]
    remove_point(actor=editor, point=gone)

    with pytest.raises(PointRefused, match="taken this point away"):
        place_entry(actor=editor, entry=entry, point=Point(pk=gone.pk or uuid.uuid4(), event=event))


# Excerpts


def test_excerpt_places_an_undecided_entry_and_one_undo_takes_back_both(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders – and then a year.")

    excerpt = pick_excerpt(actor=editor, entry=entry, point=points[2], text="the ladders - and then")

    assert (excerpt.text, excerpt.spans, excerpt.role) == ("the ladders – and then", [[8, 30]], "supports")
    assert reload(entry).point == points[2]
    undo_decision(actor=editor, event=event)
    assert reload(entry).disposition == Entry.Disposition.UNDECIDED
    assert not Excerpt.objects.exists()


def test_excerpt_for_a_second_point_leaves_the_entry_where_it_is(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders and then a year.")
    place_entry(actor=editor, entry=entry, point=points[0])

    excerpt = pick_excerpt(actor=editor, entry=reload(entry), point=points[1], role="opposes", spans=[[23, 36]])

    assert excerpt.text == "then a year."
    assert reload(entry).point == points[0]


@pytest.mark.parametrize(
    ("changes", "options", "reason"),
    [
        ({"consent": Consent.NONE}, {"text": "ladders"}, "does not want to be quoted"),
        ({"source_withdrawn_at": "2026-10-14T10:00Z"}, {"text": "ladders"}, "Withdrawn by its author"),
        ({"source_hidden_at": "2026-10-14T10:00Z"}, {"text": "ladders"}, "Hidden by a moderator"),
        ({"erased_at": "2026-10-14T10:00Z"}, {"text": "ladders"}, "Erased"),
        ({}, {"text": "scaffolds"}, "“scaffolds” does not stand in the source"),
        ({}, {"spans": [[0, 999]]}, "outside the text"),
        ({}, {}, "no words to quote"),
        ({}, {"text": "ladders", "role": "agrees"}, "supports, qualifies or opposes"),
    ],
)
def test_excerpt_is_refused(event, points, editor, changes, options, reason):
    entry = EntryFactory(event=event, text="We lost the ladders.", **changes)

    with pytest.raises(NotQuotable, match=reason):
        pick_excerpt(actor=editor, entry=entry, point=points[0], **options)

    assert reload(entry).disposition == Entry.Disposition.UNDECIDED
    assert not Decision.objects.exists()


def test_words_that_may_not_be_quoted_can_still_be_placed(event, points, editor):
    entry = EntryFactory(event=event, consent=Consent.NONE)

    place_entry(actor=editor, entry=entry, point=points[0])

    assert reload(entry).point == points[0]


def test_excerpt_of_a_stale_entry_is_refused(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders.")
    place_entry(actor=editor, entry=Entry.objects.get(pk=entry.pk), point=points[0])

    with pytest.raises(DecidedMeanwhile):
        pick_excerpt(actor=EditorFactory(), entry=entry, point=points[1], text="ladders")


def test_excerpt_sent_again_is_picked_once(event, points, editor):
    entry, batch = EntryFactory(event=event, text="We lost the ladders."), uuid.uuid4()

    first = pick_excerpt(actor=editor, entry=entry, point=points[0], text="ladders", batch=batch)
    again = pick_excerpt(actor=editor, entry=entry, point=points[0], text="ladders", batch=batch)

    assert first == again
    assert Excerpt.objects.count() == 1


def test_excerpts_follow_their_entry_to_another_point_and_back(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders.")
    excerpt = pick_excerpt(actor=editor, entry=entry, point=points[0], text="ladders")

    place_entry(actor=editor, entry=reload(entry), point=points[4])
    assert Excerpt.objects.get().point == points[4]
    undo_decision(actor=editor, event=event)
    assert Excerpt.objects.get().point == points[0]
    set_aside_entry(actor=editor, entry=reload(entry), reason="Said better elsewhere")
    assert not Excerpt.objects.exists()
    undo_decision(actor=editor, event=event)
    assert Excerpt.objects.get() == excerpt


def test_excerpt_is_taken_back_and_brought_back(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders.")
    excerpt = pick_excerpt(actor=editor, entry=entry, point=points[0], text="ladders")

    remove_excerpt(actor=editor, excerpt=excerpt)
    remove_excerpt(actor=editor, excerpt=excerpt)
    assert not Excerpt.objects.exists()
    assert reload(entry).point == points[0]
    undo_decision(actor=editor, event=event)
    assert Excerpt.objects.get() == excerpt


def test_cited_excerpt_stays(event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders.")
    excerpt = pick_excerpt(actor=editor, entry=entry, point=points[0], text="ladders")

    def cited(excerpt_ids, **kwargs):
        return "Briefing 4 cites it in point 1." if excerpt.pk in excerpt_ids else None

    excerpts_leaving.connect(cited)
    try:
        for attempt in (
            lambda: remove_excerpt(actor=editor, excerpt=excerpt),
            lambda: set_aside_entry(actor=editor, entry=reload(entry), reason="No"),
            lambda: place_entry(actor=editor, entry=reload(entry), point=points[1]),
            lambda: undo_decision(actor=editor, event=event),
        ):
            with pytest.raises(GatheringError, match="Briefing 4 cites it"):
                attempt()
    finally:
        excerpts_leaving.disconnect(cited)

    assert Excerpt.objects.get().point == points[0]
    assert reload(entry).disposition == Entry.Disposition.USED


# Points


def test_points_are_seven_and_made_once(event, editor):
    points = create_points(actor=editor, event=event)

    assert [(point.position, point.working_title) for point in points] == [(n, "") for n in range(1, 8)]
    assert create_points(actor=editor, event=event) == points
    with pytest.raises(PointRefused):
        create_points(actor=editor, event=event, count=13)


def test_points_are_renamed_moved_added_and_taken_away(event, points, editor):
    rename_point(actor=editor, point=points[0], working_title="  Who holds\n the keys? ")
    move_point(actor=editor, point=points[0], position=3)
    added = add_point(actor=editor, event=event, working_title="And next year?", point_id=uuid.UUID(int=7))
    remove_point(actor=editor, point=points[1])

    standing = list(Point.objects.filter(event=event).order_by("position"))
    assert [point.position for point in standing] == [1, 2, 3, 4, 5, 6, 7]
    assert standing[1].working_title == "Who holds the keys?"
    assert standing[-1] == added
    assert added.pk == uuid.UUID(int=7)


def test_points_are_twelve_at_most(event, points, editor):
    for _ in range(5):
        add_point(actor=editor, event=event)

    with pytest.raises(PointRefused, match="up to 12"):
        add_point(actor=editor, event=event)


def test_long_title_is_refused(event, points, editor):
    with pytest.raises(PointRefused, match="at most 200"):
        rename_point(actor=editor, point=points[0], working_title="x" * 201)


def test_point_with_something_under_it_stays(event, points, editor):
    entry = EntryFactory(event=event)
    place_entry(actor=editor, entry=entry, point=points[0])

    with pytest.raises(PointRefused, match="1 entry stands under point 1"):
        remove_point(actor=editor, point=points[0])
    pick_excerpt(actor=editor, entry=reload(entry), point=points[1], text=entry.text)
    with pytest.raises(PointRefused, match="Excerpts stand under point 2"):
        remove_point(actor=editor, point=points[1])


# Permission


def writes(event, entry, point, excerpt, decision):
    return {
        "place": lambda user: place_entries(actor=user, entries=[entry], point=point),
        "unplace": lambda user: unplace_entries(actor=user, entries=[entry]),
        "set_aside": lambda user: set_aside_entries(actor=user, entries=[entry], reason="No"),
        "merge": lambda user: merge_entries(actor=user, entries=[entry], into=EntryFactory(event=event)),
        "star": lambda user: star_entries(actor=user, entries=[entry]),
        "undo": lambda user: undo_decision(actor=user, event=event, decision=decision),
        "pick": lambda user: pick_excerpt(actor=user, entry=entry, point=point, text=entry.text),
        "take_back": lambda user: remove_excerpt(actor=user, excerpt=excerpt),
        "create_points": lambda user: create_points(actor=user, event=event),
        "add_point": lambda user: add_point(actor=user, event=event),
        "rename_point": lambda user: rename_point(actor=user, point=point, working_title="x"),
        "move_point": lambda user: move_point(actor=user, point=point, position=2),
        "remove_point": lambda user: remove_point(actor=user, point=PointFactory(event=event)),
    }


WRITES = [
    "place", "unplace", "set_aside", "merge", "star", "undo", "pick", "take_back",
    "create_points", "add_point", "rename_point", "move_point", "remove_point",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("role", "phase", "refusal"),
    [
        ("anonymous", Phase.AFTER, NotAnEditor),
        ("delegate", Phase.AFTER, NotAnEditor),
        (MODERATORS, Phase.AFTER, NotAnEditor),
        ("inactive editor", Phase.AFTER, NotAnEditor),
        (EDITORS, Phase.BEFORE, None),
        (EDITORS, Phase.DURING, None),
        (EDITORS, Phase.AFTER, None),
        (EDITORS, Phase.ARCHIVED, EventIsArchived),
        (ORGANISERS, Phase.AFTER, None),
        (ORGANISERS, Phase.ARCHIVED, EventIsArchived),
        ("superuser", Phase.AFTER, None),
    ],
)
def test_who_may_sort_and_when(write, role, phase, refusal):
    event = EventPageFactory()
    entry, point, owner = EntryFactory(event=event), PointFactory(event=event), EditorFactory()
    excerpt = pick_excerpt(actor=owner, entry=entry, point=point, text=entry.text)
    user = {
        "anonymous": lambda: AnonymousUser(),
        "delegate": UserFactory,
        "superuser": lambda: UserFactory(is_superuser=True),
        "inactive editor": lambda: EditorFactory(is_active=False),
    }.get(role, lambda: EditorFactory(role=role))()
    decision = None
    if refusal is None:
        decision = star_entries(actor=user, entries=[reload(entry)])[0]
    event.phase_override = phase
    event.save()
    call = writes(event, reload(entry), Point.objects.get(pk=point.pk), Excerpt.objects.get(pk=excerpt.pk), decision)[
        write
    ]

    if refusal is None:
        call(user)
    else:
        with pytest.raises(refusal):
            call(user)


def test_only_organisers_open_the_ledger_to_readers(event, editor):
    with pytest.raises(NotAnEditor):
        show_ledger(actor=editor, event=event, shows=True)

    assert show_ledger(actor=organiser(), event=event, shows=True).shows_ledger


# Two editors at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_two_editors_never_overwrite_each_other(attempt):
    event = EventPageFactory()
    points = create_points(actor=EditorFactory(), event=event)
    entry = EntryFactory(event=event)
    editors = EditorFactory.create_batch(4)
    barrier = threading.Barrier(len(editors))
    outcomes = []

    def decide(editor, point):
        try:
            barrier.wait(timeout=60)
            outcomes.append(place_entries(actor=editor, entries={entry.pk: 0}, point=point))
        except DecidedMeanwhile as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(editor, point)) for editor, point in zip(editors, points, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)

    won = [outcome for outcome in outcomes if isinstance(outcome, list)]
    assert len(outcomes) == 4
    assert len(won) == 1
    assert Decision.objects.count() == 1
    entry = reload(entry)
    assert entry.version == 1
    assert str(entry.point_id) == won[0][0].after["point"]
    seqs = list(Event.objects.filter(stream__desk__event=event).order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))
