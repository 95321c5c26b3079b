"""Sorting in a real browser: by keyboard alone, by touch, without a script, without a signal, and by two at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from gathering.actions import (
    ask_for_look,
    create_points,
    make_link,
    pick_excerpt,
    place_entry,
    run_look,
    set_aside_entry,
    show_ledger,
)
from gathering.models import Decision, DeskLook, Entry, Excerpt, Theme
from people.consent import Consent
from tests.browser import follow
from tests.factories.gathering import EditorFactory, EntryFactory, EventPageFactory, organiser

POINTS = 7


@pytest.fixture
def editor(live_site):
    return EditorFactory(first_name="Lena", last_name="Marchbank")


@pytest.fixture
def event(editor):
    event = EventPageFactory(title="The Ladder Summit")
    for number, point in enumerate(create_points(actor=editor, event=event), start=1):
        point.working_title = f"Question {number}?"
        point.save()
    return event


@pytest.fixture
def points(event):
    return list(event.points.order_by("position"))


def entries(event, count=6, **fields):
    return [EntryFactory(event=event, text=f"Entry {n} about ladders and keys.", **fields) for n in range(1, count + 1)]


def text_on(page: Page):
    return page.locator("[data-text]")


def open_desk(visitor, event) -> Page:
    page = visitor.open(f"/admin/gathering/{event.pk}/all/desk/?show=undecided")
    expect(page.locator(".desk-card")).to_be_visible()
    return page


def saved(page: Page):
    expect(page.locator("[data-desk-target=state]")).to_have_text(re.compile(r"Saved \d\d\.\d\d"))


def hear_nothing(page: Page):
    """Keep what other editors do from a desk, so that what it decides next is surely too late."""
    page.route("**/desk/since/**", lambda route: route.fulfill(json={"seq": 0, "others": []}))


def fate(entry):
    entry.refresh_from_db()
    return entry.disposition, entry.point and entry.point.position


def test_a_ledger_is_sorted_by_keyboard_alone(new_visitor, event, editor, points):
    first, second, third, fourth, fifth, sixth = entries(event)
    page = open_desk(new_visitor(user=editor), event)
    keys = page.keyboard

    expect(text_on(page)).to_have_text(first.text)
    keys.press("3")
    expect(text_on(page)).to_have_text(second.text)
    keys.press("s")
    keys.press("2")
    expect(text_on(page)).to_have_text(third.text)
    keys.press("j")
    expect(text_on(page)).to_have_text(fourth.text)
    keys.press("k")
    expect(text_on(page)).to_have_text(third.text)
    keys.press("m")
    expect(page.locator("input[name=into]").first).to_be_focused()
    keys.press("Enter")
    expect(text_on(page)).to_have_text(fourth.text)
    keys.press("e")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    for _ in range(2):
        keys.press("Shift+ArrowRight")
    keys.press("Enter")
    expect(page.locator("mark.desk-mark")).to_have_text("ladders and keys.")
    keys.press("r")
    keys.press("r")
    keys.press("5")
    expect(text_on(page)).to_have_text(fifth.text)
    keys.press("*")
    expect(page.locator(".desk-card__rights")).to_contain_text("Starred by an editor")
    keys.press("7")
    keys.press("u")
    expect(text_on(page)).to_have_text(fifth.text)
    keys.press("1")
    expect(text_on(page)).to_have_text(sixth.text)
    saved(page)

    assert fate(first) == ("used", 3)
    assert fate(second) == ("set_aside", None)
    assert second.set_aside_reason == "About the venue or the day. Passed to the organiser"
    assert fate(third)[0] == "merged"
    assert fate(fourth) == ("used", 5)
    excerpt = Excerpt.objects.get()
    assert (excerpt.text, excerpt.role, excerpt.entry_id) == ("ladders and keys.", "opposes", fourth.pk)
    assert fate(fifth) == ("used", 1)
    assert fate(sixth) == ("undecided", None)
    expect(page.locator("[data-undecided]")).to_have_text("1")
    expect(page.locator(".desk-target__people").nth(2)).to_have_text(re.compile(r"2\s+people"))
    expect(page.locator(".desk-target__people").nth(0)).to_have_text(re.compile(r"1\s+one voice"))
    keys.press("6")
    expect(page.get_by_text("Nothing here is undecided.", exact=True)).to_be_visible()
    saved(page)
    keys.press("u")
    expect(text_on(page)).to_have_text(sixth.text)


def test_key_pressed_before_the_next_entry_has_come_decides_nothing(new_visitor, event, editor):
    first, second = entries(event, 2)
    visitor = new_visitor(user=editor)
    held = []
    visitor.context.route("**/desk/entries/**", lambda route: held.append(route))
    page = open_desk(visitor, event)
    visitor.wait_until(lambda: bool(held))

    page.keyboard.press("3")
    page.keyboard.press("5")

    expect(page.get_by_text("The next entry is not here yet")).to_be_visible()
    for route in held:
        route.continue_()
    expect(text_on(page)).to_have_text(second.text)
    saved(page)
    assert fate(first) == ("used", 3)
    assert fate(second) == ("undecided", None)
    assert Decision.objects.count() == 1


def test_digits_choose_the_candidate_while_the_merge_panel_is_open(new_visitor, event, editor):
    one, two, *_ = entries(event, 4)
    page = open_desk(new_visitor(user=editor), event)
    candidates = page.locator("input[name=into]")

    page.keyboard.press("m")
    expect(candidates.first).to_be_focused()
    expect(candidates).to_have_count(3)
    chosen = candidates.nth(2).get_attribute("value")
    page.keyboard.press("3")
    expect(candidates.nth(2)).to_be_checked()
    # No such candidate: nothing happens, to the panel or to the entry.
    page.keyboard.press("9")
    expect(candidates.nth(2)).to_be_checked()
    page.get_by_role("searchbox", name="Words").first.focus()
    page.locator("[data-desk-target=merge] summary").focus()
    page.keyboard.press("7")
    expect(text_on(page)).to_have_text(one.text)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(text_on(page)).to_have_text(two.text)
    saved(page)

    one.refresh_from_db()
    assert (one.disposition, str(one.merged_into_id)) == ("merged", chosen)
    assert Decision.objects.count() == 1


def test_candidates_of_the_entry_before_are_nobodys_choice(new_visitor, event, editor):
    one, two, *_ = entries(event, 4)
    visitor = new_visitor(user=editor)
    page = open_desk(visitor, event)
    candidates = page.locator("input[name=into]")
    page.keyboard.press("m")
    expect(candidates).to_have_count(3)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(text_on(page)).to_have_text(two.text)
    asked = []
    page.route("**/desk/alike/**", lambda route: asked.append(route))

    page.keyboard.press("m")
    visitor.wait_until(lambda: bool(asked))
    expect(candidates).to_have_count(0)
    asked.pop().continue_()

    expect(candidates).to_have_count(3)
    expect(page.locator(f"input[name=into][value='{one.pk}']")).to_have_count(1)


def test_notice_goes_when_the_next_decision_has_arrived(new_visitor, event, editor, points):
    one, two, _ = entries(event, 3)
    visitor = new_visitor(user=editor)
    visitor.expected.append("409")
    # This desk hears nothing of the other editor before it decides.
    hear_nothing(visitor.page)
    page = open_desk(visitor, event)

    place_entry(actor=EditorFactory(), entry=one, point=points[0])
    page.keyboard.press("2")
    expect(page.get_by_role("alert")).to_contain_text("placed it under point 1 at")
    expect(text_on(page)).to_have_text(two.text)
    page.keyboard.press("3")

    expect(page.get_by_role("alert")).to_be_hidden()
    saved(page)
    assert fate(one) == ("used", 1)
    assert fate(two) == ("used", 3)


def test_an_enter_too_many_sets_nothing_else_aside(new_visitor, event, editor, points):
    first, second, third = entries(event, 3)
    page = open_desk(new_visitor(user=editor), event)

    page.keyboard.press("s")
    page.keyboard.press("3")
    expect(text_on(page)).to_have_text(second.text)
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(text_on(page)).to_have_text(third.text)

    saved(page)
    assert fate(first)[0] == "set_aside"
    assert fate(second) == ("used", 2)


def begin_setting_aside(page: Page):
    """Press S, and wait until the first reason has the focus, which comes a moment after the tool is open."""
    page.keyboard.press("s")
    expect(page.locator("input[name=reason]").first).to_be_focused()


def test_reason_written_for_one_entry_never_sets_another_aside(new_visitor, event, editor):
    first, second, third = entries(event, 3)
    page = open_desk(new_visitor(user=editor), event)
    other = page.get_by_label("Another reason")

    begin_setting_aside(page)
    other.fill("Only about the first")
    page.keyboard.press("Escape")
    begin_setting_aside(page)
    expect(other).to_have_value("")
    other.fill("Only about the first")
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    expect(text_on(page)).to_have_text(second.text)
    begin_setting_aside(page)
    expect(other).to_have_value("")
    other.fill("Begun, and then thought better of")
    page.keyboard.press("Tab")
    page.keyboard.press("2")
    expect(text_on(page)).to_have_text(third.text)
    saved(page)

    assert fate(first) == ("undecided", None)
    fate(second)
    assert second.set_aside_reason == "About the venue or the day. Passed to the organiser"


def test_next_and_back_below_the_entry_step_as_the_keys_do(new_visitor, event, editor):
    one, two, three = entries(event, 3)
    visitor = new_visitor(user=editor)
    page = visitor.open(f"/admin/gathering/{event.pk}/all/desk/?show=undecided&entry={two.pk}")
    page.evaluate("window.isStillHere = true")
    back, onwards = page.get_by_role("link", name="Back"), page.get_by_role("link", name="Next", exact=True)

    page.keyboard.press("2")
    expect(text_on(page)).to_have_text(three.text)
    said = page.locator("[data-desk-target=said]")
    expect(said).to_have_text("Placed under point 2. Entry 3 of 3: Entry 3 about ladders and keys.")
    expect(page.get_by_role("article", name="Entry: Entry 3 about ladders and keys.")).to_be_visible()
    # The one it came from is decided: the page had been loaded with links around that.
    back.click()
    expect(text_on(page)).to_have_text(two.text)
    expect(page.locator(".desk-card__meta")).to_contain_text("Used in point 2")
    back.click()
    expect(text_on(page)).to_have_text(one.text)
    expect(said).to_have_text("Entry 1 of 3: Entry 1 about ladders and keys.")
    back.press("Enter")
    expect(back).to_be_hidden()
    expect(text_on(page)).to_have_text(one.text)
    for text in (two.text, three.text):
        onwards.click()
        expect(text_on(page)).to_have_text(text)
    expect(onwards).to_be_hidden()
    expect(back).to_have_attribute("href", re.compile(rf"entry={two.pk}$"))

    assert page.evaluate("window.isStillHere")


def test_help_opens_and_closes_by_key_and_shortcuts_leave_fields_alone(new_visitor, event, editor):
    one, two = entries(event, 2)
    page = open_desk(new_visitor(user=editor), event)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="All shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="All shortcuts")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("1 s keys")
    expect(page.get_by_label("Words", exact=True).last).to_have_value("1 s keys")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.get_by_label("Another reason").fill("3 of these came twice")
    page.keyboard.press("Enter")

    expect(text_on(page)).to_have_text(two.text)
    saved(page)
    assert fate(one)[0] == "set_aside"
    assert one.set_aside_reason == "3 of these came twice"


def test_words_are_marked_with_the_mouse_across_emoji_and_lines(new_visitor, event, editor):
    entry = EntryFactory(event=event, text="We row 🚣 to work.\n\nNobody had ever given her a day.")
    EntryFactory(event=event)
    page = open_desk(new_visitor(user=editor), event)

    page.evaluate(
        """() => {
            const [first, second] = document.querySelectorAll('[data-text] p');
            const range = document.createRange();
            range.setStart(first.firstChild, 7);
            range.setEnd(second.firstChild, 9);
            getSelection().addRange(range);
        }"""
    )
    text_on(page).dispatch_event("mouseup", {"bubbles": True})
    expect(page.locator("mark.desk-mark")).to_have_text(["🚣 to work.", "Nobody had"])
    page.get_by_label("qualifies").check(force=True)
    page.locator(".desk-target").nth(1).click()
    saved(page)

    excerpt = Excerpt.objects.get()
    assert (excerpt.text, excerpt.role) == ("🚣 to work. Nobody had", "qualifies")
    assert fate(entry) == ("used", 2)


def test_refused_words_come_back_with_the_reason_and_nothing_typed_is_lost(new_visitor, event, editor):
    first, second = entries(event, 2)
    page = open_desk(new_visitor(user=editor), event)

    page.get_by_text("Type the words, with … or [brackets]").click()
    page.get_by_label("Words of this entry").fill("about scaffolds")
    page.locator(".desk-target").first.click()

    expect(page.get_by_role("alert")).to_contain_text("“scaffolds” does not stand in the source")
    expect(text_on(page)).to_have_text(first.text)
    expect(page.get_by_label("Words of this entry")).to_have_value("about scaffolds")
    page.get_by_label("Words of this entry").fill("about [all the] ladders … keys")
    page.locator(".desk-target").first.click()
    expect(text_on(page)).to_have_text(second.text)
    saved(page)
    assert Excerpt.objects.get().text == "about [all the] ladders … keys"


def test_typed_words_have_a_role_and_wait_for_their_entry(new_visitor, event, editor, points):
    first, second = entries(event, 2)
    place_entry(actor=editor, entry=first, point=points[0])
    visitor = new_visitor(user=editor)
    page = visitor.open(f"/admin/gathering/{event.pk}/all/desk/?show=everything&entry={first.pk}")
    typed, said = page.get_by_label("Words of this entry"), page.locator("[data-desk-target=said]")
    expect(page.get_by_label("qualifies")).to_be_hidden()

    page.get_by_text("Type the words, with … or [brackets]").click()
    typed.fill("about … keys")
    page.get_by_label("qualifies").check(force=True)
    page.keyboard.press("j")
    expect(text_on(page)).to_have_text(second.text)
    expect(typed).to_be_hidden()
    page.keyboard.press("k")
    expect(typed).to_have_value("about … keys")
    expect(page.get_by_label("qualifies")).to_be_checked()
    page.keyboard.press("r")
    expect(page.get_by_label("opposes")).to_be_checked()
    page.get_by_role("button", name="Keep under point 1").click()
    expect(page.get_by_role("list", name="Excerpts")).to_contain_text("opposes point 1")
    expect(said).to_have_text("Quoted under point 1.")
    expect(typed).to_be_hidden()

    # Words marked of an entry that is used elsewhere leave it there.
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    page.keyboard.press("6")
    expect(text_on(page)).to_have_text(second.text)
    expect(said).to_contain_text("Quoted under point 6. The entry stays in point 1.")
    saved(page)

    assert fate(first) == ("used", 1)
    excerpts = Excerpt.objects.order_by("created_at").values_list("text", "role", "point__position")
    assert list(excerpts) == [("about … keys", "opposes", 1), ("Entry", "supports", 6)]


def test_words_not_to_be_quoted_cannot_be_marked_but_placed(new_visitor, event, editor):
    (entry,) = entries(event, 1, consent=Consent.NONE)
    page = open_desk(new_visitor(user=editor), event)

    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not to be quoted")
    page.keyboard.press("1")
    saved(page)

    assert fate(entry) == ("used", 1)
    assert not Excerpt.objects.exists()


def test_decisions_without_a_signal_are_kept_and_sent_later(new_visitor, event, editor):
    one, two, three, four = entries(event, 4)
    visitor = new_visitor(user=editor)
    visitor.expected.append("net::ERR_INTERNET_DISCONNECTED")
    page = open_desk(visitor, event)
    # Written by the script, with the host in it, once the cards ahead are here.
    expect(page.get_by_role("link", name="Next", exact=True)).to_have_attribute("href", re.compile("^http"))

    visitor.offline(True)
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(text_on(page)).to_have_text(three.text)
    expect(page.locator("[data-desk-target=state]")).to_have_text(
        "No signal. 2 decisions are kept on this computer and will be sent."
    )
    page.keyboard.press("4")
    page.keyboard.press("u")
    expect(text_on(page)).to_have_text(three.text)
    assert not Decision.objects.exists()
    visitor.offline(False)
    saved(page)

    assert [fate(entry) for entry in (one, two, three, four)] == [
        ("used", 1),
        ("used", 2),
        ("undecided", None),
        ("undecided", None),
    ]
    assert Decision.objects.count() == 2


def test_decisions_survive_a_closed_tab(new_visitor, event, editor):
    one, two, three = entries(event, 3)
    visitor = new_visitor(user=editor)
    visitor.expected.append("net::ERR")
    page = open_desk(visitor, event)
    visitor.offline(True)
    page.keyboard.press("3")
    expect(page.locator("[data-desk-target=state]")).to_contain_text("1 decision is kept on this computer")
    # All of a filter would go past what waits.
    page.get_by_text("of these…").click()
    page.get_by_label("Point", exact=True).select_option(index=2)
    page.get_by_role("button", name="Place all").click()
    expect(page.get_by_role("alert")).to_contain_text("Decisions of yours have not been sent yet.")
    # Whoever leaves is warned.
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    visitor.offline(False)

    visitor.page = visitor.context.new_page()
    held = []
    visitor.page.route("**/desk/decide/", lambda route: held.append(route))
    page = open_desk(visitor, event)
    # The server does not know of it yet; as soon as it does, the stage has what is still to be decided.
    expect(text_on(page)).to_have_text(one.text)
    visitor.wait_until(lambda: bool(held))
    held.pop().continue_()
    expect(text_on(page)).to_have_text(two.text)
    expect(page.locator("[data-desk-target=said]")).to_have_text(
        "Placed under point 3. Entry 2 of 3: Entry 2 about ladders and keys."
    )
    saved(page)

    assert fate(one) == ("used", 3)
    assert [fate(entry) for entry in (two, three)] == [("undecided", None)] * 2


def test_what_waits_for_a_signal_overwrites_nothing_and_undoes_as_often_as_asked(new_visitor, event, editor, points):
    one, two, three = entries(event, 3)
    visitor = new_visitor(user=editor)
    visitor.expected += ["net::ERR_INTERNET_DISCONNECTED", "409 (Conflict)"]
    page = open_desk(visitor, event)
    page.keyboard.press("1")
    expect(text_on(page)).to_have_text(two.text)
    page.keyboard.press("1")
    expect(text_on(page)).to_have_text(three.text)
    saved(page)
    # Without a signal it could not find out that there is no other.
    expect(page.locator("[data-desk-target=nextText]")).to_have_text("This is the last one here.")

    visitor.offline(True)
    # Two undos, and twice about an entry that another has decided about meanwhile.
    page.keyboard.press("u")
    page.keyboard.press("u")
    page.keyboard.press("4")
    page.keyboard.press("k")
    page.keyboard.press("5")
    expect(page.locator("[data-desk-target=state]")).to_contain_text("4 decisions are kept on this computer")
    set_aside_entry(actor=EditorFactory(first_name="Ines", last_name="Vale"), entry=three, reason="Off the question")
    visitor.offline(False)
    saved(page)

    expect(page.get_by_role("alert")).to_contain_text("Ines Vale set it aside at")
    expect(page.get_by_role("alert")).to_contain_text("Your decision was not kept.")
    assert [fate(entry)[0] for entry in (one, two, three)] == ["undecided", "undecided", "set_aside"]


def test_two_editors_see_each_other_and_never_overwrite(new_visitor, event, editor, points):
    one, two, three = entries(event, 3)
    other = EditorFactory(first_name="Ines", last_name="Vale")
    first, second = open_desk(new_visitor(user=editor), event), open_desk(new_visitor(user=other), event)
    expect(first.locator(".desk-header__others")).to_have_text("Ines Vale is sorting too")
    expect(second.locator(".desk-header__others")).to_have_text("Lena Marchbank is sorting too")

    first.keyboard.press("2")
    saved(first)
    expect(second.get_by_role("alert")).to_contain_text("Lena Marchbank placed it under point 2 at")
    expect(second.locator("[data-undecided]")).to_have_text("2")
    expect(second.locator(".desk-card__meta")).to_contain_text("Used in point 2")
    # The second one's word about an entry that has just gone is refused.
    second.keyboard.press("j")
    expect(text_on(second)).to_have_text(two.text)
    hear_nothing(second)
    place_entry(actor=editor, entry=two, point=points[5])
    second.keyboard.press("3")
    expect(second.get_by_role("alert")).to_contain_text("Lena Marchbank placed it under point 6 at")

    assert fate(two) == ("used", 6)
    assert fate(one) == ("used", 2)
    assert fate(three) == ("undecided", None)


def test_desk_works_on_a_phone(new_visitor, event, editor):
    one, two = entries(event, 2)
    visitor = new_visitor(user=editor, width=390, height=844, phone=True)
    page = open_desk(visitor, event)

    visitor.assert_fits()
    fourth, undo = page.get_by_role("button", name="Point 4: Question 4?"), page.get_by_role("button", name="Undo")
    expect(fourth.get_by_text("Question 4?")).to_be_in_viewport(ratio=1)
    fourth.tap()
    expect(text_on(page)).to_have_text(two.text)
    saved(page)
    expect(undo).to_be_in_viewport(ratio=1)
    undo.tap()
    expect(text_on(page)).to_have_text(one.text)
    fourth.tap()
    expect(text_on(page)).to_have_text(two.text)
    page.get_by_text("Set aside…").tap()
    page.get_by_text("A greeting, a test or a joke").tap()
    page.get_by_role("button", name="Set aside", exact=True).tap()
    saved(page)

    assert fate(one) == ("used", 4)
    assert fate(two)[0] == "set_aside"
    small = page.evaluate(
        """() => [...document.querySelectorAll('.desk button, .desk summary')].filter((one) => {
            const box = one.getBoundingClientRect();
            return box.height && (box.height < 24 || box.width < 24) && !one.classList.contains('desk-default');
        }).map((one) => one.outerHTML)"""
    )
    assert small == []


def test_desk_works_without_a_script(new_visitor, event, editor):
    one, two = entries(event, 2)
    page = open_desk(new_visitor(user=editor, javascript=False), event)

    follow(page.locator(".desk-target").nth(2))
    expect(text_on(page)).to_have_text(two.text)
    follow(page.get_by_role("button", name="Undo"))
    expect(text_on(page)).to_have_text(one.text)
    page.get_by_text("Type the words, with").click()
    page.get_by_label("Words of this entry").fill("about scaffolds")
    page.get_by_label("opposes").check(force=True)
    follow(page.locator(".desk-target").nth(2))
    expect(page.get_by_text("“scaffolds” does not stand in the source")).to_be_visible()
    expect(page.get_by_label("Words of this entry")).to_have_value("about scaffolds")
    expect(page.get_by_label("opposes")).to_be_checked()
    page.get_by_label("Words of this entry").fill("")
    page.get_by_text("Set aside…").click()
    follow(page.get_by_role("button", name="Set aside", exact=True))
    expect(text_on(page)).to_have_text(two.text)
    page.get_by_text("Merge…").click()
    follow(page.get_by_role("button", name="Look for entries like it"))
    follow(page.get_by_role("button", name="Merge", exact=True))
    expect(page.get_by_text("Nothing here is undecided.", exact=True)).to_be_visible()

    assert fate(one)[0] == "set_aside"
    assert fate(two)[0] == "merged"


def test_entry_is_dragged_to_a_point_a_theme_and_a_tool(new_visitor, event, editor):
    one, two, three = entries(event, 3)
    theme = Theme.objects.create(event=event, label="ladders", is_accepted=True)
    Entry.objects.filter(pk=three.pk).update(theme=theme)
    page = open_desk(new_visitor(user=editor), event)

    page.drag_and_drop("[data-grip]", ".desk-target >> nth=3")
    expect(text_on(page)).to_have_text(two.text)
    saved(page)
    page.drag_and_drop("[data-grip]", f"[data-theme='{theme.pk}']")
    expect(page.locator(f"[data-theme='{theme.pk}'] .desk-filter__count")).to_have_text("2")
    expect(text_on(page)).to_have_text(two.text)
    page.drag_and_drop("[data-grip]", "[data-desk-target=setAside] summary")
    expect(page.get_by_text("A greeting, a test or a joke")).to_be_visible()

    assert fate(one) == ("used", 4)
    two.refresh_from_db()
    assert two.theme == theme


def test_words_are_marked_with_a_finger(new_visitor, event, editor):
    entry = EntryFactory(event=event, text="Count the ladders twice before the storm.")
    visitor = new_visitor(user=editor, width=390, height=844, phone=True)
    page = open_desk(visitor, event)

    # As the handles of a phone leave it: from the middle of one word to the middle of another.
    page.evaluate(
        """() => {
            const node = document.querySelector("[data-text] p").firstChild;
            const range = document.createRange();
            range.setStart(node, 12);
            range.setEnd(node, 21);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.get_by_text("qualifies", exact=True).tap()
    page.get_by_role("button", name="Point 2: Question 2?").tap()
    saved(page)

    excerpt = Excerpt.objects.get()
    assert (excerpt.text, excerpt.role, excerpt.entry_id) == ("ladders twice", "qualifies", entry.pk)


def test_whole_pile_is_decided_at_once_and_undone_at_once(new_visitor, event, editor):
    entries(event, 4)
    page = open_desk(new_visitor(user=editor), event)

    page.get_by_text("All 4 of these…").click()
    page.get_by_label("Point", exact=True).select_option(index=2)
    # The desk is loaded anew after that, and hears keys when it has been.
    follow(page.get_by_role("button", name="Place all 4"))
    expect(page.locator("[data-undecided]")).to_have_text("0")
    assert Entry.objects.filter(point__position=2).count() == 4
    page.keyboard.press("u")
    expect(page.locator("[data-undecided]")).to_have_text("4")

    assert Entry.objects.undecided().count() == 4


def test_pile_is_counted_again_after_each_decision(new_visitor, event, editor):
    entries(event, 4)
    page = open_desk(new_visitor(user=editor), event)

    page.keyboard.press("1")
    page.get_by_text("All 3 of these…").click()
    page.get_by_label("Point", exact=True).select_option(index=2)
    follow(page.get_by_role("button", name="Place all 3"))
    expect(page.locator("[data-undecided]")).to_have_text("0")

    assert Entry.objects.filter(point__position=2).count() == 3


def test_looks_are_followed_by_all_editors_without_a_reload(new_visitor, event, editor):
    entries(event, 9)
    for ending in ("", "!", " So there."):
        EntryFactory(event=event, text=f"Open the library in Mill Street on Saturdays, when families can come{ending}")
    first, second = new_visitor(user=editor), new_visitor(user=EditorFactory(), width=390, height=844, phone=True)
    desk, same = open_desk(first, event), second.open(f"/admin/gathering/{event.pk}/all/desk/echoes/")
    for page in (desk, same):
        page.evaluate("window.isStillHere = true")
    desk.get_by_text("Type the words, with").click()
    desk.get_by_label("Words of this entry").fill("Entry 1 [and what else]")

    look, _ = ask_for_look(actor=editor, event=event, kind=DeskLook.Kind.ECHOES)

    expect(same.get_by_text("Lena Marchbank asked for it at")).to_have_count(2)
    expect(same.get_by_role("button", name="Stop looking")).to_be_visible()
    expect(desk.locator("[data-look=echoes]")).to_have_text("waiting for the server")
    second.assert_accessible(within=".desk")
    second.assert_fits()
    run_look(look_id=look.pk)
    expect(same.get_by_role("button", name="Collapse into this one")).to_be_visible()
    expect(same.locator("[data-said]")).to_contain_text("group in the same words found at")
    expect(same.locator(".desk-look__words")).to_contain_text("in the same words found at")

    desk.get_by_role("button", name="Suggest themes").press("Enter")
    expect(desk.locator("[data-desk-target=filters]").get_by_role("heading", name="Themes, suggested")).to_be_visible()
    expect(desk.locator(".desk-look__words")).to_contain_text("suggested at")
    expect(desk.get_by_role("button", name="Suggest themes anew")).to_be_focused()
    expect(desk.get_by_label("Words of this entry")).to_have_value("Entry 1 [and what else]")
    assert all(page.evaluate("window.isStillHere") for page in (desk, same))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_desk_is_accessible(new_visitor, event, editor, points, width, dark):
    one, *_ = entries(event, 5)
    place_entry(actor=editor, entry=one, point=points[0])
    EntryFactory(event=event, source_edited_at="2026-10-14T10:00Z", is_starred_in_room=True)
    # Tall enough for the bar at the foot of a phone to cover nothing: axe takes what it covers for too small.
    visitor = new_visitor(user=editor, width=width, height=2600, dark=dark, phone=width < 500)
    page = open_desk(visitor, event)

    def check():
        visitor.assert_accessible(within=".desk")
        visitor.assert_pressable(within=".desk")
        visitor.assert_fits()

    check()
    page.keyboard.press("e")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    check()
    page.keyboard.press("m")
    expect(page.locator("input[name=into]").first).to_be_visible()
    check()
    page.keyboard.press("s")
    check()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check()
    for address in ("points/", "context/?entry=" + str(one.pk), "coverage/", "echoes/", "minority/"):
        visitor.open(f"/admin/gathering/{event.pk}/all/desk/{address}")
        check()
    visitor.open(f"/admin/gathering/{event.pk}/all/desk/?show=merged")
    check()
    visitor.open("/admin/gathering/")
    check()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_where_words_went_is_accessible(new_visitor, event, editor, points, width, dark):
    one, two, *_ = entries(event, 4, author_key="me")
    pick_excerpt(actor=editor, entry=one, point=points[0], text="ladders")
    set_aside_entry(actor=editor, entry=two, reason="Said twice")
    show_ledger(actor=organiser(), event=event, shows=True)
    visitor = new_visitor(width=width, dark=dark)

    page = visitor.open(f"/words/{make_link(author_keys=['me'])}/")
    visitor.assert_accessible()
    visitor.assert_fits()
    page.get_by_label("E-mail address").fill("me@example.org")
    follow(page.get_by_role("button", name="Tell me once"))
    expect(page.get_by_text("You will be told once.")).to_be_visible()
    visitor.assert_accessible()
    visitor.open("/words/")
    visitor.assert_accessible()
    visitor.open(f"/events/{event.slug}/ledger/")
    visitor.assert_accessible()
    visitor.assert_fits()
