"""Where somebody's words went: each thing said, what became of it and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count

from discussion.models import Comment
from events.models import EventPage
from gathering.actions.wishes import hash_of_token
from gathering.cards import Paragraph, paragraphs
from gathering.models import Entry, Excerpt, Wish, WordsLink
from gathering.publications import Remainder, Standing, remainders_of, standings_of
from gathering.selectors import Fate, entries_of, fate_of
from live.actions.joining import hash_of_token as hash_of_device
from live.models import Participant
from people.models import User
from people.permissions import AnyUser
from people.personal import subject_of_user

ORDER = (
    Entry.Disposition.USED,
    Entry.Disposition.MERGED,
    Entry.Disposition.SET_ASIDE,
    Entry.Disposition.UNDECIDED,
)


def keys_of(*, user: AnyUser, device_token: str, device_key: str) -> list[str]:
    """The keys of everything somebody said: from their account, also under its address before there was one, and from
    this device in sessions and in comments.
    """
    keys: list[str] = []
    if isinstance(user, User):
        keys += sorted(subject_of_user(user).author_keys)
    if device_token:
        keys += Participant.objects.filter(token_hash=hash_of_device(device_token)).values_list("author_key", flat=True)
    if device_key:
        keys += Comment.objects.filter(device_key=device_key).values_list("author_key", flat=True)
        keys += Comment.objects.filter(confirming_device_key=device_key).values_list("author_key", flat=True)
    return list(dict.fromkeys(key for key in keys if key))


def keys_of_link(token: str) -> list[str] | None:
    """The keys behind a link, or None if there is no such link."""
    link = WordsLink.objects.filter(token_hash=hash_of_token(token)).first()
    return list(link.author_keys) if link else None


@dataclass(frozen=True)
class Words:
    """One thing said, as its author sees it."""

    fate: Fate
    paragraphs: list[Paragraph]
    excerpts: list[Excerpt]
    merged_with: int
    standing: Standing
    remainders: Sequence[Remainder] = ()

    @property
    def remains_in(self) -> str:
        """Where words of it stand although it is gone, in a sentence; empty if nowhere."""
        named = [str(one) for one in self.remainders]
        return " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))

    @property
    def entry(self) -> Entry:
        return self.fate.entry


@dataclass(frozen=True)
class WordsAtEvent:
    """Everything somebody said at one event."""

    event: EventPage
    words: Sequence[Words]
    proposition_number: int | None
    label: str
    wish: Wish | None

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many were used, merged, set aside and are undecided; in that order."""
        return [(value.label.lower(), sum(1 for one in self.words if one.fate.disposition == value)) for value in ORDER]

    @property
    def has_undecided(self) -> bool:
        return any(one.fate.disposition == Entry.Disposition.UNDECIDED for one in self.words)


def words_of(author_keys: Iterable[str]) -> list[WordsAtEvent]:
    """What became of everything said under these keys, newest event first; a constant number of queries."""
    keys = list(author_keys)
    entries = entries_of(keys)
    targets = {entry.merged_into_id for entry in entries if entry.merged_into_id}
    others = dict(
        Entry.objects.filter(merged_into__in=targets)
        .order_by()
        .values_list("merged_into")
        .annotate(how_many=Count("pk"))
        .values_list("merged_into", "how_many")
    )
    wishes = {wish.event_id: wish for wish in Wish.objects.filter(author_key__in=keys[:1])}
    remainders = remainders_of([entry.pk for entry in entries if not entry.is_quotable])
    by_event: dict[int, list[Standing]] = {}
    for standing in standings_of(entries):
        by_event.setdefault(standing.entry.event_id, []).append(standing)
    found = []
    for event_id, some in by_event.items():
        ordered = sorted(some, key=lambda one: ORDER.index(Entry.Disposition(one.entry.disposition)))
        numbers = {one.entry.proposition.number if one.entry.proposition else None for one in some}
        labels = {one.entry.author_label for one in some}
        found.append(
            WordsAtEvent(
                event=some[0].entry.event,
                words=[_words(standing, others, remainders.get(standing.entry.pk, ())) for standing in ordered],
                proposition_number=numbers.pop() if len(numbers) == 1 else None,
                label=labels.pop() if len(labels) == 1 else "",
                wish=wishes.get(event_id),
            )
        )
    return found


def _words(standing: Standing, others: dict[int | None, int], remainders: Sequence[Remainder]) -> Words:
    entry = standing.entry
    excerpts = [excerpt for excerpt in entry.excerpts.all() if excerpt.removed_at is None]
    return Words(
        fate=fate_of(entry),
        paragraphs=paragraphs(entry.text, excerpts),
        excerpts=excerpts,
        merged_with=others.get(entry.merged_into_id, 0),
        standing=standing,
        remainders=remainders,
    )
