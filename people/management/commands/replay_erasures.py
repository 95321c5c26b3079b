"""Make every erasure again after a restore."""

from typing import Any

from django.core.management.base import BaseCommand

from people import actions
from people.models import Erasure


class Command(BaseCommand):
    help = "After restoring a backup: erase again whoever was erased since it was made. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        made = actions.replay_erasures()
        self.stdout.write(f"{Erasure.objects.count()} erasures on record, {made} of them made again.")
