"""Trying a session out. What is said in a rehearsal reaches no ledger, and goes without a trace when it is cleared."""

from live.actions.locking import account_id, locked_version
from live.exceptions import NotPossible
from live.messages import RehearsalStarted, SessionCleared
from live.models import LiveSession, Prompt, PromptOption, SessionState
from live.permissions import Actor, can_facilitate


def start_rehearsal(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    """Mark a session as a rehearsal. Only one in which nothing has been said: words are never made unsaid."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if fresh.is_rehearsal:
            raise NotPossible("This is a rehearsal already.")
        if fresh.contributions.exists():
            raise NotPossible("Something was said here already, so it is no rehearsal. Rehearse in another session.")
        if fresh.state == SessionState.CLOSED:
            raise NotPossible("The session has closed.")
        fresh.is_rehearsal = True
        fresh.save(update_fields=["is_rehearsal", "version"])
        stream.append([RehearsalStarted(version=fresh.version, by=account_id(actor)).event()])
    return fresh


def clear_rehearsal(*, actor: Actor, session: LiveSession, version: int) -> LiveSession:
    """Take everything back that was rehearsed: what was said, votes, who had joined. Prompts and tables stay.

    The session waits again, for the people it is meant for. Its code and its tables' stay, as printed.
    """
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        if not fresh.is_rehearsal:
            raise NotPossible("This is no rehearsal: what was said here stays.")
        fresh.state = SessionState.WAITING
        fresh.is_rehearsal = fresh.is_blank = False
        fresh.current_prompt = fresh.spotlight = None
        fresh.wall_message = ""
        fresh.wall_tags = []
        fresh.timer_ends_at = fresh.opened_at = fresh.closed_at = None
        fresh.save()
        # Votes go with what they are on, or with who gave them.
        fresh.contributions.all().delete()
        fresh.participants.all().delete()
        fresh.tables.update(headcount=1, may_quote=True)
        fresh.prompts.update(state=Prompt.State.QUEUED, shown_at=None)
        options = PromptOption.objects.filter(prompt__session=fresh)
        options.update(support_count=0, concern_count=0, pass_count=0, seen_count=0)
        stream.append([SessionCleared(version=fresh.version, by=account_id(actor)).event()])
    return fresh
