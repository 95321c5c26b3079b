"""Keep everything: the database and the media, in one file that is checked before it takes its name."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from people.actions import record_export_of_site
from summit.backups import archive, erasures

NAME = "summit-{:%Y-%m-%dT%H-%M-%S}.tar"
PATTERN = "summit-[0-9][0-9][0-9][0-9]-*.tar"


class Command(BaseCommand):
    help = (
        "Write the database and the media into one file, while the site runs. It holds what people gave in confidence."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            help="A file, or a folder for one named by the time. Default: backups/ in var.",
        )
        parser.add_argument("--keep", type=int, metavar="N", help="In a folder: delete all but the newest N.")
        parser.add_argument(
            "--erasures", action="store_true", help="Only add to the record of erasures, which `restore` makes again."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        given: Path = options["path"] or settings.VAR_DIR / "backups"
        if options["keep"] is not None and options["keep"] < 1:
            raise CommandError("Keep at least one.")
        if options["erasures"]:
            self.write_erasures(given)
            return
        is_folder = given.is_dir() or not given.suffix
        path = given / NAME.format(timezone.localtime()) if is_folder else given
        # Before, so that the backup knows of itself, and what is brought back is what was there.
        record_export_of_site("A backup of everything")
        try:
            manifest = archive.write(path)
        except (OSError, DatabaseError) as error:
            said = getattr(error, "strerror", None) or str(error).strip()
            raise CommandError(f"{path} cannot be written ({said}).") from error
        self.stdout.write(
            f"{path}: {manifest.rows:,} rows of {len(manifest.tables)} tables, {len(manifest.media):,} files of media, "
            f"{path.stat().st_size / 1e6:.1f} MB, in {time.monotonic() - begun:.1f} s. Read again and whole."
        )
        if is_folder and options["keep"]:
            for old in sorted(given.glob(PATTERN))[: -options["keep"]]:
                old.unlink()
                self.stdout.write(f"{old} is deleted.")

    def write_erasures(self, given: Path) -> None:
        path = given / erasures.usual_place().name if given.is_dir() or not given.suffix else given
        try:
            count, aside = erasures.keep(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror}).") from error
        self.stdout.write(f"{path}: {count} erasures.")
        if aside:
            raise CommandError(
                f"{path} could not be read and is kept as {aside.name}; the new one holds what the database knows. "
                "If a copy of the old one is kept elsewhere, put it in its place: the next hour adds to that."
            )
