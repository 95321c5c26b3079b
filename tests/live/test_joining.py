"""Coming into a session, and how one appears."""

import pytest

from live import actions
from live.actions.joining import hash_of_token
from live.exceptions import IdentityNotAllowed, SessionClosed
from live.models import CODE_ALPHABET, Participant, new_code
from tests.factories import live as make
from tests.factories.discussion import member, proposition_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make.live_session()


def test_join_keeps_only_the_hash_of_the_token(session):
    person = make.participant(session, token="a-token-of-a-phone")

    stored = Participant.objects.values().get()
    assert stored["token_hash"] == hash_of_token("a-token-of-a-phone")
    assert "a-token-of-a-phone" not in str(stored)
    assert person.author_key


def test_join_again_changes_how_one_appears_and_not_who_one_is(session):
    first = make.participant(session, token="t", identity="role", role="Lock keeper")
    again = make.participant(session, token="t", identity="name", name="Ines Mallory", role="", consent="named")

    assert (first.pk, first.author_key) == (again.pk, again.author_key)
    assert again.label == "Ines Mallory"


def test_devices_without_an_account_are_different_people_in_each_session(session):
    other = make.live_session()
    keys = {
        make.participant(session, token="t").author_key,
        make.participant(session, token="u").author_key,
        make.participant(other, token="t").author_key,
    }

    assert len(keys) == 3


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"identity": "name", "name": " "}, "name"),
        ({"identity": "role", "role": ""}, "role"),
        ({"identity": "nothing", "consent": "named"}, "name"),
        ({"identity": "ghost"}, "identity"),
        ({"identity": "nothing", "consent": "perhaps"}, "consent"),
        ({"identity": "name", "name": "x" * 121}, "name"),
        ({"identity": "role", "role": "x" * 161}, "role"),
    ],
)
def test_join_as_something_impossible_is_refused(session, fields, field):
    with pytest.raises(IdentityNotAllowed) as refusal:
        make.participant(session, **{"name": "", "role": "", **fields})

    assert refusal.value.as_reply()["field"] == field
    assert not Participant.objects.exists()


def test_join_under_a_name_and_role_as_long_as_may_be(session):
    person = make.participant(session, identity="name", name="x" * 120, role="y" * 160)

    assert (person.name, person.role) == ("x" * 120, "y" * 160)


def test_identity_that_is_changed_is_stored_and_answered(session):
    person = make.participant(session)

    changed = actions.update_identity(participant=person, identity="name", name="Ines Mallory", consent="named")

    assert changed.label == Participant.objects.get().label == "Ines Mallory"


def test_join_in_a_way_the_session_does_not_take_is_refused(session):
    actions.configure_session(actor=make.organiser(), session=session, identities=["role"])

    with pytest.raises(IdentityNotAllowed):
        make.participant(session, identity="nothing")
    assert make.participant(session, identity="role").label == "Lock keeper"


def test_join_of_a_closed_session_is_refused():
    with pytest.raises(SessionClosed):
        make.participant(make.live_session(state="closed"))


def test_session_is_found_by_its_code_however_typed(session):
    typed = f" {session.code[:3].lower()} - {session.code[3:].lower()} "

    assert type(session).objects.with_code(typed).get() == session


def test_codes_have_no_lookalikes():
    codes = "".join(new_code() for _ in range(500))

    assert set(codes) <= set(CODE_ALPHABET)
    assert not set(CODE_ALPHABET) & set("0O1IL5S2Z8BUG6")


def test_session_takes_its_facilitators_from_its_propositions():
    facilitator = member()
    session = make.live_session(proposition_page(facilitator=facilitator))

    assert list(session.facilitators.all()) == [facilitator]
