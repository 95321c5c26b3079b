"""`visible_to` is the only way to read what may be held or hidden."""

import pytest
from django.contrib.auth.models import AnonymousUser

from live import actions
from live.models import Contribution, LiveSession
from live.permissions import OPERATOR
from people.roles import EDITORS, MODERATORS, ORGANISERS
from tests.factories import live as make
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db

OPEN = {"shown"}
EVERYTHING = {"shown", "held", "hidden", "withdrawn"}


@pytest.fixture
def session():
    session = make.live_session()
    author = make.participant(session)
    make.contribution(author, "held: https://example.org")
    for body in ("shown", "hidden", "withdrawn"):
        said = make.contribution(author, body)
        if body == "hidden":
            actions.hide_contribution(
                actor=OPERATOR, session=session, contribution_id=said.pk, reason="It names somebody."
            )
        if body == "withdrawn":
            actions.withdraw_contribution(participant=author, contribution_id=said.pk)
    session.author = author
    return session


def words(queryset) -> set[str]:
    found = [body.partition(":")[0] for body in queryset.values_list("body", flat=True)]
    assert len(found) == len(set(found)), "a row came twice"
    return set(found)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("nobody", OPEN),
        ("anonymous", OPEN),
        ("delegate", OPEN),
        ("editor", OPEN),
        ("facilitator elsewhere", OPEN),
        ("facilitator who left", OPEN),
        ("facilitator", EVERYTHING),
        ("moderator", EVERYTHING),
        ("organiser", EVERYTHING),
    ],
)
def test_visible_to_an_account(session, who, sees):
    make.facilitator_of(session)
    user = {
        "nobody": lambda: None,
        "anonymous": AnonymousUser,
        "delegate": member,
        "editor": lambda: member(EDITORS),
        "facilitator elsewhere": lambda: make.facilitator_of(make.live_session()),
        "facilitator who left": lambda: make.facilitator_of(session, is_active=False),
        "facilitator": lambda: make.facilitator_of(session),
        "moderator": lambda: member(MODERATORS),
        "organiser": lambda: member(ORGANISERS),
    }[who]()

    assert words(Contribution.objects.visible_to(user)) == sees


def test_visible_to_a_device(session):
    assert words(Contribution.objects.visible_to(participant=session.author)) == EVERYTHING
    assert words(Contribution.objects.visible_to(participant=make.participant(session))) == OPEN


def test_visible_to_the_account_that_said_it(session):
    user = member()
    mine = make.participant(session, user=user)
    make.contribution(mine, "mine: https://example.org")

    assert words(Contribution.objects.visible_to(user)) == {"shown", "mine"}


def test_running_sessions_are_open_or_paused_and_published():
    states = {state: make.live_session(state=state) for state in ("waiting", "open", "paused", "closed")}
    make.live_session().page.unpublish()

    assert set(LiveSession.objects.running()) == {states["open"], states["paused"]}
