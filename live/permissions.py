"""Who may do what in a live session. Facilitators are named per session."""

from dataclasses import dataclass

from live.models import LiveSession, Participant, SessionState
from people.models import User
from people.permissions import AnyUser, is_editor, is_moderator, is_organiser
from people.second_factor import counts_as_staff


@dataclass(frozen=True)
class Operator:
    """Whoever runs commands on the server itself: may do what an organiser may."""


OPERATOR = Operator()

Actor = AnyUser | Operator


def can_organise(actor: Actor | None) -> bool:
    """May make live sessions and say who facilitates them."""
    return isinstance(actor, Operator) or is_organiser(actor)


def can_facilitate(actor: Actor | None, session: LiveSession) -> bool:
    """May run this session: its named facilitators, and organisers."""
    if can_organise(actor):
        return True
    if actor is None or isinstance(actor, Operator) or not actor.is_authenticated or not actor.is_active:
        return False
    return session.facilitators.filter(pk=actor.pk).exists()


@counts_as_staff
def facilitates_a_session(user: User) -> bool:
    """Is named for a session, whatever groups the account is in."""
    return user.facilitated_sessions.exists()


def can_moderate(actor: Actor | None, session: LiveSession) -> bool:
    """May release and hide what is said in this session: moderators, and whoever may facilitate it."""
    return (not isinstance(actor, Operator) and is_moderator(actor)) or can_facilitate(actor, session)


def can_export(actor: Actor | None, session: LiveSession) -> bool:
    """May take a session away as a file: whoever may moderate it, and editors, who then get what is shown."""
    return can_moderate(actor, session) or (not isinstance(actor, Operator) and is_editor(actor))


def can_join(session: LiveSession) -> bool:
    return session.state != SessionState.CLOSED


def can_sit(participant: Participant, session: LiveSession) -> bool:
    """May write for a table: somebody of this session who holds the table's code, until the session is closed."""
    return participant.session_id == session.pk and can_join(session)


def can_contribute(participant: Participant, session: LiveSession) -> bool:
    """May say something now: somebody who joined this session, while it is open."""
    return participant.session_id == session.pk and session.state == SessionState.OPEN


def can_vote(participant: Participant, session: LiveSession) -> bool:
    """May support or weigh now: while the session is open. A pause stops votes too, so that results stand still."""
    return can_contribute(participant, session)


def can_withdraw(participant: Participant, session: LiveSession) -> bool:
    """May take back one's own words: until the session is closed, paused or not."""
    return participant.session_id == session.pk and session.state != SessionState.CLOSED


def can_edit(participant: Participant, session: LiveSession) -> bool:
    """May change one's own words, while they are fresh: until the session is closed, paused or not."""
    return can_withdraw(participant, session)
