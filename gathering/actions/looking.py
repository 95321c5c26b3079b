"""Making the looks that editors ask for."""

from gathering.actions.echoes import find_echoes
from gathering.actions.looks import begin_look, fail_look
from gathering.actions.themes import suggest_themes
from gathering.exceptions import GatheringError, LookEnded, NotAnEditor
from gathering.models import DeskLook


def run_look(*, look_id: int) -> None:
    """Make a look that waits, for whoever asked for it; what it finds and that it is done are written in one go.

    Run twice, it is made once. However it ends, it does not stay under way, unless its process is killed; then it has
    stalled after a while.
    """
    look = begin_look(look_id=look_id)
    if look is None:
        return
    try:
        if look.asked_by is None:
            raise NotAnEditor
        make = find_echoes if look.kind == DeskLook.Kind.ECHOES else suggest_themes
        make(actor=look.asked_by, event=look.event, proposition=look.proposition, look=look)
    except LookEnded:
        return
    except GatheringError as refusal:
        fail_look(look=look, failure=str(refusal))
    except BaseException:
        # Also when the worker is told to exit at once.
        fail_look(look=look)
        raise
