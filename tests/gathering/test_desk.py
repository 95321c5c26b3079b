"""The sorting desk: who may see it, what it shows, what its forms do, and how much it asks of the database."""

import datetime
import html
import re
import uuid
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from discussion.models import Comment
from events.models import Phase
from gathering.actions import create_points, pick_excerpt, place_entry, star_entries, unplace_entries
from gathering.beside import pace_of, panels
from gathering.cards import paragraphs
from gathering.desk import Desk
from gathering.filters import Filters
from gathering.models import Decision, DeskPlace, Entry, Excerpt, Point, Theme
from gathering.suggestions import forget_desks, like
from people.consent import Consent
from people.roles import MODERATORS
from tests.factories.gathering import (
    CommentFactory,
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    LiveSessionFactory,
    PromptFactory,
    PropositionPageFactory,
    UserFactory,
    organiser,
)

pytestmark = pytest.mark.django_db

JSON = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


@pytest.fixture
def event():
    return EventPageFactory(title="The Ladder Summit")


@pytest.fixture
def editor():
    return EditorFactory(first_name="Lena", last_name="Marchbank")


@pytest.fixture
def points(event, editor):
    return create_points(actor=editor, event=event)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def at(event, name="desk", scope="all"):
    return reverse(f"desk:{name}", args=[event.pk, scope])


def named(entry):
    entry.refresh_from_db()
    return f"{entry.pk}:{entry.version}"


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


ADDRESSES = ["desk", "entries", "since", "alike", "context", "points", "coverage", "echoes", "minority"]


@pytest.mark.parametrize("name", [*ADDRESSES, "decide", "landing", "show_ledger"])
@pytest.mark.parametrize(
    ("who", "allowed"),
    [("nobody", False), ("delegate", False), (MODERATORS, False), ("editor", True), ("organiser", True)],
)
def test_only_editors_and_organisers_come_to_the_desk(client, event, name, who, allowed):
    entry = EntryFactory(event=event)
    users = {"delegate": UserFactory, "editor": EditorFactory, "organiser": organiser}
    if who != "nobody":
        client.force_login(users.get(who, lambda: EditorFactory(role=who))())
    if name == "landing":
        response = client.get(reverse("desk:landing"))
    elif name == "show_ledger":
        response = client.post(reverse("desk:show_ledger", args=[event.pk]), {"shows": "1"})
        allowed = who == "organiser"
    elif name == "decide":
        response = client.post(at(event, "decide"), {"do": "star", "entry": named(entry)}, **JSON)
    else:
        response = client.get(at(event, name), {"entry": entry.pk})

    if allowed:
        assert response.status_code in (200, 302)
        if response.status_code == 302:
            assert "/admin/gathering/" in response.url
    else:
        assert response.status_code in (302, 403)
        assert "gathering" not in response.headers.get("Location", "").split("?")[0]
    entry.refresh_from_db()
    assert entry.is_starred == (name == "decide" and allowed)


def test_menu_leads_editors_to_gathering_and_nobody_else(client):
    client.force_login(EditorFactory())
    assert "/admin/gathering/" in client.get(reverse("wagtailadmin_home")).content.decode()
    client.force_login(EditorFactory(role=MODERATORS))
    assert "/admin/gathering/" not in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("scope", ["0", "none", "99999"])
def test_desk_of_nothing_is_not_found(desk, event, scope):
    assert desk.get(at(event, scope=scope)).status_code == 404


def test_desk_of_another_events_proposition_is_not_found(desk, event):
    assert desk.get(at(event, scope=PropositionPageFactory().pk)).status_code == 404


def test_landing_counts_entries_and_people(desk, event, points, editor):
    proposition = PropositionPageFactory(parent=event, title="Count the ladders")
    first, *_ = EntryFactory.create_batch(3, event=event, proposition=proposition, author_key="one")
    place_entry(actor=editor, entry=first, point=points[0])

    said = text_of(desk.get(reverse("desk:landing")))

    assert "Count the ladders 2 1 0 0 3 1" in said
    assert "Everything 2 1 0 0 3 1" in said


