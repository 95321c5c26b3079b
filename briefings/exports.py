"""A briefing as data: what it says, what it rests on, and where that was said. `schemas/` describes it."""

import json
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from briefings import citations
from briefings.models import BriefingPage, FollowUp, PublishedPoint
from briefings.selectors import (
    Citation,
    Evidence,
    PointEvidence,
    absolute,
    edition_of,
    entries_behind,
    evidence_of,
    excerpts_by_id,
    fates_of,
    follow_ups_of,
)
from gathering.models import Excerpt

FORMAT = "summit-briefing"
VERSION = 1
SCHEMA = Path(__file__).parent / "schemas" / f"briefing-{VERSION}.json"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema that every briefing's data keeps to."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def as_data(briefing: BriefingPage, evidence: Evidence | None = None) -> dict[str, Any]:
    """The briefing with full provenance, ready for JSON. Says no more about anybody than the page does."""
    evidence = evidence or evidence_of(briefing)
    event, coverage = evidence.event, evidence.coverage
    excerpts = excerpts_by_id(citation.excerpt_id for citation in evidence.citations)
    published = {point.point_id: point for point in briefing.published_points.all()}
    follow_ups = follow_ups_of(briefing)
    return {
        "$schema": absolute(reverse("briefings:schema", args=[VERSION])),
        "format": FORMAT,
        "version": VERSION,
        "address": absolute(briefing.url),
        "short_address": absolute(briefing.short_path),
        "edition": edition.number if (edition := edition_of(briefing)) else None,
        "series": briefing.series.name,
        "strapline": briefing.strapline,
        "number": briefing.number,
        "title": briefing.title,
        "event": {
            "title": event.title,
            "starts_on": event.starts_on.isoformat(),
            "ends_on": event.ends_on.isoformat(),
            "venue": event.venue,
            "address": absolute(event.url),
        },
        "partners": [{"name": link.partner.name, "tier": link.tier} for link in evidence.partners],
        "proposition": {
            "number": briefing.proposition.number,
            "title": briefing.proposition.title,
            "address": absolute(briefing.proposition.url),
        }
        if briefing.proposition
        else None,
        "published_at": _moment(briefing.first_published_at),
        "changed_at": _moment(briefing.last_published_at),
        "opening": briefing.opening,
        "points": [
            _point(
                point,
                briefing,
                excerpts,
                published.get(point.id) if point.id else None,
                follow_ups.get(point.id, []) if point.id else [],
            )
            for point in evidence.points
        ],
        # Promised about points that the briefing no longer has.
        "other_follow_ups": [_follow_up(follow_up) for follow_up in evidence.other_follow_ups],
        "closing": briefing.closing,
        "credit": briefing.credit,
        "coverage": {
            "entries": coverage.total.entries,
            "people": coverage.total.people,
            **{disposition: tally.entries for disposition, tally in coverage.dispositions.items()},
            **{channel: tally.entries for channel, tally in coverage.channels.items()},
        },
    }


def _point(
    point: PointEvidence,
    briefing: BriefingPage,
    excerpts: dict[uuid.UUID, Excerpt],
    published: PublishedPoint | None,
    follow_ups: Sequence[FollowUp],
) -> dict[str, Any]:
    return {
        "id": str(point.id) if point.id else None,
        "number": point.number,
        "heading": point.heading,
        "discussion": _with_codes(point, briefing),
        "address": f"{absolute(briefing.url)}#{point.anchor}",
        "rests_on": {
            "people": point.rest.people,
            "entries": point.rest.entries,
            "opposing": point.rest.opposing,
            "comments_before": point.rest.before,
            "contributions_live": point.rest.live,
            "tables": point.rest.tables,
        },
        "citations": [
            _citation(citation, excerpts.get(citation.excerpt_id) if citation.excerpt_id else None)
            for citation in point.citations
        ],
        "entries": _entries(briefing, published) if published else [],
        "follow_ups": [_follow_up(follow_up) for follow_up in follow_ups],
    }


def _follow_up(follow_up: FollowUp) -> dict[str, Any]:
    return {
        "promise": follow_up.promise,
        "owner": follow_up.owner,
        "state": follow_up.state,
        "due_on": follow_up.due_on.isoformat() if follow_up.due_on else None,
        "note": follow_up.note,
        "changed_at": follow_up.changed_at.isoformat(),
    }


def _entries(briefing: BriefingPage, point: PublishedPoint) -> list[dict[str, Any]]:
    """Everything under a point, quoted or not, as far as it may be shown."""
    return [
        {
            "id": fate.entry.pk,
            "channel": fate.entry.channel,
            "said_at": fate.entry.said_at.isoformat(),
            "disposition": fate.status,
            "merged_into": fate.entry.merged_into_id,
            "text": fate.text or None,
            "attribution": fate.attribution or None,
            "address": absolute(fate.address) or None,
            "gone": fate.gone or None,
        }
        for fate in fates_of(entries_behind(briefing, point), briefing)
    ]


def _with_codes(point: PointEvidence, briefing: BriefingPage) -> str:
    """The point's text, its citations written as [3b]."""
    codes = {citation.excerpt_id: citation.code for citation in point.citations}
    source = briefing.points[point.number - 1].value["discussion"].source
    return citations.replace(source, lambda reference: f"[{codes[reference]}]" if reference in codes else "")


def _citation(citation: Citation, excerpt: Excerpt | None) -> dict[str, Any]:
    shown = excerpt if excerpt is not None and not citation.gone else None
    entry = shown.entry if shown else None
    return {
        "code": citation.code,
        "excerpt": str(citation.excerpt_id) if citation.excerpt_id else None,
        "entry": excerpt.entry_id if excerpt else None,
        "role": citation.role or None,
        "text": citation.text or None,
        "spans": shown.spans if shown else [],
        "source_hash": entry.text_hash if entry else None,
        "context": [{"text": segment.text, "quoted": segment.is_quoted} for segment in citation.segments],
        "attribution": citation.attribution or None,
        "consent": entry.consent if entry else None,
        "said": citation.place or None,
        "said_at": entry.said_at.isoformat() if entry else None,
        "channel": entry.channel if entry else None,
        "address": citation.url or None,
        "people": citation.people,
        "picked_at": shown.created_at.isoformat() if shown else None,
        "gone": citation.gone or None,
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
