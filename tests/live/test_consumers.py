"""Two people or more on sockets: what each receives, and what they must not."""

import asyncio
import json
import random
import string
import uuid

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import OperationalError

from live import actions, consumers
from live.models import Contribution, LiveSession
from live.permissions import OPERATOR
from tests.factories import live as make
from tests.factories.discussion import member
from tests.live.conftest import look
from tests.live.reader import Client

a = sync_to_async

SECRET = "Zwiebelfisch"


@pytest.fixture
async def session(transactional_db) -> LiveSession:
    return await a(make.live_session)()


@pytest.fixture
async def people(session):
    """Somebody who speaks and somebody who listens."""
    return [await a(make.participant)(session), await a(make.participant)(session)]


async def test_contribution_reaches_everybody_once_committed(connect, session, people):
    speaker, listener = await connect(people[0]), await connect(people[1])
    wall = await connect(session, "wall")

    client_id = str(uuid.uuid4())
    ack = await speaker.say("Keep the ferry running after dark.", client_id=client_id)

    stored = await Contribution.objects.aget()
    assert ack["type"] == "ack"
    assert (ack["client_id"], ack["contribution"], ack["seq"]) == (client_id, stored.pk, stored.seq)
    assert (ack["state"], ack["reason"]) == ("shown", "")
    for reader in (speaker, listener, wall):
        event = (await reader.read_to(ack["seq"]))[-1]
        assert event["kind"] == "contribution.added"
        assert event["contribution"]["body"] == "Keep the ferry running after dark."
        assert event["contribution"]["client_id"] == client_id


async def test_resend_is_acknowledged_alike_and_other_words_are_a_conflict(connect, people):
    speaker = await connect(people[0])
    client_id = str(uuid.uuid4())

    acks = [await speaker.say("Once.", client_id=client_id) for _ in range(50)]
    refusal = await speaker.say("Twice.", client_id=client_id)

    assert len({(ack["type"], ack["seq"], ack["contribution"]) for ack in acks}) == 1
    assert (refusal["type"], refusal["code"], refusal["client_id"]) == ("error", "conflict", client_id)
    assert await Contribution.objects.acount() == 1


async def test_many_at_once_are_all_acknowledged_in_the_order_of_the_log(connect, session):
    speakers = [await connect(await a(make.participant)(session)) for _ in range(8)]
    wall = await connect(session, "wall")

    acks = await asyncio.gather(*(speaker.say(f"{n}") for n, speaker in enumerate(speakers)))
    more = await asyncio.gather(*(speaker.say(f"{n} again") for n, speaker in enumerate(speakers)))

    last = max(ack["seq"] for ack in acks + more)
    events = [event for event in await wall.read_to(last) if event["kind"] == "contribution.added"]
    stored = [one async for one in Contribution.objects.order_by("seq").values_list("seq", "body")]
    assert [(event["seq"], event["contribution"]["body"]) for event in events] == stored
    assert {ack["seq"] for ack in acks + more} == {seq for seq, _ in stored}


