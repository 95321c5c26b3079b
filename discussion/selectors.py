"""Reads of a discussion: one page of responses, counts, the latest voices, the way to a comment."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from wagtail.models import Page

from discussion.choices import CommentState, Sort
from discussion.devices import device_key, voter_key
from discussion.follows import email_key
from discussion.mail import hash_token
from discussion.models import Comment, DiscussedPageMixin, Follow, Mention, PendingComment, Support
from discussion.permissions import EDITING_TIME, can_moderate, is_author
from people.permissions import AnyUser

ROOTS_A_PAGE = 20
FIRST_REPLIES = 10
REPLIES_A_PAGE = 50
MENTIONS_A_PAGE = 50
DEEPEST_SHOWN = 3


@dataclass(frozen=True)
class Reader:
    """Who reads: an account, or a browser that said something before, or neither."""

    user: AnyUser = field(default_factory=AnonymousUser)
    device_key: str = ""
    voter_key: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Reader":
        return cls(user=request.user, device_key=device_key(request), voter_key=voter_key(request))

    @property
    def is_known(self) -> bool:
        return self.user.is_authenticated or bool(self.device_key)


@dataclass
class Node:
    """A comment in its place, with what this reader may see of it."""

    comment: Comment
    depth: int = 0
    # Among the comments on the page itself, in the order in which they were made; 0 for a reply.
    number: int = 0
    replies: list["Node"] = field(default_factory=list)
    in_reply_to: "tuple[int, str] | None" = None
    gone: str = ""
    is_own: bool = False
    is_supported: bool = False
    hidden_replies: int = 0
    answers_older: bool = False
    changes_url: str = ""

    @property
    def is_withheld(self) -> bool:
        """Whether its author, and nobody else, reads it here."""
        return self.is_own and self.comment.state in (CommentState.HELD, CommentState.HIDDEN)

    @property
    def heading_level(self) -> int:
        return min(self.depth + 3, 6)

    @property
    def editing_ends_at(self) -> datetime.datetime:
        return self.comment.created_at + EDITING_TIME


@dataclass
class Item:
    """One line of the list: a thread, a mention among them, or the way to more mentions than fit there."""

    node: Node | None = None
    mention: Mention | None = None
    more_after: int = 0
    more_count: int = 0


@dataclass
class Responses:
    """One page of what was said about a page."""

    page: Page
    comment_count: int
    mention_count: int
    items: list[Item]
    unpublished: list[Node]
    sort: Sort
    is_continued: bool
    next_after: str = ""
    next_count: int = 0
    thread: int | None = None
    # The mentions alone, from the one after this on.
    mentions_after: int | None = None

    @property
    def count(self) -> int:
        return self.comment_count + self.mention_count


def responses(
    page: Page,
    *,
    reader: Reader,
    sort: Sort = Sort.OLDEST,
    after: str = "",
    thread: int | None = None,
    mentions_after: int | None = None,
) -> Responses:
    """The responses to a page from a place on: whole threads in order, the first replies of each, mentions among them.

    Costs the same however many there are. `after` is the place the page before ended; anything else means the start.
    With `thread`, the replies to that one comment alone, further than the first; with `mentions_after`, the mentions
    alone that come after that one.
    """
    comment_count, mention_count, not_shown_yet = _counts(page, _not_shown_yet(sort, after, thread))
    if mentions_after is not None:
        alone, next_count = _mentions_alone(page, sort, mentions_after)
        return Responses(
            page=page,
            comment_count=comment_count,
            mention_count=mention_count,
            items=[Item(mention=mention) for mention in alone],
            unpublished=[],
            sort=sort,
            is_continued=True,
            next_count=next_count,
            mentions_after=alone[-1].pk if next_count else mentions_after,
        )
    numbers: dict[int, int] = {}
    if thread is not None:
        roots, reply_filter, next_after, next_count = _one_thread(page, thread, after)
        is_continued = bool(roots)
        mentions: list[Mention] = []
    else:
        roots, reply_filter, next_after, next_count, numbers = _roots(page, sort, after)
        is_continued = bool(_place(after, sort))
        mentions = _mentions(page, sort, after, next_after) if mention_count else []
    mentions, more_mentions = mentions[:MENTIONS_A_PAGE], mentions[MENTIONS_A_PAGE:]

    comments: list[Comment] = []
    if roots:
        comments = list(
            Comment.objects.filter(is_listed=True)
            .filter(Q(pk__in=roots) | reply_filter)
            .select_related("person")
            .order_by("pk")
        )
    # What stood in a thread before it was taken out of sight is shown there.
    in_threads = {comment.pk for comment in comments}
    unpublished = [comment for comment in _unpublished(page, reader) if comment.pk not in in_threads]
    nodes = _nodes(page, [*comments, *unpublished], reader)
    _nest(comments, nodes)
    for root, number in (numbers or _numbers(roots, sort if thread is None else Sort.OLDEST, not_shown_yet)).items():
        if root in nodes:
            nodes[root].number = number
    if thread is None:
        for root in roots:
            node = nodes.get(root)
            if node:
                shown = sum(1 for comment in comments if comment.root_id == root)
                node.hidden_replies = max(node.comment.nested_count - shown, 0)
    return Responses(
        page=page,
        comment_count=comment_count,
        mention_count=mention_count,
        items=_interleave([nodes[root] for root in roots if root in nodes], mentions, sort, len(more_mentions)),
        unpublished=[nodes[comment.pk] for comment in unpublished],
        sort=sort,
        is_continued=is_continued,
        next_after=next_after,
        next_count=next_count,
        thread=thread if thread is not None and roots else None,
    )


def response_counts(page_ids: Iterable[int]) -> dict[int, int]:
    """How many comments and mentions everybody sees on each page. Two queries, whatever the number of pages."""
    counts = dict.fromkeys(page_ids, 0)
    for model in (Comment, Mention):
        rows = (
            model.objects.published()
            .filter(page_id__in=list(counts))
            .order_by()
            .values_list("page_id")
            .annotate(number=Count("pk"))
        )
        for page_id, number in rows:
            counts[page_id] += number
    return counts


def latest_comments(*, page_ids: Iterable[int], limit: int = 3) -> list[Comment]:
    """The latest published comments on public pages among those given, with page and person."""
    found = (
        Comment.objects.visible_to(None)
        .filter(page_id__in=list(page_ids))
        .on_public_pages()
        .select_related("page", "person")
        .order_by("-published_at", "-pk")
    )
    return list(found[:limit])


def latest_responses(*, below: Page, limit: int) -> list[Comment | Mention]:
    """The latest comments and mentions on a public page and on all public pages below it, the newest first."""
    pages = Page.objects.live().public().descendant_of(below, inclusive=True)
    comments = (
        Comment.objects.visible_to(None)
        .filter(page__in=pages)
        .select_related("page", "person")
        .order_by("-published_at", "-pk")[:limit]
    )
    mentions = (
        Mention.objects.published()
        .filter(page__in=pages)
        .select_related("page", "source_page")
        .order_by("-received_at", "-pk")[:limit]
    )

    def moment(one: Comment | Mention) -> datetime.datetime:
        return one.received_at if isinstance(one, Mention) else one.published_at or one.created_at

    return sorted([*comments, *mentions], key=moment, reverse=True)[:limit]


def pending_by_token(token: str) -> PendingComment | None:
    """What a confirmation link stands for; None if it stands for nothing."""
    return PendingComment.objects.select_related("page", "comment").filter(token_hash=hash_token(token)).first()


def follow_by_token(token: str) -> Follow | None:
    """What a link to confirm a follow stands for; None if it stands for nothing."""
    found = Follow.objects.select_related("page", "thread__person", "follower")
    return found.filter(token_hash=hash_token(token)).first()


def own_follow(user: AnyUser, page: Page, thread: Comment | None = None) -> Follow | None:
    """A signed-in person's wish to be told of a page or a thread."""
    if not user.is_authenticated:
        return None
    wishes = Follow.objects.filter(page=page, thread=thread, confirmed_at__isnull=False)
    return wishes.filter(follower__email_key=email_key(user.email)).first()


