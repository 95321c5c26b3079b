"""Every write about injected texts: looking through everything, deciding, taking out, putting back."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, Revision, Site

from content.injected import find_injected_text
from discussion.actions import hide_comment, release_comment
from discussion.choices import CommentState, SuspectPlace, SuspectState
from discussion.exceptions import NotAllowed, NotThereAnyMore, StateConflict
from discussion.injected.texts import Key, Looker, Suspicion, content_of
from discussion.models import STALLED, Comment, SuspectText, TextScan
from discussion.permissions import can_look_for_injected
from people.models import User
from people.permissions import AnyUser

# Of a page with more, the oldest are left out.
MOST_REVISIONS = 300
HIDDEN_BECAUSE = "Words that may have been injected"


# Looking


def start_scan(*, actor: AnyUser | None) -> tuple[TextScan, bool]:
    """Make ready to look through all texts. Answers the scan and whether it is new: one goes on at a time.

    Without an actor it is the clock's or the command line's.
    """
    if actor is not None and not can_look_for_injected(actor):
        raise NotAllowed("Only editors, moderators and organisers look through the texts.")
    with transaction.atomic():
        running = (
            TextScan.objects.select_for_update().filter(finished_at=None, moved_at__gt=timezone.now() - STALLED).first()
        )
        if running:
            return running, False
        total = _pages().count() + _comments().count()
        return TextScan.objects.create(started_by=_account(actor), total=total), True


def run_scan(*, scan_id: int) -> TextScan:
    """Look through every page with its revisions, and every comment. Each page is a transaction of its own.

    Run again, it goes through everything anew; what was decided stays decided.
    """
    hosts = own_hosts()
    done = 0
    for page_id in list(_pages().order_by("pk").values_list("pk", flat=True)):
        found = look_through_page(page_id=page_id, hosts=hosts)
        done += 1
        _note_progress(scan_id, done, found)
    last = 0
    while True:
        comments = list(_comments().filter(pk__gt=last).order_by("pk")[:500])
        if not comments:
            break
        last = comments[-1].pk
        found = look_through_comments(comments=comments, hosts=hosts)
        done += len(comments)
        _note_progress(scan_id, done, found)
    TextScan.objects.filter(pk=scan_id).update(finished_at=timezone.now(), done=done, total=done)
    return TextScan.objects.get(pk=scan_id)


def look_through_page(*, page_id: int, hosts: set[str] | None = None) -> int:
    """Note what may have been injected into a page: in what readers see, its draft and its earlier revisions.

    Answers how many were new. For each, the revision in which it came: the first of those without a break until now.
    """
    page = Page.objects.filter(pk=page_id).specific().first()
    if page is None:
        return 0
    looker = Looker(own_hosts() if hosts is None else hosts)
    revisions = list(
        Revision.page_revisions.filter(object_id=str(page_id))
        .order_by("-created_at", "-pk")
        .select_related("user")[:MOST_REVISIONS]
    )[::-1]
    model = type(page)
    in_revisions = [(revision, looker.suspicions(revision.content, model)) for revision in revisions]
    now = looker.suspicions(content_of(page), model)
    published = now if page.live else {}
    draft = in_revisions[-1][1] if in_revisions and (page.has_unpublished_changes or not page.live) else {}
    if not page.live and not draft:
        draft = now
    seen: dict[Key, tuple[SuspectPlace, Suspicion]] = {}
    for _, suspicions in in_revisions:
        for key, suspicion in suspicions.items():
            seen[key] = (SuspectPlace.EARLIER, suspicion)
    seen |= {key: (SuspectPlace.DRAFT, suspicion) for key, suspicion in draft.items()}
    seen |= {key: (SuspectPlace.PUBLISHED, suspicion) for key, suspicion in published.items()}
    new = 0
    with transaction.atomic():
        known = {
            (suspect.kind, suspect.quote): suspect
            for suspect in SuspectText.objects.select_for_update().filter(page_id=page_id)
        }
        for key, (place, suspicion) in seen.items():
            revision = _came_in(key, in_revisions)
            new += _note(
                known.get(key),
                suspicion,
                place,
                page_id=page_id,
                revision=revision,
                came_at=revision.created_at if revision else None,
            )
        _forget_unseen(known, set(seen))
    return new


def look_through_comments(*, comments: list[Comment], hosts: set[str] | None = None) -> int:
    """The same for comments. They have no revisions; who wrote one is said by the comment."""
    hosts = own_hosts() if hosts is None else hosts
    known_by_comment: dict[int, dict[Key, SuspectText]] = {}
    for suspect in SuspectText.objects.filter(comment_id__in=[comment.pk for comment in comments]):
        known_by_comment.setdefault(suspect.comment_id or 0, {})[(suspect.kind, suspect.quote)] = suspect
    new = 0
    for comment in comments:
        found: dict[Key, Suspicion] = {}
        for finding in find_injected_text(comment.body, is_html=False, own_hosts=hosts):
            key = (finding.kind.value, finding.quote)
            if key in found:
                found[key].times += 1
            else:
                found[key] = Suspicion(finding, "comment")
        known = known_by_comment.get(comment.pk, {})
        if not found and not known:
            continue
        place = SuspectPlace.PUBLISHED if comment.state == CommentState.PUBLISHED else SuspectPlace.EARLIER
        with transaction.atomic():
            for key, suspicion in found.items():
                new += _note(
                    known.get(key),
                    suspicion,
                    place,
                    comment_id=comment.pk,
                    came_at=comment.edited_at or comment.created_at,
                )
            _forget_unseen(known, set(found))
    return new


# Deciding


def mark_as_fine(*, actor: AnyUser, suspect: SuspectText) -> SuspectText:
    """These words are meant to stand there. They are not reported again."""
    _check(actor)
    return _decided(actor, suspect, SuspectState.FINE)


def look_again(*, actor: AnyUser, suspect: SuspectText) -> SuspectText:
    """Take back that words are fine."""
    _check(actor)
    if suspect.state == SuspectState.TAKEN_OUT:
        raise StateConflict("They were taken out. Put them back instead.")
    return _decided(actor, suspect, SuspectState.OPEN)


def take_out(*, actor: AnyUser, suspect: SuspectText) -> SuspectText:
    """Take these words out wherever they stand in the text.

    Of a page this makes a new revision, published if the page is, and one more of its draft if it has one; so whoever
    does it must be allowed to publish the page. A comment is its author's: it is hidden, not changed.
    """
    _check(actor)
    with transaction.atomic():
        suspect = _locked(suspect)
        if suspect.state == SuspectState.TAKEN_OUT:
            return suspect
        if suspect.comment_id:
            comment = suspect.comment
            assert comment is not None  # noqa: S101 for mypy
            hide_comment(actor=actor, comment=comment, reason=HIDDEN_BECAUSE)
            suspect.undo = {"was": comment.state}
        else:
            suspect.undo = _take_out_of_page(actor, suspect)
        suspect.place = SuspectPlace.EARLIER
        return _decided(actor, suspect, SuspectState.TAKEN_OUT)


def put_back(*, actor: AnyUser, suspect: SuspectText) -> SuspectText:
    """Undo a taking out, as one more revision. Refused once somebody has changed the page since."""
    _check(actor)
    with transaction.atomic():
        suspect = _locked(suspect)
        if suspect.state != SuspectState.TAKEN_OUT:
            return suspect
        if suspect.comment_id:
            comment = suspect.comment
            assert comment is not None  # noqa: S101 for mypy
            if comment.state == CommentState.HIDDEN and suspect.undo.get("was") == CommentState.PUBLISHED:
                release_comment(actor=actor, comment=comment)
        else:
            _put_back_into_page(actor, suspect)
        suspect.undo = {}
        suspect.place = SuspectPlace.PUBLISHED
        return _decided(actor, suspect, SuspectState.OPEN)


def reads_then(suspect: SuspectText) -> str:
    """How the words around would read without it."""
    return f"{suspect.before} {suspect.after}".strip()


def own_hosts() -> set[str]:
    hosts = set(Site.objects.values_list("hostname", flat=True))
    return hosts | {urlsplit(settings.BASE_URL).hostname or "localhost"}


# Parts of the above


def _pages() -> Any:
    return Page.objects.filter(depth__gt=1)


def _comments() -> Any:
    return Comment.objects.filter(state__in=[CommentState.PUBLISHED, CommentState.HELD])


def _note_progress(scan_id: int, done: int, found: int) -> None:
    TextScan.objects.filter(pk=scan_id).update(done=done, found=F("found") + found, moved_at=timezone.now())


def _came_in(key: Key, in_revisions: list[tuple[Revision, dict[Key, Suspicion]]]) -> Revision | None:
    """The first revision of the last stretch in which these words stood; None if they stand in none."""
    came: Revision | None = None
    was_there = False
    for revision, suspicions in in_revisions:
        if key in suspicions and not was_there:
            came = revision
        was_there = key in suspicions
    return came


def _note(known: SuspectText | None, suspicion: Suspicion, place: SuspectPlace, **where: Any) -> int:
    """Keep a suspicion, or renew what is known of it. Answers 1 if it is to be looked at and was not before."""
    finding = suspicion.finding
    suspect = known or SuspectText(kind=finding.kind.value, quote=finding.quote)
    suspect.before, suspect.after = finding.before[-200:], finding.after[:200]
    suspect.part, suspect.times, suspect.place = suspicion.field, suspicion.times, place
    for name, value in where.items():
        setattr(suspect, name, value)
    # Taken out, and back in what readers see: somebody put them there again.
    is_back = suspect.state == SuspectState.TAKEN_OUT and place == SuspectPlace.PUBLISHED
    if is_back:
        suspect.state, suspect.undo = SuspectState.OPEN, {}
    suspect.save()
    return int(known is None or is_back)


def _forget_unseen(known: dict[Key, SuspectText], seen: set[Key]) -> None:
    gone = [suspect.pk for key, suspect in known.items() if key not in seen and suspect.state == SuspectState.OPEN]
    if gone:
        SuspectText.objects.filter(pk__in=gone).delete()


def _take_out_of_page(actor: AnyUser, suspect: SuspectText) -> dict[str, Any]:
    page = _page_for(actor, suspect)
    user = _account(actor)
    looker = Looker(own_hosts())
    model = type(page)
    key = (suspect.kind, suspect.quote)
    draft = page.get_latest_revision() if page.has_unpublished_changes or not page.live else None
    undo: dict[str, Any] = {}
    if page.live:
        content = content_of(page)
        cleaned, count = looker.without_suspicion(content, model, key)
        if count:
            # What was written straight into the database stands in no revision yet, and could not be put back.
            before = page.specific.save_revision(user=user, changed=False, clean=False)
            undo["published"] = before.pk
            revision = page.with_content_json(cleaned).save_revision(user=user, clean=False, log_action=True)
            revision.publish(user=user)
            page = Page.objects.get(pk=page.pk).specific
            undo["after"] = revision.pk
    if draft is not None:
        cleaned, count = looker.without_suspicion(draft.content, model, key)
        if count or undo:
            # A draft goes on being one, on top of what was published just now.
            revision = page.with_content_json(cleaned).save_revision(user=user, clean=False, log_action=True)
            undo["draft"], undo["after"] = draft.pk, revision.pk
    if not undo:
        raise NotThereAnyMore
    log(instance=page, action="discussion.take_out", user=user, data={"quote": suspect.quote})
    return undo


def _put_back_into_page(actor: AnyUser, suspect: SuspectText) -> None:
    page = _page_for(actor, suspect)
    user = _account(actor)
    if page.latest_revision_id != suspect.undo.get("after"):
        raise StateConflict("The page was changed since. Its history has the revision from before.")
    for name in ("published", "draft"):
        before = Revision.objects.filter(pk=suspect.undo.get(name, 0)).first()
        if before is None:
            continue
        revision = before.as_object().save_revision(user=user, previous_revision=before, clean=False, log_action=True)
        if name == "published":
            revision.publish(user=user)
    log(instance=page, action="discussion.put_back", user=user, data={"quote": suspect.quote})


def _page_for(actor: AnyUser, suspect: SuspectText) -> Page:
    page = Page.objects.select_for_update(of=("self",)).get(pk=suspect.page_id).specific
    permissions = page.permissions_for_user(actor)
    if not permissions.can_edit() or (page.live and not permissions.can_publish()):
        raise NotAllowed("You may not publish this page. Ask somebody who may.")
    if permissions.page_locked():
        raise StateConflict("The page is locked. Unlock it first.")
    return page


def _locked(suspect: SuspectText) -> SuspectText:
    return (
        SuspectText.objects.select_for_update(of=("self",)).select_related("page", "comment__person").get(pk=suspect.pk)
    )


def _decided(actor: AnyUser, suspect: SuspectText, state: SuspectState) -> SuspectText:
    suspect.state, suspect.decided_by, suspect.decided_at = state, _account(actor), timezone.now()
    suspect.save(update_fields=["state", "decided_by", "decided_at", "undo", "place"])
    # The site's history is for editors too: it names the comment, not its words.
    title = suspect.subject if suspect.comment_id else None
    user = _account(actor)
    log(instance=suspect, action="discussion.decide_suspect", user=user, title=title, data={"done": state.label})
    return suspect


def _check(actor: AnyUser) -> None:
    if not can_look_for_injected(actor):
        raise NotAllowed("Only editors, moderators and organisers decide about this.")


def _account(actor: AnyUser | None) -> User | None:
    return actor if isinstance(actor, User) else None
