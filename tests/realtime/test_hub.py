"""The hub: every reader gets every event they may see, in order, whatever happens to hints and to other readers."""

import asyncio
import re

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from realtime import doorbell, groups, hub, log, presenters, tallies
from realtime.log import NewEvent
from realtime.presenters import Variant
from tests.realtime.conftest import Ear


async def join(listening, *ears: Ear, after: int = 0) -> None:
    for ear in ears:
        listening.add(ear.reader)
        listening.read_from(ear.reader, after)


@pytest.fixture
def deaf(monkeypatch):
    """Lose every hint."""
    monkeypatch.setattr(hub.Hub, "hear", lambda self, hint: None)


async def test_reader_gets_what_was_and_what_comes(listening, say):
    await say("before")
    ear = Ear()
    await join(listening, ear)
    await ear.read_to(1)

    await say("after")

    assert await ear.read_to(2) == ["before", "after"]


async def test_hello_is_answered_when_there_is_nothing(listening):
    ear = Ear()

    await join(listening, ear)
    await ear.until(lambda: ear.frames)

    frame = ear.frames[0]
    assert (frame["from"], frame["to"], frame["events"]) == (0, 0, [])
    assert frame["now"].endswith("Z")


async def test_readers_of_one_audience_get_the_very_same_text(listening, say):
    first, second = Ear("room"), Ear("room")
    await join(listening, first, second)
    await first.until(lambda: first.frames)

    seq = await say("hello")
    await first.read_to(seq)
    await second.read_to(seq)

    assert first.texts[-1] is second.texts[-1]


async def test_cursor_moves_past_events_of_others(listening, say):
    console, room = Ear("console"), Ear("room")
    await join(listening, console, room)

    seq = await say("for all", NewEvent("word.said", {"word": "secret"}, "console"), "again")

    assert await console.read_to(seq) == ["for all", "secret", "again"]
    assert await room.read_to(seq) == ["for all", "again"]
    seq = await say(NewEvent("word.said", {"word": "secret"}, "console"))
    await room.read_to(seq)
    assert room.frames[-1]["events"] == []
    assert not any("secret" in text for text in room.texts)


async def test_personal_event_reaches_that_person_only(listening, say):
    hers, his = Ear("room", "person:1"), Ear("room", "person:2")
    await join(listening, hers, his)

    seq = await say("all", NewEvent("word.said", {"word": "yours"}, "person:1"))

    assert await hers.read_to(seq) == ["all", "yours"]
    assert await his.read_to(seq) == ["all"]


async def test_frozen_reader_holds_nobody_up_and_catches_up(listening, say):
    frozen, awake = Ear(), Ear()
    await join(listening, frozen, awake)
    await frozen.until(lambda: frozen.frames)
    frozen.thawed.clear()

    for number in range(30):
        await say(f"{number}")
        await awake.read_to(number + 1)
    frozen.thawed.set()

    expected = [str(number) for number in range(30)]
    assert awake.words == expected
    assert await frozen.read_to(30) == expected


async def test_reader_frozen_too_long_is_closed(listening, say, monkeypatch):
    monkeypatch.setattr(hub, "SLOW_SECONDS", 0.05)
    frozen, awake = Ear(), Ear()
    await join(listening, frozen, awake)
    await frozen.until(lambda: frozen.frames)
    frozen.thawed.clear()

    number = 0
    while frozen.closed_with is None:
        number += 1
        assert number < 500
        await say(f"{number}")
        await awake.read_to(number)

    assert frozen.closed_with == 1013
    assert frozen.reader not in listening.readers
    assert awake.closed_with is None


async def test_reader_whose_connection_broke_is_let_go(listening, say):
    broken, whole = Ear(), Ear()

    async def fail(text: str) -> None:
        raise ConnectionResetError

    broken.reader.send = fail
    await join(listening, broken, whole)

    await say("one")
    await whole.read_to(1)

    assert listening.readers == {whole.reader}


async def test_lost_hints_are_repaired_by_looking(listening, say, deaf, monkeypatch):
    monkeypatch.setattr(hub, "POLL_INTERVAL", 0.05)
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)

    await say("unheard")

    assert await ear.read_to(1) == ["unheard"]


