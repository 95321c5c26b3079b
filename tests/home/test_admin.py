"""Making the site in the admin: who may, and whether previews show what is being written."""

import datetime
from html import unescape

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from events.models import Partner
from home.models import HomePage
from people import roles
from people.models import Person
from people.personal import NAME_REMOVED
from propositions.models import PropositionPage
from tests.factories.discussion import member
from tests.factories.events import EventPageFactory, PartnerFactory
from tests.factories.live import live_session
from tests.factories.people import PersonFactory
from tests.factories.propositions import PropositionPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventPageFactory()


def proposition_form(person):
    return nested_form_data(
        {
            "title": "Ferries are roads",
            "slug": "ferries-are-roads",
            "number": 1,
            "category": "",
            "summary": "",
            "discussion_override": "",
            "statement": streamfield([("paragraph", rich_text("<p>The tide keeps its own timetable.</p>"))]),
            "proposition_facilitators": inline_formset([{"person": person.pk}]),
            "resources": inline_formset([]),
            "comments": inline_formset([]),
        }
    )


def event_form():
    return nested_form_data(
        {
            "title": "The Estuary Summit",
            "slug": "the-estuary-summit",
            "strapline": rich_text("<p>with <i>the tide</i></p>"),
            "introduction": rich_text("<p>Three days by the water.</p>"),
            "host": "Society of Pilots",
            "venue": "",
            "starts_on": "2026-10-13",
            "ends_on": "2026-10-15",
            "phase_override": "",
            "event_partners": inline_formset([]),
            "comments": inline_formset([]),
        }
    )


def test_organiser_makes_and_publishes_a_proposition(client, event):
    client.force_login(member(roles.ORGANISERS))

    answer = client.post(
        reverse("wagtailadmin_pages:add", args=["propositions", "propositionpage", event.pk]),
        {**proposition_form(PersonFactory(name="Ottoline Crane")), "action-publish": "yes"},
    )

    assert answer.status_code == 302
    proposition = PropositionPage.objects.get()
    assert (proposition.live, proposition.statement_version_number()) == (True, 1)
    assert "Ottoline Crane" in client.get(proposition.url).text


def test_dates_that_leave_the_sessions_of_an_event_behind_are_told_of(client, event):
    live_session(event=event, title="Left behind", starts_at=datetime.datetime(2031, 10, 13, 9, tzinfo=datetime.UTC))
    client.force_login(member(roles.ORGANISERS))

    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=[event.pk]), {**event_form(), "action-publish": "yes"}, follow=True
    )

    event.refresh_from_db()
    assert (event.title, event.starts_on.year) == ("The Estuary Summit", 2026)
    assert "“Left behind”, 13 October 2031" in unescape(answer.text)


def test_new_post_names_its_writer_until_somebody_else_is_chosen(client, event):
    writer = member(roles.ORGANISERS)
    person = PersonFactory(name="Ottoline Crane", user=writer)
    client.force_login(writer)
    address = reverse("wagtailadmin_pages:add", args=["news", "postpage", PropositionPageFactory(parent=event).pk])

    form = client.get(address).context["form"]

    assert form["author"].value() == person.pk


def test_number_of_another_proposition_is_refused(client, event):
    client.force_login(member(roles.ORGANISERS))
    PropositionPageFactory(parent=event, number=1, title="Tides are clocks")
    PropositionPageFactory(number=1)
    address = reverse("wagtailadmin_pages:add", args=["propositions", "propositionpage", event.pk])
    person = PersonFactory()

    refused = client.post(address, {**proposition_form(person), "action-publish": "yes"})
    taken = client.post(address, {**proposition_form(person), "number": 2, "action-publish": "yes"})

    assert "“Tides are clocks” is number 1 already." in refused.text
    assert taken.status_code == 302
    page = PropositionPage.objects.get(number=2)
    again = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), {**proposition_form(person), "number": 2, "category": "Sea"}
    )
    assert again.status_code == 302


