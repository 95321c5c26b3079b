"""Words for a snapshot of a session, for the first drawing of its screens and for browsers without JavaScript.

`static/js/live/phone.js` and `console.js` say the same things once they run.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from live.models import Contribution, LiveSession, Prompt
from live.selectors import archive

register = template.Library()

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# Less stands whole: about four lines of a wide screen, nine of a phone.
FOLDS_FROM = 300
LINES_BEFORE = 7

MARKS = {
    "shown": ("status_shown", "", "Shown"),
    "held": ("status_held", "held", "Held by the moderator"),
    "hidden": ("status_held", "held", "Hidden by the moderator"),
    "withdrawn": ("status_set_aside", "", "Withdrawn"),
    "merged": ("status_merged", "", "Merged with another that says the same"),
    "received": ("status_received", "", "Received"),
    "used": ("status_used", "", "Used"),
}


@register.filter
def at(mapping: dict[Any, Any] | None, key: Any) -> Any:
    """The value under a key that a template only knows as a variable; JSON's keys are text."""
    if not mapping:
        return None
    return mapping.get(str(key), mapping.get(key))


@register.filter
def said_by(item: dict[str, Any]) -> str:
    """Who said it: "Table 3, six people" or the person as they chose to appear."""
    if not item["table"]:
        return item["author"]
    count = item["headcount"]
    return f"{item['table']}, {in_words(count)} people" if count > 1 else item["table"]


@register.filter
def in_words(count: int) -> str:
    """six: small numbers in words, as the interface writes them inside a sentence."""
    return WORDS[count] if count < len(WORDS) else str(count)


@register.filter
def may_change(item: dict[str, Any] | None, session: dict[str, Any]) -> bool:
    """Whether one's own words may still be changed: for a while, and while they stand in the room."""
    received = parse_datetime(item["received_at"]) if item else None
    if item is None or received is None or session["state"] == "closed" or item["state"] not in ("shown", "held"):
        return False
    return timezone.now() < received + datetime.timedelta(seconds=session["edit_seconds"])


@register.filter
def is_long(item: dict[str, Any] | None) -> bool:
    """Whether its words stand folded until somebody asks for more. As `isLong` in page.js."""
    return item is not None and (len(item["body"]) > FOLDS_FROM or item["body"].count("\n") >= LINES_BEFORE)


@register.filter
def weighed(tally: dict[str, int] | None) -> str:
    """What the room thinks of a statement, in figures, and of how many who saw it. As `weighed` in page.js."""
    counts = {"support": 0, "concern": 0, "pass": 0, "seen": 0} | (tally or {})
    words = f"{counts['support']} support, {counts['concern']} concern, {counts['pass']} passed"
    is_known = counts["seen"] >= counts["support"] + counts["concern"] + counts["pass"] > 0
    return f"{words}, of {counts['seen']} who saw it" if is_known else words


@register.filter
def clock(moment: str | datetime.datetime | None) -> str:
    """10.42, from a moment as the protocol writes it."""
    if isinstance(moment, str):
        moment = parse_datetime(moment)
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{local.hour}.{local.minute:02}"


@register.filter
def only_one(things: Sequence[Any]) -> Any:
    """The one thing of a list of one: a session on a single proposition shows its number, an open one does not."""
    return things[0] if len(things) == 1 else None


@register.simple_tag
def own_mark(item: dict[str, Any], snapshot: dict[str, Any]) -> dict[str, str]:
    """What has become of one's own contribution: a mark and its words."""
    use = at(snapshot["you"].get("used"), item["id"])
    state = "merged" if item["state"] == "shown" and item["merged_into"] else item["state"]
    if state == "held" and snapshot["session"]["moderation"] == "hold":
        state = "received"
    icon, tone, words = MARKS[state]
    support = at(snapshot["tallies"]["support"], item["id"])
    if state == "shown" and support:
        words = f"Shown, supported by {support}"
    if state == "received":
        words = f"Received, {clock(item['said_at'])}"
    if use:
        icon, tone, _ = MARKS["used"]
        words = use["words"]
    if item["table"] and item["headcount"] > 1 and state in ("shown", "received"):
        words = f"{words}, for {in_words(item['headcount'])} people"
    return {"icon": f"components/icons/{icon}.svg", "tone": tone, "words": words, "url": use["url"] if use else ""}


@register.simple_tag
def reading(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot as a person reads it: the current prompt, one's own words, and everybody else's, newest first."""
    session = snapshot["session"]
    mine = set(snapshot["you"].get("mine", ()))
    newest = sorted(snapshot["contributions"], key=lambda item: -item["seq"])
    shown = [item for item in newest if item["state"] == "shown"]
    propositions = session["propositions"]
    prompt = next((prompt for prompt in snapshot["prompts"] if prompt["id"] == session["prompt"]), None)
    options = [option["id"] for option in prompt["options"]] if prompt else []
    votes = snapshot["you"].get("votes", {}).get("options")
    tallies = [at(snapshot["tallies"]["options"], option) or {} for option in options]
    return {
        "prompt": prompt,
        "has_voted": any(at(votes, option) for option in options),
        "most_votes": max([1, *(tally.get("support", 0) for tally in tallies)]),
        "subject": propositions[0] if len(propositions) == 1 else {"number": None, "title": session["title"]},
        "own": [item for item in newest if item["client_id"] in mine],
        "others": [item for item in shown if item["client_id"] not in mine and not item["merged_into"]],
        "held": [item for item in reversed(newest) if item["state"] == "held"],
        "shown": [item for item in shown if not item["merged_into"]],
        "tags": _tags(shown, snapshot.get("themes", ())),
        "shown_count": snapshot["earlier_shown"] + len(shown),
    }


def _tags(shown: Sequence[dict[str, Any]], themes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A console's tags, each with how often it was put and whether the wall shows it."""
    on_wall = {theme["tag"] for theme in themes}
    counted = Counter(tag for item in shown for tag in item.get("tags", ()))
    return [
        {"text": tag, "said": counted[tag], "on_wall": tag in on_wall}
        for tag in sorted({*counted, *on_wall}, key=str.casefold)
    ]


@register.simple_tag
def what_was_said(session: LiveSession) -> list[tuple[Prompt | None, list[Contribution]]]:
    """The archive of a closed session: each prompt that the room saw, with the contributions under it."""
    return archive(session)


@register.filter
def attribution(contribution: Contribution) -> str:
    """Who said a contribution, as `said_by` has it for the protocol's shape."""
    return said_by(
        {
            "author": contribution.author_label,
            "table": contribution.table_name,
            "headcount": contribution.headcount,
        }
    )
