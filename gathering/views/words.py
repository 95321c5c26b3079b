"""Public pages: where somebody's words went, and what became of everything."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from content.converters import id_in
from discussion.devices import device_key
from events.models import EventPage
from gathering import actions
from gathering.exceptions import WishRefused
from gathering.forms import WishForm
from gathering.models import Desk, Entry
from gathering.permissions import can_read_ledger
from gathering.publications import standings_of
from gathering.selectors import coverage, public_ledger
from gathering.words import WordsAtEvent, keys_of, keys_of_link, words_of
from live.devices import token_of

PER_PAGE = 60
# On one page, to print it.
WHOLE = 1000


def _keys(request: HttpRequest) -> list[str]:
    return keys_of(user=request.user, device_token=token_of(request.COOKIES), device_key=device_key(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """For this device, and for whoever is signed in."""
    keys = _keys(request)
    if request.method == "POST" and request.POST.get("do") == "keep":
        if not keys:
            return redirect("gathering:words")
        return redirect("gathering:words_by_link", token=actions.make_link(author_keys=keys))
    return _show(request, keys, is_link=False)


@sensitive_variables("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def words_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever holds the link."""
    keys = keys_of_link(token)
    if keys is None:
        raise Http404
    response = _show(request, keys, is_link=True)
    # The address is the secret: no other site may learn it. With no referrer at all, browsers hide the origin of forms.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _show(request: HttpRequest, keys: list[str], *, is_link: bool) -> HttpResponse:
    form, wished = None, None
    status = 200
    groups = words_of(keys)
    if request.method == "POST":
        wished = next((one.event for one in groups if str(one.event.pk) == request.POST.get("event")), None)
        form = WishForm(request.POST)
        if wished and form.is_valid():
            try:
                actions.wish_to_be_told(author_keys=keys, event=wished, email=form.cleaned_data["email"])
            except WishRefused as refusal:
                form.add_error("email", str(refusal))
            else:
                groups = words_of(keys)
        status = 422 if form.errors else 200
    return render(
        request,
        "gathering/words.html",
        {
            "groups": [_with_form(request, group, form if wished == group.event else None) for group in groups],
            "is_link": is_link,
            "event": groups[0].event if groups else None,
        },
        status=status,
    )


def _with_form(request: HttpRequest, group: WordsAtEvent, form: WishForm | None) -> dict[str, object]:
    has_failed = form is not None and bool(form.errors)
    if not has_failed:
        email = request.user.email if request.user.is_authenticated else ""
        form = WishForm(initial={"email": email})
    form.auto_id = f"id_{group.event.pk}_%s"
    return {"group": group, "form": form}


@require_GET
def ledger(request: HttpRequest, slug: str) -> HttpResponse:
    """What became of everything said at an event, if its organiser shows it. Names nobody."""
    event = get_object_or_404(EventPage.objects.live().public(), slug=slug)
    is_shown = Desk.objects.filter(event=event, shows_ledger=True).exists()
    if not is_shown and not can_read_ledger(request.user):
        raise Http404
    chosen = request.GET.get("became", "")
    chosen = chosen if chosen in Entry.Disposition.values else ""
    number = id_in(request.GET.get("proposition"))
    rows = public_ledger(event, disposition=chosen, proposition_number=number)
    is_whole = request.GET.get("all") == "1"
    results = Paginator(rows, WHOLE if is_whole else PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "gathering/ledger.html",
        {
            "event": event,
            "is_shown": is_shown,
            "coverage": coverage(event),
            "chosen": chosen,
            "number": number,
            "numbers": sorted(set(_numbers(event))),
            "dispositions": [(value, Entry.Disposition(value).label) for value in Entry.Disposition.values],
            "results": results,
            "is_whole": is_whole,
            "rows": standings_of(results.object_list),
        },
    )


def _numbers(event: EventPage) -> list[int]:
    return list(
        Entry.objects.filter(event=event, proposition__isnull=False)
        .values_list("proposition__number", flat=True)
        .distinct()
    )
