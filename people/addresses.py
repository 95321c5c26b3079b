"""One spelling for each e-mail address, wherever one is kept, counted or written to."""

import unicodedata


class AddressUnusable(ValueError):
    """No mail can be sent to it."""


def plain_address(email: str) -> str:
    """The address as mail is sent to it: its domain in ASCII, however it was typed.

    `victim@ｅxample.org` and `victim@example.org` are one mailbox, so they must not be two in any limit. What stands
    before the @ stays, and so does every address that was plain before.
    """
    email = email.strip()
    if email.isascii():
        return email
    name, at, domain = email.rpartition("@")
    try:
        plain = unicodedata.normalize("NFKC", domain).encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressUnusable(email) from None
    if not (at and name.isascii()):
        raise AddressUnusable(email)
    return f"{name}@{plain}"


def key_form(email: str) -> str:
    """What stands for an address where it is only compared. Takes anything, also what no mail could be sent to."""
    try:
        return plain_address(email).lower()
    except AddressUnusable:
        return email.strip().lower()
