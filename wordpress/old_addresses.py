"""How WordPress wrote its addresses, so that those of a blog that was imported go on leading somewhere."""

import re
from urllib.parse import parse_qs, urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from discussion.models import DiscussedPageMixin
from events.models import EventPage
from news.models import NewsIndexPage, PostPage
from propositions.models import PropositionPage
from wordpress.models import OldAddress

# What follows an address for a further page of it, its feed, or another way to see it.
_tail = re.compile(
    r"/(?:(?P<feed>(?:feed|rss)(?:/(?:rss2?|atom|rdf|feed))?|wp-(?:rss2?|atom|rdf|feed)\.php)"
    r"|page/\d{1,6}|comment-page-\d{1,6}|trackback|amp|embed|index\.php)/?$"
)
_sized = re.compile(r"-(?:\d{2,5}x\d{2,5}|scaled)(?=\.[a-z0-9]{2,5}$)", re.IGNORECASE)
_month = re.compile(r"(\d{4})(\d{2})?(\d{2})?")
LONGEST = 255
SHORT = ("p", "page_id", "attachment_id")
# Queries that choose what stands at the top of a blog.
QUERIES = (*SHORT, "cat", "author", "tag", "category_name", "author_name", "m", "feed")


def is_short(query: str) -> bool:
    return any(name in SHORT for name in parse_qs(query))


def unsized(path: str) -> str:
    """The address of a picture without what WordPress adds for smaller copies."""
    return _sized.sub("", path)


def is_withdrawn(request: HttpRequest) -> bool:
    """Whether somebody asks by a short address for what came in with a blog and is not for the public, as a draft."""
    numbers = [request.GET[name][:LONGEST] for name in SHORT if request.GET.get(name, "").isdecimal()]
    return OldAddress.objects.filter(path__in=[f"/?p={number}" for number in numbers], page__live=False).exists()


def destination(request: HttpRequest) -> str | None:
    """Where the address of a request leads, if an imported blog had it."""
    path = request.path
    # PostgreSQL takes no such character in what it is asked for.
    if "\0" in path or len(path) > LONGEST + 50:
        return None
    base, is_feed, has_tail = _without_tails(path)
    is_feed = is_feed or "feed" in request.GET
    wanted = _wanted(request, path, base)
    found = {old.path: old for old in OldAddress.objects.filter(path__in=wanted).select_related("page", "person")}
    for name in wanted:
        if name in found and (address := address_of(found[name], is_feed=is_feed)):
            return address if address != request.get_full_path() else None
    return _page_with_tail(request, base, is_feed=is_feed) if has_tail and base != "/" else None


def _without_tails(path: str) -> tuple[str, bool, bool]:
    is_feed, base = False, path
    while match := _tail.search(base):
        is_feed = is_feed or bool(match.group("feed"))
        base = base[: match.start()]
    return base.rstrip("/") or "/", is_feed, base != path


def _wanted(request: HttpRequest, path: str, base: str) -> list[str]:
    """What to look for, the most telling first."""
    top = base.rstrip("/")
    wanted = []
    for name in QUERIES:
        value = request.GET.get(name, "").strip("/")[:LONGEST]
        if not value or "\0" in value:
            continue
        match name:
            case "p" | "page_id" | "attachment_id":
                wanted.append(f"{base}?p={value}")
            case "cat" | "author":
                wanted.append(f"{base}?{name}={value}")
            case "tag":
                wanted.append(f"{top}/tag/{value}")
            case "category_name":
                wanted.append(f"{top}/category/{value}")
            case "author_name":
                wanted.append(f"{top}/author/{value}")
            case "m" if month := _month.fullmatch(value):
                wanted.append("/".join([top, *filter(None, month.groups())]))
    if "feed" not in request.GET and (wanted or path == "/"):
        return wanted
    return list(dict.fromkeys([*wanted, path.rstrip("/") or "/", base, unsized(base)]))


def address_of(old: OldAddress, *, is_feed: bool = False) -> str | None:
    if old.person:
        return reverse("people:person", args=[old.person.slug])
    if old.image_id:
        return str(old.image.file.url)
    if old.document_id:
        return str(old.document.url)
    if old.page:
        return _address_of_page(old.page, is_feed=is_feed)
    if is_feed:
        posts = PostPage.objects.live().public().filter(category=old.category) if old.category else None
        return reverse("news:category_rss", args=[old.category]) if posts and posts.exists() else reverse("news:rss")
    news = NewsIndexPage.objects.live().first()
    if news is None:
        return (old.event.get_url() if old.event and old.event.live else None) or "/"
    return f"{news.get_url()}{'?' + urlencode({'category': old.category}) if old.category else ''}"


def _address_of_page(page: Page, *, is_feed: bool) -> str | None:
    if not page.live:
        return None
    if not is_feed:
        found: str | None = page.specific_deferred.get_url()
        return found
    if issubclass(page.specific_class, EventPage | NewsIndexPage):
        return reverse("news:rss")
    if issubclass(page.specific_class, PropositionPage):
        return reverse("news:proposition_rss", args=[page.pk])
    is_discussed = issubclass(page.specific_class, DiscussedPageMixin)
    return reverse("comments-feed-rss", args=[page.pk]) if is_discussed else _address_of_page(page, is_feed=False)


def _page_with_tail(request: HttpRequest, base: str, *, is_feed: bool) -> str | None:
    """The page whose address, here or on an old site, stands before the tail."""
    if not OldAddress.objects.exists():
        return None
    old = Redirect.objects.filter(old_path=Redirect.normalise_path(base), redirect_page__isnull=False).first()
    page = old.redirect_page if old else _page_at(request, base)
    return _address_of_page(page, is_feed=is_feed) if page else None


def _page_at(request: HttpRequest, path: str) -> Page | None:
    # Not by Wagtail's own look-up, which keeps its answer for the request's whole address.
    site = Site.find_for_request(request)
    try:
        return site.root_page.specific.route(request, [part for part in path.split("/") if part]).page if site else None
    except Http404:
        return None
