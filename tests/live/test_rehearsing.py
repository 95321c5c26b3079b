"""Rehearsals, comments put to the room, and what two facilitators are told of each other."""

import pytest
from django.test import Client

from discussion.actions import hide_comment, hold_comment, support_comment
from gathering.models import Entry
from live import actions
from live.actions.borrowing import passage
from live.exceptions import NotFound, NotPossible, StaleVersion
from live.models import Contribution, LiveSession, Prompt, Vote
from live.permissions import OPERATOR
from live.selectors import Viewer, archive, snapshot
from people.models import Person
from people.roles import MODERATORS
from realtime.models import Event
from tests.factories.discussion import comment as make_comment
from tests.factories.discussion import member, proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, participant

pytestmark = pytest.mark.django_db


def rehearsed(session: LiveSession) -> LiveSession:
    return actions.start_rehearsal(actor=OPERATOR, session=session, version=session.version)


# Rehearsals


def test_rehearsal_reaches_no_ledger_and_goes_without_a_trace():
    session = live_session(proposition_page(), state="waiting")
    actions.add_prompt(
        actor=OPERATOR, session=session, version=0, kind="poll", text="Lamps?", options=["Yes", "No"], show=True
    )
    session.refresh_from_db()
    (table,) = actions.add_tables(actor=OPERATOR, session=session, version=session.version, count=1)
    session.refresh_from_db()
    session = rehearsed(session)
    session = actions.open_session(actor=OPERATOR, session=session, version=session.version)
    scribe = actions.take_seat(session=session, token="scribe", key=table.key, headcount=6, may_quote=False)
    said, person = contribution(scribe), participant(session)
    actions.set_vote(participant=person, contribution_id=said.pk)
    actions.set_vote(participant=person, option_id=session.prompts.get().options.first().pk)
    actions.set_spotlight(actor=OPERATOR, session=session, version=session.version, contribution_id=said.pk)
    for act, fields in (
        (actions.start_timer, {"seconds": 60}),
        (actions.set_wall_message, {"text": "Trying."}),
        (actions.set_wall_themes, {"tags": ["lamps"]}),
        (actions.blank_wall, {"blank": True}),
        (actions.close_session, {}),
    ):
        session.refresh_from_db()
        act(actor=OPERATOR, session=session, version=session.version, **fields)
    session.refresh_from_db()
    before = Event.objects.filter(stream=session.stream).count()

    session = actions.clear_rehearsal(actor=OPERATOR, session=session, version=session.version)

    assert not Entry.objects.exists()
    assert not Contribution.objects.exists()
    assert not Vote.objects.exists()
    assert not session.participants.exists()
    session.refresh_from_db()
    assert (session.state, session.is_rehearsal, session.spotlight) == ("waiting", False, None)
    assert (session.wall_message, session.wall_tags, session.is_blank) == ("", [], False)
    assert (session.timer_ends_at, session.opened_at, session.closed_at) == (None, None, None)
    prompt = session.prompts.get()
    assert (prompt.state, prompt.shown_at, prompt.options.first().support_count) == ("queued", None, 0)
    kept = session.tables.get()
    assert (kept.key, kept.headcount, kept.may_quote) == (table.key, 1, True)
    # The log goes on: readers who are connected come after it.
    assert Event.objects.filter(stream=session.stream).count() == before + 1
    wall = snapshot(Viewer(session, "wall"))
    assert (wall["contributions"], wall["prompts"], wall["session"]["state"]) == ([], [], "waiting")


def test_rehearsal_is_refused_where_something_was_said_in_earnest():
    session = live_session()
    contribution(participant(session))

    with pytest.raises(NotPossible, match="said here already"):
        rehearsed(session)
    with pytest.raises(NotPossible, match="no rehearsal"):
        actions.clear_rehearsal(actor=OPERATOR, session=session, version=session.version)

    assert Contribution.objects.count() == 1


def test_rehearsal_begins_once_and_never_in_a_session_that_has_closed():
    session = rehearsed(live_session())
    closed = live_session()
    closed = actions.close_session(actor=OPERATOR, session=closed, version=closed.version)

    with pytest.raises(NotPossible, match="rehearsal already"):
        rehearsed(session)
    with pytest.raises(NotPossible, match="has closed"):
        rehearsed(closed)

    closed.refresh_from_db()
    assert not closed.is_rehearsal


def test_rehearsal_that_was_closed_is_no_archive():
    session = rehearsed(live_session())
    contribution(participant(session))
    session = actions.close_session(actor=OPERATOR, session=session, version=session.version)

    assert archive(session) == []


# Comments put to the room


def comment_on(session: LiveSession, **fields):
    page = session.page.propositions.get()
    values = {"body": "Light the towpath. It is dark by four.", "consent": "role", "role": "Lock keeper"}
    return make_comment(page, **{**values, **fields})


def put(session: LiveSession, comment, **fields) -> Prompt:
    session.refresh_from_db()
    return actions.put_comment(
        actor=OPERATOR, session=session, version=session.version, comment_id=comment.pk, **fields
    )


