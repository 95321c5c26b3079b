"""Pages of the admin about a whole event."""

import datetime
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from events.models import EventPage
from home import record
from home.actions import repeat_event
from home.desk_samples import DESK_STATES, answer
from home.desk_samples import desk as sample_desk
from home.exceptions import EventRefused
from home.forms import RecordForm, RepeatEventForm
from people.actions import record_export
from people.models import User
from people.permissions import is_organiser

PER_PAGE = 50


@require_GET
def who_did_what(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The record of who did what, by person, kind and day; as a table to take along."""
    if not is_organiser(request.user):
        raise PermissionDenied
    form = RecordForm(request.GET)
    wanted = form.wanted()
    if "export" in request.GET:
        actor = cast("User", request.user)
        record_export(actor=actor, about=actor, what="The record of who did what, as CSV")
        answer = StreamingHttpResponse(record.table(wanted), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="who-did-what-{timezone.localdate()}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer
    page = Paginator(record.record(wanted), PER_PAGE).get_page(request.GET.get("p"))
    query = request.GET.copy()
    query.pop("p", None)
    words = {"form": form, "page": page, "query": query.urlencode(), "keep": settings.KEEP_DAYS}
    words["deeds"] = record.read(page.object_list)
    return render(request, "home/admin/record.html", words)


def repeat(request: HttpRequest, event_id: int) -> HttpResponse:
    """Make a new event from this one."""
    if not is_organiser(request.user):
        raise PermissionDenied
    event = get_object_or_404(EventPage, pk=event_id)
    # A year of 52 weeks later: the same weekdays.
    usual = {"title": event.title, "starts_on": event.starts_on + datetime.timedelta(weeks=52), "takes_programme": True}
    form = RepeatEventForm(request.POST if request.method == "POST" else None, initial=usual)
    if form.is_valid():
        try:
            new = repeat_event(actor=cast("User", request.user), event=event, **form.cleaned_data)
        except EventRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"“{new.title}” stands as a draft. Read it through, then publish it.")
            return redirect("wagtailadmin_pages:edit", new.pk)
    return render(request, "home/admin/repeat.html", {"event": event, "form": form}, status=422 if form.errors else 200)


# Where the desk's script asks and sends; what only links lead to leads nowhere in the gallery.
DESK_PARTS = ("decide", "entries", "since", "alike", "context")


def desk_gallery(request: HttpRequest, name: str) -> HttpResponse:
    """The sorting desk in one of its states, with its own templates and scripts. For those who work on them."""
    if not settings.SHOWS_GALLERY or name not in DESK_STATES:
        raise Http404
    addresses = {part: reverse("desk_gallery_part", args=[name, part]) for part in DESK_PARTS}
    links = dict.fromkeys(("points", "themes", "coverage", "echoes", "minority", "ledger_csv", "ledger_json"), "#")
    return render(request, "gallery/desk.html", sample_desk(name, addresses | links))


def desk_gallery_part(request: HttpRequest, name: str, part: str) -> HttpResponse:
    """What the gallery's desk hears from its server. Nothing is kept."""
    if not settings.SHOWS_GALLERY or name not in DESK_STATES or part not in DESK_PARTS:
        raise Http404
    if request.method == "POST":
        refusal = {"ok": False, "code": "gallery", "message": "This is the gallery: nothing is kept.", "cards": []}
        return JsonResponse(refusal, status=422)
    found = answer(name, part, request.GET.dict())
    return HttpResponse(found) if isinstance(found, str) else JsonResponse(found)
