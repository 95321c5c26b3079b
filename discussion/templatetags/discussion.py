"""The whole discussion below a page, in one tag."""

import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from wagtail.models import Page

from discussion.choices import CommentState, Sort
from discussion.forms import CommentForm
from discussion.models import DiscussedPageMixin
from discussion.permissions import can_comment, is_editing_time
from discussion.selectors import Node, Reader
from discussion.selectors import responses as responses_to
from discussion.text import render_comment

register = template.Library()

JUST_NOW = datetime.timedelta(minutes=2)


@register.inclusion_tag("discussion/responses.html", takes_context=True)
def responses(context: template.Context, page: Page) -> dict[str, Any]:
    """`{% responses page %}`: what was said about the page, and the form to add to it."""
    request = context["request"]
    query = request.GET
    sort = Sort(query["sort"]) if query.get("sort") in Sort.values else Sort.OLDEST
    found = responses_to(
        page,
        reader=Reader.of(request),
        sort=sort,
        after=query.get("after", "")[:40],
        thread=_number(query.get("thread", "")),
        mentions_after=_number(query.get("mentions", "")),
    )
    is_open = can_comment(request.user, page)
    return {
        "request": request,
        "page": page,
        "responses": found,
        "sorts": [(choice, choice.label, _address(sort=choice)) for choice in Sort],
        "next_address": _address(
            sort=found.sort, after=found.next_after, thread=found.thread, mentions=found.mentions_after
        ),
        "start_address": _address(sort=found.sort),
        "is_open": is_open,
        # In a preview, where nothing can be said yet.
        "will_open": not page.live and isinstance(page, DiscussedPageMixin) and page.discussion_is_open(),
        "form": CommentForm(page, actor=request.user) if is_open else None,
        "site_name": context.get("site_name"),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _address(*, sort: Sort, after: str = "", thread: int | None = None, mentions: int | None = None) -> str:
    parts = {
        "sort": sort.value if sort != Sort.OLDEST else "",
        "thread": thread or "",
        "mentions": mentions or "",
        "after": after,
    }
    chosen = {name: value for name, value in parts.items() if value}
    return f"?{urlencode(chosen)}" if chosen else "?"


# A number to put another in the place of.
SOME_COMMENT = 987_654_321


@register.simple_tag
def comment_address(name: str, number: int) -> str:
    """As `{% url %}`, which a page of comments asks for hundreds of addresses, for a tenth of its time."""
    before, after = _around_number(name)
    return f"{before}{number}{after}"


@cache
def _around_number(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[SOME_COMMENT]).partition(str(SOME_COMMENT))
    return before, after


@register.filter
def comment_html(text: str) -> SafeString:
    """A comment's plain text as safe HTML."""
    return render_comment(text)


@register.filter
def sentence(text: str) -> str:
    """A reason as somebody typed it, ending as sentences end."""
    text = text.rstrip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


@register.filter
def when(moment: datetime.datetime) -> str:
    """A date as people say it: "just now", "26 September", with the year once it is another."""
    now = timezone.now()
    if moment > now - JUST_NOW:
        return "just now"
    local = timezone.localtime(moment)
    return date_format(local, "j F" if local.year == timezone.localtime(now).year else "j F Y")


@register.filter
def minutes_left(node: Node) -> int:
    """Whole minutes in which the author may still change the comment; 0 once they may not."""
    if node.comment.state == CommentState.HIDDEN or not is_editing_time(node.comment):
        return 0
    return max(1, int((node.editing_ends_at - timezone.now()).total_seconds() // 60))
