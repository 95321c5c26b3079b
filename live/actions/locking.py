"""Holding a session while it is changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from live.exceptions import NotAllowed, NotFound, StaleVersion
from live.history import changes_since
from live.models import Contribution, LiveSession
from live.permissions import Actor, Operator
from people.models import User
from realtime import log
from realtime.log import LockedStream


@contextmanager
def locked_session(session: LiveSession) -> Iterator[tuple[LiveSession, LockedStream]]:
    """The session as it is in the database, in a transaction that holds its stream until the end of the block."""
    with transaction.atomic():
        stream = log.lock(session.stream_id)
        yield LiveSession.objects.get(pk=session.pk), stream


@contextmanager
def locked_version(
    session: LiveSession, version: int, actor: Actor, allowed: Callable[[Actor, LiveSession], bool]
) -> Iterator[tuple[LiveSession, LockedStream]]:
    """The same for a command on the session itself: refused unless it still has the version that the actor saw.

    The version moves on within; the block saves the session.
    """
    with locked_session(session) as (fresh, stream):
        if not allowed(actor, fresh):
            raise NotAllowed
        if fresh.version != version:
            raise StaleVersion(fresh.version, changes_since(fresh, version, reader=account_id(actor)))
        fresh.version += 1
        yield fresh, stream


def contribution_of(session: LiveSession, contribution_id: int) -> Contribution:
    contribution = Contribution.objects.filter(session=session, pk=contribution_id).first()
    if contribution is None:
        raise NotFound
    return contribution


def account_id(actor: Actor) -> int | None:
    """Which account did it, for the record; none for the operator."""
    return None if isinstance(actor, Operator) or not isinstance(actor, User) else actor.pk