def test_desk_shows_one_entry_and_how_far_the_sorting_has_come(desk, event, points, editor):
    prompt = PromptFactory(session=LiveSessionFactory(event=event))
    placed = EntryFactory(event=event)
    place_entry(actor=editor, entry=placed, point=points[0])
    EntryFactory(
        event=event,
        text="First line.\n\nSecond <b>line</b>.",
        table_name="Table 6",
        headcount=5,
        channel=Entry.Channel.TABLE,
        prompt=prompt,
        session=prompt.session,
        quote_label="Table 6",
        is_starred_in_room=True,
    )
    EntryFactory(event=event, text="The one after it.")

    response = desk.get(at(event))

    said = text_of(response)
    assert "2 still undecided" in said
    assert "used 1 merged 0 set aside 0 undecided 2 3 entries from 7 people" in said
    assert "Undecided Table 6, five people" in said
    assert "First line. Second &lt;b&gt;line&lt;/b&gt;." in said
    assert "May be quoted as “Table 6”. Starred in the room." in said
    assert "Next The one after it." in said


def test_desk_resumes_where_the_editor_stopped(desk, event, editor):
    first, second, _ = EntryFactory.create_batch(3, event=event)
    desk.get(at(event), {"show": "undecided", "q": "ladders", "entry": second.pk})

    again = desk.get(at(event))

    assert again.context["card"].entry == second
    assert again.context["filters"].q == "ladders"
    place = DeskPlace.objects.get(user=editor)
    assert (place.entry, place.filters) == (second, "show=undecided&q=ladders")
    other = EditorFactory()
    desk.force_login(other)
    assert desk.get(at(event)).context["card"].entry == first
    assert desk.get(at(event)).context["others"] == ["Lena Marchbank"]


# Forms, as they work without a script


def decide(desk, event, **fields):
    return desk.post(at(event, "decide"), {"filters": "show=undecided", **fields})


def test_plain_form_places_and_goes_on_to_the_next(desk, event, points):
    first, second = EntryFactory.create_batch(2, event=event)

    response = decide(desk, event, entry=named(first), place=points[2].pk)

    first.refresh_from_db()
    assert first.point == points[2]
    assert desk.get(response.url).context["card"].entry == second


def test_plain_form_sets_aside_with_a_reason_chosen_or_written(desk, event):
    first, second = EntryFactory.create_batch(2, event=event)

    decide(desk, event, entry=named(first), do="set_aside", reason="A greeting", reason_other="")
    decide(desk, event, entry=named(second), do="set_aside", reason="A greeting", reason_other="Passed to the porter")

    reasons = Entry.objects.order_by("pk").values_list("set_aside_reason", flat=True)
    assert list(reasons) == ["A greeting", "Passed to the porter"]


def test_plain_form_merges(desk, event):
    first, second = EntryFactory.create_batch(2, event=event)

    decide(desk, event, entry=named(first), do="merge", into=second.pk)

    first.refresh_from_db()
    assert first.merged_into == second


def test_plain_form_quotes_typed_words_and_says_why_not(desk, event, points):
    entry = EntryFactory(event=event, text="We lost the ladders and then a year.")

    refused = decide(desk, event, entry=named(entry), place=points[0].pk, quote="a scaffold", role="opposes")
    said = text_of(desk.get(refused.url))
    decide(desk, event, entry=named(entry), place=points[0].pk, quote="the ladders … a year", role="opposes")

    assert "“scaffold” does not stand in the source" in said
    assert desk.get(refused.url).context["card"].entry == entry
    excerpt = Excerpt.objects.get()
    assert (excerpt.text, excerpt.role, excerpt.point) == ("the ladders … a year", "opposes", points[0])


def test_plain_form_comes_back_with_the_words_and_the_role_that_were_refused(desk, event, points, editor):
    entry, other = EntryFactory.create_batch(2, event=event, text="We lost the ladders and then a year.")
    place_entry(actor=editor, entry=entry, point=points[0])
    page = desk.get(at(event), {"entry": entry.pk}).content.decode()
    # Typed words have the roles and the point's own button beside them, whether or not a script marks any.
    assert re.search(r'<textarea name="quote"[^>]*></textarea>', page)
    assert re.search(r'class="desk-excerpt" data-excerpt>', page)

    refused = decide(desk, event, entry=named(entry), do="excerpt", quote="a <b> year", role="opposes")
    another = desk.get(at(event), {"entry": other.pk})
    assert "does not stand in the source" in text_of(another)
    assert another.context["card"].typed == ""
    page = desk.get(refused.url).content.decode()

    assert re.search(r"<details[^>]* open>\s*<summary>Type the words", page)
    assert re.search(r"<textarea[^>]*>a &lt;b&gt; year</textarea>", page)
    assert re.findall(r'name="role" form="decide" value="(\w+)" checked', page) == ["opposes"]
    # Once: it is no longer there when the editor comes by again.
    assert desk.get(refused.url).context["card"].typed == ""


