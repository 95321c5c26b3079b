"""Opaque keys that tell distinct people apart without saying who they are."""

import ipaddress

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac

from people.addresses import key_form
from people.models import User

SALT = "summit.people.author-key"


def _key(kind: str, value: str, secret: str | None = None) -> str:
    return salted_hmac(SALT, f"{kind}:{value}", secret=secret, algorithm="sha256").hexdigest()


def _keys(kind: str, value: str) -> frozenset[str]:
    """The key, and those that it was while an older SECRET_KEY was in force: what was said then stands under them."""
    return frozenset(_key(kind, value, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def author_key_of_user(user: User) -> str:
    """The key of everything said from an account, by whatever way it was said."""
    return _key("user", str(user.pk))


def author_keys_of_user(user: User) -> frozenset[str]:
    """Every key under which something said from an account may stand."""
    return _keys("user", str(user.pk))


def author_key_of_email(email: str) -> str:
    """The key of what was said under a confirmed address: the account's own, if the address has an account."""
    # An account keeps its address as it was typed.
    user = User.objects.filter(Q(email__iexact=email) | Q(email__iexact=key_form(email))).order_by("pk").first()
    return author_key_of_user(user) if user else author_key_of_address(email)


def author_key_of_address(email: str) -> str:
    """The key of what was said under an address while it had no account."""
    return _key("email", key_form(email))


def author_keys_of_address(email: str) -> frozenset[str]:
    """Every key under which something said under an address without an account may stand."""
    return _keys("email", key_form(email))


def network_key_as_address(address: str) -> str:
    """A keyed hash of a network address, written as an address that nobody has.

    For libraries that keep whole addresses, in columns that take nothing else. Of IPv6, what one household has is one.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        found = ipaddress.IPv6Address(0)
    whole = found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False).network_address
    digest = salted_hmac("summit.people.network", str(whole), algorithm="sha256").digest()
    # Under fd00::/8 everybody numbers as they like: no such address is reached from elsewhere.
    return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))


def author_key_of_name(name: str) -> str:
    """The key under which an erasure remembers whom not to name again. Nothing that anybody said stands under it."""
    return _key("name", _one_name(name))


def author_keys_of_name(name: str) -> frozenset[str]:
    """Every key under which an erasure may remember a name."""
    return _keys("name", _one_name(name))


def _one_name(name: str) -> str:
    return " ".join(name.split()).casefold()


def author_key_of_device(session: str, token: str) -> str:
    """The key of what one device said in one live session without an account."""
    return _key("device", f"{session}:{token}")


def author_key_of_stranger(source: str, name: str) -> str:
    """The key of what another site recorded under a name without an address: one person there, nobody else's here."""
    return _key("elsewhere", _there(source, name))


def author_keys_of_stranger(source: str, name: str) -> frozenset[str]:
    """Every key under which what another site recorded under such a name may stand."""
    return _keys("elsewhere", _there(source, name))


def _there(source: str, name: str) -> str:
    return f"{source}:{name.strip().lower()}"
