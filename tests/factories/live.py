"""Live sessions, the people in them and what they say, all made by the real actions."""

import uuid
from typing import Any

from django.utils import timezone

from events.models import EventPage
from live import actions
from live.actions.joining import hash_of_token, new_device_token
from live.models import Contribution, LiveSession, Participant
from live.permissions import OPERATOR
from people.keys import author_key_of_device
from people.models import User
from people.roles import ORGANISERS
from propositions.models import PropositionPage
from tests.factories.discussion import event_page, member


def organiser(**fields: Any) -> User:
    return member(ORGANISERS, **fields)


def facilitator_of(session: LiveSession, **fields: Any) -> User:
    user = member(**fields)
    session.facilitators.add(user)
    return user


def live_session(
    *propositions: PropositionPage, state: str = "open", event: EventPage | None = None, **fields: Any
) -> LiveSession:
    """A session in a state that it reached by commands."""
    event = event or (propositions[0].event if propositions else event_page())
    values: dict[str, Any] = {"title": "What would make staying worth it?", "starts_at": timezone.now()}
    session = actions.create_session(
        actor=OPERATOR, event=event, propositions=list(propositions), **{**values, **fields}
    )
    return bring_to(session, state)


def bring_to(session: LiveSession, state: str) -> LiveSession:
    steps = {
        "waiting": [],
        "open": [actions.open_session],
        "paused": [actions.open_session, actions.pause_session],
        "closed": [actions.open_session, actions.close_session],
    }
    for step in steps[state]:
        session = step(actor=OPERATOR, session=session, version=session.version)
    return session


def participant(session: LiveSession, *, token: str | None = None, **fields: Any) -> Participant:
    """Somebody who joined, known by a token that is kept on the object as `device_token`."""
    token = token or new_device_token()
    values: dict[str, Any] = {"identity": "role", "role": "Lock keeper", "consent": "role"}
    made = actions.join_session(session=session, token=token, **{**values, **fields})
    made.device_token = token  # type: ignore[attr-defined]
    return made


def many_participants(session: LiveSession, count: int) -> list[str]:
    """The tokens of people who joined, written as joining does, in one insert instead of thousands."""
    tokens = [new_device_token() for _ in range(count)]
    Participant.objects.bulk_create(
        [
            Participant(
                session=session,
                token_hash=hash_of_token(token),
                identity="role",
                role="Lock keeper",
                consent="role",
                author_key=author_key_of_device(str(session.pk), token),
            )
            for token in tokens
        ],
        batch_size=500,
    )
    return tokens


def contribution(by: Participant, body: str = "Keep the ferry running after dark.", **fields: Any) -> Contribution:
    return actions.contribute(participant=by, client_id=fields.pop("client_id", uuid.uuid4()), body=body, **fields)