def test_excerpt_is_kept_under_the_entrys_own_point_and_taken_back(desk, event, points, editor):
    entry = EntryFactory(event=event, text="We lost the ladders and then a year.")
    place_entry(actor=editor, entry=entry, point=points[1])

    decide(desk, event, entry=named(entry), do="excerpt", spans="[[8, 19]]", role="qualifies")
    excerpt = Excerpt.objects.get()
    assert (excerpt.text, excerpt.point) == ("the ladders", points[1])
    decide(desk, event, entry=named(entry), excerpt=excerpt.pk)
    assert not Excerpt.objects.exists()


def test_undo_button_brings_the_entry_back(desk, event, points):
    entry = EntryFactory(event=event)
    decide(desk, event, entry=named(entry), place=points[0].pk)

    response = decide(desk, event, do="undo")

    entry.refresh_from_db()
    assert entry.disposition == Entry.Disposition.UNDECIDED
    assert desk.get(response.url).context["card"].entry == entry


def test_whole_filter_is_decided_at_once_if_it_is_as_the_editor_saw_it(desk, event, points):
    EntryFactory.create_batch(3, event=event, text="About the car park.")
    other = EntryFactory(event=event, text="Something else.")
    chosen = {"filters": "show=undecided&q=car+park", "every": "1", "place": points[0].pk}

    desk.post(at(event, "decide"), {**chosen, "count": "2"})
    assert not Decision.objects.exists()
    done = desk.post(at(event, "decide"), {**chosen, "count": "3"})

    assert "Decided about 3 entries at once. Undo, or U, takes all of it back." in text_of(desk.get(done.url))
    assert points[0].entries.count() == 3
    other.refresh_from_db()
    assert other.disposition == Entry.Disposition.UNDECIDED
    decide(desk, event, do="undo")
    assert points[0].entries.count() == 0


def undo_form(page):
    """What the button Undo sends, as the page has it now."""
    return {"do": "undo", "passing_over": re.findall(r'name="passing_over" value="([^"]+)"', page.content.decode())}


def test_plain_undo_passes_over_what_a_colleague_has_decided_about_since(desk, event, points):
    first, second, third = EntryFactory.create_batch(3, event=event)
    for entry in (first, second, third):
        decide(desk, event, entry=named(entry), place=points[0].pk)
    for entry in (second, third):
        place_entry(actor=EditorFactory(), entry=Entry.objects.get(pk=entry.pk), point=points[1])
    page = desk.get(at(event))

    for _ in range(3):
        page = desk.get(decide(desk, event, **undo_form(page)).url)

    first.refresh_from_db()
    assert first.disposition == Entry.Disposition.UNDECIDED
    assert points[1].entries.count() == 2


def test_desk_of_an_archived_event_offers_no_decision(desk, event, points):
    EntryFactory(event=event)
    assert '<div class="desk-tools">' in desk.get(at(event)).content.decode()
    event.phase_override = Phase.ARCHIVED
    event.save()

    page = desk.get(at(event)).content.decode()

    assert '<div class="desk-tools" hidden>' in page
    buttons = re.findall(r'<button[^>]*name="place"[^>]*>', page)
    assert len(buttons) == 2 * len(points)
    assert all(" disabled" in button for button in buttons)
    assert "no longer changed" in page


def test_desk_of_everything_says_where_points_are(desk, event, editor):
    proposition = PropositionPageFactory(parent=event, title="Borrow the ladders")
    create_points(actor=editor, event=event, proposition=proposition)

    page = desk.get(at(event))

    assert "Borrow the ladders , 7 points" in text_of(page)
    assert at(event, scope=proposition.pk) in page.content.decode()
    assert "There are no points yet" not in text_of(page)


