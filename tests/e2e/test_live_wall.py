"""The wall: what takes turns on it, how words are fitted, and a day of being left alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from live import actions
from live.models import Contribution, Prompt
from live.permissions import OPERATOR
from tests.browser import Visitor
from tests.e2e.test_live_room import NewVisitor, Room, room  # noqa: F401 a fixture
from tests.factories.discussion import comment as make_comment
from tests.factories.live import contribution, participant

SENTENCE = "The boat that comes back late is still a boat, and somebody has waited for it on the quay. "


def on_the_wall(page: Page) -> str:
    """What stands on the wall now: the names of the parts to be seen."""
    return page.evaluate(
        """() => ["spotlight", "newest", "top", "themes", "call", "results", "words"].filter((name) =>
            document.querySelector(`[data-part=${name}]`).checkVisibility()).join(" ")"""
    )


def wait_for_spotlight(wall: Visitor, said: Contribution) -> None:
    """Until these words stand on the wall. Looks more often than `expect` does, for tests that wait many times."""
    wall.wait_until(
        lambda: wall.page.evaluate("document.querySelector('.spotlight:not([hidden])')?.dataset.id") == str(said.pk)
    )


def turn_to(page: Page, name: str) -> None:
    """Go on by hand until this part stands on the wall."""
    for _ in range(10):
        if on_the_wall(page) == name:
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"{name} never stood on the wall.")


def fill(room: Room) -> None:  # noqa: F811 the fixture's value
    """A poll that is over, and four things said since: two of them supported, all of them tagged."""
    poll = room.put(Prompt.Kind.POLL, "Which boat first?", ["The early one", "The late one"])
    early, late = poll.options.order_by("position")
    for option in (early, early, late):
        voter = participant(room.session)
        actions.set_vote(participant=voter, contribution_id=None, option_id=option.pk, choice="support")
    room.put(Prompt.Kind.IDEAS, "What would keep the ferry running?")
    said = [contribution(participant(room.session), words) for words in ("One.", "Two.", "Three.", "Four.")]
    for number, one in ((3, said[0]), (1, said[2])):
        for _ in range(number):
            actions.set_vote(
                participant=participant(room.session), contribution_id=one.pk, option_id=None, choice="support"
            )
    for one, tag in zip(said, ("boats", "bells", "boats", "crews"), strict=True):
        put_tag(room, one, tag)
    room.command(actions.set_wall_themes, tags=["bells", "boats", "crews", "never said"])


def put_tag(room: Room, said: Contribution, tag: str) -> None:  # noqa: F811
    actions.tag_contribution(actor=OPERATOR, session=room.session, contribution_id=said.pk, tag=tag)


def test_wall_takes_turns_while_nobody_is_in_the_spotlight(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    fill(room)
    wall = new_visitor(width=1920, height=1080)
    wall.context.clock.install()
    page = wall.open(f"{room.address}wall/")
    expect(page.locator(".newest__item")).to_have_text(["Four.", "Three.", "Two."])
    assert on_the_wall(page) == "newest"

    def goes_on_to(name: str) -> None:
        def has_gone() -> bool:
            page.clock.run_for(1_000)
            return on_the_wall(page) == name

        wall.wait_until(has_gone)

    goes_on_to("top")
    expect(page.locator("[data-field=body]:visible")).to_have_text(["One.", "Three."])
    expect(page.locator(".top__item .wall__support")).to_have_text(["3 support it", "1 support it"])
    goes_on_to("themes")
    expect(page.locator(".theme__name")).to_have_text(["boats 2 people", "bells 1 person", "crews 1 person"])
    expect(page.locator(".theme__words")).to_have_text(["Three.", "Two.", "Four."])
    goes_on_to("results")
    expect(page.get_by_role("heading", name="Prompt 2: Which boat first?")).to_be_visible()
    expect(page.locator(".results__count")).to_have_text(["2 votes · 67%", "1 vote · 33%"])
    goes_on_to("call")
    expect(page.locator(".wall__qr:visible")).to_have_count(1)
    expect(page.locator(".wall__code")).to_be_visible()
    counts = page.locator(".wall__counts").bounding_box()
    assert counts is not None
    assert round(counts["x"] + counts["width"]) == 1920 - 72
    goes_on_to("newest")

    room.command(actions.set_spotlight, contribution_id=room.session.contributions.get(body="One.").pk)
    goes_on_to("spotlight newest")
    page.clock.run_for(60_000)
    assert on_the_wall(page) == "spotlight newest"


def test_wall_stands_still_when_it_is_told_to(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    fill(room)
    page = new_visitor(width=1920, height=1080).open(f"{room.address}wall/?still")

    assert page.evaluate("document.querySelector('live-wall').still")
    page.keyboard.press("ArrowRight")
    assert on_the_wall(page) == "top"
    page.keyboard.press(" ")
    assert not page.evaluate("document.querySelector('live-wall').still")
    page.keyboard.press(" ")
    expect(page.get_by_role("status")).to_have_text("The wall stands still.")
    moved = page.evaluate(
        """() => {
            const wall = document.querySelector("live-wall");
            wall.turnEnds = 0;
            wall.takeTurn();
            return wall.turnName;
        }"""
    )
    assert moved == "top"


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_long_choices_of_a_poll_can_be_read_whole(room: Room, width: int, height: int) -> None:  # noqa: F811
    choices = [f"{number}. {SENTENCE * 2}".strip() for number in range(1, 8)]
    poll = room.put(Prompt.Kind.POLL, "Which of these comes first?", choices)
    for option in poll.options.all():
        actions.set_vote(participant=participant(room.session), option_id=option.pk)
    page = room.wall(width=width, height=height).page
    expect(page.locator(".results__item").first).to_be_visible()

    seen: list[str] = []
    while len(seen) < len(choices):
        place = page.locator("[data-part=results]").evaluate(
            """place => [...place.querySelectorAll("li, .results__text, .results__count, h2")].every((part) => {
                const [box, room] = [part.getBoundingClientRect(), place.getBoundingClientRect()];
                return box.top >= room.top - 1 && box.bottom <= room.bottom + 1 && box.right <= room.right + 1
                    && part.scrollWidth <= part.clientWidth + 1;
            })"""
        )
        assert place, page.locator(".results__text").all_inner_texts()
        seen += page.locator(".results__text").all_inner_texts()
        page.keyboard.press("ArrowRight")
    assert seen == choices


def test_words_cut_on_the_wall_end_at_a_word_without_its_stop(room: Room) -> None:  # noqa: F811
    contribution(participant(room.session), "It would slow those who were always going to be paid. " * 9)
    page = room.wall().page

    cut = page.locator(".newest__item")
    expect(cut).to_have_text(re.compile(r"\w…$"))
    assert cut.evaluate("element => element.scrollHeight <= element.clientHeight + 1")


def test_themes_are_shown_three_at_a_time_and_keep_to_what_the_room_may_see(room: Room) -> None:  # noqa: F811
    tags = ["ferries", "bells", "crews", "lamps"]
    for number, tag in enumerate(tags):
        for place in range(4 - number):
            put_tag(room, contribution(participant(room.session), f"Of {tag}, {place + 1}."), tag)
    room.command(actions.set_wall_themes, tags=tags)
    wall = room.wall()
    page = wall.page
    names, words = page.locator(".theme__tag:visible"), page.locator(".theme__words:visible")
    turn_to(page, "themes")

    expect(names).to_have_text(["ferries", "bells", "crews"])
    expect(words).to_have_text(["Of ferries, 4.", "Of bells, 3.", "Of crews, 2."])
    newest = Contribution.objects.get(body="Of bells, 3.")
    actions.hide_contribution(actor=OPERATOR, session=room.session, contribution_id=newest.pk, reason="It names one.")
    expect(words).to_have_text(["Of ferries, 4.", "Of bells, 2.", "Of crews, 2."])
    for place in range(4):
        put_tag(room, contribution(participant(room.session), f"More of bells, {place + 1}."), "bells")
    expect(page.locator(".theme__people").nth(1)).to_have_text("6 people")
    expect(names).to_have_text(["ferries", "bells", "crews"])

    page.keyboard.press("ArrowRight")
    expect(names).to_have_text(["lamps"])
    page.keyboard.press("ArrowRight")
    assert on_the_wall(page) != "themes"
    turn_to(page, "themes")
    expect(names).to_have_text(["bells", "ferries", "crews"])
    expect(words).to_have_text(["More of bells, 3.", "Of ferries, 3.", "Of crews, 1."])


def test_results_that_do_not_fit_take_turns(room: Room) -> None:  # noqa: F811
    options = [f"Landing number {number}, by the mill" for number in range(1, 10)]
    room.put(Prompt.Kind.POLL, "Which landing first?", options)
    page = room.wall().page
    rows = page.locator(".results__item")

    expect(page.get_by_role("heading", name="1–5 of 9")).to_be_visible()
    expect(rows).to_have_count(5)
    assert_everything_is_on_the_screen(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="6–9 of 9")).to_be_visible()
    expect(rows.last).to_contain_text("Landing number 9")
    page.keyboard.press("ArrowRight")
    expect(rows.first).to_contain_text("Landing number 1")


def assert_everything_is_on_the_screen(page: Page) -> None:
    """Nothing that can be seen stands outside of the screen, overlaps the foot or is smaller than it may be."""
    wrong = page.evaluate(
        """() => {
            const foot = document.querySelector(".wall__foot").getBoundingClientRect();
            const unit = innerHeight / 1080;
            const texts = [...document.querySelectorAll(".wall *")].filter((element) => element.checkVisibility()
                && !element.closest(".visually-hidden, svg, template, noscript")
                && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
            return texts.flatMap((element) => {
                const box = element.getBoundingClientRect();
                const name = `${element.className || element.dataset.part}: ${element.textContent.slice(0, 40)}`;
                const end = element.closest(".wall__foot") ? innerHeight : foot.top;
                return [
                    ...(box.left < 0 || box.right > innerWidth + 1 ? [`${name} is cut at the side`] : []),
                    ...(box.top < 0 || box.bottom > end + 1 ? [`${name} is too low`] : []),
                    ...(parseFloat(getComputedStyle(element).fontSize) < 43.9 * unit ? [`${name} is too small`] : []),
                ];
            });
        }"""
    )
    assert wrong == []


SCREENS = [(1280, 720), (1920, 1080), (3840, 2160), (1024, 768)]


def test_words_of_any_length_are_fitted_on_any_screen(room: Room) -> None:  # noqa: F811
    speaker = participant(room.session)
    contribution(speaker, "Something short beside it.")
    walls = {(width, height): room.wall(width=width, height=height) for width, height in SCREENS}
    for wall in walls.values():
        wall.page.evaluate("document.fonts.ready.then(() => null)")
    sizes: dict[tuple[int, int], list[float]] = {screen: [] for screen in walls}

    for length in (5, 40, 90, 150, 220, 320, 450, 600):
        said = contribution(speaker, (SENTENCE * 8)[:length].strip())
        room.command(actions.set_spotlight, contribution_id=said.pk)
        for (width, height), wall in walls.items():
            page, body = wall.page, wall.page.locator(".spotlight__body")
            wait_for_spotlight(wall, said)
            font = body.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
            sizes[width, height].append(font / height * 1080)
            if width / height > 1.5:
                expect(body).to_have_text(said.body)
                assert not body.evaluate("element => 'cut' in element.dataset"), (width, length)
            assert_everything_is_on_the_screen(page)
            tall, place = (
                locator.evaluate("element => element.getBoundingClientRect().height")
                for locator in (body, page.locator("[data-part=spotlightRoom]"))
            )
            assert tall <= place + 2, (width, length)

    for found in sizes.values():
        assert round(found[0]) == 104
        assert min(found) >= 45


def test_long_question_takes_more_lines_and_leaves_the_rest_in_place(room: Room) -> None:  # noqa: F811
    contribution(participant(room.session), "Something short.")
    wall = room.wall()
    for length in (20, 70, 120, 200, 300):
        room.put(Prompt.Kind.IDEAS, (SENTENCE * 4)[:length].strip())
        expect(wall.page.locator(".wall__question")).to_have_text((SENTENCE * 4)[:length].strip())
        room.command(actions.start_timer, seconds=3000)
        expect(wall.page.locator(".wall__timer")).to_be_visible()
        assert_everything_is_on_the_screen(wall.page)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768)])
def test_every_list_is_read_whole_whatever_the_question(room: Room, width: int, height: int) -> None:  # noqa: F811
    said = [contribution(participant(room.session), f"{number}. {SENTENCE}") for number in range(4)]
    for one, tag in zip(said, ("the late boat", "bells at night", "crews", "lamps"), strict=True):
        put_tag(room, one, tag)
        voter = participant(room.session)
        actions.set_vote(participant=voter, contribution_id=one.pk, option_id=None, choice="support")
    room.command(actions.set_wall_themes, tags=["the late boat", "bells at night", "crews"])
    page = room.wall(width=width, height=height).page
    sizes = []
    for question in ("Which boat?", (SENTENCE * 4)[:300].strip()):
        room.put(Prompt.Kind.IDEAS, question)
        expect(page.locator(".wall__question")).to_have_text(question)
        for turn in ("newest", "top", "themes"):
            turn_to(page, turn)
            rows = page.locator(f"[data-part={turn}List] > li:visible")
            sizes.append(rows.count())
            cut_off = page.locator(f"[data-part={turn}]").evaluate(
                "place => place.scrollHeight > place.clientHeight + 1"
            )
            assert not cut_off, (turn, question)
            assert_everything_is_on_the_screen(page)
    assert sizes[:3] == [3, 3, 3]
    assert sizes[3:] == [2, 2, 3]


def test_comment_put_to_the_room_says_whose_it_is(room: Room) -> None:  # noqa: F811
    phone, wall = room.phone(), room.wall()
    proposition = room.session.page.propositions.get()
    comment = make_comment(
        proposition, body="Light the towpath. It is dark by four.", consent="role", role="Lock keeper"
    )

    room.command(actions.put_comment, comment_id=comment.pk)

    expect(wall.page.locator(".wall__question")).to_contain_text("Light the towpath. It is dark by four.")
    expect(wall.page.locator(".wall__from")).to_have_text("Lock keeper, beforehand")
    assert_everything_is_on_the_screen(wall.page)
    expect(phone.page.get_by_text("Written beforehand by Lock keeper")).to_be_visible()
    phone.assert_accessible()
    phone.page.reload()
    expect(phone.page.get_by_role("link", name="Lock keeper")).to_have_attribute("href", re.compile(str(comment.pk)))
    room.put(Prompt.Kind.IDEAS, "And now?")
    expect(phone.page.get_by_text("Written beforehand")).to_be_hidden()
    expect(wall.page.locator(".wall__from")).to_be_hidden()


FEED = """async ([from, count]) => {
    const wall = document.querySelector("live-wall");
    const {connection} = wall;
    const now = new Date().toISOString();
    const said = (seq) => ({
        id: 1e6 + seq, seq, client_id: `client-${seq}`, state: "shown", author: "Pilot", table: "", headcount: 1,
        body: `Word ${seq} of a long day by the river, when everybody has something to say.`,
        merged_into: null, prompt: null, said_at: now});
    for (let seq = from; seq < from + count; seq += 20) {
        const events = Array.from({length: 20}, (_, index) => (
            {kind: "contribution.added", seq: seq + index, contribution: said(seq + index)}));
        const support = Object.fromEntries(events.map(({contribution: {id}}) => [id, id % 7]));
        connection.receive({type: "frame", from: connection.cursor, to: seq + 19, now, events});
        connection.receive({type: "tallies", people: seq % 90, support, seen: support});
        wall.nextTurn();
        if (seq % 400 === 1) await new Promise((resolve) => setTimeout(resolve, 60));
    }
    while (wall.drawing) await new Promise((resolve) => setTimeout(resolve, 20));
}"""


def weigh(page: Page) -> dict[str, float]:
    """What the page takes, after the browser has thrown away what it can."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("Performance.enable")
    protocol.send("HeapProfiler.collectGarbage")
    protocol.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in protocol.send("Performance.getMetrics")["metrics"]}
    protocol.detach()
    return {"heap": found["JSHeapUsedSize"], "nodes": found["Nodes"], "listeners": found["JSEventListeners"]}


