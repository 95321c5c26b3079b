"""Saying something in a session."""

import datetime
import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from content.text import clean_text
from live import holding
from live.actions.locking import locked_session
from live.actions.moderating import clear_spotlight_of, themes_counted
from live.actions.seating import author_key_of_table, check_headcount
from live.exceptions import (
    BodyTooLong,
    ClientIdConflict,
    EmptyBody,
    LiveError,
    NotAllowed,
    NotFound,
    NotPossible,
    PromptNotOpen,
    SessionClosed,
    SessionPaused,
    SessionWaiting,
    TooFast,
)
from live.messages import ContributionAdded, ContributionEdited, ContributionHidden, ContributionWithdrawn
from live.models import (
    BODY_LIMIT,
    EDIT_WINDOW,
    Contribution,
    ContributionVersion,
    LiveSession,
    LiveSessionPage,
    ModerationMode,
    Participant,
    Prompt,
    Seat,
    SessionState,
    Table,
)
from live.permissions import can_contribute, can_edit, can_withdraw
from live.signals import contribution_edited, contribution_hidden, contribution_shown, contribution_withdrawn
from people.consent import Consent
from realtime import log
from realtime.log import LockedStream, NewEvent

PER_MINUTE = 20
VERSIONS_AT_MOST = 20
# A phone's clock may be wrong; a moment further off than this says nothing.
CLOCK_TOLERANCE = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Draft:
    """Words as they came from a device."""

    participant_id: int
    client_id: uuid.UUID
    body: str
    prompt_id: int | None = None
    proposition_id: int | None = None
    said_at: datetime.datetime | None = None
    # The table it was written for; 0 for oneself. Left out: whatever the device writes for now.
    table_id: int | None = None
    # How many sat there then; left out: as many as now.
    headcount: int | None = None


@dataclass(frozen=True)
class Accepted:
    """Stored, now or when it was first sent."""

    contribution: Contribution
    is_repeat: bool = False


Outcome = Accepted | LiveError


def clean_body(body: str) -> str:
    """The words to store: clean, with nothing around them."""
    body = clean_text(body).strip()
    if not body:
        raise EmptyBody
    if len(body) > BODY_LIMIT:
        raise BodyTooLong(len(body), BODY_LIMIT)
    return body


