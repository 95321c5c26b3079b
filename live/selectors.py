"""What readers of a session are shown: snapshots, events with their text, counts, and lists for pages."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from discussion.models import Comment
from events.models import EventPage
from live.audiences import CONSOLE, ROOM, WALL, audience_of_participant
from live.models import (
    EDIT_WINDOW,
    Contribution,
    LiveSession,
    LiveSessionPage,
    Participant,
    Prompt,
    PromptOption,
    SessionState,
    Table,
    Vote,
)
from live.permissions import can_facilitate, can_moderate
from live.uses import uses_of
from people.consent import Consent
from people.permissions import AnyUser
from propositions.models import PropositionPage
from realtime import hub, log
from realtime.log import EVERYBODY
from realtime.models import Event
from realtime.presenters import Variant

NEWEST = 500
COMMENTS_AT_ONCE = 50
# Of what was said under a theme, the wall shows one after the other.
SAMPLES = 3
State = Contribution.State


@dataclass(frozen=True)
class Viewer:
    """Somebody looking at a session, and as what: `participant`, `wall` or `console`."""

    session: LiveSession
    role: str
    participant: Participant | None = None
    user: AnyUser | None = None

    @property
    def is_console(self) -> bool:
        return self.role == CONSOLE

    @property
    def audiences(self) -> frozenset[str]:
        if self.role in (CONSOLE, WALL):
            return frozenset({EVERYBODY, self.role})
        personal = [audience_of_participant(self.participant.pk)] if self.participant else []
        return frozenset({EVERYBODY, ROOM, *personal})


# Sessions


def session_by_code(code: str) -> LiveSession | None:
    """A session whose page is published, by its code as typed."""
    return LiveSession.objects.with_code(code).filter(page__live=True).select_related("page").first()


def participant_by_token(session: LiveSession, token_hash: str) -> Participant | None:
    return Participant.objects.filter(session=session, token_hash=token_hash).select_related("session", "table").first()


def sessions_of_proposition(proposition: PropositionPage) -> list[LiveSession]:
    """Its sessions in the order of the programme, each with its page."""
    announced = LiveSessionPage.objects.live().public().filter(propositions=proposition)
    sessions = LiveSession.objects.filter(page__in=announced, is_rehearsal=False)
    return list(sessions.select_related("page").order_by("page__starts_at"))


def sessions_on_other_days(event: EventPage) -> list[LiveSessionPage]:
    """The event's sessions, drafts too, that begin before its first day or after its last, as places count days."""
    zone = timezone.get_current_timezone()
    first = datetime.datetime.combine(event.starts_on, datetime.time.min, zone)
    end = datetime.datetime.combine(event.ends_on + datetime.timedelta(days=1), datetime.time.min, zone)
    sessions = LiveSessionPage.objects.child_of(event).exclude(starts_at__gte=first, starts_at__lt=end)
    return list(sessions.order_by("starts_at", "pk"))


def running_proposition_ids(event_path: str) -> set[int]:
    """Propositions below an event that have a session running now: one query for all rows of its page."""
    through = LiveSessionPage.propositions.through
    running = LiveSession.objects.running().filter(is_rehearsal=False, page__path__startswith=event_path)
    return set(
        through.objects.filter(livesessionpage__in=running.values("page")).values_list("propositionpage_id", flat=True)
    )


def programme(event: EventPage) -> list[LiveSession]:
    """The event's sessions in order, with their pages and propositions."""
    announced = LiveSessionPage.objects.child_of(event).live().public()
    sessions = LiveSession.objects.filter(page__in=announced, is_rehearsal=False)
    return list(
        sessions.select_related("page").prefetch_related("page__propositions").order_by("page__starts_at", "pk")
    )


def people_in(session: LiveSession) -> int:
    """People connected now, a table by its headcount, as this process knows."""
    return hub.people_here(session.stream_id) or 0


# Comments made beforehand


