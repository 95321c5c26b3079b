"""Changing one's own words."""

import datetime
import uuid

import pytest
from django.utils import timezone

from gathering.models import Entry
from live import actions
from live.exceptions import ClientIdConflict, EmptyBody, NotFound, NotPossible, SessionClosed
from live.models import EDIT_WINDOW, Contribution, ContributionVersion
from live.permissions import OPERATOR
from live.selectors import Viewer, snapshot
from realtime.models import Event
from tests.factories.discussion import proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, participant

pytestmark = pytest.mark.django_db

NEW = "Keep the ferry running until midnight."


def edit(said: Contribution, body: str = NEW) -> Contribution:
    return actions.edit_contribution(participant=said.participant, contribution_id=said.pk, body=body)


def test_edit_changes_the_words_and_keeps_what_they_were():
    said = contribution(participant(live_session()))

    edit(said)
    edit(said, "Keep the ferry running all night.")

    said.refresh_from_db()
    assert said.body == "Keep the ferry running all night."
    assert said.edited_at is not None
    assert [version.body for version in said.versions.all()] == ["Keep the ferry running after dark.", NEW]
    kinds = list(Event.objects.filter(kind__startswith="contribution").values_list("kind", flat=True))
    assert kinds == ["contribution.added", "contribution.edited", "contribution.edited"]


def test_edit_to_the_same_words_changes_nothing():
    said = contribution(participant(live_session()))

    edit(said, f"  {said.body} ")

    assert not ContributionVersion.objects.exists()
    assert not Event.objects.filter(kind="contribution.edited").exists()


def test_edit_is_flagged_in_the_ledger_which_keeps_what_was_said():
    said = contribution(participant(live_session(proposition_page())))

    edit(said)

    entry = Entry.objects.get(contribution=said)
    assert entry.text == "Keep the ferry running after dark."
    assert entry.source_edited_at is not None
    edit(said, "Keep the ferry running after dark.")
    entry.refresh_from_db()
    assert entry.source_edited_at is None


def test_edit_after_a_while_or_after_the_close_is_refused():
    session = live_session()
    person = participant(session)
    said = contribution(person)
    Contribution.objects.filter(pk=said.pk).update(
        created_at=timezone.now() - EDIT_WINDOW - datetime.timedelta(seconds=1)
    )

    with pytest.raises(NotPossible, match="15 minutes"):
        edit(said)
    fresh = contribution(person, "Light the towpath.")
    actions.close_session(actor=OPERATOR, session=session, version=session.version)
    with pytest.raises(SessionClosed):
        edit(fresh)


def test_edit_is_for_the_author_and_for_what_is_in_the_room():
    session = live_session()
    said = contribution(participant(session))

    with pytest.raises(NotFound):
        actions.edit_contribution(participant=participant(session), contribution_id=said.pk, body=NEW)
    with pytest.raises(EmptyBody):
        edit(said, " ")
    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=said.pk, reason="It names somebody.")
    with pytest.raises(NotPossible):
        edit(said)


def test_edit_is_held_where_a_first_saying_would_have_been():
    session = live_session(proposition_page())
    person = participant(session)
    said = contribution(person)

    edit(said, "Keep the ferry running, see https://example.org")

    said.refresh_from_db()
    assert (said.state, said.hold_reason) == ("held", "First post, with a link.")
    assert Entry.objects.get(contribution=said).source_hidden_at is not None
    wall = snapshot(Viewer(session, "wall"))
    assert wall["contributions"] == []


def test_edit_in_a_room_that_reads_everything_first_waits_again():
    session = live_session()
    said = contribution(participant(session))
    actions.set_moderation(actor=OPERATOR, session=session, version=session.version, moderation="hold")

    edit(said)

    said.refresh_from_db()
    assert said.state == "held"


def test_edit_of_what_waits_goes_on_waiting_and_hides_nothing():
    session = live_session()
    person = participant(session)
    said = contribution(person, "See https://example.org")

    actions.edit_contribution(participant=person, contribution_id=said.pk, body="See https://example.org, all.")

    said.refresh_from_db()
    assert said.state == "held"
    kinds = Event.objects.filter(stream=session.stream, payload__contribution_id=said.pk).order_by("seq")
    assert [event.kind for event in kinds] == ["contribution.added", "contribution.edited"]


def test_edit_takes_the_words_off_the_wall():
    session = live_session()
    said = contribution(participant(session))
    actions.set_spotlight(actor=OPERATOR, session=session, version=session.version, contribution_id=said.pk)

    edit(said)

    session.refresh_from_db()
    assert session.spotlight is None


def test_repeat_of_the_first_sending_is_still_known_after_an_edit():
    person = participant(live_session())
    client_id = uuid.uuid4()
    said = contribution(person, "First words.", client_id=client_id)
    edit(said)

    again = contribution(person, "First words.", client_id=client_id)

    assert again.pk == said.pk
    with pytest.raises(ClientIdConflict):
        contribution(person, "Words never said.", client_id=client_id)


def test_edit_often_enough_is_enough():
    said = contribution(participant(live_session()))

    for number in range(20):
        edit(said, f"Version {number}.")
    with pytest.raises(NotPossible):
        edit(said, "One more.")


def test_tags_are_for_consoles():
    session = live_session()
    person = participant(session)
    said = contribution(person)
    facilitator = facilitator_of(session)
    one = {"actor": facilitator, "session": session, "contribution_id": said.pk}

    actions.tag_contribution(**one, tag=" Ferry ")
    actions.tag_contribution(**one, tag="ferry")
    actions.tag_contribution(**one, tag="money")
    tagged = actions.untag_contribution(**one, tag="FERRY")

    assert tagged.tags == ["money"]
    (console,) = snapshot(Viewer(session, "console", user=facilitator))["contributions"]
    (phone,) = snapshot(Viewer(session, "participant", person))["contributions"]
    assert console["tags"] == ["money"]
    assert "tags" not in phone
    assert set(Event.objects.filter(kind__contains="tagged").values_list("audience", flat=True)) == {"console"}
    for tag in ("", "t" * 31):
        with pytest.raises(NotPossible):
            actions.tag_contribution(**one, tag=tag)
    for number in range(7):
        actions.tag_contribution(**one, tag=f"tag {number}")
    with pytest.raises(NotPossible):
        actions.tag_contribution(**one, tag="one too many")
