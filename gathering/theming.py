"""Piles of entries that seem to be about the same thing, each with the words that set it apart.

Deterministic: the same texts in the same order make the same piles. Nothing leaves this machine.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from gathering.likeness import Vectors

# Fewer entries than this are read faster than piles of them.
LEAST_ENTRIES = 12
LEAST_IN_PILE = 3
MOST_PILES = 20
TERMS = 3
# Entries less like the middle of their pile than this stay "not yet grouped".
LEAST_LIKENESS = 0.2
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


def piles(texts: Sequence[str], vectors: Vectors, *, most: int = MOST_PILES) -> list[Pile]:
    """Sort texts into piles, largest first. What is like nothing else is left out."""
    if len(texts) < LEAST_ENTRIES:
        return []
    standing = np.flatnonzero(np.linalg.norm(vectors, axis=1) > 0)
    centred = _centred(vectors[standing])
    # About twenty small piles for hundreds of entries, fewer for few.
    different = len(np.unique(vectors[standing].round(4), axis=0))
    count = min(most, different, max(2, round(math.sqrt(len(standing) / 2))))
    if count < 2 or len(standing) < LEAST_ENTRIES:
        return []
    model = KMeans(n_clusters=count, random_state=0, n_init=4).fit(centred)
    near = centred @ _unit(model.cluster_centers_).T
    words = [_words(text) for text in texts]
    spread = Counter(word for some in words for word in some)
    found = []
    for number in range(count):
        inside = [
            (float(near[place, number]), int(standing[place]))
            for place in np.flatnonzero(model.labels_ == number)
            if near[place, number] >= LEAST_LIKENESS
        ]
        if len(inside) < LEAST_IN_PILE:
            continue
        members = tuple(text for _, text in sorted(inside, key=lambda pair: (-pair[0], pair[1])))
        terms = _terms([words[member] for member in members], spread, len(texts))
        if terms:
            found.append(Pile(members, terms))
    return sorted(found, key=lambda pile: (-len(pile.members), pile.members[0]))


def _centred(vectors: Vectors) -> Vectors:
    """What all texts share says nothing about what each is about."""
    return _unit(vectors - vectors.mean(axis=0))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


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
