"""Pages of the admin about a whole event."""

import datetime
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from events.models import EventPage
from home import record
from home.actions import repeat_event
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
