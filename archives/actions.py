"""Reading an archive back: the same event, in another installation."""

import hashlib
import io
import json
import lzma
import re
import secrets
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import IntegrityError, models, transaction
from django.utils.text import slugify
from wagtail.contrib.redirects.models import Redirect
from wagtail.fields import RichTextField, StreamField
from wagtail.log_actions import log
from wagtail.models import Page, PageViewRestriction, Site

from archives.contents import MODELS, NUMBERS_INSIDE, archived_models, drafted_relations, exported_fields, is_page
from archives.references import in_rich_text, in_stream
from archives.writing import DATA, FORMAT, VERSION
from briefings.models import BriefingPage, Series
from content.models import SummitImage
from discussion.models import Comment
from events.models import EventPage, Partner
from live.models import LiveSession, new_code
from news.models import NewsIndexPage, PostPage
from people.actions import replay_erasures
from people.keys import author_keys_of_name
from people.models import Person, User
from people.permissions import is_organiser
from people.personal import NAME_REMOVED, erased_keys
from realtime.models import Stream
from wordpress.media import UnusableMedia, checked_picture
from wordpress.models import OldAddress

LARGEST_DATA = 512 * 1024 * 1024
LARGEST_FILE = 64 * 1024 * 1024
LARGEST_RATIO = 200
# What a zip that is broken, locked or packed in an unknown way raises.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError)


class ArchiveRefused(Exception):
    """Nothing was imported. The message says why and what can be done."""


@transaction.atomic
def import_event(*, actor: User, path: Path, slug: str = "", tell: Callable[[str], object] | None = None) -> EventPage:
    """Read an archive: all of it, or nothing.

    What was said and decided is put back as it was, not done again: no letters, no second entries in the ledger.
    People and partners that are here by the same name are taken for the same. Whoever was erased here since the
    archive was written is erased from it as well. `tell` hears what came in otherwise than it was.
    """
    if not is_organiser(actor):
        raise ArchiveRefused("Only organisers can import an event.")
    try:
        with zipfile.ZipFile(path) as archive:
            restoring = _Restoring(actor, archive)
            event = restoring.everything(slug)
            replay_erasures()
    except (zipfile.BadZipFile, OSError) as error:
        raise ArchiveRefused("The file is no archive of an event, or is broken.") from error
    if tell:
        for line in restoring.told:
            tell(line)
    log(instance=event, action="archives.import", user=actor, data={"file": path.name})
    return event


