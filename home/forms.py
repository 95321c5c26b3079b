"""What organisers fill in about a whole event."""

from django import forms
from wagtail.admin.widgets import AdminDateInput


class RepeatEventForm(forms.Form):
    """The new event, as far as it differs from the earlier one."""

    title = forms.CharField(max_length=255)
    starts_on = forms.DateField(
        label="First day", widget=AdminDateInput, help_text="Every other date is moved along with it."
    )
    takes_propositions = forms.BooleanField(
        label="Take the propositions along",
        required=False,
        help_text="As drafts, with their facilitators and resources, without what was said about them.",
    )
    takes_programme = forms.BooleanField(
        label="Take the programme along",
        required=False,
        help_text="The sessions as drafts, on the same weekdays and times, each with a new code.",
    )
