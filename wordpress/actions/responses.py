"""What a text was answered with: comments in their threads, pingbacks and trackbacks as mentions."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from wagtail.models import Page

from discussion.actions import change_imported_comment, import_comment, import_mention, release_comment
from discussion.choices import CommentState, MentionState
from discussion.models import Comment, DiscussedPageMixin, Mention
from discussion.text import normalise
from people.keys import author_key_of_email, author_key_of_stranger, author_keys_of_address, author_keys_of_stranger
from people.personal import NAME_REMOVED
from wordpress.actions.people import People
from wordpress.actions.places import Places
from wordpress.actions.records import (
    ERASED,
    HELD_FOR_WORDS,
    HELD_THERE,
    MENTION_KINDS,
    Run,
    digest_of,
    kind_of_response,
    label_of,
)
from wordpress.choices import BatchState, Outcome
from wordpress.markup import plain_text, words_of
from wordpress.models import Record
from wordpress.reader import Item, Response
from wordpress.survey import path_of
from wordpress.suspicions import suspicions_in

TAKEN_BACK = "Its author has taken it back here"
_address = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Responses:
    def __init__(self, run: Run, places: Places, people: People) -> None:
        self.run, self.places, self.people = run, places, people
        self.later: list[tuple[int, Item, Response]] = []
        # The same few people comment on a blog again and again.
        self.key_of_email = lru_cache(1000)(author_key_of_email)
        self.remains_of_address = lru_cache(1000)(lambda email: run.erased.remains(author_keys_of_address(email)))
        self.kept = self._kept()

    def _kept(self) -> dict[tuple[str, str], tuple[str, str]]:
        """What moderators and authors had decided about responses of imports that were undone since."""
        undone = Record.objects.filter(
            batch__source=self.run.batch.source, batch__state__in=[BatchState.UNDONE, BatchState.FAILED]
        )
        decided = undone.exclude(kept_state="")
        latest = {
            (record.kind, record.source_id): (record.kept_state, record.kept_reason)
            for record in undone.filter(source_id__in=decided.values("source_id")).order_by("pk")
        }
        return {key: (state, reason) for key, (state, reason) in latest.items() if state}

    def skip_all(self, item: Item, reason: str) -> None:
        for response in item.responses:
            self._skip(item, response, reason)

    def bring(self, page: Page, item: Item) -> None:
        if not item.responses:
            return
        if not isinstance(page, DiscussedPageMixin):
            self.skip_all(item, "Pages of text here take no comments")
            return
        made: dict[str, Comment] = {}
        comments = {one.id: one for one in item.responses if one.kind == "comment"}
        for response in _parents_first(comments):
            self._comment(page, item, response, comments, made)
        for response in item.responses:
            if response.kind in MENTION_KINDS:
                self._mention(page, item, response)
            elif response.kind != "comment":
                self._skip(item, response, f"A kind of response that is not known here: “{response.kind[:40]}”")

    def bring_links_between_pages(self) -> None:
        """Pingbacks from the blog's own posts: once all are published, their own links have been noticed."""
        for page_id, item, response in self.later:
            self._mention(Page.objects.get(pk=page_id).specific, item, response, is_last=True)

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
            self._skip(item, response, reason)
            return
        notes: list[str] = []
        digest = digest_of([body, response.approved, response.parent, response.author])
        before = self.run.before("comment", source_id)
        if before and before.comment and before.comment.page_id == page.pk:
            made[response.id] = before.comment
        if self._is_erased(item, response):
            self._skip(item, response, ERASED, comment=made.get(response.id))
            return
        if before and response.id in made:
            self._comment_again(before, body, item, response, digest)
            return
        kept_state, kept_reason = self.kept.get(("comment", source_id), ("", ""))
        if kept_state == CommentState.WITHDRAWN:
            self._skip(item, response, TAKEN_BACK, kept_state=kept_state)
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
            moment = item.date or self.run.last_date or self.run.found.first_date or timezone.now()
            notes.append("It had no date; it has that of its post")
        if not response.author:
            notes.append("It named no author")
        if len(response.author) > 50:
            notes.append(f"The author's name was shortened: {response.author}")
        suspicions = suspicions_in(response.content, self.run.found.hosts)
        is_approved = response.approved in ("1", "approve", "approved")
        state, reason = CommentState.PUBLISHED, ""
        if kept_state:
            state, reason = CommentState(kept_state), kept_reason or "A moderator had decided about it"
            notes.append("A moderator had taken it out of sight here before the import was undone; it stays so")
            suspicions = []
        elif suspicions or not is_approved:
            state, reason = CommentState.HELD, HELD_FOR_WORDS if suspicions else HELD_THERE
        person = self.people.by_login.get(self.people.user_ids.get(response.user_id, ""))
        comment = import_comment(
            actor=self.run.actor,
            page=page,
            source_key=f"{self.run.batch.source}/{item.kind}/{source_id}",
            body=body,
            moment=moment,
            author_key=self._author_key(item, response),
            name=person.name if person else response.author,
            consent=self.run.choices.consent,
            parent=parent,
            person=person,
            state=state,
            reason=reason,
        )
        made[response.id] = comment
        fields = {"comment": comment, "is_made": True, "digest": digest, "notes": notes}
        record = self._record(item, response, Outcome.IMPORTED, **fields)
        self.run.suspect(record, suspicions, [])

    def _comment_again(self, before: Record, body: str, item: Item, response: Response, digest: str) -> None:
        comment = cast(Comment, before.comment)
        fields: dict[str, Any] = {"comment": comment, "digest": digest}
        if before.digest == digest:
            self._record(item, response, Outcome.UNCHANGED, **fields)
            return
        if comment.state == CommentState.WITHDRAWN:
            self._skip(item, response, TAKEN_BACK, comment=comment)
            return
        if comment.edited_at is not None:
            self._skip(
                item, response, "It was changed here since it was imported, and is left as it is", comment=comment
            )
            return
        fields["previous_text"] = comment.comment if comment.comment != body else ""
        change_imported_comment(actor=self.run.actor, comment=comment, body=body)
        # What a moderator here holds is the moderator's to release.
        is_waiting = comment.state == CommentState.HELD and comment.hold_reason == HELD_THERE
        if response.approved == "1" and is_waiting and not suspicions_in(body, self.run.found.hosts):
            release_comment(actor=self.run.actor, comment=comment)
            fields["previous_state"] = CommentState.HELD
            fields["notes"] = ["Released here, as it was there since"]
        self._record(item, response, Outcome.UPDATED, **fields)

    def _record(self, item: Item, response: Response, outcome: str, **fields: Any) -> Record:
        """What became of a response. Of one whose author was erased here, the report keeps no name and no word."""
        key = self._author_key(item, response) if response.kind == "comment" else ""
        return self.run.record(
            kind_of_response(response),
            f"{item.id}/{response.id}",
            NAME_REMOVED if self._is_erased(item, response) else label_of(response),
            outcome,
            author_key=self._remains(item, response) or key,
            **fields,
        )

    def _skip(self, item: Item, response: Response, reason: str, **fields: Any) -> None:
        self._record(item, response, Outcome.SKIPPED, reason=reason, **fields)

    def _is_erased(self, item: Item, response: Response) -> bool:
        if response.kind != "comment":
            return False
        by_account = self.people.user_ids.get(response.user_id, "") in self.people.erased_logins
        return by_account or bool(self._remains(item, response))

    def _remains(self, item: Item, response: Response) -> str:
        """The key of what remains of its author, if they were erased here, under whichever SECRET_KEY; else empty."""
        if response.kind != "comment" or not self.run.erased:
            return ""
        if _address.fullmatch(response.email):
            # Also of an address that has an account here since: what was erased before that stays so.
            return self.remains_of_address(response.email)
        return self.run.erased.remains(author_keys_of_stranger(self.run.batch.source, _name_of(item, response)))

    def _author_key(self, item: Item, response: Response) -> str:
        if _address.fullmatch(response.email):
            return self.key_of_email(response.email)
        return author_key_of_stranger(self.run.batch.source, _name_of(item, response))

    def _mention(self, page: Page, item: Item, response: Response, *, is_last: bool = False) -> None:
        source_id = f"{item.id}/{response.id}"
        kind = kind_of_response(response)
        if response.approved in ("spam", "trash", "post-trashed"):
            self._skip(item, response, "It was marked as spam or in the bin")
            return
        address = response.url.strip()
        try:
            URLValidator(schemes=["http", "https"])(address)
        except ValidationError:
            self._skip(item, response, "It does not say where the link stands")
            return
        if len(address) > 500:
            self._skip(item, response, "Its address is longer than can be kept")
            return
        source_page_id = self.places.by_address.get(path_of(address))
        if source_page_id and not is_last:
            # Once all pages are published, their own links have been noticed.
            self.later.append((page.pk, item, response))
            return
        before = self.run.before(kind, source_id)
        if before and before.mention:
            self._record(item, response, Outcome.UNCHANGED, mention=before.mention)
            return
        is_hidden = self.kept.get((kind, source_id), ("", ""))[0] == MentionState.HIDDEN
        excerpt = words_of(response.content)
        suspicions = suspicions_in(f"{response.content} {response.author}", self.run.found.hosts)
        mention, is_new = import_mention(
            actor=self.run.actor,
            page=page,
            source_url=address,
            title=words_of(response.author),
            excerpt=excerpt,
            source_page=Page.objects.filter(pk=source_page_id).first() if source_page_id else None,
            moment=response.date or item.date or self.run.last_date,
            is_published=response.approved == "1" and not suspicions and not is_hidden,
        )
        notes = ["It had no date; it has that of its post"] if response.date is None else []
        if is_hidden and is_new:
            Mention.objects.filter(pk=mention.pk).update(state=MentionState.HIDDEN, hold_reason="")
            notes.append("A moderator had hidden it here before the import was undone; it stays so")
            suspicions = []
        if kind == "trackback":
            notes.append("A trackback is kept as a pingback")
        if not is_new and not mention.is_internal:
            self._skip(item, response, "The same page mentions it already", mention=mention)
            return
        if mention.is_internal:
            notes.append("It stands as a link from a page of this site, which it now is")
        record = self._record(item, response, Outcome.IMPORTED, mention=mention, is_made=is_new, notes=notes)
        self.run.suspect(record, suspicions, [])


def _name_of(item: Item, response: Response) -> str:
    """The name by which whoever gave no address is one person there; without any, each response is somebody's."""
    return response.author or f"{item.id}/{response.id}"


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
