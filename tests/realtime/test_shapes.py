"""What events, counts and frames become on their way, without a socket or a loop."""

import json
import uuid

import pytest
from django.utils import timezone

from realtime import presenters, tallies
from realtime.lines import Message, frame_of
from realtime.log import NewEvent, append, last_seq, read
from realtime.models import Event, Stream
from realtime.presenters import Variant


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_frame_says_how_long_it_is(size, head):
    assert frame_of("x" * size) == head + b"x" * size


def test_message_makes_its_frame_once_of_bytes_and_not_of_letters():
    message = Message("é")

    assert message.frame == b"\x81\x02" + "é".encode()
    assert message.frame is message.frame


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {}, {}),
        ({}, {"support": {"1": 2}}, {"support": {"1": 2}}),
        ({"support": {"1": 2}}, {"support": {"1": 2}}, {}),
        ({"support": {"1": 2, "2": 5}}, {"support": {"1": 3, "2": 5}}, {"support": {"1": 3}}),
        ({"support": {"1": 2}}, {"support": {}}, {"support": {"1": 0}}),
        ({"support": {"1": 0}}, {"support": {}}, {}),
        ({"options": {"1": {"yes": 2, "seen": 3}}}, {"options": {}}, {"options": {"1": {"yes": 0, "seen": 0}}}),
        ({"options": {"1": {"yes": 0}}}, {"options": {}}, {}),
        (
            {"support": {"1": 2}},
            {"support": {"1": 2}, "seen": {"1": 4}},
            {"seen": {"1": 4}},
        ),
    ],
)
def test_reader_is_told_the_counts_that_changed_and_nought_for_those_that_went(before, after, told):
    assert tallies.changes(before, after) == told


def test_counters_are_asked_once_each_and_put_together(monkeypatch):
    monkeypatch.setattr(tallies, "_counters", [])
    monkeypatch.setattr(tallies, "_head_counters", [])
    stream = uuid.uuid4()

    def support(of):
        return {"support": {str(of): 2}}

    def seen(of):
        return {"seen": {str(of): 3}}

    for counter in (support, seen, support):
        tallies.register(counter)
    tallies.register_heads(lambda of: {"table": 7})
    tallies.register_heads(lambda of: {str(of): 2})

    assert tallies.count(stream) == {"support": {str(stream): 2}, "seen": {str(stream): 3}}
    assert tallies.heads(stream) == {"table": 7, str(stream): 2}
    assert tallies._counters == [support, seen]


def test_event_is_encoded_for_each_audience_and_the_first_that_fits_is_shown(monkeypatch):
    monkeypatch.setattr(presenters, "_presenters", {})
    monkeypatch.setattr(presenters, "_revoking", set())

    def present(stream_id, events):
        own = Variant(frozenset({"participant:17"}), {"own": True})
        console = Variant(frozenset({"console"}), {"words": "held"})
        return [[own, console] if event.kind == "said.held" else [] for event in events]

    presenters.register("said", present, revoking=["said.hidden"])
    now = timezone.now()
    events = [
        Event(seq=1, kind="said.held", audience="all", payload={}, created_at=now),
        Event(seq=2, kind="timer.started", audience="all console", payload={"ends": now}, created_at=now),
        Event(seq=3, kind="said.hidden", audience="all", payload={}, created_at=now),
    ]

    held, timer, hidden = presenters.present(uuid.uuid4(), events)

    at = presenters.encode(now).strip('"')
    assert json.loads(held.text_for(frozenset({"participant:17", "console"}))) == {
        "seq": 1,
        "kind": "said.held",
        "at": at,
        "own": True,
    }
    assert json.loads(held.text_for(frozenset({"console"})))["words"] == "held"
    assert held.text_for(frozenset({"wall", "all"})) is None
    assert timer.text_for(frozenset({"all"})) == f'{{"seq":2,"kind":"timer.started","at":"{at}","ends":"{at}"}}'
    assert hidden.text_for(frozenset({"all"})) is None
    assert [entry.seq for entry in (held, timer, hidden)] == [1, 2, 3]
    assert [entry.personal for entry in (held, timer)] == [frozenset({"participant:17"}), frozenset()]
    assert [entry.revokes for entry in (held, timer, hidden)] == [False, False, True]


@pytest.mark.django_db
def test_log_is_read_after_a_cursor_up_to_a_number_and_so_many():
    stream, other = Stream.objects.create(), Stream.objects.create()
    append(other.pk, [NewEvent("timer.stopped")])
    append(stream.pk, [NewEvent(f"said.{number}", {"n": number}, "all console") for number in range(1, 5)])

    def numbers(**window):
        return [event.seq for event in read(stream.pk, **window)]

    assert numbers(after=0) == [1, 2, 3, 4]
    assert numbers(after=2) == [3, 4]
    assert numbers(after=1, upto=3) == [2, 3]
    assert numbers(after=0, limit=2) == [1, 2]
    assert numbers(after=4) == []
    assert (last_seq(stream.pk), last_seq(other.pk)) == (4, 1)
    first = read(stream.pk, after=0)[0]
    assert (first.kind, first.payload, first.audience) == ("said.1", {"n": 1}, "all console")
