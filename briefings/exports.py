"""A briefing as data: what it says, what it rests on, and where that was said."""

from typing import Any

from briefings import citations
from briefings.models import BriefingPage
from briefings.selectors import Citation, Evidence, PointEvidence, absolute, evidence_of

FORMAT = "summit-briefing"
VERSION = 1


def as_data(briefing: BriefingPage, evidence: Evidence | None = None) -> dict[str, Any]:
    """The briefing with full provenance, ready for JSON. Says no more about anybody than the page does."""
    evidence = evidence or evidence_of(briefing)
    event, coverage = evidence.event, evidence.coverage
    return {
        "format": FORMAT,
        "version": VERSION,
        "address": absolute(briefing.url),
        "short_address": absolute(briefing.short_path),
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
        "points": [_point(point, briefing) for point in evidence.points],
        "closing": briefing.closing,
        "credit": briefing.credit,
        "coverage": {
            "entries": coverage.total.entries,
            "people": coverage.total.people,
            **{disposition: tally.entries for disposition, tally in coverage.dispositions.items()},
        },
    }


def _point(point: PointEvidence, briefing: BriefingPage) -> dict[str, Any]:
    return {
        "id": str(point.id) if point.id else None,
        "number": point.number,
        "heading": point.heading,
        "discussion": _with_codes(point, briefing),
        "address": f"{absolute(briefing.url)}#point-{point.number}",
        "rests_on": {
            "people": point.rest.people,
            "entries": point.rest.entries,
            "opposing": point.rest.opposing,
            "comments_before": point.rest.before,
            "contributions_live": point.rest.live,
            "tables": point.rest.tables,
        },
        "citations": [_citation(citation) for citation in point.citations],
    }


def _with_codes(point: PointEvidence, briefing: BriefingPage) -> str:
    """The point's text, its citations written as [3b]."""
    codes = {citation.excerpt_id: citation.code for citation in point.citations}
    source = briefing.points[point.number - 1].value["discussion"].source
    return citations.replace(source, lambda reference: f"[{codes[reference]}]" if reference in codes else "")


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "code": citation.code,
        "excerpt": str(citation.excerpt_id) if citation.excerpt_id else None,
        "role": citation.role or None,
        "text": citation.text or None,
        "context": [{"text": segment.text, "quoted": segment.is_quoted} for segment in citation.segments],
        "attribution": citation.attribution or None,
        "said": citation.place or None,
        "address": citation.url or None,
        "people": citation.people,
        "gone": citation.gone or None,
    }


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
