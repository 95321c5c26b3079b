"""Forms and links of a discussion: parse, call, answer. All of them work without JavaScript."""

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from wagtail.models import Page

from content.text import clean_text
from discussion import actions
from discussion.choices import CommentState, Sort
from discussion.devices import (
    device_key,
    has_token_of_ours,
    key_of_token,
    network_key,
    new_token,
    remember,
    voter_key,
)
from discussion.exceptions import DiscussionError, TooManyComments, TooManyMails, TooManyVoters
from discussion.forms import CommentForm, EditForm, FlagForm
from discussion.models import BODY_LENGTH, Comment, DiscussedPageMixin, PendingComment
from discussion.permissions import can_edit, is_author
from discussion.selectors import Node, address_of, pending_by_token

UNPROCESSABLE = 422
PARENT_GONE = "The comment you replied to is no longer there. What you write can be posted as a comment of its own."


@require_POST
def post_comment(request: HttpRequest) -> HttpResponse:
    """Take what was typed, or show it again with what was wrong. Nothing typed is ever lost."""
    try:
        page = discussed_page(request, request.POST.get("object_pk", ""), request.POST.get("content_type", ""))
    except Http404:
        text = clean_text(request.POST.get("comment", ""))[: 2 * BODY_LENGTH]
        return render(request, "discussion/lost_place.html", {"text": text}, status=404)
    form = CommentForm(page, request.POST, actor=request.user)
    number = _number(request.POST.get("reply_to", "") or "0")
    if "preview" in request.POST:
        form.parent, notice = _parent_from(number, page)
        is_good = form.is_valid() or not form.error_list
        status = 200 if is_good else UNPROCESSABLE
        return _form_page(request, form, status=status, notice=notice, is_preview=is_good)
    if not form.is_valid() or number is None:
        form.parent, notice = _parent_from(number, page)
        return _form_page(request, form, status=UNPROCESSABLE, notice=notice or form.stale)

    token = "" if request.user.is_authenticated or device_key(request) else new_token()
    key = key_of_token(token) if token else device_key(request)
    wishes = form.cleaned_data
    try:
        said = actions.submit_comment(
            actor=request.user,
            page=page,
            body=wishes["comment"],
            name=wishes.get("name", ""),
            email=wishes.get("email", ""),
            role=wishes["role"],
            is_name_shown=not wishes["is_role_shown"],
            consent=wishes["consent"],
            # The action looks for the comment itself, where nobody can take it away meanwhile.
            parent=Comment(pk=number) if number else None,
            wants_answers=wishes["wants_answers"],
            device_key=key,
            network_key=network_key(request),
        )
    except DiscussionError as error:
        form.parent, notice = _parent_from(number, page)
        if not notice:
            form.refuse(error)
        status = 429 if isinstance(error, TooManyMails | TooManyComments) else UNPROCESSABLE
        return _form_page(request, form, status=status, notice=notice)

    place = reverse("comments-sent", args=[said.pk]) if isinstance(said, PendingComment) else address_of(said)
    response = _go(request, place)
    if token:
        remember(response, token)
    return response


@require_safe
@never_cache
def reply(request: HttpRequest, cid: int) -> HttpResponse:
    """The form to reply to a comment, on a page of its own. Where it stood and is gone, the form to comment instead."""
    parent = Comment.objects.filter(pk=cid, is_listed=True).select_related("page", "person").first()
    if parent is None:
        raise Http404
    page = discussed_page(request, str(parent.page_id))
    parent.page = page
    is_there = parent.state == CommentState.PUBLISHED
    form = CommentForm(page, actor=request.user, parent=parent if is_there else None)
    # What was begun as a reply to it is kept on the device under its number.
    form.draft_parent = parent.pk
    form.fields["comment"].widget.attrs["autofocus"] = True
    if is_there:
        return _form_page(request, form)
    return _form_page(request, form, status=404, notice=PARENT_GONE)


