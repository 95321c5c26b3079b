"""An event with propositions, what was said there, and its ledger."""

import datetime
import hashlib
import uuid
from typing import Any

import factory
import wagtail_factories
from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import Page, Site

from discussion.models import Comment, CommentState
from events.models import EventPage
from gathering.models import Entry, Point
from home.models import HomePage
from live.models import Contribution, LiveSession, LiveSessionPage, Participant, Prompt
from news.models import PostPage
from people.consent import Consent
from people.models import User
from people.roles import EDITORS, ORGANISERS
from propositions.models import PropositionPage
from realtime.models import Stream

MORNING = datetime.datetime(2026, 10, 14, 9, 0, tzinfo=datetime.UTC)


def home_page() -> HomePage:
    """The one home page, at the root of the site."""
    found = HomePage.objects.first()
    if found:
        return found
    home = Page.objects.get(depth=1).add_child(instance=HomePage(title="Summit", slug="summit-home"))
    Site.objects.update_or_create(
        is_default_site=True, defaults={"root_page": home, "hostname": "localhost", "port": 80}
    )
    Site.clear_site_root_paths_cache()
    return home


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.org")
    first_name = "Ada"
    last_name = factory.Sequence(lambda number: f"Reader {number}")


class EditorFactory(UserFactory):
    first_name = "Edda"
    last_name = factory.Sequence(lambda number: f"Sorter {number}")

    @factory.post_generation
    def role(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.groups.add(Group.objects.get_or_create(name=extracted or EDITORS)[0])


def organiser() -> User:
    return EditorFactory(role=ORGANISERS, first_name="Orla")


class EventPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = EventPage

    title = factory.Sequence(lambda number: f"The Harvest Summit {number}")
    parent = factory.LazyFunction(home_page)
    starts_on = datetime.date(2026, 10, 13)
    ends_on = datetime.date(2026, 10, 15)


class PropositionPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PropositionPage

    title = factory.Sequence(lambda number: f"Depots should open their gates {number}")
    parent = factory.SubFactory(EventPageFactory)
    number = factory.Sequence(lambda number: number + 1)
    statement = factory.LazyFunction(lambda: [("paragraph", "<p>A yard is a classroom.</p>")])


class PostPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PostPage

    title = factory.Sequence(lambda number: f"From the yard {number}")
    body = factory.LazyFunction(lambda: [("paragraph", "<p>We counted the vans twice.</p>")])


class LiveSessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LiveSession

    page = factory.LazyAttribute(
        lambda session: session.event.add_child(
            instance=LiveSessionPage(
                title="Who keeps the keys?", slug=f"session-{uuid.uuid4().hex[:8]}", starts_at=MORNING
            )
        )
    )
    stream = factory.LazyFunction(Stream.objects.create)

    class Params:
        event = factory.SubFactory(EventPageFactory)

    @classmethod
    def _create(cls, model_class: type[LiveSession], *args: Any, **kwargs: Any) -> LiveSession:
        # The page may make its session itself when it is created.
        page = kwargs.pop("page")
        session, _ = LiveSession.objects.update_or_create(page=page, defaults=kwargs)
        return session


class PromptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Prompt

    session = factory.SubFactory(LiveSessionFactory)
    text = factory.Sequence(lambda number: f"What did you hand over, and to whom? {number}")
    position = factory.Sequence(lambda number: number)


class CommentFactory(factory.django.DjangoModelFactory):
    """A published comment, made without its action: no signal is sent."""

    class Meta:
        model = Comment

    page = factory.SubFactory(PropositionPageFactory)
    content_object = factory.SelfAttribute("page")
    site_id = 1
    comment = factory.Sequence(lambda number: f"We keep the spare keys in a tin marked {number}.")
    user_name = factory.Sequence(lambda number: f"Delegate {number}")
    user_email = factory.Sequence(lambda number: f"delegate{number}@example.org")
    author_role = "Yard supervisor"
    author_key = factory.Sequence(lambda number: f"commenter-{number}")
    state = CommentState.PUBLISHED
    submit_date = MORNING
    published_at = factory.LazyFunction(timezone.now)


class ParticipantFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Participant

    session = factory.SubFactory(LiveSessionFactory)
    token_hash = factory.LazyFunction(lambda: uuid.uuid4().hex)
    author_key = factory.Sequence(lambda number: f"device-{number}")


class ContributionFactory(factory.django.DjangoModelFactory):
    """A shown contribution, made without its action: no signal is sent."""

    class Meta:
        model = Contribution

    session = factory.SubFactory(LiveSessionFactory)
    participant = factory.SubFactory(ParticipantFactory, session=factory.SelfAttribute("..session"))
    seq = factory.Sequence(lambda number: number + 1)
    body = factory.Sequence(lambda number: f"Give the night shift a seat on the panel, said {number}.")
    body_hash = factory.LazyAttribute(lambda one: hashlib.sha256(one.body.encode()).hexdigest())
    author_key = factory.SelfAttribute("participant.author_key")
    author_label = "Night porter"
    quote_label = "Night porter"
    said_at = MORNING


class EntryFactory(factory.django.DjangoModelFactory):
    """An entry without a source, in the order in which the test makes them."""

    class Meta:
        model = Entry

    event = factory.SubFactory(EventPageFactory)
    channel = Entry.Channel.LIVE
    text = factory.Sequence(lambda number: f"Nobody had counted the ladders before storm number {number} came.")
    text_hash = factory.LazyAttribute(lambda entry: hashlib.sha256(entry.text.encode()).hexdigest())
    consent = Consent.ROLE
    author_label = "Roofer"
    quote_label = "Roofer"
    author_key = factory.Sequence(lambda number: f"author-{number}")
    said_at = factory.Sequence(lambda number: MORNING + datetime.timedelta(seconds=number))


class PointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Point

    event = factory.SubFactory(EventPageFactory)
    position = factory.Sequence(lambda number: number % 7 + 1)
    working_title = factory.Sequence(lambda number: f"Who counts the ladders? {number}")
