"""The address that an installation is given, and what of it stands in the database."""

import pytest
from django.contrib.sites.models import Site as DjangoSite
from wagtail.models import Site

from home.actions import follow_base_url
from home.models import HomePage
from tests.factories.news import NewsIndexPageFactory, PostPageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _other_tests_keep_their_address():
    yield
    DjangoSite.objects.clear_cache()


def test_site_that_moved_names_its_new_address(client, settings):
    PostPageFactory(parent=NewsIndexPageFactory())
    settings.BASE_URL = "https://summit.example.org"
    settings.ALLOWED_HOSTS = ["summit.example.org"]

    assert follow_base_url()

    asked = {"headers": {"host": "summit.example.org"}, "secure": True}
    assert HomePage.objects.get().full_url == "https://summit.example.org/"
    assert '<link rel="canonical" href="https://summit.example.org/">' in client.get("/", **asked).text
    assert 'href="https://summit.example.org/news/' in client.get("/feed/", **asked).text
    assert not follow_base_url()


def test_address_of_another_site_is_left_to_it(settings):
    other = Site.objects.create(hostname="summit.example.org", port=443, root_page=HomePage.objects.get())
    settings.BASE_URL = "https://summit.example.org"

    follow_base_url()

    other.refresh_from_db()
    assert (other.hostname, other.is_default_site) == ("summit.example.org", False)
    assert Site.objects.get(is_default_site=True).hostname == "localhost"
