"""What imports add to the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from people.permissions import is_organiser


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return is_organiser(request.user)


@hooks.register("register_settings_menu_item")
def register_menu_item() -> ImportMenuItem:
    return ImportMenuItem(
        "Import from WordPress", reverse("wordpress:index"), name="wordpress", icon_name="download", order=900
    )


@hooks.register("register_admin_urls")
def register_urls() -> list[Any]:
    return [path("wordpress/", include("wordpress.urls"))]


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    actions.register_action("wordpress.import", "Import from WordPress", "Imported")
    actions.register_action("wordpress.undo", "Undo an import", "Undone")
    actions.register_action("wordpress.settle", "Decide about suspicious words", "Decided about suspicious words")
