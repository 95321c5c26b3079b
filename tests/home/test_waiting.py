"""Each role lands where its work waits."""

import pytest
from django.urls import reverse

from discussion import actions as discussing
from events.models import Phase
from people import roles
from tests.factories import briefings as make_briefings
from tests.factories import live as make_live
from tests.factories.discussion import comment, event_page, member, proposition_page
from tests.factories.people import PersonFactory
from tests.factories.propositions import PropositionFacilitatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return event_page(title="The Harvest Summit", phase_override=Phase.DURING, is_current=True)


def landing(client, user):
    client.force_login(user)
    answer = client.get("/mine/")
    assert answer.status_code == 200
    return answer.text


def test_stranger_is_asked_to_sign_in(client):
    assert client.get("/mine/").status_code == 302


def test_signing_in_leads_to_what_waits(settings):
    assert reverse(settings.LOGIN_REDIRECT_URL) == "/mine/"


def test_delegate_is_led_to_their_words(client, event):
    delegate = member()
    comment(proposition_page(event), actor=delegate)

    page = landing(client, delegate)

    assert "1 said" in page
    assert reverse("gathering:words") in page
    for other in ("As a facilitator", "As a moderator", "As an editor", "As an organiser", "Go to the admin"):
        assert other not in page


def test_facilitator_sees_sessions_and_responses_without_an_answer(client, event):
    facilitator = member()
    person = PersonFactory(user=facilitator)
    proposition = proposition_page(event, title="Ferries are roads", number=3)
    PropositionFacilitatorFactory(proposition=proposition, person=person)
    session = make_live.live_session(proposition, state="open")
    session.facilitators.add(facilitator)
    answered = comment(proposition, body="Answered.")
    comment(proposition, body="Not answered.")
    discussing.submit_comment(page=proposition, actor=facilitator, body="So be it.", consent="role", parent=answered)

    page = landing(client, facilitator)

    assert f"/live/{session.code}/console/" in page
    assert "Open now" in page
    assert ">1</span>" in page
    assert "without an answer of yours" in page


def test_facilitator_with_the_role_is_led_to_writing_a_post(client, event):
    writer = member(roles.FACILITATORS)
    proposition = proposition_page(event, facilitator=writer)
    client.force_login(writer)

    address = reverse("wagtailadmin_pages:add", args=["news", "postpage", proposition.pk])

    assert f'href="{address}"' in client.get("/mine/").text
    assert client.get(address).status_code == 200


def test_moderator_sees_what_is_held(client, event):
    discussing.hold_comment(actor=member(roles.MODERATORS), comment=comment(proposition_page(event)))

    page = landing(client, member(roles.MODERATORS))

    assert "Comments to look at" in page
    assert ">1</span>" in page


def test_editor_sees_what_is_undecided_and_drafts(client, event):
    proposition = proposition_page(event, title="Ferries are roads", number=3)
    comment(proposition)
    comment(proposition)
    draft = make_briefings.make_briefing(event, proposition)
    draft.unpublish()

    page = landing(client, member(roles.EDITORS))

    assert "Sort 3. Ferries are roads" in page
    assert "of 2 undecided" in page
    assert reverse("wagtailadmin_pages:edit", args=[draft.pk]) in page


def test_admin_begins_with_how_the_event_stands(client, event, django_assert_max_num_queries):
    proposition = proposition_page(event)
    session = make_live.live_session(proposition, state="closed")
    make_live.contribution(make_live.participant(make_live.live_session(proposition)), "Said.")
    comment(proposition)
    client.force_login(member(roles.ORGANISERS))

    page = client.get(reverse("wagtailadmin_home")).text

    assert session
    assert "The Harvest Summit" in page
    assert "1 closed" in page
    assert "0% decided" in page
    assert "As an organiser" in page


def test_admin_says_what_to_do_without_an_event(client):
    client.force_login(member(roles.ORGANISERS))

    page = client.get(reverse("wagtailadmin_home")).text

    assert "Mark an event as the current one" in page


def test_more_said_costs_no_more_queries(client, event, django_assert_max_num_queries):
    proposition = proposition_page(event)
    organiser = member(roles.ORGANISERS)
    client.force_login(organiser)
    comment(proposition)
    client.get("/mine/")
    with django_assert_max_num_queries(60) as few:
        client.get("/mine/")
    for _ in range(20):
        comment(proposition)
    with django_assert_max_num_queries(len(few)):
        client.get("/mine/")
