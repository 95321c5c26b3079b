"""Taking turns where there is no row yet to lock."""

import hashlib

from django.db import connection


def take_turns(name: str) -> None:
    """Let one transaction at a time go on with this name, until it ends.

    SQLite writes one transaction at a time anyway (they begin IMMEDIATE); PostgreSQL has locks for the purpose.
    """
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
