"""The words of an entry: what stands for them, what is made of them, and those it had before."""

import hashlib

from django.db import transaction

from gathering.echoes import name_of
from gathering.exceptions import CannotUndo
from gathering.models import Decision, Echo, Entry, FormerWords, TextVector
from gathering.vectors import forget


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def words_of_source(entry: Entry) -> str | None:
    """What the source says now."""
    return entry.comment.comment if entry.comment else entry.contribution.body if entry.contribution else None


def give_back_words(entry: Entry, adopted: Decision) -> None:
    """Give an entry, held by the caller, the words that it had before new ones were taken over."""
    former = FormerWords.objects.filter(decision=adopted).first()
    if former is None:
        raise CannotUndo("The last thing you did cannot be undone: the words as they were are kept no more.")
    later = Decision.objects.filter(entry=entry, kind=Decision.Kind.ADOPTED, pk__gt=adopted.pk, undone_by=None)
    if entry.text_hash != former.taken_hash or later.exists():
        raise CannotUndo("Other words have been taken over since.")
    if entry.excerpts.exists():
        raise CannotUndo("Excerpts quote the new words. Take them back first.")
    entry.text, entry.text_hash = former.text, former.text_hash
    entry.source_edited_at = None if words_of_source(entry) == former.text else former.source_edited_at
    entry.save(update_fields=["text", "text_hash", "source_edited_at"])
    former.delete()
    let_go({former.taken_hash}, set())


def let_go(hashes: set[str], echo_ids: set[int]) -> None:
    """What was made of words that are gone goes too, unless others said the same: vectors, the names of echoes."""
    said = set(Entry.objects.filter(text_hash__in=hashes).values_list("text_hash", flat=True))
    TextVector.objects.filter(pk__in=hashes - said).delete()
    transaction.on_commit(lambda: forget(sorted(hashes - said)))
    for echo in Echo.objects.filter(pk__in=echo_ids):
        left = list(Entry.objects.filter(echo=echo).in_order()[:2])
        if len(left) < 2:
            echo.delete()
        else:
            # Named after words that may have been theirs: named anew after words that stand.
            echo.label = name_of(left[0].text)
            echo.save(update_fields=["label"])
