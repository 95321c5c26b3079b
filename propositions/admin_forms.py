"""Forms of the admin that the page types use."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class PropositionPageForm(WagtailAdminPageForm):
    """Refuses a number that another proposition of the event has: people find both by it."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        number = cleaned.get("number")
        event = self.parent_page or self.instance.get_parent()
        if number is not None and event is not None:
            others = type(self.instance).objects.child_of(event).exclude(pk=self.instance.pk)
            if other := others.filter(number=number).first():
                self.add_error("number", f"“{other.title}” is number {number} already.")
        return cleaned
