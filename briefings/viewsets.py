"""Where briefings and their series are kept in the admin."""

from typing import Any

from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import BaseSidePanel, ChecksSidePanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.views.pages.edit import EditView as PageEditView
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet

from briefings.actions import add_follow_up, change_follow_up
from briefings.forms import FollowUpForm
from briefings.models import BriefingPage, FollowUp, Series
from people.permissions import is_editor


class BriefingListingViewSet(PageListingViewSet):
    """The briefings of all events."""

    model = BriefingPage
    icon = "list-ol"
    menu_label = "All briefings"
    columns = [
        *IndexView.base_columns[:2],
        Column("number", label="Number", sort_key="number"),
        *IndexView.base_columns[2:],
    ]


class SeriesViewSet(ModelViewSet):
    model = Series
    icon = "folder-open-inverse"
    menu_label = "Series"
    form_fields = ["name", "strapline", "accent_hue"]
    list_display = ["name"]
    search_fields = ["name"]
    inspect_view_enabled = False


class FollowUpCreateView(CreateView):
    """Adds by the action that checks, and keeps what was."""

    def save_instance(self) -> FollowUp:
        values = dict(self.form.cleaned_data)
        at = values.pop("at")
        return add_follow_up(actor=self.request.user, briefing=at.briefing, point=at.point, **values)


class FollowUpEditView(EditView):
    """Changes by the action that keeps how it stood before."""

    def save_instance(self) -> FollowUp:
        return change_follow_up(
            actor=self.request.user, follow_up=FollowUp(pk=self.object.pk), **self.form.cleaned_data
        )


class FollowUpViewSet(ModelViewSet):
    """You said, we did."""

    model = FollowUp
    icon = "tasks"
    menu_label = "Follow-ups"
    add_view_class = FollowUpCreateView
    edit_view_class = FollowUpEditView
    list_display = [
        "promise",
        "owner",
        "due_on",
        Column("get_state_display", label="State", sort_key="state"),
    ]
    list_filter = ["state", "briefing"]
    search_fields = ["promise", "owner", "note"]
    inspect_view_enabled = False
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[FollowUpForm]:
        return FollowUpForm


class BriefingChecksSidePanel(ChecksSidePanel):
    """Wagtail's own checks, with ours above them."""

    template_name = "briefings/side_panels/checks.html"


class EvidenceSidePanel(BaseSidePanel):
    """What was picked for the point one writes."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = "Toggle evidence"
        icon_name = "openquote"
        has_counter = False

    name = "evidence"
    title = "Evidence"
    template_name = "briefings/side_panels/evidence.html"
    order = 150


class BriefingEditView(PageEditView):
    """The page editor, with the evidence beside it."""

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        if self.expects_json_response:
            return panels
        ours = [
            BriefingChecksSidePanel(panel.object, panel.request) if type(panel) is ChecksSidePanel else panel
            for panel in panels
        ]
        if is_editor(self.request.user):
            ours.insert(1, EvidenceSidePanel(self.page, self.request))
        return MediaContainer(ours)


class BriefingPageViewSet(PageViewSet):
    """How a briefing is edited."""

    model = BriefingPage
    icon = "list-ol"
    edit_view_class = BriefingEditView


class BriefingsGroup(ViewSetGroup):
    """The menu of briefings."""

    menu_label = "Briefings"
    menu_icon = "list-ol"
    menu_name = "briefings"
    menu_order = 255
    items = (
        BriefingListingViewSet("briefing_pages"),
        FollowUpViewSet("follow_ups"),
        SeriesViewSet("briefing_series"),
    )


group = BriefingsGroup()
editor = BriefingPageViewSet()
