"""What organisers fill in about a whole event, and which part of the record they ask for."""

from django import forms
from wagtail.admin.widgets import AdminDateInput

from home.record import KINDS, Wanted, doers, who
from people.models import User


class _Doer(forms.ModelChoiceField):
    def label_from_instance(self, user: User) -> str:
        return f"{user.display_name}, {user.email}" if user.is_active else who(user)


class RecordForm(forms.Form):
    """Which part of the record of who did what. What makes no sense asks for nothing in particular."""

    person = _Doer(User.objects.none(), required=False, empty_label="Anybody")
    kind = forms.ChoiceField(choices=[("", "Anything"), *((kind, kind.capitalize()) for kind in KINDS)], required=False)
    since = forms.DateField(label="From", required=False, widget=AdminDateInput)
    until = forms.DateField(label="To", required=False, widget=AdminDateInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = doers()

    def wanted(self) -> Wanted:
        self.is_valid()
        said = self.cleaned_data
        person = said.get("person")
        return Wanted(person and person.pk, said.get("kind", ""), said.get("since"), said.get("until"))


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
