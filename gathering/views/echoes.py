"""What was said in the same words: proposals to collapse, keep apart or refuse."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from content.converters import id_in
from gathering import actions
from gathering.desk import Desk, desk_echoes
from gathering.echo_piles import echo_piles
from gathering.exceptions import GatheringError
from gathering.models import Echo
from gathering.permissions import can_sort
from gathering.views.desk import address, desk_view


@desk_view
@require_GET
def echoes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every group of entries in the same words, largest first."""
    return render(
        request,
        "gathering/echoes.html",
        {
            "desk": desk,
            "desk_address": address(desk),
            "decide_address": address(desk, "echo"),
            "piles": echo_piles(desk),
            "may_sort": can_sort(request.user, desk.event),
        },
    )


@desk_view
@require_POST
def echo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Look for echoes, or do what a form says with one of them."""
    actor, given = request.user, request.POST
    try:
        if given.get("do") == "find":
            found = actions.find_echoes(actor=actor, event=desk.event, proposition=desk.proposition)
            messages.success(
                request,
                f"{len(found)} group{'s' if len(found) != 1 else ''} in the same words found."
                if found
                else "Nothing new was said in the same words.",
            )
        elif given.get("do") == "collapse_all":
            for pile in echo_piles(desk):
                if pile.left:
                    actions.collapse_echo(actor=actor, echo=pile.echo, batch=_batch(given.get("batch")))
        else:
            _decide(request, desk)
    except GatheringError as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(address(desk, "echoes"))


def _batch(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _decide(request: HttpRequest, desk: Desk) -> None:
    actor, given = request.user, request.POST
    chosen: Echo = get_object_or_404(desk_echoes(desk), pk=id_in(given.get("echo")))
    match given.get("do"):
        case "collapse":
            into = chosen.entries.filter(pk=id_in(given.get("into"))).select_related("echo").first()
            actions.collapse_echo(actor=actor, echo=chosen, into=into)
        case "expand":
            actions.expand_echo(actor=actor, echo=chosen)
        case "keep":
            actions.keep_echo(
                actor=actor, echo=chosen, label=given.get("label", ""), is_campaign=given.get("campaign") == "1"
            )
        case "refuse":
            actions.refuse_echo(actor=actor, echo=chosen)
