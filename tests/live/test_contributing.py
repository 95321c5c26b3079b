"""Saying something: once each, in one order, in the author's own words and as they wish to appear."""

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from live import actions
from live.actions import Accepted, Draft
from live.exceptions import (
    BodyTooLong,
    ClientIdConflict,
    EmptyBody,
    NotAllowed,
    NotFound,
    NotPossible,
    PromptNotOpen,
    SessionClosed,
    TooFast,
)
from live.models import Contribution, Table
from live.permissions import OPERATOR
from live.signals import contribution_shown, contribution_withdrawn
from people.consent import Consent
from people.models import Person
from realtime.models import Event
from tests.factories import live as make
from tests.factories.discussion import member, proposition_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make.live_session()


@pytest.fixture
def heard():
    """What apps above were told, as lists of bodies."""
    told: list[list[str]] = []

    def listen(contributions, **kwargs):
        told.append([contribution.body for contribution in contributions])

    contribution_shown.connect(listen, weak=False)
    yield told
    contribution_shown.disconnect(listen)


def test_contribute_stores_an_event_with_the_same_number(session, heard):
    said = make.contribution(make.participant(session))

    event = Event.objects.get(stream=session.stream, seq=said.seq)
    assert (event.kind, event.payload) == ("contribution.added", {"contribution_id": said.pk})
    assert heard == [["Keep the ferry running after dark."]]


def test_contribute_freezes_how_the_author_appears(session):
    person = make.participant(session, identity="name", name="Ines Mallory", role="Ferrywoman", consent="named")
    said = make.contribution(person)
    actions.update_identity(participant=person, identity="role", name="", role="Ferrywoman", consent="anonymous")
    later = make.contribution(person, "And the quay needs a lamp.")

    assert (said.author_label, said.quote_label, said.consent) == ("Ines Mallory", "Ines Mallory, Ferrywoman", "named")
    assert (later.author_label, later.quote_label, later.consent) == ("Ferrywoman", "A respondent", "anonymous")
    assert said.author_key == later.author_key == person.author_key


def test_contribute_without_a_name_has_none_anywhere(session):
    said = make.contribution(make.participant(session, identity="nothing", role="", consent="none"))

    assert (said.author_label, said.quote_label) == ("No name given", "")


def test_contribute_from_a_table_counts_its_people(session):
    person = make.participant(session)
    person.table = Table.objects.create(session=session, name="Table 3", headcount=6)
    person.save()

    said = make.contribution(person)

    assert (said.table_name, said.headcount, said.channel) == ("Table 3", 6, "table")


def test_contribute_again_with_the_same_id_answers_with_the_first(session, heard):
    person, client_id = make.participant(session), uuid.uuid4()

    first = make.contribution(person, client_id=client_id)
    second = make.contribution(person, client_id=client_id)

    assert first.pk == second.pk
    assert first.seq == second.seq
    assert len(heard) == 1
    assert Event.objects.filter(kind="contribution.added").count() == 1


def test_contribute_again_is_answered_after_the_session_closed(session):
    person, client_id = make.participant(session), uuid.uuid4()
    first = make.contribution(person, client_id=client_id)
    actions.close_session(actor=OPERATOR, session=session, version=session.version)

    assert make.contribution(person, client_id=client_id).pk == first.pk
    with pytest.raises(SessionClosed):
        make.contribution(person, "Too late.")


def test_contribute_other_words_under_the_same_id_is_a_conflict(session):
    person, client_id = make.participant(session), uuid.uuid4()
    make.contribution(person, client_id=client_id)

    with pytest.raises(ClientIdConflict):
        make.contribution(person, "Other words.", client_id=client_id)

    assert Contribution.objects.get().body == "Keep the ferry running after dark."


def test_contribute_under_the_id_of_somebody_else_is_a_conflict(session):
    said = make.contribution(make.participant(session))

    with pytest.raises(ClientIdConflict):
        make.contribution(make.participant(session), said.body, client_id=said.client_id)
    # An id is one of a session: nobody is told what another room knows.
    elsewhere = make.participant(make.live_session())
    assert make.contribution(elsewhere, said.body, client_id=said.client_id).pk != said.pk


@pytest.mark.parametrize("body", ["", "   \n\t ", "\x00\x07", "\u200b\u2800"])
def test_contribute_nothing_is_refused(session, body):
    with pytest.raises(EmptyBody):
        make.contribution(make.participant(session), body)


