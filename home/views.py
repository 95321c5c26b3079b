from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.models import Page

PER_PAGE = 20
LONGEST_QUERY = 200


def search(request: HttpRequest) -> HttpResponse:
    """Search everything public."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    pages = Page.objects.live().public().filter(depth__gt=2)
    # SQLite's full-text search takes a lone quotation mark for a string without an end.
    words = query.replace('"', " ").strip()
    found = pages.search(words) if words else pages.none()
    results = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "home/search.html", {"query": query, "results": results, "section": "search"})


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component on one page, for those who work on them."""
    folder = settings.BASE_DIR / "templates" / "components" / "icons"
    icons = [{"name": path.stem, "template": f"components/icons/{path.name}"} for path in sorted(folder.glob("*.svg"))]
    return render(request, "gallery/index.html", {"icons": icons})
