"""The whole line, walked by the people who walk it: from a proposition in the admin to a printed briefing."""

import datetime
import io
import re
from typing import Any

import httpx
import pikepdf
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from briefings.models import BriefingPage
from discussion.models import Comment
from events.models import EventPage, Partner
from gathering.models import Entry
from home.models import HomePage
from live.models import Contribution, LiveSession
from people.models import Person, User
from people.roles import EDITORS, MODERATORS, ORGANISERS
from propositions.models import PropositionPage
from tests.browser import follow

PROPOSITIONS = [
    "A bench is a public service",
    "Nobody should queue twice",
    "A meeting needs a reason",
    "Maps belong to those who walk",
    "Every promise needs a date",
]
PHONE = {"width": 390, "height": 844, "phone": True}


def with_role(email: str, role: str, name: str) -> User:
    first, _, last = name.partition(" ")
    user = User.objects.create_user(email, first_name=first, last_name=last)
    user.groups.add(Group.objects.get(name=role))
    return user


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-contentpath='{name}']")


def write(page: Page, name: str, words: str, *, nth: int = 0) -> None:
    """Type into one of Wagtail's rich text fields, which hands its text to the form a moment after the last key."""
    editor = field(page, name).locator("[role=textbox]").nth(nth)
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    page.wait_for_function(
        "words => [...document.querySelectorAll('input[type=hidden]')].some((one) => one.value.includes(words))",
        arg=words,
    )


def enter_date(page: Page, name: str, moment: str) -> None:
    """Give a date without opening the calendar of Wagtail's field, which would cover the buttons."""
    page.locator(f"[name={name}]").evaluate("(input, moment) => { input.value = moment }", moment)


def choose(page: Page, button: str, name: str) -> None:
    page.get_by_role("button", name=button).first.click()
    page.get_by_role("dialog").get_by_role("link", name=name).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def publish(page: Page) -> None:
    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".messages .success")).to_contain_text("published")


def mark(page: Page, words: str) -> None:
    """Select words of the entry on the desk as a mouse does."""
    page.evaluate(
        """words => {
            const paragraph = document.querySelector("[data-text] p");
            const node = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT).nextNode();
            const start = node.data.indexOf(words);
            getSelection().setBaseAndExtent(node, start, node, start + words.length);
            document.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
        }""",
        words,
    )


def put_on_the_event(organiser: Any) -> EventPage:
    page = organiser.open(f"/admin/pages/add/events/eventpage/{HomePage.objects.get().pk}/")
    page.locator("[name=title]").fill("The Harbour Summit")
    write(page, "strapline", "keeping the tide in mind")
    today = timezone.localdate()
    enter_date(page, "starts_on", str(today))
    enter_date(page, "ends_on", str(today + datetime.timedelta(days=2)))
    page.locator("[name=venue]").fill("Boat Hall, Estuary Quay")
    page.get_by_role("button", name="Add partner").click()
    choose(page, "Choose partner", "Lantern Trust")
    publish(page)
    return EventPage.objects.get(title="The Harbour Summit")


def put_the_proposition(organiser: Any, event: EventPage, number: int, title: str) -> PropositionPage:
    page = organiser.open(f"/admin/pages/add/propositions/propositionpage/{event.pk}/")
    page.locator("[name=number]").fill(str(number))
    page.locator("[name=title]").fill(title)
    choose(page, "Choose person", f"Facilitator {number}")
    field(page, "statement").get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="Text", exact=True).click()
    write(page, "statement", f"{title}, we say, and ask what would follow.")
    publish(page)
    return PropositionPage.objects.get(title=title)