def comments_for(session: LiveSession) -> QuerySet[Comment]:
    """What may be put to this room: published comments on its propositions by people who may be quoted."""
    pages = LiveSessionPage.propositions.through.objects.filter(livesessionpage_id=session.page_id)
    return (
        Comment.objects.published()
        .on_public_pages()
        .filter(page__in=pages.values("propositionpage_id"))
        .exclude(consent=Consent.NONE)
    )


def comments_to_put(session: LiveSession, search: str = "") -> list[dict[str, Any]]:
    """For the console to choose from, most supported first."""
    comments = comments_for(session).select_related("person")
    for word in search.split()[:6]:
        comments = comments.filter(comment__icontains=word)
    newest = list(comments.order_by("-support_count", "-pk")[:COMMENTS_AT_ONCE])
    put = dict(session.prompts.filter(comment__in=newest).values_list("comment_id", "pk"))
    numbers = dict(PropositionPage.objects.filter(pk__in={one.page_id for one in newest}).values_list("pk", "number"))
    return [
        {
            "id": comment.pk,
            "text": comment.comment,
            "author": comment.quote_label,
            "proposition": numbers.get(comment.page_id),
            "support": comment.support_count,
            "published_at": moment(comment.published_at),
            "prompt": put.get(comment.pk),
        }
        for comment in newest
    ]


def prompts_of_comments(comment_ids: Sequence[int]) -> dict[int, Prompt]:
    """Where comments were put to a room: the prompt with its session and page, by comment. Rehearsals do not count."""
    prompts = Prompt.objects.filter(comment__in=comment_ids, session__is_rehearsal=False, session__page__live=True)
    asked = prompts.exclude(shown_at=None).select_related("session__page").order_by("-shown_at")
    return {prompt.comment_id: prompt for prompt in asked if prompt.comment_id is not None}


# Shapes


def moment(value: datetime.datetime | None) -> str | None:
    """A moment as the protocol writes it."""
    if value is None:
        return None
    return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def said(contribution: Contribution, *, is_private: bool = False, is_console: bool = False) -> dict[str, Any]:
    """A contribution as readers get it. `is_private` adds the reason, for its author and consoles."""
    shape: dict[str, Any] = {
        "id": contribution.pk,
        "seq": contribution.seq,
        "client_id": str(contribution.client_id),
        "body": contribution.body,
        "state": contribution.state,
        "author": contribution.author_label,
        "table": contribution.table_name,
        "table_id": contribution.table_id,
        "headcount": contribution.headcount,
        "prompt": contribution.prompt_id,
        "proposition": contribution.proposition_id,
        "merged_into": contribution.merged_into_id,
        "said_at": moment(contribution.said_at),
        "received_at": moment(contribution.created_at),
        "edited": contribution.edited_at is not None,
    }
    if is_private or is_console:
        shape["reason"] = contribution.hide_reason or contribution.hold_reason
    if is_console:
        shape["starred"] = contribution.is_starred
        shape["tags"] = contribution.tags
    return shape


def prompt_shape(prompt: Prompt, number: int) -> dict[str, Any]:
    return {
        "id": prompt.pk,
        "number": number,
        "kind": prompt.kind,
        "text": prompt.text,
        "state": prompt.state,
        "options": [{"id": option.pk, "text": option.text} for option in prompt.options.all()],
        "comment": _source_shape(prompt),
    }


def _source_shape(prompt: Prompt) -> dict[str, Any] | None:
    """Whose words a prompt puts to the room, if they are a comment's: as its author allowed to be quoted."""
    if prompt.comment_id is None:
        return None
    address = reverse("comments-permalink", args=[prompt.comment_id])
    return {"id": prompt.comment_id, "author": prompt.source_label, "url": address}


# Snapshots


