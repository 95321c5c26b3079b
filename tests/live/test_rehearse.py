"""Rehearsals with simulated phones."""

import dataclasses
import io
import itertools
import random
from collections import Counter
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command

from live import actions, rehearsal
from live.models import Contribution, LiveSession
from live.permissions import OPERATOR
from live.rehearsal import Plan, Room, Stored
from tests.factories.discussion import proposition_page
from tests.factories.live import contribution, live_session, participant


def plan(**fields) -> Plan:
    values = {"phones": 40, "seconds": 60.0, "contributions": 30, "is_even": False, "cut_off": 0.1}
    return Plan.make(**{**values, "chance": random.Random(3), **fields})


def test_moments_come_in_bursts_as_in_a_real_room():
    chance = random.Random(11)

    moments = rehearsal.moments_like_a_room(4000, 600, chance)

    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= 600
    gaps = sorted(later - before for before, later in itertools.pairwise(moments))
    mean = sum(gaps) / len(gaps)
    # The file: half of all gaps below 0.16 of the mean, one in twenty above 3.5 of it.
    assert 0.1 < gaps[len(gaps) // 2] / mean < 0.25
    assert 2.5 < gaps[int(len(gaps) * 0.95)] / mean < 5


def test_few_people_say_much_and_most_once():
    times = Counter(Counter(rehearsal.speakers(400, 2000, 30, random.Random(5))).values())

    assert sum(count * how_many for how_many, count in times.items()) == 400
    assert times[1] > times[2] > times[3]
    assert max(times) > 5


def test_plan_is_the_same_for_the_same_seed_and_says_nothing_twice():
    first, second = plan(), plan()

    assert first == second
    said = [saying for sayings in first.sayings.values() for saying in sayings]
    assert len({saying.body for saying in said}) == len({saying.client_id for saying in said}) == 30
    assert len(first.cuts) == 4


def played() -> tuple[Room, list[Stored], list[int]]:
    """A room in which everything went well, as phones and database would have it."""
    room = Room(address="http://localhost:1", code="AAAAAA", tokens=["t"] * 40, cursor=7, plan=plan())
    stored = []
    for seq, saying in enumerate(sorted(room.sayings, key=lambda one: one.at), start=8):
        saying.sent_at, saying.acknowledged_at = saying.at, saying.at + 0.05
        saying.contribution, saying.seq = seq + 100, seq
        stored.append(Stored(seq + 100, seq, saying.client_id, saying.body, is_for_all=True))
    for phone in room.phones:
        phone.heard = [(one.seq, one.pk) for one in stored]
    return room, stored, list(range(8, 38))


def test_verdict_holds_where_nothing_went_wrong():
    room, stored, seqs = played()

    assert rehearsal.verify(room, stored, seqs, since=7).holds


def lose_a_row(room, stored, seqs):
    del stored[4]


def double_a_row(room, stored, seqs):
    stored.append(stored[4])


def change_words(room, stored, seqs):
    stored[4] = dataclasses.replace(stored[4], body="Other words.")


def add_what_nobody_said(room, stored, seqs):
    stored.append(Stored(999, 38, "somebody-elses", "Who said this?", is_for_all=False))


def leave_a_gap(room, stored, seqs):
    seqs.remove(12)


def forget_an_acknowledgement(room, stored, seqs):
    room.sayings[3].acknowledged_at = 0.0


def hear_in_another_order(room, stored, seqs):
    heard = room.phones[17].heard
    heard[3], heard[4] = heard[4], heard[3]


def miss_one(room, stored, seqs):
    room.phones[17].heard.pop()


def hear_twice(room, stored, seqs):
    room.phones[17].heard.append(room.phones[17].heard[-1])


@pytest.mark.parametrize(
    "harm",
    [
        lose_a_row,
        double_a_row,
        change_words,
        add_what_nobody_said,
        leave_a_gap,
        forget_an_acknowledgement,
        hear_in_another_order,
        miss_one,
        hear_twice,
    ],
)
def test_verdict_notices_what_went_wrong(harm):
    room, stored, seqs = played()
    harm(room, stored, seqs)

    assert not rehearsal.verify(room, stored, seqs, since=7).holds


def test_percentiles_are_those_of_the_values():
    assert rehearsal.percentiles([number / 1000 for number in range(1, 101)]) == {
        "p50": 50.0,
        "p95": 95.0,
        "p99": 99.0,
        "max": 100.0,
    }
    assert rehearsal.percentiles([]) == {}


def test_rehearse_plays_a_room_against_a_running_server(live_site):
    session = live_session(proposition_page(), state="waiting")
    out = io.StringIO()

    call_command(
        "rehearse", session.code, "--phones", "12", "--minutes", "0.05", "--contributions", "10",
        "--cut-off", "0.25", "--url", live_site.url, "--seed", "4", stdout=out,
    )  # fmt: skip

    told = out.getvalue()
    assert "NO" not in told
    assert told.count("  yes  ") == 6
    assert "12 of 12 phones" in told
    session.refresh_from_db()
    assert session.is_rehearsal
    assert Contribution.objects.filter(session=session).count() == 10

    call_command("clear_rehearsal", session.code, stdout=out)

    assert "Cleared 10 contributions of 12 devices." in out.getvalue()
    session.refresh_from_db()
    assert (session.state, session.is_rehearsal) == ("waiting", False)


def test_what_somebody_else_says_meanwhile_is_no_fault():
    room, stored, seqs = played()
    stored.append(Stored(999, 38, "a-colleague's", "Does mine show too?", is_for_all=True, is_simulated=False))
    for phone in room.phones:
        phone.heard.append((38, 999))

    verdict = rehearsal.verify(room, stored, [*seqs, 38], since=7)

    assert verdict.holds
    assert "31 stored, 1 from other phones, 0 unknown" in [numbers for _, _, numbers in verdict.clauses]


def test_rehearse_tells_its_own_phones_from_others(live_site, monkeypatch):
    session = live_session(proposition_page(), is_rehearsal=True)
    play = Room.play

    async def with_a_colleague(self, **options):
        await play(self, **options)
        await sync_to_async(contribution)(await sync_to_async(participant)(session), "Does mine show too?")

    monkeypatch.setattr(Room, "play", with_a_colleague)
    out = io.StringIO()

    with pytest.raises(CommandError):
        call_command(
            "rehearse", session.code, "--phones", "2", "--minutes", "0.02", "--contributions", "2", "--cut-off", "0",
            "--url", live_site.url, stdout=out,
        )  # fmt: skip

    # The phones had gone before they could hear it; that it is a colleague's is known all the same.
    assert "3 stored, 1 from other phones, 0 unknown" in out.getvalue()


@pytest.mark.django_db
def test_rehearsal_without_a_server_leaves_the_session_as_it_was():
    session = live_session(state="waiting")

    with pytest.raises(CommandError, match="No server takes phones"):
        call_command("rehearse", session.code, "--phones", "2", "--url", "http://localhost:9", stdout=io.StringIO())

    session.refresh_from_db()
    assert (session.state, session.is_rehearsal, session.participants.count()) == ("waiting", False, 0)


@pytest.mark.django_db
def test_rehearse_says_in_one_sentence_why_not():
    session = live_session()
    for arguments, reason in (
        ([session.code, "--phones", "0"], "From 1 to 2,000 phones"),
        ([session.code, "--phones", "1", "--contributions", "11"], "At most ten"),
        (["ZZZZZZ"], "no session with the code"),
        ([session.code, "--phones", "1", "--minutes", "0.02", "--url", "http://localhost:9"], "No server takes phones"),
    ):
        with pytest.raises(CommandError, match=reason):
            call_command("rehearse", *arguments, stdout=io.StringIO())


@pytest.mark.django_db
def test_session_in_which_something_was_said_is_neither_rehearsed_nor_cleared(monkeypatch):
    session: LiveSession = live_session()
    contribution(participant(session))
    monkeypatch.setattr(rehearsal, "knock", AsyncMock())

    with pytest.raises(CommandError, match="said here already"):
        call_command("rehearse", session.code, stdout=io.StringIO())
    with pytest.raises(CommandError, match="no rehearsal"):
        call_command("clear_rehearsal", session.code, stdout=io.StringIO())
    actions.close_session(actor=OPERATOR, session=session, version=session.version)
    assert Contribution.objects.count() == 1
