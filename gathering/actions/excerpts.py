"""Picking exact words for a point."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from gathering.actions.decisions import already_done, decide_excerpt, place_entries, refuse_stale
from gathering.actions.desk import lock_desk
from gathering.exceptions import NotQuotable, PointRefused
from gathering.models import Decision, Entry, Excerpt, Point
from gathering.permissions import require_sorting
from gathering.quotes import QuoteRefused, find_quotation, quotation_from_spans
from gathering.signals import excerpts_leaving
from people.consent import Consent
from people.models import User


def pick_excerpt(
    *,
    actor: User,
    entry: Entry,
    point: Point,
    role: str = Excerpt.Role.SUPPORTS,
    text: str | None = None,
    spans: Sequence[Sequence[int]] | None = None,
    batch: uuid.UUID | None = None,
) -> Excerpt:
    """Pick words of an entry for a point, typed or marked. They pass the quote gate or are refused with the reason.

    An entry that is undecided or set aside is placed under the point in the same go, so that one undo takes back both.
    Refused for words whose author does not allow quoting, or has withdrawn them.
    """
    require_sorting(actor, entry.event)
    if point.event_id != entry.event_id:
        raise PointRefused("This point belongs to another event.")
    if role not in Excerpt.Role.values:
        raise NotQuotable("An excerpt supports, qualifies or opposes its point.")
    batch = batch or uuid.uuid4()
    with transaction.atomic():
        lock_desk(entry.event_id)
        for decision in already_done(actor, batch):
            if decision.kind == Decision.Kind.EXCERPTED:
                return Excerpt.with_removed.get(pk=next(iter(decision.after["excerpts"])))
        seen_version = entry.version
        entry = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        refuse_stale(entry, seen_version)
        if entry.consent == Consent.NONE:
            raise NotQuotable("Whoever said this does not want to be quoted. It can be placed and counted.")
        if entry.source_note:
            raise NotQuotable(f"{entry.source_note}: these words can no longer be quoted.")
        try:
            if spans is not None:
                quotation = quotation_from_spans(entry.text, spans)
            else:
                quotation = find_quotation(entry.text, text or "")
        except QuoteRefused as refusal:
            raise NotQuotable(refusal.reason) from refusal
        if entry.disposition in (Entry.Disposition.UNDECIDED, Entry.Disposition.SET_ASIDE):
            place_entries(actor=actor, entries=[entry], point=point, batch=batch)
        excerpt = Excerpt.objects.create(
            entry=entry,
            point=point,
            role=role,
            spans=[list(span) for span in quotation.spans],
            text=quotation.text,
            created_by=actor,
        )
        decide_excerpt(
            stream=lock_desk(entry.event_id),
            actor=actor,
            entry=entry,
            excerpt=excerpt,
            kind=Decision.Kind.EXCERPTED,
            batch=batch,
        )
    return excerpt


def remove_excerpt(*, actor: User, excerpt: Excerpt, batch: uuid.UUID | None = None) -> None:
    """Take an excerpt back. The entry stays where it is; undo brings the excerpt back. Refused while it is cited."""
    entry = excerpt.entry
    require_sorting(actor, entry.event)
    with transaction.atomic():
        stream = lock_desk(entry.event_id)
        excerpt = Excerpt.with_removed.select_for_update(of=("self",)).get(pk=excerpt.pk)
        if excerpt.removed_at:
            return
        for _, answer in excerpts_leaving.send(sender=Excerpt, excerpt_ids=[excerpt.pk]):
            if answer:
                raise NotQuotable(str(answer))
        excerpt.removed_at = timezone.now()
        excerpt.save(update_fields=["removed_at"])
        decide_excerpt(
            stream=stream,
            actor=actor,
            entry=entry,
            excerpt=excerpt,
            kind=Decision.Kind.EXCERPT_REMOVED,
            batch=batch or uuid.uuid4(),
        )
