"""Take the pictures of docs/editors.md anew, from a demo that is running.

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
from people.models import User  # noqa: E402 as above
from tests.browser import find_chromium  # noqa: E402 as above

OUT = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1180, 760
QUALITY = 82


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


# Whose eyes, and what they see.
PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "mine": ("odile", mine),
    "dashboard": ("odile", dashboard),
    "event-form": ("odile", event),
    "next-year": ("odile", next_year),
    "moderation": ("suniti", moderation),
    "writing": ("bram", writing),
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
        for name, (whose, show) in PICTURES.items():
            if wanted and name not in wanted:
                continue
            context = browser.new_context(
                base_url=base, viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce", locale="en-GB"
            )
            context.set_default_timeout(120_000)
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(whose), "url": base}
            context.add_cookies([cookie])
            page = context.new_page()
            show(page)
            page.wait_for_load_state("networkidle")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.save(OUT / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
            print(f"docs/images/{name}.webp")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
