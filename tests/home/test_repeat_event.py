"""A new year's event is made from last year's, in the admin, by an organiser."""

import datetime

import pytest
from django.urls import reverse

from discussion.models import Comment
from events.models import EventPage, Phase
from home.actions import repeat_event
from home.exceptions import EventRefused
from live.models import LiveSessionPage
from people import roles
from propositions.models import PropositionPage
from tests.factories import live as make_live
from tests.factories.discussion import comment, event_page, member, proposition_page
from tests.factories.events import EventPartnerFactory

pytestmark = pytest.mark.django_db

FIRST = datetime.date(2026, 11, 20)
NEXT = datetime.date(2027, 11, 19)
STARTS = datetime.datetime(2026, 11, 21, 14, 0, tzinfo=datetime.UTC)


@pytest.fixture
def event():
    event = event_page(
        title="The Harvest Summit",
        starts_on=FIRST,
        ends_on=FIRST + datetime.timedelta(days=2),
        comments_close_on=FIRST + datetime.timedelta(days=1),
        briefings_from=FIRST + datetime.timedelta(days=14),
        phase_override=Phase.AFTER,
        is_current=True,
        host="The Wardens",
    )
    EventPartnerFactory(event=event)
    # Open by itself: the event is in the past, whatever today is.
    proposition = proposition_page(event, title="Ferries are roads", number=3, discussion_override="open")
    comment(proposition)
    make_live.live_session(proposition, state="closed", starts_at=STARTS)
    return event


@pytest.fixture
def organiser():
    return member(roles.ORGANISERS)


def test_new_event_is_a_draft_with_every_date_moved(event, organiser):
    new = repeat_event(actor=organiser, event=event, title="The Second Harvest", starts_on=NEXT)

    new = EventPage.objects.get(pk=new.pk)
    assert (new.title, new.slug, new.live, new.is_current) == ("The Second Harvest", "the-second-harvest", False, False)
    assert (new.starts_on, new.ends_on) == (NEXT, datetime.date(2027, 11, 21))
    assert (new.comments_close_on, new.briefings_from) == (datetime.date(2027, 11, 20), datetime.date(2027, 12, 3))
    assert new.phase_override == ""
    assert new.host == "The Wardens"
    assert [link.partner for link in new.event_partners.all()] == [link.partner for link in event.event_partners.all()]
    assert new.get_latest_revision_as_object().starts_on == NEXT
    assert not new.get_children().exists()
    event.refresh_from_db()
    assert event.is_current


def test_propositions_and_programme_come_along_without_what_was_said(event, organiser):
    new = repeat_event(
        actor=organiser, event=event, title="Again", starts_on=NEXT, takes_propositions=True, takes_programme=True
    )

    proposition = PropositionPage.objects.child_of(new).get()
    session = LiveSessionPage.objects.child_of(new).get()
    old = LiveSessionPage.objects.child_of(event).get()
    assert (proposition.title, proposition.number, proposition.live) == ("Ferries are roads", 3, False)
    assert not Comment.objects.filter(page=proposition).exists()
    assert not proposition.statement_versions.exists()
    assert proposition.discussion_override == ""
    assert session.starts_at == STARTS + datetime.timedelta(weeks=52)
    assert session.starts_at.weekday() == old.starts_at.weekday()
    assert list(session.propositions.all()) == [proposition]
    assert session.live_session.code != old.live_session.code
    assert session.live_session.state == "waiting"
    assert not session.live


def test_programme_alone_names_no_proposition_of_last_year(event, organiser):
    new = repeat_event(actor=organiser, event=event, title="Again", starts_on=NEXT, takes_programme=True)

    assert not LiveSessionPage.objects.child_of(new).get().propositions.exists()


def test_same_title_twice_finds_a_free_address(event, organiser):
    slugs = [repeat_event(actor=organiser, event=event, title=event.title, starts_on=NEXT).slug for _ in range(2)]

    assert len({event.slug, *slugs}) == 3


def test_only_organisers_may(event):
    with pytest.raises(EventRefused):
        repeat_event(actor=member(roles.EDITORS), event=event, title="Again", starts_on=NEXT)


def test_walk_in_the_admin(client, event, organiser):
    client.force_login(organiser)
    address = reverse("repeat_event", args=[event.pk])
    assert address in client.get(reverse("wagtailadmin_explore", args=[event.pk])).text
    assert "2027-11-19" in client.get(address).text

    refused = client.post(address, {"title": " ", "starts_on": "soon"})
    assert refused.status_code == 422
    assert "soon" in refused.text

    answer = client.post(address, {"title": "Next", "starts_on": "2027-11-19", "takes_programme": "on"}, follow=True)

    assert "“Next” stands as a draft" in answer.text
    client.force_login(member(roles.EDITORS))
    assert client.get(address).status_code in (302, 403)