def test_wall_left_open_for_a_day_grows_no_heavier(room: Room) -> None:  # noqa: F811
    """Twenty thousand contributions: more than a full room says in a day."""
    wall = room.wall()
    page = wall.page
    expect(page.locator(".call")).to_be_visible()
    wall.wait_until(lambda: page.evaluate("document.querySelector('live-wall').connection.online"))
    page.evaluate(FEED, [1_001, 4_000])
    before = weigh(page)

    page.evaluate(FEED, [5_001, 16_000])

    after = weigh(page)
    held = page.evaluate(
        """() => {
            const {contributions, tallies: {support, seen}, shownCount} = document.querySelector("live-wall").room;
            return [contributions.size, Object.keys(support).length, Object.keys(seen).length, shownCount];
        }"""
    )
    assert held == [200, 200, 200, 20_000]
    assert after["heap"] - before["heap"] < 1_000_000, (before, after)
    assert after["nodes"] <= before["nodes"] + 100, (before, after)
    assert after["listeners"] <= before["listeners"] + 5, (before, after)


def test_wall_keeps_the_most_supported_however_old(room: Room) -> None:  # noqa: F811
    wall = room.wall()
    page = wall.page
    loved = contribution(participant(room.session), "Said first, and loved.")
    for _ in range(9):
        voter = participant(room.session)
        actions.set_vote(participant=voter, contribution_id=loved.pk, option_id=None, choice="support")
    wall.wait_until(lambda: page.evaluate("id => document.querySelector('live-wall').room.support(id)", loved.pk) == 9)

    page.evaluate(FEED, [1_001, 1_000])

    page.evaluate("document.querySelector('live-wall').showTurn('top'); document.querySelector('live-wall').render()")
    expect(page.locator(".top__body").first).to_have_text("Said first, and loved.")


@pytest.mark.parametrize("dark", [False, True])
def test_every_turn_is_accessible_and_large_enough(room: Room, dark: bool) -> None:  # noqa: F811
    fill(room)
    wall: Visitor = room.wall(dark=dark)
    page = wall.page

    seen: list[Any] = []
    for _ in range(5):
        seen.append(on_the_wall(page))
        wall.assert_accessible()
        assert_everything_is_on_the_screen(page)
        page.keyboard.press("ArrowRight")

    assert seen == ["newest", "top", "themes", "results", "call"]
