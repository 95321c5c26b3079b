"""Who gets what at every address: six roles, asking and sending, in one table that names every address there is.

The table stands in `permission_matrix.txt`. An address that it does not name fails the test, and so does one that
answers otherwise than it says. Which commands of a live session each role may give stands in
`tests/live/test_permissions.py`.

The same world, with words in it that readers may not see, is then read from end to end by those who may not.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.urls import URLPattern
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Page, PageViewRestriction, Task, Workflow

from briefings import printing
from briefings.citations import short_id
from briefings.models import BriefingPage
from discussion import actions as discussing
from discussion.choices import MentionKind
from discussion.models import Comment, Mention, SuspectText
from gathering.models import Entry, Excerpt
from live import actions as live
from live.models import LiveSession, SessionState
from live.permissions import OPERATOR
from news.models import PostPage
from people.models import User
from people.roles import EDITORS, FACILITATORS, MODERATORS, ORGANISERS
from propositions.models import PropositionPage
from tests.factories import live as make_live
from tests.factories.discussion import comment, member, moderator, pending
from tests.summit.addresses import addresses

TABLE = Path(__file__).with_name("permission_matrix.txt")
ROLES = ("anyone", "delegate", "facilitator", "moderator", "editor", "organiser")

# What an address answers a role, whatever it goes on to say about what was sent.
ALLOWED, SIGN_IN, REFUSED, NOT_FOUND, OTHER_METHOD = "yes", "sign-in", "no", "404", "-"

# Wagtail's address for its own error page, which raises on purpose.
LEFT_OUT = {"admin/failwhale/"}

# Where Wagtail's own views trip over an empty form that somebody who is allowed to sends them.
TRIPS_OVER_NOTHING = {
    "admin/choose-external-link/",
    "admin/pages/<int:page_id>/copy/",
    "admin/pages/<int:page_id>/edit/",
    "admin/pages/<int:page_id>/revisions/<int:revision_id>/revert/",
    "admin/pages/add/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>/",
    "admin/redirects/import/process/",
    "admin/snippets/choose/events/partner/create/",
    "admin/snippets/choose/people/person/create/",
}

# Addresses written as expressions, with an example of each.
EXPRESSIONS = {
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-key/",
    r"documents/^(\d+)/(.*)$": "documents/{document}/{document_name}",
    r"^((?:[\w\-]+/)*)$": "{home}",
}
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@pytest.fixture(scope="module")
def world(demo):
    """The demo, which has something of nearly everything, and somebody of each role."""
    around = transaction.atomic()
    around._from_testcase = True
    with around:
        yield World()
        transaction.set_rollback(True)


class World:
    """One thing of each kind for addresses to be about, and one person of each role who is nothing else."""

    def __init__(self) -> None:
        self.session = LiveSession.objects.filter(state=SessionState.OPEN).get()
        event = self.session.page.get_parent().specific
        proposition = PropositionPage.objects.child_of(event).first()
        comment = Comment.objects.filter(page=proposition.pk).published().first()
        briefing = BriefingPage.objects.live().first()
        image, document = get_image_model().objects.first(), get_document_model().objects.first()
        nobody = "00000000-0000-4000-8000-000000000000"
        self.values: dict[str, Any] = {
            "action": "delete",
            "action_name": "approve",
            "address": briefing.short_address,
            "app_label": "wagtailcore",
            "app_name": "briefings",
            "category": "news",
            "cid": comment.pk,
            "code": self.session.code,
            "collection_id": Collection.objects.first().pk,
            "comment_id": comment.pk,
            "content_type_app_name": "propositions",
            "content_type_model_name": "propositionpage",
            "destination_id": event.pk,
            "doc_id": document.pk,
            "document": document.pk,
            "document_id": document.pk,
            "document_name": document.filename,
            "event_id": event.pk,
            "filter_spec": "original",
            "home": event.get_url_parts()[2].lstrip("/"),
            "hue": 200,
            "image_id": image.pk,
            "key": self.session.tables.first().key,
            "kind": "csv",
            "model_name": "page",
            "notice_id": nobody,
            "number": 1,
            "object_id": proposition.pk,
            "page_id": proposition.pk,
            "page_pk": proposition.pk,
            "page_to_move_id": proposition.pk,
            "parent_page_id": event.pk,
            "path": "missing.png",
            "pending_id": nobody,
            "pk": proposition.pk,
            "point": short_id(briefing.published_points.first().point_id),
            "redirect_id": 0,
            "revision_id": proposition.latest_revision_id or 0,
            "revision_id_a": "earliest",
            "revision_id_b": "latest",
            "scope": proposition.pk,
            "slug": event.slug,
            "task_id": Task.objects.first().pk,
            "token": "not-a-token",
            "uidb64": "MQ",
            "version": 1,
            "workflow_pk": Workflow.objects.first().pk,
        }
        # Where the same word means something else.
        self.special: dict[tuple[str, str], Any] = {
            ("admin/<id:page_id>", "page_id"): briefing.pk,
            ("admin/briefings/", "page_id"): briefing.pk,
            ("admin/settings/", "model_name"): "briefingrules",
            ("admin/settings/", "pk"): 1,
            ("admin/pages/create/", "app_label"): "propositions",
            ("admin/pages/create/", "model_name"): "propositionpage",
            ("admin/workflows/tasks/add/", "model_name"): "groupapprovaltask",
            ("admin/workflows/tasks/", "pk"): Task.objects.first().pk,
            ("admin/reports/injected-text/", "pk"): SuspectText.objects.order_by("pk").first().pk,
            ("admin/workflows/", "pk"): Workflow.objects.first().pk,
            ("admin/collections/", "pk"): Collection.objects.filter(depth__gt=1).values_list("pk", flat=True).first()
            or 0,
            ("admin/api/main/^documents/", "pk"): document.pk,
            ("admin/api/main/^images/", "pk"): image.pk,
            ("admin/documents/chooser/", "pk"): document.pk,
            ("admin/images/chooser/", "pk"): image.pk,
            ("admin/editing-sessions/", "session_id"): 0,
            ("admin/tag-autocomplete/", "app_name"): "taggit",
            ("admin/tag-autocomplete/", "model_name"): "tag",
            ("people/", "slug"): comment.person.slug if comment.person else "nobody",
        }
        facilitator = member(FACILITATORS)
        for session in LiveSession.objects.all():
            session.facilitators.add(facilitator)
        self.people: dict[str, User | None] = {
            "anyone": None,
            "delegate": member(),
            "facilitator": facilitator,
            "moderator": member(MODERATORS),
            "editor": member(EDITORS),
            "organiser": member(ORGANISERS),
        }

    def path(self, route: str, pattern: URLPattern) -> str:
        if route in EXPRESSIONS:
            return "/" + EXPRESSIONS[route].format(**self.values)
        model = getattr(pattern.callback, "view_initkwargs", {}).get("model")
        one = model._default_manager.order_by("pk").first() if hasattr(model, "_default_manager") else None

        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name == "pk" and one is not None:
                return str(one.pk)
            for (start, word), special in self.special.items():
                if word == name and route.startswith(start):
                    return str(special)
            return str(self.values.get(name, 0))

        path = CONVERTER.sub(value, GROUP.sub(value, route))
        return "/" + path.replace("^", "").replace("$", "").replace("\\", "")

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=True)
        person = self.people[role]
        if person is not None:
            client.force_login(person)
        return client


def answer(client: Client, method: str, path: str) -> str:
    """How the address answers, in one of the words above. What the request changed is undone."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.generic(method, path, content_type="application/x-www-form-urlencoded")
        _close(response)
        transaction.set_rollback(True)
    # Signing out is undone too.
    client.cookies = cookies
    where = response.headers.get("Location", "")
    assert response.status_code < 500, f"{method} {path} answers {response.status_code}"
    if response.status_code == 302 and ("/accounts/login/" in where or "/accounts/editing/" in where):
        return SIGN_IN
    if response.status_code in (401, 403) or (response.status_code == 302 and _was_told_off(response)):
        return REFUSED
    return {404: NOT_FOUND, 405: OTHER_METHOD}.get(response.status_code, ALLOWED)


