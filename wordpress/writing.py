"""Writes posts, propositions, pages of text and what people answered as a WordPress export, for those who leave."""

import datetime
import json
import re
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TextIO
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify
from wagtail.coreutils import resolve_model_string
from wagtail.models import Page
from wagtail.rich_text import expand_db_html

from discussion.choices import CommentState, MentionState
from discussion.models import Comment, Mention
from events.models import EventPage
from news.models import PostPage
from propositions.models import PropositionPage

TEXT_PAGE = "home.TextPage"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""
FOOT = "</channel>\n</rss>\n"
_illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_export(path: Path, event: EventPage | None = None) -> dict[str, int]:
    """Write the site, or what stands under one event, as WXR 1.2. Answers how much of each kind went in.

    Comments that are hidden or withdrawn stay here. Addresses of people are not in the file; WordPress accepts that.
    """
    part = path.with_name(f"{path.name}.part")
    counts = {"post": 0, "page": 0, "comment": 0, "pingback": 0}
    try:
        with part.open("w", encoding="utf-8") as file:
            _write(file, event, counts)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counts


def _write(file: TextIO, event: EventPage | None, counts: dict[str, int]) -> None:
    pages = Page.objects.all()
    if event:
        # What came in with it from a blog goes with it too.
        pages = Page.objects.descendant_of(event) | Page.objects.filter(pk__in=event.companions.values("page"))
    propositions = PropositionPage.objects.filter(pk__in=pages).order_by("path")
    posts = PostPage.objects.filter(pk__in=pages).select_related("author").order_by("path")
    texts = resolve_model_string(TEXT_PAGE)._default_manager.filter(pk__in=pages).order_by("path")
    base = settings.BASE_URL.rstrip("/")
    file.write(HEAD)
    file.write(_tag("title", event.title if event else settings.SITE_NAME))
    file.write(_tag("link", base))
    days = ""
    if event:
        is_one_month = event.starts_on.month == event.ends_on.month
        days = f"{event.starts_on:%-d}-{event.ends_on:%-d %B %Y}" if is_one_month else event.dates_label
    file.write(_tag("description", days))
    file.write(_tag("wp:wxr_version", "1.2") + _tag("wp:base_site_url", base) + _tag("wp:base_blog_url", base))
    authors = {post.author for post in posts if post.author}
    for number, person in enumerate(sorted(authors, key=lambda one: one.pk), start=1):
        file.write(
            "<wp:author>"
            + _tag("wp:author_id", str(number))
            + _tag("wp:author_login", person.slug)
            + _tag("wp:author_display_name", person.name)
            + "</wp:author>\n"
        )
    names = {slugify(post.category): post.category for post in posts if post.category}
    names |= {_category_of(page)[0]: _category_of(page)[1] for page in propositions}
    for slug, name in sorted(names.items()):
        file.write(
            "<wp:category>" + _tag("wp:category_nicename", slug) + _tag("wp:cat_name", name) + "</wp:category>\n"
        )
    for page in propositions.iterator():
        slug, name = _category_of(page)
        line = "; ".join(", ".join(filter(None, (one.name, one.role, one.organisation))) for one in page.facilitators)
        head = f"<p>Proposition facilitator: {escape(line)}</p>\n\n" if line else ""
        _item(file, page, "post", name, page.statement, [(slug, name)], counts, head=head)
    for post in posts.iterator():
        above = post.get_parent().specific
        categories = [_category_of(above)] if isinstance(above, PropositionPage) else []
        if post.category:
            categories.append((slugify(post.category), post.category))
        _item(file, post, "post", post.title, post.body, categories, counts)
    for text in texts.iterator():
        _item(file, text, "page", text.title, text.body, [], counts)
    file.write(FOOT)


def _category_of(page: PropositionPage) -> tuple[str, str]:
    return f"proposition-{page.number}-{page.slug}"[:190], f"Proposition {page.number}: {page.title}"


def _item(
    file: TextIO,
    page: Any,
    kind: str,
    title: str,
    body: Any,
    categories: Iterable[tuple[str, str]],
    counts: dict[str, int],
    *,
    head: str = "",
) -> None:
    html, notes = _html(body)
    moment = page.first_published_at or page.latest_revision_created_at
    is_post = isinstance(page, PostPage)
    file.write("<item>" + _tag("title", title) + _tag("link", page.full_url or ""))
    # WordPress does without these three; other programs that read exports end where one is missing.
    if moment:
        file.write(f"<pubDate>{format_datetime(moment.astimezone(datetime.UTC))}</pubDate>")
    file.write(
        f'<guid isPermaLink="false">{settings.BASE_URL.rstrip("/")}/?p={page.pk}</guid>' + _tag("description", "")
    )
    file.write(_tag("dc:creator", page.author.slug if is_post and page.author else ""))
    file.write(_tag("content:encoded", head + html) + _tag("excerpt:encoded", page.summary if is_post else ""))
    file.write(_tag("wp:post_id", str(page.pk)) + _dates("wp:post_date", moment))
    file.write(_tag("wp:comment_status", "closed" if is_post and not page.takes_comments else "open"))
    file.write(_tag("wp:ping_status", "open") + _tag("wp:menu_order", "0"))
    status, password = _status_of(page)
    file.write(_tag("wp:post_name", page.slug) + _tag("wp:status", status) + _tag("wp:post_password", password))
    above = page.get_parent()
    parent = above.pk if kind == "page" and above.specific_class is type(page) else 0
    file.write(_tag("wp:post_parent", str(parent)) + _tag("wp:post_type", kind) + _tag("wp:is_sticky", "0"))
    for slug, name in categories:
        file.write(
            f'<category domain="category" nicename="{escape(slug, {chr(34): "&quot;"})}">{_data(name)}</category>'
        )
    if notes:
        kept = json.dumps([{"id": f"note-{number}", "content": note} for number, note in enumerate(notes, start=1)])
        file.write("<wp:postmeta>" + _tag("wp:meta_key", "footnotes") + _tag("wp:meta_value", kept) + "</wp:postmeta>")
    counts[kind] += 1
    for written in _responses(page, counts):
        file.write(written)
    file.write("</item>\n")


