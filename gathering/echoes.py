"""Which things were said in the same words, or nearly: copies, retellings with a line added, campaigns.

Every pair is compared, exactly: what all of them share is one product of a matrix with itself, of which little is ever
in memory. The same texts give the same groups.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

# Letters in a row that are compared, and how many of them two texts share, of all that either has.
SHINGLE = 5
NEARLY_THE_SAME = 0.7
# A text that holds another whole, with something of its author's own: of the shorter one's, if it has enough words, and
# if the whole is not a long text of its own, which shares at least so much with it.
HELD_WHOLE = 0.9
WORDS_HELD = 8
HALF_THE_SAME = 0.45
SEED = 1
# So many texts are compared with all others at a time: what they share takes 20 MB for 20,000.
PORTION = 256
# Of the time it takes, so much goes by until the letters are read.
READ = 0.2

_gap = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The words alone: without capitals, accents, punctuation and line breaks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return _gap.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()


def name_of(text: str) -> str:
    """The first words, as a name to start from."""
    words = text.split()
    return " ".join(words[:8])[:110] + ("…" if len(words) > 8 else "")


def _marks(texts: Sequence[str], tell: Callable[[float], None]) -> tuple[csr_array, npt.NDArray[Any], npt.NDArray[Any]]:
    """Which texts have which letters in a row, how many of these each column stands for, and how many each text has.

    Letters that stand in the same texts, such as those of a sentence that many sent in, are one column; those of one
    text alone, which it shares with nobody, are none.
    """
    known: dict[str, int] = {}
    columns: list[int] = []
    sizes = np.zeros(len(texts), np.int64)
    for number, words in enumerate(texts):
        if number % PORTION == 0:
            tell(READ * number / len(texts))
        padded = f" {words} "
        letters = {padded[at : at + SHINGLE] for at in range(max(1, len(padded) - SHINGLE + 1))}
        columns.extend(known.setdefault(some, len(known)) for some in letters)
        sizes[number] = len(letters)
    of, rows = np.array(columns, np.int64), np.repeat(np.arange(len(texts)), sizes)
    # Each text draws a number; columns with the same sum and count are of the same texts.
    lots = np.random.default_rng(SEED).integers(1, 2**62, len(texts), dtype=np.uint64)
    sums = np.zeros(len(known), np.uint64)
    np.add.at(sums, of, lots[rows])
    shared = np.flatnonzero(np.bincount(of, minlength=len(known)) > 1)
    _, merged, stands_for = np.unique(sums[shared], return_inverse=True, return_counts=True)
    place = np.full(len(known), -1)
    place[shared] = merged
    kept = place[of] >= 0
    has = csr_array(
        (np.ones(int(kept.sum()), np.float32), (rows[kept], place[of[kept]])), shape=(len(texts), len(stands_for))
    )
    has.sum_duplicates()
    has.data[:] = 1
    return has, stands_for.astype(np.float32), sizes.astype(np.float32)


def _alike(texts: Sequence[str], tell: Callable[[float], None]) -> csr_array:
    """Which of some different texts echo each other."""
    has, stands_for, sizes = _marks(texts, tell)
    lengths = np.array([words.count(" ") + 1 for words in texts])
    weighed = has.copy()
    weighed.data = stands_for[has.indices]
    ones, others = [], []
    for start in range(0, len(texts), PORTION):
        tell(READ + (1 - READ) * start / len(texts))
        product = (has[start:] @ weighed[start : start + PORTION].T).tocoo()
        other, one, shared = product.row + start, product.col + start, product.data
        near = (other > one) & (shared >= HALF_THE_SAME * (sizes[one] + sizes[other] - shared))
        one, other, shared = one[near], other[near], shared[near]
        nearly = shared >= NEARLY_THE_SAME * (sizes[one] + sizes[other] - shared)
        has_words = np.minimum(lengths[one], lengths[other]) >= WORDS_HELD
        held = has_words & (shared >= HELD_WHOLE * np.minimum(sizes[one], sizes[other]))
        ones.append(one[nearly | held])
        others.append(other[nearly | held])
    one, other = np.concatenate(ones), np.concatenate(others)
    both = (np.concatenate([one, other]), np.concatenate([other, one]))
    return csr_array((np.ones(2 * len(one), np.int64), both), shape=(len(texts), len(texts)))


def groups_of(texts: Sequence[str], tell: Callable[[float], None] = lambda share: None) -> list[tuple[int, ...]]:
    """The numbers of texts that echo each other, largest group first; the one most others are like leads its group.

    Everything in a group is like its leader, not merely like something like it, so that a group does not drift.
    `tell` hears how far it is, as a share of the whole.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        if words := plain(text):
            same[words].append(number)
    different = list(same)
    if not different:
        return []
    alike = _alike(different, tell)
    copies = np.array([len(same[words]) for words in different])
    weight = copies + alike @ copies
    taken = np.zeros(len(different), bool)
    found: list[tuple[int, ...]] = []
    for number in np.argsort(-weight, kind="stable").tolist():
        if taken[number]:
            continue
        near = np.sort(alike.indices[alike.indptr[number] : alike.indptr[number + 1]])
        members = [number, *near[~taken[near]].tolist()]
        taken[members] = True
        numbers = [text for member in members for text in same[different[member]]]
        if len(numbers) > 1:
            found.append(tuple(numbers))
    return sorted(found, key=lambda group: (-len(group), group))
