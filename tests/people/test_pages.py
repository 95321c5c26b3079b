"""The people whom readers may know."""

import pytest

from discussion.actions import hide_comment
from people import roles
from people.personal import NAME_REMOVED
from tests.factories.discussion import comment, event_page, member, proposition_page
from tests.factories.news import NewsIndexPageFactory, PostPageFactory
from tests.factories.people import PersonFactory, picture
from tests.factories.propositions import PropositionFacilitatorFactory, PropositionPageFactory

pytestmark = pytest.mark.django_db


def test_people_stand_in_the_order_of_their_names(client):
    PersonFactory(name="Ottoline Crane")
    PersonFactory(name="Barnaby Ebb")

    page = client.get("/people/").text

    assert page.index("Barnaby Ebb") < page.index("Ottoline Crane")


def test_profile_shows_what_somebody_facilitated_and_wrote(client):
    person = PersonFactory(name="Ottoline Crane", role="Pilot", biography="Knows every sandbank.")
    facilitated = PropositionPageFactory(title="Ferries are roads", number=3)
    PropositionFacilitatorFactory(person=person, proposition=facilitated)
    PostPageFactory(parent=NewsIndexPageFactory(), title="The boats are hired", author=person)
    PropositionPageFactory(title="Somebody else's")

    page = client.get(person.get_absolute_url()).text

    assert "Knows every sandbank." in page
    assert "3. Ferries are roads" in page
    assert f"{facilitated.event.title}, {facilitated.event.starts_on.year}" in page
    assert "The boats are hired" in page
    assert "Somebody else" not in page


def test_profile_costs_the_same_however_much_somebody_facilitated(queries_of):
    person = PersonFactory()
    PropositionFacilitatorFactory(person=person, proposition=PropositionPageFactory(number=1))
    once = queries_of(person.get_absolute_url())
    for number in (2, 3, 4):
        PropositionFacilitatorFactory(person=person, proposition=PropositionPageFactory(number=number))

    assert queries_of(person.get_absolute_url()) == once


def test_profile_does_not_show_what_is_unpublished(client):
    person = PersonFactory()
    PropositionFacilitatorFactory(person=person, proposition=PropositionPageFactory(title="Not out yet", live=False))

    assert "Not out yet" not in client.get(person.get_absolute_url()).text


def test_somebody_who_was_erased_is_not_named_among_people(client):
    PersonFactory(name=NAME_REMOVED)
    PersonFactory(name="Barnaby Ebb")

    page = client.get("/people/").text

    assert NAME_REMOVED not in page
    assert "Barnaby Ebb" in page


def test_somebody_unknown_is_not_found(client):
    assert client.get("/people/nobody-at-all/").status_code == 404


def test_people_cost_the_same_with_thirty_of_them(queries_of, media):
    PersonFactory(portrait=picture())
    few = queries_of("/people/")
    for _ in range(29):
        PersonFactory(portrait=picture())

    assert queries_of("/people/") == few


def test_profile_shows_what_somebody_said_under_their_name(client):
    user = member()
    person = user.person if hasattr(user, "person") else PersonFactory(user=user)
    proposition = proposition_page(event_page(), title="Ferries are roads")
    comment(proposition, actor=user, body="Said under my name.", consent="named")
    comment(proposition, actor=user, body="Said by role alone.", role="Pilot", is_name_shown=False)
    comment(proposition, body="Said by another.")
    hidden = comment(proposition, actor=user, body="Hidden since.")
    hide_comment(actor=member(roles.MODERATORS), comment=hidden, reason="Off the matter.")

    page = client.get(person.get_absolute_url()).text

    assert "Said under my name." in page
    assert "on “Ferries are roads”" in page
    for other in ("Said by role alone.", "Said by another.", "Hidden since."):
        assert other not in page
