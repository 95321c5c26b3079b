"""Pages that can be discussed, people, and what they say."""

import datetime
import re
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.management.color import no_style
from django.db import connection, models
from django.test import Client
from django.utils import timezone
from django_comments.models import Comment as LibraryComment
from django_comments_xtd.models import XtdComment
from wagtail.models import Page, Site

from discussion import actions
from discussion.models import Comment, PendingComment
from events.models import EventPage
from home.models import HomePage
from people.consent import Consent
from people.models import Person, User
from people.roles import MODERATORS
from propositions.models import PropositionFacilitator, PropositionPage


class MemberFactory(factory.django.DjangoModelFactory):
    """Somebody with an account."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"member{number}@example.org")
    first_name = "Mara"
    last_name = factory.Sequence(lambda number: f"Quill {number}")


def member(*groups: str, **fields: Any) -> User:
    found = MemberFactory(**fields)
    for name in groups:
        found.groups.add(Group.objects.get_or_create(name=name)[0])
    return found


def moderator(**fields: Any) -> User:
    return member(MODERATORS, **fields)


def home_page() -> HomePage:
    found = HomePage.objects.first()
    if found is None:
        found = Page.objects.get(depth=1).add_child(instance=HomePage(title="Home", slug="home-of-tests"))
        Site.objects.update_or_create(
            is_default_site=True, defaults={"root_page": found, "hostname": "localhost", "port": 80}
        )
        Site.clear_site_root_paths_cache()
    return found


def event_page(**fields: Any) -> EventPage:
    today = timezone.localdate()
    number = EventPage.objects.count() + 1
    values = {
        "title": f"Harbour Summit {number}",
        "slug": f"harbour-summit-{number}",
        "starts_on": today + datetime.timedelta(days=20),
        "ends_on": today + datetime.timedelta(days=21),
    }
    return home_page().add_child(instance=EventPage(**{**values, **fields}))


def proposition_page(event: EventPage | None = None, facilitator: User | None = None, **fields: Any) -> PropositionPage:
    """A published proposition, open for comments."""
    event = event or event_page()
    number = PropositionPage.objects.child_of(event).count() + 1
    values = {
        "title": "Libraries lend more than books",
        "slug": f"libraries-{number}",
        "number": number,
        "statement": [("paragraph", "<p>A library card opens a workshop, a kitchen and a boat.</p>")],
    }
    page = PropositionPage(**{**values, **fields})
    event.add_child(instance=page)
    if facilitator:
        person, _ = Person.objects.get_or_create(
            user=facilitator,
            defaults={"name": "Odile Farrow", "slug": f"odile-{facilitator.pk}", "role": "Harbour Master"},
        )
        PropositionFacilitator.objects.create(proposition=page, person=person)
    return page


def comment(page: Page, **fields: Any) -> Comment:
    """A published comment from an account, by the real action. The moment given, no limit of an account counts."""
    values: dict[str, Any] = {"body": f"Somebody mends nets in the reading room, number {Comment.objects.count()}."}
    values |= {"consent": Consent.ROLE, "actor": fields.pop("actor", None) or member()}
    values["moment"] = timezone.now()
    made = actions.submit_comment(page=page, **{**values, **fields})
    assert isinstance(made, Comment)
    return made


def pending(page: Page, **fields: Any) -> PendingComment:
    """A comment from nobody's account, its letter sent only once the transaction is through."""
    values: dict[str, Any] = {
        "body": "The boat is booked until spring.",
        "consent": Consent.ROLE,
        "actor": None,
        "name": "R. Winnow",
        "email": "r.winnow@example.org",
    }
    made = actions.submit_comment(page=page, **{**values, **fields})
    assert isinstance(made, PendingComment)
    return made


def seen_on(browser: Client, address: str) -> list[str]:
    """What a moderator's form says of the words that it shows, to be sent with the decision."""
    return re.findall(r'name="seen" value="([^"]+)"', browser.get(address).content.decode())


def token_in_mail(position: int = -1) -> str:
    """The token of the link in a letter."""
    return re.search(r"/comments/confirm/([^/\s]+)/", mail.outbox[position].body)[1]


def many_comments(page: Page, count: int, *, replies_each: int = 3, one_thread: bool = False) -> None:
    """A long discussion, written straight into the tables: what matters is its length.

    Every root has `replies_each` replies, each answering the one before; with `one_thread` there is one root and the
    rest replies to it.
    """
    first = (LibraryComment.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1
    start = timezone.now() - datetime.timedelta(days=30)
    content_type = ContentType.objects.get_for_model(page.specific_class)
    rows: dict[type[models.Model], list[list[Any]]] = {LibraryComment: [], XtdComment: [], Comment: []}
    root = 0
    for position in range(count):
        pk = first + position
        is_root = position == 0 if one_thread else position % (replies_each + 1) == 0
        if is_root:
            root, parent, level = pk, pk, 0
        elif one_thread:
            parent, level = root, 1
        else:
            parent, level = pk - 1, pk - root
        moment = start + datetime.timedelta(seconds=position)
        values = {
            "pk": pk,
            "content_type": content_type,
            "object_pk": str(page.pk),
            "site_id": 1,
            "user_name": f"Voice {position % 97}",
            "comment": f"Number {position}: the *net* is mended by two people, or by none.",
            "submit_date": moment,
            "thread_id": root,
            "parent_id": parent,
            "level": level,
            "order": pk,
            "nested_count": (count - 1 if one_thread else replies_each) if is_root else 0,
            "page_id": page.pk,
            "root_id": None if is_root else root,
            "is_root": is_root,
            "state": "published",
            "is_listed": True,
            "author_role": "Net mender",
            "author_key": f"voice-{position % 97}",
            "created_at": moment,
            "published_at": moment,
        }
        whole = Comment(**values, xtdcomment_ptr_id=pk, comment_ptr_id=pk, id=pk)
        for model, listed in rows.items():
            listed.append(
                [
                    field.get_db_prep_save(getattr(whole, field.attname), connection)
                    for field in model._meta.local_concrete_fields
                ]
            )
    with connection.cursor() as cursor:
        for model, written in rows.items():
            columns = [connection.ops.quote_name(field.column) for field in model._meta.local_concrete_fields]
            marks = ", ".join(["%s"] * len(columns))
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", written)  # noqa: S608 our own names
        for statement in connection.ops.sequence_reset_sql(no_style(), [LibraryComment]):
            cursor.execute(statement)
