import datetime
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from gathering.models import Entry
from live import actions
from live.actions.joining import hash_of_token, new_device_token
from live.exceptions import NotAllowed, NotFound, NotPossible, SessionClosed, StaleVersion
from live.models import TABLES_AT_MOST, Contribution, LiveSession, Participant, Table
from live.permissions import OPERATOR
from live.selectors import Viewer, snapshot
from realtime.models import Event
from tests.factories.discussion import proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, participant

pytestmark = pytest.mark.django_db


def tables_of(session: LiveSession, *names: str) -> list[Table]:
    session.refresh_from_db()
    added = actions.add_tables(actor=OPERATOR, session=session, version=session.version, names=names)
    session.refresh_from_db()
    return added


def scribe_at(table: Table, headcount: int = 7, **fields) -> Participant:
    return actions.take_seat(
        session=table.session, token=new_device_token(), key=table.key, headcount=headcount, **fields
    )


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


# Setting tables up


def test_tables_are_set_up_by_number_or_by_name():
    session = live_session(state="waiting")

    actions.add_tables(actor=OPERATOR, session=session, version=session.version, count=3)
    tables_of(session, "By the window", " Table   2 ", "The stage")

    tables = list(session.tables.all())
    assert [table.name for table in tables] == ["Table 1", "Table 2", "Table 3", "By the window", "The stage"]
    assert len({table.key for table in tables}) == 5
    assert session.version == 2


@pytest.mark.parametrize("fields", [{}, {"names": ["T" * 61]}, {"count": 0}, {"count": 61}, {"names": ["Table 1"]}])
def test_tables_that_cannot_be_are_refused(fields):
    session = live_session()
    tables_of(session, "Table 1")

    with pytest.raises(NotPossible):
        actions.add_tables(actor=OPERATOR, session=session, version=session.version, **fields)

    assert session.tables.count() == 1


def test_session_has_so_many_tables_and_no_more():
    session = live_session()
    tables_of(session, *(f"Island {number}" for number in range(TABLES_AT_MOST - 1)))

    with pytest.raises(NotPossible, match="at most"):
        tables_of(session, "Window", "Stage")
    tables_of(session, "Window")

    assert session.tables.count() == TABLES_AT_MOST


def test_table_that_changes_is_told_to_the_device_that_writes_for_it_and_to_no_other():
    session = live_session()
    (table, other) = tables_of(session, "Table 1", "Table 2")
    scribe = scribe_at(table)
    scribe_at(other)
    participant(session)
    session.refresh_from_db()

    for change in (
        lambda: actions.rename_table(
            actor=OPERATOR, session=session, version=session.version, table_id=table.pk, name="Window"
        ),
        lambda: actions.set_table_headcount(actor=OPERATOR, session=session, table_id=table.pk, headcount=3),
        lambda: actions.set_headcount(participant=scribe, headcount=4),
        lambda: actions.free_table(actor=OPERATOR, session=session, table_id=table.pk),
    ):
        seen = Event.objects.filter(stream=session.stream).count()
        change()
        told = Event.objects.filter(stream=session.stream).order_by("seq")[seen:]
        assert [event.audience for event in told if event.kind == "seat.changed"] == [f"participant:{scribe.pk}"]


def test_tables_are_set_up_by_one_facilitator_at_a_time():
    session = live_session()
    (table,) = tables_of(session, "Table 1")
    seen = session.version - 1

    for act, fields in (
        (actions.add_tables, {"count": 2}),
        (actions.rename_table, {"table_id": table.pk, "name": "Window"}),
        (actions.remove_table, {"table_id": table.pk}),
    ):
        with pytest.raises(StaleVersion):
            act(actor=OPERATOR, session=session, version=seen, **fields)

    assert [one.name for one in session.tables.all()] == ["Table 1"]


def test_table_keeps_its_old_name_on_what_was_said_under_it():
    session = live_session()
    (table, other) = tables_of(session, "Table 1", "Table 2")
    scribe = scribe_at(table)
    before = contribution(scribe)

    actions.rename_table(actor=OPERATOR, session=session, version=session.version, table_id=table.pk, name="Window")
    scribe.refresh_from_db()
    after = contribution(scribe, "And light it.")

    assert (before.table_name, after.table_name) == ("Table 1", "Window")
    assert before.table == after.table == table
    session.refresh_from_db()
    with pytest.raises(NotPossible):
        actions.rename_table(actor=OPERATOR, session=session, version=session.version, table_id=other.pk, name="Window")


