"""Addresses beside Wagtail's own: the short one on paper, print, data, the entries behind a briefing, the desk's."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin.auth import require_admin_access

from briefings import actions, citations, exports, selectors
from briefings.citations import as_uuid
from briefings.exceptions import BriefingError, NotAllowed
from briefings.forms import WindowForm
from briefings.models import BriefingPage, Edition, ObjectionWindow
from briefings.printing import Printed, print_briefing
from briefings.word import MEDIA_TYPE, as_document
from content.readers import for_readers
from discussion.devices import device_key
from events.models import EventPage
from gathering.models import Entry, Point
from gathering.words import keys_of, keys_of_link
from live.devices import token_of
from people.permissions import is_editor, is_organiser
from propositions.models import PropositionPage

ENTRIES_PER_PAGE = 50


def is_id(text: str) -> bool:
    """Whether a text can be the id of a row; longer numbers are none that a database knows."""
    return text.isdecimal() and len(text) < 12


def published_briefing(address: str) -> BriefingPage:
    return get_object_or_404(BriefingPage.objects.live().public().select_related("series"), short_address=address)


@require_safe
def short(request: HttpRequest, address: str) -> HttpResponse:
    """The address printed on paper leads to the briefing, wherever it stands now."""
    return redirect(published_briefing(address).url)


@for_readers
@require_safe
def data(request: HttpRequest, address: str) -> JsonResponse:
    briefing = published_briefing(address)
    return JsonResponse(exports.as_data(briefing), json_dumps_params={"ensure_ascii": False, "indent": 2})


@require_safe
def schema(request: HttpRequest, version: int) -> JsonResponse:
    """What the data of a briefing keeps to, as a JSON Schema."""
    if version != exports.VERSION:
        raise Http404
    return JsonResponse(
        exports.schema(),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/schema+json",
    )


@require_safe
def document(request: HttpRequest, address: str) -> HttpResponse:
    briefing = published_briefing(address)
    return HttpResponse(
        as_document(briefing),
        content_type=MEDIA_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="briefing-{briefing.short_address}.docx"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
def edition(request: HttpRequest, address: str, number: int) -> HttpResponse:
    """The address printed on an edition: to the briefing while its codes stand, else to a page that looks them up."""
    briefing = published_briefing(address)
    printed_edition = get_object_or_404(Edition, briefing=briefing, number=number)
    if selectors.leads_on(printed_edition, selectors.layout_of(briefing)):
        return redirect(briefing.url)
    evidence = selectors.evidence_of(briefing)
    context = {
        "briefing": briefing,
        "event": evidence.event,
        "section": "briefings",
        "edition": printed_edition,
        "points": selectors.former_points(printed_edition, evidence),
    }
    return render(request, "briefings/edition.html", context)


@require_safe
def point(request: HttpRequest, address: str, point: str) -> HttpResponse:
    """A point's own address, to be quoted elsewhere: short, and it follows the point wherever it moves in the page."""
    briefing = published_briefing(address)
    for published in briefing.published_points.all():
        if citations.short_id(published.point_id) == point:
            return redirect(published.url)
    last = selectors.last_edition_with(briefing, point)
    if last is None:
        raise Http404
    context = {"briefing": briefing, "event": briefing.event, "section": "briefings", "last": last}
    return render(request, "briefings/point_left.html", context, status=410)


@require_safe
def position(request: HttpRequest, address: str, number: int) -> HttpResponse:
    """A point by its number, as addresses said before they held its id. Asks back where the number has moved on."""
    briefing = published_briefing(address)
    found = selectors.points_once_numbered(briefing, number)
    if not found:
        raise Http404
    published = {point.point_id: point for point in briefing.published_points.all()}
    if len(found) == 1 and (now := published.get(found[0][1])):
        return redirect(now.url)
    context = {
        "briefing": briefing,
        "event": briefing.event,
        "section": "briefings",
        "number": number,
        "points": [(edition, published.get(point)) for edition, point in found],
    }
    return render(request, "briefings/position.html", context, status=300)


@for_readers
@require_safe
def follow_ups(request: HttpRequest, address: str) -> HttpResponse:
    """You said, we did: what became of the points of one briefing."""
    briefing = published_briefing(address)
    found = selectors.followed(BriefingPage.objects.filter(pk=briefing.pk))
    context = {"briefing": briefing, "event": briefing.event, "followed": found, "section": "briefings"}
    return render(request, "briefings/follow_ups.html", context)


@for_readers
@require_safe
def all_follow_ups(request: HttpRequest) -> HttpResponse:
    """What became of the points of all briefings, newest first."""
    published = BriefingPage.objects.live().public().select_related("series").order_by("-first_published_at")
    return render(request, "briefings/follow_ups.html", {"followed": selectors.followed(published)})


@sensitive_post_parameters("link")
@never_cache
@require_POST
def objections(request: HttpRequest) -> HttpResponse:
    """Objects to being quoted, or takes that back: for this device, this account, or whoever holds the link."""
    token = request.POST.get("link", "")
    if token:
        keys = keys_of_link(token)
    else:
        keys = keys_of(user=request.user, device_token=token_of(request.COOKIES), device_key=device_key(request))
    briefing_id, entry_id = request.POST.get("briefing", ""), request.POST.get("entry", "")
    if not keys or not (is_id(briefing_id) and is_id(entry_id)):
        raise Http404
    briefing = get_object_or_404(BriefingPage, pk=briefing_id)
    entry = get_object_or_404(Entry, pk=entry_id, author_key__in=keys)
    try:
        if request.POST.get("do") == "take_back":
            actions.take_objection_back(author_keys=keys, briefing=briefing, entry=entry)
        else:
            actions.object_to_quoting(author_keys=keys, briefing=briefing, entry=entry)
    except BriefingError as refusal:
        context = {"refusal": str(refusal), "token": token}
        return render(request, "briefings/objection_refused.html", context, status=409)
    back = reverse("gathering:words_by_link", args=[token]) if token else reverse("gathering:words")
    return redirect(f"{back}#objection-{entry.pk}")


