"""One run of an import: what it was asked, and what became of each thing, written down as it happens."""

import datetime
import hashlib
import json
from typing import Any

from django.utils.text import Truncator
from wagtail.models import Page

from people.models import User
from people.personal import erased_keys
from wordpress.actions.choosing import Choices
from wordpress.choices import BatchState, Outcome
from wordpress.markup import words_of
from wordpress.models import Batch, Record, Suspicion
from wordpress.reader import Response
from wordpress.survey import Survey
from wordpress.suspicions import Found

MENTION_KINDS = {"pingback", "trackback"}
NOTES_PER_RECORD = 40
HELD_THERE = "It was waiting for a moderator on the old site"
HELD_FOR_WORDS = "It may hold injected words"
ERASED = "They were erased here; nothing of theirs is brought back"


class Run:
    """One import on its way, as all that take part in it see it."""

    def __init__(self, actor: User, batch: Batch, found: Survey, choices: Choices, *, is_trial: bool = False) -> None:
        self.actor, self.batch, self.found, self.choices = actor, batch, found, choices
        self.is_trial = is_trial
        self.erased = erased_keys()
        self.last_date: datetime.datetime | None = None
        # Records of pages that were made before their texts were read, and the pages themselves.
        self.sketched: dict[tuple[str, str], Record] = {}
        self.made: set[int] = set()

    def record(self, kind: str, source_id: str, label: str, outcome: str, **fields: Any) -> Record:
        notes = list(dict.fromkeys(fields.pop("notes", [])))
        if len(notes) > NOTES_PER_RECORD:
            notes[NOTES_PER_RECORD - 1 :] = [f"… and {len(notes) - NOTES_PER_RECORD + 1} more"]
        values = {
            "label": " ".join(label.split())[:255],
            "outcome": outcome,
            "reason": fields.pop("reason", "")[:300],
            "notes": notes,
            **fields,
        }
        kind, source_id = kind[:40], source_id[:255]
        record = self.sketched.pop((kind, source_id), None)
        if record is None:
            return Record.objects.create(batch=self.batch, kind=kind, source_id=source_id, **values)
        for name, value in values.items():
            if name != "is_made":
                setattr(record, name, value)
        record.save()
        return record

    def skip(self, kind: str, source_id: str, label: str, reason: str, **fields: Any) -> Record:
        return self.record(kind, source_id, label, Outcome.SKIPPED, reason=reason, **fields)

    def before(self, kind: str, source_id: str) -> Record | None:
        """What an earlier run that still stands made of the same thing."""
        return (
            Record.objects.filter(
                batch__source=self.batch.source, batch__state=BatchState.DONE, kind=kind[:40], source_id=source_id[:255]
            )
            .exclude(outcome=Outcome.SKIPPED)
            .order_by("-pk")
            .first()
        )

    def note_made(self, page: Page, kind: str, source_id: str) -> None:
        """Note at once that this run made a page, so that it can be taken away whatever happens next."""
        record = self.record(kind, source_id, page.title, Outcome.IMPORTED, page=page, is_made=True)
        self.sketched[record.kind, record.source_id] = record
        self.made.add(page.pk)

    def note_revision(self, page: Page, kind: str, source_id: str) -> None:
        """Note how this run left a page whose text no record of its own follows: what comes later is somebody's."""
        record = self.sketched[kind[:40], source_id[:255]]
        record.revision_id = page.latest_revision_id
        record.save(update_fields=["revision_id"])

    def suspect(self, record: Record, suspicions: list[Found], unseen: list[Found]) -> None:
        Suspicion.objects.bulk_create(
            Suspicion(
                record=record, phrase=found.phrase, before=found.before, after=found.after, why=found.why, state=state
            )
            for state, all_found in (("open", suspicions), ("cut", unseen))
            for found in all_found
        )


def kind_of(name: str) -> str:
    """A kind of post as the report names it; apart from what else the report names."""
    ours = {"author", "category", "tag", "comment", "pingback", "trackback", "event", "news", "facilitator", "picture"}
    return (f"{name} (posts)" if name in ours else name)[:40]


def kind_of_response(response: Response) -> str:
    known = response.kind in MENTION_KINDS or response.kind == "comment"
    return response.kind if known else f"{response.kind[:25]} (comments)"


def label_of(response: Response) -> str:
    return Truncator(f"{response.author or 'Nobody named'}: {words_of(response.content)}").chars(120)


def digest_of(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
