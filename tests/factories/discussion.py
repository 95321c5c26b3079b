"""Pages that can be discussed, people, and what they say."""

import datetime
import re
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone
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
    """A published comment from an account, by the real action."""
    values: dict[str, Any] = {"body": f"Somebody mends nets in the reading room, number {Comment.objects.count()}."}
    values |= {"consent": Consent.ROLE, "actor": fields.pop("actor", None) or member()}
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


def token_in_mail(position: int = -1) -> str:
    """The token of the link in a letter."""
    return re.search(r"/comments/confirm/([^/\s]+)/", mail.outbox[position].body)[1]
