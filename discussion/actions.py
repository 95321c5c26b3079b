"""Every write of a discussion. Forms, the Wagtail admin, imports and the demo all call these."""

import datetime
import hashlib
import unicodedata
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django_comments_xtd.models import XtdComment
from wagtail.log_actions import log
from wagtail.models import Page

from content.text import clean_line, clean_text
from discussion import follows, mail, rules, spam
from discussion.choices import CommentState, Frequency, MentionKind, MentionState
from discussion.exceptions import (
    ChangedMeanwhile,
    DiscussionClosed,
    EditTimeOver,
    InvalidText,
    LinkExpired,
    LinkUnknown,
    NotAllowed,
    ReplyRefused,
    StateConflict,
    TooManyComments,
    TooManyVoters,
)
from discussion.limits import Limit
from discussion.locks import take_turns
from discussion.models import (
    BODY_LENGTH,
    NAME_LENGTH,
    ROLE_LENGTH,
    Comment,
    CommentVersion,
    ConfirmationMail,
    Contact,
    DiscussedPageMixin,
    Flag,
    Follow,
    Mention,
    MentionNotice,
    PendingComment,
    SpamFilter,
    Support,
)
from discussion.permissions import (
    can_comment,
    can_edit,
    can_flag,
    can_moderate,
    can_support,
    can_withdraw,
    is_author,
    is_editing_time,
)
from discussion.signals import (
    comment_edited,
    comment_hidden,
    comment_published,
    comment_waits_for_check,
    comment_withdrawn,
)
from discussion.text import digest, normalise
from people.consent import Consent
from people.keys import author_key_of_email, author_key_of_user
from people.models import Person, User
from people.permissions import AnyUser, is_editor, is_moderator, is_organiser

LINK_LIFETIME = datetime.timedelta(hours=48)
# A venue's delegates may all come from one network address.
UNCONFIRMED_PER_NETWORK_AND_HOUR = 600
# An account that somebody else got hold of, or that floods, is stopped; who answers a lively thread is not.
PER_ACCOUNT_AND_MINUTE = Limit("account-minute", most=6, seconds=60)
PER_ACCOUNT_AND_HOUR = Limit("account-hour", most=40, seconds=60 * 60)
# Browsers that say something for the first time. A hall of five hundred shares one network; a script has no hall.
NEW_DEVICES_PER_NETWORK_AND_HOUR = Limit("new-devices", most=600, seconds=60 * 60)
# Somebody who presses the button twice wants one e-mail.
RESEND_AFTER = datetime.timedelta(minutes=1)
# Nested replies end somewhere; shown nested to depth 3, kept as they were given to this one.
DEEPEST_LEVEL = 100
VERSIONS_KEPT = 10
# What moderation changes. Never save the rest: the counts beside them are changed by others meanwhile.
MODERATED_FIELDS = ["state", "is_public", "is_removed", "hold_reason", "hide_reason"]


# Writing


