"""What readers fill in."""

from django import forms


class WishForm(forms.Form):
    """Where to send the one message."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, error_messages={"required": "Give an e-mail address."}
    )
