from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from wagtail.models import Page

from content.cards import answer_with
from content.cards import card as draw_card
from content.models import BasePage
from content.readers import for_readers
from discussion.devices import cookie_name as comment_cookie
from home.desk_samples import DESK_STATES
from home.models import AccessibilityWords, PrivacyWords, TextPage
from home.naming import TEXTS
from home.personal import subject_here, subject_of_link
from home.privacy import words as privacy_words
from home.samples import CODE, WALL_STATES, live_room, wall
from home.searching import Finding, pages_with, people_with, said_with
from home.waiting import duties_of
from live.devices import cookie_name as session_cookie
from live.views import CREAM, qr_code
from people import actions, tasks
from people.exceptions import PersonalError
from people.forms import ErasureForm, LinkForm
from people.models import Person, User
from people.personal import Subject, everything_about

PER_PAGE = 20
LONGEST_QUERY = 200
GALLERIES = ("phone", "console")


def search(request: HttpRequest) -> HttpResponse:
    """Search everything public."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    results = Paginator(pages_with(query), PER_PAGE).get_page(request.GET.get("page"))
    words = {"query": query, "results": results, "section": "search"}
    if results.number == 1:
        total, said = said_with(query)
        people = people_with(query)
        words |= {"people": people, "said": said, "said_in_all": total}
        words["nothing"] = not (results.paginator.count or people or said)
    return render(request, "home/search.html", words)


@never_cache
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Where somebody lands after signing in: what waits for them here, by what they are."""
    return render(request, "home/mine.html", {"groups": duties_of(cast("User", request.user))})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal(request: HttpRequest) -> HttpResponse:
    """What is kept about whoever asks: to see, to take along, to have erased."""
    if request.method == "POST" and request.POST.get("do") == "ask":
        return _ask_for_link(request)
    return _personal(request, subject_here(request), token="")


@sensitive_variables("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def personal_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same, for whoever reads the address that the link was sent to."""
    subject = subject_of_link(token)
    if subject is None:
        return render(request, "home/personal.html", {"link_form": LinkForm(), "is_stale": True}, status=410)
    response = _personal(request, subject, token=token)
    # The address is the secret: no other site may learn it.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _ask_for_link(request: HttpRequest) -> HttpResponse:
    """The same answer whether anything is kept or not: who took part is nobody else's business."""
    form = LinkForm(request.POST)
    if form.is_valid():
        tasks.send_personal_link.enqueue(form.cleaned_data["email"])
        return render(request, "home/personal_sent.html", {"email": form.cleaned_data["email"]})
    return render(request, "home/personal.html", {"link_form": form}, status=422)


def _personal(request: HttpRequest, subject: Subject, *, token: str) -> HttpResponse:
    wish = request.POST.get("do", "") if request.method == "POST" else ""
    kept = everything_about(subject)
    if wish == "export" and kept:
        answer = JsonResponse(kept, json_dumps_params={"ensure_ascii": False, "indent": 2})
        day = timezone.localdate().isoformat()
        answer["Content-Disposition"] = f'attachment; filename="kept-about-me-{day}.json"'
        return answer
    form = ErasureForm(request.POST if wish == "erase" else None)
    if wish == "erase" and kept and form.is_valid():
        try:
            actor = request.user if isinstance(request.user, User) and request.user == subject.user else None
            erasure = actions.erase_person(actor=actor, subject=subject)
        except PersonalError as error:
            form.add_error(None, str(error))
        else:
            briefings = sorted({f"“{one['briefing']}”" for one in kept.get("quotations", [])})
            said = {"changed": erasure.changed, "briefings": briefings, "named": kept.get(TEXTS, [])}
            return _erased(request, said)
    counts = [(name, len(records)) for name, records in kept.items()]
    words = {"counts": counts, "form": form, "link_form": LinkForm(), "token": token, "subject": subject}
    words |= {"quoted": kept.get("quotations", []), "named": kept.get(TEXTS, [])}
    return render(request, "home/personal.html", words, status=422 if form.errors else 200)


def _erased(request: HttpRequest, words: dict[str, object]) -> HttpResponse:
    if request.user.is_authenticated and not User.objects.filter(pk=request.user.pk, is_active=True).exists():
        logout(request)
    answer = render(request, "home/personal_erased.html", words)
    for name in {comment_cookie(), session_cookie()}:
        answer.delete_cookie(name, path="/", samesite="Lax")
    # Unfinished words, copies of what was said, pages kept for when there is no signal: they lie in the browser.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def card(request: HttpRequest, page_id: int) -> HttpResponse:
    """The picture of a page, for those who show a link to it."""
    page = get_object_or_404(Page.objects.live().public(), pk=page_id).specific
    if not isinstance(page, BasePage):
        raise Http404
    return answer_with(draw_card(page.card_words()))


def robots(request: HttpRequest) -> HttpResponse:
    """Where search engines need not look, and the map for those who do."""
    refused = ("/admin/", "/accounts/", "/comments/", "/live/", "/my-data/", "/words/", "/search/")
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in refused),
        "",
        f"Sitemap: {settings.BASE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@for_readers
def accessibility(request: HttpRequest) -> HttpResponse:
    """How far the site can be used by everybody: what was tried, what is known not to work, whom to tell."""
    return render(request, "home/accessibility.html", {"words": AccessibilityWords.load(request)})


@for_readers
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people here, and for how long: read from the installation's settings."""
    # Installations that wrote a page of this address before keep its words.
    own = TextPage.objects.live().public().filter(slug="privacy", depth=3).first()
    return render(request, "home/privacy.html", {**privacy_words(), "words": PrivacyWords.load(request), "own": own})


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component, for those who work on them: those of the pages, of the phone, the console and the wall."""
    if not settings.SHOWS_GALLERY:
        raise Http404
    if request.GET.get("of") in GALLERIES:
        return render(request, f"gallery/{request.GET['of']}.html", live_room())
    if request.GET.get("of") == "wall" and request.GET.get("state") in WALL_STATES:
        return render(request, "gallery/wall.html", {"qr_address": "?of=qr", **wall(request.GET["state"])})
    if request.GET.get("of") == "qr":
        return qr_code(request.build_absolute_uri(reverse("live:phone", args=[CODE])), light=CREAM)
    folder = settings.BASE_DIR / "templates" / "components" / "icons"
    moment = timezone.now()
    icons = [{"name": path.stem, "template": f"components/icons/{path.name}"} for path in sorted(folder.glob("*.svg"))]
    people = [Person(name="Ottoline Crane", slug="ottoline-crane", role="Pilot"), Person(name="Tessa", slug="tessa")]
    voices = [
        Finding(
            "Run the last boat at midnight.", "Ward clerk", "said live on proposition 4, 10.42", "#responses", moment
        ),
        Finding("Nobody asked us.", "", "on proposition 2, yesterday", "#responses", moment),
    ]
    words = {
        "icons": icons,
        "people": people,
        "voices": voices,
        "results": Paginator(range(60), PER_PAGE).get_page(2),
        "walls": WALL_STATES,
        "desks": DESK_STATES,
    }
    return render(request, "gallery/index.html", words)
