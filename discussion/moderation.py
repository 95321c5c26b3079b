"""What the moderators' queues in the Wagtail admin share: lists, decisions about one or about many, menu, log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import LogFormatter

from discussion.exceptions import ChangedMeanwhile, DiscussionError
from discussion.permissions import can_moderate


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What waits for moderators, and how they decide about it.

    `decide` takes what to `do` (release, hold or hide), the actor, the subject, a reason, and the `version` of the
    words that the moderator has `seen`; `waiting` leaves out the one with the key it is given.
    """

    namespace: str
    noun: str
    icon: str
    waiting: Callable[[int | None], QuerySet[Any]]
    decide: Callable[..., Any]
    label: Callable[[Any], str]
    words: Callable[[Any], str]
    version: Callable[[Any], str]
    usual_reasons: Sequence[str]
    reason_help: str


class DecisionForm(forms.Form):
    """A decision that needs no words."""

    def __init__(self, *args: Any, queue: Queue, **kwargs: Any) -> None:
        self.queue = queue
        super().__init__(*args, **kwargs)


class ReasonForm(DecisionForm):
    """Why. Hiding needs it."""

    reason = forms.CharField(max_length=200, required=False, widget=forms.TextInput(attrs={"list": "usual-reasons"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = self.queue.reason_help


class SingleDecisionForm(ReasonForm):
    """For one, where letters typed outside the field are shortcuts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The browser asks for the reason before it sends what hides, and puts the cursor there at once.
        self.fields["reason"].widget.attrs["required"] = True


class RequiredReasonForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class StateColumn(Column):
    """The state in a word, and why."""

    cell_template_name = "discussion/admin/state_cell.html"


class QueueIndexView(IndexView):
    """A list that begins with what waits."""

    any_permission_required: ClassVar[list[str]] = ["view"]

    def order_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        # Not a column anybody can choose, but what the list is for.
        if self.ordering == self.default_ordering:
            return queryset.order_by(*self.default_ordering)
        return super().order_queryset(queryset)


class QueueInspectView(InspectView):
    """One that waits, in its context, with the decision about it."""

    any_permission_required: ClassVar[list[str]] = ["view"]
    queue: ClassVar[Queue]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "form": kwargs.get("form") or SingleDecisionForm(queue=self.queue),
            "seen": self.queue.version(self.object),
            "usual_reasons": self.queue.usual_reasons,
            "waiting_count": self.queue.waiting(self.object.pk).count(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hold, release or hide; then on to the next that waits, as there are usually more."""
        form = SingleDecisionForm(request.POST, queue=self.queue)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        # A usual reason has a button, and a key, of its own.
        usual = request.POST.get("hide_because", "")
        do = "hide" if usual else request.POST.get("do")
        if do not in ("release", "hold", "hide"):
            return redirect(request.path)
        try:
            decided = self.queue.decide(
                do,
                actor=request.user,
                subject=self.object,
                reason=usual or form.cleaned_data["reason"],
                seen=request.POST.get("seen", ""),
            )
        except ChangedMeanwhile as error:
            # With what was typed as a reason, and the words as they stand now.
            self.object = self.get_object()
            messages.error(request, error.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        except DiscussionError as error:
            if error.field == "reason":
                form.add_error("reason", error.message)
                return self.render_to_response(self.get_context_data(form=form))
            messages.error(request, error.message)
            return redirect(request.path)
        messages.success(request, f"{self.queue.label(decided)}: {decided.get_state_display().lower()}.")
        following = self.queue.waiting(decided.pk).first()
        if following:
            return redirect(reverse(f"{self.queue.namespace}:inspect", args=[following.pk]))
        return redirect(reverse(f"{self.queue.namespace}:index"))


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


class QueueBulkAction(BulkAction):
    """One decision about several. Each is made by the same action as a single one."""

    template_name = "discussion/admin/bulk.html"
    queue: ClassVar[Queue]
    filterset_class: ClassVar[Any]
    form_class = ReasonForm
    do: ClassVar[str]
    done: ClassVar[str]
    button_class = ""

    def check_perm(self, subject: Any) -> bool:
        return can_moderate(self.request.user)

    def get_all_objects_in_listing_query(self, parent_id: Any) -> QuerySet[Any]:
        everything = self.model.objects.all()
        found = self.filterset_class(self.request.GET, queryset=everything, request=self.request).qs
        return found.values_list("pk", flat=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "queue": self.queue}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "usual_reasons": self.queue.usual_reasons,
            "bulk_action": self,
        }

    def object_context(self, subject: Any) -> dict[str, Any]:
        return {
            "item": subject,
            "label": self.queue.label(subject),
            "words": self.queue.words(subject),
            "seen": f"{subject.pk}:{self.queue.version(subject)}",
            "edit_url": reverse(f"{self.queue.namespace}:inspect", args=[subject.pk]),
        }

    def get_execution_context(self) -> dict[str, Any]:
        self.changed: list[int] = []
        return {
            "actor": self.request.user,
            "reason": self.cleaned_form.cleaned_data.get("reason", ""),
            "seen": dict(pair.split(":", 1) for pair in self.request.POST.getlist("seen") if ":" in pair),
            "changed": self.changed,
        }

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Then ask again about those whose words are not those that were shown."""
        answer = super().form_valid(form)
        if not self.changed:
            return answer
        left = len(self.changed)
        what = f"{left} {self.queue.noun}s were" if left > 1 else f"1 {self.queue.noun} was"
        messages.error(self.request, f"{what} changed meanwhile; read {'them' if left > 1 else 'it'} again.")
        query = urlencode([("next", self.next_url), *(("id", key) for key in self.changed)])
        return redirect(f"{self.request.path}?{query}")

    @classmethod
    def execute_action(
        cls,
        objects: list[Any],
        *,
        actor: Any = None,
        reason: str = "",
        seen: dict[str, str] | None = None,
        changed: list[int] | None = None,
        **kwargs: Any,
    ) -> tuple[int, int]:
        """Answers how many were decided, and how many could not be: withdrawn meanwhile, for one.

        The keys of those whose words are not those `seen` are added to `changed`.
        """
        seen, changed = seen or {}, [] if changed is None else changed
        refused = 0
        for subject in objects:
            try:
                version = seen.get(str(subject.pk), "")
                cls.queue.decide(cls.do, actor=actor, subject=subject, reason=reason, seen=version)
            except ChangedMeanwhile:
                changed.append(subject.pk)
            except DiscussionError:
                refused += 1
        return len(objects) - refused - len(changed), refused

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        decided, refused = num_parent_objects, num_child_objects
        if not decided and not refused:
            return None
        said = f"{decided} {self.queue.noun}{'' if decided == 1 else 's'} {self.done}."
        return f"{said} {refused} could not be: somebody else changed them meanwhile." if refused else said


class ReleaseBulkAction(QueueBulkAction):
    display_name = "Release"
    action_priority = 10
    form_class = DecisionForm
    do = "release"
    done = "released"


class HoldBulkAction(QueueBulkAction):
    display_name = "Hold"
    action_priority = 20
    do = "hold"
    done = "held"


class HideBulkAction(QueueBulkAction):
    display_name = "Hide"
    action_priority = 30
    form_class = RequiredReasonForm
    classes: ClassVar[set[str]] = {"serious"}
    button_class = "serious"
    do = "hide"
    done = "hidden"


class ModeratorsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return can_moderate(request.user)


class QueueMenuItem(ModeratorsMenuItem):
    """A moderators' list, with how many wait."""

    def __init__(self, label: str, queue: Queue, **kwargs: Any) -> None:
        self.queue = queue
        super().__init__(label, reverse(f"{queue.namespace}:index"), icon_name=queue.icon, **kwargs)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        count = self.queue.waiting(None).count()
        return LinkMenuItem(
            self.name,
            f"{self.label} ({count})" if count else self.label,
            self.url,
            icon_name=self.icon_name,
            classname=self.classname,
            attrs=self.attrs,
        )


def log_formatter(done: str, what: str) -> type[LogFormatter]:
    """How the log says that something was `done`, and for what reason; the site's history calls it `what`."""

    class Formatter(LogFormatter):
        label = what

        def format_message(self, entry: Any) -> str:
            reason = entry.data.get("reason", "")
            return f"{done}: {reason}" if reason else done

        def format_comment(self, entry: Any) -> str:
            return entry.data.get("reason", "")

    return Formatter
