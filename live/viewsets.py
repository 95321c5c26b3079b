"""Live sessions in Wagtail's admin: who facilitates them, how people may appear, what is asked, and the ways in."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from live import actions
from live.forms import SetUpForm
from live.models import LiveSession
from live.permissions import can_organise
from live.policies import LiveSessionPermissionPolicy
from people.permissions import is_moderator

register_permission_policy(LiveSession, LiveSessionPermissionPolicy(LiveSession))


def _ways_in(session: LiveSession) -> SafeString:
    return format_html(
        '<a href="{}">Console</a> · <a href="{}">Wall</a> · <a href="{}">Phone</a>',
        *(reverse(f"live:{name}", args=[session.code]) for name in ("console", "wall", "phone")),
    )


class SessionIndexView(generic.IndexView):
    def get_base_queryset(self) -> Any:
        sessions = LiveSession.objects.select_related("page").order_by("-page__starts_at")
        if can_organise(self.request.user) or is_moderator(self.request.user):
            return sessions
        return sessions.filter(facilitators=self.request.user)

    def get_list_buttons(self, instance: LiveSession) -> list[Any]:
        return []


class SessionEditView(generic.EditView):
    def save_instance(self) -> LiveSession:
        """By the same actions as everywhere: a room that is open hears of it."""
        chosen = self.form.cleaned_data
        return actions.configure_session(
            actor=self.request.user,
            session=LiveSession.objects.get(pk=self.object.pk),
            facilitators=chosen["facilitators"],
            identities=chosen["identities"],
            moderation=chosen["moderation"],
            new_prompts=chosen["new_prompts"],
            new_tables=chosen["new_tables"].get("names", ()),
            table_count=chosen["new_tables"].get("count"),
        )

    def get_page_subtitle(self) -> str:
        return self.object.page.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        session = self.object
        return {
            **super().get_context_data(**kwargs),
            "session": session,
            "prompts": session.prompts.all(),
            "tables": session.tables.all(),
            "addresses": {
                name: self.request.build_absolute_uri(reverse(f"live:{name}", args=[session.code]))
                for name in ("phone", "wall", "console", "qr")
            },
        }


class LiveSessionViewSet(ModelViewSet):
    model = LiveSession
    name = "live_sessions"
    url_prefix = "live-sessions"
    icon = "group"
    menu_label = "Live sessions"
    menu_order = 210
    add_to_admin_menu = True
    index_view_class = SessionIndexView
    edit_view_class = SessionEditView
    edit_template_name = "live/admin/session_edit.html"
    copy_view_enabled = False
    list_display = [
        TitleColumn("title", label="Session", accessor="page.title", url_name="live_sessions:edit"),
        Column("event", label="Event", accessor=lambda session: session.page.get_parent().title),
        Column("starts_at", label="Starts", accessor="page.starts_at"),
        Column("state", label="State", accessor="get_state_display"),
        Column("code", label="Code", accessor="spoken_code"),
        Column("ways_in", label="Open", accessor=_ways_in),
    ]

    def get_form_class(self, for_update: bool = False) -> type[SetUpForm]:
        return SetUpForm
