"""Taking back what a run of an import brought."""

from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.log_actions import log
from wagtail.models import Page, ReferenceIndex, Revision

from discussion.actions import change_imported_comment, hold_comment
from discussion.choices import CommentState, MentionState
from discussion.models import Comment, Mention
from gathering.models import Entry
from people.models import User
from people.permissions import is_organiser
from wordpress.actions.records import HELD_FOR_WORDS, HELD_THERE
from wordpress.choices import BatchState, Outcome
from wordpress.exceptions import ImportRefused
from wordpress.models import Batch, Record

BATCH = 500
STANDING = (BatchState.DONE, BatchState.RUNNING)


@dataclass
class TakenBack:
    """What an undoing did, and what it had to leave, each with why."""

    removed: int = 0
    restored: int = 0
    left: list[str] = field(default_factory=list)


def undo_import(*, actor: User, batch: Batch) -> TakenBack:
    """Take away what a run made and give back what it changed, in one transaction.

    Refused where a later run from the same blog stands on it, or where an editor has sorted its comments already.
    A run that is still on its way notices before its next text, stops and takes back what it made meanwhile.
    What people added to it since stays, with the page it stands on.
    """
    if not is_organiser(actor):
        raise ImportRefused("Only organisers can undo an import.")
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if not batch.is_standing:
            raise ImportRefused("There is nothing to undo: this import does not stand.")
        later = Batch.objects.filter(source=batch.source, state__in=STANDING, pk__gt=batch.pk).last()
        if later:
            raise ImportRefused(f"Undo the later import of {later.created_at:%-d %B %Y, %H.%M} first.")
        sorted_entries = Entry.objects.filter(
            comment__in=_made(batch, "comment").values("comment"),
        ).exclude(disposition=Entry.Disposition.UNDECIDED, excerpts=None)
        number = sorted_entries.distinct().count()
        if number:
            raise ImportRefused(
                f"{number} of its comments are sorted in the ledger already, and a briefing may rest on them. "
                "Put them back among the undecided first."
            )
        taken = take_back(actor=actor, batch=batch)
        batch.state = BatchState.UNDONE
        batch.undone_at = timezone.now()
        batch.notes = [*batch.notes, *taken.left]
        batch.save(update_fields=["state", "undone_at", "notes"])
        log(instance=batch, action="wordpress.undo", user=actor, data={"removed": taken.removed})
    return taken


def take_back(*, actor: User, batch: Batch) -> TakenBack:
    """Remove all that a batch made, whatever state it is in. Also what ends a run that broke."""
    taken = TakenBack()
    with transaction.atomic():
        _restore(actor, batch, taken)
        _redirects(batch, taken)
        _responses(batch, taken)
        _pages(actor, batch, taken)
        _people_and_files(batch, taken)
    return taken


def _made(batch: Batch, field_name: str) -> Any:
    return batch.records.filter(is_made=True, **{f"{field_name}__isnull": False})


def _restore(actor: User, batch: Batch, taken: TakenBack) -> None:
    """Texts and comments as they were before they were updated, unless somebody has changed them since."""
    decided = 0
    for record in batch.records.filter(outcome=Outcome.UPDATED, is_made=False).select_related("page", "comment"):
        if record.comment:
            if not (record.previous_text or record.previous_state):
                continue
            if _is_decided_about(record.comment):
                decided += 1
                continue
            _restore_comment(actor, record)
            taken.restored += 1
        elif record.page and record.previous_revision_id:
            page = record.page
            revision = Revision.objects.filter(pk=record.previous_revision_id).first()
            if page.latest_revision_id != record.revision_id or revision is None:
                taken.left.append(f"“{page.title}” was changed here since; it stays as it is.")
                continue
            restored = page.specific
            again = (
                restored.save_revision(user=actor)
                if revision is None
                else revision.as_object().save_revision(user=actor)
            )
            if restored.live:
                again.publish(user=actor)
            # A repeated import takes the page for unchanged by hand.
            Record.objects.filter(page=page, revision_id=record.previous_revision_id).update(revision_id=again.pk)
            taken.restored += 1
    if decided:
        comments = f"{decided} comments stay as they are" if decided > 1 else "One comment stays as it is"
        taken.left.append(f"{comments}: a moderator or the author has decided about it since.")


def _is_decided_about(comment: Comment) -> bool:
    """Whether a moderator has hidden a comment, or its author withdrawn or changed it. A later import does neither."""
    return comment.state in (CommentState.HIDDEN, CommentState.WITHDRAWN) or comment.edited_at is not None


