"""Five hundred pieces of code, said in comments and in a room, in a real browser: they are shown, and run nowhere.

The browser itself tells when one was taken for more than words: what would run says so, the content security policy
complains on the console, and both fail the visitor.
"""

import itertools
import re
import uuid
from urllib.parse import urljoin

from django_comments.models import Comment as LibraryComment
from django_comments_xtd.models import XtdComment
from playwright.sync_api import Page, expect

from discussion.models import Comment
from live import actions
from live.actions import Draft
from live.permissions import OPERATOR
from realtime.models import Stream
from tests.browser import Visitor
from tests.e2e.test_live_room import NewVisitor, Room, room  # noqa: F401 a fixture
from tests.e2e.test_live_wall import wait_for_spotlight
from tests.factories.discussion import many_comments
from tests.factories.live import participant

RUNS = "window.ran=1"
BREAKS_OUT = ("", '">', "'>", "</p>", "</textarea>", "</script>", "</style>", "-->", "]]>", "`>")
ELEMENTS = (
    f"<script>{RUNS}</script>",
    f"<img src=x onerror={RUNS}>",
    f"<svg onload={RUNS}>",
    f"<svg><script>{RUNS}</script></svg>",
    f"<body onload={RUNS}>",
    f"<input autofocus onfocus={RUNS}>",
    f"<details open ontoggle={RUNS}>",
    f"<video><source onerror={RUNS}></video>",
    f"<audio src=x onerror={RUNS}>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<iframe src=javascript:parent.ran=1></iframe>",
    f"<object data=javascript:{RUNS}></object>",
    f"<embed src=javascript:{RUNS}>",
    f"<a href=javascript:{RUNS} id=x>x</a>",
    f"<form action=javascript:{RUNS}><button id=x>x</button></form>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUNS}>",
    f"<noscript><p title='</noscript><img src=x onerror={RUNS}>'>",
    f"<template><script>{RUNS}</script></template>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';*{display:none}</style>",
    "<img src=//evil.example/x.png>",
    f"<x onpointerenter={RUNS} style='position:fixed;inset:0'>x</x>",
    f'<img src="x` `<script>{RUNS}</script>"` `>',
)
WAYS = (
    lambda text: text,
    lambda text: text.upper().replace("WINDOW.RAN", "window.ran"),
)
PAYLOADS = [
    f"{number} {break_out}{way(element)}"
    for number, (way, break_out, element) in enumerate(itertools.product(WAYS, BREAKS_OUT, ELEMENTS))
]
assert len(set(PAYLOADS)) == 500

# What of a payload would stand in the page, had it been read as anything but text.
FOREIGN = """() => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
        for (const {name, value} of element.attributes) {
            const leads = /^(href|src|srcset|action|formaction|data|style|background)$/i.test(name);
            if (/^on/i.test(name) || (leads && /javascript:|evil\\.example/i.test(value))) {
                found.push(element.outerHTML.slice(0, 200));
            }
        }
    }
    const elements = "iframe, object, embed, base, math, video, audio, style, script:not([src]):not([type]), x";
    for (const element of document.querySelectorAll(elements)) found.push(element.outerHTML.slice(0, 200));
    if (window.ran) found.push("It ran.");
    return found;
}"""


def assert_words_only(page: Page) -> None:
    assert page.evaluate(FOREIGN) == []


def in_comments(page) -> None:
    """Every payload as the text of a comment, and as a name and a role, stored as they are."""
    many_comments(page, len(PAYLOADS), replies_each=3)
    for number, payload in zip(Comment.objects.order_by("pk").values_list("pk", flat=True), PAYLOADS, strict=True):
        LibraryComment.objects.filter(pk=number).update(comment=payload, user_name=payload[:50])
        Comment.objects.filter(pk=number).update(author_role=payload[:160])
    assert XtdComment.objects.count() == len(PAYLOADS)


def in_the_room(room: Room) -> None:  # noqa: F811
    for start in range(0, len(PAYLOADS), 10):
        name = PAYLOADS[start][:40]
        person = participant(room.session, identity="name", name=name, role="")
        drafts = [Draft(person.pk, uuid.uuid4(), payload) for payload in PAYLOADS[start : start + 10]]
        outcomes = actions.contribute_many(session=room.session, drafts=drafts)
        assert not [one for one in outcomes if isinstance(one, Exception)]
    # What looks like an advertisement waited.
    for held in room.session.contributions.filter(state="held"):
        actions.release_contribution(actor=OPERATOR, session=room.session, contribution_id=held.pk)


def has_read_all(visitor: Visitor, element: str, number: int) -> bool:
    cursor = "(name) => document.querySelector(name).connection?.cursor ?? 0"
    return visitor.page.evaluate(cursor, element) >= number


def test_five_hundred_payloads_run_nowhere(room: Room, new_visitor: NewVisitor) -> None:  # noqa: F811
    proposition = room.session.page.propositions.get()
    in_comments(proposition)
    phone, wall, console = room.phone(), room.wall(), room.console()
    in_the_room(room)
    last = Stream.objects.get(pk=room.session.stream_id).seq

    for visitor, element in ((phone, "live-phone"), (console, "live-console"), (wall, "live-wall")):
        visitor.wait_until(lambda visitor=visitor, element=element: has_read_all(visitor, element, last))
    phone.page.get_by_role("button", name=re.compile(r"^\d+ new$")).click()
    for payload in PAYLOADS[:: len(PAYLOADS) // 25]:
        said = room.session.contributions.get(body=payload)
        room.command(actions.set_spotlight, contribution_id=said.pk)
        wait_for_spotlight(wall, said)
        expect(wall.page.locator("[data-part=spotlightWords], .spotlight").first).to_contain_text(payload[:20])
    for visitor in (phone, console, wall):
        assert_words_only(visitor.page)

    reader = new_visitor()
    page, shown = reader.open(proposition.url), 0
    while True:
        shown += page.locator(".comment").count()
        assert_words_only(page)
        following = page.locator("a[data-more]")
        if not following.count():
            break
        page.goto(urljoin(page.url, following.first.get_attribute("href")))
    assert shown >= len(PAYLOADS)
    for query in ("window", "evil", "onerror", "javascript"):
        assert_words_only(reader.open(f"/search/?q={query}"))
