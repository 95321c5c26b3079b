"""Taking the words of somebody who is erased out of what editors typed."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from wagtail.log_actions import log
from wagtail.models import Revision

from briefings import citations
from briefings.models import BriefingPage
from briefings.quotations import Said, taken_out
from events.models import EventPage
from gathering.models import Entry, Excerpt, Point
from people.consent import Consent
from people.models import User

TEXTS = ("opening", "closing")


def take_words_out(*, actor: User | None, author_keys: Collection[str]) -> int:
    """Take quotations of somebody's words, and their name, out of every briefing of theirs and its kept revisions.

    Part of a person's erasure, inside its transaction and before the ledger's, which still knows the words. `actor`
    stands in the page's history, so it is None when who is erased does it. Answers how many pages, revisions and
    points of the desk it changed; what was retold in an editor's own words stays for a person to decide about.
    """
    changed = 0
    with transaction.atomic():
        for event_id, said in _said(author_keys).items():
            event = EventPage.objects.get(pk=event_id)
            for point in Point.objects.filter(event=event):
                title = taken_out(point.working_title, list(said.values()), is_html=False)
                if title != point.working_title:
                    Point.objects.filter(pk=point.pk).update(working_title=title[:200])
                    changed += 1
            for briefing in BriefingPage.objects.child_of(event).select_for_update(of=("self",)):
                changed += _take_out(briefing, said, actor)
    return changed


def _said(author_keys: Collection[str]) -> dict[int, dict[int, Said]]:
    """What somebody said at each event, by the entry's id."""
    found: dict[int, dict[int, Said]] = defaultdict(dict)
    for entry in Entry.objects.filter(author_key__in=list(author_keys)).exclude(text=""):
        excerpts = Excerpt.with_removed.filter(entry=entry).exclude(text="").values_list("text", flat=True)
        name = entry.author_label if entry.consent == Consent.NAMED else ""
        found[entry.event_id][entry.pk] = Said(entry.text, tuple(excerpts), name)
    return found


def _take_out(briefing: BriefingPage, said: dict[int, Said], actor: User | None) -> int:
    changed = 0
    live = {"points": briefing.points.get_prep_value(), **{name: getattr(briefing, name) for name in TEXTS}}
    left = _without(live, said)
    if left != live:
        briefing.points = json.dumps(left["points"])
        for name in TEXTS:
            setattr(briefing, name, left[name])
        briefing.save(clean=False)
        headings = {block["id"]: block["value"]["heading"] for block in left["points"]}
        for point in briefing.published_points.all():
            if (heading := headings.get(str(point.point_id), point.heading)) != point.heading:
                point.heading = heading
                point.save(update_fields=["heading"])
        changed += 1
    for revision in Revision.page_revisions.filter(object_id=str(briefing.pk)):
        kept = {name: revision.content.get(name) or "" for name in TEXTS}
        kept["points"] = json.loads(revision.content["points"])
        left = _without(kept, said)
        if left != kept:
            revision.content |= {**left, "points": json.dumps(left["points"])}
            # Not saved by Wagtail's own way: nothing was edited, and the newest draft stays the newest.
            Revision.objects.filter(pk=revision.pk).update(content=revision.content)
            changed += 1
    if changed:
        log(instance=briefing, action="briefings.take_words_out", user=actor)
    return changed


def _without(texts: dict[str, Any], said: dict[int, Said]) -> dict[str, Any]:
    words = list(said.values())
    return {
        **{name: taken_out(texts[name], words) for name in TEXTS},
        "points": [_point_without(block, said, words) for block in texts["points"]],
    }


def _point_without(block: dict[str, Any], said: dict[int, Said], words: Sequence[Said]) -> dict[str, Any]:
    value = block["value"]
    cited = [pk for pk in citations.cited(value["discussion"]) if pk]
    others = list(
        Excerpt.objects.filter(pk__in=cited).exclude(entry__in=said).exclude(text="").values_list("text", flat=True)
    )
    return {
        **block,
        "value": {
            **value,
            "heading": taken_out(value["heading"], words, is_html=False),
            "discussion": taken_out(value["discussion"], words, others),
        },
    }