@for_readers
@require_safe
def entries(request: HttpRequest, address: str) -> HttpResponse:
    """Every entry that the briefing answers for, and what became of it; of one `?point=` by its id or number."""
    briefing = published_briefing(address)
    published = list(briefing.published_points.all())
    wanted = request.GET.get("point", "")
    point = next((one for one in published if wanted in (str(one.number), citations.short_id(one.point_id))), None)
    if wanted and point is None:
        raise Http404
    found = selectors.entries_behind(briefing, point)
    results = Paginator(found, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    rows = selectors.fates_of(results.object_list, briefing)
    return render(
        request,
        "briefings/entries.html",
        {
            "briefing": briefing,
            "event": briefing.event,
            "section": "briefings",
            "point": point,
            "points": published,
            "results": results,
            "rows": rows,
            "coverage": selectors.coverage_of(briefing, briefing.event),
        },
    )


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, event_id: int) -> HttpResponse:
    """Open the briefing of the `proposition` asked for (none: of the whole event), or start it from the desk."""
    if not is_editor(request.user):
        raise PermissionDenied
    event = get_object_or_404(EventPage, pk=event_id)
    wanted = (request.POST or request.GET).get("proposition", "")
    propositions = PropositionPage.objects.child_of(event)
    proposition = get_object_or_404(propositions, pk=wanted if is_id(wanted) else None) if wanted else None
    briefing = selectors.briefing_of(event, proposition)
    refusal = ""
    if briefing is None and request.method == "POST":
        try:
            briefing = actions.start_briefing(actor=request.user, event=event, proposition=proposition)
        except BriefingError as error:
            refusal = str(error)
    if briefing is not None:
        return redirect("wagtailadmin_pages:edit", briefing.pk)
    points = Point.objects.filter(event=event, proposition=proposition).annotate(
        standing=Count("excerpts", filter=Q(excerpts__removed_at=None))
    )
    context = {"event": event, "proposition": proposition, "points": points, "refusal": refusal}
    return render(request, "briefings/start.html", context, status=409 if refusal else 200)


@require_admin_access
@require_safe
def excerpts(request: HttpRequest, event_id: int) -> JsonResponse:
    """The event's excerpts for the citation chooser: those of `?point=` first, `?q=` narrows, `?ids=` names them."""
    if not is_editor(request.user):
        return JsonResponse({"error": "Only editors and organisers read the ledger."}, status=403)
    event = get_object_or_404(EventPage, pk=event_id)
    ids = [pk for part in request.GET.get("ids", "").split(",") if (pk := as_uuid(part))]
    rows = selectors.excerpts_to_cite(
        event=event, point_id=as_uuid(request.GET.get("point", "")), words=request.GET.get("q", "")[:200], ids=ids
    )
    return JsonResponse({"excerpts": rows})


@require_admin_access
@require_safe
def checks(request: HttpRequest, page_id: int) -> HttpResponse:
    """The checks of the draft as it was last saved, for the editor's panels; `?print=1` finds out how long it gets."""
    draft = _editable(request, page_id).get_latest_revision_as_object()
    if request.GET.get("print"):
        print_briefing(draft)
    return render(request, "briefings/panels/checks_list.html", {"briefing": draft})


@require_admin_access
@require_http_methods(["GET", "HEAD", "POST"])
def objection_window(request: HttpRequest, page_id: int) -> HttpResponse:
    """Where the organiser lets those who are quoted object, and the editor reads who did."""
    briefing = _editable(request, page_id)
    window = ObjectionWindow.objects.filter(briefing=briefing).first()
    form = WindowForm(request.POST or None, instance=window)
    if request.method == "POST":
        try:
            if request.POST.get("do") == "close":
                actions.close_objections(actor=request.user, briefing=briefing)
                return redirect("briefings:objection_window", briefing.pk)
            if form.is_valid():
                day = form.cleaned_data["closes_on"]
                actions.open_objections(actor=request.user, briefing=briefing, closes_on=day)
                return redirect("briefings:objection_window", briefing.pk)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        except BriefingError as refusal:
            form.add_error("closes_on", str(refusal))
    standing = briefing.objections.filter(taken_back_at=None).select_related("entry").order_by("made_at")
    context = {
        "briefing": briefing,
        "window": window,
        "form": form,
        "standing": standing,
        "may_open": is_organiser(request.user),
    }
    return render(request, "briefings/objection_window.html", context, status=422 if form.errors else 200)


def _editable(request: HttpRequest, page_id: int) -> BriefingPage:
    page = get_object_or_404(BriefingPage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return page


@require_safe
def printed(request: HttpRequest, address: str) -> HttpResponse:
    """The briefing on paper. Made when it is first asked for."""
    briefing = published_briefing(address)
    return _pdf(print_briefing(briefing), f"briefing-{briefing.short_address}.pdf")


@require_admin_access
@require_safe
def draft_print(request: HttpRequest, page_id: int) -> HttpResponse:
    """The latest draft on paper, for those who may edit it. With `?length=1` only how long it gets, as JSON."""
    page = _editable(request, page_id)
    result = print_briefing(page.get_latest_revision_as_object())
    if request.GET.get("length"):
        return JsonResponse({"pages": result.pages, "fits": result.fits, "says": result.says})
    return _pdf(result, f"briefing-{page.short_address}-draft.pdf")


def _pdf(result: Printed, name: str) -> HttpResponse:
    return HttpResponse(
        result.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
