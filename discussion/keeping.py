"""What a discussion keeps about a person: comments, what waits to be confirmed, support and flags."""

from django.conf import settings
from django.db.models import Q, QuerySet

from discussion import actions, follows
from discussion.choices import CommentState
from discussion.follows import email_key
from discussion.models import (
    Comment,
    CommentVersion,
    ConfirmationMail,
    Contact,
    Flag,
    Follow,
    Follower,
    PendingComment,
    Support,
    SuspectText,
)
from people import retention
from people.consent import Consent
from people.personal import Keeper, Record, Subject, forget_in_log, register

GONE = (CommentState.HIDDEN, CommentState.WITHDRAWN)


def _comments(subject: Subject) -> QuerySet[Comment]:
    by_device = Q(device_key__in=subject.device_keys) | Q(confirming_device_key__in=subject.device_keys)
    # A device that several people use is no proof of who wrote what was said from an account.
    theirs = Q(author_key__in=subject.author_keys) | (by_device & Q(user=None))
    return Comment.objects.filter(theirs)


def _export_comments(subject: Subject) -> list[Record]:
    return [
        {
            "on": comment.page.title,
            "address": comment.get_absolute_url(),
            "said": comment.created_at.isoformat(),
            "text": comment.body,
            "name": comment.author_name,
            "role": comment.author_role,
            "may be quoted": Consent(comment.consent).label,
            "state": CommentState(comment.state).label,
            "earlier texts": [version.body for version in comment.versions.all()],
        }
        for comment in _comments(subject).select_related("page", "person").prefetch_related("versions").order_by("pk")
    ]


def _erase_comments(subject: Subject, remains: str) -> int:
    """Each leaves its place in the thread, as a comment that was taken back."""
    comments = list(_comments(subject))
    for comment in comments:
        if comment.state not in GONE:
            comment.state = CommentState.WITHDRAWN
        comment.comment = comment.user_name = comment.user_email = comment.user_url = ""
        comment.author_role = comment.hold_reason = comment.hide_reason = ""
        comment.device_key = comment.confirming_device_key = ""
        comment.user = comment.person = comment.ip_address = comment.fingerprint = None
        comment.consent, comment.author_key, comment.is_name_shown = Consent.NONE, remains, False
        comment.save()
    CommentVersion.objects.filter(comment__in=comments).delete()
    SuspectText.objects.filter(comment__in=comments).delete()
    forget_in_log(comments)
    return len(comments)


def _pending(subject: Subject) -> QuerySet[PendingComment]:
    return PendingComment.objects.filter(
        Q(email__in=subject.emails)
        | Q(email_key__in=[email_key(email) for email in subject.emails])
        | Q(device_key__in=subject.device_keys)
    )


def _export_pending(subject: Subject) -> list[Record]:
    return [
        {"on": one.page.title, "written": one.created_at.isoformat(), "text": one.body, "name": one.name}
        for one in _pending(subject).exclude(body="").select_related("page")
    ]


def _erase_pending(subject: Subject, remains: str) -> int:
    keys = [email_key(email) for email in subject.emails]
    ConfirmationMail.objects.filter(email_key__in=keys).delete()
    return _pending(subject).delete()[0]


def _export_contact(subject: Subject) -> list[Record]:
    contacts = Contact.objects.filter(Q(author_key__in=subject.author_keys) | Q(email__in=subject.emails))
    return [{"email": one.email, "confirmed": one.confirmed_at.isoformat()} for one in contacts]


def _erase_contact(subject: Subject, remains: str) -> int:
    theirs = Q(author_key__in=subject.author_keys) | Q(email__in=subject.emails)
    return Contact.objects.filter(theirs).delete()[0]


def _voter_keys(subject: Subject) -> frozenset[str]:
    return subject.author_keys | subject.device_keys


def _export_judgements(subject: Subject) -> list[Record]:
    supports = Support.objects.filter(voter_key__in=_voter_keys(subject)).select_related("comment")
    flags = Flag.objects.filter(voter_key__in=_voter_keys(subject)).select_related("comment")
    return [
        *({"supported": one.comment.get_absolute_url(), "on": one.created_at.isoformat()} for one in supports),
        *(
            {"flagged": one.comment.get_absolute_url(), "why": one.reason, "on": one.created_at.isoformat()}
            for one in flags
        ),
    ]


def _erase_judgements(subject: Subject, remains: str) -> int:
    """Their support goes on counting, under keys of which nothing tells whose they were."""
    changed = 0
    for number, key in enumerate(sorted(_voter_keys(subject))):
        changed += Support.objects.filter(voter_key=key).update(voter_key=f"{remains}-{number}")
        changed += Flag.objects.filter(voter_key=key).update(voter_key=f"{remains}-{number}", reason="")
    return changed


def _followers(subject: Subject) -> QuerySet[Follower]:
    return Follower.objects.filter(Q(email__in=subject.emails) | Q(author_key__in=subject.author_keys))


def _export_follows(subject: Subject) -> list[Record]:
    follows = Follow.objects.filter(follower__in=_followers(subject)).select_related("page", "follower")
    return [
        {"following": one.page.title, "told at": one.follower.email, "how often": one.get_frequency_display()}
        for one in follows
    ]


def _erase_follows(subject: Subject, remains: str) -> int:
    return _followers(subject).delete()[0]


def register_rules() -> None:
    retention.register(
        retention.Rule(
            "unconfirmed comments",
            "Comments that nobody confirmed by the link in a letter, with name and address; addresses of authors of"
            " whom nothing stands any more",
            lambda: settings.KEEP_DAYS["unconfirmed"],
            lambda before: actions.forget_unconfirmed(before=before),
        ),
        order=10,
    )
    retention.register(
        retention.Rule(
            "network addresses",
            "A keyed hash of the network address from which a comment was sent, against floods. The address itself is"
            " never written down",
            lambda: settings.KEEP_DAYS["network_keys"],
            lambda before: actions.forget_network_keys(before=before),
        ),
        order=11,
    )
    retention.register(
        retention.Rule(
            "devices of comments",
            "From which browser a comment came, so that its author can change and withdraw it there without an account",
            lambda: settings.KEEP_DAYS["device_keys"],
            lambda before: actions.forget_device_keys(before=before),
        ),
        order=12,
    )
    retention.register(
        retention.Rule(
            "counts of letters",
            "How many letters were sent to an address, as a keyed hash of it, so that nobody’s mailbox can be filled",
            lambda: 1,
            lambda before: actions.forget_letters_sent(before=before),
        ),
        order=13,
    )
    retention.register(
        retention.Rule(
            "news, wishes never confirmed, and followers of nothing",
            "Your address, if you asked to be told of news",
            None,
            lambda moment: follows.forget_old_news(moment=moment),
            until="until you stop the letters, by the link in each; of what you were told, two months",
        ),
        order=14,
    )


def register_keepers() -> None:
    register(Keeper("comments", _export_comments, _erase_comments), order=20)
    register(Keeper("comments not confirmed", _export_pending, _erase_pending), order=21)
    register(Keeper("address for comments", _export_contact, _erase_contact), order=22)
    register(Keeper("support and flags", _export_judgements, _erase_judgements), order=23)
    register(Keeper("what you follow", _export_follows, _erase_follows), order=24)
