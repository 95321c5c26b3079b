"""The accessibility statement, and what those who run an installation add to it."""

import pytest
from django.urls import reverse

from home.models import AccessibilityWords, HomePage, TextPage
from people import roles
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db


def test_statement_is_reached_from_the_footer_of_every_page(client):
    assert '<a href="/accessibility/">Accessibility</a>' in client.get("/").text
    assert "Web Content Accessibility Guidelines 2.2" in client.get("/accessibility/").text


def test_statement_says_that_nobody_can_be_reached_until_somebody_can(client):
    before = client.get("/accessibility/").text
    words = AccessibilityWords.load()
    words.contact = "<p>Write to access@example.org.</p>"
    words.save()

    after = client.get("/accessibility/").text

    assert "have not said here yet" in before
    assert "have not said here yet" not in after
    assert "access@example.org" in after


@pytest.mark.parametrize(("role", "status"), [(roles.ORGANISERS, 200), (roles.EDITORS, 302), (roles.MODERATORS, 302)])
def test_organisers_add_to_the_statement(client, role, status):
    client.force_login(member(role))

    answer = client.get(reverse("wagtailsettings:edit", args=["home", "accessibilitywords"]), follow=status == 200)

    assert answer.status_code == status


def test_page_of_the_same_address_is_not_named_twice_in_the_footer(client):
    HomePage.objects.get().add_child(instance=TextPage(title="Access", slug="accessibility", show_in_menus=True))

    assert ">Access<" not in client.get("/").text