def address_of(comment: Comment, sort: Sort = Sort.OLDEST) -> str:
    """The page of the thread on which a comment stands in an order, and its place there.

    Comments not listed stand on the first page.
    """
    page_url = comment.page.url or "/"
    chosen = {} if sort == Sort.OLDEST else {"sort": sort.value}
    root_id = comment.root_id or comment.pk
    if comment.is_listed and comment.root_id:
        siblings = Comment.objects.filter(root_id=comment.root_id, is_listed=True)
        rank = siblings.filter(pk__lt=comment.pk).count()
        if rank >= FIRST_REPLIES:
            # One thread alone stands in the order in which it was said.
            before = _last_before(siblings.order_by("pk"), rank - rank % REPLIES_A_PAGE)
            chosen = {"thread": str(root_id), **({"after": str(before[0])} if before else {})}
            return f"{page_url}?{urlencode(chosen)}#{comment.anchor}"
    if comment.is_listed:
        on_page = Comment.objects.filter(page_id=comment.page_id, is_root=True, is_listed=True)
        match sort:
            case Sort.NEWEST:
                ordered, ahead = on_page.order_by("-pk"), Q(pk__gt=root_id)
            case Sort.SUPPORTED:
                count = Comment.objects.filter(pk=root_id).values_list("support_count", flat=True)[0]
                ordered = on_page.order_by("-support_count", "pk")
                ahead = Q(support_count__gt=count) | Q(support_count=count, pk__lt=root_id)
            case _:
                ordered, ahead = on_page.order_by("pk"), Q(pk__lt=root_id)
        rank = on_page.filter(ahead).count()
        before = _last_before(ordered, rank - rank % ROOTS_A_PAGE)
        if before:
            chosen["after"] = f"{before[1]}-{before[0]}" if sort == Sort.SUPPORTED else str(before[0])
    return f"{page_url}{'?' if chosen else ''}{urlencode(chosen)}#{comment.anchor}"


