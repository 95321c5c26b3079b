"""What every feed of the site has in common."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed


class SiteFeed(Feed):
    """A feed by the site itself: Atom wants an author of the whole where an entry has none."""

    def author_name(self) -> str:
        return settings.SITE_NAME


def feed_id(name: str) -> str:
    """What a thing is known by in every feed it stands in: an address of no page (RFC 4151), as Atom wants it."""
    return f"tag:{urlsplit(settings.BASE_URL).hostname},2026:{name}"