def test_table_at_which_something_was_said_stays():
    session = live_session()
    (said_at, empty) = tables_of(session, "Table 1", "Table 2")
    contribution(scribe_at(said_at))
    left_standing = scribe_at(empty)

    with pytest.raises(NotPossible):
        actions.remove_table(actor=OPERATOR, session=session, version=session.version, table_id=said_at.pk)
    actions.remove_table(actor=OPERATOR, session=session, version=session.version, table_id=empty.pk)

    assert list(session.tables.all()) == [said_at]
    left_standing.refresh_from_db()
    assert contribution(left_standing, "By myself.").channel == Contribution.Channel.LIVE


# Scribes


def test_scribe_sits_down_by_the_code_on_the_table():
    session = live_session()
    (table,) = tables_of(session, "Table 4")

    said = contribution(scribe_at(table, 7))

    assert (said.table, said.table_name, said.headcount, said.channel) == (table, "Table 4", 7, "table")
    assert said.author_label == said.quote_label == "Table 4"
    with pytest.raises(NotFound):
        actions.take_seat(session=session, token="other", key="ZZZ", headcount=7)
    with pytest.raises(NotPossible):
        actions.take_seat(session=session, token="other", key=table.key, headcount=0)
    assert session.participants.count() == 1


def test_table_that_does_not_wish_to_be_quoted_is_not():
    (table,) = tables_of(live_session(proposition_page()), "Table 4")
    scribe = scribe_at(table, may_quote=False)

    said = contribution(scribe)

    assert (said.consent, said.quote_label, said.table_name) == ("none", "", "Table 4")
    assert Entry.objects.get(contribution=said).consent == "none"


def test_table_counts_its_people_once_whichever_device_writes():
    session = live_session(proposition_page())
    (table,) = tables_of(session, "Table 4")
    first = contribution(scribe_at(table, 7))
    second = contribution(scribe_at(table, 6), "Light the towpath.")

    entries = Entry.objects.filter(contribution__in=[first, second])
    assert {entry.author_key for entry in entries} == {first.author_key}
    assert sorted(entry.headcount for entry in entries) == [6, 7]


def test_device_that_takes_over_a_table_takes_it_from_the_other():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    first = scribe_at(table)
    second = scribe_at(table)

    assert list(Participant.objects.filter(table=table)) == [second]
    first.refresh_from_db()
    assert contribution(first, "My own view.").table is None
    told = Event.objects.filter(kind="seat.changed", audience=f"participant:{first.pk}")
    assert told.count() == 2


def test_words_written_at_a_table_arrive_as_its_own_after_another_took_over():
    session = live_session()
    (table, other) = tables_of(session, "Table 4", "Table 5")
    first = scribe_at(table, 7)
    scribe_at(table, 6)
    first.refresh_from_db()

    late = contribution(first, "Written while offline.", table_id=table.pk, headcount=7)
    own = contribution(first, "By myself.", table_id=0)

    assert (late.table, late.headcount) == (table, 7)
    assert (own.table, own.headcount, own.channel) == (None, 1, "live")
    with pytest.raises(NotPossible):
        contribution(first, "At a table where I never sat.", table_id=other.pk)
    with pytest.raises(NotPossible):
        contribution(first, "Too many.", table_id=table.pk, headcount=31)


def test_headcount_is_changed_by_the_scribe_and_the_facilitator():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    scribe = scribe_at(table, 7)

    actions.set_headcount(participant=scribe, headcount=5)
    assert contribution(scribe).headcount == 5
    actions.set_table_headcount(actor=OPERATOR, session=session, table_id=table.pk, headcount=8)
    assert contribution(scribe, "Light the towpath.").headcount == 8

    with pytest.raises(NotPossible):
        actions.set_headcount(participant=scribe, headcount=0)
    with pytest.raises(NotPossible):
        actions.set_headcount(participant=participant(session), headcount=3)


