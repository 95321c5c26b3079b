"""Pieces of Wagtail's page editor."""

from typing import Any

from wagtail.admin.panels import Panel


class RoomPanel(Panel):
    """On a session's page: its code, and the ways into its room. The room is set up on a screen of its own."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "live/admin/room_panel.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk) and hasattr(self.instance, "live_session")

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "session": self.instance.live_session}
