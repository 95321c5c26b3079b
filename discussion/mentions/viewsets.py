"""Mentions in the Wagtail admin: the moderators' queue, and what other sites were told."""

from operator import attrgetter
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.log_actions import registry as log_registry
from wagtail.models import Page

from discussion.choices import MentionKind, MentionState, SentState
from discussion.exceptions import DiscussionError
from discussion.mentions import actions
from discussion.mentions.tasks import hand_over_sent
from discussion.models import Mention, SentMention
from discussion.moderation import (
    HideBulkAction,
    Queue,
    QueueBulkAction,
    QueueIndexView,
    QueueInspectView,
    ReadOnlyViewSet,
    ReleaseBulkAction,
    StateColumn,
)
from discussion.text import digest

MENTIONS = "mentions_admin"
SENT = "sent_mentions"
USUAL_REASONS = [
    "Advertising",
    "Copies our page, or another's",
    "Attacks a person instead of an argument",
    "Not about this page",
]


def waiting(exclude: int | None = None) -> QuerySet[Mention]:
    """Mentions that wait for a moderator, oldest first."""
    found = Mention.objects.filter(state=MentionState.HELD).order_by("received_at", "pk")
    return found.exclude(pk=exclude) if exclude else found


def decide(do: str, *, actor: Any, subject: Mention, reason: str, seen: str) -> Mention:
    if do == "release":
        return actions.release_mention(actor=actor, mention=subject, seen=seen)
    if do == "hold":
        return actions.hold_mention(actor=actor, mention=subject, reason=reason, seen=seen)
    return actions.hide_mention(actor=actor, mention=subject, reason=reason, seen=seen)


QUEUE = Queue(
    namespace=MENTIONS,
    noun="mention",
    icon="link-external",
    waiting=waiting,
    decide=decide,
    label=str,
    words=attrgetter("excerpt"),
    version=lambda mention: digest(*actions.words_of(mention)),
    usual_reasons=USUAL_REASONS,
    reason_help="Other moderators read it.",
)


class MentionFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=MentionState.choices, widget=forms.CheckboxSelectMultiple, label="State"
    )
    kind = django_filters.MultipleChoiceFilter(
        choices=MentionKind.choices, widget=forms.CheckboxSelectMultiple, label="Kind"
    )
    page = django_filters.ModelChoiceFilter(queryset=Page.objects.none(), label="Page")

    class Meta:
        model = Mention
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mentioned = Mention.objects.order_by().values("page_id").distinct()
        self.filters["page"].queryset = Page.objects.filter(pk__in=mentioned).order_by("title")


class SourceColumn(Column):
    """Which site, and the words around the link."""

    cell_template_name = "discussion/admin/source_cell.html"


class MentionIndexView(QueueIndexView):
    template_name = "discussion/admin/index.html"
    default_ordering = ("queue", "-received_at", "-pk")
    page_title = "Mentions"

    def get_base_queryset(self) -> QuerySet[Mention]:
        held_first = Case(When(state=MentionState.HELD, then=Value(0)), default=Value(1), output_field=IntegerField())
        return Mention.objects.annotate(queue=held_first).select_related("page", "source_page")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="mention"),
            TitleColumn(
                "label",
                label="Mentioned in",
                accessor=str,
                get_url=self.get_inspect_url,
                get_title_id=lambda mention: f"mention_{mention.pk}_title",
            ),
            SourceColumn("excerpt", label="Words around the link"),
            StateColumn("state", label="State", sort_key="state"),
            Column("page", label="Page"),
            DateColumn("received_at", label="Received", sort_key="received_at"),
        ]


class MentionInspectView(QueueInspectView):
    """A mention as readers would see it, with where it came from and what can be done."""

    template_name = "discussion/admin/mention.html"
    page_title = "Mention"
    queue = QUEUE

    def get_object(self, queryset: Any = None) -> Mention:
        return get_object_or_404(Mention.objects.select_related("page", "source_page"), pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mention: Mention = self.object
        host = mention.source_url.split("/")[2] if "://" in mention.source_url else ""
        return {
            **super().get_context_data(**kwargs),
            "mention": mention,
            "host": host,
            "same_site": Mention.objects.filter(source_url__contains=f"://{host}/")
            .exclude(pk=mention.pk)
            .select_related("page")
            .order_by("-received_at")[:10]
            if host and not mention.is_internal
            else [],
            "notices": mention.notices.order_by("-received_at")[:10],
            "log": log_registry.get_logs_for_instance(mention).select_related("user"),
        }


class MentionViewSet(ReadOnlyViewSet):
    model = Mention
    name = MENTIONS
    url_namespace = MENTIONS
    url_prefix = "mentions"
    icon = QUEUE.icon
    index_view_class = MentionIndexView
    inspect_view_class = MentionInspectView
    index_template_name = "discussion/admin/index.html"
    inspect_template_name = "discussion/admin/mention.html"
    filterset_class = MentionFilterSet
    search_fields = ["title", "site_name", "excerpt", "source_url"]


# What others were told


class SentFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=SentState.choices, widget=forms.CheckboxSelectMultiple, label="State"
    )

    class Meta:
        model = SentMention
        fields: ClassVar[list[str]] = []


class SentIndexView(IndexView):
    any_permission_required: ClassVar[list[str]] = ["view"]
    default_ordering = ("-created_at", "-pk")
    page_title = "Mentions sent"

    def get_base_queryset(self) -> QuerySet[SentMention]:
        return SentMention.objects.select_related("page")

    @cached_property
    def columns(self) -> list[Column]:
        return [
            TitleColumn("target_url", label="Site told", get_url=self.get_inspect_url),
            Column("page", label="Page of ours", accessor=lambda sent: sent.page or sent.source_url),
            StateColumn("state", label="State", sort_key="state"),
            Column("kind", label="By", accessor=lambda sent: sent.kind or "–"),
            DateColumn("sent_at", label="Told", sort_key="sent_at"),
        ]


class SentInspectView(InspectView):
    """What one site was told, when and with what answer."""

    template_name = "discussion/admin/sent_mention.html"
    any_permission_required: ClassVar[list[str]] = ["view"]
    page_title = "Mention sent"

    def get_object(self, queryset: Any = None) -> SentMention:
        return get_object_or_404(SentMention.objects.select_related("page"), pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "sent": self.object,
            "log": log_registry.get_logs_for_instance(self.object).select_related("user"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            sent = actions.tell_again(actor=request.user, sent=self.object)
        except DiscussionError as error:
            messages.error(request, error.message)
        else:
            hand_over_sent([sent])
            messages.success(request, "It is told again now. Load this page anew to see the answer.")
        return redirect(request.path)


class SentMentionViewSet(ReadOnlyViewSet):
    model = SentMention
    name = SENT
    url_namespace = SENT
    url_prefix = "mentions-sent"
    icon = "link-external"
    index_view_class = SentIndexView
    inspect_view_class = SentInspectView
    inspect_template_name = "discussion/admin/sent_mention.html"
    filterset_class = SentFilterSet
    search_fields = ["target_url", "source_url"]


# Many at once


class MentionBulkAction(QueueBulkAction):
    models: ClassVar[list[type[Mention]]] = [Mention]
    queue = QUEUE
    filterset_class = MentionFilterSet


class ReleaseMentions(MentionBulkAction, ReleaseBulkAction):
    action_type = "release_mentions"
    aria_label = "Release the selected mentions"


class HideMentions(MentionBulkAction, HideBulkAction):
    action_type = "hide_mentions"
    aria_label = "Hide the selected mentions"
