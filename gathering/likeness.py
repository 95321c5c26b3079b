"""How alike things said are, on this machine alone: static word vectors, whose weights are in an installed package.

Vectors are kept in memory by the hash of their text, which never changes in a ledger. Everything here is the same for
the same texts: nothing is drawn at random.
"""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 256
# 40,000 vectors of 256 numbers take 40 MB.
MOST_KEPT = 40_000

_kept: OrderedDict[str, Vectors] = OrderedDict()
_lock = threading.Lock()


@functools.cache
def _encoder() -> Any:
    """The encoder, loaded when first needed (half a second), without asking any network."""
    import wordllama  # noqa: PLC0415 half a second and 100 MB that only an editor's process needs

    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


Reader = Callable[[list[str]], Mapping[str, str]]


def vectors_of(hashes: Sequence[str], read: Reader) -> Vectors:
    """One row of length one for each text, in order. `read` gives the texts of hashes that are not kept yet.

    A text that is gone, or has no known word, gets zeros.
    """
    with _lock:
        missing = list(dict.fromkeys(key for key in hashes if key not in _kept))
        if missing:
            texts = read(missing)
            rows = _encoder().embed([texts.get(key) or " " for key in missing], norm=True).astype(np.float32)
            _kept.update(zip(missing, np.nan_to_num(rows), strict=True))
        found = [_kept[key] for key in hashes]
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return np.stack(found) if found else np.zeros((0, DIMENSIONS), np.float32)


def centres(rows: Vectors, groups: Mapping[Any, Sequence[int]]) -> dict[Any, Vectors]:
    """The middle of each group of rows, given by number; groups without a direction are left out."""
    found = {}
    for name, numbers in groups.items():
        if len(numbers):
            middle = rows[list(numbers)].mean(axis=0)
            length = float(np.linalg.norm(middle))
            if length:
                found[name] = middle / length
    return found


def ranked(row: Vectors, rows: Vectors) -> list[tuple[int, float]]:
    """The numbers of the rows, most like one first, with how like they are: 1 is the same."""
    likeness = rows @ row
    return [(int(number), float(likeness[number])) for number in np.argsort(-likeness, kind="stable")]
