"""Following a page or a thread by e-mail: every write of it, and the tasks that tell.

Nobody is told without having said so twice: by asking, and by pressing the button behind a link, or by being signed in.
What is said becomes a row of `News` for each follower; letters gather those rows. However much is said, one address
gets at most one notice an hour and six a day; the rest waits for the next letter. Stopping needs no account.
"""

import datetime
import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.models import Page

from content.mail import BULK, URGENT, USUAL, send_later
from discussion.choices import Frequency, MailKind
from discussion.exceptions import InvalidText, LinkExpired, LinkUnknown, NotAllowed, TooManyComments, TooManyMails
from discussion.locks import take_turns
from discussion.mail import hash_token, subject_line
from discussion.models import Comment, ConfirmationMail, DiscussedPageMixin, Follow, Follower, News
from people.addresses import AddressUnusable, key_form, plain_address
from people.keys import author_key_of_email, author_key_of_user
from people.models import User

LINK_LIFETIME = datetime.timedelta(hours=48)
CONFIRMATIONS_AN_HOUR = 3
NOTICES_AN_HOUR = 1
NOTICES_A_DAY = 6
UNCONFIRMED_PER_NETWORK_AND_HOUR = 600
WEEK = datetime.timedelta(days=7)
# Letters stay in mailboxes; the link in them must work when somebody has had enough.
STOP_LINK_LIFETIME = datetime.timedelta(days=400)
# What an import brings in is no news, nor what it brought in held and a moderator releases later.
STALE_AFTER = datetime.timedelta(days=1)
KEEP_NEWS = datetime.timedelta(days=60)
COMMENTS_A_LETTER = 12
STOP_SALT = "summit.discussion.stop"


def sendable_address(email: str) -> str:
    """An address somebody typed, as mail is sent to it."""
    try:
        return plain_address(email)
    except AddressUnusable:
        raise InvalidText(
            "No e-mail can be sent to this address. Look at it again, above all after the @.", field="email"
        ) from None


def email_key(email: str) -> str:
    """What stands for an address where only its limits matter."""
    return salted_hmac("summit.discussion.mail", key_form(email), algorithm="sha256").hexdigest()


# Following and stopping


def follow_page(
    *,
    actor: User | None,
    page: Page,
    email: str,
    thread: Comment | None = None,
    frequency: str = Frequency.WEEKLY,
    network_key: str = "",
    is_confirmed: bool = False,
) -> Follow:
    """Ask for news of a page, or of one thread of it. Asking again changes how often.

    For a signed-in person's own address, and where the caller has proof that the address is the asker's
    (`is_confirmed`), it counts at once. Else a letter with a link is written, and nothing more is sent until its button
    is pressed.
    """
    if not (page.live and isinstance(page, DiscussedPageMixin)):
        raise NotAllowed("This page can't be followed.")
    if thread is not None and not (thread.is_root and thread.page_id == page.pk):
        raise NotAllowed("This thread can't be followed.")
    if frequency not in Frequency.values:
        raise NotAllowed("Choose how often you want to be told.")
    email = sendable_address(email)
    key = email_key(email)
    now = timezone.now()
    is_confirmed = is_confirmed or (actor is not None and key_form(actor.email) == key_form(email))
    with transaction.atomic():
        take_turns(f"discussion.mail:{key}")
        known = Follow.objects.filter(follower__email_key=key, page=page, thread=thread).first()
        if known is not None and known.confirmed_at:
            # A stranger who knows an address may not change what its owner chose.
            if is_confirmed and known.frequency != frequency:
                known.frequency = frequency
                known.save(update_fields=["frequency"])
            return known
        if not is_confirmed:
            check_confirmations(key, now)
            _check_network(network_key, now)
        follower, _ = Follower.objects.get_or_create(
            email_key=key,
            defaults={
                "email": email,
                "author_key": author_key_of_user(actor) if actor else author_key_of_email(email),
            },
        )
        follow = known or Follow(follower=follower, page=page, thread=thread)
        follow.frequency = frequency
        follow.network_key = network_key
        follow.confirmed_at = now if is_confirmed else None
        follow.expires_at = None if is_confirmed else now + LINK_LIFETIME
        follow.save()
        if not is_confirmed:
            ConfirmationMail.objects.create(email_key=key, kind=MailKind.CONFIRMATION, sent_at=now)
            transaction.on_commit(lambda: send_follow_confirmation.enqueue(str(follow.pk)))
    return follow


