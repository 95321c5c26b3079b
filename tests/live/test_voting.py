"""Votes: one per person and thing, and counts that say so."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from live import actions
from live.actions import VoteRequest
from live.exceptions import LiveError, NotAllowed, NotFound, NotPossible, SessionPaused
from live.models import Contribution, PromptOption, Vote
from live.permissions import OPERATOR
from live.selectors import count
from tests.factories import live as make
from tests.factories.discussion import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return make.live_session()


def prompt(session, kind="poll", options=("Monday", "Tuesday", "Never"), show=True):
    session.refresh_from_db()
    made = actions.add_prompt(
        actor=OPERATOR, session=session, version=session.version, kind=kind, text="Which?", options=options, show=show
    )
    return list(made.options.all())


def counts(option: PromptOption) -> tuple[int, int, int]:
    option.refresh_from_db()
    return option.support_count, option.concern_count, option.pass_count


def test_support_counts_once_and_can_be_taken_back(session):
    said, voter = make.contribution(make.participant(session)), make.participant(session)
    other = make.contribution(make.participant(session))

    for _ in range(3):
        actions.set_vote(participant=voter, contribution_id=said.pk)
    said.refresh_from_db()
    other.refresh_from_db()
    assert (said.support_count, other.support_count) == (1, 0)
    for _ in range(3):
        actions.clear_vote(participant=voter, contribution_id=said.pk)
    said.refresh_from_db()
    assert (said.support_count, Vote.objects.count()) == (0, 0)


def test_support_of_somebody_with_two_devices_counts_once(session):
    said, user = make.contribution(make.participant(session)), member()

    for _ in range(2):
        actions.set_vote(participant=make.participant(session, user=user), contribution_id=said.pk)

    said.refresh_from_db()
    assert said.support_count == 1


def test_support_of_one_s_own_words_is_refused(session):
    person = make.participant(session)
    said = make.contribution(person)

    with pytest.raises(NotPossible):
        actions.set_vote(participant=person, contribution_id=said.pk)


def test_support_of_what_one_said_on_another_device_is_refused(session):
    user = member()
    said = make.contribution(make.participant(session, user=user))

    with pytest.raises(NotPossible):
        actions.set_vote(participant=make.participant(session, user=user), contribution_id=said.pk)


def test_support_of_what_may_not_be_seen_is_refused(session):
    held = make.contribution(make.participant(session), "See https://example.org")
    elsewhere = make.contribution(make.participant(make.live_session()))

    for wrong in (held.pk, elsewhere.pk, 10**9):
        with pytest.raises(NotFound):
            actions.set_vote(participant=make.participant(session), contribution_id=wrong)


def test_contribution_takes_support_only(session):
    said = make.contribution(make.participant(session))

    for wrong in ("concern", "love"):
        with pytest.raises(NotPossible):
            actions.set_vote(participant=make.participant(session), contribution_id=said.pk, choice=wrong)


def test_statement_is_weighed_and_weighed_again(session):
    first, second = prompt(session, "statements", ["Trains first.", "Boats first."])
    voter = make.participant(session)

    actions.set_vote(participant=voter, option_id=first.pk, choice="support")
    actions.set_vote(participant=voter, option_id=second.pk, choice="pass")
    actions.set_vote(participant=voter, option_id=first.pk, choice="concern")
    given = set(Vote.objects.values_list("pk", flat=True))
    actions.set_vote(participant=voter, option_id=first.pk, choice="concern")

    assert set(Vote.objects.values_list("pk", flat=True)) == given
    assert (counts(first), counts(second)) == ((0, 1, 0), (0, 0, 1))
    actions.clear_vote(participant=voter, option_id=first.pk)
    assert (counts(first), counts(second)) == ((0, 0, 0), (0, 0, 1))


def test_poll_takes_one_choice_a_person(session):
    monday, tuesday, never = prompt(session)
    voter = make.participant(session)

    actions.set_vote(participant=voter, option_id=monday.pk)
    actions.set_vote(participant=voter, option_id=tuesday.pk)
    actions.clear_vote(participant=voter, option_id=never.pk)

    assert [counts(option)[0] for option in (monday, tuesday, never)] == [0, 1, 0]
    with pytest.raises(NotPossible):
        actions.set_vote(participant=voter, option_id=monday.pk, choice="concern")


@pytest.mark.parametrize("kind", ["poll", "statements"])
def test_vote_changes_only_one_s_own(session, kind):
    monday, tuesday, _ = prompt(session, kind)
    stays, moves = make.participant(session), make.participant(session)
    actions.set_vote(participant=stays, option_id=monday.pk)
    actions.set_vote(participant=moves, option_id=monday.pk)

    actions.clear_vote(participant=moves, option_id=monday.pk)
    actions.set_vote(participant=moves, option_id=tuesday.pk)

    assert (counts(monday)[0], counts(tuesday)[0]) == (1, 1)
    assert Vote.objects.get(participant=stays).option == monday


def test_screens_on_which_something_stood_are_counted_where_it_may_be_seen(session):
    shown, held = (make.contribution(make.participant(session), body) for body in ("Lamps.", "See https://example.org"))
    elsewhere = make.contribution(make.participant(make.live_session()))
    option, *_ = prompt(session)
    not_here, *_ = prompt(make.live_session())

    for _ in range(2):
        actions.record_seen(
            session=session,
            contribution_ids=Counter({shown.pk: 3, held.pk: 3, elsewhere.pk: 1}),
            option_ids=Counter({option.pk: 2, not_here.pk: 2}),
        )
    not_here.refresh_from_db()
    assert not_here.seen_count == 0

    for one in (shown, held, elsewhere, option):
        one.refresh_from_db()
    assert [one.seen_count for one in (shown, held, elsewhere, option)] == [6, 0, 0, 4]


def test_prompt_not_before_the_room_takes_no_votes(session):
    queued, *_ = prompt(session, show=False)
    closed, *_ = prompt(session)
    prompt(session)
    voter = make.participant(session)

    with pytest.raises(NotFound):
        actions.set_vote(participant=voter, option_id=queued.pk)
    with pytest.raises(NotPossible):
        actions.set_vote(participant=voter, option_id=closed.pk)


def test_vote_is_on_one_thing(session):
    said = make.contribution(make.participant(session))
    option, *_ = prompt(session)

    with pytest.raises(NotPossible):
        actions.set_vote(participant=make.participant(session))
    with pytest.raises(NotPossible):
        actions.set_vote(participant=make.participant(session), contribution_id=said.pk, option_id=option.pk)


def test_paused_session_takes_no_votes(session):
    said, voter = make.contribution(make.participant(session)), make.participant(session)
    actions.pause_session(actor=OPERATOR, session=session, version=session.version)

    with pytest.raises(SessionPaused):
        actions.set_vote(participant=voter, contribution_id=said.pk)


def test_batch_of_votes_answers_for_each(session):
    said, voter = make.contribution(make.participant(session)), make.participant(session)

    outcomes = actions.vote_many(
        session=session,
        requests=[
            VoteRequest(voter.pk, contribution_id=said.pk),
            VoteRequest(voter.pk, contribution_id=10**9),
            VoteRequest(10**9, contribution_id=said.pk),
            VoteRequest(make.participant(session).pk, contribution_id=said.pk),
        ],
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), NotFound, NotAllowed, type(None)]
    assert count(session.stream_id)["support"] == {str(said.pk): 2}


def test_database_itself_refuses_a_second_vote(session):
    said, voter = make.contribution(make.participant(session)), make.participant(session)
    actions.set_vote(participant=voter, contribution_id=said.pk)

    with pytest.raises(IntegrityError):
        Vote.objects.create(participant=voter, author_key=voter.author_key, contribution=said)


@pytest.mark.django_db(transaction=True)
def test_votes_in_a_race_count_once_a_person(session):
    said = make.contribution(make.participant(session))
    voters = [make.participant(session) for _ in range(5)]

    def press(number: int) -> None:
        try:
            actions.set_vote(participant=voters[number % 5], contribution_id=said.pk)
        except LiveError:
            pytest.fail("a vote was refused")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(press, range(60)))

    assert Contribution.objects.get(pk=said.pk).support_count == 5
    assert Vote.objects.count() == 5


def test_counts_are_of_what_anybody_may_see(session):
    said, voter = make.contribution(make.participant(session)), make.participant(session)
    actions.set_vote(participant=voter, contribution_id=said.pk)
    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=said.pk, reason="It names a person.")

    assert count(session.stream_id)["support"] == {}
