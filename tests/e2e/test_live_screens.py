"""What the screens hold: the same as the server, whatever came late, twice or not at all; and nothing but text."""

import contextlib
import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, WebSocketRoute, expect

from live import actions
from live.models import Contribution, Prompt
from live.permissions import OPERATOR
from tests.browser import Visitor, follow
from tests.e2e.test_live_room import NewVisitor, Room, from_the_room, own, room, say, strip  # noqa: F401 a fixture
from tests.factories.live import contribution, participant

# What a screen holds and what a fresh snapshot says, without what is only this moment's.
COMPARE = """async (element) => {
    const {room, connection} = document.querySelector(element);
    const answer = await fetch(connection.url("snapshot/"), {cache: "no-store"});
    const fresh = await answer.json();
    const byId = (things) => Object.fromEntries([...things].map((thing) => [thing.id, thing]));
    return {
        held: {
            session: room.session,
            prompts: byId(room.prompts.values()),
            order: [...room.prompts.keys()],
            contributions: byId(room.contributions.values()),
            support: room.tallies.support,
            themes: room.themes,
        },
        fresh: {
            session: fresh.session,
            prompts: byId(fresh.prompts),
            order: fresh.prompts.map((prompt) => prompt.id),
            contributions: byId(fresh.contributions),
            support: fresh.tallies.support,
            themes: fresh.themes ?? [],
        },
        cursors: [connection.cursor, fresh.to],
    };
}"""


def assert_holds_what_the_server_says(visitor: Visitor, element: str) -> None:
    found: dict[str, Any] = {}

    def is_the_same() -> bool:
        found.update(visitor.page.evaluate(COMPARE, element))
        return found["cursors"][0] == found["cursors"][1] and found["held"] == found["fresh"]

    with contextlib.suppress(AssertionError):
        visitor.wait_until(is_the_same)
    assert found["held"] == found["fresh"]
    assert found["cursors"][0] == found["cursors"][1]


def live_through(room: Room) -> None:  # noqa: F811 the fixture's value
    """An afternoon in brief: every kind of event that a session has."""

    def fresh_version() -> int:
        room.session.refresh_from_db()
        return room.session.version

    speaker = participant(room.session)
    first, second, third, fourth = (contribution(speaker, f"Word {number} of four.") for number in range(4))
    room.command(actions.set_moderation, moderation="hold")
    room.session.refresh_from_db()
    held, refused = (contribution(participant(room.session), f"Held {number} of two.") for number in range(2))
    on = {"actor": OPERATOR, "session": room.session}
    actions.release_contribution(**on, contribution_id=held.pk)
    actions.hide_contribution(**on, contribution_id=refused.pk, reason="It names a person.")
    actions.hide_contribution(**on, contribution_id=second.pk, reason="It names a person.")
    actions.star_contribution(**on, contribution_id=first.pk)
    actions.star_contribution(**on, contribution_id=third.pk)
    actions.unstar_contribution(**on, contribution_id=third.pk)
    actions.merge_contribution(**on, contribution_id=fourth.pk, into_id=first.pk)
    actions.merge_contribution(**on, contribution_id=third.pk, into_id=first.pk)
    actions.unmerge_contribution(**on, contribution_id=third.pk)
    actions.set_vote(participant=participant(room.session), contribution_id=first.pk, option_id=None, choice="support")
    actions.tag_contribution(**on, contribution_id=first.pk, tag="boats")
    room.command(actions.set_wall_themes, tags=["boats", "crews"])
    actions.tag_contribution(**on, contribution_id=third.pk, tag="boats")
    room.command(actions.set_spotlight, contribution_id=first.pk)
    room.command(actions.clear_spotlight)
    room.command(actions.set_spotlight, contribution_id=third.pk)
    queued = actions.add_prompt(
        **on, version=fresh_version(), kind="poll", text="Which?", options=["A", "B"], show=False
    )
    doomed = actions.add_prompt(**on, version=fresh_version(), kind="ideas", text="No.", options=[], show=False)
    room.command(actions.move_prompt, prompt_id=doomed.pk, position=0)
    room.command(actions.edit_prompt, prompt_id=queued.pk, text="Which one?", options=["A", "B", "C"])
    room.command(actions.move_prompt, prompt_id=queued.pk, position=0)
    room.command(actions.remove_prompt, prompt_id=doomed.pk)
    room.command(actions.show_prompt, prompt_id=queued.pk)
    room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["One."])
    room.command(actions.close_prompt, prompt_id=Prompt.objects.get(text="Weigh these").pk)
    room.command(actions.start_timer, seconds=60)
    room.command(actions.extend_timer, seconds=60)
    room.command(actions.set_wall_message, text="Tea.")
    room.command(actions.blank_wall, blank=True)
    room.command(actions.pause_session)


def test_every_screen_that_followed_along_holds_what_a_fresh_one_is_given(room: Room) -> None:  # noqa: F811
    phone, wall, console = room.phone(), room.wall(), room.console()
    say(phone, "Mine, and merged.")
    expect(own(phone.page, "Mine, and merged.")).to_contain_text("Shown")

    live_through(room)

    assert_holds_what_the_server_says(phone, "live-phone")
    assert_holds_what_the_server_says(wall, "live-wall")
    assert_holds_what_the_server_says(console, "live-console")


