"""Puts the demo summit into an empty installation, by the same actions that people use."""

import datetime
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
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

from briefings import citations
from briefings.actions import add_follow_up, change_follow_up, object_to_quoting, open_objections
from briefings.models import BriefingPage, Series
from content.fetch import Fetched
from content.models import SummitImage
from discussion.actions import hide_comment, learn_from_decisions, submit_comment, support_comment, withdraw_comment
from discussion.choices import MentionKind
from discussion.follows import follow_page
from discussion.injected.actions import run_scan, start_scan
from discussion.mentions.actions import hide_mention, judge_notice, release_mention, take_notice
from discussion.models import Comment, EventRules, Mention, MentionNotice
from events.models import EventPage, EventPartner, Partner, Phase
from gathering.actions import (
    create_points,
    find_echoes,
    keep_echo,
    merge_entries,
    pick_excerpt,
    place_entry,
    rename_point,
    set_aside_entry,
    show_ledger,
    suggest_themes,
)
from gathering.exceptions import ThemeRefused
from gathering.models import Entry, Excerpt, Point
from home.demo import comments, documents, event, mentions, news, pictures
from home.demo.briefing import ANSWERING, LAST_YEAR, PAST_SERIES, QUEUEING, SERIES
from home.demo.contributions import ASKING, CAMPAIGN, OPEN_CONVERSATION, QUEUES, REPAIRS_NOW
from home.demo.people import BY_KEY, PEOPLE
from home.demo.shapes import Briefing, Fate, Post, Question, Remark, Said, Session, When
from home.models import AccessibilityWords, HomePage, PrivacyWords, TextPage
from live.actions import (
    Accepted,
    Draft,
    VoteRequest,
    add_prompt,
    close_session,
    contribute_many,
    create_session,
    hide_contribution,
    join_session,
    open_session,
    put_comment,
    record_seen,
    seat_scribe,
    set_moderation,
    set_spotlight,
    set_wall_themes,
    star_contribution,
    start_timer,
    tag_contribution,
    vote_many,
)
from live.actions.joining import new_device_token
from live.models import (
    Contribution,
    Identity,
    LiveSession,
    LiveSessionPage,
    ModerationMode,
    Participant,
    Prompt,
    Vote,
)
from live.selectors import comments_to_put
from news.models import NewsIndexPage, PostPage
from people.keys import author_key_of_user
from people.models import Person, User
from people.roles import ALL as ALL_ROLES
from propositions.models import PropositionFacilitator, PropositionPage, Resource
from wordpress.actions import prepare_import, run_import
from wordpress.models import Batch

Say = Callable[[str], None]

STATEMENT_CHANGED = When(9, "17.20")
OLD_BLOG = Path(__file__).with_name("cutwater.xml")
OLD_BLOG_TAKES = 3


def is_loaded() -> bool:
    return EventPage.objects.filter(slug=event.EVENT_SLUG).exists()


def load(*, moment: datetime.datetime | None = None, say: Say = lambda _: None) -> None:
    """Load everything in one transaction: either the whole demo is there afterwards, or nothing has changed."""
    with transaction.atomic():
        _Loading(now=timezone.localtime(moment), say=say).everything()


