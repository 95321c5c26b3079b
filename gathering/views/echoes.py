"""What was said in the same words: proposals to collapse, keep apart or refuse."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from content.converters import id_in
from gathering import actions
from gathering.desk import Desk, desk_echoes
from gathering.echo_piles import echo_piles, refused_piles
from gathering.exceptions import GatheringError
from gathering.looks import shown_looks
from gathering.models import DeskLook, Echo
from gathering.permissions import can_sort
from gathering.views.desk import address, desk_view, wants_json
from gathering.views.looks import ask, look_context, look_payload, stop
from realtime.log import last_seq, read

# So many groups stand on the page at first, and come with each asking for more.
SHOWN = 50
# After these, the groups are others, or other entries of them are undecided.
TELLING = ("echoes.changed",)


@desk_view
@require_GET
def echoes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every group of entries in the same words, largest first."""
    opened = actions.open_desk(event_id=desk.event.pk)
    context = {
        "desk": desk,
        "desk_address": address(desk),
        "since_address": address(desk, "echoes_since"),
        # Before what it tells of: what comes between is told once more.
        "seq": last_seq(opened.stream_id),
        **look_context(request, desk, shown_looks(desk)[DeskLook.Kind.ECHOES]),
        **_pile_context(request, desk),
    }
    return render(request, "gathering/echoes.html", context)


@desk_view
@require_GET
def since(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How far the look is, and the groups anew if they have changed after a number. Asked every two seconds."""
    opened = actions.open_desk(event_id=desk.event.pk)
    after = id_in(request.GET.get("after")) or 0
    seq = last_seq(opened.stream_id)
    shown = shown_looks(desk)[DeskLook.Kind.ECHOES]
    answer: dict[str, Any] = {"seq": seq, "look": look_payload(request, desk, shown, "gathering/look.html")}
    if seq > after and any(event.kind in TELLING for event in read(opened.stream_id, after=after, upto=seq)):
        context = _pile_context(request, desk)
        answer["piles"] = render_to_string("gathering/echoes.html#piles", context, request=request)
    return JsonResponse(answer)


def _pile_context(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    piles = echo_piles(desk)
    shown = max(SHOWN, id_in(request.GET.get("to")) or 0)
    return {
        "desk_address": address(desk),
        "decide_address": address(desk, "echo"),
        "piles": piles[:shown],
        "to": shown,
        "is_longer": shown > SHOWN,
        "more": min(SHOWN, len(piles) - shown),
        "left": len(piles) - shown,
        "may_sort": can_sort(request.user, desk.event),
        "refused": refused_piles(desk),
    }


@desk_view
@require_POST
def echo(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Look for echoes or stop looking, or do what a form says with one of them."""
    said = ""
    try:
        match request.POST.get("do"):
            case "find":
                ask(request, desk, DeskLook.Kind.ECHOES)
            case "stop":
                stop(request, desk, DeskLook.Kind.ECHOES)
            case _:
                _decide(request, desk)
    except GatheringError as refusal:
        said = str(refusal)
    if wants_json(request):
        return JsonResponse({"message": said}, status=422 if said else 200)
    if said:
        messages.error(request, said)
    # Back to the group that was decided about, on a page as long as it was.
    to, about = id_in(request.POST.get("to")), id_in(request.POST.get("echo"))
    query, place = f"?to={to}" if to else "", f"#echo-{about}" if about else ""
    return HttpResponseRedirect(f"{address(desk, 'echoes')}{query}{place}")


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
        case "bring_back":
            actions.bring_back_echo(actor=actor, echo=chosen)