def snapshot(viewer: Viewer) -> dict[str, Any]:
    """Everything this reader may see, and the cursor from which events go on.

    The cursor is read first. What is read after it may be newer; events set absolute values, so reading them on top of
    it ends in the same state.
    """
    to = log.last_seq(viewer.session.stream_id)
    session = LiveSession.objects.select_related("page").get(pk=viewer.session.pk)
    viewer = Viewer(session, viewer.role, viewer.participant, viewer.user)
    prompts = list(enumerate(session.prompts.prefetch_related("options"), start=1))
    contributions, earlier, earlier_shown = contributions_before(viewer)
    counted = count(session.stream_id)
    people = hub.people_here(session.stream_id) or 0
    return {
        "type": "snapshot",
        "to": to,
        "now": moment(timezone.now()),
        "session": _session_shape(session, len(prompts)),
        "prompts": [
            prompt_shape(prompt, number)
            for number, prompt in prompts
            if viewer.is_console or prompt.state != Prompt.State.QUEUED
        ],
        "contributions": contributions,
        "earlier": earlier,
        "earlier_shown": earlier_shown,
        "tallies": {
            "people": people,
            **counted,
            **({"health": hub.health_of(session.stream_id)} if viewer.is_console else {}),
        },
        "you": _you(viewer),
        **({"tables": _tables(session)} if viewer.is_console else {}),
        **({"themes": themes_on_wall(session)} if viewer.role in (CONSOLE, WALL) else {}),
    }


def contributions_before(viewer: Viewer, before: int | None = None) -> tuple[list[dict[str, Any]], int, int]:
    """The newest contributions this reader may see, oldest first; how many came before them, and were shown."""
    session = viewer.session
    # What to show a console was decided by who may open one; elsewhere an account gives no more than its device.
    everything = Contribution.objects.filter(session=session)
    visible = everything if viewer.is_console else everything.visible_to(participant=viewer.participant)
    if before is not None:
        visible = visible.filter(seq__lt=before)
    newest = list(visible.order_by("-seq")[:NEWEST])[::-1]
    earlier = earlier_shown = 0
    if len(newest) == NEWEST:
        before_these = visible.filter(seq__lt=newest[0].seq)
        earlier, earlier_shown = before_these.count(), before_these.filter(state=State.SHOWN).count()
    mine = viewer.participant.pk if viewer.participant else None
    shapes = [
        said(
            contribution,
            is_private=contribution.participant_id == mine and contribution.state != State.SHOWN,
            is_console=viewer.is_console,
        )
        for contribution in newest
    ]
    return shapes, earlier, earlier_shown


def _session_shape(session: LiveSession, prompt_count: int) -> dict[str, Any]:
    page = session.page
    return {
        "code": session.code,
        "state": session.state,
        "version": session.version,
        "title": page.title,
        "room": page.room,
        "starts_at": moment(page.starts_at),
        "opened_at": moment(session.opened_at),
        "moderation": session.moderation,
        "identities": session.identities,
        "is_rehearsal": session.is_rehearsal,
        "edit_seconds": int(EDIT_WINDOW.total_seconds()),
        "prompt": session.current_prompt_id,
        "prompt_count": prompt_count,
        "spotlight": session.spotlight_id,
        "message": session.wall_message,
        "blank": session.is_blank,
        "timer_ends_at": moment(session.timer_ends_at),
        "propositions": [
            {"id": proposition.pk, "number": proposition.number, "title": proposition.title, "url": proposition.url}
            for proposition in page.propositions.filter(live=True).order_by("number")
        ],
    }


def _you(viewer: Viewer) -> dict[str, Any]:
    if viewer.is_console:
        can = []
        if can_facilitate(viewer.user, viewer.session):
            can.append("facilitate")
        if can_moderate(viewer.user, viewer.session):
            can.append("moderate")
        return {"role": CONSOLE, "can": can}
    participant = viewer.participant
    if participant is None:
        return {"role": viewer.role}
    votes = Vote.objects.filter(author_key=participant.author_key, participant__session=viewer.session)
    seat = viewer.session.tables.filter(participants=participant.pk).first()
    own = dict(participant.contributions.order_by("seq").values_list("pk", "client_id"))
    return {
        "role": "participant",
        "label": participant.label,
        "identity": participant.identity,
        "name": participant.name,
        "person_role": participant.role,
        "consent": participant.consent,
        "table": seat_shape(seat) if seat else None,
        "mine": [str(client_id) for client_id in own.values()],
        "used": uses_of(own),
        "votes": {
            "contributions": {str(vote.contribution_id): vote.choice for vote in votes if vote.contribution_id},
            "options": {str(vote.option_id): vote.choice for vote in votes if vote.option_id},
        },
    }


