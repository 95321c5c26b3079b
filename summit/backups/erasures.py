"""The record of erasures outlives every restore: who was erased after a backup was made must not come back with it."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import connection, transaction

from people.models import Erasure


def recorded() -> list[dict[str, Any]]:
    """Every erasure on record, as plain data. None where there is no database yet."""
    if Erasure._meta.db_table not in connection.introspection.table_names():
        return []
    listed: list[dict[str, Any]] = json.loads(serializers.serialize("json", Erasure.objects.order_by("pk")))
    return listed


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """For its owner's eyes only, and whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(rows, indent=1))
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
        rows = json.loads(path.read_text())
        list(serializers.deserialize("json", json.dumps(rows)))
    except (OSError, ValueError, serializers.base.DeserializationError) as error:
        raise CommandError(f"{path} is no record of erasures.") from error
    return list(rows)


def remember(rows: list[dict[str, Any]]) -> int:
    """Add what the restored database does not know of. Answers how many erasures were new to it."""
    added = 0
    with transaction.atomic():
        for held in serializers.deserialize("json", json.dumps(rows)):
            erasure: Erasure = held.object  # type: ignore[assignment]
            same = {"erased_at": erasure.erased_at, "user_key": erasure.user_key, "author_keys": erasure.author_keys}
            known = Erasure.objects.filter(**same).first()
            if known is None:
                if Erasure.objects.filter(pk=erasure.pk).exists():
                    erasure.pk = None
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
