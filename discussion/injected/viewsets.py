"""The report of injected texts in the Wagtail admin."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.auth import require_admin_access
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.log_actions import registry as log_registry

from content.injected import REASONS
from discussion.choices import SuspectPlace, SuspectState
from discussion.exceptions import DiscussionError
from discussion.injected import actions
from discussion.injected.tasks import scan_texts
from discussion.models import Comment, SuspectText, TextScan
from discussion.moderation import QueueIndexView, ReadOnlyViewSet
from discussion.permissions import can_look_for_injected, can_moderate
from discussion.viewsets import QUEUE_NAMESPACE
from people.permissions import AnyUser

REPORT = "injected_texts"


def visible_suspects(user: AnyUser) -> QuerySet[SuspectText]:
    """What this person may read: of comments, editors who are no moderators see what everybody sees.

    A row keeps words as they were found, so those of a comment that was held then stay unseen until the next look.
    """
    found = SuspectText.objects.all()
    if can_moderate(user):
        return found
    in_sight = Comment.objects.visible_to(None).values("pk")
    return found.filter(Q(comment=None) | Q(comment__in=in_sight, place=SuspectPlace.PUBLISHED))


def to_look_at(user: AnyUser, exclude: int | None = None) -> QuerySet[SuspectText]:
    """What stands in sight of this person and nobody has decided about."""
    found = visible_suspects(user).filter(state=SuspectState.OPEN).exclude(place=SuspectPlace.EARLIER)
    return found.exclude(pk=exclude).order_by("found_at", "pk") if exclude else found.order_by("found_at", "pk")


class SuspectFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=SuspectState.choices, widget=forms.CheckboxSelectMultiple, label="State"
    )
    place = django_filters.MultipleChoiceFilter(
        choices=SuspectPlace.choices, widget=forms.CheckboxSelectMultiple, label="Where"
    )
    kind = django_filters.MultipleChoiceFilter(
        choices=[(kind.value, reason) for kind, reason in REASONS.items()],
        widget=forms.CheckboxSelectMultiple,
        label="What",
    )

    class Meta:
        model = SuspectText
        fields: ClassVar[list[str]] = []


class QuoteColumn(Column):
    """The words, with some before and after."""

    cell_template_name = "discussion/admin/suspect_cell.html"


class SuspectStateColumn(Column):
    cell_template_name = "discussion/admin/suspect_state_cell.html"


class SuspectIndexView(QueueIndexView):
    default_ordering = ("queue", "-found_at", "-pk")
    page_title = "Injected text"
    header_icon = "warning"

    def get_base_queryset(self) -> QuerySet[SuspectText]:
        open_first = Case(
            When(state=SuspectState.OPEN, place=SuspectPlace.EARLIER, then=Value(1)),
            When(state=SuspectState.OPEN, then=Value(0)),
            default=Value(2),
            output_field=IntegerField(),
        )
        found = visible_suspects(self.request.user).annotate(queue=open_first)
        return found.select_related("page", "comment__person", "revision__user")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return {**context, "scan": TextScan.objects.first(), "open_count": to_look_at(self.request.user).count()}

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("subject", label="Stands in", get_url=self.get_inspect_url),
            QuoteColumn("quote", label="Words", sort_key="quote"),
            SuspectStateColumn("state", label="State", sort_key="state"),
            Column("came_by", label="Came by", accessor=lambda suspect: suspect.came_by or "–"),
            DateColumn("came_at", label="Came", sort_key="came_at"),
        ]


class SuspectInspectView(InspectView):
    """Suspicious words in their place, since when and by whom, and what can be done."""

    template_name = "discussion/admin/suspect.html"
    any_permission_required: ClassVar[list[str]] = ["view"]
    page_title = "Injected text"
    header_icon = "warning"

    def get_object(self, queryset: Any = None) -> SuspectText:
        found = visible_suspects(self.request.user)
        found = found.select_related("page", "comment__person", "comment__page", "revision__user")
        return get_object_or_404(found, pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        suspect: SuspectText = self.object
        edit_url = compare_url = ""
        if suspect.page:
            edit_url = reverse("wagtailadmin_pages:edit", args=[suspect.page_id])
            if suspect.revision_id:
                compare_url = reverse(
                    "wagtailadmin_pages:revisions_compare",
                    args=[suspect.page_id, self._before(suspect), suspect.revision_id],
                )
        elif suspect.comment and can_moderate(self.request.user):
            edit_url = reverse(f"{QUEUE_NAMESPACE}:inspect", args=[suspect.comment_id])
        return {
            **super().get_context_data(**kwargs),
            "suspect": suspect,
            "edit_url": edit_url,
            "compare_url": compare_url,
            "reads_then": actions.reads_then(suspect),
            "log": log_registry.get_logs_for_instance(suspect).select_related("user"),
            "waiting_count": to_look_at(self.request.user, exclude=suspect.pk).count(),
        }

    def _before(self, suspect: SuspectText) -> str:
        """The revision before the one in which the words came, for comparing the two."""
        assert suspect.page is not None and suspect.revision is not None  # noqa: S101, PT018 for mypy
        earlier = suspect.page.revisions.filter(created_at__lt=suspect.revision.created_at).order_by("-created_at")
        first = earlier.values_list("pk", flat=True).first()
        return str(first) if first else "earliest"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        suspect: SuspectText = self.object
        here = reverse(f"{REPORT}:inspect", args=[suspect.pk])
        try:
            match request.POST.get("do"):
                case "fine":
                    suspect = actions.mark_as_fine(actor=request.user, suspect=suspect)
                case "again":
                    suspect = actions.look_again(actor=request.user, suspect=suspect)
                    return redirect(here)
                case "take_out":
                    suspect = actions.take_out(actor=request.user, suspect=suspect)
                case "put_back":
                    suspect = actions.put_back(actor=request.user, suspect=suspect)
                    messages.success(request, "Put back as it was.")
                    return redirect(here)
                case _:
                    return redirect(here)
        except DiscussionError as error:
            messages.error(request, error.message)
            return redirect(here)
        undo = messages.button(here, "Look at it again")
        messages.success(request, f"“{suspect.quote}”: {suspect.get_state_display().lower()}.", buttons=[undo])
        following = to_look_at(request.user, exclude=suspect.pk).first()
        if following:
            return redirect(reverse(f"{REPORT}:inspect", args=[following.pk]))
        return redirect(reverse(f"{REPORT}:index"))


@require_admin_access
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """Begin to look through all texts; the worker does it."""
    try:
        started, is_new = actions.start_scan(actor=request.user)
    except DiscussionError as error:
        messages.error(request, error.message)
        return redirect("wagtailadmin_home")
    if is_new:
        transaction.on_commit(lambda: scan_texts.enqueue(started.pk))
    return redirect(f"{REPORT}:index")


@require_admin_access
@require_safe
@never_cache
def progress(request: HttpRequest) -> HttpResponse:
    """How far it is, for the report while it waits."""
    if not can_look_for_injected(request.user):
        return JsonResponse({"running": False}, status=403)
    latest = TextScan.objects.first()
    if latest is None or not latest.is_running:
        return JsonResponse({"running": False})
    return JsonResponse({"running": True, "done": latest.done, "total": latest.total})


class SuspectViewSet(ReadOnlyViewSet):
    model = SuspectText
    name = REPORT
    url_namespace = REPORT
    url_prefix = "reports/injected-text"
    icon = "warning"
    index_view_class = SuspectIndexView
    inspect_view_class = SuspectInspectView
    index_template_name = "discussion/admin/suspects.html"
    inspect_template_name = "discussion/admin/suspect.html"
    filterset_class = SuspectFilterSet
    search_fields = ["quote", "before", "after"]

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("scan/", scan, name="scan"),
            path("progress/", progress, name="progress"),
            *super().get_urlpatterns(),
        ]
