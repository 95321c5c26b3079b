"""Every write to a live session.

Whoever changes what a session's events tell first locks its stream, so that the order of the log is the order of the
changes.
"""

from live.actions.contributing import (
    Accepted,
    Draft,
    Outcome,
    contribute,
    contribute_many,
    withdraw_contribution,
)
from live.actions.facilitating import (
    add_prompt,
    blank_wall,
    clear_spotlight,
    close_prompt,
    close_session,
    edit_prompt,
    extend_timer,
    move_prompt,
    open_session,
    pause_session,
    remove_prompt,
    set_moderation,
    set_spotlight,
    set_wall_message,
    show_prompt,
    start_timer,
    stop_timer,
)
from live.actions.joining import join_session, seat_scribe, update_identity
from live.actions.moderating import (
    hide_contribution,
    merge_contribution,
    release_contribution,
    star_contribution,
    unmerge_contribution,
    unstar_contribution,
)
from live.actions.sessions import configure_session, create_session, ensure_live_session
from live.actions.voting import SEEN_AT_ONCE, VoteRequest, clear_vote, record_seen, set_vote, vote_many

__all__ = [
    "SEEN_AT_ONCE",
    "Accepted",
    "Draft",
    "Outcome",
    "VoteRequest",
    "add_prompt",
    "blank_wall",
    "clear_spotlight",
    "clear_vote",
    "close_prompt",
    "close_session",
    "configure_session",
    "contribute",
    "contribute_many",
    "create_session",
    "edit_prompt",
    "ensure_live_session",
    "extend_timer",
    "hide_contribution",
    "join_session",
    "merge_contribution",
    "move_prompt",
    "open_session",
    "pause_session",
    "record_seen",
    "release_contribution",
    "remove_prompt",
    "seat_scribe",
    "set_moderation",
    "set_spotlight",
    "set_vote",
    "set_wall_message",
    "show_prompt",
    "star_contribution",
    "start_timer",
    "stop_timer",
    "unmerge_contribution",
    "unstar_contribution",
    "update_identity",
    "vote_many",
    "withdraw_contribution",
]
