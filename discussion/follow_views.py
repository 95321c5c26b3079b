"""Following by e-mail, and stopping: parse, call, answer. All of it works without JavaScript and without an account."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Page

from discussion import follows
from discussion.devices import network_key
from discussion.exceptions import DiscussionError, TooManyComments, TooManyMails
from discussion.forms import FollowForm
from discussion.models import Comment, Follow
from discussion.selectors import follow_by_token, own_follow
from discussion.views import UNPROCESSABLE, discussed_page, private


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, page_id: int) -> HttpResponse:
    """Ask for news of a page, or of the thread in the query. A signed-in person stops here too."""
    page = discussed_page(request, str(page_id))
    thread = _thread(request, page)
    known = own_follow(request.user, page, thread)
    form = FollowForm(request.POST if request.method == "POST" else None, actor=request.user)
    status = 200
    if request.method == "POST":
        if request.user.is_authenticated and "stop" in request.POST:
            follows.unfollow_page(actor=request.user, page=page, thread=thread)
            return HttpResponseRedirect(request.get_full_path())
        if form.is_valid() and form.cleaned_data["website"]:
            # A machine filled in what people do not see; it learns nothing.
            return HttpResponseRedirect(reverse("comments-follow-sent", args=[page.pk]))
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                follows.follow_page(
                    actor=request.user if request.user.is_authenticated else None,
                    page=page,
                    thread=thread,
                    email=request.user.email if request.user.is_authenticated else form.cleaned_data["email"],
                    frequency=form.cleaned_data["frequency"],
                    network_key=network_key(request),
                )
            except DiscussionError as error:
                form.add_error("email" if error.field in form.fields else None, error.message)
                status = 429 if isinstance(error, TooManyMails | TooManyComments) else UNPROCESSABLE
            else:
                if request.user.is_authenticated:
                    return HttpResponseRedirect(request.get_full_path())
                return HttpResponseRedirect(reverse("comments-follow-sent", args=[page.pk]))
    context = {"page": page, "thread": thread, "form": form, "follow": known}
    return render(request, "discussion/follow.html", context, status=status)


@require_safe
@never_cache
def sent(request: HttpRequest, page_id: int) -> HttpResponse:
    """Say that an e-mail is on its way. The same words whether the address was new or known."""
    return render(request, "discussion/follow_sent.html", {"page": discussed_page(request, str(page_id))})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the letter leads. Looking changes nothing; the button does."""
    wish = follow_by_token(token)
    error: DiscussionError | None = None
    if request.method == "POST":
        try:
            wish = follows.confirm_follow(token=token)
        except DiscussionError as refusal:
            error, wish = refusal, None
    status = 200 if wish is not None and (wish.is_open or wish.confirmed_at) else 410 if wish or error else 404
    context = {
        "wish": wish,
        "page": wish.page if wish else None,
        "token": token,
        "error": error,
        "stop": reverse("comments-stop", args=[follows.stop_token(wish.follower)]) if wish else "",
    }
    return private(render(request, "discussion/follow_confirm.html", context, status=status))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Where letters lead those who have had enough. Looking changes nothing; a POST stops.

    A mail program that posts by itself (RFC 8058) comes from nowhere and with no cookie, so the token is all that
    counts: it stops everything. The page's buttons may name one wish.
    """
    try:
        follower = follows.follower_by_token(token)
    except DiscussionError as error:
        return private(render(request, "discussion/stop.html", {"error": error}, status=404))
    is_done = follower is None
    if request.method == "POST" and follower is not None:
        named = request.POST.get("follow", "")
        follows.stop_following(follower=follower, follow_id=named if _is_uuid(named) else "")
        is_done = True
    wishes = Follow.objects.filter(follower=follower, confirmed_at__isnull=False).select_related("page", "thread")
    context = {"token": token, "is_done": is_done, "wishes": list(wishes) if follower else []}
    return private(render(request, "discussion/stop.html", context))


def _thread(request: HttpRequest, page: Page) -> Comment | None:
    number = request.GET.get("thread", "")
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise Http404
    found = Comment.objects.published().filter(pk=int(number), page_id=page.pk, is_root=True).first()
    if found is None:
        raise Http404
    return found


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
