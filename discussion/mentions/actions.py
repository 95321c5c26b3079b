"""Every write about mentions: links between our own pages, from other sites to ours, and from ours to others.

What asks other servers (`settle_notice`, `recheck_mention`, `deliver_mention`) is called by tasks only, does so outside
of any transaction, and may be called again at any time: whoever comes second finds the work claimed or done.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page

from content.fetch import Fetched, FetchError, FetchFailed, FetchRefused, fetch, is_fetchable
from content.injected import find_injected_text
from discussion.actions import refuse_unseen
from discussion.choices import MentionKind, MentionState, NoticeState, SentState
from discussion.exceptions import InvalidText, MentionRefused, NotAllowed, TooManyNotices
from discussion.links import links_elsewhere, links_to_pages, page_at, split_address
from discussion.mentions.pingback import (
    ALREADY_KNOWN,
    DENIED,
    NO_SUCH_SOURCE,
    NO_SUCH_TARGET,
    NOT_A_TARGET,
    read_answer,
    write_call,
)
from discussion.mentions.reading import LinkFound, find_endpoint, find_link, same_page_key
from discussion.models import DiscussedPageMixin, GoneAddress, Mention, MentionNotice, SentMention
from discussion.permissions import can_moderate
from discussion.rules import current_settings
from discussion.text import folded
from people.models import User
from people.permissions import AnyUser

NOTICES_PER_HOST_AND_HOUR = 30
NOTICES_PER_NETWORK_AND_HOUR = 60
MOST_WAITING = 1_000
# Somebody who tells twice within this time is told the same address.
SAME_NOTICE = datetime.timedelta(minutes=10)
# How long a task may hold a piece of work before another may take it.
CLAIM = datetime.timedelta(minutes=10)
RETRY_AFTER = [
    datetime.timedelta(minutes=5),
    datetime.timedelta(hours=1),
    datetime.timedelta(hours=6),
    datetime.timedelta(hours=24),
]
KEEP_NOTICES = datetime.timedelta(days=30)
RECHECK_AFTER = datetime.timedelta(days=7)
# A site that is down for a while is not gone.
MOST_FAILED_CHECKS = 4
ASK_AGAIN_AFTER = datetime.timedelta(days=30)
LINKS_A_PAGE = 50
LONGEST_URL = 500

_tells_nobody: ContextVar[bool] = ContextVar("tells_nobody", default=False)


# Links between our own pages


def record_internal_mentions(*, page: Page) -> list[Mention]:
    """Note where a page that was just published links to others of ours that are discussed.

    Called again, it follows the text: links that went are forgotten, words around a link are renewed. Nothing is
    asked of the network, and nothing waits for a moderator: an editor wrote it. A page mentioned by one below it (a
    facilitator's post under a proposition) is no news.
    """
    links = {link.target_id: link for link in links_to_pages(page.specific)}
    if not page.live or page.get_view_restrictions().exists():
        links = {}
    targets: list[Page] = [
        target
        for target in Page.objects.filter(pk__in=links).live().specific()
        if not page.path.startswith(target.path) and isinstance(target, DiscussedPageMixin)
    ]
    with transaction.atomic():
        Mention.objects.filter(source_page_id=page.pk, kind=MentionKind.INTERNAL).exclude(page__in=targets).delete()
        return [
            Mention.objects.update_or_create(
                page_id=target.pk,
                source_url=page.full_url or page.url_path,
                defaults={"title": page.title, "excerpt": links[target.pk].excerpt, "source_page_id": page.pk},
                create_defaults={
                    "title": page.title,
                    "excerpt": links[target.pk].excerpt,
                    "source_page_id": page.pk,
                    "site_name": settings.SITE_NAME,
                    "received_at": page.first_published_at or timezone.now(),
                    "kind": MentionKind.INTERNAL,
                    "state": MentionState.PUBLISHED,
                },
            )[0]
            for target in targets
        ]


def forget_internal_mentions(*, page: Page) -> None:
    """A page that is no longer published mentions nothing."""
    Mention.objects.filter(source_page_id=page.pk, kind=MentionKind.INTERNAL).delete()


# Being told by others


def takes_mentions(page: Page | None) -> bool:
    """Whether other sites may say that they link to this page: while it is discussed and everybody may read it."""
    return page is not None and page.live and isinstance(page, DiscussedPageMixin) and not _is_restricted(page)


def take_notice(*, kind: MentionKind, source_url: str, target_url: str, network_key: str = "") -> MentionNotice:
    """Keep another site's word that it links to us, to be looked at by a task. Nothing is fetched here.

    The same word within ten minutes is the same notice. Limits go by the site that is said to link, which we are made
    to ask, and by the network that says so.
    """
    source_url, target_url = source_url.strip(), target_url.strip()
    if not source_url or not target_url:
        raise MentionRefused("Both source and target are needed.", code=NO_SUCH_SOURCE)
    if max(len(source_url), len(target_url)) > LONGEST_URL:
        raise MentionRefused(f"Addresses of more than {LONGEST_URL} characters are not taken.", code=NO_SUCH_SOURCE)
    if not is_fetchable(source_url):
        raise MentionRefused("The source is not the address of a web page.", code=NO_SUCH_SOURCE)
    page = _page_of_target(target_url)
    if same_page_key(source_url) == same_page_key(target_url) or page_at(source_url) is not None:
        raise MentionRefused("Links between our own pages are noted without being told.", code=DENIED)
    host = (urlsplit(source_url).hostname or "").lower()
    if host == (urlsplit(target_url).hostname or "").lower():
        raise MentionRefused("Links between our own pages are noted without being told.", code=DENIED)
    moment = timezone.now()
    with transaction.atomic():
        same = MentionNotice.objects.filter(
            page=page, source_url=source_url, kind=kind, received_at__gt=moment - SAME_NOTICE
        ).first()
        if same:
            return same
        if kind == MentionKind.PINGBACK and (
            Mention.objects.filter(page=page, source_url=source_url).exclude(state=MentionState.GONE).exists()
        ):
            raise MentionRefused("This link is known already.", code=ALREADY_KNOWN)
        _check_allowance(host, network_key, moment)
        return MentionNotice.objects.create(
            kind=kind,
            page=page,
            source_url=source_url,
            target_url=target_url,
            source_host=host,
            network_key=network_key,
            received_at=moment,
            due_at=moment,
        )


def settle_notice(*, notice_id: str) -> MentionNotice | None:
    """Look whether the link is there, and hold the mention for a moderator, renew it, or take it out of sight.

    A site that does not answer is asked again later, up to four times.
    """
    moment = timezone.now()
    mine = MentionNotice.objects.filter(pk=notice_id, state=NoticeState.WAITING, due_at__lte=moment).update(
        due_at=moment + CLAIM, attempts=F("attempts") + 1
    )
    notice = MentionNotice.objects.select_related("page").filter(pk=notice_id).first()
    if not mine or notice is None:
        return notice
    try:
        fetched = fetch(notice.source_url, cut=True)
    except FetchFailed as error:
        if notice.attempts <= len(RETRY_AFTER):
            return _later(notice, str(error))
        return _settle(notice, NoticeState.REFUSED, str(error))
    except FetchRefused as error:
        return _settle(notice, NoticeState.REFUSED, str(error))
    if fetched.status >= 500 or fetched.status == 429:
        answer = f"The page answered {fetched.status}."
        return (
            _later(notice, answer)
            if notice.attempts <= len(RETRY_AFTER)
            else _settle(notice, NoticeState.REFUSED, answer)
        )
    return judge_notice(notice=notice, fetched=fetched)


def judge_notice(*, notice: MentionNotice, fetched: Fetched) -> MentionNotice:
    """Make of a notice what the page it names says, which somebody has fetched."""
    moment = timezone.now()
    known = Mention.objects.filter(page_id=notice.page_id, source_url=notice.source_url).first()
    found = find_link(fetched, notice.target_url) if fetched.status == 200 else None
    with transaction.atomic():
        if found is None:
            if known:
                _lose(known, moment)
            answer = "The page does not link here." if fetched.status == 200 else f"The page answered {fetched.status}."
            if known:
                answer = f"{answer} The mention is taken down."
            return _settle(notice, NoticeState.REFUSED if not known else NoticeState.ACCEPTED, answer)
        notice.mention = _record(notice, found, moment)
        return _settle(
            notice, NoticeState.ACCEPTED, "The link was found. A moderator reads mentions before they appear."
        )


def recheck_mention(*, mention_id: int) -> Mention | None:
    """Look whether a link from another site still stands. One that is gone goes out of sight.

    A page that says so (404, 410) or no longer links is believed at once; one that does not answer, after four weeks.
    The words that a moderator released stay as they were.
    """
    moment = timezone.now()
    mine = (
        Mention.objects.filter(pk=mention_id, state__in=[MentionState.PUBLISHED, MentionState.HELD])
        .exclude(kind=MentionKind.INTERNAL)
        .update(checked_at=moment)
    )
    mention = Mention.objects.select_related("page").filter(pk=mention_id).first()
    if not mine or mention is None:
        return mention
    fetched: Fetched | None = None
    try:
        fetched = fetch(mention.source_url, cut=True)
    except FetchRefused:
        # Its name now stands for an address that nobody else can read.
        return _lose(mention, moment)
    except FetchError:
        pass
    if fetched is None or fetched.status >= 500 or fetched.status in (401, 403, 408, 429):
        Mention.objects.filter(pk=mention.pk).update(failed_checks=F("failed_checks") + 1)
        mention.refresh_from_db()
        return _lose(mention, moment) if mention.failed_checks >= MOST_FAILED_CHECKS else mention
    target = mention.page.full_url or ""
    if fetched.status != 200 or find_link(fetched, target) is None:
        return _lose(mention, moment)
    Mention.objects.filter(pk=mention.pk).update(failed_checks=0)
    mention.failed_checks = 0
    return mention


# Moderating


def release_mention(*, actor: AnyUser, mention: Mention, seen: str | None = None) -> Mention:
    """Let everybody see a mention among the responses."""
    return _decide(actor, mention, MentionState.PUBLISHED, "discussion.release_mention", seen=seen)


def hold_mention(*, actor: AnyUser, mention: Mention, reason: str = "", seen: str | None = None) -> Mention:
    """Take a mention out of sight until a moderator has looked at it."""
    reason = _checked_reason(reason) or "A moderator is looking at it"
    return _decide(actor, mention, MentionState.HELD, "discussion.hold_mention", hold_reason=reason, seen=seen)


def hide_mention(*, actor: AnyUser, mention: Mention, reason: str, seen: str | None = None) -> Mention:
    """Take a mention out of sight for good, with a reason for other moderators. Being told again changes nothing."""
    reason = _checked_reason(reason)
    if not reason:
        raise InvalidText("Say why. Other moderators read it.", field="reason")
    return _decide(actor, mention, MentionState.HIDDEN, "discussion.hide_mention", hide_reason=reason, seen=seen)


def words_of(mention: Mention) -> tuple[str, ...]:
    """What readers would see of it, and a moderator decides about."""
    return mention.title, mention.site_name, mention.excerpt


# Telling others


@contextmanager
def telling_nobody() -> Iterator[None]:
    """Publish inside of this without telling other sites: what is taken over from elsewhere was told long ago."""
    token = _tells_nobody.set(True)
    try:
        yield
    finally:
        _tells_nobody.reset(token)


def note_links_elsewhere(*, page: Page) -> list[SentMention]:
    """Note which other sites are to be told about a page that was just published. Answers those to be told now.

    New links are told; those told before are told again, since the words may have changed, except by pingback, which
    knows no changes; links taken out are told once more, so that the other site finds them gone. Sites that took no
    mentions are asked again after a month.
    """
    if not settings.SENDS_MENTIONS or _tells_nobody.get() or not page.full_url or len(page.full_url) > LONGEST_URL:
        return []
    targets: list[str] = []
    if page.live and not _is_restricted(page):
        targets = [
            address
            for address in links_elsewhere(page.specific)
            if len(address) <= LONGEST_URL and is_fetchable(address)
        ][:LINKS_A_PAGE]
    moment = timezone.now()
    due: list[SentMention] = []
    with transaction.atomic():
        known = {sent.target_url: sent for sent in SentMention.objects.select_for_update().filter(page_id=page.pk)}
        for target in targets:
            sent = known.get(target)
            if sent is None:
                sent, _ = SentMention.objects.get_or_create(
                    source_url=page.full_url, target_url=target, defaults={"page": page}
                )
                sent.page = page
            if _is_to_be_told(sent, moment):
                due.append(_make_due(sent, moment, is_linked=True))
        for target, sent in known.items():
            if target not in targets and sent.is_linked:
                if sent.state in (SentState.SENT, SentState.FAILED) and sent.kind == MentionKind.WEBMENTION:
                    due.append(_make_due(sent, moment, is_linked=False))
                else:
                    sent.delete()
    return due


def note_page_gone(*, page: Page) -> list[SentMention]:
    """A page was taken down or deleted: its address answers 410, and the sites it linked to are told to look."""
    moment = timezone.now()
    path = (split_address(page.full_url or "") or urlsplit("")).path
    with transaction.atomic():
        if page.first_published_at and path.strip("/") and len(path) <= LONGEST_URL:
            GoneAddress.objects.update_or_create(path=path, defaults={"gone_at": moment})
        if not settings.SENDS_MENTIONS:
            return []
        told = SentMention.objects.select_for_update().filter(page_id=page.pk)
        told.exclude(state=SentState.SENT, kind=MentionKind.WEBMENTION).delete()
        return [_make_due(sent, moment, is_linked=False) for sent in told]


def deliver_mention(*, sent_id: int) -> SentMention | None:
    """Ask where a site takes mentions and tell it of ours. A site that does not answer is asked again later."""
    moment = timezone.now()
    mine = SentMention.objects.filter(pk=sent_id, state=SentState.WAITING, due_at__lte=moment).update(
        due_at=moment + CLAIM, attempts=F("attempts") + 1
    )
    sent = SentMention.objects.filter(pk=sent_id).first()
    if not mine or sent is None:
        return sent
    try:
        state, values = _tell(sent)
    except FetchRefused as error:
        state, values = SentState.REFUSED, {"answer": str(error)}
    except FetchFailed as error:
        if sent.attempts <= len(RETRY_AFTER):
            due_at = timezone.now() + RETRY_AFTER[sent.attempts - 1]
            state, values = SentState.WAITING, {"answer": str(error), "due_at": due_at}
        else:
            state, values = SentState.FAILED, {"answer": str(error)}
    for name, value in values.items():
        setattr(sent, name, value)
    sent.state = state
    # Somebody may have published the page meanwhile: then it is to be told again, whatever came of this.
    SentMention.objects.filter(pk=sent.pk, attempts=sent.attempts).update(
        **values, state=state, **({"sent_at": timezone.now()} if state == SentState.SENT else {})
    )
    if state == SentState.SENT and not sent.is_linked:
        SentMention.objects.filter(pk=sent.pk, attempts=sent.attempts, is_linked=False).update(page=None)
    return sent


def tell_again(*, actor: AnyUser, sent: SentMention) -> SentMention:
    """A moderator's wish that a site be told once more."""
    _check_moderator(actor)
    with transaction.atomic():
        sent = SentMention.objects.select_for_update().get(pk=sent.pk)
        _make_due(sent, timezone.now(), is_linked=sent.is_linked)
        log(instance=sent, action="discussion.tell_again", user=_account(actor))
    return sent


# What is due


def due_work(*, moment: datetime.datetime | None = None, limit: int = 200) -> dict[str, list[Any]]:
    """Notices and sent mentions whose time has come, and mentions that nobody has looked at for a week."""
    moment = moment or timezone.now()
    checked = Mention.objects.filter(state=MentionState.PUBLISHED).exclude(kind=MentionKind.INTERNAL)
    old = moment - RECHECK_AFTER
    return {
        "notices": list(
            MentionNotice.objects.filter(state=NoticeState.WAITING, due_at__lte=moment)
            .order_by("due_at")
            .values_list("pk", flat=True)[:limit]
        ),
        "sent": list(
            SentMention.objects.filter(state=SentState.WAITING, due_at__lte=moment)
            .order_by("due_at")
            .values_list("pk", flat=True)[:limit]
        ),
        "mentions": list(
            (checked.filter(checked_at__lt=old) | checked.filter(checked_at=None, received_at__lt=old))
            .order_by(F("checked_at").asc(nulls_first=True))
            .values_list("pk", flat=True)[:limit]
        ),
    }


def forget_notices(*, moment: datetime.datetime | None = None) -> int:
    """Delete settled notices after a month, and with them who sent them. The mentions stay."""
    moment = moment or timezone.now()
    settled = MentionNotice.objects.exclude(state=NoticeState.WAITING)
    count, _ = settled.filter(received_at__lt=moment - KEEP_NOTICES).delete()
    return count


# Parts of the above


def _page_of_target(target_url: str) -> Page:
    parts = split_address(target_url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise MentionRefused("The target is not the address of a web page.", code=NO_SUCH_TARGET)
    page_id = page_at(target_url)
    page = Page.objects.filter(pk=page_id).specific().first() if page_id else None
    if page is None:
        raise MentionRefused("There is no such page here.", code=NO_SUCH_TARGET)
    if not takes_mentions(page):
        raise MentionRefused("This page takes no mentions.", code=NOT_A_TARGET)
    return page


def _is_restricted(page: Page) -> bool:
    return page.get_view_restrictions().exists()


def _check_allowance(host: str, network_key: str, moment: datetime.datetime) -> None:
    recent = MentionNotice.objects.filter(received_at__gt=moment - datetime.timedelta(hours=1))
    if recent.filter(source_host=host).count() >= NOTICES_PER_HOST_AND_HOUR:
        raise TooManyNotices
    if network_key and recent.filter(network_key=network_key).count() >= NOTICES_PER_NETWORK_AND_HOUR:
        raise TooManyNotices
    if MentionNotice.objects.filter(state=NoticeState.WAITING).count() >= MOST_WAITING:
        raise TooManyNotices("Many mentions wait to be looked at. Try again later.")


def _later(notice: MentionNotice, answer: str) -> MentionNotice:
    notice.answer = answer[:300]
    notice.due_at = timezone.now() + RETRY_AFTER[notice.attempts - 1]
    notice.save(update_fields=["answer", "due_at"])
    return notice


def _settle(notice: MentionNotice, state: NoticeState, answer: str) -> MentionNotice:
    notice.state, notice.answer, notice.settled_at = state, answer[:300], timezone.now()
    notice.save(update_fields=["state", "answer", "settled_at", "mention"])
    return notice


def _record(notice: MentionNotice, found: LinkFound, moment: datetime.datetime) -> Mention:
    words = {"title": found.title, "site_name": found.site_name, "excerpt": found.excerpt}
    reason = _reason_to_hold(found)
    try:
        with transaction.atomic():
            mention, is_new = Mention.objects.select_for_update().get_or_create(
                page_id=notice.page_id,
                source_url=notice.source_url,
                defaults={
                    **words,
                    "kind": notice.kind,
                    "state": MentionState.HELD,
                    "hold_reason": reason,
                    "received_at": notice.received_at,
                    "checked_at": moment,
                },
            )
    except IntegrityError:
        mention, is_new = Mention.objects.get(page_id=notice.page_id, source_url=notice.source_url), False
    if is_new:
        return mention
    has_changed = any(getattr(mention, name) != value for name, value in words.items())
    for name, value in words.items():
        setattr(mention, name, value)
    mention.checked_at, mention.failed_checks = moment, 0
    if mention.state == MentionState.GONE:
        mention.state, mention.hold_reason = MentionState.HELD, "The link was gone and is back"
    elif mention.state == MentionState.PUBLISHED and has_changed:
        # Otherwise whoever was released once could say anything afterwards.
        mention.state, mention.hold_reason = MentionState.HELD, "Its words have changed since it was released"
    elif mention.state == MentionState.HELD and has_changed:
        mention.hold_reason = reason
    mention.save()
    return mention


def _reason_to_hold(found: LinkFound) -> str:
    words = f"{found.title}\n{found.excerpt}"
    odd = find_injected_text(words, is_html=False)
    if odd:
        return f"{odd[0].reason}: “{odd[0].quote}”"[:200]
    text = folded(words)
    if any(phrase in text for phrase in current_settings().phrases()):
        return "It holds a word that moderators look at first"
    return "Mentions are read before they appear"


def _lose(mention: Mention, moment: datetime.datetime) -> Mention:
    """Out of sight, unless a moderator hid it: that stays so."""
    if mention.state != MentionState.HIDDEN:
        mention.state = MentionState.GONE
    mention.checked_at = moment
    mention.save(update_fields=["state", "checked_at"])
    return mention


def _decide(
    actor: AnyUser,
    mention: Mention,
    state: MentionState,
    action: str,
    *,
    hold_reason: str = "",
    hide_reason: str = "",
    seen: str | None = None,
) -> Mention:
    _check_moderator(actor)
    with transaction.atomic():
        mention = Mention.objects.select_for_update(of=("self",)).select_related("page").get(pk=mention.pk)
        refuse_unseen(seen, *words_of(mention))
        if (mention.state, mention.hide_reason) == (state, hide_reason):
            return mention
        mention.state, mention.hold_reason, mention.hide_reason = state, hold_reason, hide_reason
        mention.save(update_fields=["state", "hold_reason", "hide_reason"])
        log(instance=mention, action=action, user=_account(actor), data={"reason": hide_reason or hold_reason})
    return mention


def _is_to_be_told(sent: SentMention, moment: datetime.datetime) -> bool:
    match sent.state:
        case SentState.UNWANTED:
            return sent.due_at < moment - ASK_AGAIN_AFTER
        case SentState.SENT:
            return sent.kind == MentionKind.WEBMENTION or not sent.is_linked
        case _:
            return True


def _make_due(sent: SentMention, moment: datetime.datetime, *, is_linked: bool) -> SentMention:
    sent.state, sent.due_at, sent.attempts, sent.is_linked = SentState.WAITING, moment, 0, is_linked
    sent.save(update_fields=["state", "due_at", "attempts", "is_linked", "page"])
    return sent


def _tell(sent: SentMention) -> tuple[SentState, dict[str, Any]]:
    """Find the endpoint anew each time, as sites move, and tell it. What the answer means for the row."""
    page = fetch(sent.target_url, longest=500_000, cut=True)
    if page.status >= 500 or page.status == 429:
        raise FetchFailed(f"The page answered {page.status}.")
    if page.status != 200 and sent.is_linked:
        return SentState.REFUSED, {"answer": f"The page answered {page.status}."}
    endpoint = find_endpoint(page)
    if endpoint is None:
        return SentState.UNWANTED, {"answer": "", "kind": "", "endpoint": ""}
    values: dict[str, Any] = {"kind": endpoint.kind, "endpoint": endpoint.url[:2000]}
    if endpoint.kind == MentionKind.PINGBACK:
        body, content_type = write_call(sent.source_url, sent.target_url), "text/xml"
    else:
        body = urlencode({"source": sent.source_url, "target": sent.target_url}).encode()
        content_type = "application/x-www-form-urlencoded"
    answer = fetch(
        endpoint.url, method="POST", body=body, headers={"Content-Type": content_type}, longest=20_000, cut=True
    )
    if answer.status >= 500 or answer.status == 429:
        raise FetchFailed(f"Its endpoint answered {answer.status}.")
    if not 200 <= answer.status < 300:
        return SentState.REFUSED, {**values, "answer": f"Its endpoint answered {answer.status}."}
    if endpoint.kind == MentionKind.PINGBACK:
        code, words = read_answer(answer.body)
        if code is not None and code != ALREADY_KNOWN:
            return SentState.REFUSED, {**values, "answer": f"{words} ({code})"[:300]}
        return SentState.SENT, {**values, "answer": words[:300]}
    return SentState.SENT, {**values, "answer": f"Its endpoint answered {answer.status}."}


def _checked_reason(reason: str) -> str:
    return " ".join(reason.split())[:200]


def _check_moderator(actor: AnyUser) -> None:
    if not can_moderate(actor):
        raise NotAllowed("Only moderators can do this.")


def _account(actor: AnyUser | None) -> User | None:
    return actor if isinstance(actor, User) else None