def bulk_form(desk, event, query):
    """What the first form about all of a filter sends, as the page has it now."""
    page = desk.get(f"{at(event)}?{query}").content.decode()
    form = re.search(r"<form[^>]* data-bulk>.*?</form>", page, re.DOTALL).group()
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields}


@pytest.mark.parametrize("show", ["undecided", "everything"])
def test_whole_filter_is_refused_if_somebody_has_decided_about_one_since(desk, event, points, editor, show):
    other = EditorFactory(first_name="Tom", last_name="Rowe")
    entries = EntryFactory.create_batch(3, event=event)
    place_entry(actor=other, entry=entries[0], point=points[1])
    if show == "undecided":
        unplace_entries(actor=other, entries=Entry.objects.filter(pk=entries[0].pk))
    form = bulk_form(desk, event, f"show={show}")
    # One's own decisions are no news to oneself.
    star_entries(actor=editor, entries=Entry.objects.filter(pk=entries[1].pk))
    place_entry(actor=other, entry=Entry.objects.get(pk=entries[2].pk), point=points[2])
    if show == "undecided":
        unplace_entries(actor=other, entries=Entry.objects.filter(pk=entries[2].pk))

    refused = desk.post(at(event, "decide"), {**form, "place": points[0].pk})

    assert points[0].entries.count() == 0
    assert "1 of these was decided about by Tom Rowe since you opened this page" in text_of(desk.get(refused.url))
    desk.post(at(event, "decide"), {**bulk_form(desk, event, f"show={show}"), "place": points[0].pk})
    assert points[0].entries.count() == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "nothing"},
        {"do": "merge"},
        {"do": "merge", "into": "x"},
        {"do": "excerpt"},
        {"place": "x"},
        {"place": str(uuid.UUID(int=1))},
        {"do": "set_aside"},
        {"do": "adopt"},
        {"do": "undo"},
        {"every": "1", "do": "star"},
        {"entry": "1"},
        {"entry": "x:y", "do": "star"},
        {"entry": "99999:0", "do": "star"},
        {"entry": f"{10**30}:0", "do": "star"},
        {"entry": f"{'9' * 5000}:0", "do": "star"},
        {"do": "merge", "into": "9" * 5000},
        {"do": "file", "proposition": "9" * 30},
        {"place": "-" * 36},
        {"do": "theme", "theme": "99999"},
        {"batch": "no uuid", "do": "merge"},
    ],
)
def test_nonsense_is_refused_with_a_sentence(desk, event, fields):
    entry = EntryFactory(event=event)

    response = desk.post(at(event, "decide"), {"entry": named(entry), **fields}, **JSON)

    assert response.status_code in (409, 422)
    answer = response.json()
    assert answer["ok"] is False
    assert answer["message"]
    assert not Decision.objects.exists()


def test_spans_that_are_no_spans_are_refused(desk, event, points):
    entry = EntryFactory(event=event)

    for spans in (
        "{",
        "[1]",
        '[["a", 2]]',
        "[[0]]",
        "[[0, 99999]]",
        "[]",
        "[[5, 2]]",
        "null",
        "[[0, 1e999]]",
        "[" * 1999,
    ):
        response = desk.post(
            at(event, "decide"), {"entry": named(entry), "place": points[0].pk, "spans": spans}, **JSON
        )
        assert response.status_code == 422, spans
    assert not Excerpt.objects.exists()


# With the script


def test_answer_brings_the_panels_and_the_entry_as_it_stands_now(desk, event, points):
    entry, _ = EntryFactory.create_batch(2, event=event)

    answer = desk.post(at(event, "decide"), {"entry": named(entry), "place": points[4].pk}, **JSON).json()

    assert answer["ok"] is True
    assert (answer["cards"][0]["id"], answer["cards"][0]["version"]) == (entry.pk, 1)
    assert "Used in point 5" in answer["cards"][0]["html"]
    assert "1" in answer["panels"]["coverage"]
    assert answer["can_undo"] is True


