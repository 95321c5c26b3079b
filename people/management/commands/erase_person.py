"""Erase a person who asked for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people import actions
from people.exceptions import PersonalError
from people.management.commands._subject import subject_named
from people.models import User
from people.permissions import is_organiser


class Command(BaseCommand):
    help = "Erase whoever reads an e-mail address: name, contact and words. It cannot be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="The organiser who does it.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = User.objects.filter(email__iexact=options["by"]).first()
        if not is_organiser(actor):
            raise CommandError(f"{options['by']} is no organiser here.")
        subject = subject_named(options["email"])
        if not options["yes"] and input(f"Erase {options['email']} for good? Type yes: ").strip().lower() != "yes":
            raise CommandError("Nothing was erased.")
        try:
            erasure = actions.erase_person(actor=actor, subject=subject)
        except PersonalError as error:
            raise CommandError(str(error)) from error
        for name, count in erasure.changed.items():
            self.stdout.write(f"{count:6} {name}")
        for sentence in erasure.retained:
            self.stdout.write(f"Left for a decision: {sentence}")