async def test_without_hints_and_without_looking_nothing_comes(listening, say, deaf, monkeypatch):
    """The control of the test above: it would not notice a hub that never looks by itself."""
    monkeypatch.setattr(hub, "POLL_INTERVAL", 3600)
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)

    await say("unheard")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await ear.read_to(1)


async def test_reader_far_behind_is_told_to_start_anew(listening, say, monkeypatch):
    monkeypatch.setattr(hub, "REACH", 5)
    await say(*[str(number) for number in range(6)])
    ear = Ear()

    await join(listening, ear)
    await ear.until(lambda: ear.messages)

    assert ear.messages == [{"type": "resync", "to": 6}]
    await say("not for it")
    listening.read_from(ear.reader, 6)
    assert await ear.read_to(7) == ["not for it"]


async def test_reader_ahead_of_a_log_set_back_is_told_to_start_anew(listening, say):
    await say("one")
    ear = Ear()

    await join(listening, ear, after=9)
    await ear.until(lambda: ear.messages)

    assert ear.messages[0] == {"type": "resync", "to": 1}


async def test_burst_comes_in_bounded_frames_that_follow_each_other(listening, say, monkeypatch):
    monkeypatch.setattr(hub, "FRAME_BYTES", 2000)
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)

    words = [f"{number:03}" + "x" * 300 for number in range(60)]
    await say(*words)

    assert await ear.read_to(60) == words
    assert max(len(text) for text in ear.texts) < 2400
    assert [frame["from"] for frame in ear.frames[1:]] == [frame["to"] for frame in ear.frames[:-1]]


async def test_readers_who_come_back_at_once_share_one_reading(listening, say, monkeypatch):
    await say(*[str(number) for number in range(40)])
    await join(listening, warm := Ear(), after=40)
    await warm.until(lambda: warm.frames)
    reads: list[int] = []
    read = log.read

    def counting(*args, **kwargs):
        reads.append(kwargs["after"])
        return read(*args, **kwargs)

    monkeypatch.setattr(log, "read", counting)
    ears = [Ear() for _ in range(50)]
    await join(listening, *ears, after=10)
    for ear in ears:
        assert await ear.read_to(40) == [str(number) for number in range(10, 40)]

    assert reads.count(10) == 1


async def test_what_is_revoked_is_not_shown_to_those_who_catch_up(listening, say, monkeypatch):
    hidden: set[str] = set()

    def present(stream_id, events):
        return [
            [] if event.payload["word"] in hidden else [Variant(frozenset({"all"}), event.payload)] for event in events
        ]

    monkeypatch.setitem(presenters._presenters, "word", present)
    monkeypatch.setattr(presenters, "_revoking", {"word.taken_back"})
    witness = Ear()
    await join(listening, witness)
    await say("indiscreet", "harmless")
    await witness.read_to(2)

    hidden.add("indiscreet")
    await say(NewEvent("word.taken_back", {"word": ""}))
    await witness.read_to(3)
    late = Ear()
    await join(listening, late)

    assert await late.read_to(3) == ["harmless", ""]
    assert witness.words == ["indiscreet", "harmless", ""]


async def test_hub_survives_a_database_that_is_away(listening, say, monkeypatch, caplog):
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)
    fails = [True]
    read = log.read

    def fail_once(*args, **kwargs):
        if fails and fails.pop():
            raise OSError("the database is away")
        return read(*args, **kwargs)

    monkeypatch.setattr(log, "read", fail_once)
    await say("one")

    assert await ear.read_to(1) == ["one"]
    assert "could not read" in caplog.text


async def test_counts_are_absolute_and_only_those_that_changed(listening, stream, monkeypatch):
    counts = {"support": {"1": 4, "2": 1}}
    monkeypatch.setattr(tallies, "_counters", [lambda stream_id: {"support": dict(counts["support"])}])
    early = Ear()
    await join(listening, early)
    await early.until(lambda: early.tallies.get("support") == {"1": 4, "2": 1})

    counts["support"] = {"1": 5}
    doorbell.ring_tallies(stream.pk)
    await early.until(lambda: early.tallies["support"] == {"1": 5, "2": 0})
    late = Ear()
    await join(listening, late)
    await late.until(lambda: late.tallies)

    assert early.messages[-1]["support"] == {"1": 5, "2": 0}
    assert late.tallies["support"] == {"1": 5}


