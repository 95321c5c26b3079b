"""Live sessions in Wagtail's admin."""

import datetime
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from live import actions
from live.models import LiveSession, LiveSessionPage
from live.permissions import OPERATOR
from people.roles import FACILITATORS, MODERATORS
from realtime.models import Event
from tests.factories import live as make
from tests.factories.discussion import event_page, member, proposition_page

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def session():
    return make.live_session()


def edit(client: Client, session: LiveSession, **fields):
    values = {"moderation": "show", "identities": ["name", "role", "nothing"], "facilitators": [], "new_prompts": ""}
    return client.post(reverse("live_sessions:edit", args=[session.pk]), {**values, **fields})


def test_session_cannot_end_before_it_starts():
    page = make.live_session().page
    page.ends_at = page.starts_at

    with pytest.raises(ValidationError, match="cannot end before it starts"):
        page.full_clean()


def test_page_made_in_the_admin_brings_its_room():
    facilitator = member()
    proposition = proposition_page(facilitator=facilitator)
    client = signed_in(make.organiser())
    address = reverse("wagtailadmin_pages:add", args=["live", "livesessionpage", proposition.event.pk])
    assert client.get(address).status_code == 200

    answer = client.post(
        address,
        {
            "title": "What would a library lend?",
            "slug": "what-would-a-library-lend",
            "propositions": [proposition.pk],
            "starts_at": "2026-10-13 10:30",
            "room": "Reading Room",
            "introduction": "null",
            "action-publish": "yes",
        },
    )

    session = LiveSession.objects.get()
    assert answer.status_code == 302
    assert (session.page.title, session.state, len(session.code)) == ("What would a library lend?", "waiting", 6)
    assert list(session.facilitators.all()) == [facilitator]
    page = client.get(reverse("wagtailadmin_pages:edit", args=[session.page.pk]))
    assert session.spoken_code in page.text
    assert reverse("live_sessions:edit", args=[session.pk]) in page.text


def test_session_outside_the_days_of_its_event_is_named_whichever_is_saved():
    event = event_page(starts_on=datetime.date(2031, 10, 12), ends_on=datetime.date(2031, 10, 13))
    client = signed_in(make.organiser())
    session = {"propositions": [], "introduction": "null"}

    def add(title: str, starts_at: str):
        address = reverse("wagtailadmin_pages:add", args=["live", "livesessionpage", event.pk])
        posted = {**session, "title": title, "slug": title.lower(), "starts_at": starts_at}
        return unescape(client.post(address, posted, follow=True).text)

    assert "Outside the days" not in add("First", "2031-10-12 00:00")
    assert "Outside the days" not in add("Last", "2031-10-13 23:30")
    assert "(12 October 2031 to 13 October 2031): “Late”, 14 October 2031." in add("Late", "2031-10-14 00:00")


def test_copy_of_a_page_has_a_room_of_its_own(session):
    copied = session.page.copy(update_attrs={"slug": "again", "title": "Again"})

    assert copied.live_session.code != session.code


def test_unpublishing_and_publishing_again_leaves_the_room_as_it_is(session):
    session.page.unpublish()
    session.page.save_revision().publish()

    session.refresh_from_db()
    assert session.state == "open"
    assert LiveSession.objects.count() == 1


def test_organiser_sets_the_room_up(session):
    organiser, facilitator = make.organiser(), member(FACILITATORS)
    client = signed_in(organiser)
    page = client.get(reverse("live_sessions:edit", args=[session.pk])).text
    assert session.spoken_code in page
    assert facilitator.email in page

    answer = edit(
        client,
        session,
        facilitators=[facilitator.pk],
        moderation="hold",
        identities=["role"],
        new_prompts="What is missing?\n\n  And what would it  cost?\n",
    )

    session.refresh_from_db()
    assert answer.status_code == 302
    assert list(session.facilitators.all()) == [facilitator]
    assert (session.moderation, session.identities) == ("hold", ["role"])
    assert list(session.prompts.values_list("text", flat=True)) == ["What is missing?", "And what would it cost?"]
    assert set(Event.objects.values_list("kind", flat=True)) == {
        "session.opened",
        "session.moderation_changed",
        "prompt.added",
    }


def test_setting_up_leaves_what_happened_meanwhile(session):
    """The form knows nothing of the session's state, so it cannot roll a room back."""
    client = signed_in(make.organiser())
    client.get(reverse("live_sessions:edit", args=[session.pk]))
    actions.pause_session(actor=OPERATOR, session=session, version=session.version)

    edit(client, session)

    session.refresh_from_db()
    assert (session.state, session.version) == ("paused", 2)


def test_setting_up_refuses_what_cannot_be(session):
    client = signed_in(make.organiser())

    nobody = edit(client, session, identities=[])
    endless = edit(client, session, new_prompts="x" * 301)

    assert nobody.status_code == endless.status_code == 200
    assert "A prompt has at most 300 characters" in endless.text
    session.refresh_from_db()
    assert (session.identities, session.prompts.count()) == (["name", "role", "nothing"], 0)


@pytest.mark.parametrize("name", ["add", "delete"])
def test_sessions_are_made_and_taken_away_by_their_pages_only(session, name):
    address = f"/admin/live-sessions/{'new' if name == 'add' else f'delete/{session.pk}'}/"

    assert signed_in(make.organiser()).get(address).status_code in (302, 404)


def test_list_shows_each_their_own():
    event = event_page()
    mine, other = make.live_session(event=event), make.live_session(event=event, title="Another room")
    facilitator = make.facilitator_of(mine)
    facilitator.groups.add(*member(FACILITATORS).groups.all())
    address = reverse("live_sessions:index")

    seen = signed_in(facilitator).get(address).text
    assert mine.spoken_code in seen
    assert other.spoken_code not in seen
    for user in (make.organiser(), member(MODERATORS)):
        assert other.spoken_code in signed_in(user).get(address).text
    assert signed_in(member(FACILITATORS)).get(address).status_code == 302


def test_facilitator_does_not_set_the_room_up(session):
    facilitator = make.facilitator_of(session)
    facilitator.groups.add(*member(FACILITATORS).groups.all())

    assert edit(signed_in(facilitator), session, moderation="hold").status_code == 302
    session.refresh_from_db()
    assert session.moderation == "show"


def test_deleting_the_page_takes_the_room_along(session):
    make.contribution(make.participant(session))

    Page.objects.get(pk=session.page.pk).delete()

    assert not LiveSession.objects.exists()
    assert not LiveSessionPage.objects.filter(starts_at__lte=timezone.now()).exists()


@pytest.mark.parametrize(
    ("written", "names"),
    [("3", ["Table 1", "Table 2", "Table 3"]), ("Window\n  Stage \n\nWindow\n", ["Window", "Stage"]), ("", [])],
)
def test_organiser_sets_tables_up_by_number_or_by_name(session, written, names):
    client = signed_in(make.organiser())

    for _ in range(2):
        assert edit(client, session, new_tables=written).status_code == 302

    assert [table.name for table in session.tables.all()] == names
