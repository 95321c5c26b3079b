"""Where everything is to stand: the event, its propositions, news, pages of text.

Pages are made before their texts are read, so that texts can link to each other whichever comes first.
"""

import datetime
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.text import slugify
from wagtail.coreutils import resolve_model_string
from wagtail.models import Page, Site
from wagtail.views import serve

from content.text import clean_line
from events.models import EventPage, Phase
from news.models import NewsIndexPage, PostPage
from propositions.models import PropositionPage
from wordpress.actions.publishing import add_page, publish_changes, publish_page
from wordpress.actions.records import Run, kind_of
from wordpress.actions.standing import Standing, Stands
from wordpress.choices import Outcome
from wordpress.exceptions import ImportRefused
from wordpress.markup import words_of
from wordpress.survey import NOT_ON_SITE, Sketch, path_of, proposition_of

# Pages that belong to no event are of a kind that stands above this app; as with Wagtail's own page types, by name.
TEXT_PAGE = "home.TextPage"
TITLE_LENGTH = 255
# After so long nobody is waiting for an event's briefings any more.
LONG_AGO = datetime.timedelta(days=365)


@dataclass
class Place:
    """Where a text is to stand, and as what."""

    kind: str  # proposition, post, page
    parent: str = ""  # key of a page above it; empty: the usual place
    proposition: int = 0
    reason: str = ""  # why it is skipped, if it is
    is_kept: bool = False  # somebody put this proposition here by hand: its words are theirs
    page_id: int = 0  # the page that an earlier import made of it, if it is still here
    notes: list[str] = field(default_factory=list)