async def test_people_are_counted_once_each_while_connected(listening):
    wall = Ear("wall")
    phones = [Ear("room", person="a"), Ear("room", person="a"), Ear("room", person="b")]
    await join(listening, wall, *phones)
    await wall.until(lambda: wall.tallies.get("people") == 2)

    listening.remove(phones[0].reader)
    listening.remove(phones[2].reader)
    await wall.until(lambda: wall.tallies.get("people") == 1)

    listening.remove(phones[1].reader)
    await wall.until(lambda: wall.tallies.get("people") == 0)


async def test_whoever_stands_for_others_counts_for_them_while_connected(listening, stream, monkeypatch):
    heads = {"b": 7}
    monkeypatch.setattr(tallies, "_head_counters", [lambda stream_id: dict(heads)])
    wall = Ear("wall")
    phones = [Ear("room", person="a"), Ear("room", person="b"), Ear("room", person="b")]
    await join(listening, wall, *phones)
    await wall.until(lambda: wall.tallies.get("people") == 8)
    assert listening.health()["connected"] == 3

    heads["b"] = 5
    doorbell.ring_tallies(stream.pk)
    await wall.until(lambda: wall.tallies.get("people") == 6)

    listening.remove(phones[1].reader)
    listening.remove(phones[2].reader)
    await wall.until(lambda: wall.tallies.get("people") == 1)


async def test_somebody_who_reloads_has_not_left(listening, monkeypatch):
    monkeypatch.setattr(hub, "STILL_HERE", 0.4)
    wall, before, after = Ear("wall"), Ear("room", person="a"), Ear("room", person="a")
    await join(listening, wall, before)
    await wall.until(lambda: wall.tallies.get("people") == 1)
    told = len(wall.messages)

    listening.remove(before.reader)
    await join(listening, after)
    await after.until(lambda: after.tallies.get("people") == 1)
    assert not any("people" in message for message in wall.messages[told:])

    listening.remove(after.reader)
    await wall.until(lambda: wall.tallies.get("people") == 0)


async def test_health_is_for_consoles_and_remembers_phones_that_left_with_words(listening):
    console, wall = Ear("console", watches_health=True), Ear("wall")
    phone = Ear("room", person="a")
    await join(listening, console, wall, phone)
    listening.report_unsent(phone.reader, 3)
    await console.until(lambda: console.tallies.get("health", {}).get("unsent") == 3)

    listening.remove(phone.reader)
    await console.until(lambda: console.tallies["health"]["offline_unsent"] == 1)

    assert console.tallies["health"] == {"connected": 0, "behind": 0, "offline_unsent": 1, "unsent": 3}
    assert not any("health" in text for text in wall.texts)


@pytest.fixture
def redis_layer(settings, redis_url):
    host = {"address": redis_url, "socket_timeout": None, "max_connections": 50}
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}
    }
    return settings


async def heard_from_elsewhere(listening, hint) -> None:
    """Send a hint as another process does, until this one has joined the group."""
    message = {"type": "stream.hint", "stream": listening.stream_id.hex, "process": "elsewhere", **hint}
    await get_channel_layer().group_send(groups.stream_group(listening.stream_id), message)


async def test_hint_of_another_process_is_heard_through_redis(redis_layer, listening, say, monkeypatch):
    monkeypatch.setattr(hub, "POLL_INTERVAL", 3600)
    monkeypatch.setattr(hub.House, "_on_hint", lambda self, stream_id, hint: None)
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)
    seq = await say("told elsewhere")

    async def ring() -> None:
        while True:
            await heard_from_elsewhere(listening, {"seq": seq})
            await asyncio.sleep(0.05)

    ringing = asyncio.create_task(ring())
    words = await ear.read_to(seq)
    ringing.cancel()

    assert words == ["told elsewhere"]


