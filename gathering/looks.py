"""How far a look through the desk is, in sentences: what stands beside the button that asks for one."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.dateformat import format as formatted

from gathering.desk import Desk, desk_echoes, desk_themes
from gathering.models import DeskLook, Echo
from gathering.selectors import entries_to_look_through, looks_at
from gathering.theming import LEAST_ENTRIES

Kind, State = DeskLook.Kind, DeskLook.State

SOUGHT = {Kind.ECHOES: "the same words", Kind.THEMES: "themes"}
BUTTONS = {
    Kind.ECHOES: ("Look for the same words", "Look again"),
    Kind.THEMES: ("Suggest themes", "Suggest themes anew"),
}
NO_WORKER = (
    "Tell whoever looks after the server: it is started with “manage.py db_worker --queue-name '*'”, "
    "and this begins by itself then."
)


@dataclass(frozen=True)
class ShownLook:
    """A kind of look and the last one made at a desk."""

    kind: str
    desk: Desk
    look: DeskLook | None = None

    @property
    def has_found_before(self) -> bool:
        if self.kind == Kind.ECHOES:
            return desk_echoes(self.desk).exclude(state=Echo.State.REFUSED).exists()
        return desk_themes(self.desk).exists()

    @property
    def may_begin(self) -> bool:
        """Whether there is enough to look through."""
        if self.kind == Kind.ECHOES:
            return True
        found = entries_to_look_through(self.kind, self.desk.event, self.desk.proposition)
        return found.count() >= LEAST_ENTRIES

    @property
    def is_under_way(self) -> bool:
        """Going on, or only said to be."""
        return self.look is not None and self.look.state in DeskLook.GOING

    @property
    def is_going(self) -> bool:
        return self.look is not None and self.look.is_going

    @property
    def is_running(self) -> bool:
        return self.is_going and self.look is not None and self.look.state == State.RUNNING

    @property
    def is_warning(self) -> bool:
        """Whether something has to be done about it."""
        look = self.look
        return look is not None and (look.is_stalled or look.is_slow_to_begin or look.state == State.FAILED)

    @property
    def percent(self) -> int:
        return self.look.percent if self.look else 0

    @property
    def key(self) -> str:
        """Another as soon as something else is to be said than how far it is."""
        look = self.look
        return f"{look.pk}-{look.state}-{look.is_stalled:d}{look.is_slow_to_begin:d}" if look else "none"

    @property
    def words(self) -> tuple[str, str]:
        """What the button says: when nothing has been found before, and when something has."""
        if self.look and (self.look.is_stalled or self.look.state == State.FAILED):
            return "Try again", "Try again"
        return BUTTONS[Kind(self.kind)]

    @property
    def sentence(self) -> str:
        """Where it stands, and what to do if it does not go on."""
        look = self.look
        if look is None:
            return ""
        sought, at = SOUGHT[Kind(look.kind)], _moment(look.asked_at)
        who = look.asked_by.display_name if look.asked_by else "Somebody"
        if look.is_stalled and look.state == State.WAITING:
            begun = f"Nobody has begun to look for {sought} since {who} asked at {at}"
            return f"{begun}: the server's background worker does not run. {NO_WORKER}"
        if look.is_stalled:
            stopped = f"Looking for {sought} stopped at {look.percent} %"
            return f"{stopped}: the server's worker has ended. Nothing was changed."
        if look.is_going:
            going = f"Looking for {sought} among {look.entries:,} entries. {who} asked for it at {at}."
            late = "The server has not begun: its background worker is busy or does not run."
            return f"{going} {late} {NO_WORKER}" if look.is_slow_to_begin else going
        if look.state == State.STOPPED:
            return f"Looking for {sought} was stopped. Nothing was changed."
        if look.state == State.FAILED:
            why = look.failure or "Something went wrong; the server's log says what. Nothing was changed."
            return f"Looking for {sought} came to nothing. {why}"
        return _found(look)


def _found(look: DeskLook) -> str:
    at, one = _moment(look.moved_at), look.found == 1
    if look.kind == Kind.ECHOES:
        if not look.found:
            return f"Looked at {at}: nothing new was said in the same words."
        return f"{look.found:,} group{'' if one else 's'} in the same words found at {at}."
    if not look.found:
        return f"Looked at {at}: nothing belongs together clearly enough for a theme."
    return f"{look.found} theme{'' if one else 's'} suggested at {at}."


def _moment(moment: datetime.datetime) -> str:
    """The time of day; with its date unless it is today."""
    local = timezone.localtime(moment)
    return formatted(local, "H.i" if local.date() == timezone.localdate() else "H.i, j F Y")


def shown_looks(desk: Desk) -> dict[str, ShownLook]:
    """Each kind of look as a desk shows it; one query, and what a button needs to know where there is one."""
    looks = looks_at(desk.event, desk.proposition)
    return {kind: ShownLook(kind, desk, looks.get(kind)) for kind in Kind.values}