# Parts of the above


def _counts(page: Page, not_shown_yet: Q) -> tuple[int, int, int]:
    def number(found: QuerySet[Any]) -> Coalesce:
        rows = found.filter(page_id=OuterRef("pk")).order_by().values("page_id")
        counted = Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
        return Coalesce(counted, 0)

    return (
        Page.objects.filter(pk=page.pk)
        .annotate(
            comments_shown=number(Comment.objects.published()),
            mentions_shown=number(Mention.objects.published()),
            not_shown_yet=number(Comment.objects.filter(not_shown_yet, is_root=True, is_listed=True)),
        )
        .values_list("comments_shown", "mentions_shown", "not_shown_yet")
        .get()
    )


def _place(after: str, sort: Sort) -> tuple[int, ...]:
    """The place in the order that an address names; empty for the start."""
    parts = after.split("-")
    expected = 2 if sort == Sort.SUPPORTED else 1
    if len(parts) != expected or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        return ()
    return tuple(int(part) for part in parts)


def _roots(page: Page, sort: Sort, after: str) -> tuple[list[int], Q, str, int, dict[int, int]]:
    """The roots of one page, which replies to show below them, where the next page starts and how long it is.

    In order of support also their numbers, which follow no other order; else none.
    """
    listed: QuerySet[Comment] = Comment.objects.filter(page_id=page.pk, is_root=True, is_listed=True)
    place = _place(after, sort)
    match sort:
        case Sort.NEWEST:
            listed = (listed.filter(pk__lt=place[0]) if place else listed).order_by("-pk")
        case Sort.SUPPORTED:
            if place:
                count, pk = place
                listed = listed.filter(support_count__lte=count).filter(
                    Q(support_count__lt=count) | Q(support_count=count, pk__gt=pk)
                )
            listed = listed.order_by("-support_count", "pk")
        case _:
            listed = (listed.filter(pk__gt=place[0]) if place else listed).order_by("pk")
    beyond_first = (Comment.objects.filter(root_id=OuterRef("pk"), is_listed=True).order_by("pk").values("pk"))[
        FIRST_REPLIES : FIRST_REPLIES + 1
    ]
    rows = list(
        listed.annotate(cut=Subquery(beyond_first)).values_list("pk", "support_count", "cut")[: 2 * ROOTS_A_PAGE]
    )
    shown, rest = rows[:ROOTS_A_PAGE], rows[ROOTS_A_PAGE:]
    replies = Q(root_id__in=[pk for pk, _, cut in shown if cut is None])
    for pk, _, cut in shown:
        if cut is not None:
            replies |= Q(root_id=pk, pk__lt=cut)
    next_after = ""
    if rest:
        pk, count, _ = shown[-1]
        next_after = f"{count}-{pk}" if sort == Sort.SUPPORTED else str(pk)
    roots = [pk for pk, *_ in shown]
    return roots, replies, next_after, len(rest), _numbers_of(page, roots) if sort == Sort.SUPPORTED else {}