def test_comment_is_put_to_the_room_and_its_page_says_so():
    session = live_session(proposition_page())
    comment = comment_on(session)

    prompt = put(session, comment, words="Light the towpath.")

    shape = snapshot(Viewer(session, "wall"))["prompts"][0]
    assert (shape["text"], shape["comment"]["author"]) == ("Light the towpath.", "Lock keeper")
    session.refresh_from_db()
    assert session.current_prompt == prompt
    page = Client().get(session.page.propositions.get().url)
    assert "Put to the room on" in page.text
    assert f"#prompt-{prompt.pk}" in page.text


def test_comment_waiting_in_the_queue_was_not_put_to_the_room_yet():
    session = live_session(proposition_page())
    put(session, comment_on(session), show=False)

    assert "Put to the room on" not in Client().get(session.page.propositions.get().url).text


def test_comments_that_may_not_be_put_to_the_room_are_not():
    session = live_session(proposition_page())
    elsewhere = live_session(proposition_page())
    for comment in (
        comment_on(session, consent="none"),
        hold_comment(actor=member(MODERATORS), comment=comment_on(session)),
        hide_comment(actor=member(MODERATORS), comment=comment_on(session), reason="It names somebody."),
        comment_on(elsewhere),
    ):
        with pytest.raises(NotFound):
            put(session, comment)
    with pytest.raises(NotPossible, match="stand in the comment"):
        put(session, comment_on(session), words="Darken the towpath.")

    assert not Prompt.objects.exists()


def test_comment_that_goes_out_of_sight_leaves_the_screens():
    session = live_session(proposition_page())
    shown, queued = comment_on(session), comment_on(session, body="Mend the lock gates.")
    put(session, shown)
    put(session, queued, show=False)
    moderator = member(MODERATORS)

    for comment in (shown, queued):
        hide_comment(actor=moderator, comment=comment, reason="It names somebody.")

    (prompt,) = Prompt.objects.all()
    assert "towpath" not in prompt.text
    assert (prompt.comment, prompt.source_label) == (None, "")
    wall = snapshot(Viewer(session, "wall"))
    assert "towpath" not in str(wall)


def test_words_of_a_comment_stand_as_they_are():
    text = "First of all, light it. " + "And mend the gates, all of them, before the winter comes. " * 8

    assert passage("Short.\n\nAnd two lines.") == "Short. And two lines."
    assert passage(text, "mend the gates") == "mend the gates"
    beginning = passage(text)
    assert len(beginning) <= 300
    assert beginning.endswith("comes.")
    with pytest.raises(NotPossible):
        passage(text, "w" * 20)


def test_list_of_comments_is_for_those_who_may_put_them():
    session = live_session(proposition_page())
    comment_on(session)
    liked = comment_on(session, body="Mend the lock gates.")
    support_comment(actor=member(), comment=liked, voter_key="somebody")
    comment_on(session, consent="none")
    client = Client()
    client.force_login(facilitator_of(session))
    address = f"/live/{session.code}/comments/?as=console"

    listed = client.get(address).json()["comments"]
    found = client.get(address + "&q=gates").json()["comments"]

    assert [one["text"] for one in listed] == ["Mend the lock gates.", "Light the towpath. It is dark by four."]
    assert len(found) == 1
    for stranger in (None, member(), member(MODERATORS)):
        other = Client()
        if stranger:
            other.force_login(stranger)
        assert other.get(address).status_code == 403


# Two facilitators


def test_facilitator_who_comes_second_is_told_what_the_first_did():
    session = live_session()
    first, second = facilitator_of(session), facilitator_of(session)
    Person.objects.create(user=first, name="Maren Dahl", slug="maren-dahl")
    seen = session.version
    actions.set_wall_message(actor=first, session=session, version=seen, text="Coffee is here.")

    with pytest.raises(StaleVersion) as refusal:
        actions.pause_session(actor=second, session=session, version=seen)
    with pytest.raises(StaleVersion) as own:
        actions.pause_session(actor=first, session=session, version=seen)

    reply = refusal.value.as_reply()
    assert reply["message"] == (
        "Maren Dahl wrote on the wall: “Coffee is here.” Yours was not done: look, then press again."
    )
    assert reply["changes"] == [
        {"by": "Maren Dahl", "did": "wrote on the wall: “Coffee is here.”", "kind": "wall.message_changed"}
    ]
    assert own.value.message.startswith("You, on another screen, wrote")


def test_long_words_in_what_another_did_end_once():
    session = live_session()
    words = "It would slow those who were going to be paid. Nobody asked them."
    actions.set_wall_message(actor=facilitator_of(session), session=session, version=session.version, text=words)

    with pytest.raises(StaleVersion) as refusal:
        actions.pause_session(actor=facilitator_of(session), session=session, version=session.version)

    assert "wrote on the wall: “It would slow those who were going to be paid…” Yours" in refusal.value.message
