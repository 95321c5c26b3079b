"""Panels of the briefing's editor. Their templates ask for what they show."""

from typing import Any

from wagtail.admin.panels import Panel


class ChecksPanel(Panel):
    """What stands between this draft and its publication, as of its last save."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "briefings/panels/checks.html"

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "briefing": self.instance, "request": self.request}


class EvidencePanel(Panel):
    """Tells the citation chooser which event's ledger to offer."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "briefings/panels/evidence.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            match = self.request.resolver_match if self.request else None
            parent = match.kwargs.get("parent_page_id", "") if match and self.instance.pk is None else ""
            return {**super().get_context_data(parent_context), "briefing": self.instance, "parent_id": parent}
