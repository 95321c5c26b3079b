"""`manage.py tend_mentions`: to be run every ten minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from discussion.mentions.tasks import hand_over_due_work


class Command(BaseCommand):
    help = (
        "Hand the worker what is due about mentions: those received and not looked at, those to be sent again, and "
        "those that nobody has looked at for a week."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = hand_over_due_work()
        self.stdout.write(
            f"Handed over: {done['notices']} received, {done['sent']} to send, {done['mentions']} to look at again. "
            f"{done['forgotten']} old notices deleted."
        )
