"""A live session with real people at real browsers: three phones, the wall and the console at once."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from live import actions
from live.actions import Draft
from live.exceptions import LiveError
from live.models import Contribution, LiveSession, Prompt, PromptOption
from live.permissions import OPERATOR
from people.models import User
from tests.browser import OFFLINE_WORDS, Visitor, follow, wait_until_kept
from tests.factories.discussion import comment, event_page, proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, participant

PHONE = {"width": 390, "height": 844, "phone": True}
BOX = "Say one thing, in a sentence or two"

NewVisitor = Callable[..., Visitor]
Network = Callable[[BrowserContext], None]


class SlowFirst:
    """A network without sockets, so that each press is a request of its own; the first is held until it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held: list[Route] = []

    def __call__(self, context: BrowserContext) -> None:
        context.route_web_socket(re.compile("/ws/live/"), lambda route: None)
        context.route(re.compile("/command/"), self._hold_first)

    def _hold_first(self, route: Route) -> None:
        self.asked.append(route.request.post_data_json["type"])
        if len(self.asked) == 1:
            self.held.append(route)
        else:
            route.continue_()


class Room:
    """A session on one proposition with a prompt up, and those who come into it."""

    def __init__(self, session: LiveSession, facilitator: User, new_visitor: NewVisitor) -> None:
        self.session = session
        self.facilitator_user = facilitator
        self._new_visitor = new_visitor

    @property
    def address(self) -> str:
        return f"/live/{self.session.code}/"

    def phone(self, *, role: str = "", network: Network | None = None, **options: Any) -> Visitor:
        """Somebody who joins by the form, as a role or without a name, over a network that may be tampered with."""
        visitor = self._new_visitor(**{**PHONE, **options})
        if network:
            network(visitor.context)
        page = visitor.open(self.address)
        if role:
            page.get_by_role("radio", name=re.compile("^By role For example")).check()
            page.get_by_role("textbox", name="Your role").fill(role)
        follow(page.get_by_role("button", name="Join"))
        return visitor

    def wall(self, **options: Any) -> Visitor:
        visitor = self._new_visitor(**{"width": 1920, "height": 1080, **options})
        # Standing still: what is on it does not depend on how long a test takes.
        visitor.open(f"{self.address}wall/?still")
        return visitor

    def console(self, *, network: Network | None = None, **options: Any) -> Visitor:
        visitor = self._new_visitor(**{"user": self.facilitator_user, **options})
        if network:
            network(visitor.context)
        visitor.open(f"{self.address}console/")
        return visitor

    def put(self, kind: str, text: str, options: list[str] | None = None) -> Prompt:
        """Show a prompt to the room."""
        self.session.refresh_from_db()
        return actions.add_prompt(
            actor=OPERATOR,
            session=self.session,
            version=self.session.version,
            kind=kind,
            text=text,
            options=options or [],
            show=True,
        )

    def command(self, action: Callable[..., Any], **fields: Any) -> None:
        """What another facilitator does meanwhile, from the server itself."""
        self.session.refresh_from_db()
        action(actor=OPERATOR, session=self.session, version=self.session.version, **fields)

    def contributions(self) -> list[str]:
        return list(Contribution.objects.filter(session=self.session).order_by("seq").values_list("body", flat=True))


@pytest.fixture
def room(live_site: Any, new_visitor: NewVisitor) -> Room:
    event = event_page(title="The Estuary Summit", strapline="keeping <i>the tide</i> in mind")
    proposition = proposition_page(event, title="A ferry is a public service", number=3)
    session = live_session(proposition, title="What the ferry is for", room="Boat Hall")
    room = Room(session, facilitator_of(session), new_visitor)
    room.put(Prompt.Kind.IDEAS, "What would keep the ferry running?")
    return room


def say(visitor: Visitor, words: str, *, button: str = "Send") -> None:
    visitor.page.locator("#say-body").fill(words)
    visitor.page.get_by_role("button", name=button).click()


def own(page: Page, words: str) -> Any:
    """The person's own contribution with these words, in the list of theirs."""
    return page.locator("[data-part=ownList] > li").filter(has_text=words)


def from_the_room(page: Page, words: str) -> Any:
    return page.locator("[data-part=roomList] > li").filter(has_text=words)


def strip(page: Page) -> Any:
    return page.locator("[data-part=strip]")


