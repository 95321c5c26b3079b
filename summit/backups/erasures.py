"""The record of erasures outlives every restore: who was erased after a backup was made must not come back with it.

It is kept beside the backups too, in a file that only grows: a database that was lost, emptied or put back to an older
state takes nothing out of it. An erasure on record is never forgotten; it names nobody.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from people.models import Erasure


def recorded() -> list[dict[str, Any]]:
    """Every erasure on record, as plain data. None where there is no database yet."""
    if Erasure._meta.db_table not in connection.introspection.table_names():
        return []
    return _rows(Erasure.objects.order_by("pk"))


def usual_place() -> Path:
    """Where the clock keeps the record, and where a restore looks for it."""
    return Path(settings.VAR_DIR) / "backups" / "erasures.json"


def keep(path: Path) -> tuple[int, Path | None]:
    """Add to a record what the database knows. Answers how many erasures it holds, and where a damaged one went."""
    held: list[dict[str, Any]] = []
    aside = None
    if path.exists():
        try:
            held = _read(path)
        except ValueError:
            aside = path.with_name(f"{path.name}.damaged-{timezone.localtime():%Y-%m-%dT%H-%M-%S}")
            path.rename(aside)
    # The database's own first: it is the one that may have been decided about since.
    rows = joined(recorded(), held)
    write(path, rows)
    return len(rows), aside


def joined(*records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every erasure of all of them once, in the order in which they were made."""
    known: dict[Any, Erasure] = {}
    for erasure in (erasure for rows in records for erasure in _erasures(rows)):
        key = _key(erasure)
        if key not in known or (erasure.decided_at and not known[key].decided_at):
            known[key] = erasure
    return _rows(sorted(known.values(), key=lambda erasure: erasure.erased_at))


def _key(erasure: Erasure) -> tuple[Any, ...]:
    """By what an erasure is known again. Not its number: another database may have given that to another."""
    moment = erasure.erased_at
    # Written down, it has thousandths of a second.
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment, erasure.user_key, tuple(erasure.author_keys), tuple(erasure.device_keys)


def _rows(erasures: Iterable[Erasure]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(serializers.serialize("json", erasures))
    return rows


def _erasures(rows: list[dict[str, Any]]) -> list[Erasure]:
    """The erasures that such rows stand for; a ValueError if they stand for anything else."""
    try:
        if not all(row["model"] == Erasure._meta.label_lower and row["fields"]["erased_at"] for row in rows):
            raise ValueError
        return [one.object for one in serializers.deserialize("python", rows)]  # type: ignore[misc]
    except (KeyError, TypeError, AttributeError, serializers.base.DeserializationError) as error:
        raise ValueError from error


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """For its owner's eyes only, and whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.touch(mode=0o600)
    with partial.open("w") as written:
        json.dump(rows, written, indent=1)
        written.flush()
        os.fsync(written.fileno())
    partial.replace(path)


def put_by(rows: list[dict[str, Any]]) -> None:
    """Keep the record beside the database while that is replaced."""
    write(_beside(), rows)


def left_over() -> list[dict[str, Any]]:
    """What a restore that did not come to its end put by."""
    return read(_beside()) if _beside().exists() else []


def are_made() -> None:
    """All of them stand in the database: nothing need be put by any more."""
    _beside().unlink(missing_ok=True)


def _beside() -> Path:
    return Path(settings.VAR_DIR) / "erasures-to-make.json"


def read(path: Path) -> list[dict[str, Any]]:
    try:
        return _read(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise CommandError(f"{path} is no record of erasures, or is damaged.") from error


def _read(path: Path) -> list[dict[str, Any]]:
    rows = json.loads(path.read_text())
    if not isinstance(rows, list):
        raise ValueError
    return _rows(_erasures(rows))


def remember(rows: list[dict[str, Any]]) -> int:
    """Add what the restored database does not know of. Answers how many erasures were new to it."""
    added = 0
    with transaction.atomic():
        here = {_key(erasure): erasure for erasure in Erasure.objects.all()}
        numbers = {erasure.pk for erasure in here.values()}
        for erasure in _erasures(rows):
            known = here.get(_key(erasure))
            if known is None:
                if erasure.pk in numbers:
                    erasure.pk = max(numbers) + 1
                numbers.add(erasure.pk)
                erasure.save(force_insert=True)
                added += 1
            elif erasure.decided_at and not known.decided_at:
                known.decided_at, known.decision = erasure.decided_at, erasure.decision
                known.save(update_fields=["decided_at", "decision"])
        with connection.cursor() as cursor:
            # Numbers were given by hand: the next one must not be among them.
            for statement in connection.ops.sequence_reset_sql(no_style(), [Erasure]):
                cursor.execute(statement)
    return added
