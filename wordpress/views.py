"""The guided page: upload, what was found, run, report, undo."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.admin import messages

from people.permissions import is_organiser
from wordpress import uploads
from wordpress.actions import (
    MOST_TRIED,
    Choices,
    choose,
    forget_import,
    prepare_import,
    settle_suspicion,
    undo_import,
)
from wordpress.choices import BatchState, Outcome, SuspicionState
from wordpress.exceptions import ImportRefused
from wordpress.forms import ChoicesForm, UploadForm
from wordpress.models import Batch, Suspicion
from wordpress.reports import counts_of, report_of, trial_rows
from wordpress.tasks import run_uploaded_import, try_uploaded_import

RECORDS_PER_PAGE = 50
UNDER_WAY = (BatchState.TRYING, BatchState.WAITING, BatchState.RUNNING)

View = Callable[..., HttpResponse]


def for_organisers(view: View) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_organiser(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@for_organisers
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The imports so far, and the form that begins another."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch = _uploaded(request, form)
        if batch:
            return redirect("wordpress:batch", batch.pk)
    batches = (
        Batch.objects.select_related("actor", "event")
        .annotate(
            open_suspicions=Count("records__suspicions", filter=Q(records__suspicions__state=SuspicionState.OPEN))
        )
        .order_by("-created_at", "-pk")
    )
    return _page(request, "wordpress/admin/index.html", "Import from WordPress", form=form, batches=batches)


def _uploaded(request: HttpRequest, form: UploadForm) -> Batch | None:
    """Look through an upload; what cannot be read is said beside the field."""
    file = form.cleaned_data["file"]
    waiting = Batch(file_name=file.name)
    path = uploads.keep(file, uploads.path_of(waiting))
    try:
        batch = prepare_import(actor=request.user, path=path, file_name=file.name[:255])
    except ImportRefused as error:
        path.unlink(missing_ok=True)
        form.add_error("file", error.message)
        return None
    path.rename(uploads.path_of(batch))
    media = form.cleaned_data["media"]
    if media:
        kept = uploads.keep(media, uploads.media_path_of(batch))
        choose(actor=request.user, batch=batch, choices=Choices(media=str(kept)))
    return batch


@for_organisers
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: what was found, how far it is, or what came of it."""
    found = get_object_or_404(Batch.objects.select_related("event", "actor"), pk=pk)
    if found.state == BatchState.READY:
        return _choosing(request, found)
    is_begun = found.state not in (BatchState.TRYING, BatchState.WAITING)
    if not is_begun and (request.method == "POST" or "choices" in request.GET):
        return _choosing(request, found)
    if found.state in UNDER_WAY:
        return _page(request, "wordpress/admin/running.html", str(found), found, batch=found)
    return _reporting(request, found)


def _choosing(request: HttpRequest, found: Batch) -> HttpResponse:
    """What was found and what can be chosen; once that was tried, what would become of it."""
    form = ChoicesForm(request.POST or None, batch=found)
    if request.method == "POST" and form.is_valid():
        is_to_be_tried = request.POST.get("step") == "try" and found.total <= MOST_TRIED
        state = BatchState.TRYING if is_to_be_tried else BatchState.WAITING
        try:
            choose(actor=request.user, batch=found, choices=form.choices(), state=state)
        except ImportRefused as error:
            messages.error(request, error.message)
        else:
            (try_uploaded_import if is_to_be_tried else run_uploaded_import).enqueue(found.pk, request.user.pk)
        return redirect("wordpress:batch", found.pk)
    return _page(
        request,
        "wordpress/admin/choose.html",
        str(found),
        found,
        batch=found,
        form=form,
        can_try=found.total <= MOST_TRIED,
        outcomes=Outcome.labels,
        trial=trial_rows(found.trial),
    )


def _reporting(request: HttpRequest, found: Batch) -> HttpResponse:
    records = found.records.filter(is_found=True).select_related(
        "page", "comment", "mention", "person", "image", "document"
    )
    shown = request.GET.get("show", "")
    kind = request.GET.get("kind", "")
    if kind:
        records = records.filter(kind=kind)
    if shown in Outcome.values:
        records = records.filter(outcome=shown)
    elif shown == "noted":
        records = records.exclude(notes=[])
    suspicions = Suspicion.objects.filter(record__batch=found).select_related(
        "record__page", "record__comment", "record__mention"
    )
    return _page(
        request,
        "wordpress/admin/report.html",
        str(found),
        found,
        batch=found,
        counts=[
            (name, sum(outcomes.values()), [outcomes[one] for one in Outcome.values])
            for name, outcomes in counts_of(found).items()
        ],
        outcomes=Outcome.labels,
        open_suspicions=suspicions.filter(state=SuspicionState.OPEN),
        settled_suspicions=suspicions.exclude(state=SuspicionState.OPEN),
        records=Paginator(records, RECORDS_PER_PAGE).get_page(request.GET.get("p")),
        shown=shown,
        kind=kind,
        choices=[("", "Everything"), *Outcome.choices, ("noted", "With something to say")],
    )


@for_organisers
@require_safe
def report(request: HttpRequest, pk: int) -> JsonResponse:
    found = get_object_or_404(Batch.objects.select_related("event"), pk=pk)
    answer = JsonResponse(report_of(found), json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}.json"'
    return answer


@for_organisers
@require_safe
def progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far a running import is, asked every two seconds by its page."""
    found = get_object_or_404(Batch, pk=pk)
    return JsonResponse(
        {"running": found.state in UNDER_WAY, "state": found.state, "done": found.done, "total": found.total}
    )


@for_organisers
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch, pk=pk)
    if request.method == "POST":
        try:
            taken = undo_import(actor=request.user, batch=found)
        except ImportRefused as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"Undone: {taken.removed} things removed, {taken.restored} given back.")
        return redirect("wordpress:batch", found.pk)
    return _page(request, "wordpress/admin/undo.html", str(found), found, batch=found, counts=counts_of(found))


@for_organisers
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Batch, pk=pk)
    uploads.forget(found)
    forget_import(actor=request.user, batch=found)
    messages.success(request, "The file is thrown away; nothing was imported.")
    return redirect("wordpress:index")


@for_organisers
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    suspicion = get_object_or_404(Suspicion.objects.select_related("record"), pk=pk)
    is_cut = request.POST.get("decision") == "cut"
    try:
        settle_suspicion(actor=request.user, suspicion=suspicion, is_cut=is_cut)
    except ImportRefused as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"“{suspicion.phrase}”: {'cut out' if is_cut else 'kept as it is'}.")
    return redirect(reverse("wordpress:batch", args=[suspicion.record.batch_id]) + "#suspicions")


def _page(request: HttpRequest, template: str, title: str, found: Batch | None = None, **context: Any) -> HttpResponse:
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": "Home"},
        {"url": reverse("wordpress:index"), "label": "Import from WordPress"},
    ]
    if found:
        crumbs.append({"url": reverse("wordpress:batch", args=[found.pk]), "label": title})
    crumbs[-1]["url"] = ""
    return render(
        request,
        template,
        {"breadcrumbs_items": crumbs, "header_title": title, "page_title": title, "header_icon": "download", **context},
    )  # fmt: skip
