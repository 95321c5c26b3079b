"""Supporting, weighing, choosing. One vote per person and thing, kept by the database; counts stand beside it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import F

from live.exceptions import LiveError, NotAllowed, NotFound, NotPossible, SessionClosed, SessionPaused, SessionWaiting
from live.models import Contribution, LiveSession, Participant, Prompt, PromptOption, SessionState, Vote
from live.permissions import can_vote
from realtime import doorbell, log

SEEN_AT_ONCE = 100


@dataclass(frozen=True)
class VoteRequest:
    """One person's wish about one contribution or one option; no choice takes the vote back."""

    participant_id: int
    contribution_id: int | None = None
    option_id: int | None = None
    choice: str | None = Vote.Choice.SUPPORT


def set_vote(
    *,
    participant: Participant,
    contribution_id: int | None = None,
    option_id: int | None = None,
    choice: str = Vote.Choice.SUPPORT,
) -> None:
    """Vote, or change one's vote."""
    _one(participant, VoteRequest(participant.pk, contribution_id, option_id, choice))


def clear_vote(*, participant: Participant, contribution_id: int | None = None, option_id: int | None = None) -> None:
    """Take a vote back. Without one, nothing changes."""
    _one(participant, VoteRequest(participant.pk, contribution_id, option_id, None))


def vote_many(*, session: LiveSession, requests: Sequence[VoteRequest]) -> list[LiveError | None]:
    """Write a batch of votes in one transaction; each answers for itself: None if done, else why not.

    Votes are not events, but they lock the same row, so that no two writers count the same thing at once.
    """
    outcomes: list[LiveError | None] = []
    with transaction.atomic():
        log.lock(session.stream_id)
        fresh = LiveSession.objects.get(pk=session.pk)
        people = {request.participant_id for request in requests}
        participants = {one.pk: one for one in Participant.objects.filter(session=fresh, pk__in=people)}
        for request in requests:
            try:
                _vote(fresh, participants.get(request.participant_id), request)
                outcomes.append(None)
            except LiveError as refusal:
                outcomes.append(refusal)
        transaction.on_commit(partial(doorbell.ring_tallies, session.stream_id), robust=True)
    return outcomes


def record_seen(*, session: LiveSession, contribution_ids: Counter[int], option_ids: Counter[int]) -> None:
    """Count that things stood on so many more screens. Phones say each thing once."""
    with transaction.atomic():
        for number in set(contribution_ids.values()):
            ids = [key for key, value in contribution_ids.items() if value == number]
            Contribution.objects.shown().filter(session=session, pk__in=ids).update(seen_count=F("seen_count") + number)
        for number in set(option_ids.values()):
            ids = [key for key, value in option_ids.items() if value == number]
            PromptOption.objects.filter(prompt__session=session, pk__in=ids).update(seen_count=F("seen_count") + number)
        transaction.on_commit(partial(doorbell.ring_tallies, session.stream_id), robust=True)


def _one(participant: Participant, request: VoteRequest) -> None:
    (refusal,) = vote_many(session=participant.session, requests=[request])
    if refusal is not None:
        raise refusal


def _vote(session: LiveSession, participant: Participant | None, request: VoteRequest) -> None:
    if participant is None:
        raise NotAllowed
    if not can_vote(participant, session):
        refusals = {
            SessionState.WAITING: SessionWaiting("The session has not opened yet."),
            SessionState.PAUSED: SessionPaused("The session is paused."),
        }
        raise refusals.get(SessionState(session.state), SessionClosed())
    if (request.contribution_id is None) == (request.option_id is None):
        raise NotPossible("A vote is on one contribution or one option.")
    if request.contribution_id is not None:
        _vote_on_contribution(session, participant, request.contribution_id, request.choice)
    elif request.option_id is not None:
        _vote_on_option(session, participant, request.option_id, request.choice)


def _vote_on_contribution(session: LiveSession, participant: Participant, pk: int, choice: str | None) -> None:
    contribution = Contribution.objects.shown().filter(session=session, pk=pk).first()
    if contribution is None:
        raise NotFound
    if choice not in (None, Vote.Choice.SUPPORT):
        raise NotPossible("A contribution can be supported.", field="choice")
    if participant.pk == contribution.participant_id or participant.author_key == contribution.author_key:
        raise NotPossible("Your own words count as yours already.")
    if choice is None:
        gone, _ = Vote.objects.filter(author_key=participant.author_key, contribution=contribution).delete()
        difference = -1 if gone else 0
    else:
        _, is_new = Vote.objects.get_or_create(
            author_key=participant.author_key,
            contribution=contribution,
            defaults={"participant": participant, "choice": choice},
        )
        difference = 1 if is_new else 0
    if difference:
        Contribution.objects.filter(pk=pk).update(support_count=F("support_count") + difference)


def _vote_on_option(session: LiveSession, participant: Participant, pk: int, choice: str | None) -> None:
    option = PromptOption.objects.select_related("prompt").filter(prompt__session=session, pk=pk).first()
    if option is None or option.prompt.state == Prompt.State.QUEUED:
        raise NotFound
    if option.prompt.state == Prompt.State.CLOSED:
        raise NotPossible("Voting on this has closed.")
    is_poll = option.prompt.kind == Prompt.Kind.POLL
    if choice is not None and (choice not in Vote.Choice.values or (is_poll and choice != Vote.Choice.SUPPORT)):
        raise NotPossible("There is no such choice here.", field="choice")
    mine = Vote.objects.filter(author_key=participant.author_key)
    before = list(mine.filter(option__prompt=option.prompt) if is_poll else mine.filter(option=option))
    if choice is not None and [(vote.option_id, vote.choice) for vote in before] == [(option.pk, choice)]:
        return
    for vote in before:
        if is_poll and choice is None and vote.option_id != option.pk:
            continue
        _count_option(vote.option_id or option.pk, vote.choice, -1)
        vote.delete()
    if choice is not None:
        Vote.objects.create(participant=participant, author_key=participant.author_key, option=option, choice=choice)
        _count_option(option.pk, choice, 1)


def _count_option(option_id: int, choice: str, difference: int) -> None:
    name = f"{choice}_count"
    PromptOption.objects.filter(pk=option_id).update(**{name: F(name) + difference})
