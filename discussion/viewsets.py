"""Moderation in the Wagtail admin: the queue, a comment in its context, and what may be done with many at once."""

from operator import attrgetter
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import registry as log_registry
from wagtail.models import Page

from discussion import actions, spam, tasks
from discussion.choices import CommentState
from discussion.models import Comment, EventRules, SpamFilter
from discussion.moderation import (
    HideBulkAction,
    HoldBulkAction,
    Queue,
    QueueBulkAction,
    QueueIndexView,
    QueueInspectView,
    ReadOnlyViewSet,
    ReleaseBulkAction,
    StateColumn,
)
from discussion.permissions import can_moderate
from discussion.text import digest, render_comment

QUEUE_NAMESPACE = "comments"
USUAL_REASONS = [
    spam.ADVERTISING,
    "Attacks a person instead of an argument",
    "Names or describes a private person",
    "Not about this page",
    "Says again what its author said already",
]


def queue_order() -> Case:
    """Held first, then what readers flagged, then the rest."""
    return Case(
        When(state=CommentState.HELD, then=Value(0)),
        When(flag_count__gt=0, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def waiting(exclude: int | None = None) -> QuerySet[Comment]:
    """What waits for a moderator, oldest first."""
    found = Comment.objects.annotate(queue=queue_order()).filter(queue__lt=2).order_by("queue", "pk")
    return found.exclude(pk=exclude) if exclude else found


def decide(do: str, *, actor: Any, subject: Comment, reason: str, seen: str) -> Comment:
    if do == "release":
        return actions.release_comment(actor=actor, comment=subject, seen=seen)
    if do == "hold":
        return actions.hold_comment(actor=actor, comment=subject, reason=reason, seen=seen)
    return actions.hide_comment(actor=actor, comment=subject, reason=reason, seen=seen)


QUEUE = Queue(
    namespace=QUEUE_NAMESPACE,
    noun="comment",
    icon="comment",
    waiting=waiting,
    decide=decide,
    label=attrgetter("author_label"),
    words=attrgetter("body"),
    version=lambda comment: digest(comment.body),
    usual_reasons=USUAL_REASONS,
    reason_help="The author reads it.",
)


class CommentFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=CommentState.choices, widget=forms.CheckboxSelectMultiple, label="State"
    )
    flagged = django_filters.ChoiceFilter(
        choices=[("yes", "Flagged by readers")],
        empty_label="All",
        widget=forms.RadioSelect,
        label="Flags",
        method="filter_flagged",
    )
    page = django_filters.ModelChoiceFilter(queryset=Page.objects.none(), label="Page")

    class Meta:
        model = Comment
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        discussed = Comment.objects.order_by().values("page_id").distinct()
        self.filters["page"].queryset = Page.objects.filter(pk__in=discussed).order_by("title")

    def filter_flagged(self, queryset: QuerySet[Comment], name: str, value: str) -> QuerySet[Comment]:
        return queryset.filter(flag_count__gt=0)


class TextColumn(Column):
    """How the comment begins."""

    cell_template_name = "discussion/admin/text_cell.html"


class CommentIndexView(QueueIndexView):
    template_name = "discussion/admin/index.html"
    default_ordering = ("queue", "-pk")
    page_title = "Comments"

    def get_base_queryset(self) -> QuerySet[Comment]:
        return Comment.objects.annotate(queue=queue_order()).select_related("page", "person")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="comment"),
            TitleColumn(
                "author_label",
                label="Said by",
                get_url=self.get_inspect_url,
                get_title_id=lambda comment: f"comment_{comment.pk}_title",
            ),
            TextColumn("comment", label="Comment"),
            StateColumn("state", label="State", sort_key="state"),
            Column("flag_count", label="Flags", sort_key="flag_count"),
            Column("page", label="Page"),
            DateColumn("created_at", label="Said", sort_key="created_at"),
        ]