def submit_comment(
    *,
    actor: AnyUser | None,
    page: Page,
    body: str,
    consent: str,
    name: str = "",
    email: str = "",
    role: str = "",
    is_name_shown: bool = True,
    parent: Comment | None = None,
    device_key: str = "",
    network_key: str = "",
    hold_reason: str = "",
    wants_answers: bool = False,
    moment: datetime.datetime | None = None,
) -> Comment | PendingComment:
    """Take a comment on a page, or a reply to `parent`.

    From an account it stands at once, published or held as the rules say. Without one it waits as a `PendingComment`
    for its author to follow a link in an e-mail, sent once the transaction is through. The same text sent twice by
    one person in one place is one comment. Who `wants_answers` follows the thread. A `hold_reason` holds it whatever
    the rules say. An import gives the `moment` it was said.
    """
    is_said_now = moment is None
    moment = moment or timezone.now()
    person = getattr(actor, "person", None) if isinstance(actor, User) else None
    if not (page.live and isinstance(page, DiscussedPageMixin)):
        raise DiscussionClosed
    stand = page.discussion_stand(person, moment)
    if not stand.is_open:
        raise DiscussionClosed
    body = _checked_body(body)
    role = _checked_line(role, ROLE_LENGTH, "role")
    consent = _checked_consent(consent, is_name_shown=is_name_shown)
    if not is_name_shown and not role:
        raise InvalidText("Give a role to be shown instead of your name.", field="role")

    if isinstance(actor, User):
        author_key = author_key_of_user(actor)
        fingerprint = _fingerprint(author_key, page, parent, body, moment)
        name = _checked_line(name, NAME_LENGTH, "name") or actor.display_name[:NAME_LENGTH]
        if is_said_now:
            made = _count_for_account(actor, author_key, fingerprint, is_facilitator=stand.is_facilitator)
            if made is not None:
                return made
        is_new = False
        try:
            comment, is_new = _create_comment(
                actor=actor,
                page=page,
                parent=parent,
                body=body,
                name=name,
                role=role,
                consent=consent,
                is_name_shown=is_name_shown,
                person=person,
                author_key=author_key,
                is_facilitator=stand.is_facilitator,
                statement_version=stand.version,
                device_key=device_key,
                hold_reason=hold_reason,
                fingerprint=fingerprint,
                moment=moment,
            )
        finally:
            if is_said_now and not is_new:
                PER_ACCOUNT_AND_MINUTE.give_back(author_key)
                PER_ACCOUNT_AND_HOUR.give_back(author_key)
        if wants_answers:
            _follow_thread(actor, comment, actor.email)
        return comment

    name = _checked_line(name, NAME_LENGTH, "name")
    if not name:
        raise InvalidText("Give the name you want to be known by here.", field="name")
    email = _checked_email(email)
    email_key = follows.email_key(email)
    with transaction.atomic():
        take_turns(f"discussion.mail:{email_key}")
        parent = _current_parent(page, parent)
        same = PendingComment.objects.filter(
            email_key=email_key, page=page, parent=parent, body=body, confirmed_at=None, expires_at__gt=moment
        ).first()
        if same and same.created_at > moment - RESEND_AFTER:
            return same
        follows.check_confirmations(email_key, moment)
        if not same:
            _check_network(network_key, moment)
        pending = same or PendingComment(page=page, parent=parent, body=body, email_key=email_key)
        pending.name, pending.email, pending.role = name, email, role
        pending.consent, pending.is_name_shown = consent, is_name_shown
        pending.statement_version = stand.version
        pending.hold_reason = hold_reason
        pending.wants_answers = wants_answers
        pending.device_key, pending.network_key = device_key, network_key
        pending.created_at = moment
        pending.expires_at = moment + LINK_LIFETIME
        pending.save()
        ConfirmationMail.objects.create(email_key=email_key, sent_at=moment)
        transaction.on_commit(lambda: mail.send_confirmation.enqueue(str(pending.pk)))
    return pending


def confirm_comment(*, actor: AnyUser | None, token: str, device_key: str = "") -> Comment:
    """Make the comment that the link in the e-mail stands for. Any number of times, at once or later: one comment."""
    moment = timezone.now()
    with transaction.atomic():
        pending = (
            PendingComment.objects.select_for_update(of=("self",)).filter(token_hash=mail.hash_token(token)).first()
        )
        if pending is None:
            raise LinkUnknown
        if pending.comment_id:
            return Comment.objects.select_related("page", "person").get(pk=pending.comment_id)
        if pending.confirmed_at or pending.expires_at <= moment:
            raise LinkExpired
        page = pending.page.specific
        if not page.live:
            raise DiscussionClosed
        author_key = author_key_of_email(pending.email)
        # The place it answered may have been closed or withdrawn since; it was said in time.
        comment, _ = _create_comment(
            actor=None,
            page=page,
            parent=pending.parent,
            body=pending.body,
            name=pending.name,
            role=pending.role,
            consent=pending.consent,
            is_name_shown=pending.is_name_shown,
            person=None,
            author_key=author_key,
            is_facilitator=False,
            statement_version=pending.statement_version,
            device_key=pending.device_key,
            confirming_device_key=device_key if device_key != pending.device_key else "",
            hold_reason=pending.hold_reason,
            fingerprint=_fingerprint(author_key, page, pending.parent, pending.body, moment),
            moment=moment,
            is_parent_checked=True,
        )
        Contact.objects.update_or_create(
            author_key=author_key, defaults={"email": pending.email, "confirmed_at": moment}
        )
        if pending.wants_answers:
            _follow_thread(None, comment, pending.email)
        pending.comment = comment
        pending.confirmed_at = moment
        pending.name = pending.email = pending.role = pending.body = ""
        pending.save()
    return comment


