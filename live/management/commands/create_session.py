"""`manage.py create_session`: a live session for scripts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from content.text import clean_line
from live import actions
from live.models import PROMPT_LENGTH, ROOM_LENGTH
from live.permissions import OPERATOR
from live.tabular import parse_time
from propositions.models import PropositionPage


class Command(BaseCommand):
    help = "Make a live session on a proposition and print its code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--proposition", required=True, metavar="SLUG", help="the proposition's slug")
        parser.add_argument("--title", required=True)
        parser.add_argument("--event", metavar="SLUG", help="the event's slug, if several have such a proposition")
        parser.add_argument("--starts-at", metavar="TIME", help="ISO 8601; now if left out")
        parser.add_argument("--room", default="")
        parser.add_argument("--prompt", action="append", default=[], metavar="TEXT", help="may be given several times")
        parser.add_argument("--open", action="store_true", help="open it at once")

    def handle(self, *args: Any, **options: Any) -> None:
        title = self._line("title", options["title"], 255)
        room = self._line("room", options["room"], ROOM_LENGTH, least=0)
        prompts = [self._line("prompt", prompt, PROMPT_LENGTH) for prompt in options["prompt"]]
        proposition = self._proposition(options["proposition"], options["event"])
        session = actions.create_session(
            actor=OPERATOR,
            event=proposition.event,
            title=title,
            propositions=[proposition],
            starts_at=self._starts_at(options["starts_at"]),
            room=room,
            prompts=prompts,
        )
        if options["open"]:
            session = actions.open_session(actor=OPERATOR, session=session, version=session.version)
        self.stdout.write(session.code)

    def _line(self, name: str, value: str, most: int, least: int = 1) -> str:
        line = clean_line(value)
        if not least <= len(line) <= most:
            raise CommandError(f"A {name} has {least} to {most} characters.")
        return line

    def _proposition(self, slug: str, event_slug: str | None) -> PropositionPage:
        found = list(PropositionPage.objects.filter(slug=slug))
        if event_slug:
            found = [proposition for proposition in found if proposition.event.slug == event_slug]
        if not found:
            known = ", ".join(PropositionPage.objects.order_by("path").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no proposition “{slug}”. Propositions: {known or 'none yet'}.")
        if len(found) > 1:
            current = [proposition for proposition in found if proposition.event.is_current]
            if len(current) != 1:
                events = ", ".join(proposition.event.slug for proposition in found)
                raise CommandError(f"Several events have a proposition “{slug}”. Add --event, one of: {events}.")
            found = current
        return found[0]

    def _starts_at(self, value: str | None) -> Any:
        if not value:
            return timezone.now()
        try:
            return parse_time(value)
        except ValueError as error:
            raise CommandError(f"--starts-at: {error}.") from error
