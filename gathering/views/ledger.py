"""The ledger as a file, how far its sorting has come, and what a majority would not see."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gathering.coverage import standing_of
from gathering.desk import Desk, desk_points
from gathering.exports import csv_lines, json_lines, rows_of
from gathering.filters import Filters
from gathering.minority import minority_view
from gathering.views.desk import address, desk_view
from people.actions import record_export
from people.models import User


@desk_view
@require_GET
def export(request: HttpRequest, desk: Desk, form: str) -> HttpResponse | StreamingHttpResponse:
    """What the filter in use holds; the whole ledger of the desk without one."""
    filters = Filters.parse(request.GET) if request.GET else Filters(show="everything")
    rows = rows_of(filters.apply(desk))
    about = desk.proposition or desk.event
    record_export(actor=cast("User", request.user), about=about, what=f"The ledger, as {form.upper()}")
    name = f"ledger-{desk.event.slug}" + (f"-{desk.proposition.number}" if desk.proposition else "")
    if form == "csv":
        answer = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    else:
        facts: dict[str, Any] = {
            "event": desk.event.title,
            "proposition": desk.proposition.title if desk.proposition else None,
            "made_at": timezone.localtime().isoformat(timespec="seconds"),
            "points": [
                {"id": str(point.pk), "position": point.position, "title": point.working_title}
                for point in desk_points(desk)
            ],
        }
        answer = StreamingHttpResponse(json_lines(rows, facts), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


@desk_view
@require_GET
def coverage(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What has become of everything so far, by where it was said and by point."""
    return render(
        request,
        "gathering/coverage.html",
        {"desk": desk, "desk_address": address(desk), "standing": standing_of(desk)},
    )


@desk_view
@require_GET
def minority(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What many opposed, and what few said and nobody answered."""
    return render(
        request,
        "gathering/minority.html",
        {"desk": desk, "desk_address": address(desk), "view": minority_view(desk)},
    )