def hash_of(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def contribute_many(
    *, session: LiveSession, drafts: Sequence[Draft], moment: datetime.datetime | None = None
) -> list[Outcome]:
    """Write a batch in one transaction; each draft answers for itself, a refused one does not sink the rest.

    When this returns, what was accepted is committed. Drafts sent before are answered with what they became then.
    The actor of each is its participant, looked up here and asked for permission under the session's lock. Whoever
    replays what happened earlier gives the `moment`.
    """
    with transaction.atomic():
        stream = log.lock(session.stream_id)
        batch = _Batch(LiveSession.objects.get(pk=session.pk), drafts, moment or timezone.now())
        outcomes: list[Outcome] = []
        for draft in drafts:
            try:
                outcomes.append(batch.take(draft))
            except LiveError as refusal:
                outcomes.append(refusal)
        write_contributions(stream, batch.new)
    return outcomes


def contribute(
    *,
    participant: Participant,
    client_id: uuid.UUID,
    body: str,
    prompt_id: int | None = None,
    proposition_id: int | None = None,
    said_at: datetime.datetime | None = None,
    table_id: int | None = None,
    headcount: int | None = None,
) -> Contribution:
    """Say one thing: a batch of one."""
    draft = Draft(participant.pk, client_id, body, prompt_id, proposition_id, said_at, table_id, headcount)
    (outcome,) = contribute_many(session=participant.session, drafts=[draft])
    if isinstance(outcome, LiveError):
        raise outcome
    return outcome.contribution


def write_contributions(stream: LockedStream, contributions: Sequence[Contribution]) -> None:
    """Store contributions with the next numbers of the locked stream, and tell apps above what is shown of them."""
    if not contributions:
        return
    for place, contribution in enumerate(contributions, start=1):
        contribution.seq = stream.seq + place
    Contribution.objects.bulk_create(contributions, batch_size=500)
    stream.append([_added(contribution) for contribution in contributions])
    shown = [contribution for contribution in contributions if contribution.state == Contribution.State.SHOWN]
    if shown:
        contribution_shown.send(sender=Contribution, contributions=shown, actor=None, is_new=True)


def edit_contribution(*, participant: Participant, contribution_id: int, body: str) -> Contribution:
    """Change one's own words, for a while after saying them. What they were is kept, and the ledger is told.

    The new words are held where they would have been held as a first saying, and leave the wall if they stood on it.
    """
    body = clean_body(body)
    with locked_session(participant.session) as (session, stream):
        contribution = Contribution.objects.filter(session=session, pk=contribution_id, participant=participant).first()
        if contribution is None:
            raise NotFound
        if not can_edit(participant, session):
            raise SessionClosed
        if contribution.state not in (Contribution.State.SHOWN, Contribution.State.HELD):
            raise NotPossible("It is not in the room any more. Say it again in other words.")
        if timezone.now() - contribution.created_at > EDIT_WINDOW:
            raise NotPossible(f"Words can be changed for {EDIT_WINDOW.seconds // 60} minutes. Add to them instead.")
        if contribution.body_hash == hash_of(body):
            return contribution
        was_shown = contribution.state == Contribution.State.SHOWN
        _keep_version(contribution)
        contribution.body, contribution.body_hash = body, hash_of(body)
        contribution.edited_at = timezone.now()
        reason = holding.reason_to_hold(
            body,
            is_first=not participant.contributions.exclude(pk=contribution.pk).exists(),
            holds_everything=session.moderation == ModerationMode.HOLD,
        )
        if reason:
            contribution.state, contribution.hold_reason = Contribution.State.HELD, reason
        contribution.save(update_fields=["body", "body_hash", "edited_at", "state", "hold_reason"])
        events = [ContributionEdited(contribution_id=contribution.pk).event()]
        if was_shown and reason:
            events.append(ContributionHidden(contribution_id=contribution.pk).event())
        events += clear_spotlight_of(session, contribution)
        stream.append([*events, *themes_counted(session, contribution)])
        contribution_edited.send(sender=Contribution, contribution=contribution, actor=participant)
        if was_shown and reason:
            contribution_hidden.send(sender=Contribution, contribution=contribution, actor=participant)
    return contribution


def _keep_version(contribution: Contribution) -> None:
    number = contribution.versions.count() + 1
    if number > VERSIONS_AT_MOST:
        raise NotPossible("This was changed very often. Withdraw it, and say it anew.")
    ContributionVersion.objects.create(
        contribution=contribution, number=number, body=contribution.body, body_hash=contribution.body_hash
    )


def withdraw_contribution(*, participant: Participant, contribution_id: int) -> Contribution:
    """Take back one's own words. They stay in the record, seen by nobody but their author and consoles."""
    with locked_session(participant.session) as (session, stream):
        contribution = Contribution.objects.filter(session=session, pk=contribution_id, participant=participant).first()
        if contribution is None:
            raise NotFound
        if not can_withdraw(participant, session):
            raise SessionClosed
        if contribution.state == Contribution.State.WITHDRAWN:
            return contribution
        contribution.state = Contribution.State.WITHDRAWN
        contribution.save(update_fields=["state"])
        stream.append(
            [
                ContributionWithdrawn(contribution_id=contribution.pk).event(),
                *clear_spotlight_of(session, contribution),
                *themes_counted(session, contribution),
            ]
        )
        contribution_withdrawn.send(sender=Contribution, contribution=contribution, actor=participant)
    return contribution


def _added(contribution: Contribution) -> NewEvent:
    return ContributionAdded(contribution_id=contribution.pk).event()


class _Batch:
    """Drafts of one session being checked under its lock, with all they need read once."""

    def __init__(self, session: LiveSession, drafts: Sequence[Draft], moment: datetime.datetime) -> None:
        self.session = session
        self.moment = moment
        self.new: list[Contribution] = []
        people = {draft.participant_id for draft in drafts}
        self.participants = {
            participant.pk: participant
            for participant in Participant.objects.filter(session=session, pk__in=people).select_related("table")
        }
        self.known = {
            contribution.client_id: contribution
            for contribution in Contribution.objects.filter(
                session=session, client_id__in={draft.client_id for draft in drafts}
            )
        }
        named = {draft.prompt_id for draft in drafts if draft.prompt_id is not None}
        self.prompts = Prompt.objects.filter(session=session).in_bulk(named) if named else {}
        through = LiveSessionPage.propositions.through
        self.propositions = list(
            through.objects.filter(livesessionpage_id=session.page_id).values_list("propositionpage_id", flat=True)
        )
        lately = Q(created_at__gt=moment - datetime.timedelta(minutes=1))
        said = Contribution.objects.filter(participant__in=people).order_by().values("participant")
        counts = list(said.annotate(ever=Count("pk"), lately=Count("pk", filter=lately)))
        self.said_ever = Counter({row["participant"]: row["ever"] for row in counts})
        self.said_lately = Counter({row["participant"]: row["lately"] for row in counts})

    def take(self, draft: Draft) -> Accepted:
        participant = self.participants.get(draft.participant_id)
        if participant is None:
            raise NotAllowed
        body = clean_body(draft.body)
        known = self.known.get(draft.client_id)
        if known is not None:
            if known.participant_id != participant.pk or not _has_said(known, hash_of(body)):
                raise ClientIdConflict
            return Accepted(known, is_repeat=True)
        if not can_contribute(participant, self.session):
            raise self._why_not()
        if self.said_lately[participant.pk] >= PER_MINUTE:
            raise TooFast(retry_after=30)
        contribution = self._contribution(draft, participant, body)
        self.known[draft.client_id] = contribution
        self.said_ever[participant.pk] += 1
        self.said_lately[participant.pk] += 1
        self.new.append(contribution)
        return Accepted(contribution)

    def _why_not(self) -> LiveError:
        refusals: dict[str, LiveError] = {
            SessionState.WAITING: SessionWaiting(),
            SessionState.PAUSED: SessionPaused(),
            SessionState.CLOSED: SessionClosed(),
        }
        return refusals.get(self.session.state, NotAllowed())

    def _contribution(self, draft: Draft, participant: Participant, body: str) -> Contribution:
        reason = holding.reason_to_hold(
            body,
            is_first=not self.said_ever[participant.pk],
            holds_everything=self.session.moderation == ModerationMode.HOLD,
        )
        table = self._table(draft, participant)
        appearance: dict[str, Any] = {
            "consent": participant.consent,
            "author_label": participant.label,
            "quote_label": participant.quote_label,
            "author_key": participant.author_key,
        }
        if table is not None:
            appearance = {
                "consent": Consent.ROLE if table.may_quote else Consent.NONE,
                "author_label": table.name,
                "quote_label": table.name if table.may_quote else "",
                "author_key": author_key_of_table(table),
                "table": table,
                "table_name": table.name,
                "headcount": table.headcount if draft.headcount is None else check_headcount(draft.headcount),
                "channel": Contribution.Channel.TABLE,
            }
        return Contribution(
            session=self.session,
            prompt_id=self._prompt_id(draft),
            participant=participant,
            proposition_id=self._proposition_id(draft),
            client_id=draft.client_id,
            body=body,
            body_hash=hash_of(body),
            state=Contribution.State.HELD if reason else Contribution.State.SHOWN,
            hold_reason=reason,
            said_at=_plausible(draft.said_at, self.moment),
            created_at=self.moment,
            **appearance,
        )

    def _table(self, draft: Draft, participant: Participant) -> Table | None:
        """Who speaks: a table, as long as this device has ever written for it; the words may have been under way."""
        if draft.table_id is None:
            return participant.table
        if draft.table_id == 0:
            return None
        if participant.table is not None and participant.table.pk == draft.table_id:
            return participant.table
        seat = Seat.objects.filter(participant=participant, table=draft.table_id).select_related("table").first()
        if seat is None:
            raise NotPossible("This device does not write for that table.", field="table")
        return seat.table

    def _prompt_id(self, draft: Draft) -> int | None:
        """The prompt it answers. One closed since is accepted: the words were under way."""
        if draft.prompt_id is None:
            return self.session.current_prompt_id
        prompt = self.prompts.get(draft.prompt_id)
        if prompt is None or prompt.state == Prompt.State.QUEUED:
            raise PromptNotOpen
        return prompt.pk

    def _proposition_id(self, draft: Draft) -> int | None:
        if draft.proposition_id is None:
            return self.propositions[0] if len(self.propositions) == 1 else None
        if draft.proposition_id not in self.propositions:
            raise NotPossible("That proposition is not discussed in this session.", field="proposition")
        return draft.proposition_id


def _has_said(contribution: Contribution, body_hash: str) -> bool:
    """Whether these were its words when it was sent, before any change."""
    if contribution.body_hash == body_hash:
        return True
    return contribution.edited_at is not None and contribution.versions.filter(body_hash=body_hash).exists()


def _plausible(said_at: datetime.datetime | None, now: datetime.datetime) -> datetime.datetime:
    if said_at is None or abs(now - said_at) > CLOCK_TOLERANCE:
        return now
    return said_at
