"""What people fill in about themselves."""

from django import forms


class LinkForm(forms.Form):
    """Where to send the link."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, error_messages={"required": "Give an e-mail address."}
    )


class ErasureForm(forms.Form):
    """That somebody has read what an erasure does."""

    understood = forms.BooleanField(error_messages={"required": "Tick the box to say that this cannot be undone."})