def _not_shown_yet(sort: Sort, after: str, thread: int | None) -> Q:
    """Which threads began before the first that is shown; of those in falling order, all that are left."""
    if thread is not None:
        return Q(pk__lt=thread)
    place = _place(after, sort)
    match sort:
        case Sort.NEWEST:
            return Q(pk__lt=place[0]) if place else Q()
        case Sort.OLDEST:
            return Q(pk__lte=place[0]) if place else Q(pk__in=[])
        case _:
            return Q(pk__in=[])


def _numbers(roots: list[int], sort: Sort, not_shown_yet: int) -> dict[int, int]:
    """The number of each thread in the order in which they began: in order of time none is left out."""
    if sort == Sort.NEWEST:
        return {root: not_shown_yet - place for place, root in enumerate(roots)}
    return {root: not_shown_yet + 1 + place for place, root in enumerate(roots)}


def _numbers_of(page: Page, roots: list[int]) -> dict[int, int]:
    """The numbers of threads in any order. They are counted from one to the next, all in one walk along the index."""
    if not roots:
        return {}
    ascending = sorted(roots)
    steps = Case(
        *(When(pk__lte=root, then=Value(step)) for step, root in enumerate(ascending)), output_field=IntegerField()
    )
    counted = (
        Comment.objects.filter(page_id=page.pk, is_root=True, is_listed=True, pk__lte=ascending[-1])
        .annotate(step=steps)
        .order_by()
        .values_list("step")
        .annotate(number=Count("pk"))
    )
    numbers = dict(counted)
    return dict(zip(ascending, accumulate(numbers.get(step, 0) for step in range(len(ascending))), strict=True))


def _one_thread(page: Page, root_id: int, after: str) -> tuple[list[int], Q, str, int]:
    """One root and a page of its replies."""
    if not Comment.objects.filter(pk=root_id, page_id=page.pk, is_root=True, is_listed=True).exists():
        return [], Q(), "", 0
    replies = Comment.objects.filter(root_id=root_id, is_listed=True).order_by("pk")
    place = _place(after, Sort.OLDEST)
    if place:
        replies = replies.filter(pk__gt=place[0])
    keys = list(replies.values_list("pk", flat=True)[: 2 * REPLIES_A_PAGE])
    shown, rest = keys[:REPLIES_A_PAGE], keys[REPLIES_A_PAGE:]
    return [root_id], Q(pk__in=shown), str(shown[-1]) if rest else "", len(rest)


