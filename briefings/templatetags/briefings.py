"""What the briefing's page, its editor and its covers ask for."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from briefings import readiness, selectors
from briefings.models import BriefingPage
from briefings.printing import in_lines
from briefings.readiness import Check, Reading, checks_of

register = template.Library()


@register.simple_tag
def briefing_evidence(briefing: BriefingPage) -> selectors.Evidence:
    """Everything the page of a briefing shows beside what its editor wrote."""
    return selectors.evidence_of(briefing)


@register.simple_tag
def briefing_checks(briefing: BriefingPage) -> list[Check]:
    """What stands between a draft and its publication; blocking checks first."""
    return checks_of(briefing)


@register.simple_tag
def reading_of(briefing: BriefingPage) -> Reading:
    """How long a draft is to read, and on paper as far as that is known."""
    return readiness.reading_of(briefing)


@register.filter
def in_words(number: int) -> str:
    """Numbers up to twelve as words."""
    return selectors.in_words(number)


@register.filter
def times(number: float, factor: float) -> float:
    return round(number * float(factor), 2)


@register.filter
def within_sentence(title: str) -> str:
    """A title as it stands within a sentence: the Autumn Summit."""
    return "the " + title.removeprefix("The ") if title.startswith("The ") else title


@register.filter
def balanced(text: str, characters: int) -> SafeString:
    """A heading in lines of about the same length, for paper, where no browser balances them."""
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in in_lines(text, characters)))
