"""A live session with real people at real browsers: three phones, the wall and the console at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from live import actions
from live.models import Contribution, LiveSession, Prompt
from live.permissions import OPERATOR
from people.models import User
from tests.browser import Visitor
from tests.factories.discussion import event_page, proposition_page
from tests.factories.live import facilitator_of, live_session

PHONE = {"width": 390, "height": 844, "phone": True}
BOX = "Say one thing, in a sentence or two"

NewVisitor = Callable[..., Visitor]


class Room:
    """A session on one proposition with a prompt up, and those who come into it."""

    def __init__(self, session: LiveSession, facilitator: User, new_visitor: NewVisitor) -> None:
        self.session = session
        self.facilitator_user = facilitator
        self._new_visitor = new_visitor

    @property
    def address(self) -> str:
        return f"/live/{self.session.code}/"

    def phone(self, *, role: str = "", **options: Any) -> Visitor:
        """Somebody who joins by the form, as a role or without a name."""
        visitor = self._new_visitor(**{**PHONE, **options})
        page = visitor.open(self.address)
        if role:
            page.get_by_role("radio", name=re.compile("^By role For example")).check()
            page.get_by_role("textbox", name="Your role").fill(role)
        page.get_by_role("button", name="Join").click()
        expect(page).to_have_url(re.compile(f"{self.address}$"))
        return visitor

    def wall(self, **options: Any) -> Visitor:
        visitor = self._new_visitor(**{"width": 1920, "height": 1080, **options})
        visitor.open(f"{self.address}wall/")
        return visitor

    def console(self, **options: Any) -> Visitor:
        visitor = self._new_visitor(**{"user": self.facilitator_user, **options})
        visitor.open(f"{self.address}console/")
        return visitor

    def contributions(self) -> list[str]:
        return list(Contribution.objects.filter(session=self.session).order_by("seq").values_list("body", flat=True))


@pytest.fixture
def room(live_site: Any, new_visitor: NewVisitor) -> Room:
    event = event_page(title="The Estuary Summit", strapline="keeping <i>the tide</i> in mind")
    proposition = proposition_page(event, title="A ferry is a public service", number=3)
    session = live_session(proposition, title="What the ferry is for", room="Boat Hall")
    actions.add_prompt(
        actor=OPERATOR,
        session=session,
        version=session.version,
        kind=Prompt.Kind.IDEAS,
        text="What would keep the ferry running?",
        options=[],
        show=True,
    )
    session.refresh_from_db()
    return Room(session, facilitator_of(session), new_visitor)


def say(visitor: Visitor, words: str, *, button: str = "Send") -> None:
    visitor.page.get_by_label(BOX).fill(words)
    visitor.page.get_by_role("button", name=button).click()


def own(page: Page, words: str) -> Any:
    """The person's own contribution with these words, in the list of theirs."""
    return page.locator("[data-part=ownList] > li").filter(has_text=words)


def from_the_room(page: Page, words: str) -> Any:
    return page.locator("[data-part=roomList] > li").filter(has_text=words)


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
