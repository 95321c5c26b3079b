"""Keeping what the optional encoder makes of texts."""

from collections.abc import Sequence

import numpy as np

from gathering import minilm
from gathering.models import Entry, TextVector
from gathering.vectors import texts_of, waiting

BATCH = 100


def encode_texts(*, text_hashes: Sequence[str]) -> int:
    """Read texts that the encoder has not read yet, and keep what it makes of them. Answers how many there were.

    About eight milliseconds each. What has been read stays read if it is stopped. Nothing without the encoder.
    """
    if not minilm.is_installed():
        return 0
    left = waiting(text_hashes)
    for start in range(0, len(left), BATCH):
        texts = texts_of(left[start : start + BATCH])
        rows = minilm.encode(list(texts.values()))
        TextVector.objects.bulk_create(
            (
                TextVector(text_hash=key, encoder=minilm.NAME, numbers=row.astype(np.float16).tobytes())
                for key, row in zip(texts, rows, strict=True)
            ),
            update_conflicts=True,
            update_fields=["encoder", "numbers"],
            unique_fields=["text_hash"],
        )
        # Words erased meanwhile leave nothing behind.
        gone = set(texts) - set(Entry.objects.filter(text_hash__in=texts).values_list("text_hash", flat=True))
        TextVector.objects.filter(pk__in=gone).delete()
    return len(left)
