"""What every page has in common."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from home.models import HomePage, TextPage
from people import roles
from people.models import Person
from tests.factories.discussion import member
from tests.factories.events import EventPageFactory

pytestmark = pytest.mark.django_db

TURNED = "Ferries \u202ecasino\u2069 are\u200b  roads"
STRAIGHT = "Ferries casino are roads"


def test_page_keeps_no_line_that_turns_the_text_around():
    event = EventPageFactory(title=TURNED, venue=TURNED)

    event.refresh_from_db()

    assert (event.title, event.draft_title, event.venue) == (STRAIGHT, STRAIGHT, STRAIGHT)
    assert event.slug == "ferries-casino-are-roads"


def test_title_of_which_nothing_is_left_is_refused():
    page = TextPage(title="\u202e\u200b", slug="nothing")

    with pytest.raises(ValidationError) as refused:
        HomePage.objects.get().add_child(instance=page)

    assert set(refused.value.message_dict) == {"title"}


def test_draft_typed_in_the_admin_is_clean(client):
    client.force_login(member(roles.ORGANISERS))
    address = reverse("wagtailadmin_pages:add", args=["home", "textpage", HomePage.objects.get().pk])

    form = {"title": TURNED, "slug": "privacy", "body": streamfield([]), "comments": inline_formset([])}
    client.post(address, nested_form_data(form))

    assert TextPage.objects.get().title == STRAIGHT
    assert TextPage.objects.get().latest_revision.as_object().title == STRAIGHT


def test_name_of_a_person_typed_in_the_admin_is_clean(client):
    client.force_login(member(roles.ORGANISERS))

    form = {"name": TURNED, "slug": "ferries", "role": "\u2066Pilot"}
    client.post(reverse("wagtailsnippets_people_person:add"), form)

    assert list(Person.objects.values_list("name", "role")) == [(STRAIGHT, "Pilot")]
