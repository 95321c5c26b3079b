"""Citing in Wagtail's page editor, in a real browser: typed, chosen, saved, reopened."""

import json
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from briefings.citations import cited, markup
from briefings.models import BriefingPage
from gathering.models import Entry
from people.models import User
from tests.factories.briefings import make_excerpt, make_ready_briefing, point_block

EDITOR = ".Draftail-Editor [role=textbox]"


@pytest.fixture
def ready(live_site):
    # Wagtail saves drafts by itself; whoever presses a button meanwhile would meet their own draft.
    live_site.settings["WAGTAIL_AUTOSAVE_INTERVAL"] = 0
    ready = make_ready_briefing()
    make_excerpt(ready.entries[0][1], ready.points[0], "These are the words of 1.2.")
    return ready


@pytest.fixture
def editor(live_site):
    return User.objects.create_superuser("editor@example.org")


def open_editor(new_visitor, editor, briefing):
    visitor = new_visitor(user=editor, width=1280, height=1000)
    page = visitor.open(f"/admin/pages/{briefing.pk}/edit/")
    expect(page.locator(".Draftail-Editor").first).to_be_visible()
    return page


def discussion(page, number):
    """The editor of point `number`'s text."""
    return page.locator("[data-contentpath=points] [data-streamfield-child]").nth(number - 1).locator(EDITOR)


def press_cite(page):
    """Select a word, so that the toolbar appears, and press its button."""
    page.keyboard.press("Shift+Control+ArrowLeft")
    page.get_by_role("toolbar").get_by_role("button", name="Cite what somebody said").click()


def saved(briefing):
    latest = BriefingPage.objects.get(pk=briefing.pk).get_latest_revision_as_object()
    return [block.value["discussion"].source for block in latest.points]


def wait_for_form(page, number, holds):
    """The rich-text editor hands its text to the form a quarter of a second after the last key."""
    expect(page.locator(f"input[name='points-{number - 1}-value-discussion']")).to_have_value(re.compile(holds))


def save_draft(page):
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("has been updated").first).to_be_visible()


def test_citation_is_typed_chosen_saved_and_stands_there_again(new_visitor, live_site, ready, editor):
    page = open_editor(new_visitor, editor, ready.briefing)
    text = discussion(page, 1)
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A second key was asked for.")
    press_cite(page)
    chooser = page.get_by_role("dialog", name="Cite what somebody said")
    expect(chooser.get_by_text("Picked for this point")).to_be_visible()
    expect(chooser.get_by_role("listitem").first).to_contain_text("words of 1.1")

    chooser.get_by_label("Search the excerpts").fill("words of 1.2")
    expect(chooser.get_by_role("status")).to_have_text("1 excerpt")
    chooser.get_by_role("button", name="Cite: These are the words of 1.2.", exact=True).click()

    expect(chooser).to_be_hidden()
    expect(text.locator("[data-citation]")).to_have_count(2)
    expect(text.locator("[data-citation]").nth(1)).to_have_attribute("data-code", "1b")
    page.keyboard.type(" And it was given.")
    wait_for_form(page, 1, "And it was given")
    save_draft(page)

    [first, second] = cited(saved(ready.briefing)[0])
    assert first == ready.excerpts[0][0].pk
    assert second != first
    assert f"A second key was asked for.{markup(second)} And it was given." in saved(ready.briefing)[0]
    page.reload()
    expect(discussion(page, 1).locator("[data-citation]").nth(1)).to_have_attribute("data-code", "1b")
    expect(discussion(page, 2).locator("[data-citation]")).to_have_attribute("data-code", "2a")


