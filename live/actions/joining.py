"""Coming into a session, and how one appears there."""

import hashlib
import secrets

from django.db import transaction

from content.text import clean_line
from live.exceptions import IdentityNotAllowed, SessionClosed
from live.models import Identity, LiveSession, Participant
from live.permissions import can_join
from people.consent import Consent
from people.keys import author_key_of_device, author_key_of_user
from people.models import User
from people.permissions import AnyUser

TOKEN_BYTES = 32
NAME_LENGTH = 120
ROLE_LENGTH = 160


def new_device_token() -> str:
    """A secret for a device to keep. Only its hash is stored."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of_token(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def join_session(
    *,
    session: LiveSession,
    token: str,
    user: AnyUser | None = None,
    identity: str = Identity.NOTHING,
    name: str = "",
    role: str = "",
    consent: str = Consent.ROLE,
) -> Participant:
    """Let a device in, as its holder wishes to appear. Joining again changes how they appear from then on.

    Somebody signed in is one person on all their devices.
    """
    fresh = LiveSession.objects.get(pk=session.pk)
    if not can_join(fresh):
        raise SessionClosed
    appearance = _clean(fresh, identity, name, role, consent)
    account = user if isinstance(user, User) and user.is_active else None
    person = getattr(account, "person", None) if account else None
    key = author_key_of_user(account) if account else author_key_of_device(str(fresh.pk), token)
    with transaction.atomic():
        participant, _ = Participant.objects.update_or_create(
            session=fresh,
            token_hash=hash_of_token(token),
            defaults={**appearance, **({"user": account, "person": person} if account else {})},
            create_defaults={**appearance, "user": account, "person": person, "author_key": key},
        )
    return participant


def update_identity(
    *, participant: Participant, identity: str, name: str = "", role: str = "", consent: str
) -> Participant:
    """Change how somebody appears, for what they say from now on."""
    appearance = _clean(participant.session, identity, name, role, consent)
    for field, value in appearance.items():
        setattr(participant, field, value)
    participant.save(update_fields=list(appearance))
    return participant


def _clean(session: LiveSession, identity: str, name: str, role: str, consent: str) -> dict[str, str]:
    name, role = clean_line(name), clean_line(role)
    if identity not in Identity.values or identity not in session.identities:
        raise IdentityNotAllowed("This session does not take that.", field="identity")
    if consent not in Consent.values:
        raise IdentityNotAllowed("Say whether you may be quoted.", field="consent")
    if identity == Identity.NAME and not name:
        raise IdentityNotAllowed("Give a name, or choose another way to appear.", field="name")
    if identity == Identity.ROLE and not role:
        raise IdentityNotAllowed("Give a role, or choose another way to appear.", field="role")
    if consent == Consent.NAMED and not name:
        raise IdentityNotAllowed("To be quoted by name, give one.", field="name")
    if len(name) > NAME_LENGTH:
        raise IdentityNotAllowed(f"At most {NAME_LENGTH} characters.", field="name")
    if len(role) > ROLE_LENGTH:
        raise IdentityNotAllowed(f"At most {ROLE_LENGTH} characters.", field="role")
    return {"identity": identity, "name": name, "role": role, "consent": consent}
