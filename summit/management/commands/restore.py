"""Bring a backup back, and erase again whoever was erased since."""

import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader

from people.actions import replay_erasures
from summit.backups import archive, databases, erasures
from summit.backups.archive import Manifest
from summit.backups.databases import Digests
from summit.management.commands.backup import PATTERN


class Command(BaseCommand):
    help = "Put a backup in the place of the database and the media, check it row by row, and make every erasure again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="A file; or, to try, a folder, of which the newest one is taken.")
        parser.add_argument(
            "--try",
            action="store_true",
            dest="only_try",
            help="Bring it back into a database beside, check and drop it.",
        )
        parser.add_argument("--replace", action="store_true", help="Throw away what the database holds now.")
        parser.add_argument(
            "--erasures",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="One more record of erasures than that in var.",
        )
        parser.add_argument(
            "--other-key", action="store_true", help="Go on although the backup was made with another SECRET_KEY."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.begun = time.monotonic()
        path = self.chosen(options["path"], only_try=options["only_try"])
        connection = connections["default"]
        manifest = archive.read_manifest(path)
        self.fits(manifest, connection.vendor, other_key=options["other_key"])
        archive.check(path, manifest)
        self.say(f"{path} is whole: {manifest.rows:,} rows, {len(manifest.media):,} files, made {manifest.made_at}.")
        newer = [] if options["only_try"] else self.recorded(options["erasures"])
        try:
            if options["only_try"]:
                with databases.beside(connection) as other:
                    self.bring_back(other, path, manifest)
                self.say("Tried in a database beside: the backup can be brought back. Nothing was changed.")
                return
            self.may_replace(connection, replace=options["replace"])
            newer = erasures.joined(erasures.recorded(), erasures.left_over(), newer)
            # Who is erased stands in the very database that is replaced: should this stop half-way, the next try knows.
            erasures.put_by(newer)
            self.bring_back(connection, path, manifest)
        except DatabaseError as error:
            raise CommandError(f"The database does not do it: {str(error).strip()}") from error
        except OSError as error:
            # Everything is unpacked before the database is touched.
            raise CommandError(
                f"The backup cannot be unpacked ({error.strerror or error}). The database is as it was."
            ) from error
        try:
            written = archive.put_media_back(path, manifest)
        except OSError as error:
            raise CommandError(
                f"The database is back, the media are not ({error.strerror}), and nobody is erased again yet: "
                "mend that, and restore once more before anything is started."
            ) from error
        self.say(f"{written:,} files of media are back.")
        call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
        added = erasures.remember(newer)
        again = replay_erasures()
        self.say(f"{added} erasures are newer than the backup; {again} were made again.")
        erasures.are_made()
        for cache in caches.all(initialized_only=False):
            cache.clear()
        self.say("Done. Start the servers and the worker.")

    def chosen(self, given: Path, *, only_try: bool) -> Path:
        if not given.is_dir():
            return given
        if not only_try:
            raise CommandError(f"{given} is a folder: name the backup that takes the place of the database.")
        found = sorted(given.glob(PATTERN))
        if not found:
            raise CommandError(f"{given} holds no backup.")
        return found[-1]

    def recorded(self, named: list[Path]) -> list[dict[str, Any]]:
        """What the named records hold, and the one that the clock keeps, whether it is named or not."""
        usual = erasures.usual_place()
        files = [*named, usual] if usual.exists() and usual not in named else named
        records = []
        for file in files:
            records.append(erasures.read(file))
            self.say(f"{file} holds {len(records[-1])} erasures.")
        return erasures.joined(*records)

    def say(self, sentence: str) -> None:
        self.stdout.write(f"{time.monotonic() - self.begun:7.1f} s  {sentence}")
        self.stdout.flush()

    def fits(self, manifest: Manifest, vendor: str, *, other_key: bool) -> None:
        if manifest.vendor != vendor:
            raise CommandError(f"The backup is one of {manifest.vendor}, and DATABASE_URL names {vendor}.")
        if not archive.is_of_our_key(manifest) and not other_key:
            raise CommandError(
                "The backup was made with another SECRET_KEY: nobody would be known again, and no erasure would find "
                "whom it is about. Set that key (SECRET_KEY_FALLBACKS, if it was changed), or say --other-key."
            )
        known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
        unknown = [".".join(step) for step in manifest.migrations if tuple(step) not in known]
        ours = [step for step in unknown if step.split(".")[0] in {label for label, _ in known}]
        if ours:
            raise CommandError(
                f"The backup was made by a newer version of Summit (it has {ours[-1]}): install that one."
            )

    def may_replace(self, connection: Any, *, replace: bool) -> None:
        if others := databases.others_connected(connection):
            raise CommandError(f"The database is in use by {others}: stop the servers and the worker first.")
        if databases.table_names(connection) and not replace:
            name = connection.settings_dict["NAME"]
            raise CommandError(f"The database {name} is not empty: --replace throws away what it holds.")

    def bring_back(self, connection: Any, path: Path, manifest: Manifest) -> None:
        name = databases.copy_name(connection)
        with (
            tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix=".restore-") as folder,
            archive.extracted(path, name, Path(folder)) as copy,
        ):
            databases.copy_in(connection, copy)
        self.say("The database is back.")
        if differing := differences(manifest.tables, databases.digests(connection)):
            raise CommandError(f"What came back is not what was kept: {', '.join(differing)}.")
        self.say(f"The checksums of all {len(manifest.tables)} tables are equal.")


def differences(kept: Digests, held: Digests) -> list[str]:
    return sorted(name for name in kept.keys() | held.keys() if kept.get(name) != held.get(name))