def edit_comment(*, actor: AnyUser | None, comment: Comment, body: str, device_key: str = "") -> Comment:
    """Change one's own words within the editing time. What stood there is kept; the rules look at it anew."""
    body = _checked_body(body)
    with transaction.atomic():
        comment = _locked(comment)
        if not can_edit(actor, comment, device_key):
            if is_author(actor, comment, device_key) and not is_editing_time(comment):
                raise EditTimeOver
            raise NotAllowed("Only its author can change a comment.")
        if body == comment.comment:
            return comment
        was_published = comment.state == CommentState.PUBLISHED
        CommentVersion.objects.create(comment=comment, number=comment.versions.count() + 1, body=comment.comment)
        comment.comment = body
        comment.edited_at = timezone.now()
        reason = rules.reason_to_hold(
            actor=actor,
            page=comment.page,
            body=body,
            author_key=comment.author_key,
            is_facilitator=comment.is_facilitator,
        )
        if reason:
            comment.state, comment.is_public, comment.hold_reason = CommentState.HELD, False, reason
        comment.save(update_fields=["comment", "edited_at", *MODERATED_FIELDS])
        log(instance=comment, action="discussion.edit", user=_account(actor))
        comment_edited.send(sender=Comment, comment=comment, actor=actor)
        if reason == rules.BEING_CHECKED:
            transaction.on_commit(lambda: comment_waits_for_check.send(sender=Comment, comment=comment))
        if was_published and reason:
            comment_hidden.send(sender=Comment, comment=comment, actor=actor)
    return comment


def withdraw_comment(*, actor: AnyUser | None, comment: Comment, device_key: str = "") -> Comment:
    """Take one's own comment out of sight for good. Its place in the thread stays."""
    with transaction.atomic():
        comment = _locked(comment)
        if comment.state == CommentState.WITHDRAWN and is_author(actor, comment, device_key):
            return comment
        if not can_withdraw(actor, comment, device_key):
            raise NotAllowed("Only its author can withdraw a comment.")
        comment.state = CommentState.WITHDRAWN
        comment.is_public, comment.is_removed = False, True
        # The author may say the same again.
        comment.fingerprint = None
        comment.save(update_fields=["fingerprint", *MODERATED_FIELDS])
        log(instance=comment, action="discussion.withdraw", user=_account(actor))
        comment_withdrawn.send(sender=Comment, comment=comment, actor=actor)
    return comment


# Taking over from elsewhere


def import_comment(
    *,
    actor: User,
    page: Page,
    source_key: str,
    body: str,
    moment: datetime.datetime,
    author_key: str,
    name: str = "",
    consent: str = Consent.NONE,
    parent: Comment | None = None,
    person: Person | None = None,
    state: str = CommentState.PUBLISHED,
    reason: str = "",
) -> Comment:
    """Keep a comment made on another site, as it stood there: whatever the phase, however long, and without a letter.

    The author was asked nothing here, so `consent` is "do not quote" unless somebody answers for it. The same
    `source_key` makes one comment, however often. A comment that was held there is held here, with the reason.
    """
    if not is_organiser(actor):
        raise NotAllowed("Only organisers can take over comments from another site.")
    if not isinstance(page, DiscussedPageMixin):
        raise DiscussionClosed("This kind of page takes no comments.")
    body = normalise(body)
    if not body:
        raise InvalidText("The comment is empty.", field="comment")
    fingerprint = hashlib.sha256(f"import\0{source_key}".encode()).hexdigest()
    same = Comment.objects.select_related("page", "person").filter(fingerprint=fingerprint).first()
    if same:
        return same
    if parent is not None and (parent.page_id != page.pk or parent.level >= DEEPEST_LEVEL):
        parent = None
    is_published = state == CommentState.PUBLISHED
    comment = Comment(
        content_type=ContentType.objects.get_for_model(type(page)),
        object_pk=str(page.pk),
        site_id=settings.SITE_ID,
        user_name=(clean_line(name) or "No name given")[:NAME_LENGTH],
        comment=body,
        submit_date=moment,
        created_at=moment,
        is_public=is_published,
        is_removed=state == CommentState.HIDDEN,
        thread_id=parent.thread_id if parent else 0,
        parent_id=parent.pk if parent else 0,
        level=parent.level + 1 if parent else 0,
        page=page,
        root_id=(parent.root_id or parent.pk) if parent else None,
        is_root=parent is None,
        state=state,
        is_listed=is_published,
        hold_reason=reason[:200] if state == CommentState.HELD else "",
        hide_reason=reason[:200] if state == CommentState.HIDDEN else "",
        consent=consent,
        author_role=(person.affiliation if person else "")[:ROLE_LENGTH],
        is_facilitator=bool(person and person.user_id and person.user_id in page.facilitator_user_ids()),
        person=person,
        author_key=author_key,
        fingerprint=fingerprint,
        statement_version=page.statement_version_number(),
        # Held ones too: released years later, they are of the day they were said.
        published_at=moment,
        is_imported=True,
    )
    with transaction.atomic():
        comment.save()
        if is_published:
            comment_published.send(sender=Comment, comment=comment, actor=actor, is_new=True)
    return comment


