"""Bringing an export in: as one batch, record by record, so that it can be repeated and undone."""

import contextlib
import datetime
import hashlib
import io
import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.validators import URLValidator
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.text import Truncator, slugify
from wagtail.contrib.redirects.models import Redirect
from wagtail.coreutils import resolve_model_string
from wagtail.documents import get_document_model
from wagtail.log_actions import log
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.views import serve

from content.models import SummitImage
from content.text import clean_line
from discussion.actions import change_imported_comment, import_comment, import_mention, release_comment
from discussion.choices import CommentState
from discussion.mentions.actions import telling_nobody
from discussion.models import Comment, DiscussedPageMixin, Mention
from discussion.text import normalise
from events.models import EventPage
from news.models import NewsIndexPage, PostPage
from people.consent import Consent
from people.keys import author_key_of_email, author_key_of_stranger
from people.models import Person, User
from people.permissions import is_organiser
from propositions.models import PropositionFacilitator, PropositionPage
from wordpress.actions.undoing import take_back
from wordpress.choices import BatchState, Outcome
from wordpress.exceptions import ImportFailed, ImportRefused
from wordpress.fetching import fetch_file
from wordpress.markup import (
    Converted,
    Facilitator,
    Footnotes,
    Heading,
    Html,
    Paragraph,
    Picture,
    Quotation,
    convert,
    plain_text,
    words_of,
)
from wordpress.media import Media, UnusableMedia, checked_picture
from wordpress.models import Batch, Record, Suspicion
from wordpress.reader import Item, Response, UnreadableExport, read_export
from wordpress.reports import report_of
from wordpress.survey import NOT_IMPORTED, NOT_ON_SITE, Sketch, Survey, keyed, path_of, proposition_of, survey
from wordpress.suspicions import Found, cut_unseen, suspicions_in

logger = logging.getLogger(__name__)

# Pages that belong to no event are of a kind that stands above this app; as with Wagtail's own page types, by name.
TEXT_PAGE = "home.TextPage"
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"}
DOCUMENTS = {".csv", ".docx", ".odt", ".pdf", ".pptx", ".rtf", ".txt", ".xlsx", ".zip"}
ITEMS_PER_REPORT = 20
MOST_TRIED = 500
TITLE_LENGTH = 255
MENTION_KINDS = {"pingback", "trackback"}
NOTES_PER_RECORD = 40
NOT_BEGUN = (BatchState.READY, BatchState.TRYING)

Progress = Callable[[int, int], None]


@dataclass
class Choices:
    """What somebody decided about an import. Empty: as the file suggests."""

    event: str = ""
    # By slug: "proposition:4", "post" (with that category) or "skip".
    categories: dict[str, str] = field(default_factory=dict)
    # By login: the slug of a person, or "-" for nobody.
    authors: dict[str, str] = field(default_factory=dict)
    # By WordPress' name of the kind: "post", "page" or "skip".
    kinds: dict[str, str] = field(default_factory=dict)
    consent: str = Consent.NONE
    media: str = ""
    is_fetching: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> "Choices":
        return cls(**{name: value for name, value in options.items() if name in cls.__dataclass_fields__})


def prepare_import(*, actor: User, path: Path, file_name: str = "", choices: Choices | None = None) -> Batch:
    """Look through the whole file and keep what was found as a batch that can be run. Nothing else is made."""
    _check(actor)
    found = _surveyed(path)
    return Batch.objects.create(
        source=found.source[:255],
        title=found.blog.title[:255],
        file_name=file_name or path.name,
        options=asdict(choices or Choices()),
        summary=_summary(found),
        total=found.items,
        notes=found.notes(),
        actor=actor,
    )


def _summary(found: Survey) -> dict[str, Any]:
    """What the file holds, and what is suggested for it: all that somebody who chooses needs to see."""
    days = found.days()
    return {
        "counts": dict(sorted(found.counts.items())),
        "days": [day.isoformat() for day in days] if days else [],
        "categories": [
            {
                "slug": slug,
                "name": term.name,
                "suggested": f"proposition:{suggested[0]}" if (suggested := proposition_of(term.name)) else "post",
                "texts": sum(slug in sketch.categories for sketch in found.texts.values()),
            }
            for (kind, slug), term in found.terms.items()
            if kind == "category"
        ],
        "authors": [
            {
                "login": login,
                "name": found.authors[login].name if login in found.authors else login,
                "texts": number,
            }
            for login, number in found.creators.most_common()
        ],
        "unknown": sorted({sketch.kind for sketch in found.texts.values()} - {"post", "page"}),
        "attachments": len(found.attachments),
    }


def choose(*, actor: User, batch: Batch, choices: Choices, is_to_be_tried: bool = False) -> Batch:
    """Say how a file that was looked at is to be brought in, or first to be tried by `try_chosen`."""
    _check(actor)
    state = BatchState.TRYING if is_to_be_tried else BatchState.READY
    changed = Batch.objects.filter(pk=batch.pk, state__in=NOT_BEGUN).update(
        options=asdict(choices), state=state, trial={}
    )
    if not changed:
        raise ImportRefused("This import is running or has run.")
    batch.refresh_from_db()
    return batch


def forget_import(*, actor: User, batch: Batch) -> None:
    """Throw away a file that was looked at and not brought in."""
    _check(actor)
    Batch.objects.filter(pk=batch.pk, state__in=NOT_BEGUN).delete()


def run_import(*, actor: User, batch: Batch, path: Path, progress: Progress | None = None) -> Batch:
    """Bring everything in that the file holds. Done before from the same blog, it updates and never doubles.

    Each post comes in with its comments in one transaction, so that others may go on writing meanwhile. If anything
    breaks on the way, all that this run made is taken away again and `ImportFailed` says why.
    """
    _check(actor)
    claimed = Batch.objects.filter(pk=batch.pk, state=BatchState.READY).update(state=BatchState.RUNNING, actor=actor)
    if not claimed:
        raise ImportRefused("This import is running or has run. Upload the file again to repeat it.")
    batch.refresh_from_db()
    try:
        found = _surveyed(path)
        _Run(actor, batch, path, found, Choices.of(batch.options), progress).everything()
    except BaseException as error:
        take_back(actor=actor, batch=batch)
        batch.state = BatchState.FAILED
        batch.failure = error.message if isinstance(error, ImportRefused) else "Something broke; the log says what."
        batch.finished_at = timezone.now()
        batch.save(update_fields=["state", "failure", "finished_at"])
        if isinstance(error, ImportRefused):
            raise
        if not isinstance(error, Exception):
            raise
        logger.exception("Import %s failed", batch.pk)
        raise ImportFailed("Something broke on the way; nothing of it was kept. The log says what it was.") from error
    batch.state = BatchState.DONE
    batch.finished_at = timezone.now()
    batch.save(update_fields=["state", "finished_at", "notes", "event", "done"])
    log(instance=batch, action="wordpress.import", user=actor, data={"source": batch.source})
    return batch


