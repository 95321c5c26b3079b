from wagtail.snippets.views.snippets import SnippetViewSet

from events.models import Partner


class PartnerViewSet(SnippetViewSet):
    """Organisations behind the events, in the admin."""

    model = Partner
    icon = "group"
    menu_label = "Partners"
    menu_order = 260
    add_to_admin_menu = True
    list_display = ["name", "link"]
    copy_view_enabled = False
