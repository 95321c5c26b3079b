"""Fill a database with the demo summit and serve it from this process."""

import contextlib
import logging
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from home.actions import follow_base_url
from summit.listening import CannotListen, listen
from summit.server import UVICORN_OPTIONS


class Command(BaseCommand):
    help = "Migrate, load the demo summit and serve it. Running it again changes nothing that is there."
    requires_migrations_checks = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-load", action="store_true", help="Serve the database as it is.")
        parser.add_argument("--no-serve", action="store_true", help="Fill the database and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sockets = [] if options["no_serve"] else listen(settings.HOST, settings.PORT)
        except CannotListen as error:
            raise CommandError(str(error)) from error
        try:
            self.migrate()
            follow_base_url()
            # The app that gathers all others brings the demo.
            if "load_demo" in get_commands() and not options["no_load"]:
                call_command("load_demo", stdout=self.stdout, stderr=self.stderr)
            if sockets:
                self.stdout.write(self.welcome())
                self.stdout.flush()
                serve(sockets)
        finally:
            for listening in sockets:
                listening.close()

    def migrate(self) -> None:
        """Bring the database up to date, or say in one sentence why that cannot be."""
        name = settings.DATABASES["default"]["NAME"]
        try:
            executor = MigrationExecutor(connection)
            loader = executor.loader
            loader.check_consistent_history(connection)
            unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations) - set(loader.replacements))
            if unknown:
                raise CommandError(
                    f"The database {name} was made by another version of Summit (it has {'.'.join(unknown[-1])}, "
                    "which this one does not know): move it away, or check that version out."
                )
            if not loader.applied_migrations and connection.introspection.table_names():
                raise CommandError(f"The database {name} holds something else than Summit: move it away.")
            if executor.migration_plan(loader.graph.leaf_nodes()):
                self.stdout.write("Preparing the database.")
                call_command("migrate", verbosity=0, interactive=False)
        except InconsistentMigrationHistory as error:
            raise CommandError(
                f"The database {name} was made by another version of Summit ({error}): move it away."
            ) from error
        except DatabaseError as error:
            raise CommandError(f"The database {name} cannot be used ({error}): move it away.") from error

    def welcome(self) -> str:
        return (
            f"\nSummit is ready at {settings.BASE_URL}\n"
            f"  mail     {settings.BASE_URL}/mail/ (sign-in codes arrive here; nothing is sent)\n"
            f"  editing  {settings.BASE_URL}/admin/\n"
            "Ctrl-C stops it.\n"
        )


def serve(sockets: list[socket.socket]) -> None:
    # What uvicorn cancels because it did not end in time is how a stop with open pages looks, not a fault.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "graceful shutdown exceeded" not in record.getMessage())
    server = uvicorn.Server(uvicorn.Config("summit.asgi:application", **UVICORN_OPTIONS))
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=sockets)
