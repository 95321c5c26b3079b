"""What live sessions keep about a person: how they appeared, what they said, and how they voted."""

import datetime
import secrets
from itertools import groupby

from django.conf import settings
from django.db.models import Q, QuerySet

from live.actions.borrowing import retract_comment
from live.actions.locking import locked_session
from live.actions.moderating import clear_spotlight_of, themes_counted
from live.messages import ContributionWithdrawn
from live.models import Contribution, ContributionVersion, Participant, Prompt, SessionState, Vote
from people import retention
from people.consent import Consent
from people.personal import Keeper, Record, Subject, register


def _participants(subject: Subject) -> QuerySet[Participant]:
    theirs = Q(author_key__in=subject.author_keys)
    return Participant.objects.filter(theirs | Q(user=subject.user) if subject.user else theirs)


def _contributions(subject: Subject) -> QuerySet[Contribution]:
    """What they said for themselves. What a scribe wrote down for a table is the table's."""
    theirs = Q(author_key__in=subject.author_keys) | Q(participant__in=_participants(subject))
    return Contribution.objects.filter(theirs).exclude(channel=Contribution.Channel.TABLE)


def _export_participations(subject: Subject) -> list[Record]:
    return [
        {
            "session": one.session.page.title,
            "joined": one.joined_at.isoformat(),
            "name": one.name,
            "role": one.role,
            "may be quoted": Consent(one.consent).label,
        }
        for one in _participants(subject).select_related("session__page").order_by("pk")
    ]


def _erase_participations(subject: Subject, remains: str) -> int:
    people = list(_participants(subject))
    for one in people:
        one.name = one.role = ""
        one.user = one.person = one.table = None
        # The device's token opens nothing any more: whoever joins again is somebody new.
        one.token_hash = secrets.token_hex(32)
        one.author_key = remains
        one.consent = Consent.NONE
        one.save()
    return len(people)


def _export_contributions(subject: Subject) -> list[Record]:
    return [
        {
            "session": one.session.page.title,
            "said": one.said_at.isoformat(),
            "text": one.body,
            "shown as": one.author_label,
            "may be quoted": Consent(one.consent).label,
            "state": Contribution.State(one.state).label,
            "earlier words": [version.body for version in one.versions.all()],
        }
        for one in _contributions(subject).select_related("session__page").prefetch_related("versions").order_by("pk")
    ]


def _erase_contributions(subject: Subject, remains: str) -> int:
    """Each leaves its place in the session's record; screens that show it take it off at once."""
    theirs = list(_contributions(subject).select_related("session").order_by("session_id", "seq"))
    for session, said in groupby(theirs, key=lambda one: one.session):
        with locked_session(session) as (fresh, stream):
            events = []
            for one in said:
                if one.state != Contribution.State.WITHDRAWN:
                    events += [ContributionWithdrawn(contribution_id=one.pk).event(), *clear_spotlight_of(fresh, one)]
                    events += themes_counted(fresh, one)
                one.state, one.consent = Contribution.State.WITHDRAWN, Consent.NONE
                one.body = one.body_hash = one.author_label = one.quote_label = ""
                one.hold_reason = one.hide_reason = ""
                one.tags = []
                one.author_key = remains
                one.save()
            stream.append(events)
    ContributionVersion.objects.filter(contribution__in=theirs).delete()
    return len(theirs)


def _put(subject: Subject) -> QuerySet[Prompt]:
    return Prompt.objects.filter(comment__author_key__in=subject.author_keys)


def _export_put(subject: Subject) -> list[Record]:
    return [
        {
            "session": one.session.page.title,
            "put to the room": one.shown_at.isoformat() if one.shown_at else "not yet",
            "text": one.text,
            "shown as": one.source_label,
        }
        for one in _put(subject).select_related("session__page").order_by("pk")
    ]


def _erase_put(subject: Subject, remains: str) -> int:
    """Off every screen, as if the comment had been taken back. While the comments still say whose they are."""
    prompts = list(_put(subject).select_related("comment"))
    for comment in {one.comment for one in prompts if one.comment}:
        retract_comment(comment=comment)
    return len(prompts)


def _votes(subject: Subject) -> QuerySet[Vote]:
    return Vote.objects.filter(author_key__in=subject.author_keys)


def _export_votes(subject: Subject) -> list[Record]:
    return [
        {"on": str(one.option or one.contribution), "choice": Vote.Choice(one.choice).label}
        for one in _votes(subject).select_related("option", "contribution")
    ]


def _erase_votes(subject: Subject, remains: str) -> int:
    """They go on counting, under keys of which nothing tells whose they were: one for each that voted before."""
    keys = sorted(subject.author_keys)
    return sum(
        Vote.objects.filter(author_key=key).update(author_key=f"{remains}-{number}") for number, key in enumerate(keys)
    )


FORGOTTEN = "forgotten-"


def _forget_devices(before: datetime.datetime) -> int:
    """A session that closed long ago knows no device any more: only an account opens somebody's part in it."""
    old = Participant.objects.filter(session__state=SessionState.CLOSED, session__closed_at__lt=before)
    known = list(old.exclude(token_hash__startswith=FORGOTTEN).only("pk", "token_hash"))
    for one in known:
        # No token has this for its hash.
        one.token_hash = f"{FORGOTTEN}{one.pk}"
    Participant.objects.bulk_update(known, ["token_hash"], batch_size=500)
    return len(known)


def register_rules() -> None:
    retention.register(
        retention.Rule(
            "devices of live sessions",
            "By which device you took part in a live session without an account, counted from its close",
            lambda: settings.KEEP_DAYS["device_keys"],
            _forget_devices,
        ),
        order=15,
    )


def register_keepers() -> None:
    register(Keeper("parts in live sessions", _export_participations, _erase_participations), order=30)
    register(Keeper("contributions", _export_contributions, _erase_contributions), order=31)
    register(Keeper("votes", _export_votes, _erase_votes), order=32)
    register(Keeper("comments put to a room", _export_put, _erase_put), order=33)
