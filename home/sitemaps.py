"""The map of the site for search engines, beside Wagtail's own of the pages."""

from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet

from people.models import Person
from people.personal import NAME_REMOVED


class PersonSitemap(Sitemap):
    """Profiles. They stand at the site's own address, whatever host the map was asked at."""

    def items(self) -> QuerySet[Person]:
        return Person.objects.exclude(name=NAME_REMOVED).order_by("pk")

    def location(self, item: Person) -> str:
        return settings.BASE_URL.rstrip("/") + item.get_absolute_url()

    def get_urls(self, page: int = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        return [{"location": self.location(item), "lastmod": None} for item in self.paginator.page(page).object_list]
