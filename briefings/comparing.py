"""Comparing revisions of a point: a citation is shown by the words it stands for, so that exchanging one is seen."""

import uuid
from typing import Any

from django.utils.html import escape
from django.utils.text import Truncator
from wagtail.admin.compare import StructBlockComparison
from wagtail.rich_text import RichText

from briefings import citations
from gathering.models import Excerpt

WORDS_SHOWN = 12


class PointComparison(StructBlockComparison):
    """As of any block of several fields, but for citations."""

    def __init__(self, block: Any, exists_a: bool, exists_b: bool, val_a: Any, val_b: Any) -> None:
        named = _named([value for value in (val_a, val_b) if value is not None])
        super().__init__(block, exists_a, exists_b, _worded(val_a, named), _worded(val_b, named))

    def htmlvalue(self, val: Any) -> str:
        return super().htmlvalue(_worded(val, _named([val])))


def _worded(value: Any, named: dict[uuid.UUID, str]) -> Any:
    if value is None:
        return None
    html = citations.replace(
        value["discussion"].source,
        lambda reference: escape(f" [{named.get(reference, 'cites nothing')}]"),
    )
    return type(value)(value.block, {**value, "discussion": RichText(html)})


def _named(values: list[Any]) -> dict[uuid.UUID, str]:
    """What to call each excerpt that these cite: its first words and its author; two are never called the same."""
    references = {
        reference for value in values for reference in citations.cited(value["discussion"].source) if reference
    }
    named = {reference: f"cites an excerpt that was taken back, {reference.hex[:8]}" for reference in references}
    for excerpt in Excerpt.with_removed.filter(pk__in=references).select_related("entry"):
        entry = excerpt.entry
        words = Truncator(excerpt.text).words(WORDS_SHOWN, truncate=" …")
        named[excerpt.pk] = (
            f"cites “{words}” {entry.quote_label}"
            if entry.is_quotable and words
            else f"cites words that are no longer shown, {excerpt.pk.hex[:8]}"
        )
    names = list(named.values())
    return {
        reference: f"{name}, {reference.hex[:8]}" if names.count(name) > 1 else name
        for reference, name in named.items()
    }
