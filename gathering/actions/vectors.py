"""Keeping what the optional encoder makes of texts."""

from collections.abc import Sequence

import numpy as np

from gathering import encoder
from gathering.models import Entry, TextVector
from gathering.vectors import texts_of, title_key, waiting

BATCH = 100


def encode_texts(*, text_hashes: Sequence[str], titles: Sequence[str] = (), most: int | None = None) -> int:
    """Read texts and points' titles that the encoder has not read yet, and keep what it makes of them.

    Answers how many there were. Ten milliseconds each, and memory for the weights: not while somebody waits.
    What has been read stays read if it is stopped. Nothing without the encoder.
    """
    if not encoder.is_installed():
        return 0
    named = {title_key(title): title for title in titles if title.strip()}
    left = waiting([*named, *text_hashes])[:most]
    for start in range(0, len(left), BATCH):
        some = left[start : start + BATCH]
        texts = {**texts_of(some), **{key: named[key] for key in some if key in named}}
        rows = encoder.encode(list(texts.values()))
        TextVector.objects.bulk_create(
            (
                TextVector(text_hash=key, encoder=encoder.NAME, numbers=row.astype(np.float16).tobytes())
                for key, row in zip(texts, rows, strict=True)
            ),
            update_conflicts=True,
            update_fields=["encoder", "numbers"],
            unique_fields=["text_hash"],
        )
        # Words erased meanwhile leave nothing behind.
        said = Entry.objects.filter(text_hash__in=texts).values_list("text_hash", flat=True)
        TextVector.objects.filter(pk__in=texts.keys() - named.keys() - set(said)).delete()
    return len(left)