def confirm_follow(*, token: str) -> Follow:
    """Make a wish count. Any number of times, at once or later: the same."""
    with transaction.atomic():
        follow = (
            Follow.objects.select_for_update(of=("self",))
            .select_related("page", "thread", "follower")
            .filter(token_hash=hash_token(token))
            .first()
        )
        if follow is None:
            raise LinkUnknown
        if follow.confirmed_at:
            return follow
        if not follow.is_open:
            raise LinkExpired("This link was good for 48 hours and has run out. Ask again to get a new one.")
        follow.confirmed_at = timezone.now()
        follow.network_key = ""
        follow.save(update_fields=["confirmed_at", "network_key"])
    return follow


def stop_following(*, follower: Follower, follow_id: str = "") -> int:
    """End one wish, or all. Once nothing is left the address is forgotten. Answers how many ended."""
    with transaction.atomic():
        take_turns(f"discussion.mail:{follower.email_key}")
        # First the follower, as a letter does, then the wishes, as the noting of news does: nothing is written for
        # a wish between the look at what hangs on it and its end.
        Follower.objects.select_for_update().filter(pk=follower.pk).first()
        wishes = Follow.objects.filter(follower_id=follower.pk)
        if follow_id:
            wishes = wishes.filter(pk=follow_id)
        ended = [wish.pk for wish in wishes.select_for_update().order_by("pk")]
        Follow.objects.filter(pk__in=ended).delete()
        if not Follow.objects.filter(follower_id=follower.pk).exists():
            Follower.objects.filter(pk=follower.pk).delete()
    return len(ended)


def unfollow_page(*, actor: User, page: Page, thread: Comment | None = None) -> None:
    """A signed-in person's own way to stop."""
    found = Follow.objects.filter(follower__email_key=email_key(actor.email), page=page, thread=thread).first()
    if found:
        stop_following(follower=found.follower, follow_id=str(found.pk))


def stop_token(follower: Follower) -> str:
    """What stands in the link that stops: says nothing of whose it is, works from every letter of a year."""
    return signing.TimestampSigner(salt=STOP_SALT).sign(follower.pk.hex)


def follower_by_token(token: str) -> Follower | None:
    """Whose link this is; None if they stopped before. A link that is none, or older than a year, is refused."""
    try:
        key = signing.TimestampSigner(salt=STOP_SALT).unsign(token, max_age=STOP_LINK_LIFETIME)
    except signing.BadSignature:
        raise LinkUnknown from None
    return Follower.objects.filter(pk=key).first()


# Telling


@dataclass
class Told:
    """What one letter says about one page."""

    page: Page
    comments: list[Comment] = field(default_factory=list)
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.comments) + self.more


@task
def send_follow_confirmation(follow_id: str) -> None:
    """Write the letter with the link that makes a wish count."""
    follow = Follow.objects.select_related("page", "follower").filter(pk=follow_id, confirmed_at=None).first()
    if follow is None:
        return
    token = secrets.token_urlsafe(32)
    follow.token_hash = hash_token(token)
    follow.save(update_fields=["token_hash"])
    context = {
        "follow": follow,
        "page": follow.page,
        "link": _absolute(reverse("comments-follow-confirm", args=[token])),
        "site_name": settings.SITE_NAME,
    }
    message = EmailMessage(
        subject=subject_line(f"Confirm that you follow “{follow.page.title}”"),
        body=render_to_string("discussion/mail/follow.txt", context),
        to=[follow.follower.email],
    )
    send_later(message, lifetime=LINK_LIFETIME, priority=URGENT)


