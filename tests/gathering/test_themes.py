"""Themes: suggested the same way each time, named by what sets them apart, kept or refused by people."""

import re

import pytest
from django.urls import reverse

from events.models import Phase
from gathering.actions import (
    accept_theme,
    bring_back_theme,
    place_entry,
    refuse_theme,
    suggest_themes,
    theme_entries,
    undo_decision,
)
from gathering.exceptions import EventIsArchived, NotAnEditor, ThemeRefused
from gathering.likeness import vectors_of
from gathering.models import Decision, Entry, RefusedTheme, Theme
from gathering.suggestions import ends_of
from gathering.theming import piles
from tests.factories.gathering import EditorFactory, EntryFactory, EventPageFactory, PointFactory, UserFactory

pytestmark = pytest.mark.django_db

BUSES = [
    "The last bus leaves before the evening shift ends",
    "Buses should wait for the late shift at the hospital",
    "No bus runs to the estate after eight in the evening",
    "A night bus would let porters get home",
    "Put a bus timetable in every hospital ward",
    "The bus stop is a mile from the clinic",
    "Bus fares for hospital porters cost a morning's pay",
]
TREES = [
    "Plant oak trees along the river before the banks go",
    "Every felled tree should be replaced by two trees",
    "The park lost forty trees in the storm",
    "Children could plant trees in the park each spring",
    "Nobody waters the young trees in summer",
    "Trees by the river hold the soil in winter",
    "Ask the school to adopt a tree in the park",
]


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory()


@pytest.fixture
def entries(event):
    return [EntryFactory(event=event, text=text) for pair in zip(BUSES, TREES, strict=True) for text in pair]


def found_piles(texts):
    return piles(texts, vectors_of(texts, lambda keys: {key: key for key in keys}))


def test_piles_part_buses_from_trees_and_name_them():
    texts = [*BUSES, *TREES]

    found = found_piles(texts)

    buses = set(range(len(BUSES)))
    strays = sum(min(len(buses & set(pile.members)), len(set(pile.members) - buses)) for pile in found)
    assert strays <= 1
    assert any("bus" in pile.label for pile in found)
    assert any("trees" in pile.terms or "park" in pile.terms for pile in found)


def test_piles_are_the_same_every_time():
    texts = [*BUSES, *TREES]

    assert found_piles(texts) == found_piles(texts)


@pytest.mark.parametrize("texts", [[], ["one"] * 5, [""] * 30, ["the and of"] * 30, ["🚣"] * 30])
def test_piles_bear_texts_without_sense(texts):
    assert found_piles(texts) == []


def test_suggestions_lay_entries_in_themes_and_decide_nothing(event, editor, entries):
    themes = suggest_themes(actor=editor, event=event)

    assert {entry.theme for entry in Entry.objects.exclude(theme=None)} == set(themes)
    assert not Decision.objects.exists()
    assert all(not theme.is_accepted for theme in themes)


def test_new_suggestions_replace_the_old_and_leave_what_was_kept(event, editor, entries):
    first, *others = suggest_themes(actor=editor, event=event)
    accept_theme(actor=editor, theme=first, label="  Getting\n home ")
    inside = set(first.entries.values_list("pk", flat=True))
    EntryFactory.create_batch(12, event=event)

    suggest_themes(actor=editor, event=event)

    first.refresh_from_db()
    assert (first.label, first.is_accepted) == ("Getting home", True)
    assert set(first.entries.values_list("pk", flat=True)) == inside
    assert not Theme.objects.filter(pk__in=[theme.pk for theme in others]).exists()


def test_refused_theme_leaves_its_entries_ungrouped_and_undecided(event, editor, entries):
    themes = suggest_themes(actor=editor, event=event)
    inside = list(themes[0].entries.values_list("pk", flat=True))

    refuse_theme(actor=editor, theme=themes[0])

    assert Entry.objects.filter(pk__in=inside, theme=None, disposition="undecided").count() == len(inside)
    with pytest.raises(ThemeRefused, match="taken this theme away"):
        accept_theme(actor=editor, theme=themes[0])


