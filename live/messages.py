"""What the live channel may say about a session: its events, in the past tense, as they stand in the log.

The log holds ids and public facts, and who did it (`by`, an account's id, never sent to readers). Text is joined when
an event is read, under what the reader may see then (`selectors`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from live.audiences import CONSOLE, WALL, audience_of_participant
from realtime.log import EVERYBODY, NewEvent


@dataclass(frozen=True, kw_only=True)
class _Message:
    by: int | None = None

    kind: ClassVar[str]
    audience: ClassVar[str] = EVERYBODY

    def event(self) -> NewEvent:
        payload = {name: value for name, value in vars(self).items() if not (name == "by" and value is None)}
        return NewEvent(self.kind, payload, self.audience)


@dataclass(frozen=True, kw_only=True)
class _SessionChanged(_Message):
    """Changed the session itself, so that its version moved."""

    version: int


@dataclass(frozen=True, kw_only=True)
class SessionOpened(_SessionChanged):
    kind = "session.opened"
    state: str = "open"
    opened_at: str | None


@dataclass(frozen=True, kw_only=True)
class SessionPaused(_SessionChanged):
    kind = "session.paused"
    state: str = "paused"


@dataclass(frozen=True, kw_only=True)
class SessionClosed(_SessionChanged):
    kind = "session.closed"
    state: str = "closed"


@dataclass(frozen=True, kw_only=True)
class ModerationChanged(_SessionChanged):
    kind = "session.moderation_changed"
    moderation: str


@dataclass(frozen=True, kw_only=True)
class RehearsalStarted(_SessionChanged):
    kind = "session.rehearsal_started"
    is_rehearsal: bool = True


@dataclass(frozen=True, kw_only=True)
class SessionCleared(_SessionChanged):
    """Everything that was rehearsed is gone: readers fetch a snapshot."""

    kind = "session.cleared"
    state: str = "waiting"
    is_rehearsal: bool = False


@dataclass(frozen=True, kw_only=True)
class _PromptChanged(_SessionChanged):
    prompt_id: int


@dataclass(frozen=True, kw_only=True)
class PromptAdded(_PromptChanged):
    kind = "prompt.added"


@dataclass(frozen=True, kw_only=True)
class PromptEdited(_PromptChanged):
    kind = "prompt.edited"


@dataclass(frozen=True, kw_only=True)
class PromptShown(_PromptChanged):
    kind = "prompt.shown"


@dataclass(frozen=True, kw_only=True)
class PromptClosed(_PromptChanged):
    kind = "prompt.closed"


@dataclass(frozen=True, kw_only=True)
class PromptRemoved(_PromptChanged):
    kind = "prompt.removed"


@dataclass(frozen=True, kw_only=True)
class PromptMoved(_SessionChanged):
    kind = "prompt.moved"
    order: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class _TableSetUp(_SessionChanged):
    """Tables are for consoles; everybody else learns that the version moved."""

    table_id: int


@dataclass(frozen=True, kw_only=True)
class TableAdded(_TableSetUp):
    kind = "table.added"


@dataclass(frozen=True, kw_only=True)
class TableRenamed(_TableSetUp):
    kind = "table.renamed"


@dataclass(frozen=True, kw_only=True)
class TableRemoved(_TableSetUp):
    kind = "table.removed"


@dataclass(frozen=True, kw_only=True)
class TableChanged(_Message):
    """Its headcount, or whether a device writes for it."""

    kind = "table.changed"
    audience = CONSOLE
    table_id: int


@dataclass(frozen=True, kw_only=True)
class SeatChanged(_Message):
    """What a device writes for: a table, or itself. For that device alone."""

    kind = "seat.changed"
    participant_id: int

    def event(self) -> NewEvent:
        return NewEvent(self.kind, {}, audience_of_participant(self.participant_id))


@dataclass(frozen=True, kw_only=True)
class _ContributionChanged(_Message):
    contribution_id: int


@dataclass(frozen=True, kw_only=True)
class ContributionAdded(_ContributionChanged):
    kind = "contribution.added"


@dataclass(frozen=True, kw_only=True)
class ContributionReleased(_ContributionChanged):
    kind = "contribution.released"


@dataclass(frozen=True, kw_only=True)
class ContributionHidden(_ContributionChanged):
    kind = "contribution.hidden"


@dataclass(frozen=True, kw_only=True)
class ContributionWithdrawn(_ContributionChanged):
    kind = "contribution.withdrawn"


@dataclass(frozen=True, kw_only=True)
class ContributionEdited(_ContributionChanged):
    kind = "contribution.edited"


@dataclass(frozen=True, kw_only=True)
class ContributionTagged(_ContributionChanged):
    kind = "contribution.tagged"
    audience = CONSOLE


@dataclass(frozen=True, kw_only=True)
class ContributionUntagged(ContributionTagged):
    kind = "contribution.untagged"


@dataclass(frozen=True, kw_only=True)
class ContributionStarred(_ContributionChanged):
    kind = "contribution.starred"
    audience = CONSOLE
    starred: bool = True


@dataclass(frozen=True, kw_only=True)
class ContributionUnstarred(_ContributionChanged):
    kind = "contribution.unstarred"
    audience = CONSOLE
    starred: bool = False


@dataclass(frozen=True, kw_only=True)
class ContributionMerged(_ContributionChanged):
    kind = "contribution.merged"
    merged_into: int


@dataclass(frozen=True, kw_only=True)
class ContributionUnmerged(_ContributionChanged):
    kind = "contribution.unmerged"
    merged_into: None = None


@dataclass(frozen=True, kw_only=True)
class SpotlightSet(_SessionChanged):
    kind = "spotlight.set"
    contribution_id: int


@dataclass(frozen=True, kw_only=True)
class SpotlightCleared(_SessionChanged):
    kind = "spotlight.cleared"


@dataclass(frozen=True, kw_only=True)
class _TimerChanged(_SessionChanged):
    timer_ends_at: str | None


@dataclass(frozen=True, kw_only=True)
class TimerStarted(_TimerChanged):
    kind = "timer.started"


@dataclass(frozen=True, kw_only=True)
class TimerExtended(_TimerChanged):
    kind = "timer.extended"


@dataclass(frozen=True, kw_only=True)
class TimerStopped(_TimerChanged):
    kind = "timer.stopped"


@dataclass(frozen=True, kw_only=True)
class WallMessageChanged(_SessionChanged):
    kind = "wall.message_changed"
    message: str


@dataclass(frozen=True, kw_only=True)
class WallBlanked(_SessionChanged):
    kind = "wall.blanked"
    blank: bool


@dataclass(frozen=True, kw_only=True)
class WallThemesChanged(_SessionChanged):
    """Which tags the wall shows as themes."""

    kind = "wall.themes_changed"
    tags: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class WallThemesCounted(_Message):
    """What stands under the wall's themes is not what it was."""

    kind = "wall.themes_counted"
    audience = f"{CONSOLE} {WALL}"