def test_contribution_shows_at_once_on_every_phone_the_wall_and_the_console(room: Room) -> None:
    speaker, second, third = room.phone(role="Lock keeper"), room.phone(), room.phone()
    wall, console = room.wall(), room.console()

    say(speaker, "Let the school pay for the first crossing.")

    expect(own(speaker.page, "Let the school pay")).to_contain_text("Shown")
    for reader in (second, third):
        expect(from_the_room(reader.page, "Let the school pay")).to_contain_text("Lock keeper")
    expect(wall.page.locator(".newest__item")).to_have_text("Let the school pay for the first crossing.")
    expect(from_the_room(console.page, "Let the school pay")).to_be_visible()
    assert room.contributions() == ["Let the school pay for the first crossing."]


def test_words_written_offline_stay_through_a_reload_and_are_stored_once(room: Room) -> None:
    phone = room.phone()
    page = phone.page
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    wait_until_kept(page)

    phone.offline(True)
    expect(strip(page)).to_contain_text("No signal. Nothing is lost.")
    say(phone, "Run it by the tide table.", button="Keep and send later")
    expect(own(page, "Run it by the tide table.")).to_contain_text("On this phone")
    page.get_by_label(BOX).press_sequentially("And ask the")
    page.reload()

    expect(own(page, "Run it by the tide table.")).to_contain_text("On this phone")
    expect(page.get_by_label(BOX)).to_have_value("And ask the")
    assert room.contributions() == []
    phone.offline(False)
    expect(own(page, "Run it by the tide table.")).to_contain_text("Shown")
    expect(strip(page)).to_be_hidden()
    expect(page.get_by_label(BOX)).to_have_value("And ask the")
    assert room.contributions() == ["Run it by the tide table."]


def test_acknowledgement_that_is_lost_leads_to_one_row(room: Room) -> None:
    sent: list[str] = []

    def lose_first_acknowledgement(context: BrowserContext) -> None:
        def tamper(to_page: WebSocketRoute) -> None:
            to_server = to_page.connect_to_server()

            def from_page(message: str | bytes) -> None:
                if "contribution.add" in str(message):
                    sent.append(str(message))
                to_server.send(message)

            def from_server(message: str | bytes) -> None:
                if '"ack"' in str(message) and len(sent) == 1:
                    to_page.close(code=1012, reason="The acknowledgement never arrives.")
                    to_server.close()
                    return
                to_page.send(message)

            to_page.on_message(from_page)
            to_server.on_message(from_server)

        context.route_web_socket(re.compile("/ws/live/"), tamper)

    phone = room.phone(network=lose_first_acknowledgement)

    say(phone, "Two boats, one timetable.")

    expect(own(phone.page, "Two boats, one timetable.")).to_contain_text("Shown")
    assert len(sent) == 2
    assert room.contributions() == ["Two boats, one timetable."]


def test_two_tabs_of_one_phone_send_what_waits_once(room: Room) -> None:
    phone = room.phone()
    room.command(actions.pause_session)
    expect(phone.page.get_by_text("Paused. You can write")).to_be_visible()
    say(phone, "Paint the landing stage.", button="Keep and send later")
    second = phone.context.new_page()
    second.goto(room.address)
    expect(own(second, "Paint the landing stage.")).to_contain_text("On this phone")

    room.command(actions.open_session)

    for tab in (phone.page, second):
        expect(own(tab, "Paint the landing stage.")).to_have_count(1)
        expect(own(tab, "Paint the landing stage.")).to_contain_text("Shown")
    assert room.contributions() == ["Paint the landing stage."]


def test_phone_whose_sockets_are_blocked_reads_and_writes_all_the_same(room: Room) -> None:
    def block_sockets(context: BrowserContext) -> None:
        context.route_web_socket(re.compile("/ws/live/"), lambda route: route.close(code=1006))

    blocked, other = room.phone(network=block_sockets), room.phone()
    expect(blocked.page.get_by_role("button", name="Send", exact=True)).to_be_visible()

    say(blocked, "Free crossings on market day.")
    expect(own(blocked.page, "Free crossings")).to_contain_text("Shown")
    say(other, "A bell at the slipway.")

    expect(from_the_room(blocked.page, "A bell at the slipway.")).to_be_visible()
    expect(strip(blocked.page)).to_be_hidden()


def test_server_that_restarts_is_found_again_by_everybody(room: Room, live_site: Any) -> None:
    phone, wall = room.phone(), room.wall()
    for visitor in (phone, wall):
        visitor.expected += OFFLINE_WORDS
    say(phone, "Before the tide turned.")
    expect(wall.page.locator(".newest__item")).to_have_text("Before the tide turned.")

    live_site.stop()
    expect(wall.page.get_by_text(re.compile(r"^as of \d+\.\d\d$"))).to_be_visible()
    expect(wall.page.locator(".newest__item")).to_have_text("Before the tide turned.")
    say(phone, "While nobody listened.", button="Keep and send later")
    live_site.start()

    expect(own(phone.page, "While nobody listened.")).to_contain_text("Shown")
    expect(wall.page.locator(".newest__item").first).to_have_text("While nobody listened.")
    expect(wall.page.get_by_text(re.compile("^as of"))).to_be_hidden()
    assert room.contributions() == ["Before the tide turned.", "While nobody listened."]


