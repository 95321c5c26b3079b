"""Reading what clients send, field by field, without a socket."""

import datetime
import json
import uuid

import pytest
from django.http import QueryDict

from live import actions, commands
from live.actions import SEEN_AT_ONCE
from live.exceptions import BadFrame, FrameTooLarge, NotAllowed, UnknownCommand
from live.selectors import Viewer
from realtime.models import Event
from tests.factories import live as make


def test_frame_may_be_as_large_and_as_deep_as_is_said_and_no_more():
    full = '{"a": "' + "é" * ((commands.FRAME_BYTES - 9) // 2) + '"}'
    deep = '{"a": ' + "[" * (commands.FRAME_DEPTH - 1) + "]" * (commands.FRAME_DEPTH - 1) + "}"

    assert commands.parse(full) == commands.parse(full.encode()) == json.loads(full)
    for larger in (full + "  ", (full + "  ").encode()):
        with pytest.raises(FrameTooLarge):
            commands.parse(larger)
    assert commands.parse(deep) == json.loads(deep)
    with pytest.raises(BadFrame, match="nested too deeply"):
        commands.parse(deep.replace("[]", "[[]]"))


def test_brackets_within_words_and_those_that_have_closed_nest_nothing():
    message = {"words": '[[[[[[[[[[ \\" {{{{{{{{{{ \\', "lists": [[], [], [], [], [], [], [], [], [], []]}

    assert commands.parse(json.dumps(message)) == message


@pytest.mark.parametrize("frame", ["", "[]", "3", "null", '{"a": NaN}', '{"a": -Infinity}', "{", b"\xff", "{'a': 1}"])
def test_frame_that_is_no_message_is_refused(frame):
    with pytest.raises(BadFrame):
        commands.parse(frame)


def test_form_gives_its_last_value_and_every_box_that_was_ticked():
    form = QueryDict("version=1&version=2&tags=lamps&tags=ferries")

    assert commands.from_form(form) == {"version": "2", "tags": ["lamps", "ferries"]}
    assert commands.from_form(QueryDict("blank=on")) == {"blank": "on"}


def test_reply_names_what_it_answers_unless_that_is_no_name():
    long, longer = "x" * 64, "x" * 65

    assert commands.reply_id({"id": long, "client_id": long}) == {"re": long, "client_id": long}
    assert commands.reply_id({"id": longer, "client_id": longer}) == {}
    assert commands.reply_id({"id": 3, "client_id": ["x"]}) == {}
    assert commands.reply_id({"id": "a"}) == {"re": "a"}
    assert commands.reply_id({"client_id": "a"}) == {"client_id": "a"}
    assert commands.reply_id("id") == {}


LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("read", "value", "meaning"),
    [
        (commands.text_field, "tide\x00s", "tides"),
        (commands.text_field, "", ""),
        (commands.number_field, 7, 7),
        (commands.number_field, " -7 ", -7),
        (commands.number_field, LARGEST, LARGEST),
        (commands.number_field, -LARGEST, -LARGEST),
        (commands.number_field, "0", 0),
        (commands.optional_number, None, None),
        (commands.optional_number, "", None),
        (commands.optional_number, 0, 0),
        (commands.optional_number, "12", 12),
        (commands.boolean_field, True, True),
        (commands.boolean_field, False, False),
        (commands.boolean_field, "true", True),
        (commands.boolean_field, "on", True),
        (commands.boolean_field, "1", True),
        (commands.boolean_field, "false", False),
        (commands.boolean_field, "0", False),
        (commands.boolean_field, "", False),
        (commands.texts_field, None, None),
        (commands.texts_field, "one\ntwo", ["one", "two"]),
        (commands.texts_field, ["one"] * 100, ["one"] * 100),
        (commands.chosen_field, None, []),
        (commands.chosen_field, ["one"], ["one"]),
        (commands.ids_field, [3, "4", 3], {3, 4}),
        (commands.ids_field, [7] * SEEN_AT_ONCE, {7}),
        (commands.uuid_field, str(uuid.UUID(int=3)), uuid.UUID(int=3)),
        (commands.moment_field, "", None),
        (commands.moment_field, "2026-10-13T10:30:00Z", datetime.datetime(2026, 10, 13, 10, 30, tzinfo=datetime.UTC)),
        (commands.moment_field, "2026-10-13T10:30:00", datetime.datetime(2026, 10, 13, 10, 30, tzinfo=datetime.UTC)),
        (
            commands.moment_field,
            "2026-10-13T10:30:00+01:00",
            datetime.datetime(2026, 10, 13, 9, 30, tzinfo=datetime.UTC),
        ),
    ],
)
def test_field_is_read(read, value, meaning):
    found = read({"field": value}, "field")

    assert found == meaning
    assert type(found) is type(meaning)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (commands.text_field, 3),
        (commands.text_field, None),
        (commands.text_field, "\ud800"),
        (commands.text_field, "a\udfff"),
        (commands.number_field, True),
        (commands.number_field, 1.0),
        (commands.number_field, "--1"),
        (commands.number_field, "1.0"),
        (commands.number_field, None),
        (commands.number_field, LARGEST + 1),
        (commands.number_field, -LARGEST - 1),
        (commands.number_field, str(LARGEST + 1)),
        (commands.optional_number, "x"),
        (commands.boolean_field, "yes"),
        (commands.boolean_field, 1),
        (commands.boolean_field, None),
        (commands.texts_field, {"a": "b"}),
        (commands.texts_field, ["one"] * 101),
        (commands.texts_field, ["one", 2]),
        (commands.ids_field, "3"),
        (commands.ids_field, ["x"]),
        (commands.ids_field, [7] * (SEEN_AT_ONCE + 1)),
        (commands.uuid_field, "3"),
        (commands.moment_field, "soon"),
        (commands.moment_field, "2026-13-13T10:30:00Z"),
    ],
)
def test_field_that_cannot_be_read_is_named(read, value):
    with pytest.raises(BadFrame) as refusal:
        read({"field": value}, "field")

    assert refusal.value.as_reply()["field"] == "field"