def try_import(
    *, actor: User, path: Path, choices: Choices | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What an import would do, found out by doing it and taking all of it back. Answers the report."""
    _check(actor)
    found = _surveyed(path)
    with transaction.atomic():
        batch = prepare_import(actor=actor, path=path, choices=choices)
        _Run(actor, batch, path, found, choices or Choices(), progress, is_trial=True).everything()
        answer = report_of(batch)
        transaction.set_rollback(True)
    return {**answer, "dry_run": True, "state": "tried"}


def try_chosen(*, actor: User, batch: Batch, path: Path) -> Batch:
    """Try what was chosen for a file, and keep the report with its batch. Nothing else is made.

    Whoever writes meanwhile may have to wait, as for any long transaction: for exports of `MOST_TRIED` items at most.
    """
    _check(actor)
    if batch.total > MOST_TRIED:
        raise ImportRefused("This export is too long to be tried beside others' work. Use --dry-run on the server.")
    try:
        trial = try_import(actor=actor, path=path, choices=Choices.of(batch.options))
    except ImportRefused as error:
        trial = {"failure": error.message}
    except Exception:
        logger.exception("The trial of import %s failed", batch.pk)
        trial = {"failure": "Something broke on the way; the log says what. An import would break there too."}
    # Somebody may have chosen anew meanwhile: then this is the answer to a question that nobody asks any more.
    Batch.objects.filter(pk=batch.pk, state=BatchState.TRYING).update(state=BatchState.READY, trial=trial)
    batch.refresh_from_db()
    return batch


def _check(actor: User) -> None:
    if not is_organiser(actor):
        raise ImportRefused("Only organisers can import.")


def _surveyed(path: Path) -> Survey:
    try:
        return survey(path)
    except UnreadableExport as error:
        raise ImportRefused(str(error)) from error


@dataclass
class _Place:
    """Where a text is to stand, and as what."""

    kind: str  # proposition, post, page
    parent: str = ""  # key of a page above it; empty: the usual place
    proposition: int = 0
    reason: str = ""  # why it is skipped, if it is
    notes: list[str] = field(default_factory=list)


class _Run:
    """One import on its way."""

    def __init__(
        self,
        actor: User,
        batch: Batch,
        path: Path,
        found: Survey,
        choices: Choices,
        progress: Progress | None,
        *,
        is_trial: bool = False,
    ) -> None:
        self.actor, self.batch, self.path, self.found, self.choices = actor, batch, path, found, choices
        self.progress = progress
        self.is_trial = is_trial
        try:
            self.media = Media(Path(choices.media) if choices.media else None)
        except (UnusableMedia, OSError) as error:
            raise ImportRefused(f"The media cannot be used: {error}") from error
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            raise ImportRefused("There is no site yet. Run `manage.py migrate` first.")
        self.home = site.root_page.specific
        self.text_page = resolve_model_string(TEXT_PAGE)
        self.people: dict[str, Person | None] = {}
        self.user_ids = {author.id: login for login, author in found.authors.items() if author.id}
        self.propositions: dict[int, PropositionPage] = {}
        self.places: dict[str, _Place] = {}
        # Pages by the keys of their texts, and by their old addresses.
        self.pages: dict[str, int] = {}
        self.by_address: dict[str, int] = {}
        self.urls: dict[int, str] = {}
        self.used_by_categories: dict[str, str] = {}
        self.later: list[tuple[int, Item, Response]] = []
        self.last_date: datetime.datetime | None = None
        # Files that were brought in, by the keys of their attachments; None where it could not be done.
        self.files: dict[str, Any] = {}
        self.attachments_at: dict[str, str] = {}
        self.attached_to: dict[str, list[str]] = {}
        for attachment in found.attachments.values():
            self.attachments_at.setdefault(_unsized(attachment.address), attachment.key)
            if attachment.parent and PurePosixPath(urlsplit(attachment.address).path).suffix.lower() in PICTURES:
                self.attached_to.setdefault(attachment.parent, []).append(attachment.key)
        # By address: where the fetched file lies, or why there is none.
        self.fetched: dict[str, Path | str] = {}
        # Records of pages that were made before their texts were read, and the pages themselves.
        self.sketched: dict[tuple[str, str], Record] = {}
        self.made: set[int] = set()
        self.news: NewsIndexPage | None = None
        self.event: EventPage | None = None

    def everything(self) -> None:
        with tempfile.TemporaryDirectory(prefix="summit-import-") as folder:
            if self.choices.is_fetching and not self.is_trial:
                self._fetch(Path(folder))
            self._import()

    def _import(self) -> None:
        with transaction.atomic():
            self._choose_event()
            self._name_propositions()
            self._authors()
        self._plan()
        self._sketch_pages()
        self.batch.total, self.batch.done = self.found.items, 0
        self.batch.save(update_fields=["total", "done", "event"])
        for number, item in enumerate(self._items(), start=1):
            with transaction.atomic():
                self._item(item)
            if number % ITEMS_PER_REPORT == 0 or number == self.found.items:
                self._report(number)
        with transaction.atomic():
            for page_id, item, response in self.later:
                self._mention(Page.objects.get(pk=page_id).specific, item, response, is_last=True)
            self._terms()
        self.batch.notes = self._notes()
        self.batch.save(update_fields=["notes"])

    def _fetch(self, folder: Path) -> None:
        """Fetch what the given media lack, before anything is written: another server decides how long that takes."""
        for attachment in self.found.attachments.values():
            address = attachment.address
            suffix = PurePosixPath(urlsplit(address).path).suffix.lower() if address.startswith("http") else ""
            before = self._before("attachment", attachment.key)
            if (before and (before.image_id or before.document_id)) or self.media.find(attachment.file, address):
                continue
            if suffix in PICTURES | DOCUMENTS and address not in self.fetched:
                try:
                    path = folder / str(len(self.fetched))
                    path.write_bytes(fetch_file(address))
                    self.fetched[address] = path
                except UnusableMedia as error:
                    self.fetched[address] = str(error)

    def _items(self) -> Iterator[Item]:
        return (record for record in keyed(read_export(self.path)) if isinstance(record, Item))

    def _report(self, number: int) -> None:
        self.batch.done = number
        Batch.objects.filter(pk=self.batch.pk).update(done=number)
        if self.progress:
            self.progress(number, self.found.items)

    def _notes(self) -> list[str]:
        notes = self.found.notes()
        comments = Record.objects.filter(batch=self.batch, kind="comment").exclude(outcome=Outcome.SKIPPED).count()
        if comments:
            notes.append(
                "Commenters' e-mail addresses, network addresses and websites were not kept. "
                f"They may be quoted as: {Consent(self.choices.consent).label.lower()}."
            )
        if not self.media and self.found.attachments:
            notes.append(
                "No media were given, so pictures became links to where they were. "
                "Repeat the import with the blog's folder of uploads to bring them in."
            )
        return notes

    # Records

    def _record(self, kind: str, source_id: str, label: str, outcome: str, **fields: Any) -> Record:
        notes = list(dict.fromkeys(fields.pop("notes", [])))
        if len(notes) > NOTES_PER_RECORD:
            notes[NOTES_PER_RECORD - 1 :] = [f"… and {len(notes) - NOTES_PER_RECORD + 1} more"]
        values = {
            "label": " ".join(label.split())[:255],
            "outcome": outcome,
            "reason": fields.pop("reason", "")[:300],
            "notes": notes,
            **fields,
        }
        kind, source_id = kind[:40], source_id[:255]
        record = self.sketched.pop((kind, source_id), None)
        if record is None:
            return Record.objects.create(batch=self.batch, kind=kind, source_id=source_id, **values)
        for name, value in values.items():
            if name != "is_made":
                setattr(record, name, value)
        record.save()
        return record

    def _skip(self, kind: str, source_id: str, label: str, reason: str, **fields: Any) -> Record:
        return self._record(kind, source_id, label, Outcome.SKIPPED, reason=reason, **fields)

    def _before(self, kind: str, source_id: str) -> Record | None:
        """What an earlier run that still stands made of the same thing."""
        return (
            Record.objects.filter(
                batch__source=self.batch.source, batch__state=BatchState.DONE, kind=kind[:40], source_id=source_id[:255]
            )
            .exclude(outcome=Outcome.SKIPPED)
            .order_by("-pk")
            .first()
        )

    # The event and its propositions

    def _choose_event(self) -> None:
        slug = self.choices.event
        numbers = self._proposition_numbers()
        earlier = (
            EventPage.objects.filter(
                pk__in=Batch.objects.filter(source=self.batch.source, state=BatchState.DONE).values("event")
            )
            .order_by("-pk")
            .first()
        )
        if slug:
            self.event = EventPage.objects.filter(slug=slug).first()
        elif numbers:
            self.event = earlier
        if self.event is None and (slug or numbers):
            self.event = self._make_event(slug)
        self.batch.event = self.event

    def _make_event(self, slug: str) -> EventPage:
        days = self.found.days()
        first = (self.found.first_date or timezone.now()).date()
        last = (self.found.last_date or timezone.now()).date()
        title = clean_line(self.found.blog.title) or "Imported summit"
        event = EventPage(
            title=title[:TITLE_LENGTH],
            slug=self._free_slug(self.home, slug or slugify(title) or "imported-summit"),
            starts_on=days[0] if days else first,
            ends_on=days[1] if days else max(first, last),
        )
        self._publish(event, under=self.home, at=self.found.first_date)
        note = "" if days else "Its dates are those of the first and the last post: correct them"
        self._record(
            "event", "event", event.title, Outcome.IMPORTED, page=event, is_made=True, is_found=False,
            revision_id=event.latest_revision_id, notes=[note] if note else [],
        )  # fmt: skip
        return event

    def _proposition_numbers(self) -> dict[int, str]:
        """Propositions of the file, by number, with the slugs of their categories."""
        found: dict[int, str] = {}
        for (kind, slug), term in self.found.terms.items():
            if kind != "category":
                continue
            choice = self.choices.categories.get(slug, "")
            number = re.fullmatch(r"proposition:(\d{1,3})", choice)
            if number:
                found[int(number.group(1))] = slug
            elif not choice and (suggested := proposition_of(term.name)):
                found.setdefault(suggested[0], slug)
        return found

    def _name_propositions(self) -> None:
        """Which text is whose statement. A category's own: named as the category, or with a facilitator at its head."""
        self.statements: dict[int, str] = {}
        self.number_of_category = {slug: number for number, slug in self._proposition_numbers().items()}
        for number, slug in self._proposition_numbers().items():
            name = self.found.terms["category", slug].name
            candidates = [
                (self._likeness(sketch, name, number), position, key)
                for position, (key, sketch) in enumerate(self.found.texts.items())
                if slug in sketch.categories and sketch.status not in NOT_ON_SITE
            ]
            best = max(candidates, key=lambda one: (one[0], -one[1]), default=None)
            if best and best[0] > 0:
                self.statements[number] = best[2]

    @staticmethod
    def _likeness(sketch: Sketch, name: str, number: int) -> int:
        suggested = proposition_of(sketch.title)
        return (
            4 * sketch.names_facilitator
            + 2 * (sketch.title.casefold() == name.casefold())
            + (suggested is not None and suggested[0] == number)
        )

    # People

    def _authors(self) -> None:
        for login, author in self.found.authors.items():
            person, outcome, reason, is_made = self._person_for(login, author.name)
            self.people[login] = person
            self._record(
                "author", login or "unnamed", author.name, outcome, reason=reason, person=person, is_made=is_made
            )
        for login in self.found.creators:
            if login not in self.people:
                # WXR 1.0 lists no authors; other exports forget some.
                person, outcome, reason, is_made = self._person_for(login, login)
                self.people[login] = person
                self._record(
                    "author", login, login, outcome, reason=reason, person=person, is_made=is_made,
                    notes=["Not among the export's authors; known only by the name they sign in with"],
                )  # fmt: skip

    def _person_for(self, login: str, name: str) -> tuple[Person | None, str, str, bool]:
        choice = self.choices.authors.get(login, "")
        if choice == "-":
            return None, Outcome.SKIPPED, "By choice", False
        if choice:
            person = Person.objects.filter(slug=choice).first()
            if person is None:
                raise ImportRefused(f"There is no person with the address “{choice}” for the author “{login}”.")
            return person, Outcome.IMPORTED, "", False
        if login not in self.found.creators:
            return None, Outcome.SKIPPED, "Wrote nothing that is imported", False
        before = self._before("author", login or "unnamed")
        if before and before.person:
            return before.person, Outcome.UNCHANGED, "", False
        person, is_made = self._named(name or login)
        return person, Outcome.IMPORTED, "", is_made

    def _named(self, name: str, *, role: str = "", organisation: str = "") -> tuple[Person, bool]:
        name = clean_line(name)[:120].strip() or "Somebody unnamed"
        found = Person.objects.filter(name__iexact=name).order_by("pk").first()
        if found:
            return found, False
        base = slugify(name)[:130] or "person"
        slug, number = base, 2
        while Person.objects.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        person = Person.objects.create(
            name=name, slug=slug, role=clean_line(role)[:160], organisation=clean_line(organisation)[:160]
        )
        log(instance=person, action="wagtail.create", user=self.actor)
        return person, True

    def _facilitators(self, number: int, named: list[Facilitator]) -> list[Person]:
        people = []
        for one in named:
            person, is_made = self._named(one.name, role=one.role, organisation=one.organisation)
            people.append(person)
            if is_made:
                self._record(
                    "facilitator", f"{number}:{person.slug}", person.name, Outcome.IMPORTED, person=person,
                    is_made=True, is_found=False,
                )  # fmt: skip
        return people

    # The plan

    def _plan(self) -> None:
        statements = {key: number for number, key in self.statements.items()}
        for key, sketch in self.found.texts.items():
            self.places[key] = self._place_of(key, sketch, statements)

    def _place_of(self, key: str, sketch: Sketch, statements: dict[str, int]) -> _Place:
        if reason := NOT_ON_SITE.get(sketch.status):
            return _Place("", reason=reason)
        if any(self.choices.categories.get(slug) == "skip" for slug in sketch.categories):
            return _Place("", reason="Its category is left out, by choice")
        kind = self.choices.kinds.get(sketch.kind, sketch.kind)
        if kind == "skip":
            return _Place("", reason="This kind is left out, by choice")
        if kind not in ("post", "page"):
            return _Place("", reason=f"A kind of post that is not known here: “{sketch.kind}”")
        if key in statements:
            return _Place("proposition", proposition=statements[key])
        number = next(
            (self.number_of_category[slug] for slug in sketch.categories if slug in self.number_of_category), 0
        )
        if number:
            return _Place("post", proposition=number)
        if kind == "page" and sketch.responses:
            return _Place("post", notes=["It was a page. It has comments, which pages of text here do not take"])
        if kind == "page":
            parent = f"{sketch.kind}:{sketch.parent}" if sketch.parent else ""
            above = self.found.texts.get(parent)
            if parent and (above is None or above.responses or parent in statements):
                return _Place("page", notes=["The page above it is not a page here; it stands on its own"])
            return _Place("page", parent=parent)
        return _Place("post")

    # Pages before their texts: so that texts can link to each other whichever comes first

    def _sketch_pages(self) -> None:
        with transaction.atomic():
            for number, slug in sorted(self._proposition_numbers().items()):
                self._sketch_proposition(number, slug)
        done: set[str] = set()
        for key in self.found.texts:
            self._sketch(key, done, set())

    def _sketch_proposition(self, number: int, slug: str) -> None:
        name = self.found.terms["category", slug].name
        key = self.statements.get(number)
        sketch = self.found.texts.get(key) if key else None
        before = self._before(sketch.kind, sketch.key) if sketch else self._before("category", slug)
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
                        self.event, _slug(sketch.slug if sketch else slug, title, f"proposition-{number}")
                    ),
                )
                self._add(page, self.event)
                self._made(page, key or f"category:{slug}")
            elif key:
                # Somebody put this proposition here by hand: its words are theirs.
                self.places[key].notes.append("kept")
        if page is None:
            return
        self.propositions[number] = page
        self.used_by_categories[slug] = f"proposition {number}"
        if key:
            self._remember(key, page)
        elif page.pk in self.made:
            # A proposition that only its category names. Posts below it can be read only if it can.
            self._publish_changes(page, self.found.first_date)

    def _sketch(self, key: str, done: set[str], above: set[str]) -> Page | None:
        """Make the page of a text if there is none yet, and the page above it first."""
        place, sketch = self.places[key], self.found.texts[key]
        if key in self.pages:
            return Page.objects.get(pk=self.pages[key])
        if key in done or place.reason or place.kind == "proposition":
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

    def _find_or_make(self, key: str, sketch: Sketch, place: _Place, parent: Page | None) -> Page:
        before = self._before(sketch.kind, sketch.key)
        page = Page.objects.filter(pk=before.page_id).first() if before and before.page_id else None
        if page is None:
            if place.kind == "post":
                parent = self.propositions.get(place.proposition) or self._news_index()
                page = PostPage(live=False)
            else:
                parent = parent or self.home
                page = self.text_page(live=False, show_in_menus=False)
            page.title = _title(sketch.title) or f"Untitled {sketch.kind} {sketch.key}"[:TITLE_LENGTH]
            wished = _slug(sketch.slug, sketch.title, f"{sketch.kind}-{sketch.key}")
            page.slug = self._free_slug(parent, wished)
            if page.slug != wished:
                place.notes.append(f"Its address “{wished}” was taken; it is “{page.slug}” here")
            self._add(page, parent)
            self._made(page, key)
        self._remember(key, page)
        return page

    def _made(self, page: Page, key: str) -> None:
        """Note at once that this run made a page, so that it can be taken away whatever happens next."""
        kind, _, source_id = key.partition(":")
        record = self._record(kind, source_id, page.title, Outcome.IMPORTED, page=page, is_made=True)
        self.sketched[record.kind, record.source_id] = record
        self.made.add(page.pk)

    def _remember(self, key: str, page: Page) -> None:
        sketch = self.found.texts[key]
        self.pages[key] = page.pk
        for address in (sketch.link, sketch.guid):
            if address:
                self.by_address.setdefault(path_of(address), page.pk)
        if sketch.key.isdecimal():
            for parameter in ("p", "page_id"):
                self.by_address.setdefault(f"{self.found.source}?{parameter}={sketch.key}", page.pk)

    def _news_index(self) -> NewsIndexPage:
        if self.news is None:
            self.news = NewsIndexPage.objects.first()
        if self.news is None:
            self.news = NewsIndexPage(title="News", slug=self._free_slug(self.home, "news"), show_in_menus=True)
            self._publish(self.news, under=self.home, at=self.found.first_date)
            self._record(
                "news", "news", "News", Outcome.IMPORTED, page=self.news, is_made=True, is_found=False,
                revision_id=self.news.latest_revision_id,
            )  # fmt: skip
        return self.news

    # One item of the file

    def _item(self, item: Item) -> None:
        label = item.title or item.slug or item.id
        if reason := NOT_IMPORTED.get(item.kind):
            self._skip(_kind(item.kind), item.id, label, reason)
            self._skip_responses(item, "What it answers is not imported")
        elif item.kind == "attachment":
            self._attachment(item.id)
            self._skip_responses(item, "Pictures and documents here take no comments")
        else:
            self._text(item, label)

    def _text(self, item: Item, label: str) -> None:
        key = f"{item.kind}:{item.id}"
        place = self.places[key]
        page_id = self.pages.get(key)
        if place.reason or page_id is None:
            reason = place.reason or "There is no event for it to stand in"
            self._skip(_kind(item.kind), item.id, label, reason)
            self._skip_responses(item, "What it answers is not imported")
            return
        page = Page.objects.get(pk=page_id).specific
        if place.kind == "proposition" and "kept" in place.notes:
            reason = "The proposition stands here already; its words were left as they are, its comments came in"
            self._skip(_kind(item.kind), item.id, label, reason, page=page)
        else:
            self._fill(page, item, place)
        self._responses(page, item)

    def _fill(self, page: Page, item: Item, place: _Place) -> None:
        """Give a page its text, or leave it as it is where nothing has changed."""
        before = self._before(_kind(item.kind), item.id)
        source, unseen = cut_unseen(item.content, self.found.hosts)
        converted = convert(
            source,
            attached=self.attached_to.get(item.id, ()),
            footnotes=item.meta.get("footnotes", ""),
            link_for=self._link_for,
            takes_facilitators=place.kind == "proposition",
        )
        notes = [*place.notes, *(_counted(text, number) for text, number in converted.notes.items())]
        cover = item.meta.get("_thumbnail_id", "").strip()
        if cover and not any(isinstance(block, Picture) and block.attachment == cover for block in converted.blocks):
            converted.blocks.insert(0, Picture(attachment=cover))
        own_fields = sorted(name for name in item.meta if name and not name.startswith("_") and name != "footnotes")
        if own_fields:
            notes.append(f"Fields of its own, which posts here do not have: {', '.join(own_fields)}")
        moment = self._moment(item, notes)
        values = self._values(item, place, converted, moment, notes)
        suspicions = suspicions_in(source, self.found.hosts) + suspicions_in(item.title, self.found.hosts)
        notes += [f"Left out, since readers could not see it: {found.phrase[:150]}" for found in unseen]
        digest = _digest([values, item.status, item.password, moment.isoformat()])
        fields: dict[str, Any] = {"page": page, "digest": digest, "notes": notes}
        if before and before.page_id == page.pk:
            fields["previous_revision_id"] = fields["revision_id"] = page.latest_revision_id
            if before.digest == digest:
                self._keep_redirect(before, fields)
                fields["revision_id"] = before.revision_id
                self._record(_kind(item.kind), item.id, page.title, Outcome.UNCHANGED, **fields)
                return
            if before.revision_id != page.latest_revision_id:
                reason = "It was changed here since it was imported, and is left as it is"
                self._skip(_kind(item.kind), item.id, page.title, reason, page=page, notes=notes)
                return
            outcome = Outcome.UPDATED
            if before.digest and not suspicions:
                settled = Suspicion.objects.filter(record__page=page).exclude(state="open").exists()
                if settled:
                    notes.append("Words that were cut out here do not stand in the export any more")
        else:
            outcome = Outcome.IMPORTED
        is_public = item.status == "publish" and not suspicions
        self._apply(page, values)
        self._restrict(page, item.password, notes)
        if item.status == "future" and moment > timezone.now():
            page.go_live_at = moment
            is_public = not suspicions
            notes.append("It will be published at its time")
        elif item.status != "publish":
            notes.append(f"A draft here, as it was there: “{item.status}”")
        if suspicions:
            notes.append("Not published: somebody has to look at words that may have been injected")
        if is_public:
            self._publish_changes(page, moment)
        else:
            revision = page.save_revision(user=self.actor)
            type(revision).objects.filter(pk=revision.pk).update(created_at=moment)
            type(page).objects.filter(pk=page.pk).update(latest_revision_created_at=moment)
            if page.live and suspicions:
                page.unpublish(user=self.actor)
            fields["revision_id"] = revision.pk
        if item.is_sticky:
            notes.append("It stood first on the old site; posts here stand by date")
        self._redirect(page, item, fields, notes)
        fields["revision_id"] = Page.objects.values_list("latest_revision_id", flat=True).get(pk=page.pk)
        record = self._record(_kind(item.kind), item.id, page.title, outcome, is_made=page.pk in self.made, **fields)
        self._suspect(record, suspicions, unseen)

    def _values(
        self, item: Item, place: _Place, converted: Converted, moment: datetime.datetime, notes: list[str]
    ) -> dict[str, Any]:
        """What the page is to say, by field."""
        body = self._body(converted, item, notes)
        title = _title(item.title)
        if not title:
            title = self._title_from(converted, item)
            notes.append("It had no title; its first words stand in for one")
        if words_of(item.title) != item.title.strip():
            notes.append("Emphasis in its title was left out")
        if len(words_of(item.title)) > TITLE_LENGTH:
            notes.append("Its title was shortened")
        names = [term.name for term in item.categories if term.kind == "category"]
        tags = [term.name for term in item.categories if term.kind == "tag"]
        if tags:
            notes.append(f"Tags, which posts here do not have: {', '.join(tags)}")
        if place.kind == "proposition":
            suggested = proposition_of(title)
            return {
                "title": (suggested[1] if suggested else "") or title,
                "statement": body,
                "facilitators": [person.pk for person in self._facilitators(place.proposition, converted.facilitators)],
            }
        if place.kind == "page":
            if names:
                notes.append(f"Categories, which pages of text here do not have: {', '.join(names)}")
            return {"title": title, "body": body}
        own = [
            term
            for term in item.categories
            if term.kind == "category"
            and term.slug not in self.number_of_category
            and term.slug not in ("uncategorized", "uncategorised")
        ]
        if own:
            self.used_by_categories.setdefault(own[0].slug, "posts")
        if len(own) > 1:
            notes.append(f"Other categories, of which posts here have one: {', '.join(term.name for term in own[1:])}")
        person = self.people.get(item.creator)
        if person is None:
            notes.append("It names no author" if not item.creator else f"Its author “{item.creator}” is left out")
        summary = words_of(item.excerpt) or converted.beginning
        return {
            "title": title,
            "body": body,
            "date": timezone.localdate(moment),
            "author": person.pk if person else None,
            "summary": Truncator(summary).chars(300, truncate=" …") if summary else "",
            "category": clean_line(own[0].name)[:80] if own else "",
            "takes_comments": item.comment_status != "closed",
        }

    def _apply(self, page: Any, values: dict[str, Any]) -> None:
        page.title = page.draft_title = values["title"]
        if isinstance(page, PropositionPage):
            page.statement = json.dumps(values["statement"])
            known = [link.person_id for link in page.proposition_facilitators.all()]
            if values["facilitators"] and known != values["facilitators"]:
                page.proposition_facilitators = [  # type: ignore[misc]  # a list is what modelcluster takes
                    PropositionFacilitator(person_id=person, sort_order=place)
                    for place, person in enumerate(dict.fromkeys(values["facilitators"]))
                ]
            return
        page.body = json.dumps(values["body"])
        if isinstance(page, PostPage):
            page.date = values["date"]
            page.author_id = values["author"]
            page.summary, page.category = values["summary"], values["category"]
            page.takes_comments = values["takes_comments"]

    def _moment(self, item: Item, notes: list[str]) -> datetime.datetime:
        if item.date:
            self.last_date = item.date
            return item.date
        known = self.last_date or self.found.first_date
        if known is None and self.event:
            known = datetime.datetime.combine(self.event.starts_on, datetime.time(9), tzinfo=datetime.UTC)
        notes.append("It had no date; it has that of the post before it")
        return known or timezone.now()

    def _title_from(self, converted: Converted, item: Item) -> str:
        for block in converted.blocks:
            match block:
                case Paragraph(html) | Html(html):
                    words = words_of(html)
                case Heading(words) | Quotation(words):
                    pass
                case _:
                    continue
            if words:
                return Truncator(" ".join(words.split())).words(8, truncate=" …")[:TITLE_LENGTH]
        return f"Untitled {item.kind} {item.id}"[:TITLE_LENGTH]

    def _body(self, converted: Converted, item: Item, notes: list[str]) -> list[dict[str, Any]]:
        """The blocks as a StreamField stores them."""
        body: list[dict[str, Any]] = []
        for block in converted.blocks:
            match block:
                case Paragraph(html):
                    body.append({"type": "paragraph", "value": html})
                case Heading(text):
                    body.append({"type": "heading", "value": text})
                case Quotation(text, attribution, link):
                    value = {"text": text, "attribution": attribution, "link": link}
                    body.append({"type": "quotation", "value": value})
                case Footnotes(texts):
                    body.append({"type": "footnotes", "value": list(texts)})
                case Html(source):
                    body.append({"type": "html", "value": source})
                case Picture():
                    body.append(self._picture(block, notes))
        return body

    # Pictures and documents

    def _picture(self, block: Picture, notes: list[str]) -> dict[str, Any]:
        key = block.attachment if block.attachment in self.found.attachments else ""
        key = key or self.attachments_at.get(_unsized(block.address), "")
        attachment = self.found.attachments.get(key)
        alternative = block.alternative or (attachment.alternative if attachment else "")
        caption = block.caption or (attachment.caption if attachment and not block.address else "")
        image = self._attachment(key) if key else self._stray(block.address)
        if isinstance(image, SummitImage):
            value = {"image": image.pk, "alt_text": alternative[:255], "decorative": not alternative}
            return {"type": "picture", "value": {"image": value, "caption": caption}}
        address = block.address or (attachment.address if attachment else "")
        words = caption or alternative or PurePosixPath(unquote(urlsplit(address).path)).name or "Picture"
        notes.append(f"A picture became a link to where it was: {address or 'nowhere'}")
        if not address.startswith("http"):
            return {"type": "paragraph", "value": f"<p>Picture: {_escaped(words)}</p>"}
        return {"type": "paragraph", "value": f'<p>Picture: <a href="{_escaped(address)}">{_escaped(words)}</a></p>'}

    def _stray(self, address: str) -> Any:
        """A picture that no attachment tells of, but whose file is there."""
        name = self.media.find(address) if address else None
        if not name:
            return None
        if name not in self.files:
            self.files[name] = None
            with contextlib.suppress(UnusableMedia):
                title = PurePosixPath(name).stem
                before = self._before("picture", name)
                image = before.image if before else None
                image = image or self._save_image(name, self.media.read(name), title)
                self._record(
                    "picture", name, title, Outcome.UNCHANGED if before else Outcome.IMPORTED, image=image,
                    is_made=not before and image is not None, is_found=False,
                )  # fmt: skip
                self.files[name] = image
        return self.files[name]

    def _attachment(self, key: str) -> Any:
        """Bring a file in, once, whether a text or the file's own record asks first."""
        if key in self.files:
            return self.files[key]
        attachment = self.found.attachments[key]
        label = attachment.title or attachment.file or attachment.address or key
        before = self._before("attachment", key)
        found = (before.image or before.document) if before else None
        if before and found:
            self.files[key] = found
            self._record("attachment", key, label, Outcome.UNCHANGED, image=before.image, document=before.document)
            return found
        self.files[key] = None
        try:
            name, content = self._content(attachment.file, attachment.address)
            suffix = PurePosixPath(name).suffix.lower()
            if suffix in PICTURES:
                image = self._save_image(name, content, label, description=attachment.alternative)
                self._record("attachment", key, label, Outcome.IMPORTED, image=image, is_made=image is not None)
                self.files[key] = image
            elif suffix in DOCUMENTS:
                document = self._save_document(name, content, label)
                self._record(
                    "attachment", key, label, Outcome.IMPORTED, document=document, is_made=document is not None
                )
                self.files[key] = document
            else:
                raise UnusableMedia(f"A kind of file that is not kept here: {suffix or 'without an ending'}")
        except UnusableMedia as error:
            self._skip("attachment", key, label, str(error))
        return self.files[key]

    def _content(self, file: str, address: str) -> tuple[str, bytes]:
        name = self.media.find(file, address)
        if name:
            return PurePosixPath(name).name, self.media.read(name)
        if self.choices.is_fetching and self.is_trial:
            raise UnusableMedia("It would be fetched from the old site")
        if self.choices.is_fetching:
            fetched = self.fetched.get(address, "It has no address to fetch it from")
            if isinstance(fetched, str):
                raise UnusableMedia(fetched)
            return PurePosixPath(unquote(urlsplit(address).path)).name, fetched.read_bytes()
        raise UnusableMedia("Not among the given media" if self.media else "No media were given")

    def _save_image(self, name: str, content: bytes, title: str, description: str = "") -> SummitImage | None:
        width, height = checked_picture(content)
        if self.is_trial:
            return None
        image = SummitImage(title=title[:255], description=description[:255], width=width, height=height)
        image.uploaded_by_user = self.actor
        name = _file_name(name)
        image.file.save(name, ImageFile(io.BytesIO(content), name=name), save=False)
        image.file_size = len(content)
        image.save()
        return image

    def _save_document(self, name: str, content: bytes, title: str) -> Any:
        if self.is_trial:
            return None
        document = get_document_model()(title=title[:255], uploaded_by_user=self.actor, file_size=len(content))
        document.file.save(_file_name(name), ContentFile(content), save=False)
        document.save()
        return document

    def _link_for(self, address: str) -> dict[str, str] | None:
        """Our own page or document, for an address of the old site."""
        page_id = self.by_address.get(path_of(address.partition("#")[0]))
        if page_id:
            if page_id not in self.urls:
                self.urls[page_id] = Page.objects.get(pk=page_id).url or ""
            return {"linktype": "page", "id": str(page_id), "address": self.urls[page_id]}
        key = self.attachments_at.get(_unsized(address))
        if key and PurePosixPath(urlsplit(address).path).suffix.lower() in DOCUMENTS:
            document = self._attachment(key)
            if document is not None:
                return {"linktype": "document", "id": str(document.pk), "address": document.url}
        return None

    # Comments and mentions

    def _skip_responses(self, item: Item, reason: str) -> None:
        for response in item.responses:
            self._skip(_kind_of_response(response), f"{item.id}/{response.id}", _label(response), reason)

    def _responses(self, page: Page, item: Item) -> None:
        if not item.responses:
            return
        if not isinstance(page, DiscussedPageMixin):
            self._skip_responses(item, "Pages of text here take no comments")
            return
        made: dict[str, Comment] = {}
        comments = {one.id: one for one in item.responses if one.kind == "comment"}
        for response in _parents_first(comments):
            self._comment(page, item, response, comments, made)
        for response in item.responses:
            if response.kind in MENTION_KINDS:
                self._mention(page, item, response)
            elif response.kind != "comment":
                self._skip(
                    _kind_of_response(response), f"{item.id}/{response.id}", _label(response),
                    f"A kind of response that is not known here: “{response.kind[:40]}”",
                )  # fmt: skip

    def _comment(
        self, page: Page, item: Item, response: Response, comments: dict[str, Response], made: dict[str, Comment]
    ) -> None:
        source_id = f"{item.id}/{response.id}"
        body = normalise(plain_text(response.content))
        reason = {
            "spam": "It was marked as spam",
            "trash": "It was in the bin",
            "post-trashed": "It was in the bin with its post",
        }.get(response.approved, "" if body else "It has no words")
        if reason:
            self._skip("comment", source_id, _label(response), reason)
            return
        notes: list[str] = []
        digest = _digest([body, response.approved, response.parent, response.author])
        before = self._before("comment", source_id)
        if before and before.comment and before.comment.page_id == page.pk:
            self._comment_again(before, body, response, digest, source_id)
            made[response.id] = before.comment
            return
        parent = made.get(response.parent) if response.parent else None
        if response.parent and response.parent not in comments:
            notes.append("The comment it answers is not in the export; it stands on its own")
        elif response.parent and parent is None:
            notes.append("The comment it answers did not come in before it; it stands on its own")
        elif parent is not None and parent.state != CommentState.PUBLISHED:
            notes.append("The comment it answers is not published; it stands on its own")
            parent = None
        moment = response.date
        if moment is None:
            moment = item.date or self.last_date or self.found.first_date or timezone.now()
            notes.append("It had no date; it has that of its post")
        if not response.author:
            notes.append("It named no author")
        if len(response.author) > 50:
            notes.append(f"The author's name was shortened: {response.author}")
        suspicions = suspicions_in(response.content, self.found.hosts)
        is_approved = response.approved in ("1", "approve", "approved")
        held = "It may hold injected words" if suspicions else "It was waiting for a moderator on the old site"
        person = self.people.get(self.user_ids.get(response.user_id, ""))
        comment = import_comment(
            actor=self.actor,
            page=page,
            source_key=f"{self.batch.source}/{item.kind}/{source_id}",
            body=body,
            moment=moment,
            author_key=self._author_key(response, source_id),
            name=person.name if person else response.author,
            consent=self.choices.consent,
            parent=parent,
            person=person,
            state=CommentState.PUBLISHED if is_approved and not suspicions else CommentState.HELD,
            reason=held,
        )
        made[response.id] = comment
        record = self._record(
            "comment", source_id, _label(response), Outcome.IMPORTED, comment=comment, is_made=True, digest=digest,
            notes=notes,
        )  # fmt: skip
        self._suspect(record, suspicions, [])

    def _comment_again(self, before: Record, body: str, response: Response, digest: str, source_id: str) -> None:
        comment = cast(Comment, before.comment)
        fields: dict[str, Any] = {"comment": comment, "digest": digest}
        if before.digest == digest:
            self._record("comment", source_id, _label(response), Outcome.UNCHANGED, **fields)
            return
        fields["previous_text"] = comment.comment if comment.comment != body else ""
        change_imported_comment(actor=self.actor, comment=comment, body=body)
        if (
            response.approved == "1"
            and comment.state == CommentState.HELD
            and not suspicions_in(body, self.found.hosts)
        ):
            release_comment(actor=self.actor, comment=comment)
            fields["notes"] = ["Released here, as it was there since"]
        self._record("comment", source_id, _label(response), Outcome.UPDATED, **fields)

    def _author_key(self, response: Response, source_id: str) -> str:
        if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", response.email):
            return author_key_of_email(response.email)
        return author_key_of_stranger(self.batch.source, response.author or source_id)

    def _mention(self, page: Page, item: Item, response: Response, *, is_last: bool = False) -> None:
        source_id = f"{item.id}/{response.id}"
        kind = _kind_of_response(response)
        if response.approved in ("spam", "trash", "post-trashed"):
            self._skip(kind, source_id, _label(response), "It was marked as spam or in the bin")
            return
        address = response.url.strip()
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError:
            self._skip(kind, source_id, _label(response), "It does not say where the link stands")
            return
        if len(address) > 500:
            self._skip(kind, source_id, _label(response), "Its address is longer than can be kept")
            return
        source_page_id = self.by_address.get(path_of(address))
        if source_page_id and not is_last:
            # Once all pages are published, their own links have been noticed.
            self.later.append((page.pk, item, response))
            return
        before = self._before(kind, source_id)
        if before and before.mention:
            self._record(kind, source_id, _label(response), Outcome.UNCHANGED, mention=before.mention)
            return
        excerpt = words_of(response.content)
        suspicions = suspicions_in(f"{response.content} {response.author}", self.found.hosts)
        mention, is_new = import_mention(
            actor=self.actor,
            page=page,
            source_url=address,
            title=words_of(response.author),
            excerpt=excerpt,
            source_page=Page.objects.filter(pk=source_page_id).first() if source_page_id else None,
            moment=response.date or item.date or self.last_date,
            is_published=response.approved == "1" and not suspicions,
        )
        notes = ["It had no date; it has that of its post"] if response.date is None else []
        if kind == "trackback":
            notes.append("A trackback is kept as a pingback")
        if not is_new and not mention.is_internal:
            self._skip(kind, source_id, _label(response), "The same page mentions it already", mention=mention)
            return
        if mention.is_internal:
            notes.append("It stands as a link from a page of this site, which it now is")
        record = self._record(
            kind, source_id, _label(response), Outcome.IMPORTED, mention=mention, is_made=is_new, notes=notes
        )
        self._suspect(record, suspicions, [])

    def _suspect(self, record: Record, suspicions: list[Found], unseen: list[Found]) -> None:
        Suspicion.objects.bulk_create(
            Suspicion(
                record=record, phrase=found.phrase, before=found.before, after=found.after, why=found.why, state=state
            )
            for state, all_found in (("open", suspicions), ("cut", unseen))
            for found in all_found
        )

    # Categories, tags and other terms

    def _terms(self) -> None:
        for (kind, slug), term in self.found.terms.items():
            notes = [f"It stood below “{term.parent}”"] if term.parent else []
            if kind == "category":
                self._category(slug, term.name, notes)
            elif kind == "tag":
                reason = "Posts here have no tags; each post's report names those it had"
                self._skip("tag", slug, term.name, reason)
            elif kind == "nav_menu":
                self._skip(kind, slug, term.name, NOT_IMPORTED["nav_menu_item"])
            else:
                self._skip(_kind(kind), slug, term.name, "A way of sorting that is not known here")

    def _category(self, slug: str, name: str, notes: list[str]) -> None:
        use = self.used_by_categories.get(slug)
        if self.choices.categories.get(slug) == "skip":
            self._skip("category", slug, name, "By choice")
        elif use is None:
            kinds = {sketch.kind for sketch in self.found.texts.values() if slug in sketch.categories}
            if "post" in kinds:
                reason = "Posts here have one category, and each of this one's has another"
            else:
                reason = "Only pages are in it, which have no category here" if kinds else "Nothing is in it"
            self._skip("category", slug, name, reason, notes=notes)
        elif number := self.number_of_category.get(slug):
            page = self.propositions.get(number)
            before = self._before("category", slug)
            outcome = Outcome.UNCHANGED if before else Outcome.IMPORTED
            self._record("category", slug, name, outcome, page=page, notes=[*notes, f"It is proposition {number}"])
        else:
            outcome = Outcome.UNCHANGED if self._before("category", slug) else Outcome.IMPORTED
            self._record("category", slug, name, outcome, notes=notes)

    # Pages

    def _add(self, page: Page, parent: Page) -> None:
        page.owner = self.actor
        page.live = False
        Page.objects.get(pk=parent.pk).add_child(instance=page)

    def _publish(self, page: Page, *, under: Page, at: datetime.datetime | None) -> None:
        self._add(page, under)
        self._publish_changes(page, at)

    def _publish_changes(self, page: Page, at: datetime.datetime | None) -> None:
        """Publish as an editor does, and date it as it was dated."""
        was_live = page.live
        versions = (
            set(page.statement_versions.values_list("pk", flat=True)) if isinstance(page, PropositionPage) else set()
        )
        revision = page.save_revision(user=self.actor)
        with telling_nobody():
            revision.publish(user=self.actor)
        page.refresh_from_db()
        if at is None or was_live or not page.live:
            return
        type(revision).objects.filter(pk=revision.pk).update(created_at=at)
        type(page).objects.filter(pk=page.pk).update(
            first_published_at=at, last_published_at=at, latest_revision_created_at=at
        )
        Mention.objects.filter(source_page_id=page.pk).update(received_at=at)
        if isinstance(page, PropositionPage):
            page.statement_versions.exclude(pk__in=versions).update(published_at=at)

    def _restrict(self, page: Page, password: str, notes: list[str]) -> None:
        restrictions = PageViewRestriction.objects.filter(page=page, restriction_type=PageViewRestriction.PASSWORD)
        if not password:
            return
        notes.append("It asks for the same password as before")
        if not restrictions.filter(password=password).exists():
            restrictions.delete()
            PageViewRestriction.objects.create(
                page=page, restriction_type=PageViewRestriction.PASSWORD, password=password[:255]
            )

    def _redirect(self, page: Page, item: Item, fields: dict[str, Any], notes: list[str]) -> None:
        """Lead the old address to the page. Asked only for addresses that nothing stands at."""
        if not item.link:
            return
        parts = urlsplit(item.link) if "[" not in item.link else urlsplit("")
        if not parts.path or parts.path == "/":
            if parts.query:
                notes.append(f"Its old address /?{parts.query} is the front page here and leads nowhere else")
            return
        old = Redirect.normalise_path(f"{parts.path}{'?' + parts.query if parts.query else ''}")
        if len(old) > 255 or old == Redirect.normalise_path(page.url or ""):
            return
        found = Redirect.objects.filter(old_path=old, site=None).first()
        if found is None:
            Redirect.objects.create(old_path=old, redirect_page=Page.objects.get(pk=page.pk), is_permanent=True)
            fields["redirect_from"], fields["is_redirect_made"] = old, True
        elif found.redirect_page_id != page.pk:
            notes.append(f"Its old address {old} leads elsewhere already")
        else:
            fields["redirect_from"] = old

    def _keep_redirect(self, before: Record, fields: dict[str, Any]) -> None:
        fields["redirect_from"] = before.redirect_from

    def _free_slug(self, parent: Page, wished: str) -> str:
        """The wished one, unless a sibling or another part of the site has it."""
        taken = set(Page.objects.child_of(parent).filter(slug__startswith=wished[:200]).values_list("slug", flat=True))
        is_root = parent.pk == self.home.pk
        slug, number = wished, 2
        while slug in taken or (is_root and _is_taken(slug)):
            slug, number = f"{wished[:240]}-{number}", number + 1
        return slug


