"""Take the pictures of README.md and docs/editors.md anew, from a demo that is running.

    make demo                                    # in another terminal, with a new database (make demo uses var/)
    .venv/bin/python scripts/make_pictures.py    # all of them, or those that are named

Needs Chromium and what `make setup` installs. HOST, PORT and SUMMIT_VAR_DIR say where the demo is, as for the demo.
"""

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings.dev")
# Playwright's loop runs in this thread; what is asked of the database here waits for nobody.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import django  # noqa: E402 the settings must be named first

django.setup()

from django.conf import settings  # noqa: E402 needs the settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 as above
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 as above
from django.urls import reverse  # noqa: E402 as above
from PIL import Image  # noqa: E402 as above
from playwright.sync_api import Page, sync_playwright  # noqa: E402 as above

from briefings.models import BriefingPage  # noqa: E402 as above
from events.models import EventPage  # noqa: E402 as above
from live.actions import start_timer  # noqa: E402 as above
from live.models import LiveSession, SessionState  # noqa: E402 as above
from live.permissions import OPERATOR  # noqa: E402 as above
from people.models import User  # noqa: E402 as above
from propositions.models import PropositionPage  # noqa: E402 as above
from tests.browser import find_chromium  # noqa: E402 as above

OUT = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1180, 760
WIDEST = 1280
TIMER = 24 * 60
QUALITY = 82


def event_page(page: Page) -> None:
    page.goto(_event().get_url() or "/")


def phone(page: Page) -> None:
    session = _session()
    # The demo's own runs out half an hour after it was loaded.
    start_timer(actor=OPERATOR, session=session, version=session.version, seconds=TIMER)
    page.goto(reverse("live:join") + f"?code={_session().code}")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url("**/live/**")


def wall(page: Page) -> None:
    page.goto(reverse("live:wall", args=[_session().code]) + "?still")


def desk(page: Page) -> None:
    second = PropositionPage.objects.child_of(_event()).get(number=2)
    page.goto(reverse("desk:desk", args=[_event().pk, second.pk]))
    page.wait_for_load_state("networkidle")
    for _ in range(3):
        page.keyboard.press("j")


def mine(page: Page) -> None:
    page.goto(reverse("mine"))


def dashboard(page: Page) -> None:
    page.goto(reverse("wagtailadmin_home"))


def event(page: Page) -> None:
    page.goto(reverse("wagtailadmin_pages:edit", args=[_event().pk]))


def next_year(page: Page) -> None:
    page.goto(reverse("repeat_event", args=[_event().pk]))


def moderation(page: Page) -> None:
    page.goto(reverse("comments:index"))


def writing(page: Page) -> None:
    draft = BriefingPage.objects.child_of(_event()).filter(live=False).first() or BriefingPage.objects.first()
    page.goto(reverse("wagtailadmin_pages:edit", args=[draft.pk]))
    page.get_by_role("button", name=re.compile("evidence", re.IGNORECASE)).first.click()


def _event() -> EventPage:
    return EventPage.objects.get(is_current=True)


def _session() -> LiveSession:
    """The one that is open now."""
    return LiveSession.objects.get(state=SessionState.OPEN)


# Whose eyes, what they see, and how large their window is.
PICTURES: dict[str, tuple[str, Callable[[Page], None], tuple[int, int]]] = {
    "event": ("", event_page, (1280, 1000)),
    "phone": ("", phone, (390, 844)),
    "wall": ("", wall, (1920, 1080)),
    "desk": ("bram", desk, (1280, 900)),
    "mine": ("odile", mine, (WIDTH, 1100)),
    "dashboard": ("odile", dashboard, (WIDTH, HEIGHT)),
    "event-form": ("odile", event, (WIDTH, HEIGHT)),
    "next-year": ("odile", next_year, (WIDTH, HEIGHT)),
    "moderation": ("suniti", moderation, (WIDTH, HEIGHT)),
    "writing": ("bram", writing, (WIDTH, HEIGHT)),
}


def session_of(name: str) -> str:
    """The key of a new session in which somebody of the demo is signed in."""
    user = User.objects.get(email=f"{name}@northgate.example")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def main(wanted: list[str]) -> None:
    base = f"http://{settings.HOST}:{settings.PORT}"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        for name, (whose, show, (width, height)) in PICTURES.items():
            if wanted and name not in wanted:
                continue
            context = browser.new_context(
                base_url=base, viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB"
            )
            context.set_default_timeout(120_000)
            if whose:
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(whose), "url": base}
                context.add_cookies([cookie])
            page = context.new_page()
            show(page)
            page.wait_for_load_state("networkidle")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
            picture.save(OUT / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
            print(f"docs/images/{name}.webp")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
