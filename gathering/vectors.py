"""What texts of the ledger are about, as vectors: by the optional encoder where it has read them all, else by words."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from gathering import likeness, minilm
from gathering.likeness import Vectors
from gathering.models import Entry, TextVector

# So few texts are encoded while somebody waits; more are left to `encode_ledger`.
AT_ONCE = 8
CHUNK = 500

_kept: OrderedDict[str, Vectors] = OrderedDict()
_lock = threading.Lock()


def texts_of(hashes: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(hashes), CHUNK):
        some = hashes[start : start + CHUNK]
        found.update(Entry.objects.filter(text_hash__in=some).values_list("text_hash", "text"))
    return found


def vectors_of(hashes: Sequence[str], *, words: Sequence[str] = ()) -> Vectors:
    """One row of length one for each text given by hash, then for each of some other words; all by the same encoder."""
    if minilm.is_installed():
        rows = _encoded(list(hashes))
        if rows is not None:
            return np.concatenate([rows, minilm.encode(words)]) if words else rows
    keys = [*hashes, *(f"words:{one}" for one in words)]
    others = {f"words:{one}": one for one in words}
    return likeness.vectors_of(
        keys, lambda missing: {**others, **texts_of([key for key in missing if key not in others])}
    )


def _encoded(hashes: list[str]) -> Vectors | None:
    """What the encoder made of these texts, or None while too many of them wait to be read."""
    with _lock:
        missing = list(dict.fromkeys(key for key in hashes if key not in _kept))
        for start in range(0, len(missing), CHUNK):
            stored = TextVector.objects.filter(pk__in=missing[start : start + CHUNK], encoder=minilm.NAME)
            for key, numbers in stored.values_list("pk", "numbers"):
                _kept[key] = np.frombuffer(bytes(numbers), np.float16).astype(np.float32)
        left = [key for key in missing if key not in _kept]
        if len(left) > AT_ONCE:
            return None
        if left:
            texts = texts_of(left)
            _kept.update(zip(left, minilm.encode([texts.get(key, "") for key in left]), strict=True))
        found = [_kept[key] for key in hashes]
        while len(_kept) > likeness.MOST_KEPT:
            _kept.popitem(last=False)
    return np.stack(found) if found else np.zeros((0, minilm.DIMENSIONS), np.float32)


def waiting(hashes: Sequence[str]) -> list[str]:
    """Which texts the encoder has not read yet."""
    known: set[str] = set()
    for start in range(0, len(hashes), CHUNK):
        some = list(hashes[start : start + CHUNK])
        known.update(TextVector.objects.filter(pk__in=some, encoder=minilm.NAME).values_list("pk", flat=True))
    return [key for key in dict.fromkeys(hashes) if key and key not in known]


def forget(hashes: Sequence[str]) -> None:
    """Let go of texts that are erased, in this process."""
    with _lock:
        for key in hashes:
            _kept.pop(key, None)
    likeness.forget(hashes)
