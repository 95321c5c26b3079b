"""Databases for the tests: one per run, and copies of it for servers under test."""

import hashlib
import importlib.metadata
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connection, connections


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def migrated_template() -> Path:
    """Where the migrated, otherwise empty SQLite database of this very code is kept between runs.

    Migrating takes longest of everything in a short run. The name holds a digest of all that migrations depend on, so
    a changed one is never missed.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(settings.BASE_DIR.glob("*/migrations/*.py")):
        digest.update(path.relative_to(settings.BASE_DIR).as_posix().encode() + path.read_bytes())
    digest.update((settings.BASE_DIR / "summit" / "settings" / "base.py").read_bytes())
    for name in sorted(f"{found.name}=={found.version}" for found in importlib.metadata.distributions()):
        digest.update(name.encode())
    return Path(settings.BASE_DIR) / "var" / "tests" / f"migrated-{digest.hexdigest()[:16]}.sqlite3"


def keep_as_template(source: Path, template: Path) -> None:
    """Keep a migrated database for later runs, in place of those of older code."""
    template.parent.mkdir(parents=True, exist_ok=True)
    if template.exists():
        return
    handle, name = tempfile.mkstemp(dir=template.parent)
    os.close(handle)
    copy_sqlite(source, Path(name))
    for older in template.parent.glob("migrated-*.sqlite3"):
        older.unlink(missing_ok=True)
    Path(name).replace(template)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be open, with what is still in its write-ahead log."""
    with sqlite3.connect(source) as opened, sqlite3.connect(target) as copy:
        opened.backup(copy)
    opened.close()
    copy.close()


class DatabaseCopy:
    """A database of its own for one test and the server under it, made from the run's pristine one.

    While it is entered, the tests' own default connection points at it too: what a test creates is what the server
    serves.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = ""
        self._original: dict[str, Any] = {}

    @property
    def url(self) -> str:
        if is_sqlite():
            return f"sqlite:///{self.name}"
        held = connections["default"].settings_dict
        return f"postgres://{held['USER']}@{held['HOST']}:{held['PORT']}/{self.name}"

    def __enter__(self) -> "DatabaseCopy":
        held = connections["default"].settings_dict
        self._original = {"NAME": held["NAME"]}
        _close_everywhere()
        if is_sqlite():
            self.name = str(self.folder / "site.sqlite3")
            shutil.copyfile(pristine_path(str(held["NAME"])), self.name)
        else:
            self.name = f"site_{self.folder.name}".replace("-", "_").lower()[:60]
            _on_server(f'CREATE DATABASE "{self.name}" TEMPLATE "{pristine_name(str(held["NAME"]))}"')
        held["NAME"] = self.name
        return self

    def __exit__(self, *exception: object) -> None:
        _close_everywhere()
        connections["default"].settings_dict.update(self._original)
        if not is_sqlite():
            _on_server(f'DROP DATABASE "{self.name}" WITH (FORCE)')


def pristine_path(database: str) -> Path:
    return Path(database).with_name("pristine.sqlite3")


def pristine_name(database: str) -> str:
    return f"{database}_pristine"


def keep_pristine() -> None:
    """Copy the run's database as it is, before any test has touched it."""
    name = str(connections["default"].settings_dict["NAME"])
    if is_sqlite():
        copy_sqlite(Path(name), pristine_path(name))
    else:
        connections["default"].close()
        _on_server(f'DROP DATABASE IF EXISTS "{pristine_name(name)}"')
        _on_server(f'CREATE DATABASE "{pristine_name(name)}" TEMPLATE "{name}"')


def drop_pristine() -> None:
    """Drop the copy, and end what threads have left open to the run's database, which is dropped next."""
    if not is_sqlite():
        name = str(connections["default"].settings_dict["NAME"])
        _close_everywhere()
        _on_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
        _on_server(f'DROP DATABASE IF EXISTS "{pristine_name(name)}"')


def _close_everywhere() -> None:
    """Close this thread's connections and those of the thread in which asynchronous tests run their queries."""
    connections.close_all()
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


def _on_server(statement: str, *parameters: str) -> None:
    """Run a statement outside any of the databases that it is about."""
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement, parameters or None)