def test_field_that_is_left_out_has_its_default():
    assert commands.boolean_field({}, "blank") is False
    assert commands.boolean_field({}, "blank", default=True) is True
    assert commands.text_field({}, "choice", default="support") == "support"
    assert commands.ids_field({}, "contributions") == set()
    assert commands.moment_field({}, "said_at") is None


# What becomes of them


class Console:
    """A facilitator who sends commands from the newest version."""

    def __init__(self) -> None:
        self.session = make.live_session()
        self.user = make.facilitator_of(self.session)

    def send(self, command: str, **fields):
        self.session.refresh_from_db()
        message = {"type": command, "version": self.session.version, **fields}
        return commands.run(Viewer(self.session, "console", user=self.user), message)


@pytest.mark.django_db
def test_console_s_commands_do_what_their_fields_say():
    console = Console()
    version = console.session.version

    poll = console.send("prompt.add", kind="poll", text="Which day?", options=["Monday", "Friday"])
    assert poll == {"type": "ack", "version": version + 1, "prompt": poll["prompt"]}
    asked = console.send("prompt.add", kind="ideas", text="What is missing?", show=True)
    console.session.refresh_from_db()
    assert console.session.current_prompt_id == asked["prompt"]
    assert console.session.prompts.get(pk=poll["prompt"]).state == "queued"

    console.send("prompt.edit", prompt=poll["prompt"], text="Which evening?")
    kept = console.session.prompts.get(pk=poll["prompt"])
    assert (kept.text, [option.text for option in kept.options.all()]) == ("Which evening?", ["Monday", "Friday"])
    assert console.send("prompt.move", prompt=poll["prompt"], position="1")["prompt"] == poll["prompt"]
    assert list(console.session.prompts.values_list("pk", flat=True)) == [asked["prompt"], poll["prompt"]]

    made = console.send("table.add", names="Window\nStage")
    assert [table.name for table in console.session.tables.all()] == ["Window", "Stage"]
    assert made["tables"] == [table.pk for table in console.session.tables.all()]
    console.send("table.add", count="2")
    assert console.session.tables.count() == 4
    counted = console.send("table.count", table=made["tables"][0], headcount=6)
    assert counted == {"type": "ack", "table": made["tables"][0], "headcount": 6}

    said = make.contribution(make.participant(console.session))
    hidden = console.send("contribution.hide", contribution=said.pk, reason="It names somebody.")
    assert hidden == {"type": "ack", "contribution": said.pk, "state": "hidden"}
    said.refresh_from_db()
    assert said.hide_reason == "It names somebody."


