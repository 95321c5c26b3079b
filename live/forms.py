"""What people fill in to come into a session."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from wagtail.admin.forms import WagtailAdminModelForm

from live.models import (
    LARGEST_TABLE,
    PROMPT_LENGTH,
    TABLE_NAME_LENGTH,
    TABLES_AT_MOST,
    Identity,
    LiveSession,
    ModerationMode,
)
from people.consent import Consent
from people.models import User
from people.roles import ALL


class CodeForm(forms.Form):
    """The code, as read from the wall: any case, with or without its space."""

    code = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
        error_messages={"required": "Type the six characters from the wall, or the nine from your table."},
    )


class AppearanceForm(forms.Form):
    """How somebody wishes to appear in a session, and whether they may be quoted."""

    identity = forms.ChoiceField(choices=Identity.choices, widget=forms.RadioSelect, label="How shall we show you?")
    name = forms.CharField(max_length=120, required=False, label="Name")
    role = forms.CharField(max_length=160, required=False, label="Role", help_text="For example: Tenant board member")
    consent = forms.ChoiceField(
        choices=Consent.choices,
        widget=forms.RadioSelect,
        label="May we quote you in the briefing?",
    )

    def __init__(self, *args: Any, session: LiveSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Identity.choices)
        field = self.fields["identity"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 narrows the type
        field.choices = [(value, labels[Identity(value)]) for value in session.identities]
        if self.initial.get("identity") not in session.identities:
            self.initial["identity"] = session.identities[-1] if session.identities else None
        self.initial["consent"] = _consent_for(self.initial["identity"], self.initial.get("consent", Consent.ROLE))


def _consent_for(identity: str | None, consent: str) -> str:
    """The wished consent as far as it fits: nobody is offered to be quoted as more than the room sees of them."""
    if identity == Identity.NOTHING and consent in (Consent.NAMED, Consent.ROLE):
        return Consent.ANONYMOUS
    if identity != Identity.NAME and consent == Consent.NAMED:
        return Consent.ROLE
    return consent


class SeatForm(forms.Form):
    """What a scribe says about the table: how many sit there, and whether a briefing may quote it."""

    headcount = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_TABLE,
        error_messages={
            "required": "Say how many of you sit at this table.",
            "invalid": "A number, such as 6.",
            "min_value": "At least one person sits at a table.",
            "max_value": "A table seats at most %(limit_value)s people.",
        },
    )
    may_quote = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")], coerce=lambda value: value == "yes", required=False, empty_value=True
    )


class ContributionForm(forms.Form):
    """The box on the phone, for browsers without JavaScript. The action decides what is too long or empty."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    prompt = forms.IntegerField(widget=forms.HiddenInput, required=False)
    proposition = forms.IntegerField(required=False)
    body = forms.CharField(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3}))


class SetUpForm(WagtailAdminModelForm):
    """What an organiser settles before a session. The view hands it to the action; the form stores nothing itself."""

    facilitators = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They run the session from its console. Staff, and those who facilitate a proposition.",
    )
    moderation = forms.ChoiceField(choices=ModerationMode.choices, widget=forms.RadioSelect, label="What people say")
    identities = forms.MultipleChoiceField(
        choices=Identity.choices, widget=forms.CheckboxSelectMultiple, label="How people may appear"
    )
    new_prompts = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        label="More prompts",
        help_text=(
            "Open questions, one on each line, in the order in which they will be put. Polls and statements to weigh "
            "are made on the console, where prompts can be moved and mended too."
        ),
    )

    new_tables = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="More tables",
        help_text=(
            "How many there are in all, such as 8 for Table 1 to Table 8; or their names, one on each line. Each gets "
            "a code of its own, and a sheet to print."
        ),
    )

    class Meta:
        model = LiveSession
        fields = ["facilitators", "moderation", "identities"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["facilitators"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 narrows the type
        field.queryset = _possible_facilitators(self.instance)
        field.label_from_instance = _name_of  # type: ignore[method-assign]

    def clean_new_prompts(self) -> list[str]:
        prompts = [" ".join(line.split()) for line in self.cleaned_data["new_prompts"].splitlines() if line.strip()]
        too_long = [prompt for prompt in prompts if len(prompt) > PROMPT_LENGTH]
        if too_long:
            raise forms.ValidationError(f"A prompt has at most {PROMPT_LENGTH} characters: “{too_long[0][:60]}…”")
        return prompts

    def clean_new_tables(self) -> dict[str, Any]:
        """As `add_tables` takes them: a count, or names; nothing if nothing was written."""
        lines = [line.strip() for line in self.cleaned_data["new_tables"].splitlines() if line.strip()]
        if len(lines) == 1 and lines[0].isdecimal():
            count = int(lines[0][:6])
            if not 1 <= count <= TABLES_AT_MOST:
                raise forms.ValidationError(f"A session has 1 to {TABLES_AT_MOST} tables.")
            return {"count": count}
        too_long = [line for line in lines if len(line) > TABLE_NAME_LENGTH]
        if too_long:
            raise forms.ValidationError(f"A table's name has at most {TABLE_NAME_LENGTH} characters.")
        return {"names": lines} if lines else {}


def _possible_facilitators(session: LiveSession) -> QuerySet[User]:
    possible = Q(groups__name__in=ALL) | Q(person__facilitations__isnull=False) | Q(facilitated_sessions=session)
    return User.objects.filter(possible, is_active=True).select_related("person").distinct().order_by("email")


def _name_of(user: User) -> str:
    return f"{user.display_name} ({user.email})"