def test_held_words_stay_between_their_author_and_the_console_until_released(room: Room) -> None:
    room.command(actions.set_moderation, moderation="hold")
    author, other, wall, console = room.phone(), room.phone(), room.wall(), room.console()

    say(author, "The harbour master sleeps.")
    say(author, "A second landing at the mill.")

    expect(own(author.page, "The harbour master sleeps.")).to_contain_text("Received")
    held = console.page.locator("[data-part=heldList] > li")
    expect(held).to_have_count(2)
    for reader in (other, wall):
        expect(reader.page.get_by_text("harbour master")).to_have_count(0)
        expect(reader.page.get_by_text("second landing")).to_have_count(0)

    held.filter(has_text="harbour master").get_by_role("button", name="Hide").click()
    console.page.get_by_label("It names a person").check()
    console.page.get_by_role("button", name="Hide it").click()
    # Its place is kept, so that the row below does not come under the finger.
    expect(held.first).to_contain_text("Hidden.")
    expect(held.first).to_be_focused()
    expect(held).to_have_count(2)
    held.filter(has_text="second landing").get_by_role("button", name="Release").click()
    expect(held.last).to_contain_text("Released.")

    expect(own(author.page, "The harbour master sleeps.")).to_contain_text("It names a person.")
    expect(own(author.page, "A second landing at the mill.")).to_contain_text("Shown")
    expect(from_the_room(other.page, "A second landing at the mill.")).to_be_visible()
    expect(wall.page.locator(".newest__item")).to_have_text("A second landing at the mill.")
    assert "harbour master" not in other.page.content() + wall.page.content()


def test_second_press_in_the_queue_hits_nothing_and_what_was_done_can_be_undone(room: Room) -> None:
    room.command(actions.set_moderation, moderation="hold")
    author, console = room.phone(**PHONE), room.console(**PHONE)
    page = console.page
    held = page.locator("[data-part=heldList] > li")
    for words in ("First.", "Second.", "Third."):
        say(author, words)
    expect(page.locator("[data-part=heldCount]")).to_have_text("3")
    page.get_by_role("navigation").get_by_role("button", name=re.compile("Held")).click()

    button = held.first.get_by_role("button", name="Release")
    place = button.bounding_box()
    assert place is not None
    page.mouse.dblclick(place["x"] + 5, place["y"] + place["height"] / 2)

    expect(held.first).to_contain_text("Released.")
    expect(from_the_room(author.page, "First.").or_(own(author.page, "First."))).to_contain_text("Shown")
    expect(held).to_have_count(3)
    expect(page.locator("[data-part=heldCount]")).to_have_text("2")
    assert list(room.session.contributions.order_by("seq").values_list("state", flat=True)) == ["shown", "held", "held"]
    assert held.nth(1).get_by_role("button", name="Release").bounding_box() is not None

    sure = page.get_by_role("button", name="Hide it", exact=True)

    def asks_why() -> bool:
        # Not at once: what comes right after the first press is taken for the same press.
        held.first.get_by_role("button", name="Hide it after all").click()
        return sure.is_visible()

    console.wait_until(asks_why)
    sure.click()
    expect(own(author.page, "First.")).to_contain_text("Hidden by the moderator")
    page.evaluate("document.activeElement.blur()")
    expect(held).to_have_count(2)


def test_words_that_were_hidden_can_be_reworded(room: Room) -> None:
    author, console = room.phone(), room.console()
    say(author, "Ask Mr Pell why the boat is late.")
    row = from_the_room(console.page, "Mr Pell")
    row.get_by_role("button", name="Hide").click()
    console.page.get_by_role("button", name="Hide it").click()

    own(author.page, "Mr Pell").get_by_role("button", name="Reword it").click()
    expect(author.page.get_by_label(BOX)).to_have_value("Ask Mr Pell why the boat is late.")
    say(author, "Ask why the boat is late.")

    expect(own(author.page, "Ask why the boat is late.")).to_contain_text("Shown")
    expect(own(author.page, "Mr Pell")).to_contain_text("Withdrawn")


