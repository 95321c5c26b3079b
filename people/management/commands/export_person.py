"""Write everything kept about a person as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from people.actions import record_export_of_site
from people.management.commands._subject import subject_named
from people.personal import everything_about


class Command(BaseCommand):
    help = "Write everything kept about whoever reads an e-mail address, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        kept = everything_about(subject_named(options["email"]))
        self.stdout.write(json.dumps(kept, ensure_ascii=False, indent=2))
        record_export_of_site("All that is kept about one person")
