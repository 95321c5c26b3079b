import datetime
import uuid

import pytest
from django.utils import timezone

from live import actions
from live.exceptions import NotAllowed, NotPossible
from live.models import Contribution
from tests.factories.live import contribution, facilitator_of, live_session, participant

pytestmark = pytest.mark.django_db


def test_scribe_speaks_for_as_many_people_as_sit_at_the_table():
    session = live_session()
    scribe = participant(session)

    actions.seat_scribe(actor=facilitator_of(session), participant=scribe, table_name=" Table  6 ", headcount=5)
    said = contribution(scribe)

    assert (said.table_name, said.headcount, said.channel) == ("Table 6", 5, Contribution.Channel.TABLE)


def test_scribe_of_a_table_may_change_and_so_may_its_size():
    session = live_session()
    first, second = participant(session), participant(session)
    facilitator = facilitator_of(session)

    actions.seat_scribe(actor=facilitator, participant=first, table_name="Table 6", headcount=5)
    actions.seat_scribe(actor=facilitator, participant=second, table_name="Table 6", headcount=7)

    assert session.tables.get().headcount == 7
    assert contribution(second).headcount == 7


def test_scribe_is_not_seated_by_delegates_or_at_impossible_tables():
    session = live_session()
    scribe = participant(session)
    facilitator = facilitator_of(session)

    with pytest.raises(NotAllowed):
        actions.seat_scribe(actor=None, participant=scribe, table_name="Table 6", headcount=5)
    for name, headcount in (("", 5), ("T" * 61, 5), ("Table 6", 0), ("Table 6", 31)):
        with pytest.raises(NotPossible):
            actions.seat_scribe(actor=facilitator, participant=scribe, table_name=name, headcount=headcount)

    assert not session.tables.exists()


def test_contributions_replayed_later_keep_their_moments():
    session = live_session()
    scribe = participant(session)
    yesterday = timezone.now() - datetime.timedelta(days=2)
    draft = actions.Draft(scribe.pk, uuid.uuid4(), "Mark the ford.", said_at=yesterday - datetime.timedelta(minutes=4))

    (outcome,) = actions.contribute_many(session=session, drafts=[draft], moment=yesterday)

    assert outcome.contribution.said_at == draft.said_at
    assert outcome.contribution.created_at == yesterday