def _mentions_in_order(page: Page, sort: Sort) -> QuerySet[Mention]:
    found: QuerySet[Mention] = Mention.objects.published().filter(page_id=page.pk).select_related("source_page")
    return found.order_by("-received_at", "-pk") if sort == Sort.NEWEST else found.order_by("received_at", "pk")


def _mentions_alone(page: Page, sort: Sort, after: int) -> tuple[list[Mention], int]:
    """The mentions after one of them, and how many come next. After one that is not there: all, from the first."""
    found = _mentions_in_order(page, sort)
    moment = Mention.objects.filter(pk=after, page_id=page.pk).values_list("received_at", flat=True).first()
    if moment is not None and sort == Sort.NEWEST:
        found = found.filter(Q(received_at__lt=moment) | Q(received_at=moment, pk__lt=after))
    elif moment is not None:
        found = found.filter(Q(received_at__gt=moment) | Q(received_at=moment, pk__gt=after))
    rows = list(found[: 2 * MENTIONS_A_PAGE])
    return rows[:MENTIONS_A_PAGE], len(rows[MENTIONS_A_PAGE:])


def _mentions(page: Page, sort: Sort, after: str, next_after: str) -> list[Mention]:
    """The mentions that came between the threads of this page, and as many again if there are more than it holds."""
    found = _mentions_in_order(page, sort)

    def moment_of(place: str) -> Subquery:
        return Subquery(Comment.objects.filter(pk=int(place)).values("created_at"))

    start = after if _place(after, sort) else ""
    match sort:
        case Sort.NEWEST:
            if start:
                found = found.filter(received_at__lt=moment_of(start))
            if next_after:
                found = found.filter(received_at__gte=moment_of(next_after))
        case Sort.SUPPORTED:
            if next_after:
                return []
        case _:
            if start:
                found = found.filter(received_at__gt=moment_of(start))
            if next_after:
                found = found.filter(received_at__lte=moment_of(next_after))
    return list(found[: 2 * MENTIONS_A_PAGE])


def _unpublished(page: Page, reader: Reader) -> list[Comment]:
    """What this reader said here that others do not see."""
    if not reader.is_known:
        return []
    own = Comment.objects.authored_by(reader.user, reader.device_key)
    return list(
        own.filter(page_id=page.pk, state__in=[CommentState.HELD, CommentState.HIDDEN])
        .select_related("person")
        .order_by("pk")[:ROOTS_A_PAGE]
    )


def _nodes(page: Page, comments: list[Comment], reader: Reader) -> dict[int, Node]:
    """Comments as this reader may see them. The words of one that is gone do not get past this function."""
    shown = tuple({comment.pk for comment in comments})
    supported: set[int] = set()
    if reader.voter_key and shown:
        supported = set(
            Support.objects.filter(voter_key=reader.voter_key, comment_id__in=shown).values_list(
                "comment_id", flat=True
            )
        )
    current = page.statement_version_number() if comments and isinstance(page, DiscussedPageMixin) else None
    reads_reasons = any(comment.state == CommentState.HIDDEN for comment in comments) and can_moderate(reader.user)
    nodes: dict[int, Node] = {}
    for comment in comments:
        comment.page = page
        # For apps above that show something of each: what they may fetch at once instead of one by one.
        comment.shown_with = shown
        node = Node(comment=comment, is_own=reader.is_known and is_author(reader.user, comment, reader.device_key))
        node.is_supported = comment.pk in supported
        if comment.state != CommentState.PUBLISHED and not node.is_own:
            node.gone = comment.state
            comment.comment = comment.user_name = comment.author_role = ""
            comment.user = comment.person = None
            if not reads_reasons:
                # It says what somebody did wrong: for them, not for everybody.
                comment.hide_reason = ""
        elif comment.state == CommentState.WITHDRAWN:
            node.gone = comment.state
            comment.comment = ""
        elif current is not None and comment.statement_version is not None and comment.statement_version < current:
            node.answers_older = True
            if isinstance(page, DiscussedPageMixin):
                node.changes_url = page.statement_changes_url(comment.statement_version)
        nodes[comment.pk] = node
    for node in nodes.values():
        answered = nodes.get(node.comment.parent_id)
        if answered is None or answered is node or answered.gone:
            continue
        if answered.comment.statement_version == node.comment.statement_version:
            # Said once, above: an exchange about the same version need not repeat it.
            node.answers_older = False
    _name_parents(nodes)
    return nodes


