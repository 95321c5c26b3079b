"""What a majority would not see, and moving what was said under the wrong proposition."""

import pytest
from django.urls import reverse

from gathering.actions import (
    file_entries,
    merge_entries,
    pick_excerpt,
    place_entry,
    suggest_themes,
    theme_entries,
    undo_decision,
)
from gathering.desk import Desk
from gathering.exceptions import FilingRefused
from gathering.minority import minority_view
from gathering.models import Entry, Theme
from gathering.selectors import point_tallies
from live.models import Vote
from tests.factories.gathering import (
    ContributionFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    LiveSessionFactory,
    ParticipantFactory,
    PointFactory,
    PropositionPageFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory()


def voted(event, *, support=0, concern=0, text="Close the depot at night and sell the ladders."):
    session = LiveSessionFactory(event=event)
    contribution = ContributionFactory(session=session, body=text)
    for choice, how_many in (("support", support), ("concern", concern)):
        for _ in range(how_many):
            voter = ParticipantFactory(session=session)
            Vote.objects.create(
                participant=voter, author_key=voter.author_key, contribution=contribution, choice=choice
            )
    return EntryFactory(event=event, text=text, contribution=contribution, session=session)


def test_what_many_opposed_is_listed_and_what_few_minded_is_not(event):
    opposed = voted(event, support=4, concern=4)
    voted(event, support=9, concern=3)
    voted(event, concern=2)

    [one] = minority_view(Desk(event, None)).opposed

    assert (one.entry, one.support, one.concern) == (opposed, 4, 4)


def test_hidden_dissent_is_said_until_somebody_is_quoted_against(event, editor):
    point = PointFactory(event=event)
    entry = voted(event, support=2, concern=2)
    place_entry(actor=editor, entry=entry, point=point)
    assert point_tallies([point.pk])[point.pk].hidden_dissent == 2

    against = EntryFactory(event=event, text="Ladders sold are ladders gone.")
    pick_excerpt(actor=editor, entry=against, point=point, role="opposes", text="Ladders sold are ladders gone.")

    tally = point_tallies([point.pk])[point.pk]
    assert (tally.opposing, tally.hidden_dissent) == (1, 0)


def test_dissent_merged_into_another_entry_still_counts(event, editor):
    point = PointFactory(event=event)
    head = EntryFactory(event=event)
    entry = voted(event, support=1, concern=2)
    place_entry(actor=editor, entry=head, point=point)
    merge_entries(actor=editor, entries=[entry], into=head)

    assert point_tallies([point.pk])[point.pk].hidden_dissent == 2


def test_said_by_few_and_answered_by_nobody(client, event, editor):
    for _ in range(3):
        EntryFactory(event=event, text="The buses should run later in the evening for the late shift.")
    lone = EntryFactory(event=event, text="My grandmother cannot read the screens at the swimming baths.")
    supported = voted(event, support=1, text="A violin teacher would cost less than one new camera.")
    EntryFactory(event=event, text="Yes.")

    view = minority_view(Desk(event, None))

    assert list(view.unanswered) == [lone]
    client.force_login(editor)
    page = client.get(reverse("desk:minority", args=[event.pk, "all"])).content.decode()
    assert lone.text in page
    assert supported.text not in page


def test_entry_is_moved_to_a_proposition_and_back_by_undo(client, event, editor):
    here, there = (PropositionPageFactory(parent=event) for _ in range(2))
    entry = EntryFactory(event=event, proposition=here)
    client.force_login(editor)
    decide = reverse("desk:decide", args=[event.pk, here.pk])

    answer = client.post(
        decide,
        {"do": "file", "entry": f"{entry.pk}:0", "proposition": there.pk},
        headers={"accept": "application/json"},
    )

    assert answer.json()["ok"] is True
    entry.refresh_from_db()
    assert entry.proposition_id == there.pk
    undo_decision(actor=editor, event=event)
    entry.refresh_from_db()
    assert entry.proposition_id == here.pk
    nowhere = client.post(decide, {"do": "file", "entry": f"{entry.pk}:2"}, headers={"accept": "application/json"})
    assert nowhere.json()["message"] == "Choose the proposition to move it to."


def test_entries_about_no_proposition_are_found_and_filed_together(client, event, editor):
    there = PropositionPageFactory(parent=event)
    for _ in range(3):
        EntryFactory(event=event)
    EntryFactory(event=event, proposition=there)
    client.force_login(editor)
    page = client.get(reverse("desk:desk", args=[event.pk, "all"]), {"show": "undecided", "about": "none"})
    assert "no proposition yet" in page.content.decode()

    client.post(
        reverse("desk:decide", args=[event.pk, "all"]),
        {"do": "file", "every": "1", "count": "3", "filters": "show=undecided&about=none", "proposition": there.pk},
    )

    assert Entry.objects.filter(proposition=there).count() == 4


def test_filing_is_refused_for_what_is_decided_and_for_other_events(event, editor):
    here, there = PropositionPageFactory(parent=event), PropositionPageFactory(parent=event)
    used, merged, head = (EntryFactory(event=event, proposition=here) for _ in range(3))
    place_entry(actor=editor, entry=used, point=PointFactory(event=event, proposition=here))
    merge_entries(actor=editor, entries=[merged], into=head)
    merged.refresh_from_db()
    used.refresh_from_db()

    for entry in (used, merged):
        with pytest.raises(FilingRefused, match="stays"):
            file_entries(actor=editor, entries=[entry], proposition=there)
    with pytest.raises(FilingRefused, match="merged into this entry"):
        file_entries(actor=editor, entries=[head], proposition=there)
    with pytest.raises(FilingRefused, match="another event"):
        file_entries(actor=editor, entries=[EntryFactory(event=event)], proposition=PropositionPageFactory())


def test_undo_bears_themes_that_were_suggested_anew(event, editor):
    entries = [EntryFactory(event=event, text=f"{a} {b}") for a in ("bus late", "oak tree") for b in "abcdefgh"]
    theme = Theme.objects.create(event=event, label="Old")
    Entry.objects.filter(pk=entries[0].pk).update(theme=theme)
    entries[0].refresh_from_db()
    theme_entries(actor=editor, entries=[entries[0]], theme=None)
    suggest_themes(actor=editor, event=event)
    Theme.objects.filter(pk=theme.pk).delete()
    Entry.objects.filter(pk=entries[0].pk).update(theme=None)

    undo_decision(actor=editor, event=event)

    assert Entry.objects.get(pk=entries[0].pk).theme_id is None