def _is_taken(slug: str) -> bool:
    """Whether an address at the top of the site belongs to something that is no page."""
    try:
        return resolve(f"/{slug}/").func is not serve
    except Resolver404:
        return False


def _kind(name: str) -> str:
    """A kind of post as the report names it; apart from what else the report names."""
    ours = {"author", "category", "tag", "comment", "pingback", "trackback", "event", "news", "facilitator", "picture"}
    return (f"{name} (posts)" if name in ours else name)[:40]


def _kind_of_response(response: Response) -> str:
    known = response.kind in MENTION_KINDS or response.kind == "comment"
    return response.kind if known else f"{response.kind[:25]} (comments)"


def _label(response: Response) -> str:
    return Truncator(f"{response.author or 'Nobody named'}: {words_of(response.content)}").chars(120)


def _parents_first(comments: dict[str, Response]) -> Iterator[Response]:
    """Comments so that each comes after the one it answers, in the order of the file otherwise."""
    given: set[str] = set()
    for comment in comments.values():
        waiting: list[Response] = []
        one: Response | None = comment
        while one is not None and one.id not in given:
            given.add(one.id)
            waiting.append(one)
            one = comments.get(one.parent)
        yield from reversed(waiting)


def _title(text: str) -> str:
    return words_of(text)[:TITLE_LENGTH].strip()


def _slug(wished: str, title: str, otherwise: str) -> str:
    found = slugify(unquote(wished), allow_unicode=True) or slugify(words_of(title), allow_unicode=True)
    return found[:200].strip("-") or slugify(otherwise) or "imported"


def _unsized(address: str) -> str:
    """An address of a file without its scheme, and without the size that WordPress adds to smaller copies."""
    path = path_of(address.partition("?")[0].partition("#")[0])
    return re.sub(r"-\d{2,5}x\d{2,5}(?=\.[a-z0-9]{2,5}$)", "", path, flags=re.IGNORECASE)


def _file_name(name: str) -> str:
    path = PurePosixPath(name)
    return f"{slugify(path.stem)[:60] or 'file'}{path.suffix.lower()}"


def _counted(text: str, number: int) -> str:
    return f"{text} ({number} times)" if number > 1 else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _digest(values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
