"""Every screen of a live session in each of its states: WCAG 2.2 AA by axe, no sideways scrolling, light to load."""

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from live import actions
from live.models import Prompt
from live.permissions import OPERATOR
from tests.browser import Visitor, follow
from tests.e2e.test_live_room import PHONE, NewVisitor, Room, own, say, strip
from tests.factories.discussion import event_page, proposition_page
from tests.factories.live import contribution, facilitator_of, live_session, participant

LOOKS = [(390, False), (390, True), (1280, False), (1280, True)]
FIRST_LOAD = 60 * 1024


@pytest.fixture
def room(live_site: Any, new_visitor: NewVisitor) -> Room:
    """A room in which something of everything has been said."""
    session = live_session(
        proposition_page(event_page(strapline="keeping <i>the tide</i> in mind"), title="A ferry is a public service")
    )
    room = Room(session, facilitator_of(session), new_visitor)
    room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["The ferry should be free.", "Nobody needs a Sunday boat."])
    room.put(Prompt.Kind.IDEAS, "What would keep the ferry running?")
    room.session.refresh_from_db()
    speaker = participant(room.session)
    shown = contribution(speaker, "Let the school pay for the first crossing.")
    actions.tag_contribution(actor=OPERATOR, session=room.session, contribution_id=shown.pk, tag="boats")
    contribution(speaker, "Paint the landing stage.")
    room.command(actions.set_moderation, moderation="hold")
    room.session.refresh_from_db()
    contribution(participant(room.session), "The harbour master sleeps.")
    room.command(actions.set_moderation, moderation="show")
    room.command(actions.set_spotlight, contribution_id=shown.pk)
    room.command(actions.start_timer, seconds=300)
    return room


def check(visitor: Visitor) -> None:
    visitor.assert_accessible()
    visitor.assert_pressable()
    visitor.assert_fits()


def test_joining_is_accessible(room: Room, new_visitor: NewVisitor) -> None:
    for width, dark in LOOKS:
        visitor = new_visitor(width=width, height=844, dark=dark)
        visitor.open("/join/")
        check(visitor)
        visitor.open("/join/?code=zz")
        check(visitor)
        page = visitor.open(room.address)
        check(visitor)
        page.get_by_role("radio", name="By name", exact=True).first.check()
        follow(page.get_by_role("button", name="Join"))
        expect(page.locator(".field__error")).to_be_visible()
        check(visitor)


def test_phone_is_accessible_in_every_state(room: Room) -> None:
    phones = [room.phone(width=width, dark=dark) for width, dark in LOOKS]
    for phone in phones:
        say(phone, "Ring before you cross.")
        expect(own(phone.page, "Ring before")).to_contain_text("Shown")
        check(phone)
        phone.page.get_by_role("link", name="Change").click()
        expect(phone.page.get_by_role("heading", name="How you appear")).to_be_visible()
        check(phone)
        phone.page.get_by_role("link", name="Leave as it is").click()

    room.put(Prompt.Kind.STATEMENTS, "Weigh these too", ["Two boats.", "One boat."])
    for phone in phones:
        phone.page.get_by_role("button", name="Support: Two boats.").click()
        expect(phone.page.get_by_text(re.compile("[1-4] support, 0 concern, 0 passed"))).to_be_visible()
        check(phone)

    room.put(Prompt.Kind.POLL, "Which boat first?", ["The early one", "The late one"])
    for phone in phones:
        phone.page.get_by_role("button", name="The early one").click()
        expect(phone.page.get_by_role("button", name="The early one")).to_contain_text(re.compile("[1-4] vote"))
        check(phone)

    room.put(Prompt.Kind.QUESTIONS, "What do you want to ask the crew?")
    room.command(actions.pause_session)
    for phone in phones:
        expect(phone.page.get_by_text("Paused. You can write")).to_be_visible()
        say(phone, "Is there a spare anchor?", button="Keep and send later")
        phone.offline(True)
    for phone in phones:
        expect(strip(phone.page)).to_be_visible()
        expect(strip(phone.page)).to_contain_text("One contribution is kept on this phone")
        check(phone)

    for phone in phones:
        phone.offline(False)
    for phone in phones:
        expect(strip(phone.page)).to_be_hidden()
    room.command(actions.open_session)
    for phone in phones:
        expect(own(phone.page, "spare anchor")).to_contain_text("Shown")
    room.command(actions.close_session)
    for phone in phones:
        expect(phone.page.get_by_text("This session has closed.")).to_be_visible()
        check(phone)


