"""Long looks through the desk: begun in the background, followed, stopped, broken off, never going on for ever."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from events.models import Phase
from gathering.actions import (
    accept_theme,
    ask_for_look,
    place_entry,
    run_look,
    set_aside_entry,
    stop_look,
    suggest_themes,
    theme_entries,
)
from gathering.actions import looks as look_actions
from gathering.echoes import groups_of
from gathering.exceptions import EventIsArchived, NotAnEditor, ThemeRefused
from gathering.likeness import vectors_of
from gathering.models import STALLED, DeskLook, Echo, Entry, Theme
from gathering.theming import Pile, piles
from gathering.views import looks as look_views
from people.roles import EDITORS
from tests.factories.gathering import (
    EditorFactory,
    EntryFactory,
    EventPageFactory,
    PointFactory,
    PropositionPageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ECHOES, THEMES = DeskLook.Kind.ECHOES, DeskLook.Kind.THEMES
PETITION = "Keep the library in Mill Street open on Saturdays, because it is the only day that working families have."


@pytest.fixture
def event():
    return EventPageFactory()


@pytest.fixture
def editor():
    return EditorFactory(first_name="Lena", last_name="Marchbank")


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def many(monkeypatch):
    """As if every ledger were too large to be looked through before the answer."""
    monkeypatch.setattr(look_views, "AT_ONCE", 0)


@pytest.fixture
def no_worker(settings):
    """Tasks are kept in the database; whoever wants them done runs the worker."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


def work():
    """Let a worker do what waits."""
    worker = Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        backend_name="default",
        worker_id="test",
        interval=0,
        batch=True,
        startup_delay=False,
        max_tasks=None,
    )
    for waiting in DBTaskResult.objects.ready():
        waiting.claim(worker.worker_id)
        worker.run_task(waiting)


@pytest.fixture
def copies(event):
    return [EntryFactory(event=event, text=text) for text in (PETITION, PETITION.upper(), f"{PETITION} I mean it.")]


@pytest.fixture
def entries(event):
    return [EntryFactory(event=event, text=text) for text in themed()]


def themed():
    buses = [f"The number {n} bus stops before the late shift ends at {n}." for n in range(9)]
    return [*buses, *(f"Plant {n} oak trees along the river before the banks go." for n in range(9))]


def at(event, name):
    return reverse(f"desk:{name}", args=[event.pk, "all"])


def news(desk, event, after=0):
    return desk.get(at(event, "since"), {"after": after}, headers={"Accept": "application/json"}).json()


def test_pressing_answers_at_once_and_the_worker_looks(desk, event, editor, copies, many, no_worker):
    page = desk.post(at(event, "echo"), {"do": "find"}, follow=True).content.decode()

    assert "Looking for the same words among 3 entries. Lena Marchbank asked for it at" in page
    assert "Stop looking" in page
    assert not Echo.objects.exists()
    work()
    [echo] = Echo.objects.all()
    assert set(echo.entries.all()) == set(copies)
    look = DeskLook.objects.get()
    assert (look.state, look.percent, look.found, look.asked_by) == ("done", 100, 1, editor)
    page = desk.get(at(event, "echoes")).content.decode()
    assert "1 group in the same words found at" in page
    assert "Look again" in page


def test_second_press_while_it_goes_on_begins_no_second(desk, client, event, copies, many, no_worker):
    for _ in range(3):
        desk.post(at(event, "echo"), {"do": "find"})
    client.force_login(EditorFactory())
    client.post(at(event, "echo"), {"do": "find"})

    assert DeskLook.objects.get().asked_by.first_name == "Lena"
    assert DBTaskResult.objects.count() == 1


def test_few_entries_are_looked_through_before_the_answer(desk, event, entries, no_worker):
    page = desk.post(at(event, "themes"), {"do": "suggest"}, follow=True).content.decode()

    assert "themes suggested at" in page
    assert Theme.objects.exists()


def test_desk_hears_of_it_from_beginning_to_end_whoever_asked(desk, client, event, editor, entries, many, no_worker):
    seq = news(desk, event)["seq"]
    other = type(client)()
    other.force_login(EditorFactory())

    answer = desk.post(at(event, "themes"), {"do": "suggest"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"message": ""})
    for browser in (desk, other):
        waiting = news(browser, event, seq)
        assert waiting["looks"]["themes"]["said"].startswith("Looking for themes among 18 entries. Lena Marchbank")
        assert waiting["looks"]["themes"]["is_over"] is False
    seq = waiting["seq"]
    DeskLook.objects.update(state="running", percent=43)
    running = news(desk, event, seq)["looks"]["themes"]
    assert (running["percent"], 'value="43"' in running["html"]) == (43, True)
    DeskLook.objects.update(state="waiting", percent=0)
    work()
    for browser in (desk, other):
        done = news(browser, event, seq)
        assert "themes suggested at" in done["looks"]["themes"]["html"]
        assert done["looks"]["themes"]["is_over"] is True
        assert Theme.objects.first().label in done["panels"]["filters"]
    assert "looks" not in news(desk, event, done["seq"])


