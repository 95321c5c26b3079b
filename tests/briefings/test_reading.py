"""A briefing read in a real browser: small and wide, light and dark, without JavaScript, following its codes."""

import datetime
import json

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from briefings.actions import add_follow_up, change_follow_up, open_objections
from briefings.selectors import evidence_of
from gathering.models import Entry, Excerpt
from people.keys import author_key_of_user
from people.models import User
from tests.factories.briefings import make_excerpt, make_organiser, make_ready_briefing, point_block


@pytest.fixture
def briefing(live_site):
    ready = make_ready_briefing(points=7, entries=3)
    Entry.objects.filter(pk__in=[entry.pk for entry in ready.entries[6][1:]]).delete()
    against = make_excerpt(ready.entries[2][1], ready.points[2], "These are the words of 3.2.", Excerpt.Role.OPPOSES)
    qualifies = make_excerpt(ready.entries[2][2], ready.points[2], role=Excerpt.Role.QUALIFIES)
    gone = ready.excerpts[3][0]
    Entry.objects.filter(pk=ready.entries[4][0].pk).update(set_aside_reason="", quote_label="A" * 60)
    blocks = ready.briefing.points.get_prep_value()
    blocks[2] = point_block("Who?", cites=[ready.excerpts[2][0], against, qualifies], block_id=ready.points[2].pk)
    ready.briefing.points = json.dumps(blocks)
    page = ready.publish()
    Entry.objects.filter(pk=gone.entry_id).update(source_withdrawn_at="2026-10-20T10:00Z")
    return page


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_briefing_and_its_entries_are_accessible_and_fit(new_visitor, briefing, width, dark):
    reader = new_visitor(width=width, dark=dark)
    page = reader.open(briefing.url)
    page.evaluate("document.querySelectorAll('details.evidence').forEach((one) => { one.open = true })")

    reader.assert_accessible()
    reader.assert_fits()
    page = reader.open("/b/4/entries/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Each entry, and what became of it")
    reader.assert_accessible()
    reader.assert_fits()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_follow_ups_and_objections_are_accessible_and_fit(new_visitor, live_site, dark):
    ready = make_ready_briefing()
    author = User.objects.create_user("author@example.org")
    Entry.objects.filter(pk=ready.entries[0][0].pk).update(author_key=author_key_of_user(author))
    ready.publish()
    for state, note in (("planned", ""), ("under_way", "So far."), ("done", "So be it."), ("dropped", "No money.")):
        add_follow_up(
            actor=ready.editor,
            briefing=ready.briefing,
            point=ready.points[1],
            promise="Cut a second key and say to whom it was given",
            owner="The clerk",
            due_on=datetime.date(2026, 1, 5),
            state=state,
            note=note,
        )
    follow_up = ready.briefing.follow_ups.first()
    change_follow_up(actor=ready.editor, follow_up=follow_up, state="done", note="It hangs by the door.")
    later = timezone.localdate() + datetime.timedelta(days=3)
    open_objections(actor=make_organiser(), briefing=ready.briefing, closes_on=later)

    reader = new_visitor(width=320, dark=dark, user=author, javascript=False)
    page = reader.open("/b/4/follow-ups/")
    page.get_by_text("How it came to this").click()
    expect(page.get_by_text("It hangs by the door.").last).to_be_visible()
    reader.assert_fits()
    page = reader.open("/words/")
    page.get_by_role("button", name="Don’t quote me here").click()
    expect(page.get_by_text("You objected on")).to_be_visible()
    reader.assert_fits()
    checker = new_visitor(width=320, dark=dark, user=author)
    for address in ("/b/4/follow-ups/", "/words/"):
        checker.open(address)
        checker.assert_accessible()


def test_code_leads_to_the_words_and_back_without_javascript(new_visitor, briefing):
    reader = new_visitor(javascript=False)
    page = reader.open(briefing.url)
    expect(page.get_by_text("These are the words of 3.2.")).to_be_hidden()

    page.get_by_role("link", name="source 3b").click()

    expect(page.get_by_text("These are the words of 3.2.")).to_be_visible()
    # The address names what is cited, not the code, which moves.
    cited = evidence_of(briefing).points[2].citations[1]
    expect(page).to_have_url(f"{reader.site.url}{briefing.url}#{cited.anchor}")
    page.locator("[id='3b']").click()
    expect(page).to_have_url(f"{reader.site.url}{briefing.url}#cite-{cited.anchor}")


def test_evidence_is_opened_by_keyboard(new_visitor, briefing):
    reader = new_visitor()
    page = reader.open(briefing.url)
    summary = page.locator(".point").first.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".point").first.get_by_text("These are the words of 1.1.")).to_be_visible()
    page.get_by_role("link", name="The other 2 entries").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Point 1: Question 1?")
