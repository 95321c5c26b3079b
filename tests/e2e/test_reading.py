"""Every page for readers, small and wide, light and dark: accessible, and never wider than its window."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from playwright.sync_api import expect
from wagtail.models import Page

from events.models import Tier
from home.desk_samples import DESK_STATES
from home.models import HomePage, TextPage
from home.samples import WALL_STATES
from propositions.models import PropositionPage, Resource
from tests.factories.discussion import comment, member
from tests.factories.events import EventPageFactory, EventPartnerFactory
from tests.factories.gathering import EditorFactory
from tests.factories.live import contribution, live_session, participant
from tests.factories.news import NewsIndexPageFactory, PostPageFactory
from tests.factories.propositions import PropositionFacilitatorFactory, PropositionPageFactory

# What the desk's script adds to its page, in the states that it makes.
TOLD_ON_THE_DESK = {
    "excerpt": "This excerpt",
    "context": "My mother did.",
    "merge": "Nobody ever wrote the sluices down.",
    "set-aside": "Off the question that was asked",
    "colleague": "Ines Vale set it aside at 10.43.",
    "offline": "No signal. 1 decision is kept on this computer and will be sent.",
}
# A wall is drawn in units of its window: what fits a wide one fits a narrow one, but for these.
NARROW_WALL = ("arrival", "spotlight-long", "themes", "statements", "cut-off")
# At full width the others differ in their words alone.
WIDE_DESK = ("entry", "excerpts", "merge", "help", "offline")
STATEMENT = [
    ("paragraph", "<p>Ferries are <i>roads</i> with a <b>timetable</b>.</p><ol><li>Run them late.</li></ol>"),
    ("heading", "What we mean"),
    (
        "quotation",
        {"text": "The last boat leaves before the late shift ends.", "attribution": "A ward clerk", "link": ""},
    ),
    ("footnotes", ['<p>Counted in <a href="https://example.org/">March</a>.</p>']),
]


@pytest.fixture
def proposition(live_site) -> PropositionPage:
    """A summit in the middle of its days, with something in every place."""
    event = EventPageFactory(
        title="The Estuary Summit",
        strapline="<p>with <i>the tide</i></p>",
        host="Society of Pilots",
        venue="The Customs House",
        introduction="<p>Three days by the water.</p>",
        starts_on=timezone.localdate() - datetime.timedelta(days=1),
        is_current=True,
        accent_hue=280,
    )
    EventPartnerFactory(event=event, tier=Tier.PRINCIPAL, partner__link="https://example.org/")
    EventPartnerFactory(event=event, tier=Tier.IN_KIND)
    EventPageFactory(title="The Gale Summit", starts_on=datetime.date(2024, 5, 1))
    proposition = PropositionPageFactory(
        parent=event, title="Neighbourhoods need unhurriedness", statement=STATEMENT, category="Transport", number=4
    )
    PropositionFacilitatorFactory(proposition=proposition)
    Resource.objects.create(proposition=proposition, title="Tide tables", link="https://example.org/tides")
    Resource.objects.create(proposition=proposition, title="Slides")
    PostPageFactory(parent=proposition, title="Crossings counted", author=proposition.facilitators[0])
    PostPageFactory(
        parent=NewsIndexPageFactory(), title="The boats are hired", category="Getting there", body=STATEMENT
    )
    HomePage.objects.get().add_child(instance=TextPage(title="Privacy", body=STATEMENT, show_in_menus=True))
    proposition.save_revision().publish()
    proposition.statement = [("paragraph", "<p>Ferries are <i>streets</i> with a timetable.</p>"), *STATEMENT[1:]]
    proposition.save_revision().publish()
    comment(proposition)
    contribution(participant(live_session(proposition)), "Run the last boat at midnight.")
    return proposition


def addresses(proposition: PropositionPage) -> list[str]:
    event = proposition.event
    person = proposition.facilitators[0]
    return [
        "/",
        event.url,
        proposition.url,
        proposition.statement_changes_url(),
        "/news/",
        "/news/the-boats-are-hired/",
        f"{proposition.url}crossings-counted/",
        "/people/",
        person.get_absolute_url(),
        "/search/",
        "/search/?q=ferries",
        "/privacy/",
        "/accessibility/",
        "/feeds/",
        "/my-data/",
        "/accounts/login/",
        "/accounts/signup/",
    ]


@pytest.mark.parametrize(("width", "dark"), [(320, False), (320, True), (1280, False), (1280, True)])
def test_reading_pages_are_accessible_and_fit(new_visitor, proposition, width, dark):
    # A title may be one long word, as some in imported blogs are.
    Page.objects.filter(slug="crossings-counted").update(title="Taumatawhakatangihangakoauauotamateaturipukakapiki" * 2)
    reader = new_visitor(width=width, dark=dark)

    for address in addresses(proposition):
        reader.open(address)

        reader.assert_fits()
        reader.assert_accessible()
        reader.assert_pressable()


@pytest.mark.parametrize("width", [320, 1280])
def test_account_pages_are_accessible_and_fit(new_visitor, proposition, width):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    reader = new_visitor(width=width, user=user)

    for address in (
        "/accounts/email/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/accounts/logout/",
        "/mine/",
        "/my-data/",
    ):
        reader.open(address)

        reader.assert_fits()
        reader.assert_accessible()
        reader.assert_pressable()


@pytest.mark.parametrize(("width", "dark"), [(320, True), (1280, False)])
def test_every_component_is_accessible_and_fits(new_visitor, live_site, width, dark):
    live_site.settings["SHOWS_GALLERY"] = True
    reader = new_visitor(width=width, dark=dark)

    for address in ("/gallery/", "/gallery/?of=phone", "/gallery/?of=console"):
        reader.open(address)

        reader.assert_fits()
        reader.assert_accessible()
        reader.assert_pressable()


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_every_picture_of_the_wall_is_accessible_and_fits(new_visitor, live_site, width, dark):
    live_site.settings["SHOWS_GALLERY"] = True
    reader = new_visitor(width=width, dark=dark)

    for name, state in WALL_STATES.items():
        if width == 390 and name not in NARROW_WALL:
            continue
        page = reader.open(f"/gallery/?of=wall&state={name}&still")
        if state.turn:
            expect(page.locator("live-wall")).to_have_attribute("data-turn", state.turn)
        expect(page.locator("[data-part=asOf]")).to_be_visible(visible=state.line == "cut")

        reader.assert_fits()
        reader.assert_accessible()
        reader.assert_pressable()


@pytest.mark.parametrize(("width", "dark", "names"), [(390, False, tuple(DESK_STATES)), (1280, True, WIDE_DESK)])
def test_every_picture_of_the_desk_is_accessible_and_fits(new_visitor, live_site, width, dark, names):
    live_site.settings["SHOWS_GALLERY"] = True
    # High enough for nothing to lie under what sticks to the lower edge.
    editor = new_visitor(width=width, height=2_400, dark=dark, user=EditorFactory())

    for name in names:
        page = editor.open(f"/admin/gallery/desk/{name}/")
        expect(page.locator(".desk[data-pressed]")).to_be_attached()
        if name in TOLD_ON_THE_DESK:
            expect(page.locator(".desk")).to_contain_text(TOLD_ON_THE_DESK[name])

        editor.assert_fits()
        editor.assert_accessible(within=".desk")
        editor.assert_pressable(within=".desk")


def test_missing_page_is_accessible(new_visitor, proposition):
    reader = new_visitor(width=320)
    reader.expected.append("404")

    reader.open("/no/such/page/")

    reader.assert_fits()
    reader.assert_accessible()


def test_phone_finds_its_way_by_the_menu(new_visitor, proposition):
    reader = new_visitor(width=390, phone=True, javascript=False)

    page = reader.open("/")
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="People").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_reader_skips_to_the_text_by_keyboard(visitor, proposition):
    page = visitor.open(proposition.url)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_event_wears_its_own_accent(visitor, proposition):
    page = visitor.open(proposition.event.url)

    dates = page.locator(".event-head__dates")

    expect(dates).to_have_css("color", "rgb(73, 73, 148)")