def change_imported_comment(*, actor: User, comment: Comment, body: str) -> Comment:
    """Follow a comment's words on the site it came from. What stood here is kept as a version."""
    if not is_organiser(actor):
        raise NotAllowed("Only organisers can take over comments from another site.")
    with transaction.atomic():
        comment = _locked(comment)
        body = normalise(body)
        if not body or body == comment.comment:
            return comment
        CommentVersion.objects.create(comment=comment, number=comment.versions.count() + 1, body=comment.comment)
        comment.comment = body
        comment.save(update_fields=["comment"])
        comment_edited.send(sender=Comment, comment=comment, actor=actor)
    return comment


def import_mention(
    *,
    actor: User,
    page: Page,
    source_url: str,
    title: str = "",
    excerpt: str = "",
    source_page: Page | None = None,
    moment: datetime.datetime | None = None,
    is_published: bool = True,
) -> tuple[Mention, bool]:
    """Keep a link from elsewhere to a page, as another site recorded it. Answers whether it was new here.

    A page is mentioned once by one address; where the link stands on a page of ours, once by that page.
    """
    if not is_organiser(actor):
        raise NotAllowed("Only organisers can take over mentions from another site.")
    with transaction.atomic():
        if source_page is not None:
            known = Mention.objects.filter(page_id=page.pk, source_page_id=source_page.pk).first()
            if known:
                return known, False
        return Mention.objects.get_or_create(
            page_id=page.pk,
            source_url=source_url,
            defaults={
                "source_page": source_page,
                "title": clean_line(title)[:255],
                "excerpt": clean_text(excerpt),
                "site_name": (urlsplit(source_url).hostname or "")[:160] if source_page is None else settings.SITE_NAME,
                "kind": MentionKind.INTERNAL if source_page else MentionKind.PINGBACK,
                "state": MentionState.PUBLISHED if is_published else MentionState.HELD,
                "received_at": moment or timezone.now(),
            },
        )


# Moderating


# Who decides about a text names the one they read, as `seen`: its author may have changed it since.


def hold_comment(*, actor: AnyUser, comment: Comment, reason: str = "", seen: str | None = None) -> Comment:
    """Take a published or hidden comment out of sight until a moderator has looked at it."""
    _check_moderator(actor)
    reason = _checked_line(reason, 200, "reason")
    with transaction.atomic():
        comment = _locked(comment)
        refuse_unseen(seen, comment.body)
        if comment.state == CommentState.HELD:
            return comment
        _refuse_withdrawn(comment)
        was_published = comment.state == CommentState.PUBLISHED
        comment.state = CommentState.HELD
        comment.is_public, comment.is_removed = False, False
        comment.hold_reason = reason or "A moderator is looking at it"
        comment.save(update_fields=MODERATED_FIELDS)
        log(instance=comment, action="discussion.hold", user=_account(actor), data={"reason": reason})
        if was_published:
            comment_hidden.send(sender=Comment, comment=comment, actor=actor)
    return comment