@require_safe
@never_cache
def sent(request: HttpRequest, pending_id: str) -> HttpResponse:
    """Say that an e-mail is on its way. The address is shown to the browser it was typed in, and to no other."""
    pending = get_object_or_404(PendingComment.objects.select_related("page"), pk=pending_id)
    is_own = bool(pending.device_key) and pending.device_key == device_key(request)
    return render(request, "discussion/sent.html", {"pending": pending, "page": pending.page, "is_own": is_own})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the e-mail leads. Looking changes nothing, since mail scanners look; the button confirms."""
    if request.method != "POST":
        pending = pending_by_token(token)
        # What others do not see has no place to lead to, unless this browser is one of its author's.
        comment = pending.comment if pending is not None else None
        if comment is not None and (comment.is_listed or is_author(request.user, comment, device_key(request))):
            return private(HttpResponseRedirect(reverse("comments-permalink", args=[comment.pk])))
        is_good = pending is not None and (pending.is_open or comment is not None)
        status = 200 if is_good else 410 if pending is not None else 404
        context = {"pending": pending, "page": pending.page if pending else None, "token": token}
        return private(render(request, "discussion/confirm.html", context, status=status))

    new = "" if request.user.is_authenticated or device_key(request) else new_token()
    key = key_of_token(new) if new else device_key(request)
    try:
        comment = actions.confirm_comment(actor=request.user, token=token, device_key=key)
    except DiscussionError as error:
        context = {"pending": None, "page": None, "error": error}
        return private(render(request, "discussion/confirm.html", context, status=410))
    response = HttpResponseRedirect(address_of(comment))
    if new:
        remember(response, new)
    return private(response)


@require_safe
def permalink(request: HttpRequest, comment_id: int) -> HttpResponse:
    """An address that stays: leads to the page of the thread on which the comment stands now, in any order."""
    comment = Comment.objects.select_related("page").filter(pk=comment_id).first()
    if comment is None or not comment.page.live:
        raise Http404
    is_own = is_author(request.user, comment, device_key(request))
    if not comment.is_listed and not is_own:
        raise Http404
    sort = request.GET.get("sort", "")
    return HttpResponseRedirect(address_of(comment, Sort(sort) if sort in Sort.values else Sort.OLDEST))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    comment = _visible(request, comment_id)
    key = device_key(request)
    if not is_author(request.user, comment, key):
        raise Http404
    form = EditForm(request.POST if request.method == "POST" else None, initial={"comment": comment.comment})
    status = 200
    error: DiscussionError | None = None
    if request.method == "POST":
        if form.is_valid():
            try:
                comment = actions.edit_comment(
                    actor=request.user, comment=comment, body=form.cleaned_data["comment"], device_key=key
                )
                return _go(request, address_of(comment))
            except DiscussionError as refusal:
                error = refusal
                form.add_error("comment", refusal.message)
        status = UNPROCESSABLE
    context = {
        "comment": comment,
        "page": comment.page,
        "form": form,
        "error": error,
        "may_edit": can_edit(request.user, comment, key),
    }
    return render(request, "discussion/edit.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask first, then do it. Pressed twice it is done once, and both presses are told so."""
    comment = _visible(request, comment_id)
    key = device_key(request)
    if not is_author(request.user, comment, key):
        raise Http404
    if request.method == "POST":
        comment = actions.withdraw_comment(actor=request.user, comment=comment, device_key=key)
        # Where it left no place among the responses, nothing there would say that it is gone.
        return HttpResponseRedirect(address_of(comment) if comment.is_listed else request.path)
    is_done = comment.state == CommentState.WITHDRAWN
    return render(request, "discussion/withdraw.html", {"comment": comment, "page": comment.page, "is_done": is_done})