def seat_shape(table: Table) -> dict[str, Any]:
    """A table as the device knows it that writes for it."""
    return {"id": table.pk, "name": table.name, "headcount": table.headcount, "may_quote": table.may_quote}


def _tables(session: LiveSession) -> list[dict[str, Any]]:
    return [_table_shape(table) for table in _tables_with_facts(session.tables.all())]


def _tables_with_facts(tables: QuerySet[Table]) -> QuerySet[Table]:
    said = Contribution.objects.filter(table=OuterRef("pk")).order_by("-seq").values("created_at")[:1]
    scribe = Participant.objects.filter(table=OuterRef("pk"))
    return tables.annotate(last_said_at=Subquery(said), has_scribe=Exists(scribe))


def _table_shape(table: Any) -> dict[str, Any]:
    return {
        "id": table.pk,
        "name": table.name,
        "key": table.key,
        "position": table.position,
        "headcount": table.headcount,
        "has_scribe": table.has_scribe,
        "last_said_at": moment(table.last_said_at),
    }


# Counts


def count(stream_id: UUID) -> dict[str, dict[str, Any]]:
    """Votes and views of one session, as anybody may see them. Zeros are left out."""
    counted = Contribution.objects.shown().filter(
        Q(support_count__gt=0) | Q(seen_count__gt=0), session__stream=stream_id
    )
    options = PromptOption.objects.filter(prompt__session__stream=stream_id).exclude(prompt__state=Prompt.State.QUEUED)
    support, seen = {}, {}
    for pk, supported, viewed in counted.values_list("pk", "support_count", "seen_count"):
        if supported:
            support[str(pk)] = supported
        if viewed:
            seen[str(pk)] = viewed
    return {
        "support": support,
        "seen": seen,
        "together": _people_together(stream_id),
        "options": {
            str(option.pk): {
                "support": option.support_count,
                "concern": option.concern_count,
                "pass": option.pass_count,
                "seen": option.seen_count,
            }
            for option in options
            if option.support_count or option.concern_count or option.pass_count or option.seen_count
        },
    }


def heads_at_tables(stream_id: UUID) -> dict[str, int]:
    """How many people the device of each table stands for, by its person."""
    scribes = Participant.objects.filter(session__stream=stream_id, table__headcount__gt=1)
    return dict(scribes.values_list("author_key", "table__headcount"))


def _people_together(stream_id: UUID) -> dict[str, int]:
    """How many people say or support each contribution that others were merged into, each person counted once."""
    shown = Contribution.objects.shown().filter(session__stream=stream_id)
    heads = set(shown.exclude(merged_into=None).values_list("merged_into", flat=True))
    if not heads:
        return {}
    sayings = shown.filter(Q(pk__in=heads) | Q(merged_into__in=heads))
    head_of, people = {}, defaultdict[int, dict[str, int]](dict)
    for pk, merged_into, author, headcount in sayings.values_list("pk", "merged_into", "author_key", "headcount"):
        head = head_of[pk] = merged_into or pk
        people[head][author] = max(people[head].get(author, 0), headcount)
    votes = Vote.objects.filter(contribution__in=head_of).values_list("contribution", "author_key")
    for pk, author in votes:
        people[head_of[pk]].setdefault(author, 1)
    return {str(head): sum(counted.values()) for head, counted in people.items()}


# Themes