def release_comment(*, actor: AnyUser, comment: Comment, seen: str | None = None) -> Comment:
    """Let everybody see a held or hidden comment. Flags raised so far are settled by it."""
    _check_moderator(actor)
    with transaction.atomic():
        comment = _locked(comment)
        refuse_unseen(seen, comment.body)
        if comment.state == CommentState.PUBLISHED:
            _settle_flags(comment, actor)
            return comment
        _refuse_withdrawn(comment)
        _release(comment, actor)
    return comment


def settle_check(*, comment: Comment, verdict: bool | None) -> Comment:
    """Act on what an outside check says of a comment that waits for it: advertising, not, or no answer (None).

    Only what waits for nothing else is released; a moderator who was quicker has the last word.
    """
    with transaction.atomic():
        comment = _locked(comment)
        if comment.state != CommentState.HELD or comment.hold_reason != rules.BEING_CHECKED:
            return comment
        if verdict is False:
            _release(comment, None)
            return comment
        comment.hold_reason = "It reads like advertising" if verdict else "It could not be checked for advertising"
        comment.save(update_fields=["hold_reason"])
        log(instance=comment, action="discussion.hold", user=None, data={"reason": comment.hold_reason})
    return comment


def hide_comment(*, actor: AnyUser, comment: Comment, reason: str, seen: str | None = None) -> Comment:
    """Take a comment out of everybody's sight, with a reason that its author reads. Its place in the thread stays."""
    _check_moderator(actor)
    reason = _checked_line(reason, 200, "reason")
    if not reason:
        raise InvalidText("Say why. The author reads it.", field="reason")
    with transaction.atomic():
        comment = _locked(comment)
        refuse_unseen(seen, comment.body)
        if comment.state == CommentState.HIDDEN and comment.hide_reason == reason:
            return comment
        _refuse_withdrawn(comment)
        comment.state = CommentState.HIDDEN
        comment.is_public, comment.is_removed = False, True
        comment.hide_reason, comment.hold_reason = reason, ""
        comment.save(update_fields=MODERATED_FIELDS)
        log(instance=comment, action="discussion.hide", user=_account(actor), data={"reason": reason})
        comment_hidden.send(sender=Comment, comment=comment, actor=actor)
    return comment


# What the filter has learned


