"""Pages of a live session, and its protocol over HTTP (docs/realtime.md)."""

import io
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import segno
from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from events.models import EventPage
from live import access, actions, calendars, commands, exports, selectors
from live.actions.joining import hash_of_token, new_device_token
from live.devices import remember, token_of
from live.exceptions import BadFrame, IdentityNotAllowed, LiveError, NotAllowed, NotJoined, SecondFactorNeeded
from live.forms import AppearanceForm, CodeForm, ContributionForm, SeatForm
from live.models import CODE_LENGTH, TABLE_KEY_LENGTH, LiveSession, SessionState, Table
from live.permissions import can_export, can_facilitate, can_moderate
from live.polling import poll
from live.selectors import Viewer
from people.actions import record_export
from people.models import User
from realtime import presenters

WHITE, CREAM = "#ffffff", "#f8f5ee"

# Coming in


@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """By code; then, for a session whose code is right, by saying how one wishes to appear."""
    code = (request.POST if request.method == "POST" else request.GET).get("code", "")
    if request.method != "POST" and not code:
        return render(request, "live/join.html", {"code_form": CodeForm(), "session": None})
    form = CodeForm({"code": code})
    code, key = _with_table_key(code)
    try:
        session = _session(request, code) if form.is_valid() else None
        if session is not None and key:
            return HttpResponseRedirect(_table(request, session, key).get_absolute_url())
    except LiveError as refusal:
        form.add_error("code", refusal.message)
        session = None
    if session is None:
        return render(request, "live/join.html", {"code_form": form, "session": None}, status=_refused_status(form))
    if request.method != "POST" or "identity" not in request.POST:
        return HttpResponseRedirect(reverse("live:phone", args=[session.code]))
    return _appear(request, session)


def _with_table_key(code: str) -> tuple[str, str]:
    """The code of a session, and the key of a table if one was typed behind it."""
    plain = "".join(character for character in code if character.isalnum())
    if len(plain) == CODE_LENGTH + TABLE_KEY_LENGTH:
        return plain[:CODE_LENGTH], plain[CODE_LENGTH:]
    return code, ""


def _appear(request: HttpRequest, session: LiveSession) -> HttpResponse:
    form = AppearanceForm(request.POST, session=session)
    if form.is_valid():
        token = token_of(request.COOKIES) or new_device_token()
        try:
            actions.join_session(session=session, token=token, user=request.user, **form.cleaned_data)
        except IdentityNotAllowed as refusal:
            form.add_error(refusal.details.get("field"), refusal.message)
        except LiveError as refusal:
            form.add_error(None, refusal.message)
        else:
            response = HttpResponseRedirect(reverse("live:phone", args=[session.code]), status=303)
            remember(response, request, token)
            return response
    return render(request, "live/join.html", {"session": session, "appearance_form": form}, status=422)


def _refused_status(form: CodeForm) -> int:
    return 404 if form.is_bound else 200


# Pages