def test_phone_is_accessible_while_it_waits(room: Room) -> None:
    waiting = live_session(title="The crew's own session", state="waiting", event=event_page())
    for width, dark in LOOKS:
        visitor = Room(waiting, room.facilitator_user, room._new_visitor).phone(width=width, dark=dark)

        expect(visitor.page.get_by_text("You can write already")).to_be_visible()
        check(visitor)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_console_is_accessible(room: Room, width: int, dark: bool) -> None:
    visitor = room.console(width=width, dark=dark)
    page = visitor.page
    expect(page.locator("[data-part=heldList] > li")).to_have_count(1)
    check(visitor)

    if width < 700:
        for tab in ("Prompts", "Held"):
            page.get_by_role("navigation").get_by_role("button", name=re.compile(tab)).click()
            check(visitor)
        return
    page.get_by_text("Add a prompt").click()
    page.get_by_text("Message to the wall").click()
    page.get_by_text("Themes on the wall").click()
    page.get_by_role("checkbox", name="boats").check()
    page.get_by_text("Session", exact=True).click()
    page.get_by_text("Tables", exact=True).click()
    page.get_by_label("How many tables").fill("2")
    page.get_by_role("button", name="Set them up").click()
    page.locator(".table-row summary").last.click()
    page.locator(".prompt-row summary").last.click()
    check(visitor)
    page.get_by_role("button", name=re.compile("^Tag: ")).first.click()
    page.get_by_label("A new tag").fill("money")
    page.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_role("button", name=re.compile("^Take away the tag money"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Tag: ")).first.click()
    check(visitor)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Put an earlier comment").click()
    check(visitor)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="all shortcuts").click()
    check(visitor)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Hide: The harbour")).click()
    expect(page.get_by_role("heading", name="Hide this contribution")).to_be_visible()
    check(visitor)


def test_wall_is_accessible_on_every_screen(room: Room) -> None:
    visitor = room.wall()
    page = visitor.page
    expect(page.locator(".spotlight")).to_be_visible()
    check(visitor)

    room.command(actions.clear_spotlight)
    expect(page.locator(".spotlight")).to_be_hidden()
    check(visitor)
    room.put(Prompt.Kind.STATEMENTS, "Weigh these too", ["Two boats.", "One boat."])
    expect(page.locator(".results__item")).to_have_count(2)
    check(visitor)
    room.command(actions.set_wall_message, text="Tea at half past.")
    expect(page.get_by_text("Tea at half past.")).to_be_visible()
    check(visitor)


def test_nothing_on_the_wall_is_smaller_than_a_twenty_fifth_of_its_height(room: Room) -> None:
    room.command(actions.pause_session)
    page = room.wall().page
    expect(page.locator(".spotlight")).to_be_visible()

    smallest = page.evaluate(
        """() => {
            const seen = [...document.querySelectorAll("main *")].filter((element) =>
                [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
                && element.checkVisibility() && !element.closest(".visually-hidden, script, template, noscript"));
            return seen.map((element) => [parseFloat(getComputedStyle(element).fontSize), element.textContent.trim()])
                .sort((a, b) => a[0] - b[0])[0];
        }"""
    )

    assert smallest[0] >= 1080 / 25, smallest


def test_words_too_long_for_the_wall_step_down_and_are_cut(room: Room) -> None:
    room.session.refresh_from_db()
    speaker = participant(room.session)
    steps = {}
    wall = room.wall()
    wall.page.evaluate("document.fonts.ready.then(() => null)")
    for length in (40, 150, 260, 1900):
        said = contribution(speaker, ("The boat that comes back late is still a boat. " * 60)[:length].strip())
        room.command(actions.set_spotlight, contribution_id=said.pk)
        body = wall.page.locator(".spotlight__body")
        # What is too long ends with a word and "…".
        expect(body).to_have_text(said.body if length < 1900 else re.compile(r"\w…$"))
        steps[length] = (
            round(float(body.evaluate("element => parseFloat(getComputedStyle(element).fontSize)"))),
            body.evaluate("element => 'cut' in element.dataset"),
        )
        top, bottom = wall.page.locator("[data-part=spotlightRoom]").evaluate(
            "element => [element.scrollHeight, element.clientHeight]"
        )
        assert top <= bottom + 2

    assert [size for size, _ in steps.values()] == sorted((size for size, _ in steps.values()), reverse=True)
    assert steps[40] == (104, False)
    assert steps[1900] == (46, True)


@pytest.mark.parametrize("screen", ["", "wall/", "console/"])
def test_first_load_is_light(room: Room, new_visitor: NewVisitor, screen: str) -> None:
    visitor = new_visitor(**PHONE) if not screen else new_visitor(user=room.facilitator_user)
    if not screen:
        visitor.context.add_cookies(room.phone().context.cookies())
    asked: set[str] = set()
    visitor.context.on("request", lambda request: asked.add(request.url))

    page = visitor.open(room.address + screen)
    line = "document.querySelector('live-phone, live-wall, live-console').connection"
    visitor.wait_until(lambda: page.evaluate(f"{line}.online"))

    first = [url for url in asked if url.startswith("http") and not url.endswith(".woff2")]
    weights = {url: len(gzip.compress(visitor.context.request.get(url).body())) for url in first}
    assert any(url.endswith(".js") for url in weights)
    assert sum(weights.values()) < FIRST_LOAD, weights


def test_closed_session_page_is_accessible(room: Room, new_visitor: NewVisitor) -> None:
    for width, dark in LOOKS:
        visitor = new_visitor(width=width, dark=dark)
        visitor.open(room.session.page.url)
        check(visitor)
    actions.close_session(actor=OPERATOR, session=room.session, version=_version(room))
    for width, dark in LOOKS:
        visitor = new_visitor(width=width, dark=dark)
        page = visitor.open(room.session.page.url)
        expect(page.get_by_text("Let the school pay for the first crossing.")).to_be_visible()
        check(visitor)


def _version(room: Room) -> int:
    room.session.refresh_from_db()
    return room.session.version


def test_phone_reflows_at_320(room: Room) -> None:
    visitor = room.phone(**{**PHONE, "width": 320})

    visitor.assert_fits()
    say(visitor, "A" * 90)
    expect(own(visitor.page, "A" * 90)).to_contain_text("Shown")
    visitor.assert_fits()