def test_spotlight_stands_on_the_wall_and_fades_in(room: Room) -> None:
    author, console = room.phone(role="Pilot"), room.console()
    wall = room.wall(reduced_motion=False)
    say(author, "Sell the tickets at the bakery.")
    expect(from_the_room(console.page, "bakery")).to_be_visible()
    wall.page.evaluate(
        """() => {
            document.addEventListener("transitionend", ({target, propertyName}) => {
                if (target.matches(".spotlight")) target.dataset.faded = propertyName;
            });
        }"""
    )

    console.page.keyboard.press("Enter")

    expect(wall.page.locator(".spotlight")).to_contain_text("Sell the tickets at the bakery.")
    expect(wall.page.locator(".spotlight")).to_contain_text("Pilot")
    expect(wall.page.locator(".spotlight")).to_have_attribute("data-faded", "opacity")
    expect(from_the_room(console.page, "bakery")).to_contain_text("on the wall")
    console.page.keyboard.press("Enter")
    expect(wall.page.locator(".spotlight")).to_be_hidden()


def test_support_is_counted_for_everybody_and_taken_back(room: Room) -> None:
    author, supporter, console = room.phone(), room.phone(), room.console()
    say(author, "Keep the winter boat.")
    button = from_the_room(supporter.page, "winter boat").get_by_role("button")

    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_text("1")
    expect(own(author.page, "winter boat")).to_contain_text("Shown, supported by 1")
    expect(from_the_room(console.page, "winter boat").locator("[data-field=support]")).to_have_text("1")
    supporter.page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()

    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_have_text("0")
    expect(own(author.page, "winter boat").locator("[data-field=mark]")).to_have_text("Shown")


def test_list_stands_still_until_the_reader_asks_for_what_is_new(room: Room) -> None:
    author, reader = room.phone(), room.phone()
    say(author, "First thing said.")
    rows = reader.page.locator("[data-part=roomList] > li")
    expect(rows).to_have_count(1)

    say(author, "Second thing said.")
    say(author, "Third thing said.")

    pill = reader.page.get_by_role("button", name="2 new")
    expect(pill).to_be_visible()
    expect(rows).to_have_count(1)
    pill.click()
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("First thing said.")
    expect(pill).to_be_hidden()
    expect(rows.first).to_be_focused()


def test_statements_are_weighed_and_stand_on_the_wall(room: Room) -> None:
    room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["The ferry should be free.", "Nobody needs a Sunday boat."])
    phone, wall = room.phone(), room.wall()
    item = phone.page.locator(".weigh__item").filter(has_text="Sunday boat")

    item.get_by_role("button", name="Concern").click()

    expect(item).to_contain_text("0 support, 1 concern, 0 passed")
    expect(wall.page.locator(".results__item").filter(has_text="Sunday boat")).to_contain_text("0 support · 1 concern")
    item.get_by_role("button", name="Support").click()
    expect(item).to_contain_text("1 support, 0 concern, 0 passed")
    expect(phone.page.get_by_label(BOX)).to_be_hidden()


def test_poll_takes_one_vote_of_each_person(room: Room) -> None:
    room.put(Prompt.Kind.POLL, "Which boat first?", ["The early one", "The late one"])
    phone, wall = room.phone(), room.wall()
    early = phone.page.get_by_role("button", name="The early one")
    late = phone.page.get_by_role("button", name="The late one")

    early.click()
    expect(early).to_contain_text("1 vote")
    late.click()

    expect(late).to_contain_text("1 vote")
    expect(early).to_contain_text("0 votes")
    expect(early).to_have_attribute("aria-pressed", "false")
    expect(wall.page.locator(".results__item").filter(has_text="late")).to_contain_text("1 vote")
    expect(wall.page.locator(".results__item").filter(has_text="early")).to_contain_text("0 votes")


def test_prompt_that_changes_leaves_half_a_sentence_where_it_was_begun(room: Room) -> None:
    phone = room.phone()
    phone.page.get_by_label(BOX).press_sequentially("Half a sent")

    room.put(Prompt.Kind.QUESTIONS, "What do you want to ask the crew?")

    expect(phone.page.get_by_role("heading", level=1)).to_have_text("What do you want to ask the crew?")
    expect(phone.page.get_by_label(BOX)).to_have_value("Half a sent")
    expect(phone.page.get_by_label(BOX)).to_be_focused()
    expect(phone.page.get_by_text("You began this under “What would keep the ferry running?”")).to_be_visible()
    phone.page.get_by_label(BOX).press_sequentially("ence.")
    phone.page.get_by_role("button", name="Send").click()
    expect(own(phone.page, "Half a sentence.")).to_contain_text("Shown")
    assert Contribution.objects.get().prompt.text == "What would keep the ferry running?"


