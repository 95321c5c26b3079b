"""Faults that only a real browser can tell: a phone without signal, frames out of order, a room that comes back."""

import random
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from live import actions
from live.models import Contribution, LiveSession, Prompt
from live.permissions import OPERATOR
from tests.browser import Visitor, follow, wait_until_kept
from tests.factories.live import contribution, live_session, participant
from tests.faults.conftest import guarantee
from tests.faults.room import hold

long_fault = pytest.mark.long_fault

BOX = "Say one thing, in a sentence or two"
COMPLAINTS = ["WebSocket connection to", "ERR_"]


@pytest.fixture
def session(live_site: Any) -> LiveSession:
    made = live_session()
    return actions.add_prompt(
        actor=OPERATOR,
        session=made,
        version=made.version,
        kind=Prompt.Kind.IDEAS,
        text="What would keep the ferry running?",
        options=[],
        show=True,
    ).session


def phone_in(
    new_visitor: Callable[..., Visitor], session: LiveSession, network: Callable[[BrowserContext], None] | None = None
) -> Visitor:
    """Somebody who has joined by the form, over a network that may be tampered with."""
    # A worker would serve modules from its own store, where no test can change them.
    options = {"service_workers": "block"} if network else {}
    visitor = new_visitor(width=390, height=844, phone=True, **options)
    visitor.expected += COMPLAINTS
    if network:
        network(visitor.context)
    page = visitor.open(f"/live/{session.code}/")
    follow(page.get_by_role("button", name="Join"))
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    return visitor


def change_module(context: BrowserContext, before: str, after: str) -> None:
    """Serve the connection's module with something taken out."""

    def answer(route: Route) -> None:
        script = route.fetch().text()
        assert before in script, f"the module no longer says {before}"
        route.fulfill(body=script.replace(before, after), content_type="text/javascript")

    context.route(re.compile(r"/static/js/live/connection\.js"), answer)


@pytest.mark.parametrize(
    ("forgets", "seconds"),
    [pytest.param(False, 60, marks=long_fault), pytest.param(True, 1, marks=long_fault)],
    ids=["holds-for-60-s", "forgetful-phone"],
)
def test_phone_without_signal_is_closed_and_opened_again(new_visitor, session, forgets, seconds):
    words = [f"Said on the water, number {number}." for number in range(3)]
    phone = phone_in(new_visitor, session)
    page = phone.page
    wait_until_kept(page)

    phone.offline(True)
    for one in words:
        page.get_by_label(BOX).fill(one)
        page.get_by_role("button", name="Keep and send later").click()
        expect(page.locator("[data-part=ownList] > li").filter(has_text=one)).to_contain_text("On this phone")
    if forgets:
        # As if nothing had been kept at each keystroke.
        page.evaluate("localStorage.clear()")
    page.close(run_before_unload=False)
    again = phone.context.new_page()
    deadline = time.monotonic() + seconds
    phone.offline(True)
    again.goto(f"/live/{session.code}/")
    again.wait_for_timeout(max(0, deadline - time.monotonic()) * 1000)
    assert stored(session) == []
    phone.offline(False)

    with guarantee("forgets" if forgets else None, "said, "):
        wait_for(again, lambda: len(stored(session)) >= len(words), seconds=8 if forgets else 40)
        # Whatever is sent twice comes soon.
        again.wait_for_timeout(500)
        found = stored(session)
        hold(found == words, f"{len(words)} said, {len(found)} stored: {found}")


def stored(session: LiveSession) -> list[str]:
    return list(Contribution.objects.filter(session=session).order_by("seq").values_list("body", flat=True))


def wait_for(page: Page, condition: Callable[[], bool], *, seconds: float) -> None:
    """Let the browser go on until something is so, or for a time: what must be so is held afterwards."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        page.wait_for_timeout(50)


@pytest.mark.parametrize("believes", [False, pytest.param(True, marks=long_fault)], ids=["holds", "believes-the-order"])
def test_frames_out_of_order_are_shown_by_their_number(live_site, new_visitor, session, believes):
    live_site.patches = ["look_often"]
    held: list[str | bytes] = []
    shuffles = {"on": False, "turns": 0}

    def network(context: BrowserContext) -> None:
        if believes:
            change_module(context, "if (frame.from > this.cursor) {", "if (false) {")

        def tamper(to_page: WebSocketRoute) -> None:
            to_server = to_page.connect_to_server()

            def from_server(message: str | bytes) -> None:
                if not shuffles["on"] or '"type":"frame"' not in str(message):
                    to_page.send(message)
                    return
                held.append(message)
                if len(held) < 3:
                    return
                first = held[0]
                while held[0] is first:
                    random.shuffle(held)
                for one in held:
                    to_page.send(one)
                held.clear()
                shuffles["turns"] += 1

            to_server.on_message(from_server)
            to_page.on_message(to_server.send)

        context.route_web_socket(re.compile("/ws/live/"), tamper)

    reader = new_visitor(service_workers="block")
    reader.expected += COMPLAINTS
    network(reader.context)
    page = reader.open("/join/")
    # What every screen reads by: phones, wall and console.
    page.evaluate(
        """async (code) => {
            const { Connection } = await import("/static/js/live/connection.js");
            const connection = new Connection({ code, role: "wall" });
            window.changes = [];
            connection.addEventListener("change", ({ detail }) => window.changes.push(detail.seq));
            connection.start();
        }""",
        session.code,
    )
    author = participant(session)
    first = contribution(author, "Before anything is shuffled.").seq
    wait_for(page, lambda: first in page.evaluate("window.changes"), seconds=20)

    shuffles["on"] = True
    for number in range(15):
        before = len(held), shuffles["turns"]
        contribution(author, f"Number {number}.")
        # Each in a frame of its own.
        wait_for(page, lambda before=before: (len(held), shuffles["turns"]) != before, seconds=10)
    assert shuffles["turns"] >= 3
    shuffles["on"] = False
    last = contribution(author, "After everything was.").seq

    with guarantee("believes" if believes else None, "are shown"):
        wait_for(page, lambda: last in page.evaluate("window.changes"), seconds=20)
        shown = [seq for seq in page.evaluate("window.changes") if seq >= first]
        hold(shown == list(range(first, last + 1)), f"not all are shown, or not in order: {shown}")


@pytest.mark.parametrize("together", [False, pytest.param(True, marks=long_fault)], ids=["holds", "no-jitter"])
def test_phones_that_lose_their_server_come_back_one_by_one(new_visitor, session, together):
    def network(context: BrowserContext) -> None:
        if together:
            change_module(context, "return Math.random() * ", "return 1 * ")

    page = phone_in(new_visitor, session, network).page

    delays = page.evaluate(
        """async () => {
            const { Connection } = await import("/static/js/live/connection.js");
            const first = (code) => new Connection({ code: "AAAAAA" }).delay(code);
            return [1006, 1012].map((code) => Array.from({ length: 500 }, () => first(code)));
        }"""
    )

    with guarantee("together" if together else None, "at once"):
        for some, most in zip(delays, (1_000, 5_000), strict=True):
            tenths = [
                sum(most * place / 10 <= delay < most * (place + 1) / 10 for delay in some) for place in range(10)
            ]
            # Fifty in each tenth of the time, give or take what chance does.
            hold(all(20 <= count <= 90 for count in tenths), f"too many come at once: {tenths}")
