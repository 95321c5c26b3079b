"""What was said in the same words, as editors judge it."""

from dataclasses import dataclass

from gathering.desk import Desk, desk_echoes
from gathering.models import Echo, Entry
from gathering.selectors import count_people, head_among

Disposition = Entry.Disposition


@dataclass
class EchoPile:
    """What was said in the same words, as editors judge it."""

    echo: Echo
    head: Entry
    others: list[Entry]

    @property
    def people(self) -> int:
        return count_people([self.head, *self.others])

    @property
    def collapsed(self) -> int:
        """How many of the others are merged within it."""
        return sum(1 for entry in self.others if entry.merged_into_id and entry.merged_into.echo_id == self.echo.pk)

    @property
    def left(self) -> int:
        """How many of the others can still be collapsed into its head."""
        return sum(1 for entry in self.others if entry.disposition == Disposition.UNDECIDED)

    @property
    def wordings(self) -> list[tuple[Entry, int]]:
        """The different wordings among the others, each with how many used it."""
        said: dict[str, list[Entry]] = {}
        for entry in self.others:
            if entry.text_hash != self.head.text_hash:
                said.setdefault(entry.text_hash, []).append(entry)
        return [(some[0], len(some)) for some in sorted(said.values(), key=len, reverse=True)]


def echo_piles(desk: Desk) -> list[EchoPile]:
    """Every echo of a desk that nobody refused, most entries first."""
    return _piles(list(desk_echoes(desk).exclude(state=Echo.State.REFUSED).order_by("pk")))


def refused_piles(desk: Desk) -> list[EchoPile]:
    """The echoes of a desk that somebody refused, most entries first."""
    return _piles(list(desk_echoes(desk).filter(state=Echo.State.REFUSED).order_by("pk")))


def _piles(echoes: list[Echo]) -> list[EchoPile]:
    members: dict[int, list[Entry]] = {}
    for entry in (
        Entry.objects.filter(echo__in=echoes, erased_at=None).select_related("point", "merged_into").in_order()
    ):
        members.setdefault(entry.echo_id, []).append(entry)
    found = []
    for echo in echoes:
        some = members.get(echo.pk, [])
        if len(some) > 1:
            head = head_among(some)
            found.append(EchoPile(echo, head, [entry for entry in some if entry.pk != head.pk]))
    return sorted(found, key=lambda pile: (-len(pile.others), pile.echo.pk))