def test_refused_theme_is_brought_back_with_what_lies_nowhere_else(client, event, editor, entries):
    theme, other, *_ = suggest_themes(actor=editor, event=event)
    accept_theme(actor=editor, theme=theme, label="Getting home")
    first, *rest = theme.entries.order_by("pk")
    client.force_login(editor)
    desk, address = (reverse(f"desk:{name}", args=[event.pk, "all"]) for name in ("desk", "themes"))
    client.post(address, {"do": "refuse", "theme": theme.pk})
    theme_entries(actor=editor, entries=[Entry.objects.get(pk=first.pk)], theme=other)
    page = client.get(desk, {"show": "undecided"}).content.decode()
    number = re.search(r'name="theme" value="(\d+)">\s*Getting home', page).group(1)

    answer = client.post(address, {"do": "bring_back", "theme": number})

    back = Theme.objects.get(label="Getting home")
    assert (back.pk, back.is_accepted) == (theme.pk, True)
    assert list(back.entries.order_by("pk")) == rest
    assert f"theme={back.pk}" in answer.url
    assert "Refused themes" not in client.get(desk, {"show": "undecided"}).content.decode()


def test_refused_suggestions_go_when_others_are_suggested(event, editor, entries):
    theme, *_ = suggest_themes(actor=editor, event=event)
    refuse_theme(actor=editor, theme=theme)
    refused = RefusedTheme.objects.get()
    suggest_themes(actor=editor, event=event)

    assert not RefusedTheme.objects.exists()
    with pytest.raises(ThemeRefused, match="brought this theme back"):
        bring_back_theme(actor=editor, refused=refused)
    with pytest.raises(NotAnEditor):
        bring_back_theme(actor=UserFactory(), refused=refused)


def test_entries_are_moved_between_themes_by_a_decision_that_can_be_undone(event, editor, entries):
    theme = Theme.objects.create(event=event, label="Porters")

    theme_entries(actor=editor, entries=[entries[0]], theme=theme)
    entries[0].refresh_from_db()
    assert entries[0].theme == theme
    undo_decision(actor=editor, event=event)
    entries[0].refresh_from_db()
    assert entries[0].theme is None


def test_theme_shows_its_most_typical_and_most_unlike_entries(client, event, editor):
    theme = Theme.objects.create(event=event, label="buses")
    some = [EntryFactory(event=event, text=text, theme=theme) for text in (*BUSES, "Oak trees hold the soil in winter")]

    typical, unlike = ends_of(theme)

    assert unlike[0] == some[-1]
    assert not set(typical) & set(unlike)
    client.force_login(editor)
    page = client.get(reverse("desk:desk", args=[event.pk, "all"]), {"show": "undecided", "theme": theme.pk})
    assert "Most unlike the rest" in page.content.decode()


def test_decided_entries_are_not_grouped(event, editor, entries):
    place_entry(actor=editor, entry=entries[0], point=PointFactory(event=event))

    suggest_themes(actor=editor, event=event)

    entries[0].refresh_from_db()
    assert entries[0].theme is None


def test_refusals(event, editor, entries):
    other = EventPageFactory()
    with pytest.raises(ThemeRefused, match="here are 0"):
        suggest_themes(actor=editor, event=other)
    with pytest.raises(NotAnEditor):
        suggest_themes(actor=UserFactory(), event=event)
    theme = Theme.objects.create(event=other, label="Elsewhere")
    with pytest.raises(ThemeRefused, match="another event"):
        theme_entries(actor=editor, entries=[entries[0]], theme=theme)
    with pytest.raises(ThemeRefused, match="at most 120"):
        accept_theme(actor=editor, theme=theme, label="x" * 121)
    for write in (accept_theme, refuse_theme):
        with pytest.raises(NotAnEditor):
            write(actor=UserFactory(), theme=theme)
    event.phase_override = Phase.ARCHIVED
    event.save()
    with pytest.raises(EventIsArchived):
        suggest_themes(actor=editor, event=event)


def test_desk_suggests_keeps_and_refuses(client, event, editor, entries):
    client.force_login(editor)
    address = reverse("desk:themes", args=[event.pk, "all"])

    page = client.post(address, {"do": "suggest"}, follow=True).content.decode()
    first, second, *_ = Theme.objects.filter(event=event)
    assert "Themes, suggested" in page
    assert first.label in page
    kept = client.post(address, {"do": "accept", "theme": first.pk, "label": "Getting home"}, follow=True)
    assert "Getting home" in kept.content.decode()
    client.post(address, {"do": "refuse", "theme": second.pk})
    assert not Theme.objects.filter(pk=second.pk).exists()
    assert client.post(address, {"do": "refuse", "theme": "x"}).status_code == 404
    client.force_login(UserFactory())
    assert client.post(address, {"do": "suggest"}).status_code in (302, 403)
