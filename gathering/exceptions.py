"""Why the desk says no. Every refusal is a sentence that the editor can act on."""

import uuid
from collections.abc import Sequence


class GatheringError(Exception):
    """Something on the desk was refused; `str()` is what to tell the editor."""

    code = "refused"


class NotAnEditor(GatheringError):
    """Only editors sort the ledger."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("Only editors and organisers can sort what was said.")


class EventIsArchived(GatheringError):
    """The event is over for good: its ledger is read, not changed."""

    code = "archived"

    def __init__(self) -> None:
        super().__init__("This event is archived. Its ledger can be read, but no longer changed.")


class DecidedMeanwhile(GatheringError):
    """Somebody else decided about an entry since this editor last saw it."""

    code = "stale"

    def __init__(self, message: str, entry_ids: Sequence[int]) -> None:
        super().__init__(message)
        self.entry_ids = list(entry_ids)


class NothingChosen(GatheringError):
    """The entries named are not in this event's ledger, or none was named."""

    code = "nothing_chosen"

    def __init__(self, message: str = "Choose at least one entry of this event.") -> None:
        super().__init__(message)


class PointRefused(GatheringError):
    """The point cannot be used, made or taken away like this."""

    code = "point"


class MergeRefused(GatheringError):
    """The entries cannot be merged like this."""

    code = "merge"


class ReasonMissing(GatheringError):
    """An entry is never set aside without a reason."""

    code = "reason"

    def __init__(self, message: str = "Give a reason: the person who said it will read it.") -> None:
        super().__init__(message)


class CannotUndo(GatheringError):
    """There is nothing of one's own to undo, or somebody has decided since.

    `batch` is what was to be undone, where that can be passed over to undo what was decided before it.
    """

    code = "undo"

    def __init__(self, message: str, batch: uuid.UUID | None = None) -> None:
        super().__init__(message)
        self.batch = batch


class NotQuotable(GatheringError):
    """The words may not be quoted, or do not stand in the source."""

    code = "quote"


class WishRefused(GatheringError):
    """The wish to be told cannot be kept."""

    code = "wish"


class ThemeRefused(GatheringError):
    """The theme cannot be named or suggested like this."""

    code = "theme"


class EchoRefused(GatheringError):
    """What was said in the same words cannot be collapsed or expanded like this."""

    code = "echo"


class FilingRefused(GatheringError):
    """The entries cannot be moved to this proposition."""

    code = "filing"


class LookEnded(GatheringError):
    """Somebody has stopped the look, or asked for another since: nothing of this one is kept."""

    code = "look"

    def __init__(self) -> None:
        super().__init__("This look was stopped.")
