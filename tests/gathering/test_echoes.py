"""The same words: found the same way each time, collapsed by people, counted by people, named as campaigns."""

import pytest
from django.urls import reverse

from events.models import Phase
from gathering.actions import (
    collapse_echo,
    expand_echo,
    find_echoes,
    keep_echo,
    place_entry,
    refuse_echo,
    undo_decision,
)
from gathering.desk import Desk
from gathering.echo_piles import echo_piles
from gathering.echoes import groups_of, plain
from gathering.exceptions import EchoRefused, EventIsArchived, NotAnEditor
from gathering.filters import Filters
from gathering.models import Decision, Echo, Entry
from gathering.selectors import campaigns_of, coverage, point_tallies, what_points_rest_on
from tests.factories.gathering import (
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    PointFactory,
    PropositionPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PETITION = "Keep the library in Mill Street open on Saturdays, because it is the only day that working families have."
OTHERS = [
    "The buses stop before the late shift ends.",
    "Plant oak trees along the river before the banks go.",
    "Nobody has counted the ladders since the storm of last winter.",
]


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.fixture
def copies(event):
    """Six people with the words of one petition: copied, shouted, with a line of one's own."""
    texts = [
        PETITION,
        PETITION.upper(),
        PETITION.replace(",", " –").replace("because", "Because"),
        f"{PETITION} My three children learned to read there.",
        PETITION,
        PETITION.replace("Saturdays", "Saturday"),
    ]
    return [EntryFactory(event=event, text=text) for text in texts]


@pytest.fixture
def others(event):
    return [EntryFactory(event=event, text=text) for text in OTHERS]


def found_echo(editor, event):
    [echo] = find_echoes(actor=editor, event=event)
    return echo


def test_copies_are_grouped_whatever_their_capitals_and_marks_and_others_are_left_alone():
    texts = [*OTHERS, PETITION, PETITION.upper(), f"{PETITION} And so say all of us in the street."]

    assert groups_of(texts) == [(3, 4, 5)]
    assert groups_of(texts) == groups_of(texts)
    assert plain("  “Café – OPEN”,\nlate! ") == "cafe open late"


@pytest.mark.parametrize("texts", [[], [""], ["", "", "!!"], ["one"], OTHERS, ["No.", "Now.", "Not now."]])
def test_nothing_is_grouped_that_is_not_the_same(texts):
    assert groups_of(texts) == []


def test_short_answers_are_grouped_only_when_they_are_the_same():
    assert groups_of(["More buses", "more buses!", "More trees", "Fewer buses"]) == [(0, 1)]


def test_five_thousand_are_compared_in_seconds():
    texts = [f"Case {n}: {OTHERS[n % 3]} {' '.join(str(n * k) for k in range(9))}" for n in range(1500)]

    assert groups_of([*texts, texts[7]])[0] == (7, 1500)


def test_finding_decides_nothing_and_sees_a_campaign(event, editor, copies, others):
    echo = found_echo(editor, event)

    assert set(echo.entries.all()) == set(copies)
    assert (echo.state, echo.is_campaign, echo.label) == (
        "proposed",
        True,
        "Keep the library in Mill Street open on…",
    )
    assert not Decision.objects.exists()
    # A guess is not carried anywhere before somebody agrees.
    assert campaigns_of(event) == []


def test_one_persons_repeats_are_no_campaign(event, editor):
    for _ in range(7):
        EntryFactory(event=event, text=PETITION, author_key="the same")
    EntryFactory(event=event, text=PETITION, headcount=30, author_key="a table")

    assert found_echo(editor, event).is_campaign is False


def test_collapsed_entries_count_as_people_and_the_campaign_is_named(event, editor, copies, others):
    point = PointFactory(event=event, position=1)
    place_entry(actor=editor, entry=copies[0], point=point)
    echo = found_echo(editor, event)
    keep_echo(actor=editor, echo=echo, label="Mill Street petition", is_campaign=True)

    decisions = collapse_echo(actor=editor, echo=echo)

    assert len(decisions) == 5
    assert set(Entry.objects.filter(merged_into=copies[0])) == set(copies[1:])
    tally = point_tallies([point.pk])[point.pk]
    assert (tally.entries, tally.people, tally.campaigning, tally.is_one_voice) == (6, 6, 6, False)
    [campaign] = coverage(event).campaigns
    assert (campaign.echo.label, campaign.entries, campaign.people) == ("Mill Street petition", 6, 6)
    [under] = what_points_rest_on([point.pk])[point.pk].campaigns
    assert (under.echo, under.people) == (echo, 6)


def test_collapse_is_undone_at_once_and_expanded_by_anybody_later(event, editor, copies):
    echo = found_echo(editor, event)
    collapse_echo(actor=editor, echo=echo)
    assert Entry.objects.undecided().count() == 1

    undo_decision(actor=editor, event=event)
    assert Entry.objects.undecided().count() == 6
    copies[3].refresh_from_db()
    collapse_echo(actor=editor, echo=echo, into=copies[3])
    assert {entry.merged_into_id for entry in Entry.objects.filter(disposition="merged")} == {copies[3].pk}
    expand_echo(actor=EditorFactory(), echo=echo)

    assert Entry.objects.undecided().count() == 6
    # They stay known as the same words, and can be collapsed again.
    assert Entry.objects.filter(echo=echo).count() == 6
    assert len(collapse_echo(actor=editor, echo=echo)) == 5


def test_kept_echo_gathers_newcomers_and_a_refused_one_stays_refused(event, editor, copies, others):
    echo = found_echo(editor, event)
    collapse_echo(actor=editor, echo=echo)
    late = EntryFactory(event=event, text=PETITION)
    assert find_echoes(actor=editor, event=event) == []
    late.refresh_from_db()
    assert late.echo_id == echo.pk

    expand_echo(actor=editor, echo=echo)
    refuse_echo(actor=editor, echo=echo)
    assert find_echoes(actor=editor, event=event) == []
    assert Echo.objects.get().state == "refused"


@pytest.mark.parametrize("decide", [keep_echo, refuse_echo])
def test_what_was_decided_on_one_desk_is_not_proposed_away_on_another(editor, event, decide):
    about = PropositionPageFactory(parent=event)
    said = [EntryFactory(event=event, proposition=about, text=PETITION) for _ in range(5)]
    elsewhere = [EntryFactory(event=event, text=PETITION) for _ in range(2)]
    [echo] = find_echoes(actor=editor, event=event, proposition=about)
    decide(actor=editor, echo=echo)

    [proposed] = find_echoes(actor=editor, event=event)

    assert set(echo.entries.all()) == set(said)
    assert set(proposed.entries.all()) == set(elsewhere)
    kept = decide is keep_echo
    assert [(one.echo, one.people) for one in campaigns_of(event, about)] == ([(echo, 5)] if kept else [])


def test_proposals_taken_over_by_another_desk_leave_nothing_empty_behind(editor, event):
    about = PropositionPageFactory(parent=event)
    EntryFactory.create_batch(2, event=event, proposition=about, text=PETITION)
    find_echoes(actor=editor, event=event, proposition=about)

    [proposed] = find_echoes(actor=editor, event=event)

    assert list(Echo.objects.all()) == [proposed]


def test_looking_again_replaces_proposals(event, editor, copies):
    first = found_echo(editor, event)

    second = found_echo(editor, event)

    assert Echo.objects.get() == second
    with pytest.raises(EchoRefused, match="anew"):
        collapse_echo(actor=editor, echo=first)


def test_refusals(event, editor, copies, others):
    echo = found_echo(editor, event)
    with pytest.raises(NotAnEditor):
        find_echoes(actor=UserFactory(), event=event)
    with pytest.raises(NotAnEditor):
        collapse_echo(actor=UserFactory(), echo=echo)
    with pytest.raises(EchoRefused, match="not one of these"):
        collapse_echo(actor=editor, echo=echo, into=others[0])
    with pytest.raises(EchoRefused, match="Nothing of this is collapsed"):
        expand_echo(actor=editor, echo=echo)
    collapse_echo(actor=editor, echo=echo)
    with pytest.raises(EchoRefused, match="left to collapse"):
        collapse_echo(actor=editor, echo=echo)
    with pytest.raises(EchoRefused, match="Expand them first"):
        refuse_echo(actor=editor, echo=echo)
    event.phase_override = Phase.ARCHIVED
    event.save()
    with pytest.raises(EventIsArchived):
        find_echoes(actor=editor, event=event)


def test_page_finds_collapses_expands_names_and_refuses(client, event, editor, copies, others):
    client.force_login(editor)
    page, decide = (reverse(f"desk:{name}", args=[event.pk, "all"]) for name in ("echoes", "echo"))
    assert "Nothing has been found in the same words" in client.get(page).content.decode()

    client.post(decide, {"do": "find"})
    assert "looks like a campaign" in client.get(page).content.decode()
    echo = Echo.objects.get()
    [pile] = echo_piles(Desk(event, None))
    assert (pile.people, pile.left, pile.collapsed, len(pile.wordings)) == (6, 5, 0, 4)
    client.post(decide, {"do": "keep", "echo": echo.pk, "label": "Mill Street", "campaign": "1"})
    client.post(decide, {"do": "collapse", "echo": echo.pk})
    assert "campaign: Mill Street" in client.get(page).content.decode()
    assert Entry.objects.filter(disposition="merged").count() == 5
    client.post(decide, {"do": "expand", "echo": echo.pk})
    assert Entry.objects.filter(disposition="merged").count() == 0
    desk = client.get(reverse("desk:desk", args=[event.pk, "all"]), {"show": "undecided", "echo": echo.pk})
    assert "5 others in the same words" in desk.content.decode()
    assert Filters(echo=str(echo.pk)).apply(Desk(event, None)).count() == 6
    client.post(decide, {"do": "refuse", "echo": echo.pk})
    assert Echo.objects.get().state == "refused"
    assert "Nothing has been found" in client.get(page).content.decode()
    assert "Refused as not the same: 1" in client.get(page).content.decode()
    client.post(decide, {"do": "bring_back", "echo": echo.pk})
    [pile] = echo_piles(Desk(event, None))
    assert (pile.echo, pile.people, pile.echo.is_campaign) == (echo, 6, True)
    assert "Refused as not the same" not in client.get(page).content.decode()


def test_page_shows_the_largest_groups_first_and_more_when_asked(client, event, editor, monkeypatch):
    monkeypatch.setattr("gathering.views.echoes.SHOWN", 2)
    for number, words in enumerate((PETITION, *OTHERS)):
        for _ in range(5 - number):
            EntryFactory(event=event, text=words)
    find_echoes(actor=editor, event=event)
    client.force_login(editor)
    page = reverse("desk:echoes", args=[event.pk, "all"])

    first = client.get(page).content.decode()
    assert [words in first for words in (PETITION, *OTHERS)] == [True, True, False, False]
    assert "Show 2 more of 2" in first
    then = client.get(page, {"to": "4"}).content.decode()
    assert [words in then for words in (PETITION, *OTHERS)] == [True] * 4
    assert "more of" not in then
    echo = Echo.objects.order_by("pk").last()
    answer = client.post(reverse("desk:echo", args=[event.pk, "all"]), {"do": "collapse", "echo": echo.pk, "to": "4"})
    assert answer.url == f"{page}?to=4#echo-{echo.pk}"
    again = client.get(reverse("desk:echoes_since", args=[event.pk, "all"]), {"to": "4", "after": "0"}).json()
    assert OTHERS[2] in again["piles"]
