"""What became of everything in an export."""

from collections import Counter
from typing import Any

from django.db import models

from wordpress.choices import Outcome
from wordpress.models import Batch, Suspicion


def counts_of(batch: Batch) -> dict[str, Counter[str]]:
    """Per kind, how many were found and what became of them."""
    found: dict[str, Counter[str]] = {}
    rows = (
        batch.records.filter(is_found=True)
        .order_by()
        .values_list("kind", "outcome")
        .annotate(number=models.Count("pk"))
    )
    for kind, outcome, number in rows:
        found.setdefault(kind, Counter())[outcome] = number
    return {kind: found[kind] for kind in sorted(found)}


def report_of(batch: Batch) -> dict[str, Any]:
    """All that there is to say of a batch. Counts add up: found = imported + updated + unchanged + skipped."""
    counts = counts_of(batch)
    records = batch.records.filter(is_found=True).select_related("page", "comment", "mention", "person")
    return {
        "format": "summit-wordpress-report",
        "version": 1,
        "number": batch.pk,
        "source": batch.source,
        "title": batch.title,
        "file": batch.file_name,
        "state": batch.state,
        "dry_run": False,
        "event": batch.event.slug if batch.event else None,
        "notes": batch.notes,
        "counts": {
            kind: {"found": sum(outcomes.values()), **{outcome: outcomes[outcome] for outcome in Outcome.values}}
            for kind, outcomes in counts.items()
        },
        "skipped": [
            {"kind": record.kind, "id": record.source_id, "label": record.label, "reason": record.reason}
            for record in records
            if record.outcome == Outcome.SKIPPED
        ],
        "changed": [
            {"kind": record.kind, "id": record.source_id, "label": record.label, "notes": record.notes}
            for record in records
            if record.notes
        ],
        "suspicious": [
            {
                "kind": suspicion.record.kind,
                "id": suspicion.record.source_id,
                "label": suspicion.record.label,
                "phrase": suspicion.phrase,
                "before": suspicion.before,
                "after": suspicion.after,
                "why": suspicion.why,
                "state": suspicion.state,
            }
            for suspicion in Suspicion.objects.filter(record__batch=batch).select_related("record")
        ],
    }


def trial_rows(trial: dict[str, Any]) -> dict[str, Any]:
    """A dry run's report as its page shows it: counts by kind, why things would be skipped, and what to look at."""
    if "counts" not in trial:
        return trial
    reasons = Counter((one["kind"], one["reason"]) for one in trial["skipped"])
    return {
        "counts": [
            (kind, counts["found"], [counts[outcome] for outcome in Outcome.values])
            for kind, counts in trial["counts"].items()
        ],
        "skipped": [(kind, reason, number) for (kind, reason), number in sorted(reasons.items())],
        "changed": trial["changed"],
        "suspicious": trial["suspicious"],
        "notes": trial["notes"],
    }