async def test_people_of_other_processes_count(redis_layer, listening):
    wall = Ear("wall")
    await join(listening, wall, Ear("room", person="a"))
    there = {"people": 4, "connected": 4, "behind": 0, "offline_unsent": 0, "unsent": 0}

    async def tell() -> None:
        while True:
            await heard_from_elsewhere(listening, {"presence": there})
            await asyncio.sleep(0.05)

    telling = asyncio.create_task(tell())
    await wall.until(lambda: wall.tallies.get("people") == 5)
    telling.cancel()


async def test_layer_that_is_away_costs_a_warning_and_nothing_else(settings, listening, say, caplog):
    host = {"address": "redis://127.0.0.1:1", "socket_timeout": None}
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [host]}}
    }
    ear = Ear()
    await join(listening, ear)

    seq = await say("written all the same")

    assert await ear.read_to(seq) == ["written all the same"]


async def test_ring_from_a_thread_without_a_loop_reaches_redis(redis_layer, stream):
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(groups.stream_group(stream.pk), channel)

    await sync_to_async(doorbell.ring, thread_sensitive=False)(stream.pk, 7)

    async with asyncio.timeout(5):
        message = await layer.receive(channel)
    assert (message["stream"], message["seq"]) == (stream.pk.hex, 7)


class Wire:
    """A direct line to a socket. `takes` is whether the peer has taken what came before."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.takes = True

    def write(self, frame: bytes) -> bool:
        if self.takes:
            self.frames.append(frame)
        return self.takes

    def abort(self) -> None:
        raise AssertionError("nobody is too slow here")

    @property
    def words(self) -> list[str]:
        return [word.decode() for word in re.findall(rb'"word":"(\w+)"', b"".join(self.frames))]


async def test_reader_with_a_direct_line_gets_frames_there_and_waits_the_plain_way_when_it_is_full(listening, say):
    ear, other = Ear(), Ear()
    ear.reader.line = wire = Wire()
    await join(listening, ear, other)
    await other.read_to(await say("first"))
    assert wire.words == ["first"]
    assert ear.texts == []

    wire.takes = False
    ear.thawed.clear()
    await other.read_to(await say("second"))
    assert ear.reader.sending is not None
    await other.read_to(await say("third"))

    wire.takes = True
    ear.thawed.set()
    await ear.until(lambda: ear.texts)
    await other.read_to(await say("fourth"))
    async with asyncio.timeout(10):
        while "fourth" not in wire.words:
            await asyncio.sleep(0.005)

    # What waited may have been counts or the second word; either way nothing came twice or not at all.
    assert sorted([*wire.words, *ear.words]) == ["first", "fourth", "second", "third"]


@pytest.mark.parametrize(("spent", "interval"), [(0, 0.05), (0.004, 0.05), (0.012, 0.096), (0.03, 0.24), (1, 0.4)])
def test_full_room_is_sent_to_less_often(monkeypatch, spent, interval):
    monkeypatch.setattr(hub, "FRAME_INTERVAL", 0.05)

    assert hub.interval_after(spent) == pytest.approx(interval)


@pytest.mark.parametrize(("spent", "patience"), [(0, 0.05), (0.001, 0.05), (0.004, 0.1), (0.006, 0.15), (1, 0.15)])
def test_full_room_waits_for_more_events(monkeypatch, spent, patience):
    monkeypatch.setattr(hub, "FRAME_INTERVAL", 0.05)

    assert hub.patience_after(spent) == pytest.approx(patience)


@pytest.mark.parametrize(("waiting", "seconds"), [(1, 0.15), (hub.FEW_EVENTS, 0.048)])
async def test_frame_with_few_events_waits_longer_than_one_with_many(listening, monkeypatch, waiting, seconds):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr(hub.asyncio, "sleep", sleep)
    listening._spent = 0.006
    listening._heard = listening.seq + waiting

    await listening._let_events_gather()

    assert sum(slept) == pytest.approx(seconds)


async def test_burst_does_not_outrun_readers_who_take_every_frame(listening, say):
    ear = Ear()
    await join(listening, ear)
    await ear.until(lambda: ear.frames)
    words = [f"{number} {'x' * 400}" for number in range(4 * hub.REACH)]

    await ear.read_to(await say(*words))

    assert ear.words == words
    assert all(message["type"] != "resync" for message in ear.messages)
