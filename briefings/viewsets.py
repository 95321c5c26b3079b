"""Where organisers keep the series of briefings."""

from wagtail.snippets.views.snippets import SnippetViewSet

from briefings.models import Series


class SeriesViewSet(SnippetViewSet):
    model = Series
    icon = "list-ol"
    menu_label = "Series of briefings"
    list_display = ["name"]
    search_fields = ["name"]
