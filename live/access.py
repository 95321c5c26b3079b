"""Who is looking at a session: one answer for pages, sockets, long polls and posts."""

from collections.abc import Mapping
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from live import guessing
from live.actions.joining import hash_of_token
from live.exceptions import NotAllowed, NotJoined, SecondFactorNeeded, SessionNotFound, TableNotFound
from live.models import LiveSession, Participant, Table
from live.permissions import can_moderate
from live.selectors import Viewer, participant_by_token, session_by_code
from people import second_factor
from people.models import User
from people.permissions import AnyUser

ROLES = ("participant", "wall", "console")


def find_session(*, code: str, token: str, address: str, user: AnyUser | None = None) -> LiveSession:
    """The session with a code as typed. Wrong codes are counted; too many, and none is looked up.

    Whoever has joined the session or may moderate it is let through: others' guessing does not lock them out.
    """
    session = session_by_code(code)
    if session is not None and (_has_joined(session, token) or can_moderate(user, session)):
        return session
    guessing.check(address=address, token=token)
    if session is None:
        guessing.record_wrong(address=address, token=token)
        raise SessionNotFound
    return session


def find_table(*, session: LiveSession, key: str, token: str, address: str) -> Table:
    """The table with a key as typed. Wrong keys are counted as wrong codes are."""
    guessing.check(address=address, token=token)
    table = session.tables.filter(key=key.upper()).first()
    if table is None:
        guessing.record_wrong(address=address, token=token)
        raise TableNotFound
    return table


def _has_joined(session: LiveSession, token: str) -> bool:
    joined = Participant.objects.filter(session=session, token_hash=hash_of_token(token))
    return bool(token) and joined.exists()


def find_viewer(*, code: str, role: str, token: str, request: HttpRequest, address: str) -> Viewer:
    """Somebody as they ask to be seen, if they may be. The request says who is signed in, and what they have shown."""
    user = request.user
    session = find_session(code=code, token=token, address=address, user=user)
    if role == "console":
        if not can_moderate(user, session):
            raise NotAllowed
        if second_factor.is_owed(request):
            raise SecondFactorNeeded
        return Viewer(session, role, user=user)
    if role == "wall":
        return Viewer(session, role)
    if role != "participant":
        raise NotAllowed
    participant = participant_by_token(session, hash_of_token(token)) if token else None
    if participant is None:
        raise NotJoined
    return Viewer(session, role, participant=participant)


def request_of_cookies(cookies: Mapping[str, str]) -> HttpRequest:
    """A request with these cookies' session and account, asked of the database now.

    For sockets, which no middleware has seen. Nobody is signed in where the account is none of ours, or not active.

    Channels' own middleware would look at the session again for every frame that is sent.
    """
    request = HttpRequest()
    request.user = AnonymousUser()
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if key:
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        user = get_user(request)
        if isinstance(user, User) and user.is_active:
            request.user = user
    return request