def test_stale_decision_says_who_decided_and_brings_the_entry(desk, event, points):
    entry = EntryFactory(event=event)
    stale = named(entry)
    place_entry(actor=EditorFactory(first_name="Ines", last_name="Vale"), entry=entry, point=points[1])

    response = desk.post(at(event, "decide"), {"entry": stale, "place": points[4].pk}, **JSON)

    assert response.status_code == 409
    answer = response.json()
    assert answer["code"] == "stale"
    assert answer["message"].startswith("Ines Vale placed it under point 2 at ")
    assert answer["cards"][0]["version"] == 1


def test_decision_in_an_archived_event_is_refused(desk, event, points):
    entry = EntryFactory(event=event)
    event.phase_override = Phase.ARCHIVED
    event.save()

    response = desk.post(at(event, "decide"), {"entry": named(entry), "place": points[0].pk}, **JSON)

    assert (response.status_code, response.json()["code"]) == (403, "archived")
    assert "Make seven points" not in desk.get(at(event)).content.decode()


def test_others_decisions_are_told_and_ones_own_are_not(desk, event, points, editor):
    mine, theirs = EntryFactory.create_batch(2, event=event)
    seq = desk.get(at(event)).context["seq"]
    place_entry(actor=editor, entry=mine, point=points[0])
    quiet = desk.get(at(event, "since"), {"after": seq, "show": "undecided"}).json()
    other = EditorFactory(first_name="Ines", last_name="Vale")
    place_entry(actor=other, entry=theirs, point=points[3])

    told = desk.get(at(event, "since"), {"after": seq, "show": "undecided"}).json()

    assert quiet["changed"] == []
    assert "panels" not in quiet
    assert told["changed"] == [theirs.pk]
    assert told["sentences"][str(theirs.pk)].startswith("Ines Vale placed it under point 4")
    assert "panels" in told
    assert told["seq"] > seq
    assert "changed" not in desk.get(at(event, "since"), {"after": told["seq"]}).json()


def test_news_too_many_for_one_answer_go_on_in_the_next(desk, event, monkeypatch):
    monkeypatch.setattr("gathering.views.desk.MOST_NEWS", 2)
    entries, other = EntryFactory.create_batch(3, event=event), EditorFactory()
    seq = desk.get(at(event)).context["seq"]
    for entry in entries:
        star_entries(actor=other, entries=[entry])

    first = desk.get(at(event, "since"), {"after": seq}).json()
    second = desk.get(at(event, "since"), {"after": first["seq"]}).json()

    assert [first["changed"], second["changed"]] == [[entries[0].pk, entries[1].pk], [entries[2].pk]]


HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("desk", {"entry": HUGE}),
        ("desk", {"theme": HUGE, "point": "-" * 36, "like": HUGE, "session": "9" * 30, "q": "a\x01b", "table": "\x7f"}),
        ("entries", {"ids": f"{10**30},{HUGE}", "skip": HUGE}),
        ("entries", {"after": HUGE, "before": HUGE}),
        ("since", {"after": HUGE, "entry": HUGE}),
    ],
)
def test_numbers_no_database_keeps_are_ignored_in_an_address(desk, event, name, query):
    EntryFactory(event=event)

    assert desk.get(at(event, name), query).status_code == 200


@pytest.mark.parametrize(("name", "query"), [("alike", {"entry": HUGE}), ("context", {"entry": HUGE})])
def test_entry_no_database_keeps_is_not_found(desk, event, name, query):
    assert desk.get(at(event, name), query).status_code == 404


def test_entries_come_ahead_in_order_without_those_at_hand(desk, event):
    entries = EntryFactory.create_batch(5, event=event)

    answer = desk.get(at(event, "entries"), {"after": entries[0].pk, "skip": f"{entries[2].pk}"}).json()
    back = desk.get(at(event, "entries"), {"before": entries[2].pk}).json()
    some = desk.get(at(event, "entries"), {"ids": f"{entries[4].pk},{EntryFactory().pk}"}).json()

    assert [card["id"] for card in answer["cards"]] == [entries[1].pk, entries[3].pk, entries[4].pk]
    assert [card["id"] for card in back["cards"]] == [entries[1].pk]
    assert [card["id"] for card in some["cards"]] == [entries[4].pk]


