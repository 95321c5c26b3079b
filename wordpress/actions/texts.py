"""Texts: what a post or page of the old site says, as a page here says it."""

import datetime
import json
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from wagtail.models import Page

from content.text import clean_line
from news.models import PostPage
from propositions.models import PropositionFacilitator, PropositionPage
from wordpress.actions.files import Files
from wordpress.actions.people import People
from wordpress.actions.places import TITLE_LENGTH, Place, Places, title_of
from wordpress.actions.publishing import lead_from, publish_changes, restrict
from wordpress.actions.records import Run, digest_of, kind_of
from wordpress.choices import Outcome
from wordpress.markup import Converted, Footnotes, Heading, Html, Paragraph, Picture, Quotation, convert, words_of
from wordpress.models import Suspicion
from wordpress.reader import Item
from wordpress.survey import proposition_of
from wordpress.suspicions import cut_unseen, suspicions_in


class Texts:
    def __init__(self, run: Run, places: Places, people: People, files: Files) -> None:
        self.run, self.places, self.people, self.files = run, places, people, files

    def fill(self, page: Page, item: Item, place: Place) -> None:
        """Give a page its text, or leave it as it is where nothing has changed."""
        before = self.run.before(kind_of(item.kind), item.id)
        source, unseen = cut_unseen(item.content, self.run.found.hosts)
        converted = convert(
            source,
            attached=self.files.attached_to.get(item.id, ()),
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
        suspicions = suspicions_in(source, self.run.found.hosts) + suspicions_in(item.title, self.run.found.hosts)
        notes += [f"Left out, since readers could not see it: {found.phrase[:150]}" for found in unseen]
        digest = digest_of([values, item.status, item.password, moment.isoformat()])
        fields: dict[str, Any] = {"page": page, "digest": digest, "notes": notes}
        if before and before.page_id == page.pk:
            fields["previous_revision_id"] = fields["revision_id"] = page.latest_revision_id
            if before.digest == digest:
                fields["redirect_from"] = before.redirect_from
                fields["revision_id"] = before.revision_id
                self.run.record(kind_of(item.kind), item.id, page.title, Outcome.UNCHANGED, **fields)
                return
            if before.revision_id != page.latest_revision_id:
                reason = "It was changed here since it was imported, and is left as it is"
                self.run.skip(kind_of(item.kind), item.id, page.title, reason, page=page, notes=notes)
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
        restrict(page, item.password, notes)
        if item.status == "future" and moment > timezone.now():
            page.go_live_at = moment
            is_public = not suspicions
            notes.append("It will be published at its time")
        elif item.status != "publish":
            notes.append(f"A draft here, as it was there: “{item.status}”")
        if suspicions:
            notes.append("Not published: somebody has to look at words that may have been injected")
        if is_public:
            publish_changes(page, at=moment, actor=self.run.actor)
        else:
            revision = page.save_revision(user=self.run.actor)
            type(revision).objects.filter(pk=revision.pk).update(created_at=moment)
            type(page).objects.filter(pk=page.pk).update(latest_revision_created_at=moment)
            if page.live and suspicions:
                page.unpublish(user=self.run.actor)
            fields["revision_id"] = revision.pk
        if item.is_sticky:
            notes.append("It stood first on the old site; posts here stand by date")
        lead_from(page, item, fields, notes)
        fields["revision_id"] = Page.objects.values_list("latest_revision_id", flat=True).get(pk=page.pk)
        record = self.run.record(
            kind_of(item.kind), item.id, page.title, outcome, is_made=page.pk in self.run.made, **fields
        )
        self.run.suspect(record, suspicions, unseen)

    def _values(
        self, item: Item, place: Place, converted: Converted, moment: datetime.datetime, notes: list[str]
    ) -> dict[str, Any]:
        """What the page is to say, by field."""
        body = self._body(converted, item, notes)
        title = title_of(item.title)
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
                "facilitators": [
                    person.pk for person in self.people.facilitators(place.proposition, converted.facilitators, notes)
                ],
            }
        if place.kind == "page":
            if names:
                notes.append(f"Categories, which pages of text here do not have: {', '.join(names)}")
            return {"title": title, "body": body}
        own = [
            term
            for term in item.categories
            if term.kind == "category"
            and term.slug not in self.places.number_of_category
            and term.slug not in ("uncategorized", "uncategorised")
        ]
        if own:
            self.places.used_by_categories.setdefault(own[0].slug, "posts")
        if len(own) > 1:
            notes.append(f"Other categories, of which posts here have one: {', '.join(term.name for term in own[1:])}")
        person = self.people.by_login.get(item.creator)
        if item.creator in self.people.erased_logins:
            notes.append("Its author was erased here and is not named again")
        elif person is None:
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
            self.run.last_date = item.date
            return item.date
        known = self.run.last_date or self.run.found.first_date
        if known is None and self.places.event:
            known = datetime.datetime.combine(self.places.event.starts_on, datetime.time(9), tzinfo=datetime.UTC)
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
                    body.append(self.files.picture(block, notes))
        return body

    def _link_for(self, address: str) -> dict[str, str] | None:
        """Our own page or document, for an address of the old site."""
        page = self.places.page_at(address)
        if page:
            return {"linktype": "page", "id": str(page[0]), "address": page[1]}
        document = self.files.document_at(address)
        if document is not None:
            return {"linktype": "document", "id": str(document.pk), "address": document.url}
        return None


def _counted(text: str, number: int) -> str:
    return f"{text} ({number} times)" if number > 1 else text
