"""What `benchmarks.load` is measured in: propositions with threads, a session with people, people with accounts.

Run in the environment of an installation; prints as one line of JSON what clients need to take part.
"""

import argparse
import json
from typing import Any

import django

PROPOSITIONS = 5
COMMENTS_EACH = 200


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--accounts", type=int, required=True)
    given = parser.parse_args()
    django.setup()
    print(json.dumps(make_place(given.people, given.accounts)))


def make_place(people: int, accounts: int) -> dict[str, Any]:
    from discussion.models import DiscussionSettings  # noqa: PLC0415 after the settings, with the rest
    from live.devices import cookie_name  # noqa: PLC0415
    from tests.factories.discussion import event_page, many_comments, proposition_page  # noqa: PLC0415
    from tests.factories.live import live_session, many_participants  # noqa: PLC0415

    rules = DiscussionSettings.load()
    rules.holds_first_posts = False
    rules.save()
    event = event_page()
    propositions = [proposition_page(event) for _ in range(PROPOSITIONS)]
    for proposition in propositions:
        many_comments(proposition, COMMENTS_EACH)
    session = live_session(*propositions)
    tokens = many_participants(session, people)
    session.stream.refresh_from_db()
    return {
        "pages": [proposition.get_url() for proposition in propositions],
        "forms": [form_of(proposition) for proposition in propositions],
        "socket": f"/ws/live/{session.code}/",
        "seq": session.stream.seq,
        "devices": [f"{cookie_name()}={token}" for token in tokens],
        "sessions": make_accounts(accounts),
    }


def make_accounts(count: int) -> list[str]:
    """The cookies of people who are signed in."""
    from importlib import import_module  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415

    store = import_module(settings.SESSION_ENGINE).SessionStore
    users = User.objects.bulk_create([User(email=f"voice-{number}@example.org") for number in range(count)])
    cookies = []
    for user in users:
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies


def form_of(proposition: Any) -> dict[str, str]:
    """The hidden fields of the comment form, as the page shows them."""
    from discussion.forms import CommentForm  # noqa: PLC0415

    form = CommentForm(proposition)
    hidden = {name: str(form[name].value() or "") for name in form.fields if form[name].is_hidden}
    return {**hidden, **form.fresh_security(), "consent": "role"}


if __name__ == "__main__":
    main()