def test_context_of_a_reply_is_its_thread(desk, event):
    root = CommentFactory(page=event, comment="Who has the key?")
    reply = CommentFactory(page=event, comment="Maureen has.")
    Comment.objects.filter(pk__in=[root.pk, reply.pk]).update(thread_id=root.pk, parent_id=root.pk)
    asked = EntryFactory(event=event, comment=root, text=root.comment, author_label="Ada")
    answered = EntryFactory(event=event, comment=reply, text=reply.comment)
    EntryFactory(event=event, text="Elsewhere.")

    said = text_of(desk.get(at(event, "context"), {"entry": answered.pk}, HTTP_X_REQUESTED_WITH="XMLHttpRequest"))

    assert "In reply to Ada Who has the key?" in said
    assert "Elsewhere" not in said
    assert asked.text in said


def test_context_hides_what_moderators_hid(desk, event):
    entry = EntryFactory(event=event)
    EntryFactory(event=event, text="hidden words", source_hidden_at="2026-10-14T10:00Z")

    assert "hidden words" not in text_of(desk.get(at(event, "context"), {"entry": entry.pk}))


def test_points_are_shaped_with_plain_forms(desk, event):
    address = at(event, "points")
    desk.post(address, {"do": "create"})
    first, second, *_ = Point.objects.filter(event=event)
    desk.post(address, {"do": "rename", f"title-{first.pk}": "Who holds the keys?"})
    desk.post(address, {"down": first.pk})
    desk.post(address, {"remove": second.pk})
    desk.post(address, {"do": "add"})
    EntryFactory(event=event)

    points = list(Point.objects.filter(event=event).order_by("position"))
    assert [point.position for point in points] == [1, 2, 3, 4, 5, 6, 7]
    assert points[0].working_title == "Who holds the keys?"
    said = desk.get(address).content.decode()
    assert "Who holds the keys?" in said
    desk.post(address, {"remove": uuid.UUID(int=3)})
    assert Point.objects.filter(event=event).count() == 7


# Filters


def test_filters_narrow_and_ignore_nonsense(event, points, editor):
    theme = Theme.objects.create(event=event, label="keys")
    room = LiveSessionFactory(event=event)
    prompt = PromptFactory(session=room)
    one = EntryFactory(
        event=event, theme=theme, session=room, prompt=prompt, is_starred_in_room=True, text="Keys and coats"
    )
    two = EntryFactory(event=event, consent=Consent.NONE, channel="before", table_name="Table 2")
    three = EntryFactory(event=event, source_edited_at="2026-10-14T10:00Z")
    four = EntryFactory(event=event)
    place_entry(actor=editor, entry=four, point=points[0])

    def found(**query):
        return {entry.pk for entry in Filters.parse(query).apply(Desk(event, None))}

    undecided = {one.pk, two.pk, three.pk}
    assert found() == undecided
    assert found(show="used") == {four.pk}
    assert found(show="everything") == undecided | {four.pk}
    assert found(theme=str(theme.pk)) == {one.pk}
    assert found(theme="none") == {two.pk, three.pk}
    assert found(prompt=str(prompt.pk)) == {one.pk}
    assert found(session=str(room.pk)) == {one.pk}
    assert found(session="none") == {two.pk, three.pk}
    assert found(channel="before") == {two.pk}
    assert found(table="Table 2") == {two.pk}
    assert found(starred="1") == {one.pk}
    assert found(quotable="1") == {one.pk, three.pk}
    assert found(flagged="1") == {three.pk}
    assert found(q="coats KEYS") == {one.pk}
    assert found(show="used", point=str(points[0].pk)) == {four.pk}
    assert found(show="x", theme="x", channel="x", prompt="-1", point="'", starred="x") == undecided


def test_filter_survives_its_own_address():
    filters = Filters(show="used", theme="3", starred=True, like="7", table="Table 2", q="a & b = ü")

    assert Filters.parse(dict(parse_qsl(filters.query))) == filters
    assert filters.narrowing == [("theme", "3"), ("table", "Table 2"), ("like", "7"), ("starred", "1")]


