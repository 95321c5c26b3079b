"""Copying a briefing in the admin: only beside itself, because what it rests on is its event's ledger."""

from typing import Any

from wagtail.admin.forms.pages import CopyForm

STAYS = (
    "A briefing stays with its event: what it rests on is that event’s ledger. "
    "Start another event’s briefing from that event’s sorting desk."
)


class BriefingCopyForm(CopyForm):
    def clean(self) -> dict[str, Any]:
        values = super().clean()
        parent = values.get("new_parent_page")
        if parent is not None and not self.page.specific.may_stand_under(parent):
            self.add_error("new_parent_page", STAYS)
        return values
