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


def forget(hashes: Sequence[str]) -> None:
    """Let go of texts that are erased, in this process."""
    with _lock:
        for key in hashes:
            _kept.pop(key, None)


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


# Like meets like: a text is moved half-way towards those most like it, which says more of what it is about than its
# own few words do.
NEIGHBOURS = 10
PULL = 0.5
# How strongly the fit of what has been placed is held back, and how much a point's title counts beside it.
HOLD_BACK = 1.0
TITLE_COUNTS = 0.04


def unit(rows: Vectors) -> Vectors:
    """The rows at length one; those of no length stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


def drawn_together(
    rows: Vectors, numbers: Sequence[int], *, neighbours: int = NEIGHBOURS, pull: float = PULL
) -> Vectors:
    """Some of the rows, each moved towards the rows most like it."""
    count = min(neighbours, len(rows) - 1)
    chosen = np.asarray(numbers, int)
    if count < 1 or not len(chosen):
        return rows[chosen]
    found = np.empty((len(chosen), rows.shape[1]), np.float32)
    for start in range(0, len(chosen), 256):
        some = chosen[start : start + 256]
        near = rows[some] @ rows.T
        near[np.arange(len(some)), some] = -1
        which = np.argpartition(-near, count - 1, axis=1)[:, :count]
        weight = np.maximum(np.take_along_axis(near, which, axis=1), 0)
        middle = unit(np.einsum("ij,ijk->ik", weight, rows[which]))
        found[start : start + len(some)] = unit((1 - pull) * rows[some] + pull * middle)
    return found


class Learner:
    """Which pile a text belongs to, learnt from those in piles: regularised least squares, solved exactly.

    The same examples give the same answer, in a few milliseconds for a thousand of them.
    """

    def __init__(self, rows: Vectors, labels: Sequence[Any], titles: Mapping[Any, Vectors] | None = None) -> None:
        self.labels = sorted(set(labels), key=str)
        self._middle = rows.mean(axis=0)
        centred = (rows - self._middle).astype(np.float64)
        wanted = np.array([[label == one for one in self.labels] for label in labels], np.float64)
        wanted -= wanted.mean(axis=0)
        width = centred.shape[1]
        if len(rows) <= width:
            inner = centred @ centred.T + HOLD_BACK * np.eye(len(rows))
            weights = centred.T @ np.linalg.solve(inner, wanted)
        else:
            weights = np.linalg.solve(centred.T @ centred + HOLD_BACK * np.eye(width), centred.T @ wanted)
        self._weights = weights.astype(np.float32)
        self._titles: Vectors | None = None
        if titles and len(self.labels) > 1:
            nothing = np.zeros(rows.shape[1], np.float32)
            self._titles = np.stack([titles.get(label, nothing) for label in self.labels])
            near = rows @ self._titles.T
            self._usual, self._spread = float(near.mean()), float(near.std()) or 1.0

    def scores(self, rows: Vectors) -> Vectors:
        """How well each row fits each of `labels`."""
        found = (rows - self._middle) @ self._weights
        if self._titles is not None:
            found = found + TITLE_COUNTS * (rows @ self._titles.T - self._usual) / self._spread
        return found
