"""Everything kept about a person, gathered from whichever apps keep it: to be shown to them, and to be erased.

An app that keeps something about people registers a `Keeper` in its `ready()`. Apps below know nothing of those above.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from wagtail.models import ModelLogEntry

from people.keys import author_keys_of_address, author_keys_of_name, author_keys_of_user
from people.models import Erasure, Person, User

Record = dict[str, Any]
NAME_REMOVED = "Name removed"


@dataclass(frozen=True)
class Subject:
    """A person as an installation may know them: an account, addresses, and the keys of what they said."""

    user: User | None = None
    emails: frozenset[str] = frozenset()
    author_keys: frozenset[str] = frozenset()
    device_keys: frozenset[str] = frozenset()
    """Stored forms of a browser's token, under which comments and votes without an account stand."""

    @property
    def is_nobody(self) -> bool:
        return not (self.user or self.emails or self.author_keys or self.device_keys)


@dataclass(frozen=True)
class Keeper:
    """One kind of thing kept about people.

    `export` answers records as JSON can hold them. `erase` takes away what tells who it was and what was said, leaves
    what threads and counts need, and answers how many things it changed; it runs inside the erasure's transaction.
    `retained` says in sentences what it must leave for a person to decide about.
    """

    name: str
    export: Callable[[Subject], list[Record]]
    erase: Callable[[Subject, str], int]
    """Called with the key under which what remains of the person goes on being counted as one."""
    retained: Callable[[Subject], list[str]] = field(default=lambda subject: [])


_keepers: dict[str, tuple[int, Keeper]] = {}


def register(keeper: Keeper, *, order: int) -> None:
    """Register a keeper. Lower orders are shown first, and erased last: what leans on others goes before them."""
    _keepers[keeper.name] = (order, keeper)


def keepers() -> list[Keeper]:
    return [keeper for _, keeper in sorted(_keepers.values(), key=lambda pair: pair[0])]


def subject_of_email(email: str) -> Subject:
    """Whoever can read the mail of an address: what was said under it, and the account that signs in with it."""
    email = email.strip().lower()
    user = User.objects.filter(email__iexact=email).first()
    keys = author_keys_of_address(email) | (author_keys_of_user(user) if user else frozenset())
    return Subject(user=user, emails=frozenset({email}), author_keys=keys)


def subject_of_user(user: User) -> Subject:
    """An account, with every address that its owner has confirmed."""
    confirmed = user.emailaddress_set.filter(verified=True).values_list("email", flat=True)
    emails = {user.email.lower()} | {email.lower() for email in confirmed}
    keys = author_keys_of_user(user).union(*(author_keys_of_address(email) for email in emails))
    return Subject(user=user, emails=frozenset(emails), author_keys=keys)


def joined(first: Subject, second: Subject) -> Subject:
    """Two ways of knowing the same person, together."""
    return Subject(
        user=first.user or second.user,
        emails=first.emails | second.emails,
        author_keys=first.author_keys | second.author_keys,
        device_keys=first.device_keys | second.device_keys,
    )


def everything_about(subject: Subject) -> dict[str, list[Record]]:
    """What every keeper holds, by its name; those that hold nothing are left out."""
    found = {keeper.name: keeper.export(subject) for keeper in keepers()}
    return {name: records for name, records in found.items() if records}


def names_of_account(subject: Subject) -> set[str]:
    """The names that an account is known by, as far as they are more than one word: half a name is everybody's."""
    return {name for name in _names(subject) if len(name.split()) > 1}


def keys_of_names(subject: Subject) -> frozenset[str]:
    """The keys of the names that an account is known by."""
    return frozenset[str]().union(*(author_keys_of_name(name) for name in _names(subject)))


def _names(subject: Subject) -> set[str]:
    if subject.user is None:
        return set()
    names = {subject.user.get_full_name(), *Person.objects.filter(user=subject.user).values_list("name", flat=True)}
    return names - {""}


class Erased(dict[str, str]):
    """The keys of everybody who was erased here, each with the key under which what remains of them is counted.

    They stand as they were made, mostly under the SECRET_KEY of that day: whoever looks somebody up asks with every key
    that they may have (`author_keys_of_…`), not with today's.
    """

    def remains(self, keys: Iterable[str]) -> str:
        """The key of what remains of whoever has one of these; empty if nobody of that kind was erased."""
        return next((self[key] for key in sorted(keys) if key in self), "")


def erased_keys() -> Erased:
    """Whoever brings something in from elsewhere leaves out what stands under one of these."""
    erasures = Erasure.objects.order_by("pk").values_list("pk", "author_keys")
    return Erased({key: remains_of(number) for number, keys in erasures for key in keys})


def remains_of(number: int) -> str:
    """The key under which what remains of somebody goes on being counted as one."""
    return f"erased-{number}"


def retained_about(subject: Subject) -> list[str]:
    """What an erasure leaves, each in a sentence, for a person to decide about."""
    return [sentence for keeper in keepers() for sentence in keeper.retained(subject)]


def forget_in_log(things: Sequence[Model]) -> int:
    """Take names and words out of the admin's log, which keeps what each thing was called. For things of one model."""
    if not things:
        return 0
    kind = ContentType.objects.get_for_model(things[0])
    entries = ModelLogEntry.objects.filter(content_type=kind, object_id__in=[str(thing.pk) for thing in things])
    return entries.update(label=NAME_REMOVED)