def test_scribe_leaves_the_table_or_is_asked_to():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    scribe = scribe_at(table)

    actions.leave_seat(participant=scribe)
    assert contribution(scribe).table is None
    with pytest.raises(NotPossible):
        actions.leave_seat(participant=scribe)

    again = scribe_at(table)
    actions.free_table(actor=facilitator_of(session), session=session, table_id=table.pk)
    again.refresh_from_db()
    assert again.table is None
    with pytest.raises(NotPossible):
        actions.free_table(actor=OPERATOR, session=session, table_id=table.pk)


def test_nobody_sits_down_in_a_closed_session():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    scribe = scribe_at(table)
    actions.close_session(actor=OPERATOR, session=session, version=session.version)

    with pytest.raises(SessionClosed):
        scribe_at(table)
    with pytest.raises(SessionClosed):
        actions.set_headcount(participant=scribe, headcount=3)


# What screens are told


def test_snapshot_tells_a_scribe_of_the_table_and_consoles_of_all():
    session = live_session()
    tables = tables_of(session, *(f"Table {number}" for number in range(1, 9)))
    scribe = scribe_at(tables[3], 7)
    said = contribution(scribe)

    own = snapshot(Viewer(session, "participant", scribe))
    assert own["you"]["table"] == {"id": tables[3].pk, "name": "Table 4", "headcount": 7, "may_quote": True}
    assert "tables" not in own
    console = snapshot(Viewer(session, "console", user=facilitator_of(session)))
    fourth = console["tables"][3]
    assert (fourth["name"], fourth["headcount"], fourth["has_scribe"]) == ("Table 4", 7, True)
    assert fourth["last_said_at"] == console["contributions"][0]["received_at"]
    assert console["contributions"][0]["table_id"] == said.table_id == tables[3].pk
    assert [table["last_said_at"] for table in console["tables"][:3]] == [None] * 3


# The page behind a table's code


def test_seat_page_lets_a_stranger_write_for_the_table():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    client = Client()

    typed = client.get("/join/", {"code": f"{session.spoken_code} {table.key}".lower()})
    assert typed.headers["Location"] == table.get_absolute_url()
    page = client.get(typed.headers["Location"])
    assert "You write for Table 4" in page.text

    refused = client.post(table.get_absolute_url(), {"headcount": "none"})
    assert refused.status_code == 422
    assert "A number, such as 6." in refused.text
    assert not session.participants.exists()

    answer = client.post(table.get_absolute_url(), {"headcount": "6", "may_quote": "no"})
    assert (answer.status_code, answer.headers["Location"]) == (303, session.get_absolute_url())
    scribe = session.participants.get()
    assert scribe.table == table
    assert scribe.token_hash == hash_of_token(answer.cookies["device"].value)
    table.refresh_from_db()
    assert (table.headcount, table.may_quote) == (6, False)


def test_seat_page_keeps_how_somebody_who_had_joined_appears():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    person = participant(session, identity="role", role="Lock keeper", consent="role")
    client = Client()
    client.cookies["device"] = person.device_token

    client.post(table.get_absolute_url(), {"headcount": "6", "may_quote": "no"})

    person.refresh_from_db()
    assert (person.table, person.label, person.consent) == (table, "Lock keeper", "role")


def test_seat_page_says_that_another_device_writes_for_the_table():
    (table,) = tables_of(live_session(), "Table 4")
    scribe_at(table)

    assert "this one takes over" in Client().get(table.get_absolute_url()).text


def test_seat_page_with_a_wrong_key_counts_as_a_wrong_code():
    session = live_session()
    tables_of(session, "Table 4")
    client = Client()

    answers = [client.get(f"/live/{session.code}/table/{key:03}/") for key in range(130)]

    assert answers[0].status_code == 404
    assert "no table with this code" in answers[0].text
    assert answers[-1].status_code == 429


def test_seat_page_of_a_closed_session_leads_to_what_was_said():
    session = live_session()
    (table,) = tables_of(session, "Table 4")
    session = actions.close_session(actor=OPERATOR, session=session, version=session.version)

    assert Client().get(table.get_absolute_url()).headers["Location"] == session.page.url
