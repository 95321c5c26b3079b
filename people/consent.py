"""What somebody allows a briefing to do with their words."""

from django.db import models


class Consent(models.TextChoices):
    NAMED = "named", "By name"
    ROLE = "role", "By role only"
    ANONYMOUS = "anonymous", "Without name or role"
    NONE = "none", "Do not quote me"


def quote_label(consent: str, *, name: str, role: str = "", fallback: str = "A respondent") -> str:
    """How a person appears beside a quotation, as they allowed; empty if they are not to be quoted."""
    match consent:
        case Consent.NAMED:
            return ", ".join(part for part in (name, role) if part) or fallback
        case Consent.ROLE:
            return role or fallback
        case Consent.ANONYMOUS:
            return fallback
        case _:
            return ""