@pytest.mark.django_db
def test_each_command_on_the_session_moves_its_stored_version_by_one_and_says_who_gave_it():
    console = Console()
    said = make.contribution(make.participant(console.session))
    first = console.send("prompt.add", kind="ideas", text="First?")["prompt"]
    second = console.send("prompt.add", kind="ideas", text="Second?")["prompt"]
    table = console.send("table.add", names=["Window"])["tables"][0]
    walk = [
        ("session.pause", {}),
        ("session.open", {}),
        ("session.close", {}),
        ("session.open", {}),
        ("session.moderate", {"moderation": "hold"}),
        ("prompt.add", {"kind": "ideas", "text": "Third?"}),
        ("prompt.edit", {"prompt": second, "text": "Second, then?"}),
        ("prompt.move", {"prompt": second, "position": 0}),
        ("prompt.show", {"prompt": first}),
        ("prompt.close", {"prompt": first}),
        ("prompt.remove", {"prompt": second}),
        ("spotlight.set", {"contribution": said.pk}),
        ("spotlight.clear", {}),
        ("timer.start", {"seconds": 60}),
        ("timer.extend", {"seconds": 60}),
        ("timer.stop", {}),
        ("wall.message", {"text": "Coffee is here."}),
        ("wall.blank", {"blank": True}),
        ("wall.themes", {"tags": ["lamps"]}),
        ("table.rename", {"table": table, "name": "Stage"}),
        ("table.remove", {"table": table}),
    ]
    for command, fields in walk:
        console.session.refresh_from_db()
        before = console.session.version

        ack = console.send(command, **fields)

        console.session.refresh_from_db()
        told = Event.objects.filter(stream=console.session.stream).order_by("seq").last()
        assert (ack["version"], console.session.version) == (before + 1, before + 1), command
        assert (told.payload["version"], told.payload["by"]) == (before + 1, console.user.pk), command
        assert {name: ack[name] for name in fields.keys() & {"prompt", "contribution", "table"}} == {
            name: fields[name] for name in fields.keys() & {"prompt", "contribution", "table"}
        }, command


@pytest.mark.django_db
def test_phone_s_commands_do_what_their_fields_say():
    session = make.live_session()
    session.refresh_from_db()
    actions.add_prompt(
        actor=make.facilitator_of(session), session=session, version=session.version, kind="ideas", text="?", show=True
    )
    phone = Viewer(session, "participant", make.participant(session))
    client_id = str(uuid.uuid4())
    said_at = "2026-10-13T10:30:00Z"

    ack = commands.run(
        phone,
        {
            "type": "contribution.add",
            "client_id": client_id,
            "body": "Light the towpath.",
            "prompt": session.prompts.get().pk,
        },
    )
    said = session.contributions.get()
    assert ack == {
        "type": "ack",
        "client_id": client_id,
        "contribution": said.pk,
        "seq": said.seq,
        "state": "shown",
        "reason": "",
    }
    assert said.prompt == session.prompts.get()
    draft = commands.draft(
        phone,
        {
            "client_id": client_id,
            "body": "b",
            "prompt": 1,
            "proposition": "2",
            "table": 3,
            "headcount": 4,
            "said_at": said_at,
        },
    )
    assert draft == actions.Draft(
        participant_id=phone.participant.pk,
        client_id=uuid.UUID(client_id),
        body="b",
        prompt_id=1,
        proposition_id=2,
        said_at=datetime.datetime(2026, 10, 13, 10, 30, tzinfo=datetime.UTC),
        table_id=3,
        headcount=4,
    )
    assert commands.vote_request(phone, {"contribution": said.pk}, is_clearing=False).choice == "support"
    assert commands.vote_request(phone, {"option": 3, "choice": "concern"}, is_clearing=False) == actions.VoteRequest(
        participant_id=phone.participant.pk, contribution_id=None, option_id=3, choice="concern"
    )
    assert commands.vote_request(phone, {"contribution": said.pk, "choice": 3}, is_clearing=True).choice is None

    edited = commands.run(phone, {"type": "contribution.edit", "contribution": said.pk, "body": "Light it all."})
    assert (edited["contribution"], session.contributions.get().body) == (said.pk, "Light it all.")
    me = {"type": "me.update", "identity": "nothing", "consent": "none"}
    assert commands.run(phone, me) == {"type": "ack", "label": phone.participant.label}
    phone.participant.refresh_from_db()
    assert (phone.participant.identity, phone.participant.consent) == ("nothing", "none")
    withdrawn = commands.run(phone, {"type": "contribution.withdraw", "contribution": said.pk})
    assert withdrawn == {"type": "ack", "contribution": said.pk, "state": "withdrawn"}


@pytest.mark.django_db
def test_what_is_no_command_or_comes_from_nobody_is_refused():
    session = make.live_session()
    viewer = Viewer(session, "participant", None)

    for message in ({}, {"type": ""}, {"type": "session.destroy"}):
        with pytest.raises(UnknownCommand):
            commands.run(viewer, message)
    for message in ({"type": "seat.leave"}, {"type": "vote.clear"}, {"type": "contribution.add"}):
        with pytest.raises(NotAllowed):
            commands.run(viewer, message)
    with pytest.raises(NotAllowed):
        commands.run(Viewer(session, "console", None), {"type": "session.pause", "version": session.version})