def next_session_at(now: datetime.datetime) -> datetime.datetime:
    """When the session that waits will begin: this afternoon or later today; in the evening, tomorrow morning."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    later = _floored(now + datetime.timedelta(minutes=150), minutes=30)
    if later < hour.replace(hour=14):
        return hour.replace(hour=14)
    if later <= hour.replace(hour=19):
        return later
    return hour.replace(hour=9, minute=30) + datetime.timedelta(days=1)


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
    # By the identity of the words as they are written down.
    comments: dict[int, Comment] = field(default_factory=dict)
    fates: list[tuple[Comment | None, Contribution | None, Remark | Said]] = field(default_factory=list)
    points: dict[str, list[Point]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    excerpts: dict[int, Excerpt] = field(default_factory=dict)

    def everything(self) -> None:
        self.load_people()
        self.load_home()
        self.load_last_year()
        self.load_event()
        self.load_propositions()
        self.load_news()
        self.load_comments()
        self.load_mentions()
        self.load_followers()
        self.load_sessions()
        self.load_desks()
        self.load_briefings()
        self.archive_last_year()
        self.import_old_blog()
        self.look_through_texts()

    @property
    def organiser(self) -> User:
        return self.users["odile"]

    # People

    def load_people(self) -> None:
        self.say("people")
        groups = {name: Group.objects.get_or_create(name=name)[0] for name in ALL_ROLES}
        for profile in PEOPLE:
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
        page.first_published_at = at

    def publish_again(self, page: Page, *, at: datetime.datetime, by: User | None = None) -> None:
        """Publish a page's changes, and date them."""
        actor = by or self.organiser
        revision = page.save_revision(user=actor)
        revision.publish(user=actor)
        page.refresh_from_db()
        type(revision).objects.filter(pk=revision.pk).update(created_at=at)
        type(page).objects.filter(pk=page.pk).update(last_published_at=at, latest_revision_created_at=at)
        Mention.objects.filter(source_page_id=page.pk).update(received_at=at)
        page.last_published_at = page.latest_revision_created_at = at

    def body(self, parts: Iterable[object]) -> str:
        """A text's blocks as a StreamField stores them. A string is a paragraph; other kinds name themselves."""
        return json.dumps([self.block(part) for part in parts])

    def block(self, part: Any) -> dict[str, Any]:
        match part:
            case str():
                return {"type": "paragraph", "value": self.linked(part)}
            case ("heading", words):
                return {"type": "heading", "value": words}
            case ("quotation", words, attribution):
                return {"type": "quotation", "value": {"text": words, "attribution": attribution, "link": ""}}
            case ("footnotes", notes):
                return {"type": "footnotes", "value": list(notes)}
            case ("picture", name, caption):
                image = self.drawing(name)
                picture = {"image": image.pk, "alt_text": image.description, "decorative": False}
                return {"type": "picture", "value": {"image": picture, "caption": caption}}
        raise ValueError(part)

    def linked(self, html: str) -> str:
        """The text with its links to propositions as the editor stores them."""
        return re.sub(
            r"<a href='proposition:(\d)'>",
            lambda match: f'<a linktype="page" id="{self.propositions[int(match.group(1))].pk}">',
            html,
        )

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
        if not self.home.get_children().filter(slug="about").exists():
            page = TextPage(title="About", slug="about", body=self.body(news.ABOUT), show_in_menus=True)
            self.publish(page, under=self.home, at=When(60, "09.10").at(self.now))
        words = AccessibilityWords.load()
        if not words.contact:
            words.contact, words.venue, words.limits = news.CONTACT, news.VENUE, news.LIMITS
            words.reviewed_on = When(60, "09.10").at(self.now).date()
            words.save()
        privacy = PrivacyWords.load()
        if not privacy.contact:
            privacy.contact, privacy.grounds, privacy.backups = news.RESPONSIBLE, news.GROUNDS, news.BACKUPS
            privacy.reviewed_on = When(60, "09.10").at(self.now).date()
            privacy.save()

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
            table = documents.DOCUMENTS[content.document]()
            document = get_document_model()(
                title=content.document_title, uploaded_by_user=self.organiser, file_size=len(table)
            )
            document.file.save(content.document, ContentFile(table), save=False)
            document.save()
            resources.append(Resource(title=content.document_title, document=document))
        if content.coming_soon:
            resources.append(Resource(title=content.coming_soon))
        page.resources = resources
        at = When(days, "10.05").at(self.now)
        self.publish(page, under=under, at=at)
        page.statement_versions.update(published_at=at)
        return page

    def change_statements(self) -> None:
        """A statement is edited while it is being discussed; comments made before answer its first version."""
        for content in event.PROPOSITIONS:
            if content.statement_before:
                page = self.propositions[content.number]
                page.statement = self.body(content.statement)
                self.publish_again(page, at=STATEMENT_CHANGED.at(self.now))
                page.statement_versions.filter(number=2).update(published_at=STATEMENT_CHANGED.at(self.now))

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
        at = When(post.days, post.time).at(self.now)
        page = PostPage(
            title=post.title,
            slug=post.slug,
            author=self.people[post.by],
            date=at.date(),
            summary=post.summary,
            body=self.body(post.body),
            category=post.category,
            is_note=post.is_note,
            takes_comments=post.takes_comments,
            search_description=post.summary,
        )
        self.publish(page, under=under, at=at)
        self.posts[post.slug] = page

    # Comments

    def load_comments(self) -> None:
        self.say("comments")
        pages = [
            *((self.propositions[number], remarks) for number, remarks in comments.BY_PROPOSITION.items()),
            *((self.posts[slug], remarks) for slug, remarks in comments.ON_NEWS.items()),
            (self.past_propositions[1], comments.ON_LAST_YEAR),
            (self.past_propositions[2], comments.ON_LAST_YEAR_TOO),
        ]
        made = [one for page, remarks in pages for one in self.flattened(page, remarks)]
        changed = STATEMENT_CHANGED.at(self.now)
        # In the order in which they were made, whatever they answer: their numbers are their places.
        made.sort(key=lambda one: one[1].when.at(self.now))
        for page, remark, parent in made:
            if remark.when.at(self.now) < changed:
                self.comment(page, remark, parent)
        self.change_statements()
        for page, remark, parent in made:
            if remark.when.at(self.now) >= changed:
                self.comment(page, remark, parent)

    def flattened(
        self, page: Page, remarks: Iterable[Remark], parent: Remark | None = None
    ) -> Iterator[tuple[Page, Remark, Remark | None]]:
        for remark in remarks:
            yield page, remark, parent
            yield from self.flattened(page, remark.replies, remark)

    def comment(self, page: Page, remark: Remark, parent: Remark | None) -> None:
        author, at = self.users[remark.by], remark.when.at(self.now)
        comment = submit_comment(
            actor=author,
            page=page,
            body=remark.text,
            consent=remark.consent,
            role=BY_KEY[remark.by].affiliation,
            is_name_shown=remark.consent in ("named", "none"),
            parent=self.comments[id(parent)] if parent else None,
            hold_reason=remark.held,
            moment=at,
        )
        assert isinstance(comment, Comment)  # noqa: S101 people with accounts need not confirm
        self.comments[id(remark)] = comment
        self.fates.append((comment, None, remark))
        voters = [key for key in self.users if key != remark.by]
        # Where the round of supporters begins hangs on what they support, so that it is not always the same few.
        start = len(remark.text) % len(voters)
        for key in [*voters[start:], *voters[:start]][: remark.supports]:
            voter = self.users[key]
            support_comment(actor=voter, comment=comment, voter_key=author_key_of_user(voter), moment=at)
        if remark.hidden:
            hide_comment(actor=self.users["suniti"], comment=comment, reason=remark.hidden)
        if remark.withdrawn:
            withdraw_comment(actor=author, comment=comment)

    def load_mentions(self) -> None:
        """What other sites told us, looked at without asking them: a demo asks nobody."""
        for elsewhere in mentions.MENTIONS:
            page, at = self.propositions[elsewhere.proposition], elsewhere.when.at(self.now)
            notice = take_notice(
                kind=MentionKind(elsewhere.kind), source_url=elsewhere.address, target_url=page.full_url
            )
            text = elsewhere.text.format(link=f'<a href="{page.full_url}">{elsewhere.link}</a>')
            head = f"<title>{elsewhere.title}</title><meta property='og:site_name' content='{elsewhere.site}'>"
            body = f"{head}<p>{text}</p>"
            fetched = Fetched(elsewhere.address, 200, {"content-type": "text/html; charset=utf-8"}, body.encode())
            mention = judge_notice(notice=notice, fetched=fetched).mention
            assert mention is not None  # noqa: S101 the page links to us
            Mention.objects.filter(pk=mention.pk).update(received_at=at, checked_at=at)
            MentionNotice.objects.filter(pk=notice.pk).update(received_at=at, settled_at=at)
            if elsewhere.released:
                release_mention(actor=self.users["suniti"], mention=mention)
            if elsewhere.hidden:
                hide_mention(actor=self.users["suniti"], mention=mention, reason=elsewhere.hidden)

    def load_followers(self) -> None:
        """Facilitators hear of what is said under their proposition; one event has rules of its own."""
        for proposition in self.propositions.values():
            for person in proposition.facilitators:
                follow_page(actor=person.user, page=proposition, email=person.user.email, frequency="at_once")
        EventRules.objects.create(event=self.propositions[1].event, held_words="compensation claim\nno win no fee")
        learn_from_decisions(actor=self.users["suniti"])

    # Live sessions

    def load_sessions(self) -> None:
        """Two sessions of yesterday, one that is open now, and one that waits."""
        self.say("live sessions")
        for content, time in ((ASKING, "10.00"), (QUEUES, "14.00")):
            starts_at = _floored(When(1, time).at(self.now), minutes=1)
            ends_at = starts_at + datetime.timedelta(minutes=75)
            room = _Room(self, content, self.make_session(content, starts_at, ends_at))
            room.open()
            length = (ends_at - starts_at) / len(content.questions)
            for place, question in enumerate(content.questions):
                room.ask(question, from_=starts_at + place * length, to=starts_at + (place + 1) * length)
            room.close(starts_at, ends_at)

        starts_at = _floored(self.now - datetime.timedelta(minutes=26), minutes=5)
        first, second, *queued = REPAIRS_NOW.questions
        half = starts_at + (self.now - starts_at) / 3
        room = _Room(
            self,
            REPAIRS_NOW,
            self.make_session(REPAIRS_NOW, starts_at, starts_at + datetime.timedelta(minutes=75)),
        )
        room.open()
        room.ask(first, from_=starts_at, to=half)
        room.ask(second, from_=half, to=self.now - datetime.timedelta(minutes=1))
        for question in queued:
            room.queue(question)
        room.queue_a_comment()
        room.tag("Neighbours", "fall-out", "meetings", "inquest")
        room.tag("Who gets the contract", "cousin", "auditor", "cakes")
        room.tag("Money", "boiler", "insurance")
        room.command(set_wall_themes, tags=["Neighbours", "Who gets the contract", "Money"])
        room.put_on_wall(key="fall-out", seconds=25 * 60)
        room.date(opened_at=starts_at)

        starts_at = next_session_at(self.now)
        later = self.make_session(OPEN_CONVERSATION, starts_at, starts_at + datetime.timedelta(minutes=90))
        room = _Room(self, OPEN_CONVERSATION, later)
        for question in OPEN_CONVERSATION.questions:
            room.queue(question)

    def make_session(self, content: Session, starts_at: datetime.datetime, ends_at: datetime.datetime) -> LiveSession:
        self.event.refresh_from_db()
        session = create_session(
            actor=self.organiser,
            event=self.event,
            title=content.title,
            propositions=[self.propositions[number] for number in content.propositions],
            starts_at=starts_at,
            ends_at=ends_at,
            room=content.room,
            introduction=content.introduction,
            facilitators=[self.users[key] for key in content.facilitators],
        )
        announced = When(21, "12.00").at(self.now)
        LiveSessionPage.objects.filter(pk=session.page_id).update(
            first_published_at=announced, last_published_at=announced, latest_revision_created_at=announced
        )
        return session

    # The ledger

    def load_desks(self) -> None:
        """Make the points and sort what was said, as the editor did in the evening."""
        self.say("ledger")
        editor = self.users["bram"]
        for briefing, page, proposition in self.briefings():
            points = create_points(actor=editor, event=page, proposition=proposition, count=len(briefing.things))
            for point, thing in zip(points, briefing.things, strict=True):
                rename_point(actor=editor, point=point, working_title=thing.heading)
            self.points[briefing.slug] = points
            self.sort(editor, proposition, points)
        self.lay_out(editor)
        show_ledger(actor=self.organiser, event=self.event, shows=True)

    def briefings(self) -> list[tuple[Briefing, EventPage, PropositionPage]]:
        return [
            (LAST_YEAR, self.last_year, self.past_propositions[1]),
            (ANSWERING, self.event, self.propositions[2]),
            (QUEUEING, self.event, self.propositions[1]),
        ]

    def sort(self, editor: User, proposition: PropositionPage, points: list[Point]) -> None:
        entries = {
            (entry.comment_id, entry.contribution_id): entry for entry in Entry.objects.filter(proposition=proposition)
        }
        decided: list[tuple[Entry, Fate]] = []
        for comment, contribution, words in self.fates:
            source = (comment.pk if comment else None, contribution.pk if contribution else None)
            entry = entries.get(source)
            if entry is None:
                continue
            if words.key:
                self.entries[words.key] = entry
            if words.fate:
                decided.append((entry, words.fate))
        for entry, fate in decided:
            if fate.point and fate.quote:
                self.excerpt(editor, entry, fate, points)
            elif fate.point:
                place_entry(actor=editor, entry=entry, point=points[fate.point - 1])
            elif fate.set_aside:
                set_aside_entry(actor=editor, entry=entry, reason=fate.set_aside)
        for entry, fate in decided:
            if fate.merged_into:
                merge_entries(actor=editor, entries=[entry], into=self.entries[fate.merged_into])

    def lay_out(self, editor: User) -> None:
        """Group what is left for the next morning: by theme, and by who said the same words."""
        for proposition in self.propositions.values():
            for echo in find_echoes(actor=editor, event=self.event, proposition=proposition):
                if echo.is_campaign:
                    keep_echo(actor=editor, echo=echo, label=CAMPAIGN)
            # Where little is left, there is nothing to group.
            with suppress(ThemeRefused):
                suggest_themes(actor=editor, event=self.event, proposition=proposition)

    def excerpt(self, editor: User, entry: Entry, fate: Fate, points: list[Point]) -> None:
        assert fate.point  # noqa: S101 asked by the caller
        point = points[fate.point - 1]
        excerpt = pick_excerpt(actor=editor, entry=entry, point=point, role=fate.as_role, text=fate.quote)
        self.excerpts[entry.pk] = excerpt

    # Briefings

    def load_briefings(self) -> None:
        self.say("briefings")
        for briefing, page, proposition in self.briefings():
            is_past = briefing is LAST_YEAR
            name, strapline = PAST_SERIES if is_past else SERIES
            series, _ = Series.objects.get_or_create(name=name, defaults={"strapline": strapline})
            draft = BriefingPage(
                title=briefing.title,
                slug=briefing.slug,
                series=series,
                number=briefing.number,
                proposition=proposition,
                opening=briefing.opening,
                points=json.dumps(
                    [
                        {
                            "type": "point",
                            "id": str(point.pk),
                            "value": {"heading": thing.heading, "discussion": self.cited(thing.discussion)},
                        }
                        for point, thing in zip(self.points[briefing.slug], briefing.things, strict=True)
                    ]
                ),
                closing=briefing.closing,
                credit=briefing.credit,
                search_description=briefing.seo,
            )
            if briefing.is_published:
                at = When(349, "10.00") if is_past else When(minutes=100)
                self.publish(draft, under=page, at=at.at(self.now))
            else:
                draft.live, draft.owner = False, self.users["bram"]
                page.add_child(instance=draft)
                draft.save_revision(user=self.users["bram"])
            self.keep_promises(briefing, draft)
            self.take_objections(briefing, draft)

    def keep_promises(self, briefing: Briefing, page: BriefingPage) -> None:
        for promise in briefing.promises:
            (first, state, note), *rest = promise.steps
            follow_up = add_follow_up(
                actor=self.users["bram"],
                briefing=page,
                point=self.points[briefing.slug][promise.point - 1],
                promise=promise.text,
                owner=promise.owner,
                owner_email=self.organiser.email,
                due_on=None if promise.due is None else self.now.date() + datetime.timedelta(days=promise.due),
                state=state,
                note=note,
                moment=first.at(self.now),
            )
            for when, state, note in rest:
                change_follow_up(
                    actor=self.users["bram"], follow_up=follow_up, moment=when.at(self.now), state=state, note=note
                )

    def import_old_blog(self) -> None:
        """Bring in the blog of an earlier summit, as an organiser does who moves in with WordPress' own export."""
        self.say("an old blog")
        batch = prepare_import(actor=self.organiser, path=OLD_BLOG)
        batch = run_import(actor=self.organiser, batch=batch, path=OLD_BLOG)
        began = When(40, "16.20").at(self.now)
        Batch.objects.filter(pk=batch.pk).update(
            created_at=began, finished_at=began + datetime.timedelta(seconds=OLD_BLOG_TAKES)
        )

    def look_through_texts(self) -> None:
        """As the clock does every night, so that the report is not empty."""
        scan, _ = start_scan(actor=None)
        run_scan(scan_id=scan.pk)

    def take_objections(self, briefing: Briefing, page: BriefingPage) -> None:
        if not briefing.takes_objections_for_days:
            return
        closes_on = timezone.localdate() + datetime.timedelta(days=briefing.takes_objections_for_days)
        open_objections(actor=self.organiser, briefing=page, closes_on=closes_on)
        for key in briefing.objects:
            entry = self.entries[key]
            object_to_quoting(author_keys=[entry.author_key], briefing=page, entry=entry)

    def cited(self, discussion: str) -> str:
        """The text with its citations: `[[key]]` cites the words picked from that entry."""
        return re.sub(
            r"\[\[([a-z0-9-]+)\]\]",
            lambda match: citations.markup(self.excerpts[self.entries[match.group(1)].pk].pk),
            discussion,
        )

    def archive_last_year(self) -> None:
        self.last_year.refresh_from_db()
        self.last_year.phase_override = Phase.ARCHIVED
        self.publish_again(self.last_year, at=When(300, "09.00").at(self.now))


