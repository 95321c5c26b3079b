"""Which things were said in the same words, or nearly: copies, retellings with a line added, campaigns.

MinHash finds the pairs worth comparing; each pair is then compared exactly. The same texts give the same groups.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH

PERMUTATIONS = 128
SEED = 1
# Bands and rows: of pairs that share seven tenths of what they say, all but 2 in 10,000 are brought up.
BANDS = (32, 4)
# Letters in a row that are compared, and how many of them two texts share, of all that either has.
SHINGLE = 5
NEARLY_THE_SAME = 0.7
# A text that holds another whole, with something of its author's own: of the shorter one's, if it has enough words.
HELD_WHOLE = 0.9
WORDS_HELD = 8
# Pairs whose sketches agree less than this are not compared exactly.
WORTH_COMPARING = 0.45
# So that thousands of texts made of the same few sentences take seconds too: beyond this, the sketches decide.
MOST_COMPARED = 100_000

_gap = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The words alone: without capitals, accents, punctuation and line breaks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return _gap.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()


def name_of(text: str) -> str:
    """The first words, as a name to start from."""
    words = text.split()
    return " ".join(words[:8])[:110] + ("…" if len(words) > 8 else "")


def _shingles(words: str) -> frozenset[str]:
    padded = f" {words} "
    return frozenset(padded[at : at + SHINGLE] for at in range(max(1, len(padded) - SHINGLE + 1)))


def _is_echo(one: frozenset[str], other: frozenset[str], words: int) -> bool:
    shared = len(one & other)
    if shared >= NEARLY_THE_SAME * (len(one) + len(other) - shared):
        return True
    return words >= WORDS_HELD and shared >= HELD_WHOLE * min(len(one), len(other))


def groups_of(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """The numbers of texts that echo each other, largest group first; the one most others are like leads its group.

    Everything in a group is like its leader, not merely like something like it, so that a group does not drift.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        if words := plain(text):
            same[words].append(number)
    different = list(same)
    shingles = [_shingles(words) for words in different]
    sketches = MinHash.bulk(
        ([shingle.encode() for shingle in some] for some in shingles), num_perm=PERMUTATIONS, seed=SEED
    )
    index = MinHashLSH(params=BANDS, num_perm=PERMUTATIONS)
    drawn = np.array([sketch.hashvalues for sketch in sketches])
    for number, sketch in enumerate(sketches):
        index.insert(number, sketch, check_duplication=False)
    alike: dict[int, set[int]] = defaultdict(set)
    compared = 0
    for number, sketch in enumerate(sketches):
        candidates = np.array(sorted(other for other in index.query(sketch) if other > number), int)
        agree = (drawn[candidates] == drawn[number]).mean(axis=1) if len(candidates) else np.zeros(0)
        near = agree >= (WORTH_COMPARING if compared < MOST_COMPARED else NEARLY_THE_SAME)
        for other in candidates[near].tolist():
            words = min(different[number].count(" "), different[other].count(" ")) + 1
            if compared >= MOST_COMPARED or _is_echo(shingles[number], shingles[other], words):
                alike[number].add(other)
                alike[other].add(number)
        compared += int(near.sum())
    found: list[tuple[int, ...]] = []
    taken: set[int] = set()

    def weight(number: int) -> int:
        return len(same[different[number]]) + sum(len(same[different[other]]) for other in alike[number] - taken)

    for number in sorted(range(len(different)), key=lambda one: (-weight(one), one)):
        if number in taken:
            continue
        members = [number, *sorted(alike[number] - taken)]
        taken.update(members)
        numbers = [text for member in members for text in same[different[member]]]
        if len(numbers) > 1:
            found.append(tuple(numbers))
    return sorted(found, key=lambda group: (-len(group), group))
