"""Every write about briefings."""

from briefings.actions.drafts import (
    SyncReport,
    forget_publication,
    record_publication,
    retire_address,
    start_briefing,
    sync_points,
)
from briefings.actions.erasures import take_words_out
from briefings.actions.follow_ups import add_follow_up, change_follow_up, remind_owners
from briefings.actions.notices import tell_of_remnants, unschedule_unready
from briefings.actions.objections import close_objections, object_to_quoting, open_objections, take_objection_back

__all__ = [
    "SyncReport",
    "add_follow_up",
    "change_follow_up",
    "close_objections",
    "forget_publication",
    "object_to_quoting",
    "open_objections",
    "record_publication",
    "remind_owners",
    "retire_address",
    "start_briefing",
    "sync_points",
    "take_objection_back",
    "take_words_out",
    "tell_of_remnants",
    "unschedule_unready",
]