def _close(response: Any) -> None:
    """Close its files, as the test client does: without closing the database."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def _was_told_off(response: Any) -> bool:
    """Wagtail sends people it refuses to its home page, where a message says so."""
    return response.headers["Location"] in ("/admin/", "/") and "messages" in response.cookies


def row(clients: dict[str, Client], method: str, route: str, path: str) -> str:
    answers = []
    for role in ROLES:
        try:
            answers.append(answer(clients[role], method, path))
        except (KeyError, AttributeError):
            if method != "POST" or route not in TRIPS_OVER_NOTHING:
                raise
            answers.append(ALLOWED)
    return " ".join([f"{method:<4}", *(f"{one:<8}" for one in answers), route])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="Who may do what does not depend on the database.")
def test_every_address_answers_each_role_as_the_table_says(world):
    clients = {role: world.client(role) for role in ROLES}
    found = [
        row(clients, method, route, world.path(route, pattern))
        for route, pattern in addresses()
        if route not in LEFT_OUT
        for method in ("GET", "POST")
    ]

    listed = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    new, gone = [one for one in found if one not in listed], [one for one in listed if one not in found]
    assert not new, "Not in the table, or not so; if this is meant, put it there:\n" + "\n".join(new)
    assert not gone, "In the table, and not so:\n" + "\n".join(gone)


# Words out of sight

# Looked for in searches, and never hidden itself.
LANTERN = "lantern"


class OutOfSight:
    """Everything of which readers may see nothing, each with a word of its own in it."""

    def __init__(self, world: World) -> None:
        self.words: dict[str, str] = {}
        self.addresses: list[str] = []
        self.session = LiveSession.objects.get(pk=world.session.pk)
        self.event = world.session.page.get_parent().specific
        self.page = PropositionPage.objects.child_of(self.event).live().first()
        self.judge = moderator()
        self.of_comments()
        self.of_contributions()
        self.of_pages()
        self.of_a_briefing()

    def word(self, kind: str) -> str:
        """A word for a kind of thing, as nobody writes it."""
        self.words[kind] = f"zq{len(self.words)}x{kind.replace(' ', '')}q"
        return f"{LANTERN} {self.words[kind]}"

    def of_comments(self) -> None:
        held, hidden, withdrawn, edited = (
            comment(self.page, actor=member(), body=f"The {self.word(kind)} goes out at ten.")
            for kind in ("held comment", "hidden comment", "withdrawn comment", "former words")
        )
        answer = comment(self.page, parent=hidden, body="That lamp has a story.")
        by = {"actor": self.judge}
        discussing.hold_comment(**by, comment=held, reason=self.word("reason of holding"))
        discussing.hide_comment(**by, comment=hidden, reason=self.word("reason of hiding"))
        discussing.withdraw_comment(actor=withdrawn.user, comment=withdrawn)
        discussing.edit_comment(actor=edited.user, comment=edited, body="The lamp goes out at ten.")
        discussing.hold_comment(**by, comment=edited)
        email = f"{self.word('address of an author').split()[1]}@example.org"
        pending(self.page, body=f"An {self.word('unconfirmed comment')}.", email=email)
        self.addresses += [one.get_absolute_url() for one in (held, hidden, withdrawn, edited, answer)]
        self.addresses += [f"/comments/{one.pk}/reply/" for one in (held, hidden, withdrawn)]
        Mention.objects.create(
            page=self.page,
            source_url="https://blog.example.org/lamps",
            title=self.word("held mention"),
            excerpt=self.word("words of a held mention"),
            kind=MentionKind.WEBMENTION,
        )

    def of_contributions(self) -> None:
        speaker = make_live.participant(self.session)
        hidden, withdrawn = (
            make_live.contribution(speaker, f"A {self.word(kind)} on every pole.")
            for kind in ("hidden contribution", "withdrawn contribution")
        )
        on = {"actor": OPERATOR, "session": self.session}
        live.hide_contribution(**on, contribution_id=hidden.pk, reason=self.word("reason in the room"))
        live.withdraw_contribution(participant=speaker, contribution_id=withdrawn.pk)
        self.session.refresh_from_db()
        live.set_moderation(**on, version=self.session.version, moderation="hold")
        self.session.refresh_from_db()
        make_live.contribution(make_live.participant(self.session), f"A {self.word('held contribution')} on each.")
        text = self.word("question not put yet")
        live.add_prompt(**on, version=self.session.version, kind="ideas", text=text, options=[], show=False)
        self.addresses += [
            f"/live/{self.session.code}/{what}"
            for what in ("snapshot/?as=wall", "snapshot/", "events/?after=0&as=wall", "export/csv/", "?after=0")
        ]

    def of_pages(self) -> None:
        draft = PostPage(title=self.word("title of a draft"), slug="lamp", summary=self.word("draft"), live=False)
        self.page.add_child(instance=draft)
        closed = PostPage(title=self.word("title for some"), slug="lamps", summary=self.word("words for some"))
        self.page.add_child(instance=closed)
        closed.save_revision().publish()
        PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
        changed = PropositionPage.objects.get(pk=self.page.pk)
        changed.title = self.word("title to come")
        changed.save_revision()
        self.addresses += [page.url for page in (draft, closed, self.page)]

    def of_a_briefing(self) -> None:
        """A comment that a published briefing quotes is hidden afterwards."""
        excerpt = Excerpt.objects.filter(publications__isnull=False, entry__comment__state="published").first()
        entry, word = excerpt.entry, self.word("words quoted and then hidden")
        Comment.objects.filter(pk=entry.comment_id).update(comment=f"{entry.text} {word}")
        Entry.objects.filter(pk=entry.pk).update(text=f"{entry.text} {word}")
        Excerpt.objects.filter(pk=excerpt.pk).update(text=f"{excerpt.text} {word}")
        discussing.hide_comment(actor=self.judge, comment=Comment.objects.get(pk=entry.comment_id), reason="Private.")

    def everywhere(self, world: World) -> Iterator[str]:
        yield from self.addresses
        yield from (f"/search/?q={query}" for query in (LANTERN, f"{LANTERN}+goes", "pole", "story"))
        yield from (page.url for page in Page.objects.live().descendant_of(self.event, inclusive=True))
        for route, pattern in addresses():
            if route not in LEFT_OUT and not route.startswith("admin/"):
                yield world.path(route, pattern)


def text_of(response: Any) -> str:
    content = response.getvalue()
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace") + str(response.headers)


def found_by(hidden: OutOfSight, world: World, role: str, asked: list[str]) -> dict[str, set[str]]:
    """Which of the words somebody of this role gets to see, and where."""
    found: dict[str, set[str]] = {}
    client = world.client(role)
    for path in dict.fromkeys(asked):
        with transaction.atomic():
            response = client.get(path)
            text = text_of(response)
            _close(response)
            transaction.set_rollback(True)
        for kind, word in hidden.words.items():
            if word in text:
                found.setdefault(kind, set()).add(path)
    return found


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="What readers see does not depend on the database.")
def test_words_out_of_sight_stand_nowhere_that_readers_reach(world):
    with transaction.atomic():
        hidden = OutOfSight(world)
        asked = list(hidden.everywhere(world))

        by_moderator = found_by(hidden, world, "moderator", ["/admin/comments/", f"/live/{hidden.session.code}/"])
        by_anyone, by_delegate = (found_by(hidden, world, role, asked) for role in ("anyone", "delegate"))
        printed = "".join(printing.print_html(briefing) for briefing in BriefingPage.objects.live())
        transaction.set_rollback(True)

    assert len(set(asked)) > 100
    # The sweep can find them: a moderator's list has what it should.
    assert {"held comment", "hidden comment"} <= set(by_moderator)
    assert by_anyone == {}
    # Who has signed in reads what is for those who have.
    assert set(by_delegate) <= {"title for some", "words for some"}
    assert [word for word in hidden.words.values() if word in printed] == []