def test_contribute_too_much_is_refused_with_the_limit(session):
    person = make.participant(session)

    assert len(make.contribution(person, "é" * 2000).body) == 2000
    with pytest.raises(BodyTooLong) as refusal:
        make.contribution(person, "é" * 2001)

    assert refusal.value.as_reply()["limit"] == 2000


def test_contribute_keeps_lines_and_drops_control_characters(session):
    said = make.contribution(make.participant(session), "  One\r\ntwo\rthree\x00\x1b[31m \u202eruof\u2069  ")

    assert said.body == "One\ntwo\nthree[31m ruof"


def test_contribute_answers_the_current_prompt(session):
    prompt = actions.add_prompt(
        actor=OPERATOR, session=session, version=session.version, kind="ideas", text="What is missing?", show=True
    )

    assert make.contribution(make.participant(session)).prompt_id == prompt.pk


def test_contribute_to_a_prompt_closed_meanwhile_is_taken_to_a_queued_one_not(session):
    person = make.participant(session)
    first = actions.add_prompt(
        actor=OPERATOR, session=session, version=session.version, kind="ideas", text="First?", show=True
    )
    second = actions.add_prompt(
        actor=OPERATOR, session=session, version=session.version + 1, kind="ideas", text="Next?"
    )
    actions.close_prompt(actor=OPERATOR, session=session, version=session.version + 2, prompt_id=first.pk)

    assert make.contribution(person, prompt_id=first.pk).prompt_id == first.pk
    for wrong in (second.pk, 10**9):
        with pytest.raises(PromptNotOpen):
            make.contribution(person, "Not yet.", prompt_id=wrong)


def test_contribute_is_about_the_only_proposition_or_the_one_chosen():
    one, two = proposition_page(), None
    two = proposition_page(one.event)
    single, open_talk = make.live_session(one), make.live_session(one, two, title="Open conversation")
    person = make.participant(open_talk)

    assert make.contribution(make.participant(single)).proposition_id == one.pk
    assert make.contribution(person).proposition_id is None
    assert make.contribution(person, "About the second.", proposition_id=two.pk).proposition_id == two.pk
    with pytest.raises(NotPossible):
        make.contribution(make.participant(single), "Elsewhere.", proposition_id=two.pk)


def test_contribute_with_a_clock_that_is_off_is_kept_in_order(session):
    person = make.participant(session)
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)

    early = make.contribution(person, "Said at ten by my clock.", said_at=timezone.now() + datetime.timedelta(hours=1))
    late = make.contribution(person, "Said at eight by my clock.", said_at=an_hour_ago)
    lost = make.contribution(person, "Said in 1970.", said_at=datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))

    assert early.seq < late.seq < lost.seq
    assert late.said_at == an_hour_ago
    assert abs(lost.said_at - timezone.now()) < datetime.timedelta(minutes=1)


def test_contribute_is_held_when_everything_is(session, heard):
    actions.set_moderation(actor=OPERATOR, session=session, version=session.version, moderation="hold")

    said = make.contribution(make.participant(session))

    assert (said.state, said.hold_reason) == ("held", "Everything is read before it is shown.")
    assert heard == []


@pytest.mark.parametrize("body", ["Look at https://example.org/x", "www.example.org has it", "see example.com"])
def test_contribute_first_with_a_link_is_held_and_later_not(session, body):
    person = make.participant(session)

    first = make.contribution(person, body)
    second = make.contribution(person, body)

    assert (first.state, first.hold_reason, second.state) == ("held", "First post, with a link.", "shown")


def test_contribute_too_often_is_refused_with_when_to_try_again(session):
    person = make.participant(session)
    for number in range(20):
        make.contribution(person, f"Number {number}.")

    with pytest.raises(TooFast) as refusal:
        make.contribution(person, "One more.")

    assert refusal.value.as_reply()["retry_after"] == 30
    assert make.contribution(make.participant(session)).state == "shown"


def test_contribute_is_counted_for_a_minute(session):
    person = make.participant(session)
    for number in range(20):
        make.contribution(person, f"Number {number}.")

    Contribution.objects.update(created_at=timezone.now() - datetime.timedelta(seconds=61))

    assert make.contribution(person, "A minute later.").state == "shown"


