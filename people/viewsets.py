from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.snippets import SnippetViewSet

from people.models import Person


class PersonViewSet(SnippetViewSet):
    """People whom readers may know, in the admin."""

    model = Person
    icon = "user"
    menu_label = "People"
    menu_order = 250
    add_to_admin_menu = True
    list_display = ["name", Column("affiliation", label="Role and organisation"), "user"]
    list_filter = {"organisation": ["icontains"]}
    copy_view_enabled = False