def _status_of(page: Page) -> tuple[str, str]:
    """Who may read a page there, and its password: nobody who may not read it here."""
    restrictions = list(page.get_view_restrictions())
    password = next((one.password for one in restrictions if one.restriction_type == one.PASSWORD), "")
    if not page.live:
        return "draft", password
    return ("publish" if all(one.restriction_type == one.PASSWORD for one in restrictions) else "private"), password


def _responses(page: Page, counts: dict[str, int]) -> Iterator[str]:
    shown = (CommentState.PUBLISHED, CommentState.HELD)
    for comment in (
        Comment.objects.filter(page=page, state__in=shown).select_related("person").order_by("pk").iterator()
    ):
        counts["comment"] += 1
        yield _response(
            comment.pk,
            "comment",
            author=comment.author_label,
            url="",
            moment=comment.submit_date,
            content=comment.comment,
            is_approved=comment.state == CommentState.PUBLISHED,
            parent=comment.parent_id if comment.parent_id != comment.pk else 0,
        )
    for mention in Mention.objects.filter(page=page).exclude(state=MentionState.HIDDEN).order_by("pk"):
        counts["pingback"] += 1
        yield _response(
            # Comments and mentions have numbers of their own here, and one row of them there.
            1_000_000_000 + mention.pk,
            "pingback",
            author=mention.title or mention.source_url,
            url=mention.source_url,
            moment=mention.received_at,
            content=escape(mention.excerpt),
            is_approved=mention.state == MentionState.PUBLISHED,
        )


def _response(
    number: int, kind: str, *, author: str, url: str, moment: Any, content: str, is_approved: bool, parent: int = 0
) -> str:
    return (
        "<wp:comment>"
        + _tag("wp:comment_id", str(number))
        + _tag("wp:comment_author", author)
        + _tag("wp:comment_author_email", "")
        + _tag("wp:comment_author_url", url)
        + _dates("wp:comment_date", moment)
        + _tag("wp:comment_content", content if kind == "pingback" else escape(content))
        + _tag("wp:comment_approved", "1" if is_approved else "0")
        + _tag("wp:comment_type", kind)
        + _tag("wp:comment_parent", str(parent))
        + _tag("wp:comment_user_id", "0")
        + "</wp:comment>"
    )


def _html(body: Any) -> tuple[str, list[str]]:
    """The blocks as HTML that WordPress shows as they are shown here, and the footnotes, which it keeps apart."""
    parts: list[str] = []
    notes: list[str] = []
    for block in body:
        value = block.value
        match block.block_type:
            case "paragraph":
                parts.append(expand_db_html(value.source))
            case "heading":
                parts.append(f"<h2>{escape(value)}</h2>")
            case "quotation":
                words = escape(value["text"]).replace("\n\n", "</p><p>").replace("\n", "<br>")
                cite = f"<cite>{escape(value['attribution'])}</cite>" if value["attribution"] else ""
                parts.append(f"<blockquote><p>{words}</p>{cite}</blockquote>")
            case "picture" if value["image"]:
                address = f"{settings.BASE_URL.rstrip('/')}{value['image'].file.url}"
                alternative = escape(value["image"].contextual_alt_text or "", {'"': "&quot;"})
                caption = f"<figcaption>{escape(value['caption'])}</figcaption>" if value["caption"] else ""
                parts.append(f'<figure><img src="{escape(address)}" alt="{alternative}">{caption}</figure>')
            case "footnotes":
                notes += [expand_db_html(note.source) for note in value]
            case "html":
                parts.append(str(value))
    return "\n\n".join(parts), notes


def _dates(name: str, moment: Any) -> str:
    if moment is None:
        return _tag(name, "0000-00-00 00:00:00") + _tag(f"{name}_gmt", "0000-00-00 00:00:00")
    universal = moment.astimezone(datetime.UTC)
    return _tag(name, f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}") + _tag(
        f"{name}_gmt", f"{universal:%Y-%m-%d %H:%M:%S}"
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_data(text)}</{name}>"


def _data(text: str) -> str:
    text = _illegal.sub("", text)
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>" if text else ""
