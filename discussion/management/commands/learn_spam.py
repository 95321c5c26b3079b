from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from discussion import spam
from discussion.actions import learn_from_decisions


class Command(BaseCommand):
    help = "Teach the filter what moderators have decided since. Run it every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ship",
            action="store_true",
            help="For developers: write down what the examples alone teach, for new installations.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ship"]:
            learned = spam.ship(spam.examples_shipped())
            self.stdout.write(f"{len(learned.weights)} signs written to {spam.SHIPPED}.")
            return
        made = learn_from_decisions()
        self.stdout.write(
            f"Version {made.number}, from {made.spam_count} examples of advertising and {made.good_count} others: "
            f"{made.precision:.0%} of what it would hold is advertising; it would hold {made.recall:.0%} of it."
        )
