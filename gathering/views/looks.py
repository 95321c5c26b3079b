"""Asking for a look through the desk, and telling how far it is."""

import logging
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from gathering import actions
from gathering.desk import Desk
from gathering.looks import ShownLook
from gathering.models import DeskLook
from gathering.permissions import can_sort
from gathering.tasks import look_through

logger = logging.getLogger(__name__)

Kind = DeskLook.Kind

# Among so few it is done before the answer: that takes less than 0.3 s, no longer than a worker takes to begin.
AT_ONCE = 1000
# Where each kind's button leads, and what it says there.
ASKED_AT = {Kind.ECHOES: ("echo", "find"), Kind.THEMES: ("themes", "suggest")}


def ask(request: HttpRequest, desk: Desk, kind: str) -> None:
    """Have the desk looked through: by the worker, or now if that is a matter of a moment."""
    look, is_new = actions.ask_for_look(actor=request.user, event=desk.event, proposition=desk.proposition, kind=kind)
    if not is_new:
        return
    if look.entries > AT_ONCE:
        look_through.enqueue(look.pk)
        return
    try:
        actions.run_look(look_id=look.pk)
    except Exception:
        # The page says that it broke off, as it does of a worker's.
        logger.exception("Look %s broke off", look.pk)


def stop(request: HttpRequest, desk: Desk, kind: str) -> None:
    actions.stop_look(actor=request.user, event=desk.event, proposition=desk.proposition, kind=kind)


def look_context(request: HttpRequest, desk: Desk, shown: ShownLook) -> dict[str, Any]:
    """What `gathering/look.html` shows."""
    name, value = ASKED_AT[Kind(shown.kind)]
    return {
        "shown": shown,
        "look_address": reverse(f"desk:{name}", args=[desk.event.pk, desk.scope]),
        "look_value": value,
        "may_sort": can_sort(request.user, desk.event),
    }


def look_payload(request: HttpRequest, desk: Desk, shown: ShownLook, template: str) -> dict[str, Any]:
    """A look as the pages' scripts take it."""
    return {
        "key": shown.key,
        "percent": shown.percent,
        "said": shown.sentence,
        "is_over": not shown.is_under_way,
        "html": render_to_string(template, look_context(request, desk, shown), request=request),
    }