def themes_on_wall(session: LiveSession) -> list[dict[str, Any]]:
    """The tags that the wall shows: how many people each stands for, most first, and some of what they said.

    A person counts once, a table by its headcount; so do those whose words were merged into tagged ones. The words are
    those a facilitator starred, then the newest.
    """
    if not session.wall_tags:
        return []
    shown = Contribution.objects.shown().filter(session=session).order_by("-is_starred", "-seq")
    said = list(shown.exclude(tags=[], merged_into=None))
    tags_of = {one.pk: {tag.casefold() for tag in one.tags} for one in said}
    themes = []
    for tag in session.wall_tags:
        people: dict[str, int] = {}
        words: list[dict[str, Any]] = []
        for one in said:
            if tag.casefold() not in tags_of[one.pk] | tags_of.get(one.merged_into_id or 0, set()):
                continue
            people[one.author_key] = max(people.get(one.author_key, 0), one.headcount)
            if one.merged_into_id is None and len(words) < SAMPLES:
                words.append({"id": one.pk, "body": one.body})
        themes.append({"tag": tag, "people": sum(people.values()), "said": words})
    return sorted(themes, key=lambda theme: -theme["people"])


# Events as readers get them


# What these tell stands in the event itself.
FACTS_ONLY = {f"contribution.{verb}" for verb in ("starred", "unstarred", "merged", "unmerged")}


