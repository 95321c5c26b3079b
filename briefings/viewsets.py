"""Where briefings and their series are kept in the admin."""

from wagtail.admin.ui.tables import Column
from wagtail.admin.views.pages.listing import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.viewsets.pages import PageListingViewSet

from briefings.models import BriefingPage, Series


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
    form_fields = ["name", "strapline"]
    list_display = ["name"]
    search_fields = ["name"]
    inspect_view_enabled = False


class BriefingsGroup(ViewSetGroup):
    """The menu of briefings."""

    menu_label = "Briefings"
    menu_icon = "list-ol"
    menu_name = "briefings"
    menu_order = 255
    items = (BriefingListingViewSet("briefing_pages"), SeriesViewSet("briefing_series"))


group = BriefingsGroup()