class _Restoring:
    """One archive on its way in."""

    def __init__(self, actor: User, archive: zipfile.ZipFile) -> None:
        self.actor = actor
        self.archive = archive
        self.data = self._data()
        self.rows: dict[str, list[dict[str, Any]]] = self.data["rows"]
        # Numbers of rows by their names.
        self.numbers: dict[str, Any] = {}
        # What points to rows that are not here yet: an instance, its field, and the name of the row.
        self.later: list[tuple[Any, Any, str]] = []
        # What is to be said of it afterwards.
        self.told: list[str] = []

    def _data(self) -> dict[str, Any]:
        try:
            data = json.loads(self._read(DATA, LARGEST_DATA))
        except (KeyError, ValueError, RecursionError) as error:
            raise ArchiveRefused("The file is no archive of an event, or is broken.") from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ArchiveRefused("The file is no archive of an event.")
        if data.get("version") not in range(1, VERSION + 1):
            raise ArchiveRefused(
                "The archive was written by a later version of Summit. Update this installation first."
            )
        return data

    def _read(self, name: str, largest: int) -> bytes:
        entry = self.archive.getinfo(name)
        if entry.file_size > largest or entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1024):
            raise ArchiveRefused(f"{name} in the archive is larger than anything that belongs there.")
        try:
            return self.archive.read(entry)
        except BROKEN as error:
            raise ArchiveRefused(f"{name} in the archive is broken, or locked with a password.") from error

    def everything(self, slug: str) -> EventPage:
        try:
            self._leave_out_erased()
            restored = archived_models()
            for label, model in restored.items():
                if not MODELS[label]:
                    self._restore(label, model)
            self._pages(slug)
            for label, model in restored.items():
                if MODELS[label] and not is_page(model):
                    self._restore(label, model)
            self._point()
            self._set_streams()
            self._revise()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, ValidationError, IntegrityError) as error:
            raise ArchiveRefused(f"The archive does not hold what it should: {error}") from error
        return EventPage.objects.get(pk=self.numbers[self.data["event"]])

    def _revise(self) -> None:
        """Give each page its revision, and what editors had not published yet a second one."""
        for row, model in self._page_rows():
            page = model._default_manager.get(pk=self.numbers[row["ref"]])
            revision = page.save_revision(user=self.actor, changed=False, clean=False)
            if page.live:
                Page.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
            if "draft" in row:
                self._draft(model._default_manager.get(pk=page.pk), row["draft"])

    def _draft(self, page: Page, draft: dict[str, Any]) -> None:
        model: type[models.Model] = type(page)
        for field in _given_fields(model, draft):
            # Addresses are those that were free here.
            if field.name not in ("slug", "short_address"):
                self._fill(page, field, draft[field.name])
        for relation, (related, fields) in drafted_relations(model).items():
            rows = []
            for given in draft.get(relation, []):
                row = related()
                for field in fields:
                    if field.name in given:
                        self._fill(row, field, given[field.name])
                rows.append(row)
            setattr(page, relation, rows)
        page.save_revision(user=self.actor, clean=False)

    def _fill(self, instance: Any, field: Any, value: Any) -> None:
        """Set a field to what an archive says, once everything that it may point to is here."""
        if field.many_to_many:
            numbers = [self._number(name) for name in value]
            setattr(instance, field.name, list(field.related_model._default_manager.filter(pk__in=numbers)))
        elif field.is_relation:
            setattr(instance, field.attname, self._number(value))
        elif isinstance(field, StreamField | RichTextField):
            self._set_text(instance, field, value)
        else:
            self._set(instance, field, value)

    def _leave_out_erased(self) -> None:
        """Take names and portraits out of the profiles of those who were erased here, unless others are called so."""
        erased = erased_keys()
        portraits = set()
        for row in self._rows_of("people.Person"):
            remains = erased.remains(author_keys_of_name(row["name"]))
            if remains and not Person.objects.filter(name__iexact=row["name"]).exists():
                portraits.add(row["portrait"])
                # Its path has the name by which they signed in.
                addresses = self._rows_of("wordpress.OldAddress")
                addresses[:] = [old for old in addresses if old["person"] != row["ref"]]
                row.update({"name": NAME_REMOVED, "slug": remains, "portrait": None})
                row.update(dict.fromkeys(("role", "organisation", "biography"), ""))
        images = self._rows_of("content.SummitImage")
        for name in portraits - {None}:
            # Its own row names it once; whatever else does needs it.
            if len(re.findall(rf"{re.escape(name)}(?!\d)", json.dumps(self.rows))) == 1:
                images[:] = [row for row in images if row["ref"] != name]

    # Pages

    def _page_rows(self) -> list[tuple[dict[str, Any], type[Any]]]:
        return sorted(
            (
                (row, model)
                for label, model in archived_models().items()
                if is_page(model)
                for row in self._rows_of(label)
            ),
            key=lambda one: int(one[0]["ref"].partition(":")[2]),
        )

    def _pages(self, slug: str) -> None:
        """Make all pages in the order of the tree, then let them point to each other."""
        pages = self._page_rows()
        site = Site.objects.filter(is_default_site=True).first()
        if site is None or not pages or pages[0][0]["ref"] != self.data["event"]:
            raise ArchiveRefused("There is no site to stand in, or no event in the archive.")
        for row, model in pages:
            is_event = row["ref"] == self.data["event"]
            is_alone = not is_event and "parent" not in row
            parent = self._parent(site.root_page, row, model)
            page: Any = model()
            for field in _given_fields(model, row):
                if not field.is_relation and not isinstance(field, StreamField | RichTextField):
                    self._set(page, field, row[field.name])
                elif field.is_relation and not field.many_to_many and not is_page(field.related_model):
                    setattr(page, field.attname, self._number(row[field.name]))
                elif isinstance(field, StreamField | RichTextField):
                    # Without links to pages that are not there yet; those come below.
                    self._set_text(page, field, row[field.name])
            page.draft_title = page.title
            page.owner = self.actor
            if is_event and slug:
                page.slug = slug
            if is_event and Page.objects.child_of(parent).filter(slug=page.slug).exists():
                raise ArchiveRefused(
                    f"There is a page with the address “{page.slug}” already. Give the event another one with --slug."
                )
            if is_alone:
                self._take_free_address(page, parent)
            if isinstance(page, BriefingPage):
                taken = BriefingPage.objects.filter(short_address=page.short_address).exists()
                page.short_address = "" if taken else page.short_address
            Page.objects.get(pk=parent.pk).add_child(instance=page)
            self.numbers[row["ref"]] = page.pk
            self._restrict(page, row.get("restrictions", []))
        for row, model in pages:
            page = model._default_manager.get(pk=self.numbers[row["ref"]])
            for field in _given_fields(model, row):
                if field.many_to_many:
                    getattr(page, field.name).set([self._number(name) for name in row[field.name]])
                elif field.is_relation and is_page(field.related_model):
                    setattr(page, field.attname, self._number(row[field.name]))
                elif isinstance(field, StreamField | RichTextField):
                    self._set_text(page, field, row[field.name])
            page.save(clean=False)

    def _parent(self, top: Page, row: dict[str, Any], model: type[Any]) -> Page:
        if "parent" in row:
            return Page.objects.get(pk=self.numbers[row["parent"]])
        if model is not PostPage:
            return top
        news = NewsIndexPage.objects.first()
        if news is None:
            news = NewsIndexPage(title="News", slug="news", show_in_menus=True, owner=self.actor)
            self._take_free_address(news, top)
            Page.objects.get(pk=top.pk).add_child(instance=news)
            news.save_revision(user=self.actor, changed=False, clean=False).publish(user=self.actor)
        return news

    def _take_free_address(self, page: Page, parent: Page) -> None:
        """Pages beside the event may have addresses that pages here have already."""
        wished, number = page.slug, 2
        while Page.objects.child_of(parent).filter(slug=page.slug).exists():
            page.slug, number = f"{wished[:240]}-{number}", number + 1
        if page.slug != wished:
            self.told.append(f"“{page.title}”: its address “{wished}” was taken here; it is “{page.slug}” now.")

    def _restrict(self, page: Page, restrictions: list[dict[str, Any]]) -> None:
        """Let only those read a page who might. Where none of its groups is here, only superusers do."""
        for given in restrictions:
            if given["type"] not in (kind for kind, _ in PageViewRestriction.RESTRICTION_CHOICES):
                raise ValueError(f"“{given['type']}” is no way to restrict a page")
            restriction = PageViewRestriction(
                page=page, restriction_type=given["type"], password=str(given["password"])[:255]
            )
            restriction.save(user=self.actor)
            restriction.groups.set(Group.objects.filter(name__in=given["groups"]))

    def _rows_of(self, label: str) -> list[dict[str, Any]]:
        return self.rows.get(label, [])

    # Everything else

    def _restore(self, label: str, model: type[models.Model]) -> None:
        fresh: list[tuple[dict[str, Any], Any]] = []
        for row in self._rows_of(label):
            known = self._known(label, row)
            if known is not None:
                self.numbers[row["ref"]] = known.pk
                continue
            instance, is_new = self._instance(label, model, row)
            if label == "discussion.Comment":
                self._save_comment(instance, row)
            elif not MODELS[label] or not is_new:
                instance.save()
            else:
                fresh.append((row, instance))
                continue
            self.numbers[row["ref"]] = instance.pk
            self._date(model, instance, row)
        if not fresh:
            return
        # No signals: what was said once is not said again.
        made = model._base_manager.bulk_create([instance for _, instance in fresh], batch_size=500)
        for (row, _), instance in zip(fresh, made, strict=True):
            self.numbers[row["ref"]] = instance.pk

    def _known(self, label: str, row: dict[str, Any]) -> models.Model | None:
        """Somebody or something that is here already under the same name."""
        match label:
            case "people.Person":
                return Person.objects.filter(slug=row["slug"], name=row["name"]).first()
            case "events.Partner":
                return Partner.objects.filter(name=row["name"]).first()
            case "wordpress.OldAddress":
                return OldAddress.objects.filter(path=row["path"]).first()
            case "wagtailredirects.Redirect":
                return Redirect.objects.filter(old_path=row["old_path"], site=None).first()
            case "briefings.Series":
                return Series.objects.filter(name=row["name"]).first()
        return None

    def _instance(self, label: str, model: type[models.Model], row: dict[str, Any]) -> tuple[Any, bool]:
        instance: Any = model()
        is_new = True
        for field in model._meta.concrete_fields:
            # A session's page brings its room with it: that one is filled.
            if field.one_to_one and field.name in row and row[field.name] in self.numbers:
                found = model._base_manager.filter(**{field.attname: self.numbers[row[field.name]]}).first()
                if found:
                    instance, is_new = found, False
        for field in _given_fields(model, row):
            value = row[field.name]
            if field.many_to_many:
                continue
            if field.is_relation:
                self._relate(instance, field, value)
            elif isinstance(field, StreamField | RichTextField):
                self._set_text(instance, field, value)
            elif inside := NUMBERS_INSIDE.get(f"{label}.{field.name}"):
                # At once: what is logged takes no later word. What it points to comes before it.
                value = {key: self._number(one) if key in inside and one else one for key, one in value.items()}
                setattr(instance, field.name, value)
            else:
                self._set(instance, field, value)
        match label:
            case "content.SummitImage" | "wagtaildocs.Document":
                self._set_file(instance, row)
            case "live.LiveSession":
                if LiveSession.objects.filter(code=instance.code).exclude(pk=instance.pk).exists():
                    instance.code = new_code()
            case "live.Participant":
                instance.token_hash = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
            case "people.Person":
                if Person.objects.filter(slug=instance.slug).exists():
                    instance.slug = f"{instance.slug[:130]}-{secrets.token_hex(3)}"
        if is_new and any(field.name == "stream" for field in model._meta.concrete_fields):
            instance.stream = Stream.objects.create()
        return instance, is_new

    def _relate(self, instance: models.Model, field: Any, name: str | None) -> None:
        """Point to a row, now or once it is here."""
        number = self.numbers.get(name) if name else None
        setattr(instance, field.attname, number)
        if name and number is None:
            if not field.null:
                raise ValueError(f"{name} is pointed to and not there")
            self.later.append((instance, field, name))

    def _point(self) -> None:
        for instance, field, name in self.later:
            number = self.numbers[name]
            type(instance)._base_manager.filter(pk=instance.pk).update(**{field.attname: number})

    def _number(self, name: Any) -> Any:
        if name is None:
            return None
        if name not in self.numbers:
            raise ValueError(f"{name} is pointed to and not there")
        return self.numbers[name]

    def _set(self, instance: models.Model, field: Any, value: Any) -> None:
        setattr(instance, field.attname, value if isinstance(field, models.JSONField) else field.to_python(value))

    def _set_text(self, instance: models.Model, field: Any, value: Any) -> None:
        def turn(kind: str, name: Any) -> Any:
            return self.numbers.get(name)

        if isinstance(field, StreamField):
            setattr(instance, field.name, json.dumps(in_stream(field, value, turn)))
        else:
            setattr(instance, field.name, in_rich_text(value, turn))

    def _set_file(self, instance: Any, row: dict[str, Any]) -> None:
        instance.uploaded_by_user = self.actor
        if not row.get("media"):
            return
        content = self._read(row["media"], LARGEST_FILE)
        name = f"{slugify(instance.title)[:60] or 'file'}{PurePosixPath(row['media']).suffix}"
        if isinstance(instance, SummitImage):
            try:
                checked_picture(content)
            except UnusableMedia as error:
                raise ArchiveRefused(f"{row['media']}: {error}") from error
            instance.file.save(name, ImageFile(io.BytesIO(content), name=name), save=False)
        else:
            instance.file.save(name, ContentFile(content), save=False)

    def _save_comment(self, comment: Comment, row: dict[str, Any]) -> None:
        page = Page.objects.get(pk=comment.page_id)
        comment.content_type = ContentType.objects.get_for_id(page.content_type_id)
        comment.object_pk = str(page.pk)
        comment.site_id = settings.SITE_ID
        answered = row.get("answers")
        if answered:
            parent = Comment.objects.get(pk=self._number(answered))
            comment.parent_id, comment.thread_id = parent.pk, parent.thread_id
        comment.save()

    def _date(self, model: type[models.Model], instance: models.Model, row: dict[str, Any]) -> None:
        """Dates that Django sets by itself, as they were."""
        dates = {
            field.attname: field.to_python(row[field.name])
            for field in _given_fields(model, row)
            if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        }
        if dates:
            model._base_manager.filter(pk=instance.pk).update(**dates)

    def _set_streams(self) -> None:
        """What is said from now on comes after what was said."""
        for session in LiveSession.objects.filter(
            pk__in=[self.numbers[row["ref"]] for row in self._rows_of("live.LiveSession")]
        ):
            last = session.contributions.aggregate(last=models.Max("seq"))["last"] or 0
            Stream.objects.filter(pk=session.stream_id, seq__lt=last).update(seq=last)


def _given_fields(model: type[models.Model], row: dict[str, Any]) -> list[Any]:
    """The fields that a row is to fill. One that an older archive does not know yet keeps its default."""
    return [field for field in exported_fields(model) if field.name in row or not (field.has_default() or field.null)]
