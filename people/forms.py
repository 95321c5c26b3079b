"""What people fill in about themselves."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.forms import DisconnectForm as AnyDisconnectForm
from django import forms


class LinkForm(forms.Form):
    """Where to send the link."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, error_messages={"required": "Give an e-mail address."}
    )


class ErasureForm(forms.Form):
    """That somebody has read what an erasure does."""

    understood = forms.BooleanField(error_messages={"required": "Tick the box to say that this cannot be undone."})


class DisconnectForm(AnyDisconnectForm):
    """Which account elsewhere lets one in no more. The last may go too: a code by e-mail always works."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of a server that the installation names no more there is nothing to show.
        named = [app.provider_id for app in get_adapter().list_apps(self.request)]
        self.accounts = self.fields["account"].queryset = self.accounts.filter(provider__in=named)

    def clean(self) -> dict[str, Any]:
        return forms.Form.clean(self) or {}