def _with_session(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a wrong code with the join page, the code still in its box."""

    @wraps(view)
    def found(request: HttpRequest, code: str, **more: str) -> HttpResponse:
        try:
            session = _session(request, code)
        except LiveError as refusal:
            return _wrong_code(request, code, refusal)
        if session.code != code and request.method == "GET":
            return HttpResponseRedirect(request.get_full_path().replace(code, session.code, 1))
        return view(request, session, **more)

    return found


def _wrong_code(request: HttpRequest, code: str, refusal: LiveError) -> HttpResponse:
    form = CodeForm({"code": code})
    form.is_valid()
    form.add_error("code", refusal.message)
    return render(request, "live/join.html", {"code_form": form, "session": None}, status=refusal.status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_with_session
def seat(request: HttpRequest, session: LiveSession, key: str) -> HttpResponse:
    """Where a table's sheet leads: whoever holds it writes for the table, once they have said how many they are."""
    try:
        table = _table(request, session, key)
    except LiveError as refusal:
        return _wrong_code(request, f"{session.spoken_code} {key}", refusal)
    if session.state == SessionState.CLOSED:
        return HttpResponseRedirect(session.page.url)
    form = SeatForm(request.POST) if request.method == "POST" else SeatForm(initial=_seat_so_far(table))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            token = token_of(request.COOKIES) or new_device_token()
            try:
                actions.take_seat(session=session, token=token, user=request.user, key=table.key, **form.cleaned_data)
            except LiveError as refusal:
                form.add_error(None, refusal.message)
            else:
                response = HttpResponseRedirect(reverse("live:phone", args=[session.code]), status=303)
                remember(response, request, token)
                return response
        status = 422
    context = {
        "session": session,
        "table": table,
        "form": form,
        "has_scribe": table.participants.exclude(token_hash=hash_of_token(token_of(request.COOKIES))).exists(),
    }
    return render(request, "live/seat.html", context, status=status)


def _seat_so_far(table: Table) -> dict[str, Any]:
    return {"headcount": table.headcount if table.seats.exists() or table.headcount > 1 else None, "may_quote": "yes"}


@never_cache
@require_GET
@_with_session
def phone(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """A delegate's page: the prompt, their words, the room's. Not joined yet: how do you wish to appear?"""
    try:
        viewer = _viewer(request, session.code, "participant")
    except NotJoined:
        if session.state == SessionState.CLOSED:
            return HttpResponseRedirect(session.page.url)
        form = AppearanceForm(initial=_appearance_of(request), session=session)
        return render(request, "live/join.html", {"session": session, "appearance_form": form})
    form = ContributionForm(initial={"client_id": uuid.uuid4(), "prompt": session.current_prompt_id})
    return _render_phone(request, viewer, form)


def _render_phone(request: HttpRequest, viewer: Viewer, form: ContributionForm, *, status: int = 200) -> HttpResponse:
    shot = selectors.snapshot(viewer)
    mine = set(shot["you"]["mine"])
    context = {
        "session": viewer.session,
        "participant": viewer.participant,
        "form": form,
        "appearance_form": AppearanceForm(initial=_appearance_of_participant(viewer), session=viewer.session),
        "snapshot": shot,
        "prompt": next((one for one in shot["prompts"] if one["id"] == shot["session"]["prompt"]), None),
        "own": [one for one in reversed(shot["contributions"]) if one["client_id"] in mine],
        "others": [
            one
            for one in reversed(shot["contributions"])
            if one["client_id"] not in mine and one["state"] == "shown" and not one["merged_into"]
        ],
    }
    return render(request, "live/phone.html", context, status=status)


@never_cache
@require_GET
@_with_session
def wall(request: HttpRequest, session: LiveSession) -> HttpResponse:
    viewer = Viewer(session, "wall")
    context = {
        "session": session,
        "snapshot": selectors.snapshot(viewer),
        "qr_address": reverse("live:qr", args=[session.code]),
    }
    return render(request, "live/wall.html", context)


@never_cache
@require_GET
@_with_session
def console(request: HttpRequest, session: LiveSession) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
    try:
        viewer = _viewer(request, session.code, "console")
    except NotAllowed:
        return render(request, "403.html", status=403)
    return render(request, "live/console.html", {"session": session, "snapshot": selectors.snapshot(viewer)})


@never_cache
@require_GET
@_with_session
def sheets(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """Paper for the room: how to join, and one sheet for each table. For whoever may open the console."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
    if not can_moderate(request.user, session):
        return render(request, "403.html", status=403)
    context = {
        "session": session,
        "event": session.page.get_parent().specific,
        "tables": session.tables.all(),
        "join_address": request.get_host() + reverse("live:join").rstrip("/"),
    }
    return render(request, "live/sheets.html", context)


@never_cache
@require_GET
@_with_session
def export(request: HttpRequest, session: LiveSession, kind: str) -> HttpResponse:
    """What was said, as a file: as much of it as this account may see."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={request.path}")
    if kind not in exports.KINDS:
        raise Http404("There is no such export.")
    if not can_export(request.user, session):
        return render(request, "403.html", status=403)
    content = exports.export(user=request.user, session=session, kind=kind)
    record_export(actor=cast("User", request.user), about=session.page, what=f"What was said, as {kind.upper()}")
    response = HttpResponse(content, content_type=exports.KINDS[kind])
    response["Content-Disposition"] = content_disposition_header(True, exports.file_name(session, kind)) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@cache_control(max_age=3600)
@_with_session
def qr(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """The phone's address as a QR code; for paper without the ground that screens need."""
    light = WHITE if "paper" in request.GET else CREAM
    return qr_code(request.build_absolute_uri(reverse("live:phone", args=[session.code])), light=light)


@require_GET
@cache_control(max_age=3600, private=True)
@_with_session
def seat_qr(request: HttpRequest, session: LiveSession, key: str) -> HttpResponse:
    """The address behind a table's code as a QR code."""
    try:
        table = _table(request, session, key)
    except LiveError as refusal:
        return HttpResponse(refusal.message, status=refusal.status, content_type="text/plain; charset=utf-8")
    return qr_code(request.build_absolute_uri(table.get_absolute_url()), light=WHITE)


def qr_code(address: str, *, light: str) -> HttpResponse:
    """Dark on light with the four-module border that readers need."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        picture, kind="svg", border=4, dark="#1b1a17", light=light, xmldecl=False, omitsize=True, title="QR code"
    )
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


@require_GET
@cache_control(public=True, max_age=300)
def programme_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's programme as a feed that calendars follow."""
    event = get_object_or_404(EventPage.objects.live().public(), slug=slug)
    return HttpResponse(calendars.programme_calendar(event), content_type=calendars.TYPE)


@require_GET
@cache_control(public=True, max_age=300)
@_with_session
def session_calendar(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """One session as a calendar file."""
    page = session.page
    if not page.live or session.is_rehearsal:
        raise Http404("This session is not announced.")
    answer = HttpResponse(calendars.session_calendar(session, page.get_parent().specific), content_type=calendars.TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{page.slug}.ics"'
    return answer


@never_cache
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of phones. Its address lets it stand before the pages under `/live/`, and no others."""
    return render(request, "live/worker.js", content_type="text/javascript")


# The protocol over HTTP


def _answers_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answered(request: HttpRequest, code: str) -> HttpResponse:
        try:
            return view(request, code)
        except LiveError as refusal:
            return _json(refusal.as_reply(), status=refusal.status)

    return answered


@never_cache
@require_GET
@_answers_json
def snapshot(request: HttpRequest, code: str) -> HttpResponse:
    viewer = _viewer(request, code, request.GET.get("as", "participant"))
    if "before" in request.GET:
        before = commands.number_field(request.GET, "before")
        contributions, earlier, earlier_shown = selectors.contributions_before(viewer, before)
        return _json({"contributions": contributions, "earlier": earlier, "earlier_shown": earlier_shown})
    return _json(selectors.snapshot(viewer))


@never_cache
@require_GET
@_answers_json
def comments(request: HttpRequest, code: str) -> HttpResponse:
    """What was written beforehand, for the console to put to the room."""
    viewer = _viewer(request, code, "console")
    if not can_facilitate(viewer.user, viewer.session):
        raise NotAllowed
    return _json({"comments": selectors.comments_to_put(viewer.session, request.GET.get("q", "")[:100])})


@never_cache
async def events(request: HttpRequest, code: str) -> HttpResponseBase:
    """Long poll: what comes after a cursor, at once or when there is something.

    Where our own ASGI application serves, `consumers.PollConsumer` stands before this, and no thread waits.
    """
    if request.method != "GET":
        return HttpResponse(status=405)
    try:
        viewer = await sync_to_async(_viewer)(request, code, request.GET.get("as", "participant"))
        after = commands.number_field(request.GET, "after")
        unsent = commands.optional_number(request.GET, "unsent") or 0
    except LiveError as refusal:
        return _json(refusal.as_reply(), status=refusal.status)
    answer = await poll(viewer, after, unsent, request.GET.get("votes") or None)
    return HttpResponse(answer, content_type="application/json")


@never_cache
@require_POST
def contribute(request: HttpRequest, code: str) -> HttpResponse:
    """`contribution.add`, as JSON or from the form on the phone page."""
    return _command(request, code, {"type": "contribution.add"})


@never_cache
@require_POST
def command(request: HttpRequest, code: str) -> HttpResponse:
    """Any command, as JSON or from a form."""
    return _command(request, code, {})


def _command(request: HttpRequest, code: str, extra: dict[str, Any]) -> HttpResponse:
    is_json = request.content_type == "application/json"
    message: dict[str, Any] = {}
    viewer: Viewer | None = None
    try:
        message = (commands.parse(request.body) if is_json else commands.from_form(request.POST)) | extra
        if not is_json and extra and not message.get("client_id"):
            message["client_id"] = str(uuid.uuid4())
        role = message.get("as") or request.GET.get("as", "participant")
        if not isinstance(role, str):
            raise BadFrame("“as” is text.", field="as")
        viewer = _viewer(request, code, role)
        reply, status = commands.run(viewer, message), 200
    except LiveError as refusal:
        reply, status = refusal.as_reply(), refusal.status
    if is_json:
        return _json({**reply, **commands.reply_id(message)}, status=status)
    return _answer_form(request, code, viewer, message, reply, status)


def _answer_form(
    request: HttpRequest, code: str, viewer: Viewer | None, message: dict[str, Any], reply: dict[str, Any], status: int
) -> HttpResponse:
    """Back to the page the form stood on; if refused, with the words still in the box and why beside it."""
    if viewer is None:
        # The console's page leads to where the second factor is shown, and back.
        page = "live:console" if reply["code"] == SecondFactorNeeded.code else "live:phone"
        return HttpResponseRedirect(reverse(page, args=[code]), status=303)
    if status == 200:
        page = "live:console" if viewer.is_console else "live:phone"
        return HttpResponseRedirect(reverse(page, args=[viewer.session.code]), status=303)
    if viewer.is_console:
        context = {"session": viewer.session, "snapshot": selectors.snapshot(viewer), "error": reply}
        return render(request, "live/console.html", context, status=status)
    # A new client id only if the old one belongs to other words, so that sending again stays harmless.
    if reply["code"] == "conflict":
        message["client_id"] = str(uuid.uuid4())
    form = ContributionForm(message)
    form.is_valid()
    form.add_error("body" if message.get("type") == "contribution.add" else None, reply["message"])
    return _render_phone(request, viewer, form, status=status)


# Helpers of this module


def _session(request: HttpRequest, code: str) -> LiveSession:
    return access.find_session(code=code, token=token_of(request.COOKIES), address=_address(request), user=request.user)


def _table(request: HttpRequest, session: LiveSession, key: str) -> Table:
    token = token_of(request.COOKIES)
    return access.find_table(session=session, key=key, token=token, address=_address(request))


def _viewer(request: HttpRequest, code: str, role: str) -> Viewer:
    return access.find_viewer(
        code=code, role=role, token=token_of(request.COOKIES), request=request, address=_address(request)
    )


def _address(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _json(body: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(presenters.encode(body), content_type="application/json", status=status)


def _appearance_of(request: HttpRequest) -> dict[str, str]:
    """What somebody signed in would fill in."""
    person = getattr(request.user, "person", None)
    if person is None:
        return {}
    return {"identity": "name", "name": person.name, "role": person.affiliation[:160], "consent": "named"}


def _appearance_of_participant(viewer: Viewer) -> dict[str, str]:
    one = viewer.participant
    return {} if one is None else {"identity": one.identity, "name": one.name, "role": one.role, "consent": one.consent}
