"""How long things about people are kept, and what makes an end of it.

Each app registers a `Rule` for what it keeps for a time; `manage.py forget` follows them all, every night. The page at
/privacy/ says the same rules, so that what readers are told and what happens cannot part.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from people.models import PersonalLink, User


@dataclass(frozen=True)
class Rule:
    """One kind of thing that is kept for a time.

    `forget` takes the moment before which it is too old, and answers how many things it changed or deleted. Following
    a rule twice changes nothing the second time.
    """

    name: str
    """For the command: a few words, of several."""
    sentence: str
    """For readers: what is kept, and what for."""
    days: Callable[[], int] | None
    """None where each thing has an end of its own."""
    forget: Callable[[datetime.datetime], int]
    until: str = ""
    """Where `days` is None: for how long, in words."""

    @property
    def how_long(self) -> str:
        if self.days is None:
            return self.until
        days = self.days()
        return "one day" if days == 1 else f"{days} days"


_rules: dict[str, tuple[int, Rule]] = {}


def register(rule: Rule, *, order: int) -> None:
    """Register a rule. Lower orders are said and followed first."""
    _rules[rule.name] = (order, rule)


def rules() -> list[Rule]:
    return [rule for _, rule in sorted(_rules.values(), key=lambda pair: pair[0])]


def forget_what_is_old(*, moment: datetime.datetime | None = None, is_trial: bool = False) -> dict[str, int]:
    """Follow every rule, each in a transaction of its own. Answers how many things went, by the rule's name.

    A trial tells the same and changes nothing.
    """
    moment = moment or timezone.now()
    gone = {}
    for rule in rules():
        with transaction.atomic():
            gone[rule.name] = rule.forget(moment - datetime.timedelta(days=rule.days() if rule.days else 0))
            if is_trial:
                transaction.set_rollback(True)
    return gone


def _forget_links(before: datetime.datetime) -> int:
    return PersonalLink.objects.filter(expires_at__lt=before).delete()[0]


def _forget_sessions(before: datetime.datetime) -> int:
    """Those that ended, and what is told of them to their owner. Sessions last two weeks from the last sign-in."""
    ended, _ = Session.objects.filter(expire_date__lt=before).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    return ended + UserSession.objects.filter(~Exists(alive), last_seen_at__lt=before).delete()[0]


def never_confirmed(before: datetime.datetime) -> QuerySet[User]:
    """Accounts that somebody began with an address and nobody came to confirm. Never one that an organiser made."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    begun = EmailAddress.objects.filter(user=OuterRef("pk"), verified=False)
    return User.objects.filter(
        ~Exists(confirmed),
        Exists(begun),
        last_login=None,
        date_joined__lt=before,
        is_staff=False,
        is_superuser=False,
        groups=None,
        person=None,
    )


def _forget_accounts(before: datetime.datetime) -> int:
    found = never_confirmed(before)
    count = found.count()
    found.delete()
    return count


def _forget_tasks(before: datetime.datetime) -> int:
    """Their arguments may name an address."""
    return DBTaskResult.objects.finished().filter(finished_at__lt=before).delete()[0]


def register_rules() -> None:
    register(
        Rule(
            "accounts never confirmed",
            "Accounts that were begun with an e-mail address which nobody confirmed",
            lambda: settings.KEEP_DAYS["unconfirmed"],
            _forget_accounts,
        ),
        order=20,
    )
    register(
        Rule(
            "ended sign-ins",
            "That you are signed in, on which kind of browser, and a keyed hash of its network address",
            None,
            _forget_sessions,
            until="until you sign out, or two weeks after you last signed in",
        ),
        order=40,
    )
    register(
        Rule(
            "links to what is kept",
            "Links that were sent to you to see what is kept about you",
            None,
            _forget_links,
            until="two hours",
        ),
        order=50,
    )
    register(
        Rule(
            "finished background tasks",
            "What became of letters and other work in the background, with addresses in it",
            lambda: settings.KEEP_DAYS["tasks"],
            _forget_tasks,
        ),
        order=60,
    )
