"""Loads the demo summit, once."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from events.models import EventPage
from home.demo import contributions, event, loading
from home.demo.people import PEOPLE
from live.models import LiveSession


class Command(BaseCommand):
    help = (
        "Load the demo summit: an event on its second day, with propositions, comments, live sessions, a sorted ledger "
        "and briefings. Changes nothing if it is there already."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if loading.is_loaded():
            self.stdout.write("The demo summit is here already.")
            self._mention_age()
        else:
            started = time.monotonic()
            loading.load(say=lambda part: self.stdout.write(f"  {part} …"))
            self.stdout.write(f"The demo summit is loaded ({time.monotonic() - started:.0f} s).")
        self._introduce_people()
        self._introduce_places()

    def _mention_age(self) -> None:
        page = EventPage.objects.get(slug=event.EVENT_SLUG)
        if page.phase != "during":
            self.stdout.write(
                "Its three days are over. To see it on its second day again, remove the folder var/ and load it anew."
            )

    def _introduce_people(self) -> None:
        self.stdout.write("\nPeople of the demo:\n")
        for profile in PEOPLE:
            if profile.signs_in:
                self.stdout.write(f"  {profile.email:<30} {profile.does:<28} {profile.name}")
        others = sum(not profile.signs_in for profile in PEOPLE)
        self.stdout.write(f"  … and {others} more delegates, each by their first name.")
        self.stdout.write(f"\nTo sign in: give one of these addresses at {settings.BASE_URL}/accounts/login/")
        self.stdout.write(f"and read the code at {settings.BASE_URL}/mail/\n")

    def _introduce_places(self) -> None:
        session = LiveSession.objects.filter(page__slug=contributions.REPAIRS_NOW.slug).first()
        if session is not None:
            address = f"{settings.BASE_URL}{session.get_absolute_url()}"
            self.stdout.write(f"The open session is {session.spoken_code}. Phones: {address}")
            self.stdout.write(f"Its wall: {address}wall/  Its console, for Yusra: {address}console/\n")
