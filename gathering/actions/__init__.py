"""Every write to the ledger and the desk."""

from gathering.actions.adopting import adopt_source
from gathering.actions.decisions import (
    file_entries,
    merge_entries,
    place_entries,
    place_entry,
    set_aside_entries,
    set_aside_entry,
    star_entries,
    undo_decision,
    unplace_entries,
)
from gathering.actions.desk import keep_place, open_desk, show_ledger
from gathering.actions.echoes import bring_back_echo, collapse_echo, expand_echo, find_echoes, keep_echo, refuse_echo
from gathering.actions.excerpts import pick_excerpt, remove_excerpt
from gathering.actions.ledger import (
    Reconciliation,
    erase_entries,
    flag_source,
    reconcile_ledger,
    record_comment,
    record_contributions,
    star_in_room,
)
from gathering.actions.looking import run_look
from gathering.actions.looks import ask_for_look, stop_look
from gathering.actions.points import add_point, create_points, move_point, remove_point, rename_point
from gathering.actions.themes import accept_theme, bring_back_theme, refuse_theme, suggest_themes, theme_entries
from gathering.actions.vectors import encode_texts
from gathering.actions.wishes import make_link, note_told, wish_to_be_told, wishes_to_grant

__all__ = [
    "Reconciliation",
    "accept_theme",
    "add_point",
    "adopt_source",
    "ask_for_look",
    "bring_back_echo",
    "bring_back_theme",
    "collapse_echo",
    "create_points",
    "encode_texts",
    "erase_entries",
    "expand_echo",
    "file_entries",
    "find_echoes",
    "flag_source",
    "keep_echo",
    "keep_place",
    "make_link",
    "merge_entries",
    "move_point",
    "note_told",
    "open_desk",
    "pick_excerpt",
    "place_entries",
    "place_entry",
    "reconcile_ledger",
    "record_comment",
    "record_contributions",
    "refuse_echo",
    "refuse_theme",
    "remove_excerpt",
    "remove_point",
    "rename_point",
    "run_look",
    "set_aside_entries",
    "set_aside_entry",
    "show_ledger",
    "star_entries",
    "star_in_room",
    "stop_look",
    "suggest_themes",
    "theme_entries",
    "undo_decision",
    "unplace_entries",
    "wish_to_be_told",
    "wishes_to_grant",
]
