"""Addresses beside Wagtail's own: the short one on paper, print, data, the entries behind a briefing, the desk's."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.auth import require_admin_access

from briefings import actions, exports, selectors
from briefings.citations import as_uuid
from briefings.exceptions import BriefingError
from briefings.models import BriefingPage
from briefings.printing import Printed, print_briefing
from events.models import EventPage
from gathering.models import Point
from people.permissions import is_editor
from propositions.models import PropositionPage

ENTRIES_PER_PAGE = 50


def published_briefing(address: str) -> BriefingPage:
    return get_object_or_404(BriefingPage.objects.live().public().select_related("series"), short_address=address)


@require_safe
def short(request: HttpRequest, address: str) -> HttpResponse:
    """The address printed on paper leads to the briefing, wherever it stands now."""
    return redirect(published_briefing(address).url)


@require_safe
def data(request: HttpRequest, address: str) -> JsonResponse:
    briefing = published_briefing(address)
    return JsonResponse(exports.as_data(briefing), json_dumps_params={"ensure_ascii": False, "indent": 2})


@require_safe
def entries(request: HttpRequest, address: str) -> HttpResponse:
    """Every entry of the ledger that the briefing answers for, and what became of it; `?point=3` for one point."""
    briefing = published_briefing(address)
    published = {point.number: point for point in briefing.published_points.all()}
    wanted = request.GET.get("point", "")
    point = published.get(int(wanted)) if wanted.isdecimal() and len(wanted) < 3 else None
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
            "points": published.values(),
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
    proposition = get_object_or_404(PropositionPage.objects.child_of(event), pk=wanted) if wanted.isdecimal() else None
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


@require_safe
def printed(request: HttpRequest, address: str) -> HttpResponse:
    """The briefing on paper. Made when it is first asked for."""
    briefing = published_briefing(address)
    return _pdf(print_briefing(briefing), f"briefing-{briefing.short_address}.pdf")


@require_admin_access
@require_safe
def draft_print(request: HttpRequest, page_id: int) -> HttpResponse:
    """The latest draft on paper, for those who may edit it. With `?length=1` only how long it gets, as JSON."""
    page = get_object_or_404(BriefingPage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
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
