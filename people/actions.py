"""What is written about people: links to what is kept about them, and their erasure."""

import datetime
import getpass
import hashlib
import os
import secrets

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Site

from content.mail import send_later
from content.readers import forget_kept_answers
from people.exceptions import LastOrganiser, NotAllowed, NothingKept
from people.keys import author_keys_of_user
from people.models import Erasure, PersonalLink, User
from people.permissions import is_organiser
from people.personal import (
    Subject,
    everything_about,
    keepers,
    keys_of_names,
    remains_of,
    retained_about,
    subject_of_email,
)
from people.roles import ORGANISERS

LINK_LIFETIME = datetime.timedelta(hours=2)
LINKS_PER_ADDRESS = 3


def hash_of_token(token: str) -> str:
    """Tokens are long and random: a plain hash keeps them."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def send_personal_link(*, email: str) -> bool:
    """Send a link to everything kept about an address, if anything is. Answers whether; do not tell who asked.

    A link is good for two hours. At most three are open at once, so that nobody can fill a mailbox.
    """
    email = email.strip().lower()
    moment = timezone.now()
    PersonalLink.objects.filter(expires_at__lte=moment).delete()
    if PersonalLink.objects.filter(email=email).count() >= LINKS_PER_ADDRESS:
        return False
    if not everything_about(subject_of_email(email)):
        return False
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        PersonalLink.objects.create(token_hash=hash_of_token(token), email=email, expires_at=moment + LINK_LIFETIME)
        address = settings.BASE_URL + reverse("personal_by_link", args=[token])
        words = {"link": address, "site_name": settings.SITE_NAME}
        body = render_to_string("people/mail/personal_link.txt", words)
        send_later(EmailMessage("What is kept about you", body, to=[email]), lifetime=LINK_LIFETIME)
    return True


def email_of_link(*, token: str) -> str | None:
    """The address a link was sent to, or None if the link is not good any more."""
    link = PersonalLink.objects.filter(token_hash=hash_of_token(token), expires_at__gt=timezone.now()).first()
    return link.email if link else None


def erase_person(*, actor: User | None, subject: Subject) -> Erasure:
    """Erase somebody: name, contact and words go; that somebody spoke stays, so that threads and counts hold.

    `actor` is None where the subject itself was proved by a link or a device. An organiser may erase for somebody who
    asked. Who is the only organiser must hand over first. What cannot be erased by rule, as words that a published
    briefing quotes in its own text, is listed in the record for an organiser's decision.
    """
    if actor is not None and actor != subject.user and not is_organiser(actor):
        raise NotAllowed
    if subject.is_nobody or not everything_about(subject):
        raise NothingKept
    if subject.user and _is_last_organiser(subject.user):
        raise LastOrganiser
    with transaction.atomic():
        erasure = Erasure.objects.create(
            author_keys=sorted(subject.author_keys | keys_of_names(subject)),
            device_keys=sorted(subject.device_keys),
            user_key=subject.user.pk if subject.user else None,
            by_whom="organiser" if actor is not None and actor != subject.user else "self",
            retained=retained_about(subject),
        )
        erasure.changed = _erase(subject, erasure)
        erasure.save(update_fields=["changed"])
        PersonalLink.objects.filter(email__in=subject.emails).delete()
        # Of whom says nothing; who asked for themselves is not named either.
        by = actor if erasure.by_whom == "organiser" else None
        log(instance=erasure, action="people.erase", user=by, data={"reason": erasure.get_by_whom_display()})
        if erasure.retained:
            _tell_organisers(erasure)
    return erasure


def replay_erasures() -> int:
    """Make every erasure again, after a restore from before them. Answers how many changed anything."""
    made = 0
    for erasure in Erasure.objects.order_by("erased_at"):
        user = User.objects.filter(pk=erasure.user_key).first() if erasure.user_key else None
        keys = frozenset[str](erasure.author_keys)
        if user and user.date_joined > erasure.erased_at:
            # Somebody else, to whom a database that was put back or made anew gave the same number.
            keys -= author_keys_of_user(user)
            user = None
        emails = {user.email.lower()} if user and user.is_active else set()
        subject = Subject(
            user=user,
            emails=frozenset(emails),
            author_keys=keys,
            device_keys=frozenset(erasure.device_keys),
        )
        with transaction.atomic():
            if any(_erase(subject, erasure).values()):
                made += 1
    return made


def decide_about_retained(*, actor: User, erasure: Erasure, decision: str) -> Erasure:
    """Record what an organiser decided about what an erasure left."""
    if not is_organiser(actor):
        raise NotAllowed
    erasure.decision = " ".join(decision.split())[:500]
    erasure.decided_at = timezone.now()
    with transaction.atomic():
        erasure.save(update_fields=["decision", "decided_at"])
        log(instance=erasure, action="people.decide_erasure", user=actor)
    return erasure


def record_export(*, actor: User | None, about: Model, what: str) -> None:
    """Note that somebody took a file with people's words, and of what.

    Without an actor it was a command on the server, run by whom the machine knows by that name.
    """
    by = {} if actor else {"operator": _name_on_the_server()}
    log(instance=about, action="people.export", user=actor, data={"reason": what, **by})


def record_export_of_site(what: str) -> None:
    """Note that a command wrote a file with what is kept of more than one page, or of a person, who is not named."""
    site = Site.objects.order_by("-is_default_site", "pk").first()
    if site is not None:
        record_export(actor=None, about=site, what=what)


def _name_on_the_server() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except OSError:
        return f"number {os.getuid()}"


def _erase(subject: Subject, erasure: Erasure) -> dict[str, int]:
    remains = remains_of(erasure.pk)
    changed = {keeper.name: keeper.erase(subject, remains) for keeper in reversed(keepers())}
    forget_kept_answers()
    return {name: count for name, count in changed.items() if count}


def _tell_organisers(erasure: Erasure) -> None:
    link = settings.BASE_URL + reverse("erasures:edit", args=[erasure.pk])
    words = {"sentences": erasure.retained, "link": link, "site_name": settings.SITE_NAME}
    body = render_to_string("people/mail/retained.txt", words)
    organisers = User.objects.filter(is_active=True, groups__name=ORGANISERS)
    for address in organisers.values_list("email", flat=True):
        send_later(EmailMessage("Somebody was erased: something waits for you", body, to=[address]))


def _is_last_organiser(user: User) -> bool:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    stays = others.filter(groups__name=ORGANISERS).exists() or others.filter(is_superuser=True).exists()
    return is_organiser(user) and not stays
