"""Advertising: what a comment shows of it, and how that is learned from moderators' decisions.

A naive Bayes filter weighs signs: words, pairs of words, and a few things such as sums of money. Learning needs
scikit-learn and happens in a task; judging is adding up what was learned, and can be explained sign by sign. The
filter only ever asks a moderator to look, and wants several signs first: everyday words are an advertiser's too.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from wagtail.models import ModelLogEntry

from discussion.choices import CommentState
from discussion.models import Comment, SpamFilter

ADVERTISING = "Advertising"
EXAMPLES = Path(__file__).parent / "examples"
# What the examples alone teach: in force until something was learned here.
SHIPPED = EXAMPLES / "learned.json"
CACHE_KEY = "discussion.spam_filter"
CACHE_SECONDS = 60
# Holding wrongly costs a moderator a minute and an author's trust; not holding costs a moderator a minute later.
SPAM_FROM = 0.9
# What moderators decided here speaks louder than what was said elsewhere.
WEIGHT_OF_A_DECISION = 3.0
MOST_DECISIONS = 5_000
LET_STAND = ("discussion.release", "discussion.settle_flags")
MOST_SIGNS = 8_000
LENGTH_READ = 4_000
SMOOTHING = 0.3
# One word decides nothing: a few examples can make any everyday word look like an advertiser's.
HEAVIEST_SIGN = 1.5
# So many telling signs are wanted, pairs of the same words not counted, where no link or address says whom to turn to.
TELLING_FROM = 1.0
TELLING_SIGNS = 3

CONTACTS = {"‹a link›", "‹an e-mail address›", "‹a telephone number›"}

_word = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_signs = {
    "‹a link›": re.compile(r"https?:/|www\.|\[url|<a\s|\b[a-z0-9-]{2,}\.(?:com|net|info|biz|ru|xyz|top|shop|online)\b"),
    "‹an e-mail address›": re.compile(r"\S@\S+\.\S"),
    "‹a telephone number›": re.compile(r"\+?\d[\d ()-]{8,}\d"),
    "‹dollars›": re.compile(r"\$\s?\d|\d\s?(?:usd|\$)"),
    "‹a percentage off›": re.compile(r"\d\s?%\s*(?:off|discount|return|interest)|(?:discount|save)\D{0,20}\d+\s?%"),
    "‹!!›": re.compile(r"!\s*!"),
    "‹24 hours›": re.compile(r"\b24\s?(?:/\s?7|hours?|h)\b"),
}


@dataclass(frozen=True)
class Example:
    """A text and what it is."""

    text: str
    is_spam: bool
    weight: float = 1.0


@dataclass(frozen=True)
class Sign:
    """Something in a text, and how much it speaks for advertising (above nought) or against."""

    name: str
    weight: float


@dataclass(frozen=True)
class Judgement:
    """What the filter thinks of a text, with the signs that decided, the strongest first."""

    likelihood: float
    signs: tuple[Sign, ...] = ()
    version: int = 0
    # Whether there is enough to go by, whatever the likelihood.
    has_evidence: bool = False

    @property
    def is_spam(self) -> bool:
        return self.has_evidence and self.likelihood >= SPAM_FROM

    @property
    def percent(self) -> int:
        return round(100 * self.likelihood)


@dataclass(frozen=True)
class Learned:
    """Everything that judging needs."""

    weights: dict[str, float]
    bias: float
    version: int = 0

    def judge(self, text: str) -> Judgement:
        found = [Sign(name, _capped(self.weights[name])) for name in signs_of(text) if name in self.weights]
        # Words of one text go together, and naive Bayes takes them for independent: long texts would be judged with a
        # certainty that nobody has.
        score = self.bias + sum(sign.weight for sign in found) * _damping(len(found))
        found.sort(key=lambda sign: -abs(self.weights[sign.name]))
        likelihood = 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))
        return Judgement(likelihood, tuple(found[:12]), self.version, has_evidence=_is_enough(found))


def signs_of(text: str) -> list[str]:
    """What a text shows, each once."""
    text = unicodedata.normalize("NFKC", text[:LENGTH_READ])
    lowered = text.casefold()
    words = [word.replace("’", "'") for word in _word.findall(lowered)]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    special = [name for name, pattern in _signs.items() if pattern.search(lowered)]
    return list(dict.fromkeys([*special, *words, *pairs]))


def judge(text: str) -> Judgement:
    """What the filter in force thinks of a text: the one learned here, else the one that comes with Summit."""
    return (_in_force() or shipped()).judge(text)


def examples_shipped() -> list[Example]:
    """The examples a new installation starts from."""
    return [
        Example(text, is_spam=is_spam)
        for name, is_spam in (("advertising.txt", True), ("good.txt", False))
        for text in (EXAMPLES / name).read_text(encoding="utf-8").split("\n\n")
        if text.strip()
    ]


def examples_decided() -> list[Example]:
    """What moderators have decided here: hidden as advertising, or released, or let stand when somebody complained.

    What no moderator looked at teaches nothing: advertising that slipped through would teach that it is none.
    """
    hidden = Comment.objects.filter(state=CommentState.HIDDEN, hide_reason__istartswith=ADVERTISING)
    spam = hidden.order_by("-pk").values_list("comment", flat=True)[:MOST_DECISIONS]
    return [
        *(Example(text, True, WEIGHT_OF_A_DECISION) for text in spam),
        *(Example(text, False, WEIGHT_OF_A_DECISION) for text in _released()),
    ]


def _released() -> list[str]:
    """The texts that stand because a moderator said so, as that moderator read them."""
    decisions = (
        ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Comment), action__in=LET_STAND, user__isnull=False
        )
        .order_by("-timestamp", "-pk")
        .values_list("object_id", "timestamp")[:MOST_DECISIONS]
    )
    decided = {int(pk): moment for pk, moment in reversed(decisions)}
    standing = Comment.objects.filter(pk__in=decided, state=CommentState.PUBLISHED, flag_count=0).order_by("-pk")
    return [
        text
        for pk, text, edited_at in standing.values_list("pk", "comment", "edited_at")
        if edited_at is None or edited_at <= decided[pk]
    ]


def train(examples: Sequence[Example]) -> Learned:
    """Learn from examples of both kinds. The same examples always teach the same."""
    # Large, and needed by nobody but the task that learns.
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415
    from sklearn.naive_bayes import MultinomialNB  # noqa: PLC0415

    vectorizer = CountVectorizer(analyzer=signs_of, binary=True, max_features=MOST_SIGNS)
    counts = vectorizer.fit_transform([example.text for example in examples])
    kinds = [example.is_spam for example in examples]
    # How common advertising is among the examples says nothing about how common it is here.
    bayes = MultinomialNB(alpha=SMOOTHING, fit_prior=False)
    bayes.fit(counts, kinds, sample_weight=[example.weight for example in examples])
    good, spam = bayes.feature_log_prob_
    names = vectorizer.get_feature_names_out()
    weights = {str(name): round(float(b - a), 4) for name, a, b in zip(names, good, spam, strict=True)}
    return Learned(weights, bias=0.0)


@dataclass(frozen=True)
class Trial:
    """How a filter did with texts it had not learned from."""

    caught: int
    missed: int
    wrongly_held: int
    let_stand: int

    @property
    def precision(self) -> float:
        held = self.caught + self.wrongly_held
        return self.caught / held if held else 1.0

    @property
    def recall(self) -> float:
        spam = self.caught + self.missed
        return self.caught / spam if spam else 1.0


def try_out(learned: Learned, examples: Iterable[Example]) -> Trial:
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for example in examples:
        counts[example.is_spam, learned.judge(example.text).is_spam] += 1
    return Trial(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def cross_validate(examples: Sequence[Example], folds: int = 10) -> Trial:
    """How filters do that learn from all but a tenth and are tried on that tenth, ten times over."""
    ordered = sorted(examples, key=lambda example: (example.is_spam, example.text))
    trials = []
    for fold in range(folds):
        rest = [example for place, example in enumerate(ordered) if place % folds != fold]
        trials.append(try_out(train(rest), ordered[fold::folds]))
    return Trial(
        sum(trial.caught for trial in trials),
        sum(trial.missed for trial in trials),
        sum(trial.wrongly_held for trial in trials),
        sum(trial.let_stand for trial in trials),
    )


def _damping(number: int) -> float:
    """How much of a sum of so many signs to believe: all of a few, less of many."""
    return min(1.0, (20 / number) ** 0.5) if number else 1.0


def _capped(weight: float) -> float:
    return max(-HEAVIEST_SIGN, min(HEAVIEST_SIGN, weight))


def _is_enough(found: Iterable[Sign]) -> bool:
    """Whether several things tell of advertising, or one says where to turn to."""
    telling = {sign.name for sign in found if sign.weight >= TELLING_FROM}
    alone = [name for name in telling if " " not in name or name in _signs]
    return not telling.isdisjoint(CONTACTS) or len(alone) >= TELLING_SIGNS


def _in_force() -> Learned | None:
    number: int | None = cache.get(CACHE_KEY)
    if number is None:
        number = (
            SpamFilter.objects.filter(is_in_force=True).order_by("-number").values_list("number", flat=True).first()
            or 0
        )
        cache.set(CACHE_KEY, number, CACHE_SECONDS)
    return load(number) if number else None


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """What the examples teach, learned beforehand: a new installation has a filter before anybody thinks of one."""
    found = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return Learned(found["weights"], found["bias"])


def ship(examples: Sequence[Example]) -> Learned:
    """Write down what the shipped examples teach. To be done anew whenever they change."""
    learned = train(examples)
    weights = dict(sorted(learned.weights.items()))
    text = json.dumps({"bias": learned.bias, "weights": weights}, ensure_ascii=False, indent=0)
    SHIPPED.write_text(text + "\n", encoding="utf-8")
    return learned


@lru_cache(maxsize=2)
def load(number: int) -> Learned | None:
    """A version as it was learned; versions never change."""
    found = SpamFilter.objects.filter(number=number).first()
    return Learned(found.weights, found.bias, found.number) if found else None
