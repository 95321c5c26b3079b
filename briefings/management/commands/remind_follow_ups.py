"""`manage.py remind_follow_ups`: remind those who said they would see to something. To be run every day."""

from typing import Any

from django.core.management.base import BaseCommand

from briefings.actions import remind_owners


class Command(BaseCommand):
    help = "Write to the owners of follow-ups that are due within a week or overdue, each at most once a fortnight."

    def handle(self, *args: Any, **options: Any) -> None:
        reminded = remind_owners()
        self.stdout.write(f"{len(reminded)} reminder{'' if len(reminded) == 1 else 's'} sent.")