def test_people_to_choose_from_are_told_apart(client):
    client.force_login(member(roles.ORGANISERS))
    PersonFactory(name="Ottoline Crane", role="Pilot", organisation="Harbour Board")
    PersonFactory(name=NAME_REMOVED)

    modal = client.get(reverse("wagtailsnippetchoosers_people_person:choose")).json()["html"]
    found = client.get(reverse("wagtailsnippetchoosers_people_person:choose_results"), {"q": "ottoline"}).text

    assert "Pilot, Harbour Board" in modal
    assert NAME_REMOVED not in modal
    assert "Pilot, Harbour Board" in found


def test_new_partner_is_made_where_partners_are_chosen(client):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailsnippetchoosers_events_partner:create")

    answer = client.post(address, {"name": "Breakwater Trust"})

    assert answer.json()["step"] == "chosen", answer.text
    assert Partner.objects.get().name == "Breakwater Trust"


def test_editor_writes_but_does_not_publish(client, event):
    client.force_login(member(roles.EDITORS))

    client.post(
        reverse("wagtailadmin_pages:add", args=["propositions", "propositionpage", event.pk]),
        {**proposition_form(PersonFactory()), "action-publish": "yes"},
    )

    assert PropositionPage.objects.get().live is False


@pytest.mark.parametrize(
    ("role", "status"),
    [(roles.MODERATORS, 302), (roles.FACILITATORS, 200), (roles.EDITORS, 200), (roles.ORGANISERS, 200)],
)
def test_roles_see_the_form_of_a_new_page_or_not(client, event, role, status):
    client.force_login(member(role))

    answer = client.get(reverse("wagtailadmin_pages:add", args=["propositions", "propositionpage", event.pk]))

    assert answer.status_code == status


def test_delegate_is_sent_away_from_the_admin(client):
    client.force_login(member())

    assert client.get(reverse("wagtailadmin_home")).status_code == 302


def test_preview_shows_a_proposition_before_it_is_saved(client, event):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailadmin_pages:preview_on_add", args=["propositions", "propositionpage", event.pk])
    client.post(address, proposition_form(PersonFactory(name="Ottoline Crane")))

    preview = client.get(address)

    assert preview.status_code == 200
    assert "The tide keeps its own timetable." in preview.text
    assert "Ottoline Crane" in preview.text


def test_preview_shows_an_event_before_it_is_saved(client):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailadmin_pages:preview_on_add", args=["events", "eventpage", HomePage.objects.get().pk])
    client.post(address, event_form())

    preview = client.get(address)

    assert preview.status_code == 200
    assert "The Estuary Summit" in preview.text
    assert "13–15" in preview.text


def test_preview_shows_a_person_before_they_are_saved(client):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailsnippets_people_person:preview_on_add")
    client.post(address, {"name": "Ottoline Crane", "slug": "ottoline-crane", "role": "Pilot", "biography": "Tides."})

    preview = client.get(address)

    assert preview.status_code == 200
    assert "Ottoline Crane" in preview.text
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("role", "people", "partners"),
    [
        (roles.MODERATORS, 302, 302),
        (roles.FACILITATORS, 302, 302),
        (roles.EDITORS, 200, 302),
        (roles.ORGANISERS, 200, 200),
    ],
)
def test_roles_keep_people_and_partners(client, role, people, partners):
    PersonFactory()
    PartnerFactory()
    client.force_login(member(role))

    assert client.get(reverse("wagtailsnippets_people_person:list")).status_code == people
    assert client.get(reverse("wagtailsnippets_events_partner:list")).status_code == partners


EDITORS_MENU = ("admin/briefing_pages/", "admin/follow_ups/", "reports/aging-pages/", "reports/workflow_tasks/")


@pytest.mark.parametrize(
    ("role", "offered"),
    [(roles.FACILITATORS, ()), (roles.MODERATORS, ()), (roles.EDITORS, EDITORS_MENU), (roles.ORGANISERS, EDITORS_MENU)],
)
def test_menu_offers_a_role_what_it_has_to_do(client, event, role, offered):
    client.force_login(member(role))

    page = client.get(reverse("wagtailadmin_home")).text

    assert tuple(address for address in EDITORS_MENU if f'{address}"' in page) == offered
