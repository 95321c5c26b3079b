"""Taking the words of somebody who is erased out of what editors typed."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model
from wagtail.log_actions import log
from wagtail.models import PageLogEntry, Revision

from briefings import citations
from briefings.blocks import HEADING_LENGTH
from briefings.models import BriefingPage, FollowUp, FollowUpChange
from briefings.quotations import Said, taken_out
from events.models import EventPage
from gathering.models import Entry, Excerpt, Point
from people.consent import Consent
from people.models import User
from people.personal import forget_in_log

TEXTS = ("opening", "closing")
# Those without marks. Wagtail keeps the title of the draft beside the published one.
LINES = ("title", "draft_title", "seo_title", "search_description", "credit")


def take_words_out(*, actor: User | None, author_keys: Collection[str]) -> int:
    """Take quotations of somebody's words, and their name, out of every briefing of theirs and its kept revisions, out
    of what was promised about it, and out of its history.

    Part of a person's erasure, inside its transaction and before the ledger's, which still knows the words. `actor`
    stands in the page's history, so it is None when who is erased does it. Answers how many pages, revisions, promises
    and points of the desk it changed; what was retold in an editor's own words stays for a person to decide about.
    """
    changed = 0
    with transaction.atomic():
        for event_id, said in _said(author_keys).items():
            event = EventPage.objects.get(pk=event_id)
            for point in Point.objects.filter(event=event):
                title = taken_out(point.working_title, list(said.values()), is_html=False)
                if title != point.working_title:
                    Point.objects.filter(pk=point.pk).update(working_title=title[:HEADING_LENGTH])
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
    live = {"points": briefing.points.get_prep_value(), **{name: getattr(briefing, name) for name in (*TEXTS, *LINES)}}
    left = _without(live, said)
    if left != live:
        briefing.points = json.dumps(left["points"])
        for name in (*TEXTS, *LINES):
            setattr(briefing, name, left[name])
        briefing.save(clean=False)
        headings = {block["id"]: block["value"]["heading"] for block in left["points"]}
        for point in briefing.published_points.all():
            if (heading := headings.get(str(point.point_id), point.heading)) != point.heading:
                point.heading = heading
                point.save(update_fields=["heading"])
        changed += 1
    for revision in Revision.page_revisions.filter(object_id=str(briefing.pk)):
        kept = {name: revision.content.get(name) or "" for name in (*TEXTS, *LINES)}
        kept["points"] = json.loads(revision.content["points"])
        left = _without(kept, said)
        if left != kept:
            revision.content |= {**left, "points": json.dumps(left["points"])}
            # Not saved by Wagtail's own way: nothing was edited, and the newest draft stays the newest.
            Revision.objects.filter(pk=revision.pk).update(content=revision.content, object_str=left["title"])
            changed += 1
    changed += _take_out_of_promises(briefing, list(said.values()))
    if changed:
        _take_out_of_history(briefing, list(said.values()))
        log(instance=briefing, action="briefings.take_words_out", user=actor)
    return changed


def _take_out_of_promises(briefing: BriefingPage, said: Sequence[Said]) -> int:
    follow_ups = list(briefing.follow_ups.all())
    touched = {follow_up.pk for follow_up in follow_ups if _take_out_of(follow_up, ("promise", "owner", "note"), said)}
    for change in FollowUpChange.objects.filter(follow_up__in=follow_ups):
        if _take_out_of(change, ("note",), said):
            touched.add(change.follow_up_id)
    forget_in_log([follow_up for follow_up in follow_ups if follow_up.pk in touched])
    return len(touched)


def _take_out_of_history(briefing: BriefingPage, said: Sequence[Said]) -> None:
    """The history keeps what the page was called, and the reasons why it was not published."""
    for entry in PageLogEntry.objects.filter(page=briefing.pk):
        label, data = taken_out(entry.label, said, is_html=False), _without_strings(entry.data, said)
        if (label, data) != (entry.label, entry.data):
            PageLogEntry.objects.filter(pk=entry.pk).update(label=label, data=data)


def _take_out_of(row: FollowUp | FollowUpChange, names: Sequence[str], said: Sequence[Said]) -> bool:
    left = {name: _line_without(row, name, getattr(row, name), said) for name in names}
    if all(getattr(row, name) == text for name, text in left.items()):
        return False
    # As it was changed by nobody, nothing is noted of it.
    type(row)._default_manager.filter(pk=row.pk).update(**left)
    return True


def _line_without(model: Model | type[Model], name: str, text: str, said: Sequence[Said]) -> str:
    """A line without what was said, no longer than its field: what comes in the place of a few words may be longer."""
    return taken_out(text, said, is_html=False)[: getattr(model._meta.get_field(name), "max_length", None)]


def _without_strings(value: Any, said: Sequence[Said]) -> Any:
    match value:
        case str():
            return taken_out(value, said, is_html=False)
        case list():
            return [_without_strings(one, said) for one in value]
        case dict():
            return {key: _without_strings(one, said) for key, one in value.items()}
    return value


def _without(texts: dict[str, Any], said: dict[int, Said]) -> dict[str, Any]:
    words = list(said.values())
    return {
        **{name: taken_out(texts[name], words) for name in TEXTS},
        **{name: _line_without(BriefingPage, name, texts[name], words) for name in LINES},
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
            "heading": taken_out(value["heading"], words, is_html=False)[:HEADING_LENGTH],
            "discussion": taken_out(value["discussion"], words, others),
        },
    }