def test_quotation_is_put_in_by_keyboard_alone(new_visitor, live_site, ready, editor):
    page = open_editor(new_visitor, editor, ready.briefing)
    discussion(page, 1).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" /cite")
    expect(page.get_by_role("option", name="Cite what somebody said")).to_be_visible()
    page.keyboard.press("Enter")
    chooser = page.get_by_role("dialog", name="Cite what somebody said")
    expect(chooser.get_by_label("Search the excerpts")).to_be_focused()
    expect(chooser.get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(discussion(page, 1)).to_contain_text("“These are the words of 1.2.”")
    wait_for_form(page, 1, "“These are the words of 1.2.”")
    save_draft(page)
    assert "“These are the words of 1.2.”<a linktype" in saved(ready.briefing)[0]


def test_closing_the_chooser_changes_nothing(new_visitor, live_site, ready, editor):
    page = open_editor(new_visitor, editor, ready.briefing)
    before = discussion(page, 1).inner_text()
    discussion(page, 1).click()
    page.keyboard.press("Control+End")
    press_cite(page)
    expect(page.get_by_role("dialog", name="Cite what somebody said")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog", name="Cite what somebody said")).to_be_hidden()
    expect(discussion(page, 1)).to_be_focused()
    assert discussion(page, 1).inner_text() == before


def test_broken_citation_is_shown_as_broken_and_publishing_keeps_the_draft(new_visitor, live_site, ready, editor):
    blocks = ready.briefing.points.get_prep_value()
    blocks[0] = point_block("Broken?", cites=["11111111-1111-4111-8111-111111111111"], block_id=ready.points[0].pk)
    ready.briefing.points = json.dumps(blocks)
    ready.briefing.save_revision()
    page = open_editor(new_visitor, editor, ready.briefing)
    expect(discussion(page, 1).locator(".citation-mark--broken")).to_have_attribute("data-code", "1a")
    expect(page.locator("#briefing-checks")).to_contain_text("Citation 1a leads to nothing")

    discussion(page, 2).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Typed before publishing.")
    wait_for_form(page, 2, "Typed before publishing")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish", exact=True).click()

    expect(page.get_by_text("Saved as a draft, not published.")).to_be_visible()
    expect(discussion(page, 2)).to_contain_text("Typed before publishing.")
    ready.briefing.refresh_from_db()
    assert not ready.briefing.live


def test_codes_follow_when_citations_and_points_are_changed_removed_and_moved(new_visitor, live_site, ready, editor):
    page = open_editor(new_visitor, editor, ready.briefing)
    codes = page.locator("[data-citation]")
    expect(codes.nth(0)).to_have_attribute("data-code", "1a")
    point = page.locator("[data-contentpath=points] [data-streamfield-child]").nth(0)

    point.get_by_role("button", name="Move down").click()
    expect(codes.nth(0)).to_have_attribute("data-citation", str(ready.excerpts[1][0].pk))
    expect(codes.nth(0)).to_have_attribute("data-code", "1a")
    expect(codes.nth(1)).to_have_attribute("data-code", "2a")

    codes.nth(0).click()
    page.get_by_role("button", name="Edit").last.click()
    chooser = page.get_by_role("dialog", name="Cite something else")
    chooser.get_by_label("Search the excerpts").fill("words of 3.1")
    expect(chooser.get_by_role("status")).to_have_text("1 excerpt")
    chooser.get_by_role("button", name="Cite: These are the words of 3.1.").click()
    expect(codes.nth(0)).to_have_attribute("data-citation", str(ready.excerpts[2][0].pk))

    codes.nth(2).click()
    page.get_by_role("button", name="Remove").last.click()
    expect(codes).to_have_count(2)
    wait_for_form(page, 2, "CITATION")
    expect(page.locator("input[name='points-2-value-discussion']")).not_to_have_value(re.compile("CITATION"))
    save_draft(page)
    assert [cited(text) for text in saved(ready.briefing)] == [
        [ready.excerpts[2][0].pk],
        [ready.excerpts[0][0].pk],
        [],
    ]


def test_writing_beside_the_evidence_by_keyboard(new_visitor, live_site, ready, editor):
    Entry.objects.filter(pk=ready.entries[0][1].pk).update(source_edited_at=timezone.now())
    page = open_editor(new_visitor, editor, ready.briefing)
    toggle = page.get_by_role("button", name="Toggle evidence")
    toggle.focus()
    page.keyboard.press("Enter")
    panel = page.locator(".briefing-evidence")

    # The first point is offered, with what is cited already and what has drifted.
    rows = panel.get_by_role("listitem")
    expect(panel.get_by_role("status")).to_have_text("2 excerpts")
    expect(rows.nth(0)).to_contain_text("Cited here as 1a.")
    expect(rows.nth(1)).to_contain_text("The source was edited since it was picked.")

    # Whoever goes on to another point finds its excerpts, and a search finds the others.
    discussion(page, 2).click()
    page.keyboard.press("Control+End")
    expect(panel.get_by_label("Point")).to_have_value(str(ready.points[1].pk))
    expect(panel.get_by_role("status")).to_have_text("1 excerpt")
    panel.get_by_label("Search the excerpts").fill("words of 1.2")
    expect(panel.get_by_text("Picked for other points")).to_be_visible()
    expect(panel.get_by_role("status")).to_have_text("1 excerpt")

    quote = panel.get_by_role("button", name="Quote and cite: These are the words of 1.2.")
    quote.focus()
    page.keyboard.press("Enter")

    expect(panel.get_by_role("status")).to_have_text("Put into point 2.")
    expect(discussion(page, 2)).to_contain_text("“These are the words of 1.2.”")
    expect(discussion(page, 2).locator("[data-citation]").last).to_have_attribute("data-code", "2b")
    # What is typed next goes on behind the citation, and puts nothing in again.
    page.keyboard.type(" And so on.")
    expect(discussion(page, 2)).to_contain_text(" And so on.")
    expect(discussion(page, 2).get_by_text("“These are the words of 1.2.”")).to_have_count(1)
    wait_for_form(page, 2, "And so on.")
    save_draft(page)
    excerpt = ready.points[0].excerpts.get(text="These are the words of 1.2.")
    assert cited(saved(ready.briefing)[1])[-1] == excerpt.pk


def test_checks_beside_the_page_say_how_long_it_gets_on_paper(new_visitor, live_site, ready, editor):
    ready.briefing.save_revision(user=editor)
    page = open_editor(new_visitor, editor, ready.briefing)
    page.get_by_role("button", name="Toggle checks").click()

    # Setting the print takes a moment, and longer on a busy machine.
    reading = page.locator(".form-side .briefing-checks__reading")
    expect(reading).to_contain_text("It fits: 2 pages.")
    expect(page.locator(".form-side .briefing-checks__fine")).to_be_visible()
