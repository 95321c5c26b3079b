from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from events.models import Partner


class PartnerChooserViewSet(SnippetChooserViewSet):
    """A partner who is new is made where they are chosen; their logo comes with the first look at them."""

    form_fields = ["name", "link"]


class PartnerViewSet(SnippetViewSet):
    """Organisations behind the events, in the admin."""

    model = Partner
    icon = "group"
    menu_label = "Partners"
    menu_order = 260
    add_to_admin_menu = True
    list_display = ["name", "link"]
    copy_view_enabled = False
    chooser_viewset_class = PartnerChooserViewSet
