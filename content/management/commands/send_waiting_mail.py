from typing import Any

from django.core.management.base import BaseCommand

from content.mail import send_waiting


class Command(BaseCommand):
    help = "Try again every letter that is due: what a worker left behind when it was stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        number = send_waiting()
        if number:
            self.stdout.write(f"{number} letter{'' if number == 1 else 's'} to send.")
