"""`manage.py forget_unconfirmed`: to be run every day."""

from typing import Any

from django.core.management.base import BaseCommand

from discussion.actions import forget_unconfirmed


class Command(BaseCommand):
    help = "Delete comments that nobody confirmed within a week, and keys of network addresses after a month."

    def handle(self, *args: Any, **options: Any) -> None:
        count = forget_unconfirmed()
        self.stdout.write(f"{count} unconfirmed comment{'' if count == 1 else 's'} deleted.")
