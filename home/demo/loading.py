"""Puts the demo summit into an empty installation, by the same actions that people use."""

import datetime
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.documents import get_document_model
from wagtail.models import Page

from content.models import SummitImage
from events.models import EventPage, EventPartner, Partner, Phase
from home.demo import documents, event, news, pictures
from home.demo.people import PEOPLE
from home.demo.shapes import Post, When
from home.models import HomePage, TextPage
from news.models import NewsIndexPage, PostPage
from people.models import Person, User
from people.roles import ALL as ALL_ROLES
from propositions.models import PropositionFacilitator, PropositionPage, Resource

Say = Callable[[str], None]


def is_loaded() -> bool:
    return EventPage.objects.filter(slug=event.EVENT_SLUG).exists()


def load(*, moment: datetime.datetime | None = None, say: Say = lambda _: None) -> None:
    """Load everything in one transaction: either the whole demo is there afterwards, or nothing has changed."""
    with transaction.atomic():
        _Loading(now=timezone.localtime(moment), say=say).everything()


@dataclass
class _Loading:
    """One loading: what has been made so far, by the keys that the content uses."""

    now: datetime.datetime
    say: Say
    people: dict[str, Person] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    images: dict[str, SummitImage] = field(default_factory=dict)
    propositions: dict[int, PropositionPage] = field(default_factory=dict)
    posts: dict[str, PostPage] = field(default_factory=dict)

    def everything(self) -> None:
        self.load_people()
        self.load_home()
        self.load_last_year()
        self.load_event()
        self.load_propositions()
        self.load_news()

    @property
    def organiser(self) -> User:
        return self.users["odile"]

    # People

    def load_people(self) -> None:
        self.say("people")
        groups = {name: Group.objects.get_or_create(name=name)[0] for name in ALL_ROLES}
        for profile in PEOPLE:
            user = None
            if profile.signs_in:
                user = User.objects.filter(email=profile.email).first()
                if user is None:
                    first, _, last = profile.name.partition(" ")
                    user = User.objects.create_user(profile.email, first_name=first, last_name=last)
                EmailAddress.objects.get_or_create(user=user, email=profile.email, verified=True, primary=True)
                user.groups.add(*(groups[name] for name in profile.groups))
                self.users[profile.key] = user
            portrait = None
            if profile.has_portrait:
                portrait = self.save_image(
                    f"portrait-{profile.key}.png", f"Portrait of {profile.name}", pictures.portrait(profile.key)
                )
            self.people[profile.key] = Person.objects.create(
                name=profile.name,
                slug=slugify(profile.name),
                role=profile.role,
                organisation=profile.organisation,
                biography=profile.biography,
                portrait=portrait,
                user=user,
            )

    # Pages

    def save_image(self, file_name: str, title: str, drawn: bytes, *, description: str = "") -> SummitImage:
        image = SummitImage(title=title, description=description, credit=pictures.CREDIT)
        image.uploaded_by_user = self.users.get("odile")
        image.file.save(file_name, ImageFile(ContentFile(drawn), name=file_name), save=False)
        image.save()
        return image

    def publish(self, page: Page, *, under: Page, at: datetime.datetime, by: User | None = None) -> None:
        """Add a page and publish it as an editor does in the admin, and date it."""
        actor = by or self.organiser
        page.owner = actor
        page.live = False
        under.add_child(instance=page)
        self.publish_again(page, at=at, by=actor)
        type(page).objects.filter(pk=page.pk).update(first_published_at=at)

    def publish_again(self, page: Page, *, at: datetime.datetime, by: User | None = None) -> None:
        """Publish a page's changes, and date them."""
        actor = by or self.organiser
        revision = page.save_revision(user=actor)
        revision.publish(user=actor)
        page.refresh_from_db()
        type(revision).objects.filter(pk=revision.pk).update(created_at=at)
        type(page).objects.filter(pk=page.pk).update(last_published_at=at, latest_revision_created_at=at)
        page.last_published_at = page.latest_revision_created_at = at

    def body(self, parts: Iterable[object]) -> str:
        """A text's blocks as a StreamField stores them. A string is a paragraph; other kinds name themselves."""
        return json.dumps([self.block(part) for part in parts])

    def block(self, part: Any) -> dict[str, Any]:
        match part:
            case str():
                return {"type": "paragraph", "value": part}
            case ("heading", words):
                return {"type": "heading", "value": words}
            case ("quotation", words, attribution):
                return {"type": "quotation", "value": {"text": words, "attribution": attribution, "link": ""}}
            case ("footnotes", notes):
                return {"type": "footnotes", "value": [{"type": "item", "value": note} for note in notes]}
            case ("picture", name, caption):
                image = self.drawing(name)
                picture = {"image": image.pk, "alt_text": image.description, "decorative": False}
                return {"type": "picture", "value": {"image": picture, "caption": caption}}
        raise ValueError(part)

    def drawing(self, name: str) -> SummitImage:
        if name not in self.images:
            title, description, _ = pictures.DRAWINGS[name]
            self.images[name] = self.save_image(f"{name}.png", title, pictures.drawing(name), description=description)
        return self.images[name]

    def load_home(self) -> None:
        """Introduce the society on the front page, unless somebody has written there already."""
        self.say("pages")
        self.home = HomePage.objects.get()
        if not self.home.introduction:
            self.home.title = event.HOME_TITLE
            self.home.introduction = event.HOME_INTRODUCTION
            self.publish_again(self.home, at=When(60, "09.00").at(self.now))
        for title, parts in (("About", news.ABOUT), ("Privacy", news.PRIVACY), ("Accessibility", news.ACCESSIBILITY)):
            slug = slugify(title)
            if not self.home.get_children().filter(slug=slug).exists():
                page = TextPage(title=title, slug=slug, body=self.body(parts), show_in_menus=True)
                self.publish(page, under=self.home, at=When(60, "09.10").at(self.now))

    def partners(self, partners: Iterable[tuple[str, str, str, str]]) -> list[EventPartner]:
        links = []
        for name, link, tier, style in partners:
            partner = Partner.objects.filter(name=name).first()
            if partner is None:
                logo = self.save_image(f"logo-{slugify(name)}.png", f"{name}, logo", pictures.logo(name, style))
                partner = Partner.objects.create(name=name, link=link, logo=logo)
            links.append(EventPartner(partner=partner, tier=tier))
        return links

    def load_last_year(self) -> None:
        opened = self.now.date() - datetime.timedelta(days=365)
        page = EventPage(
            title=event.PAST_TITLE,
            slug=event.PAST_SLUG,
            strapline=event.PAST_STRAPLINE,
            host=event.HOST,
            starts_on=opened,
            ends_on=opened + datetime.timedelta(days=1),
            venue=event.PAST_VENUE,
            introduction=event.PAST_INTRODUCTION,
            briefings_from=opened + datetime.timedelta(days=16),
            phase_override=Phase.BEFORE,
        )
        page.event_partners = self.partners(event.PAST_PARTNERS)
        self.publish(page, under=self.home, at=When(420, "10.00").at(self.now))
        self.last_year = page
        self.past_propositions = {
            content.number: self.load_proposition(content, under=page, days=400) for content in event.PAST_PROPOSITIONS
        }

    def load_event(self) -> None:
        today = self.now.date()
        page = EventPage(
            title=event.EVENT_TITLE,
            slug=event.EVENT_SLUG,
            strapline=event.STRAPLINE,
            host=event.HOST,
            starts_on=today - datetime.timedelta(days=1),
            ends_on=today + datetime.timedelta(days=1),
            venue=event.VENUE,
            introduction=event.EVENT_INTRODUCTION,
            briefings_from=today + datetime.timedelta(days=15),
            is_current=True,
        )
        page.event_partners = self.partners(event.PARTNERS)
        self.publish(page, under=self.home, at=When(45, "10.00").at(self.now))
        self.event = page

    # Propositions

    def load_propositions(self) -> None:
        self.say("propositions")
        for content in event.PROPOSITIONS:
            self.propositions[content.number] = self.load_proposition(content, under=self.event, days=30)

    def load_proposition(self, content: event.Proposition, *, under: EventPage, days: int) -> PropositionPage:
        page = PropositionPage(
            title=content.title,
            slug=content.slug,
            number=content.number,
            category=content.category,
            summary=content.summary,
            statement=self.body(content.statement_before or content.statement),
            search_description=content.summary,
        )
        page.proposition_facilitators = [PropositionFacilitator(person=self.people[content.facilitator])]
        resources = []
        if content.document:
            document = get_document_model()(title=content.document_title, uploaded_by_user=self.organiser)
            document.file.save(content.document, ContentFile(documents.DOCUMENTS[content.document]()), save=False)
            document.save()
            resources.append(Resource(title=content.document_title, document=document))
        if content.coming_soon:
            resources.append(Resource(title=content.coming_soon))
        page.resources = resources
        self.publish(page, under=under, at=When(days, "10.05").at(self.now))
        return page

    def change_statement(self) -> None:
        """A statement is edited while it is being discussed; comments made before answer its first version."""
        for content in event.PROPOSITIONS:
            if content.statement_before:
                page = self.propositions[content.number]
                page.statement = self.body(content.statement)
                self.publish_again(page, at=When(9, "17.20").at(self.now))

    # Posts

    def load_news(self) -> None:
        self.say("news")
        index = NewsIndexPage.objects.first()
        if index is None:
            index = NewsIndexPage(title=news.NEWS_TITLE, slug="news", show_in_menus=True)
            self.publish(index, under=self.home, at=When(60, "09.20").at(self.now))
        for post in news.POSTS:
            self.load_post(post, under=index)
        for content in event.PROPOSITIONS:
            for post in content.posts:
                self.load_post(post, under=self.propositions[content.number])

    def load_post(self, post: Post, *, under: Page) -> None:
        at = When(post.days, "08.00").at(self.now)
        page = PostPage(
            title=post.title,
            slug=post.slug,
            author=self.people[post.by],
            date=at.date(),
            summary=post.summary,
            body=self.body(post.body),
            takes_comments=post.takes_comments,
            search_description=post.summary,
        )
        self.publish(page, under=under, at=at)
        self.posts[post.slug] = page
