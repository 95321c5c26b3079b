"""Who is asking what is kept about them: by their account, by this browser, or by a link sent to their address."""

from django.db.models import Q
from django.http import HttpRequest

from discussion.devices import device_key
from discussion.models import Comment
from live.actions.joining import hash_of_token
from live.devices import token_of
from live.models import Participant
from people.actions import email_of_link
from people.models import User
from people.personal import Subject, joined, subject_of_email, subject_of_user


def subject_here(request: HttpRequest) -> Subject:
    """Whoever is signed in, and what was said from this browser without an account, as one person.

    What was said from it by somebody signed in is only theirs: the next person at the same computer may not erase it.
    """
    token, key = token_of(request.COOKIES), device_key(request)
    keys: set[str] = set()
    if token:
        joined_here = Participant.objects.filter(token_hash=hash_of_token(token), user=None)
        keys.update(joined_here.values_list("author_key", flat=True))
    if key:
        said_here = Comment.objects.filter(Q(device_key=key) | Q(confirming_device_key=key), user=None)
        keys.update(said_here.values_list("author_key", flat=True))
    here = Subject(author_keys=frozenset(keys), device_keys=frozenset({key} if key else ()))
    return joined(subject_of_user(request.user), here) if isinstance(request.user, User) else here


def subject_of_link(token: str) -> Subject | None:
    """Whoever reads the address that a link was sent to; None if it is not good any more."""
    email = email_of_link(token=token)
    return subject_of_email(email) if email else None
