from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from people.personal import Subject, everything_about, subject_of_email


def subject_named(email: str) -> Subject:
    """Whoever an address belongs to, if anything is kept about them."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email} is no e-mail address.") from error
    subject = subject_of_email(email)
    if not everything_about(subject):
        raise CommandError(f"Nothing is kept about {email}.")
    return subject
