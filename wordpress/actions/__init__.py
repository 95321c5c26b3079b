"""Every write of an import. The command and the guided page in the admin call the same ones."""

from wordpress.actions.choosing import Choices, choose, forget_import, prepare_import
from wordpress.actions.importing import MOST_TRIED, run_import, try_chosen, try_import
from wordpress.actions.settling import settle_suspicion
from wordpress.actions.undoing import undo_import

__all__ = [
    "MOST_TRIED",
    "Choices",
    "choose",
    "forget_import",
    "prepare_import",
    "run_import",
    "settle_suspicion",
    "try_chosen",
    "try_import",
    "undo_import",
]