def test_page_of_the_same_words_hears_of_it_and_brings_the_groups(desk, event, copies, many, no_worker):
    desk.post(at(event, "echo"), {"do": "find"})
    first = desk.get(at(event, "echoes_since"), {"after": 0}).json()
    assert "Stop looking" in first["look"]["html"]
    assert "piles" not in first
    work()

    then = desk.get(at(event, "echoes_since"), {"after": first["seq"]}).json()

    assert then["look"]["is_over"] is True
    assert "Collapse into this one" in then["piles"]
    assert "piles" not in desk.get(at(event, "echoes_since"), {"after": then["seq"]}).json()


def test_how_far_it_is_is_written_down_and_one_that_is_stopped_keeps_nothing(event, editor, entries, monkeypatch):
    look, _ = ask_for_look(actor=editor, event=event, kind=THEMES)
    told = []

    def stopped(texts, vectors, *, tell):
        for share in (0.2, 0.6):
            tell(share)
            told.append(DeskLook.objects.get().percent)
        stop_look(actor=editor, event=event, kind=THEMES)
        tell(0.7)
        raise AssertionError("It goes on.")

    monkeypatch.setattr(look_actions, "TELL_EVERY", 0)
    monkeypatch.setattr("gathering.actions.themes.piles", stopped)
    run_look(look_id=look.pk)

    assert told == [20, 60]
    assert DeskLook.objects.get().state == "stopped"
    assert not Theme.objects.exists()


def piled(texts, tell):
    return piles(texts, vectors_of(texts, lambda keys: {key: key for key in keys}), tell=tell)


@pytest.mark.parametrize("compare", [groups_of, piled])
def test_shares_told_grow_to_the_whole(compare, monkeypatch):
    monkeypatch.setattr("gathering.echoes.PORTION", 3)
    told = []

    compare(themed(), told.append)

    assert told == sorted(told)
    assert 0 <= told[0] < 0.5 <= told[-1] <= 1


def test_one_stopped_at_the_very_end_writes_nothing(event, editor, copies, monkeypatch):
    look, _ = ask_for_look(actor=editor, event=event, kind=ECHOES)

    def stopped(texts, tell):
        stop_look(actor=editor, event=event, kind=ECHOES)
        return [(0, 1, 2)]

    monkeypatch.setattr("gathering.actions.echoes.groups_of", stopped)
    run_look(look_id=look.pk)

    assert DeskLook.objects.get().state == "stopped"
    assert not Echo.objects.exists()


def test_stop_button_stops_and_one_that_was_stopped_is_not_made(desk, event, copies, many, no_worker):
    desk.post(at(event, "echo"), {"do": "find"})
    page = desk.post(at(event, "echo"), {"do": "stop"}, follow=True).content.decode()
    assert "Looking for the same words was stopped. Nothing was changed." in page
    work()
    assert not Echo.objects.exists()


def test_error_leaves_a_sentence_and_a_button_in_worker_and_request_alike(
    desk, event, copies, monkeypatch, no_worker, caplog
):
    def broken(texts, tell):
        raise RuntimeError("No memory left.")

    monkeypatch.setattr("gathering.actions.echoes.groups_of", broken)
    page = desk.post(at(event, "echo"), {"do": "find"}, follow=True).content.decode()
    assert "Looking for the same words came to nothing. Something went wrong; the server&#x27;s log says what." in page
    assert "Try again" in page
    assert "No memory left." in caplog.text

    monkeypatch.setattr(look_views, "AT_ONCE", 0)
    desk.post(at(event, "echo"), {"do": "find"})
    assert DeskLook.objects.get().state == "waiting"
    work()
    assert DeskLook.objects.get().state == "failed"
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("waiting", "Nobody has begun to look for the same words since Lena Marchbank asked at"),
        ("running", "Looking for the same words stopped at 40 %: the server&#x27;s worker has ended."),
    ],
)
def test_look_whose_worker_died_says_so_and_gives_way_to_another(
    desk, event, editor, copies, many, no_worker, state, sentence
):
    long_ago = timezone.now() - STALLED - datetime.timedelta(seconds=1)
    stalled = DeskLook.objects.create(
        event=event,
        kind=ECHOES,
        asked_by=editor,
        entries=3,
        state=state,
        percent=40,
        asked_at=long_ago,
        moved_at=long_ago,
    )
    page = desk.get(at(event, "echoes")).content.decode()
    assert sentence in page
    assert "Try again" in page
    assert "Stop looking" not in page

    desk.post(at(event, "echo"), {"do": "find"})
    run_look(look_id=stalled.pk)
    assert not Echo.objects.exists()
    work()

    assert DeskLook.objects.get().state == "done"
    assert Echo.objects.count() == 1