@require_POST
def support(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Give support, or take it back: the button says which. A browser gets its token at its first support."""
    comment = _visible(request, comment_id)
    token = "" if voter_key(request) else new_token()
    voter = key_of_token(token) if token else voter_key(request)
    is_taken_back = "take_back" in request.POST
    whose = {"actor": request.user, "comment": comment, "voter_key": voter, "device_key": device_key(request)}
    try:
        if is_taken_back:
            actions.take_back_support(**whose)
        else:
            actions.support_comment(**whose, network_key=_network_of_new_device(request))
    except DiscussionError as error:
        return _refusal(request, comment, error)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        comment.refresh_from_db(fields=["support_count"])
        answer = {"count": comment.support_count, "is_supported": not is_taken_back}
        response: HttpResponse = JsonResponse(answer)
    else:
        response = HttpResponseRedirect(address_of(comment))
    if token:
        remember(response, token)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask a moderator to look. Asks why first, so that nobody flags by a slip of the thumb."""
    comment = _visible(request, comment_id)
    if comment.state != CommentState.PUBLISHED:
        raise Http404
    form = FlagForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        token = "" if voter_key(request) else new_token()
        voter = key_of_token(token) if token else voter_key(request)
        try:
            actions.flag_comment(
                actor=request.user,
                comment=comment,
                voter_key=voter,
                reason=form.cleaned_data["reason"],
                device_key=device_key(request),
                network_key=_network_of_new_device(request),
            )
        except DiscussionError as error:
            return _refusal(request, comment, error)
        response = HttpResponseRedirect(reverse("comments-flagged", args=[comment.pk]))
        if token:
            remember(response, token)
        return response
    context = {"comment": comment, "page": comment.page, "form": form}
    return render(request, "discussion/flag.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_GET
def flagged(request: HttpRequest, comment_id: int) -> HttpResponse:
    comment = _visible(request, comment_id)
    return render(request, "discussion/flag.html", {"comment": comment, "page": comment.page, "is_done": True})


# Parts of the above


def discussed_page(request: HttpRequest, number: str, kind: str = "") -> Page:
    """The page a form is about, if this reader may open it and it can be discussed.

    A form that names the kind of its page spares a query.
    """
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise Http404
    model = _page_model(kind)
    page = model._default_manager.filter(live=True, pk=int(number)).first() if model else None
    if page is None:
        page = get_object_or_404(Page.objects.live(), pk=int(number)).specific
    if not isinstance(page, DiscussedPageMixin):
        raise Http404
    if any(not restriction.accept_request(request) for restriction in page.get_view_restrictions()):
        raise Http404
    return page


def _page_model(kind: str) -> type[Page] | None:
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return None
    return model if issubclass(model, Page) and issubclass(model, DiscussedPageMixin) else None


def _visible(request: HttpRequest, comment_id: int) -> Comment:
    comments = Comment.objects.visible_to(request.user, device_key(request)).select_related("page", "person")
    comment: Comment = get_object_or_404(comments, pk=comment_id)
    comment.page = discussed_page(request, str(comment.page_id))
    return comment


def _number(text: str) -> int | None:
    """A number of a comment, as a form sends it; None for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _parent_from(number: int | None, page: Page) -> tuple[Comment | None, str]:
    """The comment that is replied to, or why it can't be. A bad number is no reason to lose what was typed."""
    if number == 0:
        return None, ""
    found = Comment.objects.published().filter(pk=number, page_id=page.pk).select_related("person").first()
    return found, "" if found else PARENT_GONE


def _form_page(
    request: HttpRequest,
    form: CommentForm,
    *,
    status: int = 200,
    notice: str = "",
    is_preview: bool = False,
) -> HttpResponse:
    page = form.target_object
    context = {
        "page": page,
        "form": form,
        "parent": Node(comment=form.parent) if form.parent else None,
        "notice": notice,
        "preview": clean_text(form.value("comment")) if is_preview else "",
        "preview_label": _preview_label(form) if is_preview else "",
        "is_open": page.live and page.discussion_is_open(),
    }
    return render(request, "discussion/comment_form_page.html", context, status=status)


def _preview_label(form: CommentForm) -> tuple[str, str]:
    """Name and role as they would stand beside the comment."""
    name = form.actor.display_name if form.is_signed_in else form.value("name")  # type: ignore[union-attr]
    role = form.value("role")
    if form.value("is_role_shown") == "True":
        return role or "Name withheld", "role only, at the author’s wish"
    return name, role


def _network_of_new_device(request: HttpRequest) -> str:
    """The network that a voice counts against; none for accounts and for browsers whose token was made here."""
    is_known = request.user.is_authenticated or has_token_of_ours(request)
    return "" if is_known else network_key(request)


def _refusal(request: HttpRequest, comment: Comment, error: DiscussionError) -> HttpResponse:
    context = {"comment": comment, "page": comment.page, "error": error}
    status = 429 if isinstance(error, TooManyVoters) else 403
    return render(request, "discussion/refused.html", context, status=status)


def _go(request: HttpRequest, place: str) -> HttpResponse:
    """On to a place: by a redirect, or told to a script, which a redirect would not tell the fragment."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse({"place": place})
    return HttpResponseRedirect(place)


def private(response: HttpResponse) -> HttpResponse:
    """The link's token goes to nobody else: not in a referrer, not into a search engine."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