def test_what_is_like_an_entry_is_a_pile_to_decide_about(desk, event, points):
    one, near, other = (
        EntryFactory(event=event, text=text)
        for text in (
            "The buses stop running at six in the evening.",
            "Evening buses should run later than six.",
            "Plant more trees in the market square.",
        )
    )
    forget_desks()
    html = desk.get(at(event), {"show": "undecided", "entry": one.pk}).content.decode()
    assert f'href="?show=undecided&amp;like={one.pk}&amp;entry={one.pk}">1 more like this</a>' in html

    query = Filters(like=str(one.pk)).query
    pile = desk.get(f"{at(event)}?{query}").content.decode()
    assert "“The buses stop running at six in the…”" in pile
    fields = {"filters": query, "every": "1", "count": "2", "place": points[1].pk}
    desk.post(at(event, "decide"), fields)

    assert set(points[1].entries.all()) == {one, near}
    other.refresh_from_db()
    assert other.disposition == "undecided"
    said = text_of(desk.get(f"{at(event)}?{query}"))
    assert "None of the 2 found is undecided. See all 2 Show all 1 undecided" in said


def test_filter_says_how_many_it_found_and_how_to_leave_it(desk, event, points):
    places = [EntryFactory(event=event, text=f"Mend the road {n}.") for n in range(3)]
    EntryFactory.create_batch(2, event=event, text="Ring the bell.")
    place_entry(actor=EditorFactory(), entry=places[0], point=points[0])

    assert "found" not in text_of(desk.get(at(event), {"show": "undecided"}))
    said = text_of(desk.get(at(event), {"show": "undecided", "q": "road"}))
    assert "“road”: 3 found, 2 of them undecided. See all 3 Show all 4 undecided" in said
    assert "“road”: 3 found, 1 of them used." in text_of(desk.get(at(event), {"show": "used", "q": "road"}))
    assert "1 used. Show all 4 undecided" in text_of(desk.get(at(event), {"show": "used"}))
    said = text_of(desk.get(at(event), {"show": "undecided", "q": "zebra"}))
    assert "“zebra”: Nothing found." in said
    assert "Nothing said here has the words “zebra”. Show all 4 undecided" in said
    fields = {"filters": "show=undecided&q=road", "entry": named(places[1]), "place": points[0].pk}
    answer = desk.post(at(event, "decide"), fields, **JSON)
    assert "3 found, 1 of them undecided" in answer.json()["panels"]["shown"]


def test_themes_beyond_the_first_eight_are_folded_away_but_the_chosen_one_is_not(desk, event):
    themes = [Theme.objects.create(event=event, label=f"theme {n}", position=n) for n in range(1, 13)]
    for theme in themes:
        EntryFactory(event=event, theme=theme)

    def shown(**asked):
        group = desk.get(at(event), {"show": "undecided", **asked}).context["panels"].groups[0]
        assert group.themes == 12
        return [choice.theme for choice in group.choices if choice.theme]

    first = [theme.pk for theme in themes]
    assert shown() == first[:8]
    assert shown(theme=first[3]) == first[:8]
    assert shown(theme=first[10]) == [*first[:7], first[10]]


def test_desk_offers_sessions_where_there_are_several_and_tables_where_one_asks_for_them(desk, event):
    rooms = [LiveSessionFactory(event=event) for _ in range(2)]
    for room, table in zip(rooms, ("Table 10", "Table 9"), strict=True):
        EntryFactory(event=event, session=room, channel="table", table_name=table, headcount=6)

    plain = desk.get(at(event), {"show": "undecided"}).content.decode()
    tables = desk.get(at(event), {"show": "undecided", "channel": "table"}).content.decode()

    assert all(f"session={room.pk}" in plain for room in rooms)
    assert "At which table" not in plain
    assert 0 < tables.index("Table 9</span>") < tables.index("Table 10</span>")


def test_text_is_cut_at_its_excerpts_whatever_the_script(event, points, editor):
    entry = EntryFactory(event=event, text="Das Boot 🚣 fährt.\nNext line here.")
    first = pick_excerpt(actor=editor, entry=entry, point=points[0], text="🚣 fährt. Next")

    found = paragraphs(entry.text, [first])

    assert [(p.start, [(run.text, run.role) for run in p.runs]) for p in found] == [
        (0, [("Das Boot ", ""), ("🚣 fährt.", "supports")]),
        (18, [("Next", "supports"), (" line here.", "")]),
    ]