def test_batch_answers_for_each(session, heard):
    person, other = make.participant(session), make.participant(session)
    known = make.contribution(person, "Said before.")
    same = uuid.uuid4()

    outcomes = actions.contribute_many(
        session=session,
        drafts=[
            Draft(person.pk, uuid.uuid4(), "First."),
            Draft(person.pk, uuid.uuid4(), " "),
            Draft(other.pk, same, "Second."),
            Draft(other.pk, same, "Second."),
            Draft(other.pk, same, "Second, otherwise."),
            Draft(person.pk, known.client_id, "Said before."),
            Draft(10**9, uuid.uuid4(), "From nobody."),
            Draft(person.pk, uuid.uuid4(), "Third."),
        ],
    )

    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [Accepted, EmptyBody, Accepted, Accepted, ClientIdConflict, Accepted, NotAllowed, Accepted]
    assert [outcomes[place].is_repeat for place in (0, 2, 3, 5, 7)] == [False, False, True, True, False]
    assert outcomes[2].contribution.pk == outcomes[3].contribution.pk
    numbers = [outcomes[place].contribution.seq for place in (0, 2, 7)]
    assert numbers == list(range(known.seq + 1, known.seq + 4))
    assert heard[1:] == [["First.", "Second.", "Third."]]


def test_receiver_that_fails_undoes_the_batch(session):
    def refuse(**kwargs):
        raise RuntimeError("no room in the ledger")

    contribution_shown.connect(refuse, weak=False)
    person = make.participant(session)
    try:
        with pytest.raises(RuntimeError):
            make.contribution(person)
    finally:
        contribution_shown.disconnect(refuse)

    assert not Contribution.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_resent_fifty_times_at_once_is_one_row_and_one_answer(session):
    person, client_id = make.participant(session), uuid.uuid4()

    def send(_: int):
        try:
            return make.contribution(person, client_id=client_id).seq
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(50)))

    assert len(set(answers)) == 1
    assert Contribution.objects.count() == 1
    assert Event.objects.filter(kind="contribution.added").count() == 1


@pytest.mark.django_db(transaction=True)
def test_people_at_once_leave_no_gap(session):
    people = [make.participant(session) for _ in range(6)]
    start = session.stream.seq

    def speak(person):
        try:
            return [make.contribution(person, f"Thought {number}.").seq for number in range(8)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = [seq for some in pool.map(speak, people) for seq in some]

    session.stream.refresh_from_db()
    events = list(Event.objects.filter(stream=session.stream).order_by("seq").values_list("seq", flat=True))
    assert len(set(answers)) == 48
    assert events == list(range(1, session.stream.seq + 1))
    assert start <= min(answers)


def test_withdraw_takes_one_s_own_words_back_and_tells_apps_above(session):
    person = make.participant(session)
    said = make.contribution(person)
    told = []
    listen = lambda contribution, actor, **kwargs: told.append((contribution.pk, actor))  # noqa: E731
    contribution_withdrawn.connect(listen)

    gone = actions.withdraw_contribution(participant=person, contribution_id=said.pk)
    actions.withdraw_contribution(participant=person, contribution_id=said.pk)

    assert gone.state == "withdrawn"
    assert told == [(said.pk, person)]
    assert Event.objects.filter(kind="contribution.withdrawn").count() == 1


def test_withdraw_clears_the_spotlight(session):
    person = make.participant(session)
    said = make.contribution(person)
    actions.set_spotlight(actor=OPERATOR, session=session, version=session.version, contribution_id=said.pk)

    actions.withdraw_contribution(participant=person, contribution_id=said.pk)

    session.refresh_from_db()
    assert session.spotlight is None
    assert Event.objects.order_by("-seq").first().payload == {"version": session.version}


def test_withdraw_of_others_words_or_after_the_end_is_refused(session):
    person = make.participant(session)
    said = make.contribution(person)

    with pytest.raises(NotFound):
        actions.withdraw_contribution(participant=make.participant(session), contribution_id=said.pk)
    actions.close_session(actor=OPERATOR, session=session, version=session.version)
    with pytest.raises(SessionClosed):
        actions.withdraw_contribution(participant=person, contribution_id=said.pk)


def test_somebody_signed_in_is_one_person_on_two_devices(session):
    user = member()
    Person.objects.create(name="Tove Hale", slug="tove-hale", role="Pilot", user=user)

    phone = make.participant(session, user=user, consent=Consent.ROLE)
    tablet = make.participant(session, user=user, consent=Consent.ROLE)

    assert phone.pk != tablet.pk
    assert phone.author_key == tablet.author_key
    assert phone.person.name == "Tove Hale"
