"""Forms of the admin that the page types use."""

from typing import Any

from django import forms
from wagtail.admin.forms import WagtailAdminPageForm


class LiveSessionPageForm(WagtailAdminPageForm):
    """Offers the propositions of this session's own event, by their numbers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        propositions: forms.ModelMultipleChoiceField = self.fields["propositions"]
        event = self.parent_page or self.instance.get_parent()
        if event is not None:
            propositions.queryset = propositions.queryset.child_of(event).order_by("number")
        propositions.label_from_instance = lambda proposition: f"{proposition.number}. {proposition.title}"
