"""Copying a whole database out and in, and telling whether two hold the same."""

import contextlib
import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import ConnectionHandler, DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

Digests = dict[str, tuple[int, str]]
"""For each table how many rows it has, and what they add up to."""

SQLITE_COPY = "database.sqlite3.gz"
POSTGRES_COPY = "database.dump"
COPIES = {"sqlite": SQLITE_COPY, "postgresql": POSTGRES_COPY}

# Where Debian and its kin keep the programs of each version.
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")


def copy_name(connection: BaseDatabaseWrapper) -> str:
    return COPIES[connection.vendor]


def copy_out(connection: BaseDatabaseWrapper, target: Path) -> Digests:
    """Write a copy of the database as it is at one moment, while others go on writing. Answers what stands in it."""
    if connection.vendor == "sqlite":
        return _copy_sqlite_out(connection, target)
    return _copy_postgres_out(connection, target)


def copy_in(connection: BaseDatabaseWrapper, source: Path) -> None:
    """Put a copy in the place of everything in the database, in one transaction: all of it, or nothing changes."""
    if connection.vendor == "sqlite":
        _copy_sqlite_in(connection, source)
    else:
        _copy_postgres_in(connection, source)


def digests(connection: BaseDatabaseWrapper) -> Digests:
    """What stands in each table, whatever the order of its rows."""
    if connection.vendor == "sqlite":
        # Not Django's connection, which makes dates of texts: what is stored is compared.
        with contextlib.closing(sqlite3.connect(_path(connection))) as opened:
            return _digests_of_sqlite(opened)
    with connection.cursor() as cursor:
        return _digests_of_postgres(cursor)


def table_names(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.table_names(cursor))


def others_connected(connection: BaseDatabaseWrapper) -> str:
    """Who else has the database open, in words; empty if nobody has."""
    if connection.vendor == "sqlite":
        connection.close()
        with contextlib.closing(sqlite3.connect(_path(connection), isolation_level=None, timeout=1)) as alone:
            try:
                # Only who has the file alone may leave the write-ahead log.
                alone.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError:
                return "another process"
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        (count,) = cursor.fetchone()
    return f"{count} other connection{'s' if count > 1 else ''}" if count else ""


@contextlib.contextmanager
def beside(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A database of its own on the same server, or in the same folder, gone afterwards: to try a copy in."""
    held = {name: value for name, value in connection.settings_dict.items() if name != "TEST"}
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(dir=_path(connection).parent, prefix="restore-") as folder:
            other = ConnectionHandler({"default": {**held, "NAME": str(Path(folder) / "try.sqlite3")}})["default"]
            try:
                yield other
            finally:
                other.close()
        return
    name = f"{held['NAME']}_restored_{os.getpid()}"
    try:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    except DatabaseError as error:
        raise CommandError(
            f"No database can be made to try the backup in ({str(error).strip()}): the user needs CREATEDB."
        ) from error
    other = ConnectionHandler({"default": {**held, "NAME": name}})["default"]
    try:
        yield other
    finally:
        other.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


# SQLite


def _path(connection: BaseDatabaseWrapper) -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _copy_sqlite_out(connection: BaseDatabaseWrapper, target: Path) -> Digests:
    plain = target.with_suffix(".plain")
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{_path(connection).resolve().as_uri()}?mode=ro", uri=True)) as opened,
            contextlib.closing(sqlite3.connect(plain)) as copy,
        ):
            # In one step: writers go on in the write-ahead log, and the copy never begins again because of them.
            opened.backup(copy, pages=-1)
            held = _digests_of_sqlite(copy)
        with plain.open("rb") as read, gzip.open(target, "wb", compresslevel=1) as written:
            shutil.copyfileobj(read, written, 1 << 20)
    except sqlite3.Error as error:
        raise DatabaseError(str(error)) from error
    finally:
        plain.unlink(missing_ok=True)
    return held


def _copy_sqlite_in(connection: BaseDatabaseWrapper, source: Path) -> None:
    connection.close()
    plain = source.with_suffix(".plain")
    try:
        with gzip.open(source, "rb") as read, plain.open("wb") as written:
            shutil.copyfileobj(read, written, 1 << 20)
        with (
            contextlib.closing(sqlite3.connect(plain)) as copy,
            contextlib.closing(sqlite3.connect(_path(connection), timeout=20)) as target,
        ):
            copy.backup(target, pages=-1)
    except sqlite3.Error as error:
        raise DatabaseError(str(error)) from error
    finally:
        plain.unlink(missing_ok=True)


def _digests_of_sqlite(opened: sqlite3.Connection) -> Digests:
    # What virtual tables hold stands in tables of their own.
    names = [
        name
        for name, sql in opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_") and not sql.startswith("CREATE VIRTUAL")
    ]
    return {name: _sum(opened.execute(f'SELECT * FROM "{name}"')) for name in sorted(names)}  # noqa: S608 names of tables


def _sum(rows: Any) -> tuple[int, str]:
    count = total = 0
    for row in rows:
        count += 1
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(errors="replace"), digest_size=16).digest())
    return count, f"{total % 2**128:032x}"


# PostgreSQL


def _copy_postgres_out(connection: BaseDatabaseWrapper, target: Path) -> Digests:
    program = _program("pg_dump", connection)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            _run(connection, [program, "--format=custom", f"--snapshot={snapshot}", f"--file={target}"])
            # The very rows that were written.
            held = _digests_of_postgres(cursor)
        finally:
            cursor.execute("ROLLBACK")
    connection.close()
    return held


def _copy_postgres_in(connection: BaseDatabaseWrapper, source: Path) -> None:
    restore, shell = _program("pg_restore", connection), _program("psql", connection)
    names, functions = table_names(connection), _functions_of_postgres(connection)
    connection.close()
    script = source.with_suffix(".sql")
    try:
        # What is dropped along with a table is no news.
        first = "SET client_min_messages = warning;\n"
        first += "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in sorted(names))
        first += "".join(f"DROP FUNCTION IF EXISTS {signature} CASCADE;\n" for signature in functions)
        emptied = source.with_suffix(".drop.sql")
        emptied.write_text(first)
        _run(connection, [restore, "--no-owner", "--no-privileges", f"--file={script}", str(source)])
        quiet = [shell, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        _run(connection, [*quiet, "--file", str(emptied), "--file", str(script)])
    finally:
        script.unlink(missing_ok=True)


def _functions_of_postgres(connection: BaseDatabaseWrapper) -> list[str]:
    """The functions that migrations made; an extension's come and go with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            " AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') ORDER BY 1"
        )
        return [signature for (signature,) in cursor.fetchall()]