def test_session_waits_opens_pauses_and_closes_on_every_screen(room: Room) -> None:
    phone, wall, console = room.phone(), room.wall(), room.console()
    say(phone, "Ring before you cross.")
    expect(own(phone.page, "Ring before")).to_contain_text("Shown")

    console.page.get_by_role("button", name="Pause").click()
    expect(phone.page.get_by_text("Paused. You can write")).to_be_visible()
    expect(wall.page.get_by_text("Paused", exact=True)).to_be_visible()
    console.page.get_by_role("button", name="Go on").click()
    expect(phone.page.get_by_text("Paused. You can write")).to_be_hidden()
    console.page.get_by_text("Session", exact=True).click()
    console.page.get_by_role("button", name="Close the session…").click()
    console.page.get_by_role("button", name="Leave it open").click()
    expect(console.page.get_by_text("Open", exact=True).first).to_be_visible()
    console.page.get_by_role("button", name="Close the session…").click()
    console.page.get_by_role("button", name="Close the session", exact=True).click()

    expect(phone.page.get_by_text("This session has closed.")).to_be_visible()
    expect(phone.page.get_by_label(BOX)).to_be_hidden()
    expect(wall.page.get_by_text("This session has closed.")).to_be_visible()
    archive = phone.open(room.session.page.url)
    expect(archive.get_by_role("heading", name="What would keep the ferry running?")).to_be_visible()
    expect(archive.get_by_text("Ring before you cross.")).to_be_visible()