class Places:
    def __init__(self, run: Run) -> None:
        self.run = run
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            raise ImportRefused("There is no site yet. Run `manage.py migrate` first.")
        self.home = site.root_page.specific
        self.text_page = resolve_model_string(TEXT_PAGE)
        self.standing = Standing(run.batch.source)
        self.stands = self.standing.texts()
        self.event: EventPage | None = None
        self.news: NewsIndexPage | None = None
        self.propositions: dict[int, PropositionPage] = {}
        # Texts that are propositions' statements, by number.
        self.statements: dict[int, str] = {}
        self.number_of_category: dict[str, int] = {}
        self.used_by_categories: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        # Pages by the keys of their texts, and by their old addresses.
        self.pages: dict[str, int] = {}
        self.by_address: dict[str, int] = {}
        self.urls: dict[int, str] = {}

    def choose_event(self) -> None:
        slug = self.run.choices.event
        numbers = self._categories_of_propositions()
        if slug:
            self.event = EventPage.objects.filter(slug=slug).first()
        elif numbers:
            self.event = self.standing.event
        if self.event is None and (slug or numbers):
            self.event = self._make_event(slug)
        self.run.batch.event = self.event

    def _make_event(self, slug: str) -> EventPage:
        days = self.run.found.days()
        first = (self.run.found.first_date or timezone.now()).date()
        last = (self.run.found.last_date or timezone.now()).date()
        title = clean_line(self.run.found.blog.title) or "Imported summit"
        event = EventPage(
            title=title[:TITLE_LENGTH],
            slug=self._free_slug(self.home, slug or slugify(title) or "imported-summit"),
            starts_on=days[0] if days else first,
            ends_on=days[1] if days else max(first, last),
        )
        if event.ends_on < timezone.localdate() - LONG_AGO:
            event.phase_override = Phase.ARCHIVED
        publish_page(event, under=self.home, at=self.run.found.first_date, actor=self.run.actor)
        note = "" if days else "Its dates are those of the first and the last post: correct them"
        self.run.record(
            "event", "event", event.title, Outcome.IMPORTED, page=event, is_made=True, is_found=False,
            revision_id=event.latest_revision_id, notes=[note] if note else [],
        )  # fmt: skip
        return event

    def _categories_of_propositions(self) -> dict[int, list[str]]:
        """Propositions of the file, by number, with the slugs of their categories."""
        found: dict[int, list[str]] = {}
        for (kind, slug), term in self.run.found.terms.items():
            if kind != "category":
                continue
            use = self.run.choices.categories.get(slug) or self.standing.use_of(slug, term.name)
            number = re.fullmatch(r"proposition:(\d{1,3})", use)
            if number:
                found.setdefault(int(number.group(1)), []).append(slug)
        return found

    def name_propositions(self) -> None:
        """Which text is whose statement. A category's own: named as the category, or with a facilitator at its head."""
        for number, slugs in self._categories_of_propositions().items():
            self.number_of_category |= dict.fromkeys(slugs, number)
            names = {self.run.found.terms["category", slug].name.casefold() for slug in slugs}
            candidates = [
                (self._likeness(sketch, names, number), -position, key)
                for position, (key, sketch) in enumerate(self.run.found.texts.items())
                if set(slugs) & set(sketch.categories) and sketch.status not in NOT_ON_SITE
            ]
            best = max(candidates, default=None)
            if best and best[0] > 0:
                self.statements[number] = best[2]

    def _likeness(self, sketch: Sketch, names: set[str], number: int) -> int:
        suggested = proposition_of(sketch.title)
        stands = self.stands.get((kind_of(sketch.kind), sketch.key))
        return (
            # What is a proposition's statement here already stays it, whatever is written on the old site since.
            8 * (stands is not None and stands.kind == "proposition")
            + 4 * sketch.names_facilitator
            + 2 * (sketch.title.casefold() in names)
            + (suggested is not None and suggested[0] == number)
        )

    def plan(self) -> None:
        """Say where everything is to stand. Refused where a choice would turn what stands here into something else."""
        refused = []
        for number, key in list(self.statements.items()):
            sketch = self.run.found.texts[key]
            stands = self.stands.get((kind_of(sketch.kind), sketch.key))
            if stands and stands.kind != "proposition" and not self._is_chosen_anew(sketch):
                del self.statements[number]
        statements = {key: number for number, key in self.statements.items()}
        for key, sketch in self.run.found.texts.items():
            place = self.places[key] = self._place_of(key, sketch, statements)
            stands = self.stands.get((kind_of(sketch.kind), sketch.key))
            if stands and (why := self._stay(place, sketch, stands)):
                refused.append(f"“{sketch.title or sketch.key}” {why}")
        if refused:
            more = f" So it is with {len(refused) - 1} more." if len(refused) > 1 else ""
            raise ImportRefused(f"{refused[0]}{more}")

    def _stay(self, place: Place, sketch: Sketch, stands: Stands) -> str:
        """Let a text stay what an earlier import made of it, and say so; or why it is refused."""
        place.page_id = stands.page_id
        if place.reason:
            place.reason += f"; what import {stands.batch_id} made of it stays here"
            return ""
        event = self.run.choices.event
        if event and stands.event and stands.event != event:
            return (
                f"stands under the event “{stands.event}” since import {stands.batch_id}, and an import moves nothing. "
                f"Undo import {stands.batch_id} first, or leave the event as it was."
            )
        if (place.kind, place.proposition) == (stands.kind, stands.number):
            return ""
        here = _named(stands.kind, stands.number)
        if self._is_chosen_anew(sketch):
            return (
                f"came in as {here} and would now be {_named(place.kind, place.proposition)}. Nothing was changed. "
                f"Undo import {stands.batch_id} first, or choose for it what was chosen before."
            )
        place.kind, place.parent, place.proposition = stands.kind, "", stands.number
        place.notes = [f"It stays {here}, as it came in, whatever became of it on the old site since"]
        return ""

    def _is_chosen_anew(self, sketch: Sketch) -> bool:
        """Whether somebody chose something for this text that was not chosen for it before."""
        categories, kinds = self.run.choices.categories, self.run.choices.kinds
        return any(
            slug in categories
            and categories[slug] != self.standing.use_of(slug, self.run.found.terms["category", slug].name)
            for slug in sketch.categories
        ) or (sketch.kind in kinds and kinds[sketch.kind] != self.standing.kinds.get(sketch.kind, sketch.kind))

    def _place_of(self, key: str, sketch: Sketch, statements: dict[str, int]) -> Place:
        if reason := NOT_ON_SITE.get(sketch.status):
            return Place("", reason=reason)
        if any(self.run.choices.categories.get(slug) == "skip" for slug in sketch.categories):
            return Place("", reason="Its category is left out, by choice")
        kind = self.run.choices.kinds.get(sketch.kind, sketch.kind)
        if kind == "skip":
            return Place("", reason="This kind is left out, by choice")
        if kind not in ("post", "page"):
            return Place("", reason=f"A kind of post that is not known here: “{sketch.kind}”")
        if key in statements:
            return Place("proposition", proposition=statements[key])
        number = next(
            (self.number_of_category[slug] for slug in sketch.categories if slug in self.number_of_category), 0
        )
        if number:
            return Place("post", proposition=number)
        if kind == "page" and sketch.responses:
            return Place("post", notes=["It was a page. It has comments, which pages of text here do not take"])
        if kind == "page":
            parent = f"{sketch.kind}:{sketch.parent}" if sketch.parent else ""
            above = self.run.found.texts.get(parent)
            if parent and (above is None or above.responses or parent in statements):
                return Place("page", notes=["The page above it is not a page here; it stands on its own"])
            return Place("page", parent=parent)
        return Place("post")

    def sketch_pages(self) -> None:
        with transaction.atomic():
            for number, slugs in sorted(self._categories_of_propositions().items()):
                self._sketch_proposition(number, slugs)
        done: set[str] = set()
        for key in self.run.found.texts:
            self._sketch(key, done, set())

    def _sketch_proposition(self, number: int, slugs: list[str]) -> None:
        slug = slugs[0]
        name = self.run.found.terms["category", slug].name
        key = self.statements.get(number)
        sketch = self.run.found.texts.get(key) if key else None
        before = self.run.before(kind_of(sketch.kind), sketch.key) if sketch else self.run.before("category", slug)
        page = PropositionPage.objects.filter(pk=before.page_id).first() if before and before.page_id else None
        if page is None and self.event:
            page = PropositionPage.objects.child_of(self.event).filter(number=number).first()
            if page is None:
                suggested = proposition_of(sketch.title if sketch else name)
                title = (suggested[1] if suggested else "") or (sketch.title if sketch else name) or name
                page = PropositionPage(
                    title=title[:TITLE_LENGTH],
                    number=number,
                    category="",
                    live=False,
                    slug=self._free_slug(
                        self.event, slug_of(sketch.slug if sketch else slug, title, f"proposition-{number}")
                    ),
                )
                add_page(page, under=self.event, actor=self.run.actor)
                if sketch:
                    self.run.note_made(page, kind_of(sketch.kind), sketch.key)
                else:
                    self.run.note_made(page, "category", slug)
            elif key:
                self.places[key].is_kept = True
        if page is None:
            return
        self.propositions[number] = page
        self.used_by_categories |= dict.fromkeys(slugs, f"proposition {number}")
        if key:
            self._remember(key, page)
        elif page.pk in self.run.made:
            # A proposition that only its category names. Posts below it can be read only if it can.
            publish_changes(page, at=self.run.found.first_date, actor=self.run.actor)
            self.run.note_revision(page, "category", slug)

    def _sketch(self, key: str, done: set[str], above: set[str]) -> Page | None:
        """Make the page of a text if there is none yet, and the page above it first."""
        place, sketch = self.places[key], self.run.found.texts[key]
        if key in self.pages:
            return Page.objects.get(pk=self.pages[key])
        if key in done or place.reason or (place.kind == "proposition" and not place.page_id):
            return None
        if key in above or len(above) > 50:
            place.notes.append("The pages above it stand above each other; it stands on its own")
            place.parent = ""
            return None
        parent = self._sketch(place.parent, done, above | {key}) if place.parent else None
        if key in self.pages:
            return Page.objects.get(pk=self.pages[key])
        done.add(key)
        with transaction.atomic():
            return self._find_or_make(key, sketch, place, parent)

    def _find_or_make(self, key: str, sketch: Sketch, place: Place, parent: Page | None) -> Page:
        page = Page.objects.filter(pk=place.page_id).first() if place.page_id else None
        if page is None:
            if place.kind == "post":
                parent = self.propositions.get(place.proposition) or self._news_index()
                page = PostPage(live=False)
            else:
                parent = parent or self.home
                page = self.text_page(live=False, show_in_menus=False)
            page.title = title_of(sketch.title) or f"Untitled {sketch.kind} {sketch.key}"[:TITLE_LENGTH]
            wished = slug_of(sketch.slug, sketch.title, f"{sketch.kind}-{sketch.key}")
            page.slug = self._free_slug(parent, wished)
            if page.slug != wished:
                place.notes.append(f"Its address “{wished}” was taken; it is “{page.slug}” here")
            add_page(page, under=parent, actor=self.run.actor)
            self.run.note_made(page, kind_of(sketch.kind), sketch.key)
        self._remember(key, page)
        return page

    def _remember(self, key: str, page: Page) -> None:
        sketch = self.run.found.texts[key]
        self.pages[key] = page.pk
        for address in (sketch.link, sketch.guid):
            if address:
                self.by_address.setdefault(path_of(address), page.pk)
        if sketch.key.isdecimal():
            for parameter in ("p", "page_id"):
                self.by_address.setdefault(f"{self.run.found.source}?{parameter}={sketch.key}", page.pk)

    def _news_index(self) -> NewsIndexPage:
        if self.news is None:
            self.news = NewsIndexPage.objects.first()
        if self.news is None:
            self.news = NewsIndexPage(title="News", slug=self._free_slug(self.home, "news"), show_in_menus=True)
            publish_page(self.news, under=self.home, at=self.run.found.first_date, actor=self.run.actor)
            self.run.record(
                "news", "news", "News", Outcome.IMPORTED, page=self.news, is_made=True, is_found=False,
                revision_id=self.news.latest_revision_id,
            )  # fmt: skip
        return self.news

    def page_at(self, address: str) -> tuple[int, str] | None:
        """The page that stands for an address of the old site, and its own address."""
        page_id = self.by_address.get(path_of(address.partition("#")[0]))
        if not page_id:
            return None
        if page_id not in self.urls:
            self.urls[page_id] = Page.objects.get(pk=page_id).url or ""
        return page_id, self.urls[page_id]

    def _free_slug(self, parent: Page, wished: str) -> str:
        """The wished one, unless a sibling or another part of the site has it."""
        taken = set(Page.objects.child_of(parent).filter(slug__startswith=wished[:200]).values_list("slug", flat=True))
        is_root = parent.pk == self.home.pk
        slug, number = wished, 2
        while slug in taken or (is_root and _is_taken(slug)):
            slug, number = f"{wished[:240]}-{number}", number + 1
        return slug


def _named(kind: str, number: int) -> str:
    """What a text is here, in words: a proposition, a post under one, news, a page of text."""
    if kind == "proposition":
        return f"proposition {number}"
    if kind == "page":
        return "a page of text"
    return f"a post under proposition {number}" if number else "news"


def _is_taken(slug: str) -> bool:
    """Whether an address at the top of the site belongs to something that is no page."""
    try:
        return resolve(f"/{slug}/").func is not serve
    except Resolver404:
        return False


def title_of(text: str) -> str:
    return words_of(text)[:TITLE_LENGTH].strip()


def slug_of(wished: str, title: str, otherwise: str) -> str:
    found = slugify(unquote(wished), allow_unicode=True) or slugify(words_of(title), allow_unicode=True)
    return found[:200].strip("-") or slugify(otherwise) or "imported"