def present_contributions(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    """Join each event with what may be seen of its contribution now."""
    contributions = _contributions_of(events)
    return [_contribution_variants(event, contributions.get(event.payload["contribution_id"])) for event in events]


def _contribution_variants(event: Event, contribution: Contribution | None) -> list[Variant]:
    if contribution is None:
        return []
    if event.kind in FACTS_ONLY:
        return [Variant(frozenset({event.audience}), facts(event.payload))]
    if event.kind in ("contribution.tagged", "contribution.untagged"):
        body = {"contribution_id": contribution.pk, "tags": contribution.tags}
        return [Variant(frozenset({event.audience}), body)]
    console = Variant(frozenset({CONSOLE}), {"contribution": said(contribution, is_console=True)})
    everybody = frozenset({EVERYBODY})
    went = event.kind in ("contribution.hidden", "contribution.withdrawn")
    if contribution.state == State.SHOWN:
        body = {"contribution_id": contribution.pk} if went else {"contribution": said(contribution)}
        return [console, Variant(everybody, body)]
    author = Variant(
        frozenset({audience_of_participant(contribution.participant_id)}),
        {"contribution": said(contribution, is_private=True)},
    )
    return [console, author, *([Variant(everybody, {"contribution_id": contribution.pk})] if went else [])]


def present_spotlights(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    contributions = _contributions_of(events)
    variants = []
    for event in events:
        body = facts(event.payload)
        if "contribution_id" in body:
            contribution = contributions.get(body.pop("contribution_id"))
            is_shown = contribution is not None and contribution.state == State.SHOWN
            body["contribution"] = said(contribution) if contribution is not None and is_shown else None
        variants.append([Variant(frozenset({event.audience}), body)])
    return variants


def present_prompts(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    session = LiveSession.objects.get(stream=stream_id)
    prompts = list(session.prompts.prefetch_related("options"))
    shapes = {prompt.pk: prompt_shape(prompt, number) for number, prompt in enumerate(prompts, start=1)}
    seen = {str(pk): shape["number"] for pk, shape in shapes.items() if shape["state"] != Prompt.State.QUEUED}
    return [_prompt_variants(event, shapes, seen) for event in events]


def _prompt_variants(event: Event, shapes: dict[int, dict[str, Any]], seen: dict[str, int]) -> list[Variant]:
    console, everybody = frozenset({CONSOLE}), frozenset({EVERYBODY})
    payload = facts(event.payload)
    count_and_version = {"prompt_count": len(shapes), "version": payload["version"]}
    shape = shapes.get(payload.get("prompt_id", 0))
    match event.kind:
        case "prompt.shown" if shape:
            return [Variant(everybody, {"prompt": shape, **count_and_version})]
        case "prompt.edited" if shape and shape["state"] != Prompt.State.QUEUED:
            # A comment that the room was asked about went out of sight.
            return [Variant(everybody, {"prompt": shape, **count_and_version})]
        case "prompt.added" | "prompt.edited" if shape:
            return [Variant(console, {"prompt": shape, **count_and_version}), Variant(everybody, count_and_version)]
        case "prompt.moved":
            numbers = {"numbers": seen, "version": payload["version"]}
            return [Variant(console, payload), Variant(everybody, numbers)]
        case "prompt.closed":
            return [Variant(everybody, payload)]
        case "prompt.removed":
            # Those after it move up, for everybody.
            renumbered = {**count_and_version, "numbers": seen}
            return [Variant(console, {**payload, **count_and_version}), Variant(everybody, renumbered)]
    return [Variant(everybody, count_and_version)]


def present_wall(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    """What the wall shows stands in its events, but for themes: these are counted as they are now."""
    is_about_themes = [event.kind.startswith("wall.themes_") for event in events]
    themes = themes_on_wall(LiveSession.objects.get(stream=stream_id)) if any(is_about_themes) else []
    screens, variants = frozenset({CONSOLE, WALL}), []
    for event, is_theme in zip(events, is_about_themes, strict=True):
        payload = facts(event.payload)
        version = {"version": payload["version"]} if "version" in payload else {}
        others = Variant(frozenset(event.audience.split()), version if is_theme else payload)
        variants.append([Variant(screens, {"themes": themes, **version}), others] if is_theme else [others])
    return variants


def present_tables(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    """Tables are set up on consoles; others hear of it only what moves the session's version."""
    tables = Table.objects.filter(session__stream=stream_id, pk__in=[event.payload["table_id"] for event in events])
    shapes = {table.pk: _table_shape(table) for table in _tables_with_facts(tables)}
    variants = []
    for event in events:
        payload = facts(event.payload)
        shape = shapes.get(payload["table_id"])
        version = {"version": payload["version"]} if "version" in payload else {}
        told = {"table": shape} if shape and event.kind != "table.removed" else {"table_id": payload["table_id"]}
        others = [Variant(frozenset({EVERYBODY}), version)] if version else []
        variants.append([Variant(frozenset({CONSOLE}), {**told, **version}), *others])
    return variants


def present_seats(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    """What a device writes for now, told to that device alone."""
    people = {audience_of_participant(one.pk): one for one in _participants_of(stream_id, events)}
    variants: list[list[Variant]] = []
    for event in events:
        one = people.get(event.audience)
        table = seat_shape(one.table) if one and one.table else None
        variants.append([Variant(frozenset({event.audience}), {"table": table})])
    return variants


def _participants_of(stream_id: UUID, events: Sequence[Event]) -> QuerySet[Participant]:
    ids = [int(event.audience.partition(":")[2]) for event in events]
    return Participant.objects.filter(session__stream=stream_id, pk__in=ids).select_related("table")


def facts(payload: dict[str, Any]) -> dict[str, Any]:
    """What any reader may see of an event's payload: all but who did it."""
    return {name: value for name, value in payload.items() if name != "by"}


def present_facts(stream_id: UUID, events: Sequence[Event]) -> list[list[Variant]]:
    """Events whose payload says it all."""
    return [[Variant(frozenset(event.audience.split()), facts(event.payload))] for event in events]


def _contributions_of(events: Iterable[Event]) -> dict[int, Contribution]:
    ids = {event.payload["contribution_id"] for event in events if "contribution_id" in event.payload}
    return Contribution.objects.in_bulk(ids)


def archive(session: LiveSession) -> list[tuple[Prompt | None, list[Contribution]]]:
    """What was said, under each prompt that the room saw; what was said before any prompt comes first."""
    if session.state != SessionState.CLOSED or session.is_rehearsal:
        return []
    shown = list(Contribution.objects.shown().filter(session=session, merged_into=None).order_by("seq"))
    prompts: list[Prompt | None] = [None, *session.prompts.exclude(state=Prompt.State.QUEUED)]
    groups = [
        (prompt, [one for one in shown if one.prompt_id == (prompt.pk if prompt else None)]) for prompt in prompts
    ]
    return [(prompt, said_there) for prompt, said_there in groups if prompt or said_there]