class CommentInspectView(QueueInspectView):
    """A comment in its context, with what was done to it and what can be done now."""

    template_name = "discussion/admin/comment.html"
    page_title = "Comment"
    queue = QUEUE

    def get_object(self, queryset: Any = None) -> Comment:
        comments = Comment.objects.visible_to(self.request.user).select_related("page", "person", "root")
        return get_object_or_404(comments, pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        comment: Comment = self.object
        parent = None
        if not comment.is_root:
            parent = Comment.objects.select_related("person").filter(pk=comment.parent_id).first()
        return {
            **super().get_context_data(**kwargs),
            "comment": comment,
            "text": render_comment(comment.body),
            "parent": parent,
            "replies": Comment.objects.filter(parent_id=comment.pk)
            .exclude(pk=comment.pk)
            .select_related("person")[:20],
            "by_same_author": Comment.objects.filter(author_key=comment.author_key)
            .exclude(pk=comment.pk)
            .select_related("page")
            .order_by("-pk")[:10],
            "flags": comment.reader_flags.all(),
            "versions": comment.versions.all(),
            "judgement": spam.judge(comment.body),
            "log": log_registry.get_logs_for_instance(comment).select_related("user"),
            "can_be_moderated": comment.state != CommentState.WITHDRAWN,
        }


class CommentViewSet(ReadOnlyViewSet):
    """The moderators' list. Nothing is added, edited or deleted in it: words belong to their authors."""

    model = Comment
    name = QUEUE_NAMESPACE
    url_namespace = QUEUE_NAMESPACE
    url_prefix = "comments"
    icon = QUEUE.icon
    index_view_class = CommentIndexView
    inspect_view_class = CommentInspectView
    index_template_name = "discussion/admin/index.html"
    inspect_template_name = "discussion/admin/comment.html"
    filterset_class = CommentFilterSet
    search_fields = ["comment", "user_name", "author_role"]


class EventRulesViewSet(ModelViewSet):
    """Rules for single events, each beside those for everywhere."""

    model = EventRules
    name = "event_rules"
    url_prefix = "event-rules"
    icon = "list-ul"
    menu_label = "Rules of events"
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    list_display: ClassVar[list[str]] = ["event", "holds_everything", "holds_first_posts", "holds_links", "holds_spam"]
    search_backend_name = None
    # The form comes from the model's panels.
    exclude_form_fields: ClassVar[list[str]] = []


class SpamFilterInspectView(InspectView):
    """What one version learned, and the choice to use it."""

    template_name = "discussion/admin/spam_filter.html"
    any_permission_required: ClassVar[list[str]] = ["view"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        weights = sorted(self.object.weights.items(), key=lambda pair: pair[1])
        return {
            **super().get_context_data(**kwargs),
            "version": self.object,
            "for_advertising": [name for name, _ in reversed(weights[-40:])],
            "against": [name for name, _ in weights[:40]],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_moderate(request.user):
            raise PermissionDenied
        if "learn" in request.POST:
            tasks.learn.enqueue(is_urgent=True)
            messages.success(request, "The filter is learning from your decisions. It takes a few seconds.")
        else:
            actions.use_spam_filter(actor=request.user, version=self.object)
            messages.success(request, f"Version {self.object.number} is in force.")
        return redirect(reverse("spam_filter:index"))


class SpamFilterViewSet(ReadOnlyViewSet):
    """What the filter has learned, version by version. It is taught by decisions, not by hand."""

    model = SpamFilter
    name = "spam_filter"
    url_prefix = "spam-filter"
    icon = "view"
    menu_label = "Advertising filter"
    add_to_settings_menu = True
    inspect_view_class = SpamFilterInspectView
    inspect_template_name = "discussion/admin/spam_filter.html"
    list_display: ClassVar[list[Any]] = [
        "__str__",
        Column("is_in_force", label="In force", accessor=lambda version: "yes" if version.is_in_force else ""),
        DateColumn("learned_at", label="Learned"),
        Column("spam_count", label="From advertising"),
        Column("good_count", label="From other texts"),
        Column("decided_count", label="Of this site"),
        Column("precision", label="Rightly held", accessor=lambda version: f"{version.precision:.0%}"),
        Column("recall", label="Of advertising, held", accessor=lambda version: f"{version.recall:.0%}"),
    ]


class CommentBulkAction(QueueBulkAction):
    models: ClassVar[list[type[Comment]]] = [Comment]
    queue = QUEUE
    filterset_class = CommentFilterSet

    def check_perm(self, comment: Comment) -> bool:
        return super().check_perm(comment) and comment.state != CommentState.WITHDRAWN


class ReleaseComments(CommentBulkAction, ReleaseBulkAction):
    action_type = "release"
    aria_label = "Release the selected comments"


class HoldComments(CommentBulkAction, HoldBulkAction):
    action_type = "hold"
    aria_label = "Hold the selected comments"


class HideComments(CommentBulkAction, HideBulkAction):
    action_type = "hide"
    aria_label = "Hide the selected comments"