class _Room:
    """One live session being replayed: who is in it, and what its facilitator does."""

    # Enough people for every vote; those who only vote have said nothing.
    PEOPLE = 52

    def __init__(self, loading: _Loading, content: Session, session: LiveSession) -> None:
        self.loading = loading
        self.content = content
        self.session = session
        self.facilitator = loading.users[content.facilitators[0]]
        self.participants: dict[object, Participant] = {}
        self.said: dict[str, Contribution] = {}
        self.seen: Counter[int] = Counter()

    def fresh(self) -> LiveSession:
        return LiveSession.objects.get(pk=self.session.pk)

    def command(self, action: Callable[..., Any], **arguments: Any) -> Any:
        session = self.fresh()
        return action(actor=self.facilitator, session=session, version=session.version, **arguments)

    def open(self) -> None:
        self.command(open_session)
        for name, headcount in self.content.tables:
            scribe = self.join(("table", name), identity=Identity.ROLE, role=name)
            seat_scribe(actor=self.facilitator, participant=scribe, table_name=name, headcount=headcount)
        for question in self.content.questions:
            for said in question.said:
                self.author_of(said)
        while len(self.participants) < self.PEOPLE:
            self.join(("listener", len(self.participants)))

    def join(self, key: object, **appearance: Any) -> Participant:
        if key not in self.participants:
            self.participants[key] = join_session(session=self.session, token=new_device_token(), **appearance)
        return self.participants[key]

    def author_of(self, said: Said) -> Participant:
        if said.table:
            return self.participants["table", said.table]
        if said.by:
            profile = BY_KEY[said.by]
            return self.join(
                ("account", said.by, said.consent),
                user=self.loading.users[said.by],
                identity=Identity.NAME if said.consent == "named" else Identity.ROLE,
                name=profile.name,
                role=profile.affiliation,
                consent=said.consent,
            )
        if said.role:
            return self.join(("role", said.role), identity=Identity.ROLE, role=said.role, consent=said.consent)
        return self.join(("nobody", id(said)), consent=said.consent)

    def ask(self, question: Question, *, from_: datetime.datetime, to: datetime.datetime) -> None:
        """Put a question to the room, and let the room answer."""
        prompt = self.queue(question, show=True)
        pace = (to - from_) / (len(question.said) + 1)
        moments = {id(said): from_ + place * pace for place, said in enumerate(question.said, start=1)}
        self.take([said for said in question.said if not said.held], moments, to)
        held = [said for said in question.said if said.held]
        if held:
            self.command(set_moderation, moderation=ModerationMode.HOLD)
            self.take(held, moments, to)
            self.command(set_moderation, moderation=ModerationMode.SHOW)
        self.weigh(prompt, question)

    def queue(self, question: Question, *, show: bool = False) -> Prompt:
        prompt: Prompt = self.command(
            add_prompt,
            kind=question.kind,
            text=question.text,
            options=[text for text, _ in question.options],
            show=show,
        )
        return prompt

    def take(self, words: list[Said], moments: dict[int, datetime.datetime], now: datetime.datetime) -> None:
        authors = {id(said): self.author_of(said) for said in words}
        drafts = [Draft(authors[id(said)].pk, uuid.uuid4(), said.text, said_at=moments[id(said)]) for said in words]
        requests = []
        for said, outcome in zip(words, contribute_many(session=self.session, drafts=drafts, moment=now), strict=True):
            if not isinstance(outcome, Accepted):
                raise outcome
            contribution = outcome.contribution
            self.loading.fates.append((None, contribution, said))
            if said.key:
                self.said[said.key] = contribution
            if said.starred:
                star_contribution(actor=self.facilitator, session=self.session, contribution_id=contribution.pk)
            own = (contribution.participant_id, contribution.author_key)
            others = [one for one in self.participants.values() if one.pk != own[0] and one.author_key != own[1]]
            start = len(said.text) % len(others)
            supporters = [*others[start:], *others[:start]][: said.support]
            requests += [VoteRequest(one.pk, contribution_id=contribution.pk) for one in supporters]
            if said.hidden:
                hide_contribution(
                    actor=self.loading.users["suniti"],
                    session=self.session,
                    contribution_id=contribution.pk,
                    reason=said.hidden,
                )
            self.seen[contribution.pk] = len(self.participants) - len(said.text) % 13
        self.vote(requests)
        record_seen(session=self.session, contribution_ids=self.seen, option_ids=Counter())
        self.seen.clear()

    def weigh(self, prompt: Prompt, question: Question) -> None:
        everybody = list(self.participants.values())
        requests = []
        first = 0
        for option, (_, counts) in zip(prompt.options.all(), question.options, strict=True):
            is_poll = question.kind == Prompt.Kind.POLL
            choices = [choice for choice, count in zip(Vote.Choice.values, counts, strict=True) for _ in range(count)]
            for place, choice in enumerate(choices, start=first if is_poll else 0):
                requests.append(VoteRequest(everybody[place].pk, option_id=option.pk, choice=choice))
            first += len(choices)
            self.seen[option.pk] = len(everybody)
        self.vote(requests)
        record_seen(session=self.session, contribution_ids=Counter(), option_ids=self.seen)
        self.seen.clear()

    def vote(self, requests: list[VoteRequest]) -> None:
        for refusal in vote_many(session=self.session, requests=requests):
            if refusal is not None:
                raise refusal

    def queue_a_comment(self) -> None:
        """Keep the comment that most people support for later, to be put to the room."""
        (comment, *_) = comments_to_put(self.session)
        self.command(put_comment, comment_id=comment["id"], show=False)

    def tag(self, tag: str, *keys: str) -> None:
        for key in keys:
            said = self.said[key]
            tag_contribution(actor=self.facilitator, session=self.session, contribution_id=said.pk, tag=tag)

    def put_on_wall(self, *, key: str, seconds: int) -> None:
        self.command(set_spotlight, contribution_id=self.said[key].pk)
        self.command(start_timer, seconds=seconds)

    def close(self, opened_at: datetime.datetime, closed_at: datetime.datetime) -> None:
        self.command(close_session)
        self.date(opened_at=opened_at, closed_at=closed_at)

    def date(self, **moments: datetime.datetime) -> None:
        """What the commands noted as happening now happened then."""
        LiveSession.objects.filter(pk=self.session.pk).update(**moments)
        Participant.objects.filter(session=self.session).update(joined_at=moments["opened_at"])


def _floored(moment: datetime.datetime, *, minutes: int) -> datetime.datetime:
    return moment.replace(minute=moment.minute // minutes * minutes, second=0, microsecond=0)
