"""What fills the ledger. Called when something is said or its source changes, never by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from discussion.models import Comment, CommentState
from gathering.actions.wording import hash_of, let_go, words_of_source
from gathering.models import Entry, Excerpt, FormerWords, Wish, WordsLink
from gathering.selectors import (
    comments_missing_from_ledger,
    contributions_missing_from_ledger,
    entries_behind_their_source,
    place_of_page,
    places_of_sessions,
)
from gathering.signals import words_left
from live.models import Contribution
from people.models import User

SourceChange = Literal["edited", "withdrawn", "hidden"]
BATCH = 500


def record_comment(*, comment: Comment, actor: User | None, is_new: bool = False) -> Entry | None:
    """Give a published comment its entry, or clear the flag of one that is published again.

    Safe to call any number of times. Answers None for what does not belong in a ledger: a comment that is not
    published, or one on a page below no event. One that `is_new` was written in this very transaction: it can't have
    an entry yet, and nothing is asked first.
    """
    if comment.state != CommentState.PUBLISHED:
        return None
    place = place_of_page(comment.page)
    if place is None:
        return None
    values = {
        "event_id": place.event_id,
        "proposition_id": place.proposition_id,
        "channel": Entry.Channel.BEFORE,
        "text": comment.comment,
        "text_hash": hash_of(comment.comment),
        "consent": comment.consent,
        "author_label": comment.author_label[:200],
        "quote_label": comment.quote_label[:300],
        "author_key": comment.author_key,
        "said_at": comment.submit_date or comment.created_at,
    }
    if is_new:
        return Entry.objects.create(comment=comment, **values)
    with transaction.atomic():
        entry, was_missing = Entry.objects.get_or_create(comment=comment, defaults=values)
        if not was_missing and (entry.source_hidden_at or entry.source_withdrawn_at):
            entry.source_hidden_at = entry.source_withdrawn_at = None
            entry.save(update_fields=["source_hidden_at", "source_withdrawn_at"])
    return entry


def record_contributions(
    *, contributions: Sequence[Contribution], actor: User | None, is_new: bool = False
) -> list[Entry]:
    """Give shown contributions their entries, in one insert however many there are.

    Safe to call any number of times; those shown again after being hidden lose that flag. Rehearsals are left out.
    Those that are `is_new` were written in this very transaction: they can't have entries yet, and nothing is asked
    first. Answers the entries that were new.
    """
    shown = [one for one in contributions if one.state == Contribution.State.SHOWN]
    if not shown:
        return []
    # Within another transaction this needs no savepoint of its own: it fails whole, with that.
    with transaction.atomic(savepoint=False):
        new = shown if is_new else _without_entry(shown)
        places = places_of_sessions({one.session_id for one in new}) if new else {}
        entries = [
            Entry(
                event_id=place.event_id,
                proposition_id=one.proposition_id or place.proposition_id,
                session_id=one.session_id,
                prompt_id=one.prompt_id,
                contribution=one,
                channel=Entry.Channel.TABLE if one.channel == Contribution.Channel.TABLE else Entry.Channel.LIVE,
                text=one.body,
                text_hash=hash_of(one.body),
                consent=one.consent,
                author_label=one.author_label,
                quote_label=one.quote_label,
                author_key=one.author_key,
                headcount=one.headcount,
                table_name=one.table_name,
                is_starred_in_room=one.is_starred,
                said_at=one.said_at,
            )
            for one in new
            if (place := places.get(one.session_id))
        ]
        # Two writers of the same batch: the unique source lets one through.
        Entry.objects.bulk_create(entries, batch_size=BATCH, ignore_conflicts=True)
    return entries


def _without_entry(shown: Sequence[Contribution]) -> list[Contribution]:
    """Those the ledger does not hold yet. The others are shown, so they are not hidden any more."""
    known = set(Entry.objects.filter(contribution__in=[one.pk for one in shown]).values_list("contribution", flat=True))
    if known:
        Entry.objects.filter(contribution__in=known).exclude(source_hidden_at=None).update(source_hidden_at=None)
    return [one for one in shown if one.pk not in known]


def flag_source(
    *,
    change: SourceChange,
    comment: Comment | None = None,
    contribution: Contribution | None = None,
    actor: User | None,
) -> Entry | None:
    """Note on an entry that its source was edited, withdrawn or hidden. The frozen text stays as it was said."""
    source: dict[str, Any] = {"comment": comment} if comment else {"contribution": contribution}
    entry = Entry.objects.filter(**source).first()
    if entry is None:
        return None
    name = f"source_{change}_at"
    stood = not entry.source_note
    if change == "edited":
        text = comment.comment if comment else contribution.body if contribution else ""
        moment = None if hash_of(text) == entry.text_hash else timezone.now()
    else:
        moment = getattr(entry, name) or timezone.now()
    setattr(entry, name, moment)
    entry.save(update_fields=[name])
    if change != "edited":
        words_left.send(sender=Entry, event_ids=[entry.event_id], entry_ids=[entry.pk] if stood else [])
    return entry


def star_in_room(*, contributions: Iterable[Contribution], actor: User | None) -> None:
    """Carry the facilitator's stars over to the entries."""
    starred = {True: [], False: []}  # type: dict[bool, list[int]]
    for contribution in contributions:
        starred[contribution.is_starred].append(contribution.pk)
    for is_starred, ids in starred.items():
        if ids:
            Entry.objects.filter(contribution__in=ids).update(is_starred_in_room=is_starred)