def test_most_alike_come_first_and_merged_ones_not_at_all(event):
    entry = EntryFactory(event=event, text="The bus should stop at the hospital")
    near = EntryFactory(event=event, text="Let the bus stop by the hospital gate")
    far = EntryFactory(event=event, text="Swimming lessons for pensioners")
    EntryFactory(event=event, text="The bus stops at the hospital", disposition="merged", merged_into=near)

    found = like(Desk(event, None), entry)

    assert [one for one, _ in found] == [near, far]
    assert [one for one, _ in like(Desk(event, None), entry, words="pensioners")] == [far]


# Cost


def test_desk_asks_as_many_questions_for_one_entry_as_for_forty(desk, event, points, editor):
    def grow(count):
        for entry in EntryFactory.create_batch(count, event=event):
            pick_excerpt(actor=editor, entry=entry, point=points[entry.pk % 7], text=entry.text)
        EntryFactory.create_batch(count, event=event)

    def queries(call):
        with CaptureQueriesContext(connection) as captured:
            call()
        return len(captured)

    def cost():
        # New texts are read once; what the desk keeps of its entries is read each time here.
        desk.get(at(event))
        forget_desks()
        entry = Entry.objects.filter(disposition="undecided").first()
        return [
            queries(lambda: desk.get(at(event), {"show": "undecided", "entry": entry.pk})),
            queries(lambda: desk.get(at(event, "entries"), {"after": entry.pk})),
            queries(lambda: desk.get(at(event, "since"), {"after": 0, "entry": entry.pk})),
            queries(lambda: desk.post(at(event, "decide"), {"entry": named(entry), "place": points[0].pk}, **JSON)),
            queries(lambda: desk.get(reverse("desk:landing"))),
        ]

    grow(4)
    cost()
    few = cost()
    grow(36)

    assert cost() == few


def test_desk_has_the_tokens_of_the_site():
    """The admin's own theme switch needs the colours a second time; they must stay the same."""
    folder = Path(settings.BASE_DIR) / "static/css"

    def colours(text, selector):
        block = text[text.index(selector + " {") :]
        return dict(
            re.findall(
                r"(--(?:paper|well|ink|ink-2|ink-3|edge|rule|accent|wash|held|held-wash|stop|stop-wash)): ([^;]+);",
                block[: block.index("}")],
            )
        )

    tokens, desk = (folder / "tokens.css").read_text(), (folder / "desk/base.css").read_text()
    dark = tokens[tokens.index("prefers-color-scheme: dark") :]
    assert colours(desk, ".w-theme-light") == colours(tokens, ":root")
    assert colours(desk, ".w-theme-dark") == colours(dark, ":root")
    assert len(colours(desk, ".w-theme-dark")) == 13


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "12 a minute, about 2 minutes left"), (90, "about 30 minutes left"), (0.01, "")],
)
def test_pace_is_that_of_a_person(event, editor, seconds, said):
    """What the demo's loader decided within a second is nobody's pace."""
    now = timezone.now()
    Decision.objects.bulk_create(
        Decision(
            entry=entry,
            actor=editor,
            kind=Decision.Kind.PLACED,
            before={},
            after={},
            made_at=now - datetime.timedelta(seconds=(7 - number) * seconds),
        )
        for number, entry in enumerate(EntryFactory.create_batch(8, event=event))
    )

    assert pace_of(Desk(event, None), editor, 20) == said


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by the size of its tables")
def test_what_each_decision_counts_anew_is_read_from_indexes_alone(event, editor, points):
    for number, point in enumerate(points):
        place_entry(actor=editor, entry=EntryFactory(event=event, headcount=number + 1), point=point)
    with CaptureQueriesContext(connection) as captured:
        panels(Desk(event, None), Filters(), points, editor)

    plans = []
    for query in captured:
        if 'FROM "gathering_entry"' in query["sql"] and "COUNT" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                plans += [step for *_, step in cursor.fetchall() if " gathering_entry " in step or " e " in step]
    assert len(plans) >= 4
    # By its number: the few that are quoted against a point.
    assert [step for step in plans if "COVERING INDEX" not in step and "INTEGER PRIMARY KEY" not in step] == []
