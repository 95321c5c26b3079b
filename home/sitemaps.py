"""The map of the site for search engines, beside Wagtail's own of the pages."""

from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from people.models import Person
from people.personal import NAME_REMOVED


class _OwnAddressSitemap[Item](Sitemap):
    """What is no page of Wagtail's. It stands at the site's own address, whatever host the map was asked at."""

    def get_urls(self, page: int = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        base = settings.BASE_URL.rstrip("/")
        return [{"location": base + self.location(item), "lastmod": None} for item in self.paginator.page(page)]


class PlaceSitemap(_OwnAddressSitemap[str]):
    """Places that every site has, whatever its editors write."""

    def items(self) -> list[str]:
        return ["people:index", "briefings:all_follow_ups", "news:feeds", "accessibility"]

    def location(self, item: str) -> str:
        return reverse(item)


class PersonSitemap(_OwnAddressSitemap[Person]):
    """Profiles."""

    def items(self) -> QuerySet[Person]:
        return Person.objects.exclude(name=NAME_REMOVED).order_by("pk")
