"""Taking over the words of a source that was edited."""

import uuid

from django.db import transaction

from gathering.actions.decisions import already_done, decide_words
from gathering.actions.desk import lock_desk
from gathering.actions.wording import hash_of, let_go, words_of_source
from gathering.exceptions import NotQuotable
from gathering.models import Entry, FormerWords
from gathering.permissions import require_sorting
from people.models import User


def adopt_source(*, actor: User, entry: Entry, batch: uuid.UUID | None = None) -> Entry:
    """Take over the words of an edited source, by an editor's decision.

    Refused while excerpts quote the old words: they would no longer stand in the text. The log says who took them over;
    the old words are kept beside it for an undo.
    """
    require_sorting(actor, entry.event)
    with transaction.atomic():
        stream = lock_desk(entry.event_id)
        entry = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        if already_done(actor, batch):
            return entry
        source = words_of_source(entry)
        if source is None or not entry.source_edited_at or entry.source_note:
            raise NotQuotable("There are no new words to take over.")
        if entry.excerpts.exists():
            raise NotQuotable("Excerpts quote the words as they were. Take them back first.")
        decision = decide_words(stream=stream, actor=actor, entry=entry, batch=batch or uuid.uuid4())
        former = FormerWords.objects.create(
            decision=decision,
            text=entry.text,
            text_hash=entry.text_hash,
            taken_hash=hash_of(source),
            source_edited_at=entry.source_edited_at,
        )
        entry.text, entry.text_hash, entry.source_edited_at = source, former.taken_hash, None
        entry.version += 1
        entry.save(update_fields=["text", "text_hash", "source_edited_at", "version"])
        let_go({former.text_hash}, set())
    return entry
