"""Addresses of the old site that no text has: where they are to lead."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.text import slugify
from wagtail.models import Page

from content.models import SummitImage
from content.text import clean_line
from people.personal import NAME_REMOVED
from wordpress.actions.files import Files
from wordpress.actions.people import People
from wordpress.actions.places import Places
from wordpress.actions.records import Run
from wordpress.models import Companion, OldAddress
from wordpress.old_addresses import unsized
from wordpress.survey import Sketch, path_of

LONGEST = 255
BATCH = 500
Target = dict[str, Any]


class Addresses:
    def __init__(self, run: Run, places: Places, people: People, files: Files) -> None:
        self.run, self.places, self.people, self.files = run, places, people, files
        # The blog stood at the top of its site, or below it.
        self.top = unquote(urlsplit(run.found.blog.link).path).rstrip("/")

    def keep(self) -> None:
        """Remember every address that leads somewhere here. One that leads somewhere already goes on doing so."""
        event = self.places.event
        wanted: dict[str, Target] = {}
        for path, target in self._all():
            path = path.rstrip("/") or "/"
            if len(path) <= LONGEST and "\0" not in path:
                wanted.setdefault(path, target)
        OldAddress.objects.bulk_create(
            (OldAddress(path=path, event=event, batch=self.run.batch, **target) for path, target in wanted.items()),
            batch_size=BATCH,
            ignore_conflicts=True,
        )

    def keep_companions(self) -> None:
        """Remember which pages outside the event came in with it."""
        event = self.places.event
        if event is None:
            return
        pages = Page.objects.filter(pk__in=set(self.places.pages.values()))
        outside = [page for page in pages if not page.path.startswith(event.path)]
        Companion.objects.bulk_create(
            (Companion(event=event, page=page) for page in outside), batch_size=BATCH, ignore_conflicts=True
        )

    def _all(self) -> Iterator[tuple[str, Target]]:
        yield self.top or "/", {"page_id": self.places.event.pk} if self.places.event else {}
        for key, sketch in self.run.found.texts.items():
            yield from self._text(sketch, self.places.pages.get(key))
        for (kind, slug), term in self.run.found.terms.items():
            if kind == "tag":
                yield f"{self.top}/tag/{unquote(slug)}", {}
            elif kind == "category":
                target = self._category(slug, term.name)
                yield f"{self.top}/category/{unquote(self._with_parents(slug))}", target
                yield f"{self.top}/category/{unquote(slug)}", target
                if term.id.isdecimal():
                    yield f"{self.top or '/'}?cat={term.id}", target
        for login, person in self.people.by_login.items():
            if person and person.name != NAME_REMOVED and login not in self.people.erased_logins:
                for name in (login, slugify(login)):
                    yield f"{self.top}/author/{name}", {"person": person}
                author = self.run.found.authors.get(login)
                if author and author.id.isdecimal():
                    yield f"{self.top or '/'}?author={author.id}", {"person": person}
        yield from self._files()

    def _text(self, sketch: Sketch, page_id: int | None) -> Iterator[tuple[str, Target]]:
        if page_id is None:
            return
        if sketch.key.isdecimal():
            yield f"{self.top or '/'}?p={sketch.key}", {"page_id": page_id}
        guid = urlsplit(sketch.guid) if "[" not in sketch.guid else urlsplit("")
        if guid.path.strip("/") and path_of(sketch.guid) != path_of(sketch.link) and self._is_of_blog(guid.netloc):
            yield unquote(guid.path), {"page_id": page_id}
        if sketch.date and sketch.kind == "post":
            for form in ("%Y/%m/%d", "%Y/%m", "%Y"):
                yield f"{self.top}/{sketch.date:{form}}", {}

    def _category(self, slug: str, name: str) -> Target:
        number = self.places.number_of_category.get(slug)
        proposition = self.places.propositions.get(number) if number else None
        if proposition:
            return {"page_id": proposition.pk}
        is_used = self.places.used_by_categories.get(slug) == "posts"
        return {"category": clean_line(name)[:80]} if is_used else {}

    def _with_parents(self, slug: str) -> str:
        parts = [slug]
        while len(parts) < 10:
            term = self.run.found.terms.get(("category", parts[0]))
            if term is None or not term.parent or term.parent in parts:
                break
            parts.insert(0, term.parent)
        return "/".join(parts)

    def _files(self) -> Iterator[tuple[str, Target]]:
        for key, attachment in self.run.found.attachments.items():
            file = self.files.brought.get(key)
            if file is None:
                continue
            target = {"image" if isinstance(file, SummitImage) else "document": file}
            for address in (attachment.address, attachment.link):
                yield from self._file(address, target)
            if key.isdecimal():
                yield f"{self.top or '/'}?p={key}", target
        for address, image in self.files.shown.items():
            yield from self._file(address, {"image": image})

    def _file(self, address: str, target: Target) -> Iterator[tuple[str, Target]]:
        parts = urlsplit(address) if "[" not in address else urlsplit("")
        if parts.path.strip("/") and self._is_of_blog(parts.netloc):
            path = unquote(parts.path)
            yield path, target
            yield unsized(path), target

    def _is_of_blog(self, host: str) -> bool:
        return host.lower().removeprefix("www.") in self.run.found.hosts
