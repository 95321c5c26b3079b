"""The delegate's phone: changing one's words, writing for a table, and what stays on it whatever happens."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Route, WebSocketRoute, expect

from live import actions
from live.models import Contribution, Prompt, Table
from live.permissions import OPERATOR
from tests.browser import Visitor, follow, wait_until_kept
from tests.e2e.test_live_room import (  # noqa: F401 a fixture
    BOX,
    PHONE,
    NewVisitor,
    Room,
    SlowFirst,
    from_the_room,
    own,
    room,
    say,
    strip,
)
from tests.factories.discussion import member
from tests.factories.live import contribution, participant

TABLE_BOX = "Write one thing that the table says"


def scribe(room: Room, new_visitor: NewVisitor, headcount: int = 7, **options: Any) -> Visitor:  # noqa: F811
    """Somebody at the first table, who came by its sheet."""
    table = Table.objects.filter(session=room.session).first() or set_up_tables(room)
    visitor = new_visitor(**{**PHONE, **options})
    page = visitor.open(table.get_absolute_url())
    page.get_by_label("How many are you").fill(str(headcount))
    follow(page.get_by_role("button", name="Write for Table 1"))
    expect(page.get_by_text(re.compile("For.*Table 1"))).to_be_visible()
    return visitor


def set_up_tables(room: Room) -> Table:  # noqa: F811
    room.session.refresh_from_db()
    return actions.add_tables(actor=OPERATOR, session=room.session, version=room.session.version, count=2)[0]


def stored() -> list[tuple[str, str, int]]:
    return list(Contribution.objects.order_by("seq").values_list("body", "table_name", "headcount"))


# One's own words


def test_own_words_are_changed_for_everybody(room: Room) -> None:  # noqa: F811
    author, reader, wall = room.phone(), room.phone(), room.wall()
    say(author, "Paint the landing stage.")
    expect(from_the_room(reader.page, "Paint the landing stage.")).to_be_visible()

    own(author.page, "Paint the landing").get_by_role("button", name="Change").click()
    expect(author.page.get_by_label(BOX)).to_have_value("Paint the landing stage.")
    expect(author.page.get_by_label(BOX)).to_be_focused()
    author.page.reload()
    expect(author.page.get_by_text("You are changing what you said.")).to_be_visible()
    author.page.get_by_label(BOX).fill("Paint both landing stages.")
    author.page.get_by_role("button", name="Change it").click()

    expect(own(author.page, "Paint both landing stages.")).to_contain_text("Shown")
    expect(own(author.page, "Paint the landing stage.")).to_have_count(0)
    expect(author.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(from_the_room(reader.page, "Paint both landing stages.")).to_be_visible()
    expect(wall.page.locator(".newest__item")).to_have_text("Paint both landing stages.")
    assert Contribution.objects.get().body == "Paint both landing stages."

    own(author.page, "Paint both").get_by_role("button", name="Change").click()
    author.page.get_by_role("button", name="Leave it as it was").click()
    expect(author.page.get_by_label(BOX)).to_have_value("")
    expect(author.page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_change_without_a_signal_waits_and_goes(room: Room) -> None:  # noqa: F811
    author = room.phone()
    say(author, "Ring the bell.")
    expect(own(author.page, "Ring the bell.")).to_contain_text("Shown")
    author.offline(True)
    expect(strip(author.page)).to_be_visible()

    own(author.page, "Ring the bell.").get_by_role("button", name="Change").click()
    author.page.get_by_label(BOX).fill("Ring the bell twice.")
    author.page.get_by_role("button", name="Keep and change later").click()
    expect(own(author.page, "Ring the bell")).to_have_count(1)
    expect(own(author.page, "Ring the bell twice.")).to_contain_text("Changed on this phone")
    assert Contribution.objects.get().body == "Ring the bell."
    author.offline(False)

    expect(own(author.page, "Ring the bell twice.")).to_contain_text("Shown")
    expect(own(author.page, "Ring the bell")).to_have_count(1)
    assert Contribution.objects.get().body == "Ring the bell twice."


def test_change_that_comes_too_late_is_not_lost(room: Room) -> None:  # noqa: F811
    author = room.phone()
    say(author, "Ring the bell.")
    expect(own(author.page, "Ring the bell.")).to_contain_text("Shown")
    own(author.page, "Ring the bell.").get_by_role("button", name="Change").click()
    Contribution.objects.update(created_at="2020-01-01T10:00:00Z")
    author.page.get_by_label(BOX).fill("Ring the bell twice.")
    author.page.get_by_role("button", name="Change it").click()

    row = own(author.page, "Ring the bell twice.")
    expect(row).to_contain_text("Words can be changed for 15 minutes.")
    expect(own(author.page, "Ring the bell.")).to_contain_text("Shown")
    row.get_by_role("button", name="Reword it").click()
    author.page.get_by_role("button", name="Send", exact=True).click()
    expect(own(author.page, "Ring the bell twice.")).to_contain_text("Shown")
    assert room.contributions() == ["Ring the bell.", "Ring the bell twice."]


def test_words_are_changed_and_a_table_is_counted_without_javascript(
    room: Room,  # noqa: F811
    new_visitor: NewVisitor,
) -> None:
    writer = scribe(room, new_visitor, headcount=4, javascript=False)
    page = writer.page
    page.get_by_label(TABLE_BOX).fill("Two boats.")
    follow(page.get_by_role("button", name="Send"))
    expect(own(page, "Two boats.")).to_contain_text("Shown, for four people")

    own(page, "Two boats.").locator("summary").click()
    page.get_by_label("What you say instead").fill("Three boats.")
    follow(page.get_by_role("button", name="Change it"))
    expect(own(page, "Three boats.")).to_contain_text("Shown")
    follow(page.get_by_role("link", name="Change").first)
    page.get_by_label("How many are you").fill("5")
    follow(page.get_by_role("button", name="Save").first)
    expect(page.locator(".say__as")).to_contain_text("Table 1, five people")
    follow(page.get_by_role("link", name="Change").first)
    follow(page.get_by_role("button", name="Speak for yourself instead"))
    expect(page.locator(".say__as")).to_contain_text("As “")
    assert stored() == [("Three boats.", "Table 1", 4)]


def test_own_words_stand_on_a_page_that_opens_without_a_signal(room: Room) -> None:  # noqa: F811
    """The page kept on the phone is older than they are: what was last heard of them is kept beside it."""
    author = room.phone()
    page = author.page
    wait_until_kept(page)
    say(author, "Ring the bell at low water.")
    expect(own(page, "Ring the bell")).to_contain_text("Shown")
    said = Contribution.objects.get()
    actions.set_vote(participant=participant(room.session), contribution_id=said.pk)
    expect(own(page, "Ring the bell")).to_contain_text("Shown, supported by 1")

    author.offline(True)
    page.reload()

    expect(own(page, "Ring the bell")).to_contain_text("Shown, supported by 1")
    expect(page.locator("[data-part=ownCount]")).to_have_text(re.compile(r"^1, as of \d+\.\d\d$"))
    # Nobody is told that what was taken from the room meanwhile still stands there.
    hiding = {"contribution_id": said.pk, "reason": "It is not about this."}
    actions.hide_contribution(actor=OPERATOR, session=room.session, **hiding)
    author.offline(False)
    expect(own(page, "Ring the bell")).to_contain_text("It is not about this.")
    expect(own(page, "Ring the bell")).to_have_count(1)
    expect(page.locator("[data-part=ownCount]")).to_have_text("1")


def test_closed_session_keeps_words_and_offers_no_sending(room: Room) -> None:  # noqa: F811
    author = room.phone()
    page = author.page
    room.command(actions.pause_session)
    expect(page.get_by_text("Paused. You can write")).to_be_visible()
    say(author, "Said while it was paused.", button="Keep and send later")
    page.get_by_label(BOX).fill("Half a sentence")

    room.command(actions.close_session)

    expect(page.get_by_text("This session has closed.")).to_be_visible()
    expect(own(page, "while it was paused")).to_contain_text("Closed: kept on this phone, not sent")
    expect(page.locator("[data-part=sayNote]")).to_contain_text("Closed: kept on this phone, not sent.")
    expect(page.get_by_role("button", name=re.compile("Send", re.I))).to_have_count(0)
    page.get_by_label(BOX).press("Control+Enter")
    page.reload()
    expect(page.get_by_label(BOX)).to_have_value("Half a sentence")
    expect(page.get_by_role("button", name=re.compile("Send", re.I))).to_have_count(0)
    author.assert_accessible()
    page.get_by_role("button", name="Copy it").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    remove = own(page, "while it was paused").get_by_role("button", name="Remove")
    remove.click()
    expect(remove).to_have_text("Press again to remove")
    remove.click()
    expect(own(page, "while it was paused")).to_have_count(0)
    assert room.contributions() == []


def test_words_kept_for_a_closed_session_go_when_it_is_opened_again(room: Room) -> None:  # noqa: F811
    author = room.phone()
    author.offline(True)
    expect(strip(author.page)).to_be_visible()
    say(author, "Said on the water.", button="Keep and send later")
    room.command(actions.close_session)
    author.offline(False)
    expect(own(author.page, "on the water")).to_contain_text("Closed: kept on this phone, not sent")

    room.command(actions.open_session)

    expect(own(author.page, "on the water")).to_contain_text("Shown")
    assert room.contributions() == ["Said on the water."]


def test_long_words_are_folded_until_somebody_asks_for_more(room: Room) -> None:  # noqa: F811
    words = "The boat that comes back late is still a boat. " * 20
    author, reader, console = room.phone(), room.phone(), room.console()
    say(author, words.strip())
    short = contribution(participant(room.session), "A bell at the slipway.")

    for visitor, row in (
        (author, own(author.page, "comes back late")),
        (reader, from_the_room(reader.page, "comes back late")),
        (console, from_the_room(console.page, "comes back late")),
    ):
        body = row.locator("[data-field=body]")
        expect(body).to_have_text(words.strip())
        folded = body.bounding_box()
        row.get_by_role("button", name="more").press("Enter")
        expect(row.get_by_role("button", name="less")).to_be_focused()
        unfolded = body.bounding_box()
        assert folded is not None
        assert unfolded is not None
        assert folded["height"] * 2 < unfolded["height"]
        assert body.evaluate("element => element.scrollHeight <= element.clientHeight + 1")
        visitor.assert_accessible()
        visitor.assert_fits()
        row.get_by_role("button", name="less").press("Enter")
        assert body.bounding_box()["height"] == folded["height"]
    expect(from_the_room(reader.page, short.body).get_by_role("button", name="more")).to_have_count(0)


# Tables


def test_scribe_writes_for_everybody_at_the_table(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    writer, reader = scribe(room, new_visitor), room.phone()
    page = writer.page
    expect(page.locator(".say__as")).to_contain_text("Table 1, seven people")
    writer.assert_accessible()

    page.get_by_label(TABLE_BOX).fill("A second boat at weekends.")
    page.get_by_role("button", name="Send").click()
    expect(own(page, "A second boat")).to_contain_text("Shown, for seven people")
    expect(from_the_room(reader.page, "A second boat")).to_contain_text("Table 1, seven people")

    wait_until_kept(page)
    writer.offline(True)
    expect(strip(page)).to_be_visible()
    page.get_by_role("link", name="Change").first.click()
    writer.assert_accessible()
    page.get_by_label("How many are you").fill("5")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_label(TABLE_BOX).fill("Said by five, offline.")
    page.get_by_role("button", name="Keep and send later").click()
    page.reload()
    expect(page.locator(".say__as")).to_contain_text("Table 1, five people")
    expect(own(page, "Said by five")).to_contain_text("On this phone")
    writer.offline(False)

    expect(own(page, "Said by five")).to_contain_text("Shown, for five people")
    writer.wait_until(lambda: Table.objects.get(name="Table 1").headcount == 5)
    assert stored() == [("A second boat at weekends.", "Table 1", 7), ("Said by five, offline.", "Table 1", 5)]


def test_scribe_whose_table_another_takes_is_told(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    first = scribe(room, new_visitor)
    first.wait_until(lambda: first.page.evaluate("document.querySelector('live-phone').connection.online"))

    scribe(room, new_visitor, headcount=3)

    expect(first.page.get_by_text("This phone no longer writes for Table 1.").first).to_be_visible()
    expect(first.page.locator(".say__as")).to_contain_text("As “")
    say(first, "For myself.")
    expect(own(first.page, "For myself.")).to_contain_text("Shown")
    assert stored() == [("For myself.", "", 1)]


def test_scribe_whose_page_was_kept_from_before_writes_for_the_table(room: Room) -> None:  # noqa: F811
    """On a slow line the phone shows the page it has kept, which does not know yet that it sits at a table."""
    table = set_up_tables(room)
    writer = room.phone(service_workers="block")
    page = writer.page
    kept = writer.context.request.get(room.address).text()
    page.goto(table.get_absolute_url())
    page.get_by_label("How many are you").fill("4")
    follow(page.get_by_role("button", name="Write for Table 1"))
    expect(page.locator(".say__as")).to_contain_text("Table 1")
    lines: list[WebSocketRoute] = []

    def hold_back(line: WebSocketRoute) -> None:
        lines.append(line)

    writer.context.route_web_socket(re.compile("/ws/live/"), hold_back)
    page.route(re.compile(f"{room.address}$"), lambda route: route.fulfill(body=kept, content_type="text/html"))
    # Chromium does not let a page of unknown origin open a socket to this machine: it asks and asks instead.
    writer.expected.append("WebSocket connection to")
    page.goto(room.address)
    expect(page.locator(".say__as")).to_contain_text("As “")
    say(writer, "Four of us say so.")

    writer.wait_until(lambda: bool(lines))
    for line in lines:
        line.connect_to_server()
    expect(own(page, "Four of us")).to_contain_text("Shown, for four people")
    expect(page.locator(".say__as")).to_contain_text("Table 1, four people")
    assert stored() == [("Four of us say so.", "Table 1", 4)]


def test_scribe_who_leaves_the_table_says_how_they_appear_where_that_is_asked(
    room: Room,  # noqa: F811
    new_visitor: NewVisitor,
) -> None:
    room.session.identities = ["name"]
    room.session.save(update_fields=["identities"])
    writer = scribe(room, new_visitor)
    page = writer.page
    page.get_by_label(TABLE_BOX).fill("I was about to say.")
    page.get_by_role("link", name="Change").first.click()
    page.get_by_role("button", name="Speak for yourself instead").click()

    expect(page.get_by_text("This session asks how you appear.")).to_be_visible()
    writer.assert_accessible()
    page.get_by_role("link", name="Leave as it is").last.click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="How you appear")).to_be_visible()
    assert stored() == []
    page.get_by_role("textbox", name="Your name").fill("Ada Quill")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".say__as")).to_contain_text("As “Ada Quill”")
    page.get_by_role("button", name="Send").click()

    expect(own(page, "I was about to say.")).to_contain_text("Shown")
    assert [one.author_label for one in Contribution.objects.all()] == ["Ada Quill"]


AN_HOUR_SLOW = """
    const RightDate = Date;
    globalThis.Date = class extends RightDate {
        constructor(...of) { of.length ? super(...of) : super(RightDate.now() - 3_600_000); }
        static now() { return RightDate.now() - 3_600_000; }
    };
