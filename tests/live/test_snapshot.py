"""A snapshot and the events after it are the same as a fresh snapshot, for everybody, whatever happened between."""

import contextlib
import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from live import actions
from live.exceptions import LiveError
from live.models import Contribution, LiveSession, Participant
from live.permissions import OPERATOR
from live.selectors import Viewer, snapshot
from realtime import log, presenters
from tests.factories import live as make
from tests.live.reader import Client, as_sent

pytestmark = pytest.mark.django_db


class Life:
    """A session in which things happen at random, by the real actions."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.session = make.live_session()
        self.people = [make.participant(self.session) for _ in range(3)]
        self.count = 0
        for _ in range(3):
            self.speak()
            self.add_prompt()

    def happen(self) -> None:
        """One thing. Some are refused, as they should be."""
        doing = self.chance.choice(
            [self.speak] * 6
            + [self.moderate] * 4
            + [self.run] * 3
            + [self.add_prompt] * 2
            + [self.change_prompt] * 5
            + [self.set_tables] * 4
            + [self.reword] * 3
            + [self.tag] * 2
            + [self.withdraw, self.merge, self.merge, self.spot, self.spot]
        )
        with contextlib.suppress(LiveError):
            doing()

    def fresh(self) -> dict:
        self.session.refresh_from_db()
        return {"actor": OPERATOR, "session": self.session, "version": self.session.version}

    def anything_said(self) -> int:
        ids = list(Contribution.objects.filter(session=self.session).values_list("pk", flat=True))
        return self.chance.choice(ids or [0])

    def any_prompt(self) -> int:
        return self.chance.choice(list(self.session.prompts.values_list("pk", flat=True)) or [0])

    def speak(self) -> None:
        self.count += 1
        link = self.chance.choice(["", "", " https://example.org"])
        make.contribution(self.chance.choice(self.people), f"Thought {self.count}.{link}")

    def moderate(self) -> None:
        one = {"actor": OPERATOR, "session": self.session, "contribution_id": self.anything_said()}
        act = self.chance.choice(
            [
                actions.release_contribution,
                actions.hide_contribution,
                actions.star_contribution,
                actions.unstar_contribution,
            ]
        )
        act(**one, **({"reason": "It names somebody."} if act is actions.hide_contribution else {}))

    def merge(self) -> None:
        one = {"actor": OPERATOR, "session": self.session, "contribution_id": self.anything_said()}
        if self.chance.random() < 0.7:
            actions.merge_contribution(**one, into_id=self.anything_said())
        else:
            actions.unmerge_contribution(**one)

    def reword(self) -> None:
        link = self.chance.choice(["", " https://example.org"])
        actions.edit_contribution(
            participant=self.chance.choice(self.people),
            contribution_id=self.anything_said(),
            body=f"Second thought {self.chance.random()}.{link}",
        )

    def tag(self) -> None:
        act = self.chance.choice([actions.tag_contribution, actions.tag_contribution, actions.untag_contribution])
        act(
            actor=OPERATOR,
            session=self.session,
            contribution_id=self.anything_said(),
            tag=self.chance.choice(["lamps", "money"]),
        )

    def withdraw(self) -> None:
        person = self.chance.choice(self.people)
        actions.withdraw_contribution(participant=person, contribution_id=self.anything_said())

    def run(self) -> None:
        act, fields = self.chance.choice(
            [
                (actions.open_session, {}),
                (actions.open_session, {}),
                (actions.open_session, {}),
                (actions.pause_session, {}),
                (actions.set_moderation, {"moderation": self.chance.choice(["show", "hold"])}),
                (actions.start_timer, {"seconds": 60}),
                (actions.extend_timer, {"seconds": 30}),
                (actions.stop_timer, {}),
                (actions.set_wall_message, {"text": f"Message {self.count}"}),
                (actions.blank_wall, {"blank": self.chance.random() < 0.5}),
                (actions.set_wall_themes, {"tags": self.chance.choice([["lamps"], ["money", "Lamps"], []])}),
            ]
        )
        act(**self.fresh(), **fields)

    def add_prompt(self) -> None:
        kind = self.chance.choice(["ideas", "poll"])
        show = self.chance.random() < 0.3
        text = f"Prompt {self.count}?"
        actions.add_prompt(**self.fresh(), kind=kind, text=text, options=["A", "B"], show=show)

    def change_prompt(self) -> None:
        choice = self.chance.choice(["show", "show", "close", "move", "move", "remove", "edit"])
        act, fields = {
            "show": (actions.show_prompt, {}),
            "close": (actions.close_prompt, {}),
            "move": (actions.move_prompt, {"position": self.chance.randrange(4)}),
            "remove": (actions.remove_prompt, {}),
            "edit": (actions.edit_prompt, {"text": f"Edited {self.count}?"}),
        }[choice]
        act(**self.fresh(), prompt_id=self.any_prompt(), **fields)

    def spot(self) -> None:
        if self.chance.random() < 0.7:
            actions.set_spotlight(**self.fresh(), contribution_id=self.anything_said())
        else:
            actions.clear_spotlight(**self.fresh())

    def set_tables(self) -> None:
        self.count += 1
        tables = list(self.session.tables.values_list("pk", flat=True)) or [0]
        table, person = self.chance.choice(tables), self.chance.choice(self.people)
        size = self.chance.randint(1, 9)
        act, fields = self.chance.choice(
            [
                (actions.add_tables, {"names": [f"Table {self.count}"]}),
                (actions.rename_table, {"table_id": table, "name": f"Renamed {self.count}"}),
                (actions.remove_table, {"table_id": table}),
            ]
        )
        act(**self.fresh(), **fields)
        actions.seat_scribe(actor=OPERATOR, participant=person, table_name=f"Table {self.count}", headcount=size)
        if self.chance.random() < 0.4:
            person.refresh_from_db()
            actions.leave_seat(participant=person)

    def viewers(self) -> list[Viewer]:
        return viewers(self.session, self.people[0])


def viewers(session: LiveSession, person: Participant) -> list[Viewer]:
    return [Viewer(session, "wall"), Viewer(session, "participant", person), Viewer(session, "console", user=OPERATOR)]


def frame_for(viewer: Viewer, after: int) -> dict:
    """What the hub would send this viewer now from a cursor on."""
    entries = presenters.present(viewer.session.stream_id, log.read(viewer.session.stream_id, after=after))
    texts = [text for entry in entries if (text := entry.text_for(viewer.audiences)) is not None]
    return {"from": after, "to": entries[-1].seq if entries else after, "events": [json.loads(text) for text in texts]}


def fresh_state(viewer: Viewer) -> dict:
    return Client(as_sent(snapshot(viewer))).state()


@pytest.mark.parametrize("seed", range(8))
def test_events_as_they_happen_end_in_the_fresh_snapshot(seed):
    life = Life(seed)
    clients = [(viewer, Client(as_sent(snapshot(viewer)))) for viewer in life.viewers()]

    for _ in range(40):
        life.happen()
        for viewer, client in clients:
            client.take(frame_for(viewer, client.cursor))

    for viewer, client in clients:
        assert client.state() == fresh_state(viewer), viewer.role
        assert client.cursor == snapshot(viewer)["to"]


@pytest.mark.parametrize("seed", range(20, 28))
def test_catching_up_from_any_moment_ends_in_the_fresh_snapshot(seed):
    life = Life(seed)
    earlier = []
    for moment in range(40):
        if moment % 8 == 0:
            earlier += [(viewer, Client(as_sent(snapshot(viewer)))) for viewer in life.viewers()]
        life.happen()

    for viewer, client in earlier:
        client.take(frame_for(viewer, client.cursor))
        assert client.state() == fresh_state(viewer), viewer.role


@pytest.mark.parametrize("seed", range(40, 44))
def test_applying_events_again_on_a_newer_snapshot_changes_nothing(seed):
    """A snapshot reads its cursor first: what comes after may be in it already."""
    life = Life(seed)
    for _ in range(30):
        life.happen()

    for viewer in life.viewers():
        shot = as_sent(snapshot(viewer))
        older = Client({**shot, "to": max(0, shot["to"] - 7)})
        older.take(frame_for(viewer, older.cursor))
        assert older.state() == fresh_state(viewer), viewer.role


def test_snapshot_keeps_to_what_its_reader_may_see():
    session = make.live_session()
    author, other = make.participant(session), make.participant(session)
    held = make.contribution(author, "Held: https://example.org")
    hidden = make.contribution(author, "Hidden words.")
    actions.hide_contribution(actor=OPERATOR, session=session, contribution_id=hidden.pk, reason="It names somebody.")
    taken = make.contribution(author, "Taken back.")
    actions.withdraw_contribution(participant=author, contribution_id=taken.pk)
    shown = make.contribution(author, "Shown words.")
    session.refresh_from_db()
    actions.add_prompt(actor=OPERATOR, session=session, version=session.version, kind="ideas", text="Not yet?")

    def bodies(viewer: Viewer) -> list[str]:
        return [one["body"] for one in snapshot(viewer)["contributions"]]

    wall, phone, console = viewers(session, author)
    assert bodies(wall) == bodies(Viewer(session, "participant", other)) == [shown.body]
    assert bodies(phone) == bodies(console) == [held.body, hidden.body, taken.body, shown.body]
    assert [one["reason"] for one in snapshot(phone)["contributions"][:2]] == [
        "First post, with a link.",
        "It names somebody.",
    ]
    assert "reason" not in snapshot(phone)["contributions"][-1]
    assert [prompt["text"] for prompt in snapshot(console)["prompts"]] == ["Not yet?"]
    assert snapshot(wall)["prompts"] == snapshot(phone)["prompts"] == []
    assert snapshot(phone)["session"]["prompt_count"] == 1


def test_snapshot_says_what_is_one_s_own_and_how_one_voted():
    session = make.live_session()
    author, other = make.participant(session), make.participant(session)
    said = make.contribution(author)
    actions.set_vote(participant=other, contribution_id=said.pk)

    assert snapshot(Viewer(session, "participant", author))["you"]["mine"] == [str(said.client_id)]
    you = snapshot(Viewer(session, "participant", other))["you"]
    assert (you["mine"], you["votes"]["contributions"]) == ([], {str(said.pk): "support"})
    assert snapshot(Viewer(session, "wall"))["tallies"]["support"] == {str(said.pk): 1}


def test_snapshot_costs_the_same_however_much_was_said():
    session = make.live_session()
    people = [make.participant(session) for _ in range(3)]
    viewer = Viewer(session, "participant", people[0])
    costs = []
    for number in (1, 20):
        for _ in range(number):
            make.contribution(people[number % 3], f"Thought {number}.")
        with CaptureQueriesContext(connection) as queries:
            snapshot(viewer)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_snapshot_gives_the_newest_and_how_many_came_before(monkeypatch):
    monkeypatch.setattr("live.selectors.NEWEST", 5)
    session = make.live_session()
    for number in range(12):
        make.contribution(make.participant(session), f"Thought {number}.")
    viewer = Viewer(session, "wall")

    shot = snapshot(viewer)

    assert [one["body"] for one in shot["contributions"]] == [f"Thought {number}." for number in range(7, 12)]
    assert shot["earlier"] == 7