def test_line_from_proposition_to_printed_briefing(live_site, new_visitor, tmp_path):
    # Wagtail saves drafts by itself; a slow test machine pressing "Publish" meanwhile would meet its own draft.
    live_site.settings["WAGTAIL_AUTOSAVE_INTERVAL"] = 0
    Partner.objects.create(name="Lantern Trust")
    facilitator_user = User.objects.create_user("mina@summit.example", first_name="Mina", last_name="Quay")
    for number in range(1, 6):
        Person.objects.create(
            name=f"Facilitator {number}",
            slug=f"facilitator-{number}",
            role="Harbour Master",
            user=facilitator_user if number == 1 else None,
        )
    organiser = new_visitor(user=with_role("organiser@summit.example", ORGANISERS, "Olu Organiser"))
    moderator = new_visitor(user=with_role("moderator@summit.example", MODERATORS, "Mo Moderator"))
    editor = new_visitor(user=with_role("editor@summit.example", EDITORS, "Edie Editor"))

    # An organiser publishes an event with partners and five propositions.
    event = put_on_the_event(organiser)
    proposition, *_ = [put_the_proposition(organiser, event, *one) for one in enumerate(PROPOSITIONS, 1)]
    reader = new_visitor()
    page = reader.open(event.url)
    for title in PROPOSITIONS:
        expect(page.get_by_role("link", name=title)).to_be_visible()
    expect(page.get_by_text("Lantern Trust").first).to_be_visible()
    assert reader.context.cookies() == []

    # A delegate without an account comments and confirms by the link in the e-mail.
    delegate = new_visitor(**PHONE)
    page = delegate.open(proposition.url)
    page.get_by_label("Name", exact=True).fill("Ada Delegate")
    page.get_by_role("textbox", name=re.compile("^E-?mail", re.I)).fill("ada@delegates.example")
    page.get_by_label(re.compile("^Role and organisation")).fill("Town clerk")
    page.get_by_label("Comment", exact=True).fill("A bench costs less than a meeting. It is also used more often.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("heading", name="Look in your e-mail")).to_be_visible()
    assert not Comment.objects.exists()
    letter = live_site.mail()[-1].get_content()
    link = re.search(rf"{re.escape(live_site.address)}(\S+)", letter)[1]
    page = delegate.open(link)
    follow(page.get_by_role("button", name="Post my comment"))
    comment = Comment.objects.get()
    if comment.state == "held":
        page = moderator.open(f"/admin/comments/{comment.pk}/")
        follow(page.get_by_role("button", name=re.compile("^Release")))
    page = reader.open(proposition.url)
    expect(page.get_by_text("A bench costs less than a meeting.")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("1\\s+response to"))).to_be_visible()

    # The facilitator, signed in, replies at once.
    facilitator = new_visitor(user=facilitator_user)
    page = facilitator.open(proposition.url)
    follow(page.get_by_role("link", name=re.compile("^Reply")).first)
    page.get_by_label("Comment", exact=True).fill("Then let us count the benches first.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Then let us count the benches first.")).to_be_visible()
    reply = Comment.objects.get(comment__startswith="Then let us")
    assert (reply.state, reply.parent_id) == ("published", comment.pk)

    # A moderator holds it and releases it again.
    page = moderator.open(f"/admin/comments/{reply.pk}/")
    follow(page.get_by_role("button", name=re.compile("^Hold")))
    expect(reader.open(proposition.url).get_by_text("Then let us count the benches first.")).to_have_count(0)
    page = moderator.open(f"/admin/comments/{reply.pk}/")
    follow(page.get_by_role("button", name=re.compile("^Release")))
    expect(reader.open(proposition.url).get_by_text("Then let us count the benches first.")).to_be_visible()

    # An organiser announces a live session; its facilitator opens it and puts a prompt.
    page = organiser.open(f"/admin/pages/add/live/livesessionpage/{event.pk}/")
    page.locator("[name=title]").fill("Where should the bench stand?")
    page.get_by_role("checkbox", name=re.compile(PROPOSITIONS[0])).check()
    enter_date(page, "starts_at", f"{timezone.localdate()} 10:30")
    publish(page)
    session = LiveSession.objects.get()
    console = facilitator.open(f"/live/{session.code}/console/")
    console.get_by_role("button", name="Open", exact=True).click()
    expect(console.get_by_text("Pause", exact=True)).to_be_visible()
    console.get_by_text("Add a prompt").click()
    console.get_by_label("What to put to the room").fill("Where should the bench stand?")
    console.get_by_label("Show it now").check()
    console.get_by_role("button", name="Add", exact=True).click()
    expect(console.get_by_role("heading", name="Prompt 1")).to_be_visible()

    # Delegates join by code; what one says is on every phone and on the wall.
    wall = new_visitor(width=1920, height=1080).open(f"/live/{session.code}/wall/")
    phones = [new_visitor(**PHONE) for _ in range(2)]
    for phone in phones:
        page = phone.open("/join/")
        page.get_by_label("Code of six characters").fill(f"{session.code[:3]} {session.code[3:]}".lower())
        follow(page.get_by_role("button", name="Go on"))
        page.get_by_role("radio", name=re.compile("^By role For example")).check()
        page.get_by_role("textbox", name="Your role").fill("Ferry pilot")
        follow(page.get_by_role("button", name="Join"))
        expect(page.get_by_role("heading", name="Where should the bench stand?")).to_be_visible()
    phones[0].page.get_by_label("Say one thing, in a sentence or two").fill("Put it outside the town hall, not inside.")
    phones[0].page.get_by_role("button", name="Send").click()
    expect(phones[1].page.get_by_text("Put it outside the town hall, not inside.")).to_be_visible()
    expect(wall.get_by_text("Put it outside the town hall, not inside.")).to_be_visible()
    contribution = Contribution.objects.get()

    # A lost connection keeps the words and sends them once.
    phones[1].offline(True)
    phones[1].page.get_by_label("Say one thing, in a sentence or two").fill("Two benches, facing each other.")
    phones[1].page.get_by_role("button", name=re.compile("Send|Keep and send later")).click()
    expect(phones[1].page.get_by_text("On this phone").first).to_be_visible()
    phones[1].offline(False)
    expect(wall.get_by_text("Two benches, facing each other.")).to_be_visible()
    assert Contribution.objects.filter(body="Two benches, facing each other.").count() == 1

    # Everything said stands in the ledger; the editor sorts it by keyboard and picks exact words.
    assert Entry.objects.count() == 4
    desk = f"/admin/gathering/{event.pk}/{proposition.pk}/desk/"
    page = editor.open(desk)
    follow(page.get_by_role("button", name="Make seven points"))
    follow(page.get_by_role("link", name="Name and order the points"))
    for number in (7, 6, 5, 4):
        follow(page.get_by_role("button", name=f"Take point {number} away"))
        expect(page.get_by_role("button", name=f"Take point {number} away")).to_have_count(0)
    for number, title in enumerate(["What does a bench cost?", "Where should it stand?", "How many?"], start=1):
        page.get_by_label(f"Working title of point {number}").fill(title)
    follow(page.get_by_role("button", name="Save the titles"))
    later = Contribution.objects.get(body="Two benches, facing each other.")
    for left, (entry, words, point) in enumerate(
        [
            (comment.entry, "A bench costs less than a meeting.", "1"),
            (contribution.entry, "outside the town hall", "2"),
            (later.entry, "Two benches", "3"),
        ]
    ):
        page = editor.open(f"{desk}?entry={entry.pk}")
        mark(page, words)
        page.keyboard.press(point)
        expect(page.locator("[data-undecided]")).to_have_text(str(3 - left))
        expect(page.locator("[data-desk-target=state]")).to_contain_text("Saved")
    page = editor.open(f"{desk}?entry={reply.entry.pk}")
    page.keyboard.press("s")
    page.get_by_label("Another reason").fill("Thanks, and no more than that")
    page.keyboard.press("Enter")
    expect(page.locator("[data-undecided]")).to_have_text("0")
    expect(page.locator("[data-desk-target=state]")).to_contain_text("Saved")
    reply.entry.refresh_from_db()
    assert (reply.entry.disposition, reply.entry.set_aside_reason) == ("set_aside", "Thanks, and no more than that")
    assert [one.text for one in comment.entry.excerpts.all()] == ["A bench costs less than a meeting."]

    # The editor writes the briefing beside its excerpts; an organiser publishes it.
    page = editor.open(desk)
    follow(page.get_by_role("link", name="Start the briefing"))
    follow(page.get_by_role("button", name="Start the briefing"))
    expect(page.locator("[name=title]")).to_be_visible()
    page.locator("[name=title]").fill("We must sit down together")
    write(page, "opening", "Everybody asked for somewhere to sit. Here are three things to consider.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages .success")).to_be_visible()
    briefing = BriefingPage.objects.get()
    assert not briefing.live
    page = organiser.open(f"/admin/pages/{briefing.pk}/edit/")
    publish(page)
    briefing.refresh_from_db()
    assert briefing.live

    # Each point shows what it rests on; each comment shows where it was used; the PDF is tagged.
    page = reader.open(briefing.url)
    expect(page.get_by_role("heading", name="1 We must sit down together")).to_be_visible()
    page.get_by_text("What this rests on").first.click()
    expect(page.locator("mark").first).to_have_text(re.compile("A bench costs less than a meeting."))
    expect(page.get_by_text("Town clerk").first).to_be_visible()
    page = reader.open(proposition.url)
    expect(page.get_by_text(re.compile("Used in point 1", re.I)).first).to_be_visible()
    page = phones[0].open(f"/live/{session.code}/")
    expect(page.get_by_text("Used in point 2 of briefing")).to_be_visible()
    used = briefing.published_points.get(number=2)
    expect(page.get_by_role("link", name="Read it there")).to_have_attribute("href", used.url)
    page = phones[0].open("/words/")
    expect(page.get_by_text(re.compile("Used in point 2")).first).to_be_visible()
    page = reader.open(briefing.url)
    paper = httpx.get(live_site.url + page.get_by_role("link", name="PDF").first.get_attribute("href"), timeout=60)
    assert paper.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang).startswith("en")
        assert "We must sit down together" in str(pdf.docinfo["/Title"])
    assert reader.context.cookies() == []
