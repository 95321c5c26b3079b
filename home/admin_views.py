"""Pages of the admin about a whole event."""

import datetime
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from events.models import EventPage
from home.actions import repeat_event
from home.exceptions import EventRefused
from home.forms import RepeatEventForm
from people.models import User
from people.permissions import is_organiser


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