def test_what_nobody_begins_says_who_is_to_be_told(desk, event, editor, copies):
    DeskLook.objects.create(
        event=event, kind=ECHOES, asked_by=editor, entries=3, asked_at=timezone.now() - datetime.timedelta(seconds=40)
    )
    page = desk.get(at(event, "echoes")).content.decode()
    assert "The server has not begun: its background worker is busy or does not run." in page
    assert "manage.py db_worker" in page
    assert "Stop looking" in page
    assert "waiting for the server" in desk.get(at(event, "desk")).content.decode()


def test_what_editors_decide_meanwhile_stays_decided(event, editor, entries, monkeypatch):
    monkeypatch.setattr(look_actions, "LEAST_ENTRIES", 1)
    first, *others = suggest_themes(actor=editor, event=event)
    accept_theme(actor=editor, theme=first, label="Getting home")
    inside = list(Entry.objects.filter(theme=first))
    left = list(Entry.objects.filter(theme=others[0]))
    look, _ = ask_for_look(actor=editor, event=event, kind=THEMES)

    # Accepted themes and what is in them are not looked through; one entry is put there, others are decided about.
    def meanwhile(texts, vectors, *, tell):
        found = piles(texts, vectors, tell=tell)
        theme_entries(actor=editor, entries=left[:1], theme=first)
        left[0].refresh_from_db()
        theme_entries(actor=editor, entries=left[1:2], theme=None)
        set_aside_entry(actor=editor, entry=left[2], reason="A greeting")
        return [*found, Pile(tuple(range(len(texts))), ("all of them",))]

    monkeypatch.setattr("gathering.actions.themes.piles", meanwhile)
    run_look(look_id=look.pk)

    assert DeskLook.objects.get().state == "done"
    assert set(Entry.objects.filter(theme=first)) == {*inside, left[0]}
    for entry in left[1:3]:
        entry.refresh_from_db()
    assert left[1].theme is None
    assert (left[2].disposition, left[2].theme) == ("set_aside", None)
    assert Entry.objects.filter(theme__label="all of them").count() == len(entries) - len(inside) - 3


def test_words_changed_or_decided_while_they_were_compared_are_left_out(event, editor, copies, monkeypatch):
    point = PointFactory(event=event, position=1)
    look, _ = ask_for_look(actor=editor, event=event, kind=ECHOES)

    def meanwhile(texts, tell):
        Entry.objects.filter(pk=copies[0].pk).update(text="Something else", text_hash="another")
        place_entry(actor=editor, entry=copies[1], point=point)
        return [(0, 1, 2)]

    monkeypatch.setattr("gathering.actions.echoes.groups_of", meanwhile)
    run_look(look_id=look.pk)

    assert set(Echo.objects.get().entries.all()) == set(copies[1:])
    copies[1].refresh_from_db()
    assert copies[1].point == point


def test_look_of_somebody_who_may_not_sort_any_more_comes_to_nothing(event, editor, copies, monkeypatch):
    look, _ = ask_for_look(actor=editor, event=event, kind=ECHOES)

    def dismissed(texts, tell):
        editor.groups.remove(Group.objects.get(name=EDITORS))
        return [(0, 1, 2)]

    monkeypatch.setattr("gathering.actions.echoes.groups_of", dismissed)
    run_look(look_id=look.pk)

    look.refresh_from_db()
    assert (look.state, look.failure) == ("failed", "Only editors and organisers can sort what was said.")
    assert not Echo.objects.exists()


def test_refusals(desk, event, editor, copies):
    for write in (ask_for_look, stop_look):
        with pytest.raises(NotAnEditor):
            write(actor=UserFactory(), event=event, kind=ECHOES)
    with pytest.raises(ThemeRefused, match="from 12 undecided entries on; here are 3"):
        ask_for_look(actor=editor, event=event, kind=THEMES)
    answer = desk.post(at(event, "themes"), {"do": "suggest"}, headers={"Accept": "application/json"})
    assert (answer.status_code, "here are 3" in answer.json()["message"]) == (422, True)
    assert not DeskLook.objects.exists()
    assert stop_look(actor=editor, event=event, kind=ECHOES) is False
    event.phase_override = Phase.ARCHIVED
    event.save()
    with pytest.raises(EventIsArchived):
        ask_for_look(actor=editor, event=event, kind=ECHOES)


def test_each_desk_and_kind_has_a_look_of_its_own(event, editor, copies, entries):
    asked = [
        ask_for_look(actor=editor, event=event, kind=ECHOES),
        ask_for_look(actor=editor, event=event, kind=THEMES),
        ask_for_look(actor=editor, event=event, proposition=PropositionPageFactory(parent=event), kind=ECHOES),
        ask_for_look(actor=editor, event=EventPageFactory(), kind=ECHOES),
    ]

    assert [is_new for _, is_new in asked] == [True] * 4