"""


def test_phone_whose_clock_is_wrong_says_when_something_was_said(room: Room) -> None:  # noqa: F811
    slow = room.phone(network=lambda context: context.add_init_script(AN_HOUR_SLOW))

    say(slow, "By my watch it is early.")

    expect(own(slow.page, "By my watch")).to_contain_text("Shown")
    said = Contribution.objects.get()
    assert abs((said.created_at - said.said_at).total_seconds()) < 30


# What stays


def test_words_outlive_signing_out_and_a_killed_tab(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    visitor = new_visitor(user=member(), **PHONE)
    page = visitor.open(room.address)
    follow(page.get_by_role("button", name="Join"))
    room.command(actions.pause_session)
    expect(page.get_by_text("Paused. You can write")).to_be_visible()
    say(visitor, "Sent while paused.", button="Keep and send later")
    page.get_by_label(BOX).press_sequentially("Half a sen")

    tab = visitor.context.new_page()
    tab.goto(reverse("account_logout"))
    follow(tab.get_by_role("button", name=re.compile("Sign out", re.I)).last)
    page.close(run_before_unload=False)
    tab.goto(room.address)

    expect(own(tab, "Sent while paused.")).to_contain_text("On this phone")
    expect(tab.get_by_label(BOX)).to_have_value("Half a sen")
    room.command(actions.open_session)
    expect(own(tab, "Sent while paused.")).to_contain_text("Shown")
    assert room.contributions() == ["Sent while paused."]


FULL_WHEN_TOLD = """
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
        if (this.getItem("test.full")) throw new DOMException("It is full.", "QuotaExceededError");
        setItem.call(this, key, value);
    };