def is_news(comment: Comment) -> bool:
    """Whether anybody would be told of it now. What an import brought in never is, however young."""
    if comment.is_imported:
        return False
    now = timezone.now()
    is_fresh = comment.published_at is not None and comment.published_at > now - STALE_AFTER
    return is_fresh and comment.created_at > now - KEEP_NEWS


@task
def note_news(comment_id: int, page_id: int, thread_id: int) -> int:
    """Write down who is to be told of a comment, and tell those who want to know soon. Safe to run again.

    Most comments are followed by nobody: then one query is all.
    """
    about = Q(thread=None) | Q(thread_id=thread_id)
    wishes = Follow.objects.filter(about, page_id=page_id, confirmed_at__isnull=False)
    if not wishes.exists():
        return 0
    comment = Comment.objects.published().filter(pk=comment_id).first()
    if comment is None or not is_news(comment):
        return 0
    with transaction.atomic():
        # Who stops at this moment must not take the others' news with them.
        found = wishes.select_related("follower").select_for_update(of=("self",)).order_by("pk")
        follows = [
            follow
            for follow in found
            if follow.follower.author_key != comment.author_key and follow.confirmed_at <= comment.published_at
        ]
        News.objects.bulk_create(
            (News(follow=follow, comment=comment) for follow in follows), ignore_conflicts=True, batch_size=500
        )
    soon = {follow.follower_id for follow in follows if follow.frequency == Frequency.AT_ONCE}
    for follower_id in soon:
        tell.enqueue(str(follower_id))
    return len(follows)


@task
def tell(follower_id: str) -> bool:
    """Write one follower's notice of what is new, if there is anything and the limits allow. Answers whether it was."""
    return _tell(follower_id, Frequency.AT_ONCE)


@task
def tell_weekly(follower_id: str) -> bool:
    """Write one follower's digest, if a week has gone by since the last."""
    return _tell(follower_id, Frequency.WEEKLY)


def tell_everybody(*, moment: datetime.datetime | None = None) -> int:
    """Start a letter for each follower who is owed one: by the clock. Answers how many were started."""
    moment = moment or timezone.now()
    untold = News.objects.filter(told_at=None)
    soon = untold.filter(follow__frequency=Frequency.AT_ONCE).values_list("follow__follower_id", flat=True)
    weekly = (
        untold.filter(follow__frequency=Frequency.WEEKLY)
        .filter(
            Q(follow__follower__last_digest_at__lte=moment - WEEK)
            | Q(follow__follower__last_digest_at=None, follow__follower__created_at__lte=moment - WEEK)
        )
        .values_list("follow__follower_id", flat=True)
    )
    started = 0
    for what, found in ((tell, soon), (tell_weekly, weekly)):
        for follower_id in found.distinct():
            what.enqueue(str(follower_id))
            started += 1
    return started


def forget_old_news(*, moment: datetime.datetime | None = None) -> int:
    """Delete what was told long ago, wishes never confirmed, and addresses that nobody wants mail at."""
    moment = moment or timezone.now()
    told, _ = News.objects.filter(created_at__lt=moment - KEEP_NEWS).delete()
    wishes, _ = Follow.objects.filter(confirmed_at=None, expires_at__lt=moment).delete()
    idle, _ = Follower.objects.filter(follows=None).delete()
    return told + wishes + idle


