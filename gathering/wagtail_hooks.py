"""Gathering in the Wagtail admin: its addresses, its menu item, its icon."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.urls.resolvers import URLResolver
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from gathering.permissions import can_read_ledger
from gathering.views import desk, echoes, ledger


@hooks.register("register_admin_urls")
def register_desk() -> list[URLResolver]:
    at = "<id:event_id>/<str:scope>/desk/"
    patterns = [
        path("", desk.landing, name="landing"),
        path("<id:event_id>/ledger/", desk.show_ledger, name="show_ledger"),
        path(at, desk.desk, name="desk"),
        path(f"{at}decide/", desk.decide, name="decide"),
        path(f"{at}entries/", desk.entries, name="entries"),
        path(f"{at}since/", desk.since, name="since"),
        path(f"{at}alike/", desk.alike, name="alike"),
        path(f"{at}context/", desk.context, name="context"),
        path(f"{at}points/", desk.points, name="points"),
        path(f"{at}themes/", desk.themes, name="themes"),
        path(f"{at}echoes/", echoes.echoes, name="echoes"),
        path(f"{at}echoes/decide/", echoes.echo, name="echo"),
        path(f"{at}echoes/since/", echoes.since, name="echoes_since"),
        path(f"{at}coverage/", ledger.coverage, name="coverage"),
        path(f"{at}minority/", ledger.minority, name="minority"),
        path(f"{at}ledger.csv", ledger.export, {"form": "csv"}, name="ledger_csv"),
        path(f"{at}ledger.json", ledger.export, {"form": "json"}, name="ledger_json"),
    ]
    return [path("gathering/", include((patterns, "desk")))]


class GatheringMenuItem(MenuItem):
    """Only editors see it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_read_ledger(request.user)


@hooks.register("register_admin_menu_item")
def register_menu_item() -> MenuItem:
    return GatheringMenuItem("Gathering", reverse("desk:landing"), name="gathering", icon_name="gathering", order=250)


@hooks.register("register_icons")
def register_icons(icons: list[Any]) -> list[Any]:
    return [*icons, "gathering/icons/gathering.svg"]
