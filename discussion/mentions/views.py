"""Where other sites say that they link to us. Parse, keep, answer: what was said is looked at by a task."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from discussion.choices import MentionKind, NoticeState
from discussion.devices import network_key
from discussion.exceptions import DiscussionError, MentionRefused, TooManyNotices
from discussion.mentions.actions import take_notice
from discussion.mentions.pingback import DENIED, LONGEST_CALL, NotACall, read_call, write_answer, write_fault
from discussion.mentions.tasks import hand_over_notice
from discussion.models import MentionNotice

LONGEST_FORM = 16_384
TEXT = "text/plain; charset=utf-8"
XML = "text/xml; charset=utf-8"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webmention(request: HttpRequest) -> HttpResponse:
    """Take a webmention: 202, with the address where its fate can be read. For people, a form that does the same.

    Other servers send no origin and no token, and nothing here is done in anybody's name.
    """
    if request.method != "POST":
        return render(request, "discussion/mention_form.html", {"target": request.GET.get("target", "")[:500]})
    if _is_longer_than(request, LONGEST_FORM):
        return HttpResponse("This is too long.", status=413, content_type=TEXT)
    source, target = request.POST.get("source", ""), request.POST.get("target", "")
    try:
        notice = take_notice(
            kind=MentionKind.WEBMENTION, source_url=source, target_url=target, network_key=network_key(request)
        )
    except DiscussionError as error:
        status = 429 if isinstance(error, TooManyNotices) else 400
        if _is_person(request):
            context = {"source": source, "target": target, "error": error.message}
            return render(request, "discussion/mention_form.html", context, status=status)
        response = HttpResponse(error.message, status=status, content_type=TEXT)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers["Retry-After"] = "3600"
        return response
    if notice.state == NoticeState.WAITING and not notice.attempts:
        hand_over_notice(notice)
    address = request.build_absolute_uri(reverse("mentions:notice", args=[notice.pk]))
    if _is_person(request):
        response = render(request, "discussion/mention_notice.html", _fate(notice), status=202)
    else:
        response = HttpResponse(f"It will be looked at. See {address}", status=202, content_type=TEXT)
    response.headers["Location"] = address
    return response


@csrf_exempt
@never_cache
@require_POST
def pingback(request: HttpRequest) -> HttpResponse:
    """Take a pingback. XML-RPC answers 200 whatever it has to say."""
    if _is_longer_than(request, LONGEST_CALL):
        return HttpResponse(write_fault(0, "The call is too long."), status=413, content_type=XML)
    try:
        source, target = read_call(request.body)
    except NotACall as error:
        return HttpResponse(write_fault(0, str(error)), content_type=XML)
    try:
        notice = take_notice(
            kind=MentionKind.PINGBACK, source_url=source, target_url=target, network_key=network_key(request)
        )
    except MentionRefused as error:
        return HttpResponse(write_fault(error.code, error.message), content_type=XML)
    except DiscussionError as error:
        return HttpResponse(write_fault(DENIED, error.message), content_type=XML)
    if notice.state == NoticeState.WAITING and not notice.attempts:
        hand_over_notice(notice)
    return HttpResponse(write_answer("It will be looked at."), content_type=XML)


@never_cache
@require_safe
def notice(request: HttpRequest, notice_id: str) -> HttpResponse:
    """What became of a webmention."""
    fate = _fate(get_object_or_404(MentionNotice.objects.select_related("page"), pk=notice_id))
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        found = fate["notice"]
        return JsonResponse(
            {"state": fate["state"], "source": found.source_url, "target": found.target_url, "summary": fate["summary"]}
        )
    return render(request, "discussion/mention_notice.html", fate)


def _fate(notice: MentionNotice) -> dict[str, object]:
    """What may be told to whoever asks.

    Why a page could not be read is not told: it would say which names lead to something inside our network.
    """
    if notice.state == NoticeState.ACCEPTED:
        state, summary = "accepted", notice.answer
    elif notice.attempts == 0:
        state, summary = "waiting", "It has not been looked at yet."
    else:
        state = "not_found"
        summary = "We could not read the page, or found no link in it. If it is new, we look again within a day."
    return {"notice": notice, "page": notice.page.specific, "state": state, "summary": summary}


def _is_person(request: HttpRequest) -> bool:
    """Whether a browser asks; other servers take anything, or do not say."""
    return "text/html" in request.headers.get("Accept", "")


def _is_longer_than(request: HttpRequest, longest: int) -> bool:
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return True
    return length > longest or len(request.body) > longest
