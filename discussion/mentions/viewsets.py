"""Mentions in the Wagtail admin: the moderators' queue, and what other sites were told."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import registry as log_registry
from wagtail.models import Page

from discussion.choices import MentionKind, MentionState, SentState
from discussion.exceptions import DiscussionError
from discussion.mentions import actions
from discussion.mentions.tasks import hand_over_sent
from discussion.models import Mention, SentMention
from discussion.permissions import can_moderate

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


class ReasonForm(forms.Form):
    """Why. Hiding needs it."""

    reason = forms.CharField(
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "usual-reasons"}),
        help_text="Other moderators read it.",
    )


class DecisionForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["required"] = True


class RequiredReasonForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


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


class StateColumn(Column):
    """The state in a word, and why."""

    cell_template_name = "discussion/admin/state_cell.html"


class MentionIndexView(IndexView):
    template_name = "discussion/admin/mentions.html"
    any_permission_required: ClassVar[list[str]] = ["view"]
    default_ordering = ("queue", "-received_at", "-pk")
    page_title = "Mentions"

    def get_base_queryset(self) -> QuerySet[Mention]:
        held_first = Case(When(state=MentionState.HELD, then=Value(0)), default=Value(1), output_field=IntegerField())
        return Mention.objects.annotate(queue=held_first).select_related("page", "source_page")

    def order_queryset(self, queryset: QuerySet[Mention]) -> QuerySet[Mention]:
        # Not a column anybody can choose, but what the list is for.
        if self.ordering == self.default_ordering:
            return queryset.order_by(*self.default_ordering)
        return super().order_queryset(queryset)

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


class MentionInspectView(InspectView):
    """A mention as readers would see it, with where it came from and what can be done."""

    template_name = "discussion/admin/mention.html"
    any_permission_required: ClassVar[list[str]] = ["view"]
    page_title = "Mention"

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
            "form": kwargs.get("form") or DecisionForm(),
            "usual_reasons": USUAL_REASONS,
            "waiting_count": waiting(exclude=mention.pk).count(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hold, release or hide; then on to the next that waits."""
        mention: Mention = self.object
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        usual = request.POST.get("hide_because", "")
        reason = usual or form.cleaned_data["reason"]
        try:
            match "hide" if usual else request.POST.get("do"):
                case "release":
                    mention = actions.release_mention(actor=request.user, mention=mention)
                case "hold":
                    mention = actions.hold_mention(actor=request.user, mention=mention, reason=reason)
                case "hide":
                    mention = actions.hide_mention(actor=request.user, mention=mention, reason=reason)
                case _:
                    return redirect(request.path)
        except DiscussionError as error:
            form.add_error("reason" if error.field == "reason" else None, error.message)
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(request, f"{mention}: {mention.get_state_display().lower()}.")
        following = waiting(exclude=mention.pk).first()
        if following:
            return redirect(reverse(f"{MENTIONS}:inspect", args=[following.pk]))
        return redirect(reverse(f"{MENTIONS}:index"))


class ReadOnlyViewSet(ModelViewSet):
    """A list and a page for each; nothing is added, edited or deleted in it."""

    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    search_backend_name = None
    list_per_page = 30
    form_fields: ClassVar[list[str]] = []

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<id:pk>/", self.inspect_view, name="inspect"),
        ]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        left_out = ("history_url_name", "usage_url_name", "add_url_name", "edit_url_name", "delete_url_name")
        found = super().get_common_view_kwargs(**kwargs)
        return {name: value for name, value in found.items() if name not in left_out}


class MentionViewSet(ReadOnlyViewSet):
    model = Mention
    name = MENTIONS
    url_namespace = MENTIONS
    url_prefix = "mentions"
    icon = "link-external"
    index_view_class = MentionIndexView
    inspect_view_class = MentionInspectView
    index_template_name = "discussion/admin/mentions.html"
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


class MentionBulkAction(BulkAction):
    """One decision about several mentions. Each is made by the same action as a single one."""

    models: ClassVar[list[type[Mention]]] = [Mention]
    template_name = "discussion/admin/bulk_mentions.html"
    form_class = ReasonForm
    done = ""
    button_class = ""

    def check_perm(self, mention: Mention) -> bool:
        return can_moderate(self.request.user)

    def get_all_objects_in_listing_query(self, parent_id: Any) -> QuerySet[Any]:
        found = MentionFilterSet(self.request.GET, queryset=Mention.objects.all(), request=self.request).qs
        return found.values_list("pk", flat=True)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "usual_reasons": USUAL_REASONS, "bulk_action": self}

    def object_context(self, obj: Mention) -> dict[str, Any]:
        return {"item": obj, "edit_url": reverse(f"{MENTIONS}:inspect", args=[obj.pk])}

    def get_execution_context(self) -> dict[str, Any]:
        return {"actor": self.request.user, "reason": self.cleaned_form.cleaned_data.get("reason", "")}

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return f"{num_parent_objects} mention{'' if num_parent_objects == 1 else 's'} {self.done}."


class ReleaseMentions(MentionBulkAction):
    display_name = "Release"
    action_type = "release_mentions"
    aria_label = "Release the selected mentions"
    action_priority = 10
    form_class = forms.Form
    done = "released"

    @classmethod
    def execute_action(
        cls, objects: list[Mention], *, actor: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        for mention in objects:
            actions.release_mention(actor=actor, mention=mention)
        return len(objects), 0


class HideMentions(MentionBulkAction):
    display_name = "Hide"
    action_type = "hide_mentions"
    aria_label = "Hide the selected mentions"
    action_priority = 30
    form_class = RequiredReasonForm
    classes: ClassVar[set[str]] = {"serious"}
    button_class = "serious"
    done = "hidden"

    @classmethod
    def execute_action(
        cls, objects: list[Mention], *, actor: Any = None, reason: str = "", **kwargs: Any
    ) -> tuple[int, int]:
        for mention in objects:
            actions.hide_mention(actor=actor, mention=mention, reason=reason)
        return len(objects), 0