def _restore_comment(actor: User, record: Record) -> None:
    comment = cast(Comment, record.comment)
    if record.previous_text:
        change_imported_comment(actor=actor, comment=comment, body=record.previous_text)
    is_answered = Comment.objects.filter(parent_id=comment.pk).exclude(pk=comment.pk).exists()
    if record.previous_state == CommentState.HELD and comment.state == CommentState.PUBLISHED and not is_answered:
        hold_comment(actor=actor, comment=comment, reason=HELD_THERE)


def _redirects(batch: Batch, taken: TakenBack) -> None:
    made = batch.records.filter(is_redirect_made=True)
    for record in made.iterator():
        Redirect.objects.filter(old_path=record.redirect_from, site=None, redirect_page=record.page).delete()
    batch.old_addresses.all().delete()


def _responses(batch: Batch, taken: TakenBack) -> None:
    _remember_decisions(batch)
    mentions = Mention.objects.filter(pk__in=_made(batch, "mention").values("mention"))
    taken.removed += mentions.count()
    mentions.delete()
    own = set(_made(batch, "comment").values_list("comment", flat=True))
    # Answers given here keep what they answer.
    answered = set(Comment.objects.filter(root__in=own).exclude(pk__in=own).values_list("root", flat=True)) | set(
        Comment.objects.exclude(pk__in=own).filter(parent_id__in=own).values_list("parent_id", flat=True)
    )
    kept_roots = answered | set(Comment.objects.filter(pk__in=answered).values_list("root", flat=True))
    kept = {pk for pk in own if pk in kept_roots}
    kept |= set(Comment.objects.filter(pk__in=own, root__in=kept_roots).values_list("pk", flat=True))
    if kept:
        taken.left.append(f"{len(kept)} comments stay: people have answered in their threads since.")
    removable = sorted(own - kept, reverse=True)
    for start in range(0, len(removable), BATCH):
        numbers = removable[start : start + BATCH]
        Entry.objects.filter(comment__in=numbers).delete()
        # Replies come after what they answer, so they go first; the library's tables go with them.
        for comment in Comment.objects.filter(pk__in=numbers).order_by("-pk"):
            comment.delete()
    taken.removed += len(removable)


def _remember_decisions(batch: Batch) -> None:
    """Write down what was hidden, held or withdrawn here, so that it stays so when the blog is brought in again."""
    decided = (
        Comment.objects.filter(pk__in=_made(batch, "comment").values("comment"))
        .exclude(state=CommentState.PUBLISHED)
        .exclude(state=CommentState.HELD, hold_reason__in=[HELD_THERE, HELD_FOR_WORDS])
    )
    for comment in decided.iterator():
        batch.records.filter(comment=comment).update(
            kept_state=comment.state, kept_reason=comment.hide_reason or comment.hold_reason
        )
    hidden = Mention.objects.filter(pk__in=_made(batch, "mention").values("mention"), state=MentionState.HIDDEN)
    batch.records.filter(mention__in=hidden).update(kept_state=MentionState.HIDDEN)


def _pages(actor: User, batch: Batch, taken: TakenBack) -> None:
    records = _made(batch, "page").select_related("page")
    for record in sorted(records, key=lambda record: record.page.path, reverse=True):
        page = Page.objects.filter(pk=record.page_id).first()
        if page is None:
            continue
        if page.get_children().exists():
            taken.left.append(f"“{page.title}” stays: pages stand below it.")
        elif Comment.objects.filter(page=page).exists() or Mention.objects.filter(page=page, source_page=None).exists():
            taken.left.append(f"“{page.title}” stays: people have answered it since.")
        elif _is_changed_since(page, record):
            taken.left.append(f"“{page.title}” stays: it was changed here since.")
        else:
            page.specific.delete(user=actor)
            taken.removed += 1


def _is_changed_since(page: Page, record: Record) -> bool:
    if record.revision_id is None:
        # A run that broke had not come to its text yet, or it had no text to come.
        return page.revisions.count() > 1
    return page.latest_revision_id != record.revision_id


def _people_and_files(batch: Batch, taken: TakenBack) -> None:
    for record in batch.records.filter(is_made=True).select_related("person", "image", "document"):
        for made in (record.person, record.image, record.document):
            if made is None:
                continue
            if _is_used(made):
                taken.left.append(f"“{made}” stays: it is used elsewhere.")
                continue
            try:
                with transaction.atomic():
                    made.delete()
                taken.removed += 1
            except ProtectedError:
                taken.left.append(f"“{made}” stays: other pages name them.")


def _is_used(made: Any) -> bool:
    """Whether anything but the reports of imports points to it, once the pages of the run are gone."""
    reports = ContentType.objects.get_for_model(Record)
    return ReferenceIndex.get_references_to(made).exclude(base_content_type=reports).exists()
