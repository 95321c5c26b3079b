"""Running a session: each command from the version that was seen, or not at all."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from live import actions
from live.exceptions import NotFound, NotPossible, StaleVersion
from live.models import LiveSession, Prompt
from live.selectors import moment
from realtime.models import Event
from tests.factories import live as make

pytestmark = pytest.mark.django_db


class Desk:
    """A facilitator who always knows the newest version."""

    def __init__(self, state: str = "open") -> None:
        self.session = make.live_session(state=state)
        self.actor = make.facilitator_of(self.session)

    def do(self, action, **fields):
        self.session.refresh_from_db()
        return action(actor=self.actor, session=self.session, version=self.session.version, **fields)

    def fresh(self) -> LiveSession:
        self.session.refresh_from_db()
        return self.session

    def prompt(self, text: str = "What is missing?", **fields) -> Prompt:
        return self.do(actions.add_prompt, **{"kind": "ideas", "text": text, **fields})

    def events(self) -> list[tuple[str, dict]]:
        return [
            (event.kind, event.payload) for event in Event.objects.filter(stream=self.session.stream).order_by("seq")
        ]


@pytest.fixture
def desk():
    return Desk()


@pytest.mark.parametrize(
    ("start", "action", "end"),
    [
        ("waiting", actions.open_session, "open"),
        ("open", actions.pause_session, "paused"),
        ("paused", actions.open_session, "open"),
        ("open", actions.close_session, "closed"),
        ("paused", actions.close_session, "closed"),
        ("waiting", actions.close_session, "closed"),
        ("closed", actions.open_session, "open"),
    ],
)
def test_session_moves_between_states(start, action, end):
    desk = Desk(start)
    before = desk.session.version

    session = desk.do(action)

    kind = {"open": "session.opened", "paused": "session.paused", "closed": "session.closed"}[end]
    assert (session.state, session.version) == (end, before + 1)
    told, payload = desk.events()[-1]
    assert payload.pop("opened_at", None) == (moment(session.opened_at) if end == "open" else None)
    assert (told, payload) == (kind, {"state": end, "version": before + 1, "by": desk.actor.pk})
    assert (session.closed_at is not None) == (end == "closed")


def test_session_keeps_when_it_first_opened_and_last_closed():
    desk = Desk("waiting")

    first = desk.do(actions.open_session).opened_at
    assert (desk.fresh().state, desk.session.opened_at, desk.session.closed_at) == ("open", first, None)
    closed = desk.do(actions.close_session).closed_at
    assert (desk.fresh().state, desk.session.opened_at, desk.session.closed_at) == ("closed", first, closed)
    desk.do(actions.open_session)
    assert (desk.fresh().state, desk.session.opened_at, desk.session.closed_at) == ("open", first, None)


@pytest.mark.parametrize(
    ("start", "action"),
    [
        ("open", actions.open_session),
        ("waiting", actions.pause_session),
        ("paused", actions.pause_session),
        ("closed", actions.pause_session),
        ("closed", actions.close_session),
    ],
)
def test_session_refuses_moves_that_make_no_sense(start, action):
    desk = Desk(start)
    before = desk.events()

    with pytest.raises(NotPossible):
        desk.do(action)

    assert desk.events() == before


def test_command_from_an_older_version_changes_nothing(desk):
    seen = desk.session.version
    desk.do(actions.pause_session)

    with pytest.raises(StaleVersion) as refusal:
        actions.close_session(actor=desk.actor, session=desk.session, version=seen)

    assert refusal.value.as_reply()["version"] == desk.fresh().version
    assert desk.session.state == "paused"


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_at_once_one_wins_and_the_other_is_told(desk):
    other = make.facilitator_of(desk.session)

    def race(actor) -> str:
        try:
            actions.set_wall_message(actor=actor, session=desk.session, version=version, text=f"from {actor.pk}")
        except StaleVersion:
            return "told"
        finally:
            connection.close()
        return f"from {actor.pk}"

    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            version = desk.fresh().version
            outcomes = sorted(pool.map(race, [desk.actor, other]))
            assert outcomes[1] == "told"
            assert outcomes[0] == desk.fresh().wall_message
            assert desk.session.version == version + 1


def test_prompts_queue_and_one_is_before_the_room(desk):
    first, second = desk.prompt("First?"), desk.prompt("Second?", show=True)
    third = desk.prompt("Third?")

    assert [prompt.position for prompt in (first, second, third)] == [0, 1, 2]
    assert desk.fresh().current_prompt == second
    desk.do(actions.show_prompt, prompt_id=first.pk)
    assert list(desk.session.prompts.values_list("state", flat=True)) == ["current", "closed", "queued"]
    assert desk.fresh().current_prompt == first
    desk.do(actions.close_prompt, prompt_id=first.pk)
    assert desk.fresh().current_prompt is None
    assert [kind for kind, _ in desk.events()[1:]] == [
        "prompt.added",
        "prompt.added",
        "prompt.shown",
        "prompt.added",
        "prompt.shown",
        "prompt.closed",
    ]


def test_prompt_is_shown_once_and_closed_while_shown(desk):
    prompt = desk.prompt(show=True)

    with pytest.raises(NotPossible):
        desk.do(actions.show_prompt, prompt_id=prompt.pk)
    desk.do(actions.close_prompt, prompt_id=prompt.pk)
    with pytest.raises(NotPossible):
        desk.do(actions.close_prompt, prompt_id=prompt.pk)


def test_prompt_that_was_closed_is_stored_as_closed_and_when_it_was_shown(desk):
    prompt = desk.prompt(show=True)
    prompt.refresh_from_db()
    assert (prompt.state, prompt.shown_at is not None) == ("current", True)

    desk.do(actions.close_prompt, prompt_id=prompt.pk)

    prompt.refresh_from_db()
    assert prompt.state == "closed"


def test_prompts_move(desk):
    first, second, third = desk.prompt("1?"), desk.prompt("2?"), desk.prompt("3?")

    assert desk.do(actions.move_prompt, prompt_id=third.pk, position=0) == [third.pk, first.pk, second.pk]
    assert desk.do(actions.move_prompt, prompt_id=third.pk, position=99) == [first.pk, second.pk, third.pk]
    assert desk.do(actions.move_prompt, prompt_id=second.pk, position=-5) == [second.pk, first.pk, third.pk]
    assert list(desk.session.prompts.values_list("text", "position")) == [("2?", 0), ("1?", 1), ("3?", 2)]
    with pytest.raises(NotFound):
        desk.do(actions.move_prompt, prompt_id=10**9, position=0)


def test_prompt_the_room_has_not_seen_is_edited_or_removed(desk):
    poll = desk.prompt("Which day?", kind="poll", options=["Monday", "Tuesday"])

    desk.do(actions.edit_prompt, prompt_id=poll.pk, text="Which evening?", options=["Friday", "Sunday", "None"])
    poll.refresh_from_db()
    assert (poll.text, [option.text for option in poll.options.all()]) == (
        "Which evening?",
        ["Friday", "Sunday", "None"],
    )
    desk.do(actions.remove_prompt, prompt_id=poll.pk)
    assert not Prompt.objects.exists()


def test_prompt_the_room_has_seen_stays(desk):
    prompt = desk.prompt(show=True)

    with pytest.raises(NotPossible):
        desk.do(actions.edit_prompt, prompt_id=prompt.pk, text="Otherwise?")
    with pytest.raises(NotPossible):
        desk.do(actions.remove_prompt, prompt_id=prompt.pk)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "song"}, "kind"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"kind": "poll", "options": ["Only one"]}, "options"),
        ({"kind": "poll", "options": [" ", "One"]}, "options"),
        ({"kind": "statements"}, "options"),
        ({"kind": "statements", "options": ["x" * 301]}, "options"),
        ({"kind": "poll", "options": [str(number) for number in range(21)]}, "options"),
    ],
)
def test_prompt_that_cannot_be_put_is_refused(desk, fields, field):
    with pytest.raises(NotPossible) as refusal:
        desk.prompt(**fields)

    assert refusal.value.as_reply()["field"] == field
    assert not Prompt.objects.exists()


def test_prompt_as_long_as_may_be_is_taken(desk):
    options = [f"{number:0300}" for number in range(20)]

    made = desk.prompt("x" * 300, kind="poll", options=options)

    assert [option.text for option in made.options.all()] == options
    assert desk.prompt(kind="statements", options=["One."]).options.count() == 1
    assert desk.prompt(kind="ideas", options=["None."]).options.count() == 0


def test_prompt_keeps_its_options_when_only_its_text_is_mended(desk):
    poll = desk.prompt("Which day?", kind="poll", options=["Monday", "Tuesday"])

    desk.do(actions.edit_prompt, prompt_id=poll.pk, text="Which evening?")

    assert [option.text for option in poll.options.all()] == ["Monday", "Tuesday"]


def test_prompt_of_another_session_is_not_found(desk):
    other = Desk()
    foreign = other.prompt()

    for action in (actions.show_prompt, actions.close_prompt, actions.remove_prompt):
        with pytest.raises(NotFound):
            desk.do(action, prompt_id=foreign.pk)


def test_spotlight_takes_only_what_is_shown(desk):
    person = make.participant(desk.session)
    held = make.contribution(person, "See https://example.org")
    shown = make.contribution(person)

    desk.do(actions.set_spotlight, contribution_id=shown.pk)
    assert desk.fresh().spotlight == shown
    with pytest.raises(NotPossible):
        desk.do(actions.set_spotlight, contribution_id=held.pk)
    assert desk.fresh().spotlight == shown
    desk.do(actions.clear_spotlight)
    assert desk.fresh().spotlight is None
    with pytest.raises(NotFound):
        desk.do(actions.set_spotlight, contribution_id=10**9)


def test_next_prompt_takes_the_spotlight_off_the_wall(desk):
    shown = make.contribution(make.participant(desk.session))
    desk.do(actions.set_spotlight, contribution_id=shown.pk)

    desk.do(actions.show_prompt, prompt_id=desk.prompt().pk)

    assert desk.fresh().spotlight is None
    assert desk.events()[-1] == ("spotlight.cleared", {"version": desk.session.version, "by": desk.actor.pk})


def test_timer_ends_in_server_time_and_moves(desk):
    before = timezone.now()
    started = desk.do(actions.start_timer, seconds=300).timer_ends_at
    extended = desk.do(actions.extend_timer, seconds=60).timer_ends_at
    shortened = desk.do(actions.extend_timer, seconds=-3600).timer_ends_at

    assert datetime.timedelta(seconds=299) < started - before < datetime.timedelta(seconds=360)
    assert extended - started == datetime.timedelta(seconds=60)
    assert abs(shortened - timezone.now()) < datetime.timedelta(seconds=60)
    assert desk.do(actions.stop_timer).timer_ends_at is None
    assert [kind for kind, _ in desk.events()[1:]] == [
        "timer.started",
        "timer.extended",
        "timer.extended",
        "timer.stopped",
    ]


@pytest.mark.parametrize("seconds", [0, -5, 86401])
def test_timer_of_no_sensible_length_is_refused(desk, seconds):
    with pytest.raises(NotPossible):
        desk.do(actions.start_timer, seconds=seconds)


def test_timer_runs_for_a_day_at_most_however_often_it_is_extended(desk):
    day = datetime.timedelta(days=1)
    desk.do(actions.start_timer, seconds=86400)

    extended = desk.do(actions.extend_timer, seconds=86400).timer_ends_at

    assert day - datetime.timedelta(minutes=1) < extended - timezone.now() <= day
    for seconds in (0, 86401, -86401):
        with pytest.raises(NotPossible):
            desk.do(actions.extend_timer, seconds=seconds)


def test_timer_that_has_run_out_starts_again_from_now(desk):
    desk.do(actions.start_timer, seconds=60)
    LiveSession.objects.update(timer_ends_at=timezone.now() - datetime.timedelta(hours=1))

    again = desk.do(actions.extend_timer, seconds=60).timer_ends_at

    assert datetime.timedelta(seconds=30) < again - timezone.now() <= datetime.timedelta(seconds=60)


def test_timer_that_does_not_run_is_not_extended(desk):
    with pytest.raises(NotPossible):
        desk.do(actions.extend_timer, seconds=60)


def test_wall_takes_a_message_and_goes_blank(desk):
    desk.do(actions.set_wall_message, text="  Coffee\nis here ")
    desk.do(actions.blank_wall, blank=True)

    assert (desk.fresh().wall_message, desk.session.is_blank) == ("Coffee is here", True)
    assert desk.do(actions.set_wall_message, text="x" * 200).wall_message == "x" * 200
    with pytest.raises(NotPossible):
        desk.do(actions.set_wall_message, text="x" * 201)
    desk.do(actions.blank_wall, blank=False)
    assert desk.fresh().is_blank is False
    desk.do(actions.set_wall_message, text="")
    assert desk.fresh().wall_message == ""


def test_moderation_is_one_of_two(desk):
    desk.do(actions.set_moderation, moderation="hold")

    assert desk.fresh().moderation == "hold"
    with pytest.raises(NotPossible):
        desk.do(actions.set_moderation, moderation="maybe")