async def test_held_words_reach_their_author_and_consoles_only(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    speaker, listener = await connect(people[0]), await connect(people[1])
    wall, console = await connect(session, "wall"), await connect(session, facilitator)

    ack = await speaker.say(f"{SECRET}: https://example.org")
    assert (ack["state"], ack["reason"]) == ("held", "First post, with a link.")
    for reader in (speaker, console):
        event = (await reader.read_to(ack["seq"]))[-1]
        assert (event["kind"], event["contribution"]["reason"]) == ("contribution.added", "First post, with a link.")
    for reader in (listener, wall):
        await reader.read_to(ack["seq"])
        assert SECRET not in json.dumps(reader.received)

    reply = await console.ask("contribution.release", contribution=ack["contribution"])
    assert (reply["type"], reply["state"]) == ("ack", "shown")
    for reader in (listener, wall):
        event = (await reader.read_to(ack["seq"] + 1))[-1]
        assert (event["kind"], SECRET in event["contribution"]["body"]) == ("contribution.released", True)


async def test_hidden_words_go_from_every_screen_and_their_author_is_told_why(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    speaker, listener = await connect(people[0]), await connect(people[1])
    console = await connect(session, facilitator)
    ack = await speaker.say("It was Mr Harbottle.")
    await listener.read_to(ack["seq"])

    await console.ask("contribution.hide", contribution=ack["contribution"], reason="It names a person.")

    told = (await speaker.read_to(ack["seq"] + 1))[-1]
    assert (told["kind"], told["contribution"]["state"]) == ("contribution.hidden", "hidden")
    assert told["contribution"]["reason"] == "It names a person."
    gone = (await listener.read_to(ack["seq"] + 1))[-1]
    assert {name: gone[name] for name in gone if name not in ("at", "seq")} == {
        "kind": "contribution.hidden",
        "contribution_id": ack["contribution"],
    }
    late = await connect(session, "wall")
    assert "Harbottle" not in json.dumps(late.received)


async def test_withdrawn_words_go_from_other_screens(connect, people):
    speaker, listener = await connect(people[0]), await connect(people[1])
    ack = await speaker.say("I take this back.")

    reply = await speaker.ask("contribution.withdraw", contribution=ack["contribution"])

    assert reply["state"] == "withdrawn"
    gone = (await listener.read_to(ack["seq"] + 1))[-1]
    assert (gone["kind"], gone["contribution_id"]) == ("contribution.withdrawn", ack["contribution"])


STEPS = [
    # command, fields, kind of event, what everybody sees of it
    ("session.pause", {}, "session.paused", {"state": "paused"}),
    ("session.open", {}, "session.opened", {"state": "open"}),
    ("session.moderate", {"moderation": "hold"}, "session.moderation_changed", {"moderation": "hold"}),
    ("timer.start", {"seconds": 90}, "timer.started", {}),
    ("timer.extend", {"seconds": 60}, "timer.extended", {}),
    ("timer.stop", {}, "timer.stopped", {"timer_ends_at": None}),
    ("wall.message", {"text": "Coffee is here."}, "wall.message_changed", {"message": "Coffee is here."}),
    ("wall.blank", {"blank": True}, "wall.blanked", {"blank": True}),
    ("session.close", {}, "session.closed", {"state": "closed"}),
]


async def test_what_facilitators_do_to_the_session_reaches_every_screen(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    phone, wall = await connect(people[0]), await connect(session, "wall")
    console = await connect(session, facilitator)
    version = session.version

    for number, (command, fields, kind, facts) in enumerate(STEPS, start=2):
        reply = await console.ask(command, version=version, **fields)
        version += 1
        assert (reply["type"], reply["version"]) == ("ack", version)
        for reader in (phone, wall, console):
            event = (await reader.read_to(number))[-1]
            assert (event["kind"], event["version"]) == (kind, version)
            assert event.items() >= facts.items()
            assert "by" not in event


async def test_prompts_in_the_queue_are_for_consoles_and_the_one_shown_for_all(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    phone, console = await connect(people[0]), await connect(session, facilitator)

    added = await console.ask("prompt.add", version=session.version, kind="poll", text=f"{SECRET}?", options=["A", "B"])
    hers = (await console.read_to(2))[-1]
    his = (await phone.read_to(2))[-1]
    assert (hers["prompt"]["text"], his["prompt_count"]) == (f"{SECRET}?", 1)
    assert SECRET not in json.dumps(phone.received)

    await console.ask("prompt.show", version=added["version"], prompt=added["prompt"])
    shown = (await phone.read_to(3))[-1]
    assert (shown["kind"], shown["prompt"]["text"], shown["prompt"]["number"]) == ("prompt.shown", f"{SECRET}?", 1)
    assert [option["text"] for option in shown["prompt"]["options"]] == ["A", "B"]


async def test_spotlight_reaches_the_wall_with_its_words(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    phone, wall = await connect(people[0]), await connect(session, "wall")
    console = await connect(session, facilitator)
    said = await phone.say("Nobody is promoted for being known.")

    reply = await console.ask("spotlight.set", version=session.version, contribution=said["contribution"])

    event = (await wall.read_to(said["seq"] + 1))[-1]
    assert (event["kind"], event["contribution"]["body"]) == ("spotlight.set", "Nobody is promoted for being known.")
    await console.ask("spotlight.clear", version=reply["version"])
    assert (await wall.read_to(said["seq"] + 2))[-1]["kind"] == "spotlight.cleared"


async def test_stars_are_for_consoles_and_merging_for_all(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    phone, console = await connect(people[0]), await connect(session, facilitator)
    one, two = await phone.say("Lamps."), await phone.say("More lamps.")

    await console.ask("contribution.star", contribution=one["contribution"])
    await console.ask("contribution.merge", contribution=two["contribution"], into=one["contribution"])

    assert [event["kind"] for event in await console.read_to(two["seq"] + 2)][-2:] == [
        "contribution.starred",
        "contribution.merged",
    ]
    events = await phone.read_to(two["seq"] + 2)
    assert "contribution.starred" not in [event["kind"] for event in events]
    assert (events[-1]["kind"], events[-1]["merged_into"]) == ("contribution.merged", one["contribution"])


async def test_stale_console_is_told_the_version_and_nothing_happens(connect, session):
    first = await connect(session, await a(make.facilitator_of)(session))
    second = await connect(session, await a(make.facilitator_of)(session))

    await first.ask("wall.message", version=session.version, text="First.")
    refusal = await second.ask("wall.message", version=session.version, text="Second.")

    assert (refusal["code"], refusal["version"], refusal["retry"]) == ("stale", session.version + 1, False)
    assert (await LiveSession.objects.aget()).wall_message == "First."


async def test_votes_become_tallies_on_every_screen(connect, session, people):
    speaker, listener = await connect(people[0]), await connect(people[1])
    wall = await connect(session, "wall")
    said = await speaker.say("Lamps along the towpath.")
    key = str(said["contribution"])

    assert (await listener.ask("vote.set", contribution=said["contribution"]))["type"] == "ack"
    for reader in (speaker, wall):
        while (await reader.next_of("tallies")).get("support", {}).get(key) != 1:
            pass
    await listener.ask("vote.clear", contribution=said["contribution"])
    while (await wall.next_of("tallies")).get("support", {}).get(key) != 0:
        pass


async def test_what_was_seen_is_counted(connect, session, people):
    speaker, listener = await connect(people[0]), await connect(people[1])
    said = await speaker.say("Lamps along the towpath.")

    await listener.send({"type": "seen", "contributions": [said["contribution"]], "options": []})

    while (await speaker.next_of("tallies")).get("seen", {}).get(str(said["contribution"])) != 1:
        pass


async def test_people_and_unsent_words_are_counted(connect, session, people):
    wall = await connect(session, "wall")
    console = await connect(session, await a(make.facilitator_of)(session))
    phone = await connect(people[0])
    while (await wall.next_of("tallies")).get("people") != 1:
        pass

    await phone.send({"type": "health", "unsent": 4})
    while (await console.next_of("tallies")).get("health", {}).get("unsent") != 4:
        pass
    assert not any("health" in message for message in wall.received)


async def test_client_that_comes_back_gets_what_it_missed(connect, session, people):
    speaker = await connect(people[0])
    first = await speaker.say("Before.")
    gone = await connect(people[1], hello=False)
    await gone.hello()
    cursor = gone.cursor
    await gone.close()
    for number in range(5):
        last = await speaker.say(f"While away {number}.")

    back = await connect(people[1], hello=False)
    await back.hello(cursor)
    events = await back.read_to(last["seq"])

    assert cursor == first["seq"]
    assert [event["contribution"]["body"] for event in events] == [f"While away {number}." for number in range(5)]


async def test_client_that_asks_twice_gets_the_same(connect, people):
    speaker = await connect(people[0])
    said = await speaker.say("Once.")
    await speaker.read_to(said["seq"])

    frame = await speaker.hello(said["seq"] - 1)

    assert [event["contribution"]["body"] for event in frame["events"]] == ["Once."]


async def test_client_holds_what_a_snapshot_holds(connect, session, people):
    """Over real sockets, while people speak and facilitators act."""
    facilitator = await a(make.facilitator_of)(session)
    speaker, listener = await connect(people[0]), await connect(people[1])
    console = await connect(session, facilitator)
    before = await a(look)(session, "participant", people[1])
    held = Client(before)
    acks = await asyncio.gather(speaker.say("One."), speaker.say("Two."), speaker.say("Three."))
    await console.ask("contribution.hide", contribution=acks[1]["contribution"], reason="Said already.")
    await console.ask("prompt.add", version=session.version, kind="ideas", text="And now?", show=True)

    last = (await a(look)(session))["to"]
    await listener.read_to(last)
    for message in listener.received:
        if message["type"] == "frame":
            held.take(message)

    assert held.state() == Client(await a(look)(session, "participant", people[1])).state()


# Who may connect


async def closed_with(connect, *who) -> int:
    socket = await connect(*who, hello=False)
    while True:
        message = await socket.next()
        if message["type"] == "close":
            return message["code"]


async def test_socket_without_a_token_or_a_role_is_closed(connect, session):
    unknown = await a(make.participant)(session)
    unknown.device_token = "somebody-else"
    moderator_elsewhere = await a(member)()

    assert await closed_with(connect, unknown) == 4401
    assert await closed_with(connect, session, moderator_elsewhere) == 4403
    assert await closed_with(connect, session, "console") == 4403
    assert await closed_with(connect, session, "ghost") == 4403


async def test_socket_of_no_session_is_closed(connect, session):
    session.code = "ZZZZZZ"

    assert await closed_with(connect, session, "wall") == 4404


async def test_console_is_closed_soon_after_its_rights_are_gone(connect, session, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    facilitator = await a(make.facilitator_of)(session)
    console = await connect(session, facilitator)

    await a(session.facilitators.clear)()

    assert (await console.next_of("close"))["code"] == 4403


async def test_console_is_closed_soon_after_signing_out(connect, session, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    console = await connect(session, await a(make.facilitator_of)(session))

    await Session.objects.all().adelete()

    assert (await console.next_of("close"))["code"] == 4403


async def test_console_of_staff_without_a_second_factor_is_closed(connect, session, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True

    for facilitator in (await a(make.facilitator_of)(session), await a(make.organiser)()):
        assert await closed_with(connect, session, facilitator) == 4428


async def test_open_console_is_closed_once_a_second_factor_is_asked_for(connect, session, settings, monkeypatch):
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.05)
    console = await connect(session, await a(make.facilitator_of)(session))

    settings.STAFF_NEED_SECOND_FACTOR = True

    assert (await console.next_of("close"))["code"] == 4428


async def test_console_opens_for_a_session_that_has_shown_a_second_factor(connect, session, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True
    facilitator = await a(make.facilitator_of)(session)
    factor = await Authenticator.objects.acreate(user=facilitator, type=Authenticator.Type.TOTP, data={"secret": "x"})

    socket = await connect(session, facilitator, shown=factor)

    assert (await socket.ask("wall.message", version=session.version, text="Welcome"))["type"] == "ack"


async def test_each_command_of_a_console_is_authorised_anew(connect, session):
    facilitator = await a(make.facilitator_of)(session)
    console = await connect(session, facilitator)
    await a(session.facilitators.clear)()

    reply = await console.ask("wall.message", version=session.version, text="Still here?")

    assert (reply["type"], reply["code"]) == ("error", "not_allowed")


# What a socket survives

NONSENSE = [
    "",
    "hello",
    "null",
    "[]",
    "17",
    '"text"',
    "{",
    '{"type": 3}',
    '{"type": "hello"}',
    '{"type": "hello", "after": "x"}',
    '{"type": "hello", "after": true}',
    '{"type": "hello", "after": 1e400}',
    '{"type": "hello", "after": NaN}',
    '{"type": "contribution.add"}',
    '{"type": "contribution.add", "client_id": "x", "body": "y"}',
    '{"type": "contribution.add", "client_id": "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11", "body": 7}',
    '{"type": "contribution.add", "client_id": "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11", "body": "\\ud800"}',
    '{"type": "contribution.add", "client_id": "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11", "body": "a", "prompt": []}',
    '{"type": "contribution.add", "client_id": "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11", "body": "a", "said_at": "then"}',
    '{"type": "vote.set", "contribution": 99999999999999999999999}',
    '{"type": "vote.set", "contribution": 1, "choice": {}}',
    '{"type": "seen", "contributions": "all"}',
    '{"type": "__class__"}',
    "[" * 5000,
    '{"a":' * 9 + "1" + "}" * 9,
    '{"type": "contribution.add", "body": "' + "x" * 17000 + '"}',
]


async def test_socket_answers_nonsense_and_lives(connect, people):
    speaker = await connect(people[0])

    for text in NONSENSE:
        await speaker.channel.send_input({"type": "websocket.receive", "text": text})
        answer = await speaker.next_of("error")
        assert answer["code"] in ("bad_frame", "too_large", "unknown_command", "not_found"), text

    assert (await speaker.say("Still here."))["type"] == "ack"
    assert await Contribution.objects.acount() == 1


async def test_socket_that_sends_only_nonsense_is_closed(connect, people):
    speaker = await connect(people[0])
    chance = random.Random(7)

    for _ in range(consumers.NONSENSE_AT_MOST + 1):
        await speaker.send("".join(chance.choices(string.printable, k=30)))

    assert (await speaker.next_of("close"))["code"] == 1008


async def test_socket_that_floods_is_closed(connect, people, monkeypatch):
    monkeypatch.setattr(consumers, "MESSAGES_PER_MINUTE", 30)
    speaker = await connect(people[0])

    for _ in range(60):
        await speaker.send({"type": "health", "unsent": 0})

    assert (await speaker.next_of("close"))["code"] == 1008


async def test_error_carries_what_it_answers(connect, people, session):
    speaker = await connect(people[0])
    await a(actions.pause_session)(actor=OPERATOR, session=session, version=session.version)

    refusal = await speaker.say("Too early.", client_id="6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11")

    assert (refusal["code"], refusal["retry"]) == ("session_paused", True)
    assert refusal["client_id"] == "6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11"
    assert refusal["message"] == "The session is paused. Your words stay on this phone."


async def test_locked_database_is_a_refusal_that_may_be_tried_again(connect, people, monkeypatch, caplog):
    speaker = await connect(people[0])
    write = actions.contribute_many

    def locked(**kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(actions, "contribute_many", locked)
    refusal = await speaker.say("Try me.", client_id="6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11")
    monkeypatch.setattr(actions, "contribute_many", write)
    ack = await speaker.say("Try me.", client_id="6f0d8a0e-7a58-4f7c-9a32-0a7c9f1f2b11")

    assert (refusal["code"], refusal["retry"]) == ("busy", True)
    assert ack["type"] == "ack"
    assert "could not be written" in caplog.text


async def test_contribution_that_breaks_a_batch_sinks_alone(connect, session, people, monkeypatch, caplog):
    speaker, other = await connect(people[0]), await connect(people[1])
    write = actions.contribute_many

    def choke(*, session, drafts):
        if any(draft.body == "Choke." for draft in drafts):
            raise ValueError("cannot swallow this")
        return write(session=session, drafts=drafts)

    monkeypatch.setattr(actions, "contribute_many", choke)
    bad, good = await asyncio.gather(speaker.say("Choke."), other.say("Swallow."))

    assert (bad["type"], good["type"]) == ("error", "ack")
    assert [one.body async for one in Contribution.objects.all()] == ["Swallow."]


async def test_me_update_changes_how_one_appears_from_then_on(connect, people):
    speaker = await connect(people[0])

    reply = await speaker.ask("me.update", identity="name", name="Ines Mallory", role="", consent="named")
    said = await speaker.say("As myself.")

    assert reply["label"] == "Ines Mallory"
    assert (await speaker.read_to(said["seq"]))[-1]["contribution"]["author"] == "Ines Mallory"


async def test_table_counts_as_many_people_as_sit_there(connect, session, people):
    await a(actions.seat_scribe)(actor=OPERATOR, participant=people[0], table_name="Table 4", headcount=6)
    wall = await connect(session, "wall")
    scribe, _ = await connect(people[0]), await connect(people[1])

    await wall.next_of("tallies", people=7)
    await scribe.ask("seat.count", headcount=9)
    await wall.next_of("tallies", people=10)
    await scribe.ask("seat.leave")
    await wall.next_of("tallies", people=2)


async def test_themes_reach_walls_and_consoles_and_only_the_version_the_phones(connect, session, people):
    facilitator = await a(make.facilitator_of)(session)
    phone, wall = await connect(people[0]), await connect(session, "wall")
    console = await connect(session, facilitator)
    said = await phone.say("Keep the ferry running after dark.")
    await console.ask("contribution.tag", contribution=said["contribution"], tag=SECRET)

    reply = await console.ask("wall.themes", version=session.version, tags=[SECRET])

    themes = [
        {
            "tag": SECRET,
            "people": 1,
            "said": [{"id": said["contribution"], "body": "Keep the ferry running after dark."}],
        }
    ]
    for reader in (wall, console):
        event = (await reader.read_to(said["seq"] + 2))[-1]
        assert (event["kind"], event["themes"], event["version"]) == ("wall.themes_changed", themes, reply["version"])
    event = (await phone.read_to(said["seq"] + 2))[-1]
    assert (event["kind"], event["version"], "themes" in event) == ("wall.themes_changed", reply["version"], False)
    assert SECRET not in json.dumps(phone.received)

    await console.ask("contribution.hide", contribution=said["contribution"], reason="It names a person.")
    event = (await wall.read_to(said["seq"] + 4))[-1]
    assert (event["kind"], event["themes"]) == ("wall.themes_counted", [{"tag": SECRET, "people": 0, "said": []}])
    late = await connect(session, "wall")
    assert "ferry" not in json.dumps(late.received)
    await phone.read_to(said["seq"] + 4)
    assert SECRET not in json.dumps(phone.received)
