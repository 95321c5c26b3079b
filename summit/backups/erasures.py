"""The record of erasures outlives every restore: who was erased after a backup was made must not come back with it."""

import json
from pathlib import Path
from typing import Any

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