def erase_entries(*, author_keys: Iterable[str], actor: User | None) -> int:
    """Blank everything said under these keys: text, names, hash and key go; that somebody spoke, and its fate, stay.

    Excerpts are blanked too; links, wishes to be told and the words of before others were taken over go. The person
    keeps counting as one, under a key that leads nowhere.
    """
    moment = timezone.now()
    keys = set(author_keys)
    with transaction.atomic():
        holders: list[WordsLink | Wish] = [*WordsLink.objects.all(), *Wish.objects.all()]
        for kept in holders:
            if not keys.isdisjoint(kept.author_keys):
                kept.delete()
        entries = list(Entry.objects.select_for_update().filter(author_key__in=keys))
        hashes = {entry.text_hash for entry in entries}
        echoes = {entry.echo_id for entry in entries if entry.echo_id}
        tombstones: dict[str, str] = {}
        for entry in entries:
            first = tombstones.setdefault(entry.author_key, f"erased-{entry.pk}")
            entry.author_key = first
            entry.text = entry.text_hash = entry.author_label = entry.quote_label = ""
            entry.erased_at, entry.echo = moment, None
        Entry.objects.bulk_update(
            entries,
            ["author_key", "text", "text_hash", "author_label", "quote_label", "erased_at", "echo"],
            batch_size=BATCH,
        )
        Excerpt.with_removed.filter(entry__in=entries).update(text="", spans=[])
        former = FormerWords.objects.filter(decision__entry__in=entries)
        hashes.update(former.values_list("text_hash", flat=True))
        former.delete()
        let_go(hashes, echoes)
        # What was typed of them, a higher app has taken out before: nobody need be told.
        words_left.send(sender=Entry, event_ids=sorted({entry.event_id for entry in entries}), entry_ids=[])
    return len(entries)


@dataclass
class Reconciliation:
    """What the ledger lacked. `recorded` says whether it was put right."""

    comments: list[int] = field(default_factory=list)
    contributions: list[int] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    recorded: bool = False

    @property
    def is_complete(self) -> bool:
        return not (self.comments or self.contributions or self.flags)


def reconcile_ledger(*, record: bool, actor: User | None = None) -> Reconciliation:
    """Compare the ledger with its sources, and record what is missing if asked to."""
    comments = comments_missing_from_ledger()
    contributions = contributions_missing_from_ledger()
    behind = list(entries_behind_their_source())
    report = Reconciliation(
        comments=[comment.pk for comment in comments],
        contributions=[contribution.pk for contribution in contributions],
        flags=[entry.pk for entry in behind],
        recorded=record,
    )
    if record:
        with transaction.atomic():
            for comment in comments:
                record_comment(comment=comment, actor=actor)
            for start in range(0, len(contributions), BATCH):
                record_contributions(contributions=contributions[start : start + BATCH], actor=actor)
            moment = timezone.now()
            for entry in behind:
                state = entry.comment.state if entry.comment else entry.contribution.state if entry.contribution else ""
                words = words_of_source(entry)
                is_hidden = state in (CommentState.HIDDEN, Contribution.State.HIDDEN)
                is_withdrawn = state in (CommentState.WITHDRAWN, Contribution.State.WITHDRAWN)
                entry.source_hidden_at = (entry.source_hidden_at or moment) if is_hidden else None
                entry.source_withdrawn_at = (entry.source_withdrawn_at or moment) if is_withdrawn else None
                if not (is_hidden or is_withdrawn or entry.erased_at) and words not in (None, entry.text):
                    entry.source_edited_at = entry.source_edited_at or moment
            Entry.objects.bulk_update(
                behind, ["source_hidden_at", "source_withdrawn_at", "source_edited_at"], batch_size=BATCH
            )
    return report