def _name_parents(nodes: dict[int, Node]) -> None:
    """Say whom a reply answers, also where the answered comment is not among those shown."""
    replies = [node for node in nodes.values() if not node.comment.is_root]
    labels = {pk: (node.comment.author_label if not node.gone else "") for pk, node in nodes.items()}
    missing = {node.comment.parent_id for node in replies} - labels.keys()
    if missing:
        for parent in Comment.objects.filter(pk__in=missing, is_listed=True).select_related("person"):
            is_shown = parent.state == CommentState.PUBLISHED
            labels[parent.pk] = parent.author_label if is_shown else ""
    for node in replies:
        if node.comment.parent_id in labels:
            node.in_reply_to = (node.comment.parent_id, labels[node.comment.parent_id])


def _nest(comments: list[Comment], nodes: dict[int, Node]) -> None:
    """Put replies below what they answer, to depth 3; deeper ones beside each other, saying whom they answer."""
    homes: dict[int, Node] = {}
    for comment in comments:
        node = nodes[comment.pk]
        if comment.is_root:
            continue
        parent = nodes.get(comment.parent_id)
        if parent is not None and comment.parent_id in homes | {comment.root_id: parent}:
            home = parent if parent.depth < DEEPEST_SHOWN else homes[comment.parent_id]
            is_nested = home is parent
        else:
            home = nodes[comment.root_id]
            is_nested = comment.parent_id == comment.root_id
        node.depth = home.depth + 1
        home.replies.append(node)
        homes[comment.pk] = home
        if is_nested:
            node.in_reply_to = None


def _interleave(roots: list[Node], mentions: list[Mention], sort: Sort, more: int) -> list[Item]:
    """Threads in their order, mentions where they fall in time; below the threads if those are ordered by support.

    Where mentions were left out, because there are more than a page holds, stands the way to them.
    """
    items = [Item(node=node) for node in roots]
    if sort == Sort.SUPPORTED:
        return _with_way_to_more([*items, *(Item(mention=mention) for mention in mentions)], more)

    def moment(item: Item) -> datetime.datetime:
        return item.node.comment.created_at if item.node else item.mention.received_at  # type: ignore[union-attr]

    everything = [*items, *(Item(mention=mention) for mention in mentions)]
    # Threads keep their order by number; a mention goes before the first thread that came after it.
    order = {id(item): position for position, item in enumerate(items)}
    everything.sort(key=moment, reverse=sort == Sort.NEWEST)
    slots = [index for index, item in enumerate(everything) if item.node]
    for index, item in zip(slots, sorted((everything[i] for i in slots), key=lambda i: order[id(i)]), strict=True):
        everything[index] = item
    return _with_way_to_more(everything, more)


def _with_way_to_more(items: list[Item], more: int) -> list[Item]:
    last = max((index for index, item in enumerate(items) if item.mention), default=-1)
    if more and (mention := items[last].mention):
        items.insert(last + 1, Item(more_after=mention.pk, more_count=more))
    return items


def _last_before(ordered: QuerySet[Comment], position: int) -> tuple[int, int] | None:
    """The number of the comment just before a position in the order, and its support."""
    if position <= 0:
        return None
    return ordered.values_list("pk", "support_count")[position - 1 : position].first()
