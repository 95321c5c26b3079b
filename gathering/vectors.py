"""What texts of the ledger are about, as vectors: by the optional encoder once it has read nearly all, else by words.

Nothing here asks the encoder itself, whose weights only what works in the background holds in memory.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from gathering import encoder, likeness
from gathering.likeness import Vectors
from gathering.models import Entry, TextVector

# Where at most this share waits to be read, those few go without a vector for so long; where more, words serve for all.
MOST_UNREAD = 0.1
CHUNK = 500

_kept: OrderedDict[str, Vectors] = OrderedDict()
_lock = threading.Lock()


def texts_of(hashes: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(hashes), CHUNK):
        some = hashes[start : start + CHUNK]
        found.update(Entry.objects.filter(text_hash__in=some).values_list("text_hash", "text"))
    return found


def title_key(title: str) -> str:
    """Under which a point's title is kept beside the ledger's texts."""
    return hashlib.sha256(title.encode()).hexdigest()


def vectors_of(hashes: Sequence[str]) -> Vectors:
    """One row of length one for each text given by hash, all by the same encoder; zeros for what it has not read."""
    if encoder.is_installed():
        rows = _encoded(list(hashes), MOST_UNREAD)
        if rows is not None:
            return rows
    return likeness.vectors_of(hashes, texts_of)


def titles_like(titles: Sequence[str], rows: Vectors) -> Vectors | None:
    """One row for each title, by the encoder that made some other rows; None until it has read them all."""
    if rows.shape[1] == encoder.DIMENSIONS:
        return _encoded([title_key(title) for title in titles], 0)
    words = {f"words:{title}": title for title in titles}
    return likeness.vectors_of(list(words), lambda missing: words)


def _encoded(hashes: list[str], most_unread: float) -> Vectors | None:
    """What the encoder made of these texts, or None while too many of them wait to be read."""
    with _lock:
        missing = list(dict.fromkeys(key for key in hashes if key not in _kept))
        for start in range(0, len(missing), CHUNK):
            stored = TextVector.objects.filter(pk__in=missing[start : start + CHUNK], encoder=encoder.NAME)
            for key, numbers in stored.values_list("pk", "numbers"):
                _kept[key] = np.frombuffer(bytes(numbers), np.float16)
        if sum(key not in _kept for key in missing) > most_unread * len(hashes):
            return None
        nothing = np.zeros(encoder.DIMENSIONS, np.float16)
        found = [_kept.get(key, nothing) for key in hashes]
        while len(_kept) > likeness.MOST_KEPT:
            _kept.popitem(last=False)
    return np.stack(found).astype(np.float32) if found else np.zeros((0, encoder.DIMENSIONS), np.float32)


def is_read(hashes: Sequence[str]) -> bool:
    """Whether the encoder, where there is one, has read all of these, as far as the last that was missing tells.

    The background reads texts in the order of the ledger.
    """
    if not encoder.is_installed():
        return True
    unread = [key for key in hashes if key not in _kept]
    return not unread or not waiting(unread[-1:])


def waiting(hashes: Sequence[str]) -> list[str]:
    """Which texts the encoder has not read yet."""
    known: set[str] = set()
    for start in range(0, len(hashes), CHUNK):
        some = list(hashes[start : start + CHUNK])
        known.update(TextVector.objects.filter(pk__in=some, encoder=encoder.NAME).values_list("pk", flat=True))
    return [key for key in dict.fromkeys(hashes) if key and key not in known]


def forget(hashes: Sequence[str]) -> None:
    """Let go of texts that are erased, in this process."""
    with _lock:
        for key in hashes:
            _kept.pop(key, None)
    likeness.forget(hashes)
