"""What in a text of an export looks as if somebody had put it there who should not have."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from content.injected import Finding, Kind, find_injected_text, without

# Readers of the old site never saw these, so they go at once; the report keeps their words.
UNSEEN = {Kind.SCRIPT, Kind.HIDDEN, Kind.EMPTY_LINK}
_code = re.compile(r"<(/?)(?:pre|code)\b", re.IGNORECASE)
MOST_PER_TEXT = 50


@dataclass(frozen=True)
class Found:
    """A suspicious phrase with the words around it."""

    phrase: str
    before: str
    after: str
    why: str


def suspicions_in(source: str, own_hosts: Iterable[str] = ()) -> list[Found]:
    """What readers would see and a person should look at."""
    found = find_injected_text(source, is_html=True, own_hosts=own_hosts)
    return [_found(one) for one in found if not _is_unseen(one, source) and not _is_code(one, source)][:MOST_PER_TEXT]


def cut_unseen(source: str, own_hosts: Iterable[str] = ()) -> tuple[str, list[Found]]:
    """The text without what readers could not see, and what that was."""
    found = find_injected_text(source, is_html=True, own_hosts=own_hosts)
    cut = [one for one in found if _is_unseen(one, source)]
    # From the end, so that the places of those before stay true.
    for finding in sorted(cut, key=lambda one: one.start, reverse=True):
        source = without(source, finding)
    return source, [_found(one) for one in cut][:MOST_PER_TEXT]


def without_phrase(source: str, phrase: str) -> tuple[str, bool]:
    """The text without a suspicious phrase, and whether it stood in it."""
    for finding in find_injected_text(source, is_html=True):
        if " ".join(finding.quote.split())[:300] == phrase:
            return without(source, finding), True
    return source, False


def _is_unseen(finding: Finding, source: str) -> bool:
    """Whether readers could not see it. A script that is spelled out, as in a post about scripts, they could."""
    if finding.kind == Kind.SCRIPT:
        return source[finding.start] != "&" and not source[finding.start].isalnum()
    return finding.kind in UNSEEN


def _is_code(finding: Finding, source: str) -> bool:
    """Whether it stands in code that is shown as such."""
    if finding.kind != Kind.SCRIPT:
        return False
    marks = _code.findall(source, 0, finding.start)
    return bool(marks) and marks[-1] == ""


def _found(finding: Finding) -> Found:
    return Found(finding.quote[:300], finding.before[-200:], finding.after[:200], finding.reason)
