"""Piles of entries that seem to be about the same thing, each with the words that set it apart.

Deterministic: the same texts in the same order make the same piles. Nothing leaves this machine.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from gathering.likeness import Vectors, unit

Tell = Callable[[float], None]

# Fewer entries than this are read faster than piles of them.
LEAST_ENTRIES = 12
LEAST_IN_PILE = 3
MOST_PILES = 20
TERMS = 3
# Entries less like the middle of their pile than this stay "not yet grouped".
LEAST_LIKENESS = 0.2
# How rows are drawn together before they are parted: to this many neighbours, so often, so strongly.
NEIGHBOURS, STEPS, PULL = 8, 2, 0.7
MOST_BEGINNINGS, MOST_MOVES = 30, 40
# Fewer beginnings for many entries: what a server can do in seconds.
WORK = 60_000
# Of the time it takes, so much goes by until like rows are drawn together.
GATHERED = 0.5
# How much more often than elsewhere a word is said here, to name the pile.
LEAST_LIFT = 1.5
# Words that more than this share of many texts have, such as the town's name, name no pile.
COMMON_SHARE, COMMON_FROM = 0.12, 100

_word = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_said_everywhere = frozenset(
    [
        "able",
        "also",
        "because",
        "cannot",
        "could",
        "did",
        "does",
        "doing",
        "done",
        "dont",
        "don’t",
        "don't",
        "even",
        "ever",
        "every",
        "everybody",
        "everyone",
        "get",
        "gets",
        "getting",
        "give",
        "given",
        "gives",
        "got",
        "going",
        "had",
        "has",
        "have",
        "having",
        "let",
        "like",
        "made",
        "make",
        "makes",
        "making",
        "many",
        "may",
        "might",
        "much",
        "must",
        "need",
        "needs",
        "never",
        "nobody",
        "one",
        "only",
        "other",
        "ought",
        "our",
        "own",
        "people",
        "put",
        "really",
        "said",
        "say",
        "says",
        "should",
        "some",
        "somebody",
        "something",
        "take",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "things",
        "think",
        "this",
        "those",
        "time",
        "two",
        "use",
        "used",
        "very",
        "want",
        "wants",
        "was",
        "way",
        "well",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "year",
        "years",
        "you",
        "your",
    ]
)
STOP_WORDS = ENGLISH_STOP_WORDS | _said_everywhere


@dataclass(frozen=True)
class Pile:
    """Numbers of the texts in it, most typical first, and the words that set it apart."""

    members: tuple[int, ...]
    terms: tuple[str, ...]

    @property
    def label(self) -> str:
        return ", ".join(self.terms)


def piles(
    texts: Sequence[str], vectors: Vectors, *, most: int = MOST_PILES, tell: Tell = lambda share: None
) -> list[Pile]:
    """Sort texts into piles, largest first. What is like nothing else is left out. `tell` hears how far it is."""
    if len(texts) < LEAST_ENTRIES:
        return []
    standing = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0)
    # About twenty small piles for hundreds of entries, fewer for few.
    different = len(np.unique(vectors[standing].round(4), axis=0))
    count = min(most, different, max(2, round(math.sqrt(len(standing) / 2))))
    if count < 2 or len(standing) < LEAST_ENTRIES:
        return []
    labels, near = parted(vectors[standing], count, tell=tell)
    words = [_words(text) for text in texts]
    spread = Counter(word for some in words for word in some)
    found = []
    for number in range(count):
        inside = [
            (float(near[place, number]), int(standing[place]))
            for place in np.flatnonzero(labels == number)
            if near[place, number] >= LEAST_LIKENESS
        ]
        if len(inside) < LEAST_IN_PILE:
            continue
        members = tuple(text for _, text in sorted(inside, key=lambda pair: (-pair[0], pair[1])))
        terms = _terms([words[member] for member in members], spread, len(texts))
        if terms:
            found.append(Pile(members, terms))
    return sorted(found, key=lambda pile: (-len(pile.members), pile.members[0]))


def parted(
    rows: Vectors, count: int, *, seed: int = 0, tell: Tell = lambda share: None
) -> tuple[npt.NDArray[np.intp], Vectors]:
    """Part rows of length one into a number of piles: the pile of each, and how near it is to the middle of every pile.

    Each row is first drawn towards those like it, over and over, so that what is said in other words comes together;
    then the best of many beginnings is kept. The same for the same rows and seed.
    """
    rows = _gathered(rows, tell)
    lots = np.random.default_rng(seed)
    beginnings = max(3, min(MOST_BEGINNINGS, WORK // max(1, len(rows))))
    best, best_fit = np.zeros(len(rows), np.intp), -np.inf
    middles = rows[:count]
    for beginning in range(beginnings):
        tell(GATHERED + (1 - GATHERED) * beginning / beginnings)
        found = _middles(rows, count, lots)
        near = rows @ found.T
        if (fit := float(near.max(axis=1).sum())) > best_fit:
            best, best_fit, middles = near.argmax(axis=1), fit, found
    return best, rows @ middles.T


def _gathered(rows: Vectors, tell: Tell) -> Vectors:
    """Each row moved towards its neighbours, as often as `STEPS` says; who is whose neighbour is settled at first."""
    count = min(NEIGHBOURS, len(rows) - 1)
    if count < 1:
        return rows
    places, weights = [], []
    for start in range(0, len(rows), 512):
        tell(GATHERED * start / len(rows))
        near = rows[start : start + 512] @ rows.T
        near[np.arange(len(near)), np.arange(start, start + len(near))] = -1
        which = np.argpartition(-near, count - 1, axis=1)[:, :count]
        places.append(which)
        weights.append(np.maximum(np.take_along_axis(near, which, axis=1), 0))
    first = np.arange(len(rows) + 1) * count
    graph = csr_array((np.concatenate(weights).ravel(), np.concatenate(places).ravel(), first), shape=(len(rows),) * 2)
    # To be somebody's neighbour counts as much as to have one.
    graph = graph.maximum(graph.T)
    graph = diags_array(1 / np.maximum(graph.sum(axis=1), 1e-9)) @ graph
    for _ in range(STEPS):
        rows = unit((PULL * (graph @ rows) + (1 - PULL) * rows).astype(np.float32))
    return rows


def _middles(rows: Vectors, count: int, lots: np.random.Generator) -> Vectors:
    """The middles of piles, from one beginning: far apart at first, then moved until nothing changes."""
    chosen = [int(lots.integers(len(rows)))]
    nearest = rows @ rows[chosen[0]]
    for _ in range(count - 1):
        far = np.maximum(1 - nearest.astype(np.float64), 0) + 1e-12
        chosen.append(int(lots.choice(len(rows), p=far / far.sum())))
        nearest = np.maximum(nearest, rows @ rows[chosen[-1]])
    middles = rows[chosen]
    labels = None
    for _ in range(MOST_MOVES):
        near = rows @ middles.T
        moved = near.argmax(axis=1)
        if labels is not None and (moved == labels).all():
            break
        labels = moved
        sums = (
            csr_array((np.ones(len(rows), np.float32), (labels, np.arange(len(rows)))), shape=(count, len(rows))) @ rows
        )
        empty = np.linalg.norm(sums, axis=1) == 0
        if empty.any():
            sums[empty] = rows[near.max(axis=1).argsort(kind="stable")[: int(empty.sum())]]
        middles = unit(sums)
    return middles


def _words(text: str) -> set[str]:
    return {word for word in _word.findall(text.lower()) if word not in STOP_WORDS}


def _terms(inside: Sequence[set[str]], spread: Counter[str], total: int) -> tuple[str, ...]:
    """The words said here far more often than elsewhere, by log-likelihood."""
    here = Counter(word for some in inside for word in some)
    scored = []
    for word, count in here.items():
        if count < 2:
            continue
        share, expected = count / len(inside), spread[word] / total
        is_common = total >= COMMON_FROM and expected > COMMON_SHARE
        if share > LEAST_LIFT * expected and not is_common:
            scored.append((-count * math.log(share / expected), word))
    chosen: list[str] = []
    for _, word in sorted(scored):
        # One word of a kind: "road" and "roads" say the same.
        if not any(word.startswith(other[:5]) or other.startswith(word[:5]) for other in chosen if len(other) > 4):
            chosen.append(word)
        if len(chosen) == TERMS:
            break
    return tuple(chosen)
