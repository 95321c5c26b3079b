"""Miniature exports of blogs, written as WordPress writes them."""

import datetime
import io
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from PIL import Image

_numbers = count(1)

HEAD = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/{version}/">
<channel><title>{title}</title><link>{link}</link><description>{description}</description>
<wp:wxr_version>{version}</wp:wxr_version><wp:base_blog_url>{link}</wp:base_blog_url>
"""
FOOT = "</channel></rss>\n"
LINK = "https://old.example.org"


def cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def export(*parts: str, **fields: str) -> str:
    """A whole export around its records."""
    values = {
        "encoding": "UTF-8",
        "version": "1.2",
        "title": "Harbour Summit 2011",
        "link": LINK,
        "description": "11-13 October 2011",
        **fields,
    }
    return HEAD.format(**values) + "\n".join(parts) + FOOT


def write(folder: Path, *parts: str, name: str = "export.xml", **fields: str) -> Path:
    path = folder / name
    path.write_text(export(*parts, **fields), encoding="utf-8")
    return path


def author(login: str = "editor", name: str = "Summit editor", number: int = 1) -> str:
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(login)}@old.example.org</wp:author_email>"
        f"<wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>"
    )


def category(slug: str, name: str, parent: str = "") -> str:
    return (
        f"<wp:category><wp:term_id>{next(_numbers)}</wp:term_id><wp:category_nicename>{slug}</wp:category_nicename>"
        f"<wp:category_parent>{parent}</wp:category_parent><wp:cat_name>{cdata(name)}</wp:cat_name></wp:category>"
    )


def tag(slug: str, name: str) -> str:
    return f"<wp:tag><wp:tag_slug>{slug}</wp:tag_slug><wp:tag_name>{cdata(name)}</wp:tag_name></wp:tag>"


def item(content: str = "Nets are mended on Tuesdays.", *inside: str, **fields: Any) -> str:
    """A post; `categories` are pairs of slug and name, `meta` is a dictionary, `inside` are its comments."""
    number = fields.pop("id", None) or next(_numbers)
    values = {
        "title": f"Word from the slipway {number}",
        "type": "post",
        "slug": f"slipway-{number}",
        "status": "publish",
        "date": "2011-09-01 09:00:00",
        "creator": "editor",
        "parent": 0,
        "excerpt": "",
        "password": "",
        "categories": [],
        "tags": [],
        "meta": {},
        "extra": "",
        "comment_status": "open",
        **fields,
    }
    link = values.get("link", f"{LINK}/{values['slug']}/")
    terms = "".join(
        f'<category domain="{domain}" nicename="{slug}">{cdata(name)}</category>'
        for domain, pairs in (("category", values["categories"]), ("post_tag", values["tags"]))
        for slug, name in pairs
    )
    meta = "".join(
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key><wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
        for key, value in values["meta"].items()
    )
    return (
        f"<item><title>{escape(values['title'])}</title><link>{escape(link)}</link><pubDate></pubDate>"
        f"<dc:creator>{cdata(values['creator'])}</dc:creator><guid>{LINK}/?p={number}</guid>"
        f"<content:encoded>{cdata(content)}</content:encoded>"
        f"<excerpt:encoded>{cdata(values['excerpt'])}</excerpt:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:post_date>{values['date']}</wp:post_date>"
        f"<wp:post_date_gmt>{values['date']}</wp:post_date_gmt>"
        f"<wp:comment_status>{values['comment_status']}</wp:comment_status>"
        f"<wp:post_name>{values['slug']}</wp:post_name><wp:status>{values['status']}</wp:status>"
        f"<wp:post_parent>{values['parent']}</wp:post_parent><wp:post_type>{values['type']}</wp:post_type>"
        f"<wp:post_password>{values['password']}</wp:post_password><wp:is_sticky>0</wp:is_sticky>"
        f"{values['extra']}{terms}{meta}{''.join(inside)}</item>"
    )


def comment(content: str = "I lent mine to the choir.", **fields: Any) -> str:
    number = fields.pop("id", None) or next(_numbers)
    values = {
        "author": "Roger Wight",
        "email": "",
        "url": "",
        "date": "2011-09-02 10:00:00",
        "approved": "1",
        "type": "comment",
        "parent": 0,
        "user_id": 0,
        **fields,
    }
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
        f"<wp:comment_author>{cdata(values['author'])}</wp:comment_author>"
        f"<wp:comment_author_email>{values['email']}</wp:comment_author_email>"
        f"<wp:comment_author_url>{escape(values['url'])}</wp:comment_author_url>"
        f"<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>"
        f"<wp:comment_date>{values['date']}</wp:comment_date><wp:comment_date_gmt>{values['date']}</wp:comment_date_gmt>"
        f"<wp:comment_content>{cdata(content)}</wp:comment_content>"
        f"<wp:comment_approved>{values['approved']}</wp:comment_approved>"
        f"<wp:comment_type>{values['type']}</wp:comment_type><wp:comment_parent>{values['parent']}</wp:comment_parent>"
        f"<wp:comment_user_id>{values['user_id']}</wp:comment_user_id></wp:comment>"
    )


def pingback(url: str, **fields: Any) -> str:
    return comment("[…] what they said […]", **{"type": "pingback", "author": "Another quay", "url": url, **fields})


PROPOSITION = ("proposition-4", "Proposition 4: Libraries lend more than books")
FACILITATED = (
    "Proposition facilitator: Carrie Quay, Director, FutureHarbour, Ltd\n\n"
    "A library card opens a workshop, a kitchen and a boat."
)


def summit(*more: str) -> list[str]:
    """A small summit: its editor, a proposition with a statement, comments and a pingback, and a post of news."""
    return [
        author(),
        category("news", "News"),
        category(*PROPOSITION),
        item(
            FACILITATED,
            comment("Does it open the *boat house*?", id=21, author="Roger Wight"),
            comment("Thank you for asking.", id=22, author="", parent=21),
            pingback("https://blog.example.net/libraries/", id=23),
            id=11,
            title=PROPOSITION[1],
            slug="proposition-4",
            categories=[PROPOSITION],
        ),
        item("We met on the quay.", id=12, title="On the quay", slug="on-the-quay", categories=[("news", "News")]),
        *more,
    ]


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def picture_bytes(size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, "PNG")
    return file.getvalue()
