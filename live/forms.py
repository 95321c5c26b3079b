"""What people fill in to come into a session."""

from typing import Any

from django import forms

from live.models import Identity, LiveSession
from people.consent import Consent


class CodeForm(forms.Form):
    """The code, as read from the wall: any case, with or without its space."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
        error_messages={"required": "Type the six characters from the wall."},
    )


class AppearanceForm(forms.Form):
    """How somebody wishes to appear in a session, and whether they may be quoted."""

    identity = forms.ChoiceField(choices=Identity.choices, widget=forms.RadioSelect, label="How shall we show you?")
    name = forms.CharField(max_length=120, required=False, label="Name")
    role = forms.CharField(max_length=160, required=False, label="Role", help_text="For example: Tenant board member")
    consent = forms.ChoiceField(
        choices=Consent.choices,
        widget=forms.RadioSelect,
        initial=Consent.ROLE,
        label="May we quote you in the briefing?",
    )

    def __init__(self, *args: Any, session: LiveSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Identity.choices)
        field = self.fields["identity"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 narrows the type
        field.choices = [(value, labels[Identity(value)]) for value in session.identities]
        field.initial = session.identities[-1] if session.identities else None


class ContributionForm(forms.Form):
    """The box on the phone, for browsers without JavaScript. The action decides what is too long or empty."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    prompt = forms.IntegerField(widget=forms.HiddenInput, required=False)
    proposition = forms.IntegerField(required=False)
    body = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3}))