def test_screen_whose_frames_get_lost_asks_for_them_again(room: Room) -> None:  # noqa: F811
    lost: list[str] = []
    answered: list[str] = []

    def lose_frames(context: BrowserContext) -> None:
        def tamper(to_page: WebSocketRoute) -> None:
            to_server = to_page.connect_to_server()

            def from_server(message: str | bytes) -> None:
                frame = json.loads(message)
                if frame["type"] == "frame" and frame["events"] and len(lost) < 2:
                    lost.append(str(message))
                    return
                answered.append(str(message))
                to_page.send(message)

            to_page.on_message(to_server.send)
            to_server.on_message(from_server)

        context.route_web_socket(re.compile("/ws/live/"), tamper)

    reader = room.phone(network=lose_frames)
    # A line that is answered with nothing but a lost frame would be given up before it is known to be good.
    reader.wait_until(lambda: bool(answered))
    speaker = participant(room.session)
    contribution(speaker, "Lost 1 of two.")
    reader.wait_until(lambda: len(lost) == 1)
    contribution(speaker, "Lost 2 of two.")
    reader.wait_until(lambda: len(lost) == 2)

    contribution(speaker, "Not lost.")

    expect(from_the_room(reader.page, "Not lost.")).to_be_visible()
    assert_holds_what_the_server_says(reader, "live-phone")


def test_line_that_went_silent_is_given_up_and_replaced(room: Room) -> None:  # noqa: F811
    connections: list[WebSocketRoute] = []
    answers: list[str] = []

    def swallow(context: BrowserContext) -> None:
        def tamper(to_page: WebSocketRoute) -> None:
            to_server = to_page.connect_to_server()
            connections.append(to_page)
            first = len(connections) == 1

            def from_server(message: str | bytes) -> None:
                # The first connection is good for its first answer, then nothing passes any more.
                if not first or not answers:
                    answers.append(str(message))
                    to_page.send(message)

            to_page.on_message(to_server.send)
            to_server.on_message(from_server)

        context.route_web_socket(re.compile("/ws/live/"), tamper)
        context.clock.install()

    reader = room.phone(network=swallow)
    page = reader.page
    # What is said before the first answer would come with it, through a line that still lives.
    reader.wait_until(lambda: bool(answers))
    contribution(participant(room.session), "Said into the silence.")

    def goes_on() -> bool:
        page.clock.run_for(5_000)
        return len(connections) > 1

    reader.wait_until(goes_on)

    expect(from_the_room(page, "Said into the silence.").or_(page.get_by_role("button", name="1 new"))).to_be_visible()


INJECTIONS = [
    "<img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }} ${7*7} <b>bold</b>",
    "</script><script>alert(1)</script>",
]


@pytest.mark.parametrize("words", INJECTIONS)
def test_what_people_write_is_text_everywhere(room: Room, words: str) -> None:  # noqa: F811
    said = contribution(participant(room.session, identity="name", name=words, role=""), words)
    room.command(actions.set_spotlight, contribution_id=said.pk)
    room.command(actions.set_wall_message, text=words)
    phone, wall, console = room.phone(), room.wall(), room.console()

    expect(from_the_room(phone.page, words)).to_be_visible()
    expect(wall.page.locator("[data-part=wordsText]")).to_have_text(words)
    expect(from_the_room(console.page, words)).to_be_visible()
    room.command(actions.set_wall_message, text="")
    expect(wall.page.locator(".spotlight")).to_contain_text(words)
    room.command(actions.close_session)
    phone.open(room.session.page.url)
    expect(phone.page.locator(".said-archive__body")).to_have_text(words)
    for visitor in (phone, wall, console):
        assert visitor.page.locator("main img[src=x], main svg[onload], main script:not([type])").count() == 0


def test_phone_that_was_taken_out_of_the_session_keeps_its_words(room: Room) -> None:  # noqa: F811
    phone = room.phone()
    expect(phone.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    phone.context.clear_cookies()
    phone.offline(True)
    say(phone, "Written before I noticed.", button="Keep and send later")
    phone.offline(False)

    expect(strip(phone.page)).to_contain_text("This phone has left the session.")
    follow(phone.page.get_by_role("link", name="Join again"))
    follow(phone.page.get_by_role("button", name="Join"))

    expect(own(phone.page, "Written before I noticed.")).to_contain_text("Shown")
    assert Contribution.objects.get().body == "Written before I noticed."


def test_new_visitor_of_a_closed_session_is_led_to_what_was_said(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    contribution(participant(room.session), "Said in time.")
    room.command(actions.close_session)

    page = new_visitor().open(room.address)

    expect(page).to_have_url(re.compile(re.escape(room.session.page.url.split("/", 3)[-1]) + "$"))
    expect(page.get_by_text("Said in time.")).to_be_visible()
