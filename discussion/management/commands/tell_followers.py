from typing import Any

from django.core.management.base import BaseCommand

from discussion.follows import tell_everybody


class Command(BaseCommand):
    help = "Write to followers who are owed a notice or their week's digest. Run it by the clock, as often as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        number = tell_everybody()
        if number:
            self.stdout.write(f"{number} follower{'' if number == 1 else 's'} may be owed a letter.")
