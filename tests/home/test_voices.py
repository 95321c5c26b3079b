"""The latest voices of an event."""

import datetime

import pytest
from django.utils import timezone
from wagtail.models import PageViewRestriction

from discussion.actions import hide_comment
from home.voices import beginning_of, latest_voices
from people.consent import Consent
from tests.factories.discussion import comment, moderator
from tests.factories.events import EventPageFactory
from tests.factories.live import contribution, live_session, participant
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory(starts_on=timezone.localdate())


@pytest.fixture
def proposition(event):
    return PropositionPageFactory(parent=event, number=4)


def test_voices_are_the_newest_of_rooms_and_discussions(event, proposition):
    comment(proposition, body="The last boat is too early.")
    contribution(participant(live_session(proposition)), "Run it until midnight.")

    found = latest_voices(event)

    assert [voice.text for voice in found] == ["Run it until midnight.", "The last boat is too early."]
    assert found[0].place.startswith("said live on proposition 4, ")
    assert found[1].place.startswith("on proposition 4, ")


def test_voices_leave_out_who_is_not_to_be_quoted(event, proposition):
    comment(proposition, body="Keep this here.", consent=Consent.NONE)

    assert latest_voices(event) == []


def test_voices_leave_out_what_is_hidden(event, proposition):
    said = comment(proposition, body="A name and a telephone number.")
    hide_comment(comment=said, actor=moderator(), reason="It names a person.")

    assert latest_voices(event) == []


def test_voices_and_programme_leave_out_what_is_not_for_everybody(client, event, proposition):
    session = live_session(proposition, state="open")
    contribution(participant(session), "Behind a door.")
    PageViewRestriction.objects.create(page=session.page, restriction_type=PageViewRestriction.LOGIN)

    assert latest_voices(event) == []
    assert session.page.title not in client.get(event.url).text
    assert session.page.title not in client.get(proposition.url).text
    assert session.page.title not in client.get(f"/events/{event.slug}/programme.ics").text


def test_voices_leave_out_rehearsals(event, proposition):
    contribution(participant(live_session(proposition, is_rehearsal=True)), "Testing, testing.")

    assert latest_voices(event) == []


def test_voices_stand_on_the_page_of_the_event(client, event, proposition):
    said = comment(proposition, body="The last boat is too early. " + "It always was. " * 20)

    page = client.get(event.url).text

    assert f'href="/comments/{said.pk}/"' in page
    assert "“<bdi>The last boat is too early. It always was." in page


def test_voices_say_yesterday(event, proposition):
    said = comment(proposition)
    type(said).objects.filter(pk=said.pk).update(published_at=timezone.now() - datetime.timedelta(days=1))

    assert latest_voices(event)[0].place == "on proposition 4, yesterday"


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("One. Two.", "One. Two."),
        ("> You said so.\n\nI *never* said **so**.", "I never said so."),
        ("First paragraph.\n\nSecond paragraph.", "First paragraph."),
        (("word " * 40).strip() + ". Next.", ("word " * 30).strip() + " …"),
        (("word " * 20).strip() + ". " + ("more " * 20).strip() + ".", ("word " * 20).strip() + "."),
    ],
)
def test_beginning_keeps_whole_sentences(text, beginning):
    assert beginning_of(text) == beginning
