"""Bringing an export in: as one batch, record by record, so that it can be repeated and undone."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page

from people.consent import Consent
from people.models import User
from wordpress.actions.addresses import Addresses
from wordpress.actions.choosing import NOT_BEGUN, Choices, check_actor, check_alone, prepare_import, surveyed
from wordpress.actions.files import Files
from wordpress.actions.people import People
from wordpress.actions.places import Places
from wordpress.actions.records import Run, kind_of
from wordpress.actions.responses import Responses
from wordpress.actions.texts import Texts
from wordpress.actions.undoing import take_back
from wordpress.choices import BatchState, Outcome
from wordpress.exceptions import ImportFailed, ImportRefused
from wordpress.models import Batch, Record
from wordpress.reader import Item, read_export
from wordpress.reports import report_of
from wordpress.survey import NOT_IMPORTED, Survey, keyed

logger = logging.getLogger(__name__)

ITEMS_PER_REPORT = 20
MOST_TRIED = 500
NOT_ENDED = (*NOT_BEGUN, BatchState.RUNNING)

Progress = Callable[[int, int], None]


def run_import(*, actor: User, batch: Batch, path: Path, progress: Progress | None = None) -> Batch:
    """Bring everything in that the file holds. Done before from the same blog, it updates and never doubles.

    Each post comes in with its comments in one transaction, so that others may go on writing meanwhile. If anything
    breaks on the way, all that this run made is taken away again and `ImportFailed` says why. A run whose process is
    killed stays as running, and no other begins, of whatever blog, until `undo_import` has taken it back.
    """
    check_actor(actor)
    _claim(actor, batch)
    try:
        found = surveyed(path)
        _Import(actor, batch, path, found, Choices.of(batch.options), progress).everything()
        _finish(batch)
    except BaseException as error:
        take_back(actor=actor, batch=batch)
        why = error.message if isinstance(error, ImportRefused) else "Something broke; the log says what."
        # One that was undone meanwhile stays undone.
        Batch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).update(
            state=BatchState.FAILED, failure=why, finished_at=timezone.now()
        )
        batch.refresh_from_db()
        if isinstance(error, ImportRefused):
            raise
        if not isinstance(error, Exception):
            raise
        logger.exception("Import %s failed", batch.pk)
        raise ImportFailed("Something broke on the way; nothing of it was kept. The log says what it was.") from error
    log(instance=batch, action="wordpress.import", user=actor, data={"source": batch.source})
    return batch


def _claim(actor: User, batch: Batch) -> None:
    try:
        with transaction.atomic():
            # All that have not ended are locked: of two that begin at once, the second sees the first running.
            others = list(Batch.objects.select_for_update().filter(state__in=NOT_ENDED).order_by("pk"))
            own = next((other for other in others if other.pk == batch.pk), None)
            if own is None or own.state not in (BatchState.READY, BatchState.WAITING):
                raise ImportRefused("This import is running or has run. Upload the file again to repeat it.")
            check_alone(others, source=batch.source)
            Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING, actor=actor)
    except ImportRefused as error:
        Batch.objects.filter(pk=batch.pk, state__in=[BatchState.READY, BatchState.WAITING]).update(
            state=BatchState.FAILED, failure=error.message, finished_at=timezone.now()
        )
        raise
    batch.refresh_from_db()


def _finish(batch: Batch) -> None:
    batch.state, batch.finished_at, batch.trial = BatchState.DONE, timezone.now(), {}
    with transaction.atomic():
        _check_is_running(batch)
        batch.save(update_fields=["state", "finished_at", "notes", "event", "done", "trial"])


def _check_is_running(batch: Batch) -> None:
    """Stop an import that was undone meanwhile. Its undoing waits until the transaction around this is over."""
    if not Batch.objects.select_for_update().filter(pk=batch.pk, state=BatchState.RUNNING):
        raise ImportRefused("It was undone while it ran. What it had made is taken back.")


def try_import(
    *, actor: User, path: Path, choices: Choices | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """What an import would do, found out by doing it and taking all of it back. Answers the report."""
    check_actor(actor)
    found = surveyed(path)
    check_alone(Batch.objects.filter(state=BatchState.RUNNING), source=found.source[:255])
    with transaction.atomic():
        batch = prepare_import(actor=actor, path=path, choices=choices)
        _Import(actor, batch, path, found, choices or Choices(), progress, is_trial=True).everything()
        answer = report_of(batch)
        transaction.set_rollback(True)
    return {**answer, "dry_run": True, "state": "tried"}


def try_chosen(*, actor: User, batch: Batch, path: Path) -> Batch:
    """Try what was chosen for a file, and keep the report with its batch. Nothing else is made.

    Whoever writes meanwhile may have to wait, as for any long transaction: for exports of `MOST_TRIED` items at most.
    """
    check_actor(actor)
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


class _Import:
    """The steps of an import, in their order."""

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
        self.path, self.progress = path, progress
        self.run = Run(actor, batch, found, choices, is_trial=is_trial)
        self.files = Files(self.run)
        self.places = Places(self.run)
        self.people = People(self.run)
        self.texts = Texts(self.run, self.places, self.people, self.files)
        self.responses = Responses(self.run, self.places, self.people)
        self.addresses = Addresses(self.run, self.places, self.people, self.files)

    def everything(self) -> None:
        with tempfile.TemporaryDirectory(prefix="summit-import-") as folder:
            if self.run.choices.is_fetching and not self.run.is_trial:
                self.files.fetch(Path(folder))
            self._import()

    def _import(self) -> None:
        self.places.name_propositions()
        self.places.plan()
        with transaction.atomic():
            self.places.choose_event()
            self.people.bring_authors()
        self.places.sketch_pages()
        self.run.batch.total, self.run.batch.done = self.run.found.items, 0
        self.run.batch.save(update_fields=["total", "done", "event"])
        for number, item in enumerate(self._items(), start=1):
            with transaction.atomic():
                self._go_on()
                self._item(item)
            if number % ITEMS_PER_REPORT == 0 or number == self.run.found.items:
                self._report(number)
        with transaction.atomic():
            self._go_on()
            self.responses.bring_links_between_pages()
            self._terms()
            self.addresses.keep()
            self.addresses.keep_companions()
        self.run.batch.notes = self._notes()
        self.run.batch.save(update_fields=["notes"])

    def _go_on(self) -> None:
        if not self.run.is_trial:
            _check_is_running(self.run.batch)

    def _items(self) -> Iterator[Item]:
        return (record for record in keyed(read_export(self.path)) if isinstance(record, Item))

    def _report(self, number: int) -> None:
        self.run.batch.done = number
        Batch.objects.filter(pk=self.run.batch.pk).update(done=number)
        if self.progress:
            self.progress(number, self.run.found.items)

    def _notes(self) -> list[str]:
        notes = self.run.found.notes()
        comments = Record.objects.filter(batch=self.run.batch, kind="comment").exclude(outcome=Outcome.SKIPPED).count()
        if comments:
            notes.append(
                "Commenters' e-mail addresses, network addresses and websites were not kept. "
                f"May they be quoted? “{Consent(self.run.choices.consent).label}”, as was chosen for them."
            )
        if not self.files.media and self.run.found.attachments:
            notes.append(
                "No media were given, so pictures became links to where they were. "
                "Repeat the import with the blog's folder of uploads to bring them in."
            )
        return notes

    def _item(self, item: Item) -> None:
        label = item.title or item.slug or item.id
        if reason := NOT_IMPORTED.get(item.kind):
            self.run.skip(kind_of(item.kind), item.id, label, reason)
            self.responses.skip_all(item, "What it answers is not imported")
        elif item.kind == "attachment":
            self.files.attachment(item.id)
            self.responses.skip_all(item, "Pictures and documents here take no comments")
        else:
            self._text(item, label)

    def _text(self, item: Item, label: str) -> None:
        key = f"{item.kind}:{item.id}"
        place = self.places.places[key]
        page_id = self.places.pages.get(key)
        if place.reason or page_id is None:
            reason = place.reason or "There is no event for it to stand in"
            self.run.skip(kind_of(item.kind), item.id, label, reason)
            is_here = "What it answers is left as it stands here"
            self.responses.skip_all(item, is_here if place.page_id else "What it answers is not imported")
            return
        page = Page.objects.get(pk=page_id).specific
        if place.is_kept:
            reason = "The proposition stands here already; its words were left as they are, its comments came in"
            self.run.skip(kind_of(item.kind), item.id, label, reason, page=page)
        else:
            self.texts.fill(page, item, place)
        self.responses.bring(page, item)

    def _terms(self) -> None:
        for (kind, slug), term in self.run.found.terms.items():
            notes = [f"It stood below “{term.parent}”"] if term.parent else []
            if kind == "category":
                self._category(slug, term.name, notes)
            elif kind == "tag":
                reason = "Posts here have no tags; each post's report names those it had"
                self.run.skip("tag", slug, term.name, reason)
            elif kind == "nav_menu":
                self.run.skip(kind, slug, term.name, NOT_IMPORTED["nav_menu_item"])
            else:
                self.run.skip(kind_of(kind), slug, term.name, "A way of sorting that is not known here")

    def _category(self, slug: str, name: str, notes: list[str]) -> None:
        use = self.places.used_by_categories.get(slug)
        if self.run.choices.categories.get(slug) == "skip":
            self.run.skip("category", slug, name, "By choice")
        elif use is None:
            kinds = {sketch.kind for sketch in self.run.found.texts.values() if slug in sketch.categories}
            if "post" in kinds:
                reason = "Posts here have one category, and each of this one's has another"
            else:
                reason = "Only pages are in it, which have no category here" if kinds else "Nothing is in it"
            self.run.skip("category", slug, name, reason, notes=notes)
        elif number := self.places.number_of_category.get(slug):
            page = self.places.propositions.get(number)
            before = self.run.before("category", slug)
            outcome = Outcome.UNCHANGED if before else Outcome.IMPORTED
            notes.append(f"It is proposition {page.number if page else number}")
            self.run.record("category", slug, name, outcome, page=page, notes=notes)
        else:
            outcome = Outcome.UNCHANGED if self.run.before("category", slug) else Outcome.IMPORTED
            self.run.record("category", slug, name, outcome, notes=notes)