def learn_from_decisions(*, actor: AnyUser | None = None) -> SpamFilter:
    """Learn anew from the shipped examples and what moderators decided, as a new version, and use it from now on.

    Takes seconds: call it from a task. Tried out by learning ten times without a tenth, so its figures are those of
    texts it has not seen.
    """
    examples = [*spam.examples_shipped(), *spam.examples_decided()]
    learned = spam.train(examples)
    trial = spam.cross_validate(examples)
    with transaction.atomic():
        take_turns("discussion.spam_filter")
        number = (SpamFilter.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        SpamFilter.objects.filter(is_in_force=True).update(is_in_force=False)
        made = SpamFilter.objects.create(
            number=number,
            spam_count=sum(example.is_spam for example in examples),
            good_count=sum(not example.is_spam for example in examples),
            decided_count=len(examples) - len(spam.examples_shipped()),
            precision=trial.precision,
            recall=trial.recall,
            weights=learned.weights,
            bias=learned.bias,
        )
        # Enough to go back to; each is large.
        kept = SpamFilter.objects.order_by("-number").values_list("number", flat=True)[:VERSIONS_KEPT]
        SpamFilter.objects.exclude(number__in=list(kept)).delete()
        log(instance=made, action="discussion.learn", user=_account(actor))
    return made


def use_spam_filter(*, actor: AnyUser, version: SpamFilter) -> SpamFilter:
    """Go back, or forward, to what was learned at another time."""
    _check_moderator(actor)
    with transaction.atomic():
        take_turns("discussion.spam_filter")
        SpamFilter.objects.exclude(pk=version.pk).filter(is_in_force=True).update(is_in_force=False)
        version.is_in_force = True
        version.save(update_fields=["is_in_force"])
        log(instance=version, action="discussion.use_filter", user=_account(actor))
    return version


# Supporting and flagging


def support_comment(
    *,
    actor: AnyUser | None,
    comment: Comment,
    voter_key: str,
    device_key: str = "",
    network_key: str = "",
    moment: datetime.datetime | None = None,
) -> bool:
    """Support a comment, once a person or device. Answers whether it counted now.

    With a `network_key`, as of a browser not known before, it counts against what one network may bring.
    """
    _check_voter(actor, comment, voter_key, device_key, moment)
    _check_new_device(network_key)
    with transaction.atomic():
        _, is_new = Support.objects.get_or_create(comment_id=comment.pk, voter_key=voter_key)
        if is_new:
            Comment.objects.filter(pk=comment.pk).update(support_count=F("support_count") + 1)
    return is_new


def take_back_support(*, actor: AnyUser | None, comment: Comment, voter_key: str, device_key: str = "") -> bool:
    """Take one's support back. Answers whether there was any."""
    _check_voter(actor, comment, voter_key, device_key)
    with transaction.atomic():
        removed, _ = Support.objects.filter(comment_id=comment.pk, voter_key=voter_key).delete()
        if removed:
            Comment.objects.filter(pk=comment.pk).update(support_count=F("support_count") - 1)
    return bool(removed)


def flag_comment(
    *,
    actor: AnyUser | None,
    comment: Comment,
    voter_key: str,
    reason: str = "",
    device_key: str = "",
    network_key: str = "",
) -> bool:
    """Ask a moderator to look at a comment, once a person or device. Answers whether it counted now."""
    reason = _checked_line(reason, 300, "reason")
    if not voter_key or not can_flag(actor, comment, device_key):
        raise NotAllowed("This comment can't be flagged.")
    _check_new_device(network_key)
    with transaction.atomic():
        _, is_new = Flag.objects.get_or_create(comment_id=comment.pk, voter_key=voter_key, defaults={"reason": reason})
        if is_new:
            Comment.objects.filter(pk=comment.pk).update(flag_count=F("flag_count") + 1)
    return is_new


# Forgetting


def forget_unconfirmed(*, before: datetime.datetime) -> int:
    """Delete comments that nobody confirmed, and addresses of authors of whom nothing stands. Answers how many."""
    count, _ = PendingComment.objects.filter(confirmed_at=None, created_at__lt=before).delete()
    spoke = Comment.objects.filter(author_key=OuterRef("author_key"))
    idle, _ = Contact.objects.filter(~Exists(spoke), confirmed_at__lt=before).delete()
    return count + idle


def forget_network_keys(*, before: datetime.datetime) -> int:
    """Take away from what was written down before a moment from which network it came. Answers from how many."""
    count = 0
    for kept, since in ((PendingComment, "created_at"), (Follow, "created_at"), (MentionNotice, "received_at")):
        old = kept.objects.filter(**{f"{since}__lt": before}).exclude(network_key="")
        count += old.update(network_key="")
    return count


def forget_device_keys(*, before: datetime.datetime) -> int:
    """Take away from comments from which browser they came: it cannot withdraw them any more. Answers from how many."""
    said = Comment.objects.filter(created_at__lt=before).exclude(device_key="", confirming_device_key="")
    waiting = PendingComment.objects.filter(created_at__lt=before).exclude(device_key="")
    return said.update(device_key="", confirming_device_key="") + waiting.update(device_key="")


def forget_letters_sent(*, before: datetime.datetime) -> int:
    """Delete what counts letters to an address, once it counts nothing any more."""
    return ConfirmationMail.objects.filter(sent_at__lt=before).delete()[0]


# Parts of the above


def _create_comment(
    *,
    actor: User | None,
    page: Page,
    parent: Comment | None,
    body: str,
    name: str,
    role: str,
    consent: str,
    is_name_shown: bool,
    person: Person | None,
    author_key: str,
    is_facilitator: bool,
    statement_version: int | None,
    device_key: str,
    hold_reason: str,
    fingerprint: str,
    moment: datetime.datetime,
    confirming_device_key: str = "",
    is_parent_checked: bool = False,
) -> tuple[Comment, bool]:
    """Insert a comment in its place, at a cost that does not hang on the length of the thread.

    Answers also whether it is new: the same words by the same person in the same place stand already otherwise.
    """
    try:
        with transaction.atomic():
            if not is_parent_checked:
                parent = _current_parent(page, parent)
            reason = hold_reason or rules.reason_to_hold(
                actor=actor, page=page, body=body, author_key=author_key, is_facilitator=is_facilitator
            )
            comment = Comment(
                content_type=ContentType.objects.get_for_model(page.specific_class),
                object_pk=str(page.pk),
                site_id=settings.SITE_ID,
                user=actor,
                user_name=name,
                comment=body,
                submit_date=moment,
                created_at=moment,
                is_public=not reason,
                is_removed=False,
                thread_id=parent.thread_id if parent else 0,
                parent_id=parent.pk if parent else 0,
                level=parent.level + 1 if parent else 0,
                page=page,
                root_id=(parent.root_id or parent.pk) if parent else None,
                is_root=parent is None,
                state=CommentState.HELD if reason else CommentState.PUBLISHED,
                is_listed=not reason,
                hold_reason=reason,
                consent=consent,
                author_role=role,
                is_name_shown=is_name_shown,
                is_facilitator=is_facilitator,
                person=person,
                author_key=author_key,
                device_key=device_key,
                confirming_device_key=confirming_device_key,
                fingerprint=fingerprint,
                statement_version=statement_version,
                published_at=None if reason else moment,
            )
            comment.save()
            if reason == rules.BEING_CHECKED:
                transaction.on_commit(lambda: comment_waits_for_check.send(sender=Comment, comment=comment))
            if not reason:
                comment_published.send(sender=Comment, comment=comment, actor=actor, is_new=True)
            return comment, True
    except IntegrityError:
        same = _same_comment(fingerprint)
        if same is None:
            raise
        return same, False


def _fingerprint(author_key: str, page: Page, parent: Comment | None, body: str, moment: datetime.datetime) -> str:
    """What makes the same words by one person in one place on one day one comment."""
    parts = [author_key, str(page.pk), str(parent.pk if parent else 0), str(moment.date()), body]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _same_comment(fingerprint: str) -> Comment | None:
    found: Comment | None = Comment.objects.select_related("page", "person").filter(fingerprint=fingerprint).first()
    return found


def _current_parent(page: Page, parent: Comment | None) -> Comment | None:
    """The parent as it is now: on this page, in sight, and not too deep."""
    if parent is None:
        return None
    found: Comment | None = (
        Comment.objects.published()
        .filter(pk=parent.pk, page_id=page.pk)
        .only("pk", "root_id", "page_id", "thread_id", "level")
        .first()
    )
    if found is None:
        raise ReplyRefused
    if found.level >= DEEPEST_LEVEL:
        raise ReplyRefused("This exchange is as deep as it goes. Reply to an earlier comment.")
    return found


def _locked(comment: Comment) -> Comment:
    return Comment.objects.select_for_update(of=("self",)).select_related("page", "person").get(pk=comment.pk)


def _release(comment: Comment, actor: AnyUser | None) -> None:
    comment.state = CommentState.PUBLISHED
    comment.is_public, comment.is_removed = True, False
    comment.hold_reason = comment.hide_reason = ""
    comment.published_at = comment.published_at or timezone.now()
    if not comment.is_listed:
        comment.is_listed = True
        _count_in_thread(comment, +1)
    comment.flag_count = 0
    comment.save(update_fields=["published_at", "is_listed", "flag_count", *MODERATED_FIELDS])
    log(instance=comment, action="discussion.release", user=_account(actor))
    comment_published.send(sender=Comment, comment=comment, actor=actor)


def _count_in_thread(comment: Comment, difference: int) -> None:
    if comment.root_id:
        XtdComment.norel_objects.filter(pk=comment.root_id).update(nested_count=F("nested_count") + difference)


def _settle_flags(comment: Comment, actor: AnyUser) -> None:
    if comment.flag_count:
        Comment.objects.filter(pk=comment.pk).update(flag_count=0)
        comment.flag_count = 0
        log(instance=comment, action="discussion.settle_flags", user=_account(actor))


def _check_moderator(actor: AnyUser) -> None:
    if not can_moderate(actor):
        raise NotAllowed("Only moderators can do this.")


def refuse_unseen(seen: str | None, *words: str) -> None:
    """Refuse a decision about other words than these. None is for callers that read no words, such as an import."""
    if seen is not None and seen != digest(*words):
        raise ChangedMeanwhile


def _refuse_withdrawn(comment: Comment) -> None:
    if comment.state == CommentState.WITHDRAWN:
        raise StateConflict("Its author has withdrawn this comment. It stays as it is.")


def _check_voter(
    actor: AnyUser | None,
    comment: Comment,
    voter_key: str,
    device_key: str,
    moment: datetime.datetime | None = None,
) -> None:
    if not voter_key or not can_support(actor, comment, device_key):
        raise NotAllowed("This comment can't be supported.")
    page = comment.page.specific
    if not can_comment(actor, page, moment):
        raise DiscussionClosed


def _follow_thread(actor: User | None, comment: Comment, email: str) -> None:
    """Have the author told of answers. Whoever got this far has shown that the address is theirs."""
    thread = comment.root or comment
    follows.follow_page(
        actor=actor,
        page=comment.page,
        email=email,
        thread=thread,
        frequency=Frequency.AT_ONCE,
        is_confirmed=True,
    )


def _check_network(network_key: str, moment: datetime.datetime) -> None:
    if not network_key:
        return
    recent = PendingComment.objects.filter(
        network_key=network_key, confirmed_at=None, created_at__gt=moment - datetime.timedelta(hours=1)
    )
    if recent.count() >= UNCONFIRMED_PER_NETWORK_AND_HOUR:
        raise TooManyComments


def _check_new_device(network_key: str) -> None:
    if network_key and not NEW_DEVICES_PER_NETWORK_AND_HOUR.take(network_key):
        raise TooManyVoters


def _count_for_account(actor: User, author_key: str, fingerprint: str, *, is_facilitator: bool) -> Comment | None:
    """Refuse a flood from one account. Facilitators and staff may say much in an hour, but nobody types that fast.

    The button pressed again makes nothing new, and is answered with what was made.
    """
    is_fast = not PER_ACCOUNT_AND_MINUTE.take(author_key)
    # What is refused as too fast does not use up the hour.
    is_much = not is_fast and not PER_ACCOUNT_AND_HOUR.take(author_key)
    if not is_fast and (not is_much or is_facilitator or is_moderator(actor) or is_editor(actor)):
        return None
    same = _same_comment(fingerprint)
    if same is not None:
        return same
    if is_fast:
        raise TooManyComments("You have posted six comments within a minute. Your text is kept: post it in a minute.")
    raise TooManyComments("You have posted forty comments within an hour. Your text is kept: post it later.")


def _account(actor: AnyUser | None) -> User | None:
    return actor if isinstance(actor, User) else None


def _checked_body(body: str) -> str:
    if len(body) > 2 * BODY_LENGTH:
        body = body[: 2 * BODY_LENGTH]
    body = normalise(body)
    if not body:
        raise InvalidText("Write something first.", field="comment")
    if len(body) > BODY_LENGTH:
        raise InvalidText(f"A comment takes up to {BODY_LENGTH:,} characters. This one has more.", field="comment")
    return body


def _checked_line(text: str, length: int, field: str) -> str:
    """One line of text. Line breaks are refused, since headers of e-mails are made of such lines."""
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in text):
        raise InvalidText("This must be one line, without line breaks.", field=field)
    text = clean_line(text)
    if len(text) > length:
        raise InvalidText(f"This takes up to {length} characters.", field=field)
    return text


def _checked_email(email: str) -> str:
    email = _checked_line(email, 254, "email")
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidText("Give a whole e-mail address, for example name@example.org.", field="email") from None
    return follows.sendable_address(email)


def _checked_consent(consent: str, *, is_name_shown: bool) -> str:
    if consent not in Consent.values:
        raise InvalidText("Choose whether we may quote you.", field="consent")
    if consent == Consent.NAMED and not is_name_shown:
        raise InvalidText("You asked for your name not to be shown. Choose another way to be quoted.", field="consent")
    return consent
