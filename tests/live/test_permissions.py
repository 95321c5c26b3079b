"""Who may do what in a session: roles by commands, states by what they let people do."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser

from live import actions, commands
from live.exceptions import LiveError, NotAllowed, SessionClosed, SessionPaused, SessionWaiting
from live.models import LiveSession
from live.permissions import (
    OPERATOR,
    can_contribute,
    can_edit,
    can_facilitate,
    can_join,
    can_moderate,
    can_sit,
    can_vote,
    can_withdraw,
)
from live.policies import LiveSessionPermissionPolicy
from live.selectors import Viewer
from people.roles import EDITORS, FACILITATORS, MODERATORS, ORGANISERS
from tests.factories import live as make
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db

NOBODY, MODERATES, FACILITATES = "nothing", "moderates", "facilitates"

ROLES = {
    "anonymous": NOBODY,
    "delegate": NOBODY,
    "editor": NOBODY,
    "facilitator of another session": NOBODY,
    "in the group of facilitators": NOBODY,
    "organiser who left": NOBODY,
    "facilitator who left": NOBODY,
    "moderator": MODERATES,
    "facilitator": FACILITATES,
    "organiser": FACILITATES,
    "superuser": FACILITATES,
}


def somebody(role: str, session: LiveSession):
    match role:
        case "anonymous":
            return AnonymousUser()
        case "delegate":
            return member()
        case "editor":
            return member(EDITORS)
        case "facilitator of another session":
            return make.facilitator_of(make.live_session(event=session.page.get_parent().specific))
        case "in the group of facilitators":
            return member(FACILITATORS)
        case "organiser who left":
            return member(ORGANISERS, is_active=False)
        case "facilitator who left":
            return make.facilitator_of(session, is_active=False)
        case "moderator":
            return member(MODERATORS)
        case "facilitator":
            return make.facilitator_of(session)
        case "organiser":
            return member(ORGANISERS)
    return member(is_superuser=True)


# Each command of a console, with fields that work on the session of `room`, and who may give it.
CONSOLE_COMMANDS = {
    "session.open": ({}, FACILITATES),
    "session.pause": ({}, FACILITATES),
    "session.close": ({}, FACILITATES),
    "session.moderate": ({"moderation": "hold"}, FACILITATES),
    "prompt.add": ({"kind": "ideas", "text": "What next?"}, FACILITATES),
    "prompt.edit": ({"prompt": "queued", "text": "What now?"}, FACILITATES),
    "prompt.show": ({"prompt": "queued"}, FACILITATES),
    "prompt.close": ({"prompt": "current"}, FACILITATES),
    "prompt.move": ({"prompt": "queued", "position": 0}, FACILITATES),
    "prompt.remove": ({"prompt": "queued"}, FACILITATES),
    "spotlight.set": ({"contribution": "shown"}, FACILITATES),
    "spotlight.clear": ({}, FACILITATES),
    "timer.start": ({"seconds": 60}, FACILITATES),
    "timer.extend": ({"seconds": 60}, FACILITATES),
    "timer.stop": ({}, FACILITATES),
    "wall.message": ({"text": "Coffee is here."}, FACILITATES),
    "wall.blank": ({"blank": True}, FACILITATES),
    "wall.themes": ({"tags": ["lamps"]}, FACILITATES),
    "contribution.star": ({"contribution": "shown"}, FACILITATES),
    "contribution.unstar": ({"contribution": "shown"}, FACILITATES),
    "contribution.merge": ({"contribution": "other", "into": "shown"}, FACILITATES),
    "contribution.unmerge": ({"contribution": "shown"}, FACILITATES),
    "session.rehearse": ({}, FACILITATES),
    "session.clear": ({}, FACILITATES),
    "comment.put": ({"comment": 1}, FACILITATES),
    "contribution.tag": ({"contribution": "shown", "tag": "lamps"}, FACILITATES),
    "contribution.untag": ({"contribution": "shown", "tag": "lamps"}, FACILITATES),
    "table.add": ({"names": ["Table 7"]}, FACILITATES),
    "table.rename": ({"table": "empty", "name": "Table 8"}, FACILITATES),
    "table.remove": ({"table": "empty"}, FACILITATES),
    "table.count": ({"table": "table", "headcount": 4}, FACILITATES),
    "table.free": ({"table": "table"}, FACILITATES),
    "contribution.release": ({"contribution": "held"}, MODERATES),
    "contribution.hide": ({"contribution": "shown", "reason": "It names somebody."}, MODERATES),
}

PARTICIPANT_COMMANDS = {
    "contribution.add": {"client_id": str(uuid.uuid4()), "body": "Words."},
    "contribution.withdraw": {"contribution": "own"},
    "contribution.edit": {"contribution": "own", "body": "Other words."},
    "vote.set": {"contribution": "shown"},
    "vote.clear": {"contribution": "shown"},
    "seat.count": {"headcount": 4},
    "seat.leave": {},
    "seen": {"contributions": []},
    "me.update": {"identity": "nothing", "consent": "none"},
}


def test_every_command_stands_in_these_tables():
    assert set(commands.COMMANDS) == set(CONSOLE_COMMANDS) | set(PARTICIPANT_COMMANDS)
    for name, found in commands.COMMANDS.items():
        assert found.roles == frozenset({"console" if name in CONSOLE_COMMANDS else "participant"})


class Room:
    """An open session with a prompt before it, one waiting, and something said that is shown and held."""

    def __init__(self) -> None:
        session = make.live_session()
        self.speaker, self.listener = make.participant(session), make.participant(session)
        make.contribution(self.speaker)
        shown = make.contribution(self.speaker, "Light the towpath.")
        other = make.contribution(self.speaker, "Put lamps along the towpath.")
        held = make.contribution(make.participant(session), "See https://example.org/lamps")
        for text in ("Where is it dark?", "What would lamps cost?"):
            actions.add_prompt(actor=OPERATOR, session=session, version=session.version, kind="ideas", text=text)
            session.refresh_from_db()
        current, queued = session.prompts.all()
        actions.show_prompt(actor=OPERATOR, session=session, version=session.version, prompt_id=current.pk)
        session.refresh_from_db()
        self.session = actions.start_timer(actor=OPERATOR, session=session, version=session.version, seconds=300)
        scribe = make.participant(session)
        table = actions.seat_scribe(actor=OPERATOR, participant=scribe, table_name="Table 1", headcount=5)
        (empty,) = actions.add_tables(actor=OPERATOR, session=session, version=self.session.version, names=["Table 2"])
        self.session.refresh_from_db()
        self.ids = {"table": table.pk, "empty": empty.pk}
        self.ids |= {"shown": shown.pk, "other": other.pk, "held": held.pk, "current": current.pk, "queued": queued.pk}

    def message(self, name: str, fields: dict) -> dict:
        known = {
            field: self.ids.get(value, value) if isinstance(value, str) else value for field, value in fields.items()
        }
        return {"type": name, "version": self.session.version, **known}


@pytest.mark.parametrize("role", ROLES)
def test_console_commands_are_for_those_who_may(role):
    room = Room()
    user = somebody(role, room.session)
    may = ROLES[role]

    refused = set()
    for name, (fields, _) in CONSOLE_COMMANDS.items():
        try:
            commands.run(Viewer(room.session, "console", user=user), room.message(name, fields))
        except NotAllowed:
            refused.add(name)
        except LiveError:
            pass  # allowed, and not possible a second time
        room.session.refresh_from_db()

    allowed = {NOBODY: set(), MODERATES: {MODERATES}, FACILITATES: {MODERATES, FACILITATES}}[may]
    assert refused == {name for name, (_, needed) in CONSOLE_COMMANDS.items() if needed not in allowed}


@pytest.mark.parametrize("role", ROLES)
def test_permissions_say_the_same_as_the_table(role):
    session = make.live_session()
    make.facilitator_of(session)
    user = somebody(role, session)

    assert can_facilitate(user, session) == (ROLES[role] == FACILITATES)
    assert can_moderate(user, session) == (ROLES[role] in (MODERATES, FACILITATES))
    assert not can_facilitate(None, session)


@pytest.mark.parametrize("role", ROLES)
def test_sessions_in_the_admin_are_shown_to_those_who_run_them_and_changed_by_organisers(role):
    session = make.live_session()
    make.facilitator_of(session)
    user = somebody(role, session)
    policy = LiveSessionPermissionPolicy(LiveSession)
    organises = role in ("organiser", "superuser")

    # A list is for facilitators of any session, one session for its own.
    is_shown_some = ROLES[role] in (MODERATES, FACILITATES) or role == "facilitator of another session"
    if not user.is_anonymous and user.is_active:
        assert policy.user_has_permission(user, "view") == is_shown_some
        assert policy.user_has_any_permission(user, ["change", "view"]) == is_shown_some
        assert policy.user_has_any_permission(user, ["add", "delete"]) is False
    assert policy.user_has_permission_for_instance(user, "view", session) == (ROLES[role] != NOBODY)
    assert policy.user_has_permission_for_instance(user, "change", session) == organises
    assert policy.user_has_permission(user, "change") == organises
    assert not policy.user_has_permission_for_instance(user, "delete", session)
    if role == "superuser":
        assert set(policy.users_with_any_permission(["change"])) == {user}


@pytest.mark.parametrize("name", CONSOLE_COMMANDS)
def test_commands_of_a_console_are_refused_to_phones_and_walls(name):
    room = Room()

    for viewer in (Viewer(room.session, "participant", room.speaker), Viewer(room.session, "wall")):
        with pytest.raises(NotAllowed):
            commands.run(viewer, room.message(name, CONSOLE_COMMANDS[name][0]))


@pytest.mark.parametrize("name", PARTICIPANT_COMMANDS)
def test_commands_of_a_phone_are_refused_to_walls_and_consoles(name):
    room = Room()
    facilitator = make.facilitator_of(room.session)

    for viewer in (Viewer(room.session, "wall"), Viewer(room.session, "console", user=facilitator)):
        with pytest.raises(NotAllowed):
            commands.run(viewer, room.message(name, PARTICIPANT_COMMANDS[name]))


# state -> may join and sit down at a table, say and vote, withdraw; and why saying is refused
STATES = {
    "waiting": (True, False, True, SessionWaiting),
    "open": (True, True, True, None),
    "paused": (True, False, True, SessionPaused),
    "closed": (False, False, False, SessionClosed),
}


@pytest.mark.parametrize("state", STATES)
def test_states_let_people_do_what_they_say(state):
    joins, says, withdraws, refusal = STATES[state]
    session = make.live_session(state="waiting")
    person = make.participant(session)
    session = make.bring_to(session, state)

    assert can_join(session) == can_sit(person, session) == joins
    assert can_contribute(person, session) == says
    assert can_vote(person, session) == says
    assert can_withdraw(person, session) == can_edit(person, session) == withdraws
    if refusal:
        with pytest.raises(refusal):
            make.contribution(person)
    else:
        assert make.contribution(person).state == "shown"


def test_participant_of_another_session_may_do_nothing_here():
    session = make.live_session()
    stranger = make.participant(make.live_session(event=session.page.get_parent().specific))

    assert not can_sit(stranger, session)
    assert not can_contribute(stranger, session)
    assert not can_vote(stranger, session)
    assert not can_withdraw(stranger, session)