"""


def test_words_are_sent_from_a_phone_whose_storage_is_full(room: Room) -> None:  # noqa: F811
    """Those that were kept before it was full, and those that only the page holds now."""
    phone = room.phone(network=lambda context: context.add_init_script(FULL_WHEN_TOLD))
    page = phone.page
    room.command(actions.pause_session)
    expect(page.get_by_text("Paused. You can write")).to_be_visible()
    say(phone, "Kept in good time.", button="Keep and send later")
    page.evaluate("localStorage.setItem('test.full', 'yes')")
    page.reload()
    say(phone, "Said too late to be kept.", button="Keep and send later")

    for words in ("Kept in good time.", "Said too late to be kept."):
        expect(own(page, words)).to_contain_text("On this phone")
    expect(page.get_by_text("Stay on this page until it is sent.")).to_be_visible()
    room.command(actions.open_session)

    for words in ("Kept in good time.", "Said too late to be kept."):
        expect(own(page, words)).to_contain_text("Shown")
    expect(page.get_by_text("Stay on this page until it is sent.")).to_be_hidden()
    assert sorted(room.contributions()) == ["Kept in good time.", "Said too late to be kept."]


def test_words_that_a_strange_network_swallows_are_sent_again(room: Room) -> None:  # noqa: F811
    """Sockets are blocked, and a hotel's way in answers in the session's place."""
    pretended: list[str] = []
    strangers: list[dict[str, Any]] = [
        {"status": 200, "content_type": "text/html", "body": "<!doctype html><h1>Welcome to our Wi-Fi</h1>"},
        {"status": 403, "content_type": "text/html", "body": "Sign in first."},
        {"status": 200, "json": {"type": "ack", "client_id": "another", "contribution": 1}},
    ]

    def answer(route: Route) -> None:
        if not strangers:
            route.continue_()
            return
        pretended.append(route.request.url)
        route.fulfill(**strangers.pop(0))

    def tamper(context: BrowserContext) -> None:
        context.route_web_socket(re.compile("/ws/live/"), lambda route: route.close(code=1006))
        context.route(re.compile("/contribute/"), answer)

    phone = room.phone(network=tamper)
    phone.expected.append("403")
    say(phone, "Let the tide decide.")

    phone.wait_until(lambda: bool(pretended))
    expect(own(phone.page, "Let the tide decide.")).to_contain_text("On this phone")
    expect(own(phone.page, "Let the tide decide.")).to_contain_text("Shown")
    assert len(pretended) == 3
    assert room.contributions() == ["Let the tide decide."]


def test_vote_that_a_strange_network_swallows_is_not_shown_as_counted(room: Room) -> None:  # noqa: F811
    room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["The ferry should be free."])

    def tamper(context: BrowserContext) -> None:
        context.route_web_socket(re.compile("/ws/live/"), lambda route: None)
        context.route(
            re.compile("/command/"), lambda route: route.fulfill(body="<h1>Welcome</h1>", content_type="text/html")
        )

    phone = room.phone(network=tamper)
    button = phone.page.get_by_role("button", name="Support: The ferry should be free.")
    button.click()

    expect(phone.page.get_by_text("No answer yet.")).to_be_attached()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_vote_counts_before_the_line_is_open(room: Room) -> None:  # noqa: F811
    """A press right after the page has come goes by HTTP."""
    option = room.put(Prompt.Kind.STATEMENTS, "Weigh these", ["The ferry should be free."]).options.get()

    def hold_sockets(context: BrowserContext) -> None:
        context.route_web_socket(re.compile("/ws/live/"), lambda route: None)

    phone = room.phone(network=hold_sockets)
    button = phone.page.get_by_role("button", name="Support: The ferry should be free.")
    button.click()

    expect(button).to_have_attribute("aria-pressed", "true")
    phone.wait_until(lambda: type(option).objects.get().support_count == 1)


def test_last_of_two_presses_wins_whichever_request_is_quicker(room: Room) -> None:  # noqa: F811
    said = contribution(participant(room.session), "Ring the bell at low water.")
    network = SlowFirst()
    phone = room.phone(network=network)
    button = from_the_room(phone.page, "Ring the bell").locator("[data-field=support]")
    button.click()
    phone.wait_until(lambda: bool(network.held))
    with phone.page.expect_response(lambda answer: "vote.clear" in (answer.request.post_data or "")):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        network.held[0].continue_()

    assert network.asked == ["vote.set", "vote.clear"]
    said.refresh_from_db()
    assert (said.support_count, said.votes.count()) == (0, 0)
    expect(button).to_have_attribute("aria-pressed", "false")


def test_support_that_is_pressed_twice_in_a_moment_leaves_the_count_as_it_was(room: Room) -> None:  # noqa: F811
    said = contribution(participant(room.session), "Ring the bell at low water.")
    for _ in range(3):
        actions.set_vote(participant=participant(room.session), contribution_id=said.pk)
    page = room.phone().page
    button = from_the_room(page, "Ring the bell").locator("[data-field=support]")
    expect(button).to_contain_text("3")

    button.dblclick()

    expect(button).to_contain_text("3")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_unseen_comes_first_and_new_ones_wait_for_their_reader(room: Room) -> None:  # noqa: F811
    seen = [contribution(participant(room.session), f"Seen already, {number}.") for number in range(3)]
    reader = room.phone(height=2400)
    page = reader.page
    rows = page.locator("[data-part=roomList] > li")
    expect(rows).to_have_count(3)
    reader.wait_until(lambda: Contribution.objects.filter(seen_count=1).count() == 3)
    page.reload()
    expect(page.get_by_text("3, most supported")).to_be_visible()

    for number in range(6):
        contribution(participant(room.session), f"Not seen yet, {number}.")
    pill = page.get_by_role("button", name="6 new")
    expect(pill).to_be_visible()
    expect(rows).to_have_count(3)
    pill.click()

    expect(rows).to_have_count(9)
    words = rows.locator("[data-field=body]").all_inner_texts()
    assert all(word.startswith("Not seen yet") for word in words[:6])
    assert sorted(words[6:]) == sorted(one.body for one in seen)


@pytest.mark.parametrize(("width", "height", "zoom"), [(390, 844, 2), (640, 400, 2)])
def test_phone_is_usable_at_twice_the_size(room: Room, width: int, height: int, zoom: int) -> None:  # noqa: F811
    """200 % zoom halves the window, in the units that the page sees."""
    contribution(participant(room.session), "Something said in the room, of ordinary length.")
    visitor = room.phone(width=width // zoom, height=height // zoom, device_scale_factor=zoom)

    visitor.assert_fits()
    say(visitor, "Ring before you cross.")
    expect(own(visitor.page, "Ring before")).to_contain_text("Shown")
    visitor.assert_fits()