def test_console_is_run_by_keyboard_alone(room: Room) -> None:
    author, console, wall = room.phone(), room.console(), room.wall()
    page = console.page
    rows = page.locator("[data-part=roomList] > li")
    say(author, "The older boat.")
    expect(rows).to_have_count(1)
    say(author, "The other older boat.")
    say(author, "Something that names somebody.")
    expect(page.get_by_role("button", name="2 new")).to_be_visible()

    page.keyboard.press("n")
    expect(rows).to_have_text([re.compile("names somebody"), re.compile("other older"), re.compile("The older")])
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("s")
    expect(rows.first.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("h")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hide it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    # The room may hear of it before the console has its answer, and goes on to the next one.
    expect(rows.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("m")
    expect(page.get_by_text("Merging “")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("with one merged")
    page.keyboard.press("b")
    expect(wall.page.locator(".wall[data-screen=blank]")).to_be_visible()
    # The wall may have heard of it first, and a console that has not would be told that it was too late.
    console.wait_until(lambda: page.evaluate("document.querySelector('live-console').room.session.blank"))
    page.keyboard.press("b")
    expect(wall.page.locator(".wall[data-screen=live]")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Shortcuts")).to_be_visible()


def test_console_sets_tables_up_tags_and_puts_a_comment_to_the_room(room: Room) -> None:
    comment(room.session.page.propositions.get(), body="Run it until the last train is in.", role="Bell ringer")
    scribe, wall, console = room.phone(), room.wall(), room.console()
    page = console.page
    rows = page.locator("[data-part=roomList] > li")

    page.get_by_text("Tables", exact=True).click()
    page.get_by_label("How many tables").fill("2")
    page.get_by_role("button", name="Set them up").click()
    tables = page.locator("[data-part=tableList] > li")
    expect(tables).to_have_text([re.compile("Table 1"), re.compile("Table 2")])
    (table, _) = room.session.tables.all()
    scribe.open(table.get_absolute_url())
    scribe.page.get_by_label("How many are you").fill("5")
    follow(scribe.page.get_by_role("button", name="Write for Table 1"))
    expect(tables.first).to_contain_text("5 people")
    expect(scribe.page.locator(".say__as")).to_contain_text("Table 1, five people")
    scribe.page.locator("[data-part=box]").fill("Two crews, not one.")
    scribe.page.locator("[data-part=send]").click()
    expect(rows).to_contain_text("Table 1, five people")

    page.keyboard.press("t")
    page.get_by_label("A new tag").fill("crews")
    page.keyboard.press("Enter")
    expect(rows.get_by_role("button", name="Take away the tag crews")).to_be_visible()
    page.get_by_label("Only with the tag").select_option("crews")
    expect(rows).to_have_count(1)
    page.get_by_text("Themes on the wall").click()
    page.get_by_role("checkbox", name="crews").check()
    page.get_by_role("button", name="Show these on the wall").click()
    expect(page.locator("[data-part=themeCount]")).to_have_text("1")
    wall.wait_until(lambda: wall.page.evaluate("document.querySelector('live-wall').room.themes.length") == 1)
    wall.page.keyboard.press("ArrowRight")
    expect(wall.page.locator(".theme")).to_have_text(re.compile(r"crews\s+5 people\s+Two crews, not one\."))
    expect(page.get_by_role("checkbox", name="crews")).to_be_checked()
    rows.get_by_role("button", name="Take away the tag crews").click()
    expect(rows).to_have_count(0)
    page.get_by_label("Only with the tag").select_option("any tag")
    expect(rows).to_have_count(1)

    page.get_by_role("button", name="Put an earlier comment").click()
    page.get_by_role("button", name="Put it to the room").click()
    expect(wall.page.get_by_text("Run it until the last train is in.")).to_be_visible()
    expect(scribe.page.get_by_role("heading", name="Run it until the last train is in.")).to_be_visible()


def test_merge_is_undone_with_one_press(room: Room) -> None:
    author, console = room.phone(), room.console()
    page = console.page
    rows = page.locator("[data-part=roomList] > li")
    say(author, "Boats at night.")
    expect(rows).to_have_count(1)
    say(author, "Night boats.")
    page.get_by_role("button", name="1 new").click()
    expect(rows).to_have_count(2)

    rows.nth(0).get_by_role("button", name="Merge").click()
    rows.nth(1).get_by_role("button", name="Merge into this").click()
    expect(rows).to_have_count(1)
    expect(own(author.page, "Night boats.")).to_contain_text("Merged")
    page.get_by_role("button", name="Undo").click()

    expect(rows).to_have_count(2)
    expect(own(author.page, "Night boats.")).to_contain_text("Shown")


def test_prompts_are_added_moved_edited_and_shown_from_the_console(room: Room) -> None:
    phone, console = room.phone(), room.console()
    page = console.page
    page.get_by_text("Add a prompt").click()
    form = page.locator("[data-part=add]")
    form.get_by_label("What to put to the room").fill("Which landing first?")
    form.get_by_label("Kind").select_option("poll")
    form.get_by_label("Statements or choices").fill("The mill\nThe quay")
    form.get_by_role("button", name="Add", exact=True).click()
    rows = page.locator(".prompt-row")
    expect(rows).to_have_count(2)

    rows.nth(1).locator("summary").click()
    rows.nth(1).get_by_role("button", name="Edit").click()
    rows.nth(1).get_by_label("What to put to the room").fill("Which landing comes first?")
    rows.nth(1).get_by_role("button", name="Save").click()
    expect(rows.nth(1)).to_contain_text("Which landing comes first?")
    rows.nth(1).get_by_role("button", name="Move up").click()
    expect(rows.nth(0)).to_contain_text("Which landing comes first?")
    expect(phone.page.get_by_text("Prompt 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Go to prompt 1").click()

    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Which landing comes first?")
    expect(phone.page.get_by_role("button", name="The quay")).to_be_visible()


def test_timer_and_message_run_from_the_console(room: Room) -> None:
    phone, console, wall = room.phone(), room.console(), room.wall()
    own_timer = console.page.locator("[data-part=timer]")
    # A slow machine may need many seconds for all three; each press waits until the console has heard of the last.
    # 5:00 is what a quick one still shows of the first.
    five, six = re.compile(r"^(5:00|4:\d\d)$"), re.compile(r"^(6:00|5:(?!00)\d\d)$")
    console.page.get_by_role("button", name="5 min").click()
    expect(wall.page.locator(".wall__timer")).to_have_text(five)
    expect(phone.page.locator(".phone__timer")).to_have_text(five)
    expect(own_timer).to_have_text(five)
    console.page.get_by_role("button", name="+1 min").click()
    expect(wall.page.locator(".wall__timer")).to_have_text(six)
    expect(own_timer).to_have_text(six)
    console.page.get_by_role("button", name="Stop").click()
    expect(wall.page.locator(".wall__timer")).to_be_hidden()
    expect(own_timer).not_to_have_text(re.compile(r"\d"))

    console.page.get_by_text("Message to the wall").click()
    console.page.get_by_label("What the wall says").fill("Tea at half past.")
    console.page.get_by_role("button", name="Put it up").click()

    expect(wall.page.get_by_text("Tea at half past.")).to_be_visible()
    expect(phone.page.get_by_text("Tea at half past.")).to_be_visible()
    console.page.get_by_role("button", name="Take it down").click()
    expect(wall.page.get_by_text("Tea at half past.")).to_be_hidden()


def test_presses_on_a_slow_line_are_done_one_after_the_other(room: Room) -> None:
    network = SlowFirst()
    console = room.console(network=network)
    console.page.get_by_role("button", name="5 min").click()
    console.wait_until(lambda: bool(network.held))
    console.page.keyboard.press("b")
    network.held[0].continue_()

    console.wait_until(lambda: LiveSession.objects.filter(is_blank=True, timer_ends_at__isnull=False).exists())
    expect(console.page.locator("[data-part=notice]")).to_be_hidden()
    assert network.asked == ["timer.start", "wall.blank"]


def test_keys_mean_nothing_that_was_hidden_while_the_server_has_not_answered(room: Room) -> None:
    author = room.phone()
    for words in ("The older boat.", "Something that names somebody."):
        say(author, words)
        expect(own(author.page, words)).to_contain_text("Shown")
    network = SlowFirst()
    console = room.console(network=network)
    page = console.page
    rows = page.locator("[data-part=roomList] > li")
    expect(rows).to_have_count(2)
    hidden = rows.first
    expect(hidden).to_have_attribute("aria-current", "true")
    names = hidden.locator("[data-field=body]").inner_text()

    page.keyboard.press("h")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    console.wait_until(lambda: bool(network.held))
    for key in ("s", "Enter", "m", "t"):
        page.keyboard.press(key)
    network.held[0].continue_()

    expect(rows).to_have_count(1)
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(rows.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("s")
    expect(rows.first.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    assert network.asked == ["contribution.hide", "contribution.star"]
    assert list(
        room.session.contributions.filter(is_starred=True).exclude(body=names).values_list("state", flat=True)
    ) == ["shown"]


def test_facilitator_is_told_when_another_was_quicker(room: Room) -> None:
    console = room.console()
    expect(console.page.get_by_role("button", name="Pause")).to_be_visible()
    console.page.evaluate("document.querySelector('live-console').room.session.version -= 1")

    console.page.get_by_role("button", name="Pause").click()

    expect(console.page.locator("[data-part=notice]")).to_contain_text(
        "Somebody put a prompt to the room: “What would keep the ferry running?” Yours was not done"
    )
    room.session.refresh_from_db()
    assert room.session.state == "open"


def test_everything_needed_works_without_javascript(room: Room) -> None:
    phone = room.phone(role="Rope maker", javascript=False)
    page = phone.page

    page.get_by_label(BOX).fill("Splice it, do not cut it.")
    follow(page.get_by_role("button", name="Send"))

    expect(own(page, "Splice it, do not cut it.")).to_contain_text("Shown")
    expect(page.get_by_text("As “Rope maker”")).to_be_visible()
    page.get_by_label(BOX).fill("   ")
    follow(page.get_by_role("button", name="Send"))
    expect(page.locator("#say-note")).to_be_visible()
    other = room.phone(javascript=False)
    follow(from_the_room(other.page, "Splice it").get_by_role("button"))
    expect(from_the_room(other.page, "Splice it").get_by_role("button")).to_have_text("1")
    assert room.contributions() == ["Splice it, do not cut it."]


def test_code_is_taken_in_any_case_and_a_wrong_one_stays_in_its_box(room: Room, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(**PHONE)
    page = visitor.open("/join/")

    page.get_by_label("Code of six characters").fill("zz zz zz")
    follow(page.get_by_role("button", name="Go on"))
    expect(page.get_by_label("Code of six characters")).to_have_value("zz zz zz")
    expect(page.locator("#id_code_error")).to_be_visible()
    code = room.session.code.lower()
    page.get_by_label("Code of six characters").fill(f" {code[:3]} {code[3:]} ")
    follow(page.get_by_role("button", name="Go on"))

    expect(page.get_by_role("heading", level=1)).to_have_text("A ferry is a public service")
    follow(page.get_by_role("button", name="Join"))
    expect(page.get_by_label(BOX)).to_be_visible()


def test_identity_shows_how_one_would_appear_and_can_be_changed(room: Room, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(**PHONE)
    page = visitor.open(room.address)
    page.get_by_role("radio", name="By name", exact=True).first.check()
    page.get_by_role("textbox", name="Your name").fill("Ines Barrow")
    page.get_by_role("textbox", name="Your role").fill("Harbour pilot")
    expect(page.locator("[data-as=named]")).to_have_text("Ines Barrow, Harbour pilot")
    expect(page.locator("[data-as=role]")).to_have_text("Harbour pilot")
    follow(page.get_by_role("button", name="Join"))
    expect(page.locator(".say__as")).to_contain_text("As “Ines Barrow”")

    page.get_by_role("link", name="Change").click()
    page.get_by_role("radio", name=re.compile("^Without a name")).check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".say__as")).to_contain_text("As “No name given”")
    expect(page.get_by_role("heading", name="How you appear")).to_be_hidden()


def test_own_words_are_withdrawn_by_pressing_twice(room: Room) -> None:
    author, reader = room.phone(), room.phone()
    say(author, "I should not have said this.")
    expect(from_the_room(reader.page, "should not have said")).to_be_visible()
    button = own(author.page, "should not have said").get_by_role("button", name="Withdraw")

    button.click()
    expect(button).to_have_text("Press again to withdraw")
    assert Contribution.objects.get().state == "shown"
    button.click()

    expect(own(author.page, "should not have said")).to_contain_text("Withdrawn")
    expect(from_the_room(reader.page, "should not have said")).to_have_count(0)
    assert Contribution.objects.get().state == "withdrawn"


def test_reading_is_counted_once_for_each_phone(room: Room) -> None:
    author, reader, console = room.phone(), room.phone(), room.console()
    say(author, "Seen from the quay.")
    expect(from_the_room(reader.page, "Seen from the quay.")).to_be_visible()

    reader.page.get_by_role("heading", name="From the room").scroll_into_view_if_needed()

    row = from_the_room(console.page, "Seen from the quay.")
    expect(row).to_contain_text("seen by 1")
    reader.page.reload()
    expect(from_the_room(reader.page, "Seen from the quay.")).to_be_visible()
    # What comes now would be seen on the author's phone too.
    author.page.close()
    room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["The ferry should be free."])
    expect(reader.page.locator(".weigh__item")).to_be_visible()
    reader.page.locator(".weigh__item").scroll_into_view_if_needed()
    option = PromptOption.objects.get()
    reader.wait_until(lambda: PromptOption.objects.get(pk=option.pk).seen_count > 0)
    assert PromptOption.objects.get(pk=option.pk).seen_count == 1
    assert Contribution.objects.get().seen_count == 1


def test_everything_said_can_be_reached_however_long_the_session(room: Room) -> None:
    room.session.refresh_from_db()
    speakers = [participant(room.session) for _ in range(27)]
    drafts = [
        Draft(participant_id=speakers[number // 20].pk, client_id=uuid.uuid4(), body=f"Number {number} of many.")
        for number in range(530)
    ]
    assert all(not isinstance(one, LiveError) for one in actions.contribute_many(session=room.session, drafts=drafts))
    phone = room.phone()
    page = phone.page
    rows = page.locator("[data-part=roomList] > li")
    expect(page.get_by_text("530, unseen first")).to_be_visible()

    while page.get_by_role("button", name="Show more").is_visible():
        before = rows.count()
        page.get_by_role("button", name="Show more").click()
        expect(rows).not_to_have_count(before)

    expect(rows).to_have_count(530)
    expect(from_the_room(page, "Number 0 of many.")).to_have_count(1)


def test_console_works_without_javascript(room: Room) -> None:
    room.command(actions.set_moderation, moderation="hold")
    room.session.refresh_from_db()
    contribution(participant(room.session), "Mend the bell.")
    console = room.console(javascript=False)
    page = console.page

    follow(page.get_by_role("button", name="Release"))
    row = from_the_room(page, "Mend the bell.")
    follow(row.get_by_role("button", name="Star"))
    follow(row.get_by_role("button", name="To the wall"))
    expect(row.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    expect(row.get_by_role("button", name="To the wall")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Add a prompt").click()
    form = page.locator("[data-part=add]")
    form.get_by_label("What to put to the room").fill("Which landing first?")
    form.get_by_label("Kind").select_option("poll")
    form.get_by_label("Statements or choices").fill("The mill\nThe quay")
    form.get_by_label("Show it now").check()
    follow(form.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_role("heading", name="Prompt 2")).to_be_visible()
    follow(page.get_by_role("button", name="Pause"))

    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    room.session.refresh_from_db()
    assert room.session.state == "paused"
    assert room.session.spotlight is None, "the next prompt takes it off the wall"
    assert [option.text for option in room.session.current_prompt.options.all()] == ["The mill", "The quay"]


def test_console_without_javascript_is_told_when_another_was_quicker(room: Room) -> None:
    console = room.console(javascript=False)
    expect(console.page.get_by_role("button", name="Pause")).to_be_visible()
    room.command(actions.set_wall_message, text="Tea.")

    follow(console.page.get_by_role("button", name="Pause"))

    expect(console.page.locator(".console__notice[data-kind=stop]")).to_be_visible()
    expect(console.page.get_by_role("button", name="Pause")).to_be_visible()
