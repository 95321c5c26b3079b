"""What editors and organisers fill in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from briefings.models import FollowUp, ObjectionWindow, PublishedPoint


class WindowForm(forms.ModelForm):
    """Until when those whom a draft quotes may object."""

    class Meta:
        model = ObjectionWindow
        fields = ["closes_on"]
        widgets = {"closes_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class PublishedPointField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"Briefing {obj.briefing.number} of {obj.briefing.get_parent().title}, {obj.number}. {obj.heading}"


class FollowUpForm(WagtailAdminModelForm):
    """A follow-up belongs to a point that readers know: one of a published briefing."""

    at = PublishedPointField(label="Point", queryset=PublishedPoint.objects.none(), empty_label="Choose a point")

    class Meta:
        model = FollowUp
        fields = ["at", "promise", "owner", "owner_email", "due_on", "state", "note"]
        widgets = {"due_on": AdminDateInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = PublishedPoint.objects.filter(briefing__live=True).select_related("briefing").order_by("-briefing")
        if self.instance.pk:
            # Where it belongs is settled; what is done about it is not.
            del self.fields["at"]
        else:
            self.fields["at"].queryset = points

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("state") == FollowUp.State.DROPPED and not values.get("note", "").strip():
            raise ValidationError({"note": "Say why it was not done: those who asked for it will read this."})
        return values