def _digests_of_postgres(cursor: Any) -> Digests:
    # How values are written as text depends on these.
    for name, value in {"TimeZone": "UTC", "DateStyle": "ISO", "extra_float_digits": "1"}.items():
        cursor.execute(f"SET {name} = '{value}'")
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    held = {}
    for (name,) in cursor.fetchall():
        # Half of each row's digest as a number; numerics do not overflow.
        number = "('x' || left(md5(kept::text), 16))::bit(64)::bigint::numeric"
        cursor.execute(f'SELECT count(*), coalesce(sum({number}), 0)::text FROM "{name}" AS kept')  # noqa: S608 a table's name
        held[name] = cursor.fetchone()
    return held


def _run(connection: BaseDatabaseWrapper, command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 programs of PostgreSQL's, with arguments of ours
        command, env={**os.environ, **_access(connection)}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["it says nothing"]
        why = next((line for line in said if "ERROR" in line or "FATAL" in line), said[0])
        raise CommandError(f"{Path(command[0]).name} failed: {why}")


def _access(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """How the programs reach the database. Not as arguments: everybody on the machine can read those."""
    held = connection.settings_dict
    options = held.get("OPTIONS", {})
    access = {
        "PGHOST": held["HOST"],
        "PGPORT": str(held["PORT"] or ""),
        "PGUSER": held["USER"],
        "PGPASSWORD": held["PASSWORD"],
        "PGDATABASE": str(held["NAME"]),
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
        "PGCONNECT_TIMEOUT": "10",
    }
    return {name: value for name, value in access.items() if value}


def _program(name: str, connection: BaseDatabaseWrapper) -> str:
    """A program of PostgreSQL's that is no older than the server: an older one refuses."""
    with connection.cursor():
        needed = connection.pg_version // 10_000  # type: ignore[attr-defined]
    folders = [Path(settings.POSTGRES_PROGRAMS)] if settings.POSTGRES_PROGRAMS else []
    on_path = shutil.which(name)
    folders += [Path(on_path).parent] if on_path else []
    folders += sorted(DEBIAN_PROGRAMS.glob("*/bin"), reverse=True)
    seen = 0
    for folder in folders:
        if not (folder / name).exists():
            continue
        ask = [str(folder / name), "--version"]
        said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout  # noqa: S603 as above
        number = next((word for word in said.split() if word[:1].isdigit()), "0")
        version = int(number.split(".")[0])
        if version >= needed:
            return str(folder / name)
        seen = max(seen, version)
    found = f"only {name} {seen} is here" if seen else f"{name} is not here"
    raise CommandError(
        f"The server is PostgreSQL {needed}, and {found}: install postgresql-client-{needed}, "
        "or name the folder of its programs in SUMMIT_POSTGRES_PROGRAMS."
    )