def _tell(follower_id: str, frequency: Frequency) -> bool:
    now = timezone.now()
    with transaction.atomic():
        follower = Follower.objects.select_for_update().filter(pk=follower_id).first()
        if follower is None or not _is_due(follower, frequency, now):
            return False
        rows = list(
            News.objects.filter(follow__follower=follower, follow__frequency=frequency, told_at=None).values_list(
                "pk", "comment_id"
            )
        )
        # What went out of sight meanwhile is not told; nor is it kept for later.
        News.objects.filter(pk__in=[pk for pk, _ in rows]).update(told_at=now)
        told = _by_page({comment_id for _, comment_id in rows})
        if not told:
            return False
        if frequency == Frequency.WEEKLY:
            follower.last_digest_at = now
            follower.save(update_fields=["last_digest_at"])
        kind = MailKind.DIGEST if frequency == Frequency.WEEKLY else MailKind.NOTICE
        ConfirmationMail.objects.create(email_key=follower.email_key, kind=kind, sent_at=now)
        send_later(_letter(follower, told, frequency), priority=USUAL if frequency == Frequency.AT_ONCE else BULK)
    return True


def _is_due(follower: Follower, frequency: Frequency, now: datetime.datetime) -> bool:
    if frequency == Frequency.WEEKLY:
        since = follower.last_digest_at or follower.created_at
        return since <= now - WEEK
    sent = ConfirmationMail.objects.filter(email_key=follower.email_key, kind=MailKind.NOTICE)
    in_hour = sent.filter(sent_at__gt=now - datetime.timedelta(hours=1)).count()
    in_day = sent.filter(sent_at__gt=now - datetime.timedelta(days=1)).count()
    return in_hour < NOTICES_AN_HOUR and in_day < NOTICES_A_DAY


def _by_page(comment_ids: Iterable[int]) -> list[Told]:
    """The comments that everybody may read, by page, oldest first; as many as a letter holds."""
    found = (
        Comment.objects.visible_to(None)
        .filter(pk__in=list(comment_ids))
        .on_public_pages()
        .select_related("page", "person")
        .order_by("page_id", "pk")
    )
    pages: dict[int, list[Comment]] = defaultdict(list)
    for comment in found:
        pages[comment.page_id].append(comment)
    told = []
    room = COMMENTS_A_LETTER
    for comments in pages.values():
        shown = comments[: max(room, 1)]
        room -= len(shown)
        told.append(Told(page=comments[0].page, comments=shown, more=len(comments) - len(shown)))
    return told


def _letter(follower: Follower, told: list[Told], frequency: Frequency) -> EmailMessage:
    count = sum(part.count for part in told)
    if count == 1:
        said = told[0].comments[0]
        subject = f"{said.author_label} on “{told[0].page.title}”"
    elif len(told) == 1:
        subject = f"{count} new comments on “{told[0].page.title}”"
    else:
        subject = f"{count} new comments in {len(told)} discussions"
    if frequency == Frequency.WEEKLY:
        subject = f"This week: {subject[:1].lower() + subject[1:] if count > 1 else subject}"
    stop = _absolute(reverse("comments-stop", args=[stop_token(follower)]))
    context = {
        "told": told,
        "is_weekly": frequency == Frequency.WEEKLY,
        "base_url": settings.BASE_URL.rstrip("/"),
        "stop": stop,
        "site_name": settings.SITE_NAME,
    }
    return EmailMessage(
        subject=subject_line(subject),
        body=render_to_string("discussion/mail/news.txt", context),
        to=[follower.email],
        headers={
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
        },
    )


# Limits


def check_confirmations(key: str, moment: datetime.datetime) -> None:
    """Refuse a fourth link to one address within an hour, whatever it would confirm."""
    sent = ConfirmationMail.objects.filter(
        email_key=key, kind=MailKind.CONFIRMATION, sent_at__gt=moment - datetime.timedelta(hours=1)
    )
    if sent.count() >= CONFIRMATIONS_AN_HOUR:
        raise TooManyMails


def _check_network(network_key: str, moment: datetime.datetime) -> None:
    recent = Follow.objects.filter(
        network_key=network_key, confirmed_at=None, created_at__gt=moment - datetime.timedelta(hours=1)
    )
    if network_key and recent.count() >= UNCONFIRMED_PER_NETWORK_AND_HOUR:
        raise TooManyComments("Many have asked from this network within the hour. Try again later.")


def _absolute(path: str) -> str:
    return settings.BASE_URL.rstrip("/") + path
