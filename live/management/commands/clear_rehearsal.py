"""`manage.py clear_rehearsal`: take a rehearsal back, as if nobody had been there."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from live import actions
from live.exceptions import LiveError
from live.models import LiveSession
from live.permissions import OPERATOR


class Command(BaseCommand):
    help = "Clear a rehearsal: what was said, votes and who had joined go; prompts, tables and codes stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", metavar="SESSION", help="the session's code")

    def handle(self, *args: Any, **options: Any) -> None:
        session = LiveSession.objects.with_code(options["session"]).select_related("page").first()
        if session is None:
            raise CommandError(f"There is no session with the code “{options['session']}”.")
        said, people = session.contributions.count(), session.participants.count()
        try:
            actions.clear_rehearsal(actor=OPERATOR, session=session, version=session.version)
        except LiveError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Cleared {said:,} contributions of {people:,} devices. The session waits for its people.")
