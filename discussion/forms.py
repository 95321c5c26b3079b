"""What people fill in to comment."""

import time
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django_comments_xtd.forms import XtdCommentForm
from wagtail.models import Page

from discussion.choices import Frequency
from discussion.exceptions import DiscussionError
from discussion.models import NAME_LENGTH, ROLE_LENGTH, Comment
from people.consent import Consent, quote_label
from people.permissions import AnyUser

# Seconds, of the fourteen days in which a form may be sent.
MOMENT_STAYS = 60 * 60


@dataclass(frozen=True)
class ConsentRow:
    """One way to be quoted, with how the person would then appear."""

    value: str
    label: str
    hint: str
    is_chosen: bool


class CommentForm(XtdCommentForm):
    """The library's form, with its traps for machines, asking what a summit needs to know."""

    security_hash = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)
    role = forms.CharField(label="Role and organisation", max_length=ROLE_LENGTH, required=False)
    is_role_shown = forms.BooleanField(label="Show only my role beside my comment", required=False)
    wants_answers = forms.BooleanField(label="E-mail me when somebody answers", required=False)
    consent = forms.ChoiceField(label="May we quote you in the briefing?", choices=Consent.choices)
    reply_to = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    field_order = ["name", "email", "role", "is_role_shown", "comment", "consent", "wants_answers"]

    def __init__(
        self,
        page: Page,
        data: Any = None,
        *,
        actor: AnyUser | None = None,
        parent: Comment | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.actor = actor
        self.parent = parent
        self.draft_parent = parent.pk if parent else 0
        initial = {"consent": Consent.ROLE, "reply_to": parent.pk if parent else 0, **(initial or {})}
        if self.is_signed_in:
            person = getattr(actor, "person", None)
            initial.setdefault("role", person.affiliation if person else "")
        super().__init__(page, data=data, initial=initial)
        del self.fields["url"]
        del self.fields["followup"]
        if self.is_signed_in:
            del self.fields["name"]
            del self.fields["email"]
        else:
            self.fields["name"].max_length = NAME_LENGTH
            self.fields["name"].widget = forms.TextInput(attrs={"autocomplete": "name", "maxlength": NAME_LENGTH})
            self.fields["name"].error_messages["required"] = "Give the name you want to be known by here."
            self.fields["email"].label = "E-mail"
            self.fields["email"].widget = forms.EmailInput(attrs={"autocomplete": "email"})
            self.fields["email"].error_messages["required"] = "Give an address we can send one e-mail to."
            self.fields["email"].error_messages["invalid"] = (
                "Give a whole e-mail address, for example name@example.org."
            )
        self.fields["role"].widget = forms.TextInput(attrs={"maxlength": ROLE_LENGTH})
        self.fields["comment"].widget = forms.Textarea(attrs={"rows": 5})
        # The library's own length is shorter, and its validator came with it.
        self.fields["comment"].max_length = None
        self.fields["comment"].validators = []
        self.fields["comment"].error_messages["required"] = "Write something first."
        self.fields["consent"].error_messages["required"] = "Choose whether we may quote you."
        for bound in self.fields.values():
            bound.widget.attrs.pop("class", None)
            bound.widget.attrs.pop("placeholder", None)

    @property
    def is_signed_in(self) -> bool:
        return bool(self.actor and self.actor.is_authenticated)

    def generate_security_hash(self, content_type: str, object_pk: str, timestamp: str) -> str:
        """The library's check with its algorithm named: the default one changes with Django's versions."""
        value = "-".join((content_type, object_pk, timestamp))
        return salted_hmac("summit.discussion.form", value, algorithm="sha256").hexdigest()

    def clean_security_hash(self) -> str:
        given = self.cleaned_data["security_hash"]
        expected = self.generate_security_hash(
            self.data.get("content_type", ""), self.data.get("object_pk", ""), self.data.get("timestamp", "")
        )
        if not constant_time_compare(given, expected):
            raise forms.ValidationError("unrecognised")
        return given

    def clean_timestamp(self) -> int:
        moment = self.cleaned_data["timestamp"]
        if time.time() - moment > settings.COMMENTS_TIMEOUT:
            raise forms.ValidationError("too old")
        return moment

    def clean_honeypot(self) -> str:
        if self.cleaned_data["honeypot"]:
            raise forms.ValidationError("filled")
        return ""

    def clean(self) -> dict[str, Any]:
        # Not the library's, which styles fields.
        return self.cleaned_data

    @property
    def stale(self) -> str:
        """What to say when the form itself, not what was written in it, is the trouble. Empty if it is not."""
        errors = self.security_errors()
        if "honeypot" in errors:
            return "A field that people don't see was filled in, perhaps by your browser. Post the comment again."
        return "This form was open for a long time. Nothing is lost: post the comment again." if errors else ""

    def fresh_security(self) -> dict[str, str]:
        """Hidden values for the form that is shown now, whenever the one sent was made."""
        return self.generate_security_data()

    def generate_security_data(self) -> dict[str, str]:
        """The library's, with a moment that stays for an hour: a page that says nothing else new is not sent again."""
        moment = int(time.time()) // MOMENT_STAYS * MOMENT_STAYS
        return {
            "content_type": str(self.target_object._meta),
            "object_pk": str(self.target_object._get_pk_val()),
            "timestamp": str(moment),
            "security_hash": self.initial_security_hash(moment),
        }

    def refuse(self, error: DiscussionError) -> None:
        """Show why an action refused, beside the field it is about."""
        self.add_error(error.field if error.field in self.fields else None, error.message)

    def value(self, name: str) -> str:
        return str(self[name].value() or "") if name in self.fields else ""

    def consent_rows(self) -> list[ConsentRow]:
        """The choices, each with how this person would appear: what they typed, or what they could type."""
        name = (
            self.value("name") if not self.is_signed_in else self.actor.display_name  # type: ignore[union-attr]
        )
        role = self.value("role")
        chosen = self.value("consent")
        hints = {
            Consent.NAMED: f"“{quote_label(Consent.NAMED, name=name or 'Your name', role=role or 'your role')}”",
            Consent.ROLE: f"“{role or 'Your role'}”",
            Consent.ANONYMOUS: f"“{quote_label(Consent.ANONYMOUS, name='')}”",
            Consent.NONE: "Counted and read, but never quoted.",
        }
        return [ConsentRow(value, label, hints[Consent(value)], value == chosen) for value, label in Consent.choices]

    @property
    def error_list(self) -> list[tuple[str, str]]:
        """Every error that people can mend, with the id of its field, in the order of the form."""
        rows = [(f"id_{name}", str(error)) for name in self.fields for error in self.errors.get(name, [])]
        hidden = {f"id_{name}" for name in ("honeypot", "timestamp", "security_hash", "content_type", "object_pk")}
        return [(place, error) for place, error in rows if place not in hidden] + [
            ("", str(error)) for error in self.non_field_errors()
        ]


class EditForm(forms.Form):
    """One's own words, once more."""

    comment = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 8}), error_messages={"required": "Write something first."}
    )


class FollowForm(forms.Form):
    """Where news goes, and how often."""

    email = forms.EmailField(
        max_length=254,
        error_messages={
            "required": "Give the address that news should go to.",
            "invalid": "Give a whole e-mail address, for example name@example.org.",
        },
    )
    frequency = forms.ChoiceField(
        choices=Frequency.choices,
        initial=Frequency.WEEKLY,
        error_messages={"required": "Choose how often you want to be told."},
    )
    # People do not see it.
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, actor: AnyUser | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if actor is not None and actor.is_authenticated:
            del self.fields["email"]


class FlagForm(forms.Form):
    reason = forms.CharField(required=False, max_length=300)
