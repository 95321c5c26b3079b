"""Making sessions, and setting them up beforehand."""

import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction

from events.models import EventPage
from live.actions.facilitating import add_prompt, set_moderation
from live.actions.seating import add_tables
from live.exceptions import NotAllowed, NotPossible
from live.models import Identity, LiveSession, LiveSessionPage, Prompt
from live.permissions import Actor, can_organise
from people.models import User
from propositions.models import PropositionPage
from realtime.models import Stream


def create_session(
    *,
    actor: Actor,
    event: EventPage,
    title: str,
    propositions: Sequence[PropositionPage],
    starts_at: datetime.datetime,
    ends_at: datetime.datetime | None = None,
    room: str = "",
    introduction: str = "",
    facilitators: Iterable[User] = (),
    prompts: Sequence[str] = (),
    is_rehearsal: bool = False,
) -> LiveSession:
    """Announce a session under an event and make its room. Facilitators of its propositions facilitate it too."""
    if not can_organise(actor):
        raise NotAllowed
    page = LiveSessionPage(
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        room=room,
        introduction=introduction,
        propositions=propositions,
    )
    user = actor if isinstance(actor, User) else None
    with transaction.atomic():
        event.add_child(instance=page)
        page.save_revision(user=user).publish(user=user)
        session = ensure_live_session(page=page)
        session.facilitators.add(*facilitators)
        if is_rehearsal:
            session.is_rehearsal = True
            session.save(update_fields=["is_rehearsal"])
        Prompt.objects.bulk_create(
            Prompt(session=session, text=text, position=place) for place, text in enumerate(prompts)
        )
    return session


def ensure_live_session(*, page: LiveSessionPage) -> LiveSession:
    """The room of a session's page, made when first asked for. Those who facilitate its propositions facilitate it."""
    with transaction.atomic():
        session = LiveSession.objects.filter(page=page).first()
        if session is None:
            session = LiveSession.objects.create(page=page, stream=Stream.objects.create())
        if not session.facilitators.exists():
            ids = {user_id for proposition in page.propositions.all() for user_id in proposition.facilitator_user_ids()}
            session.facilitators.add(*ids)
    return session


def configure_session(
    *,
    actor: Actor,
    session: LiveSession,
    facilitators: Iterable[User] | None = None,
    identities: Sequence[str] | None = None,
    moderation: str | None = None,
    new_prompts: Sequence[str] = (),
    new_tables: Sequence[str] = (),
    table_count: int | None = None,
) -> LiveSession:
    """Say who facilitates a session, how people may appear, whether what they say is held first, what to ask, and
    which tables there are. Tables that are there already stay.
    """
    if not can_organise(actor):
        raise NotAllowed
    with transaction.atomic():
        if facilitators is not None:
            session.facilitators.set(facilitators)
        if identities is not None:
            chosen = [identity for identity in Identity.values if identity in identities]
            if not chosen:
                raise NotPossible("People must be able to appear in some way.", field="identities")
            session.identities = chosen
            session.save(update_fields=["identities"])
        if moderation is not None:
            session.refresh_from_db(fields=["version", "moderation"])
            if moderation != session.moderation:
                session = set_moderation(actor=actor, session=session, version=session.version, moderation=moderation)
        for text in new_prompts:
            session.refresh_from_db(fields=["version"])
            add_prompt(actor=actor, session=session, version=session.version, kind=Prompt.Kind.IDEAS, text=text)
        wanted = [*new_tables, *(f"Table {number}" for number in range(1, (table_count or 0) + 1))]
        if set(wanted) - set(session.tables.values_list("name", flat=True)):
            session.refresh_from_db(fields=["version"])
            add_tables(actor=actor, session=session, version=session.version, names=wanted)
    return session
