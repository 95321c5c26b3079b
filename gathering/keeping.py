"""What the ledger keeps about a person: what they said as it was then, what became of it, and a wish to be told."""

from gathering.actions import erase_entries
from gathering.models import Entry, FormerWords, Wish, WishContact, WordsLink
from gathering.selectors import entries_of, fate_of
from people.personal import Keeper, Record, Subject, register


def _export(subject: Subject) -> list[Record]:
    found, former = [], FormerWords.objects.order_by("pk")
    for entry in entries_of(sorted(subject.author_keys)):
        fate = fate_of(entry)
        found.append(
            {
                "event": entry.event.title,
                "said": entry.said_at.isoformat(),
                "text": entry.text,
                "said before": list(former.filter(decision__entry=entry).values_list("text", flat=True)),
                "shown as": entry.author_label,
                "became": Entry.Disposition(fate.disposition).label,
                "point": fate.point.working_title if fate.point else None,
                "reason": fate.reason,
                "quoted": [excerpt.text for excerpt in entry.excerpts.all()],
            }
        )
    return found


def _erase(subject: Subject, remains: str) -> int:
    return erase_entries(author_keys=subject.author_keys, actor=subject.user)


def _export_wishes(subject: Subject) -> list[Record]:
    contacts = WishContact.objects.filter(email__in=subject.emails).select_related("wish__event")
    return [{"wished to be told of": one.wish.event.title, "at": one.email} for one in contacts]


def _erase_wishes(subject: Subject, remains: str) -> int:
    wishes = Wish.objects.filter(contact__email__in=subject.emails)
    return wishes.delete()[0]


def _export_links(subject: Subject) -> list[Record]:
    links = [one for one in WordsLink.objects.all() if not subject.author_keys.isdisjoint(one.author_keys)]
    return [{"link kept since": one.made_at.isoformat()} for one in links]


def register_keepers() -> None:
    register(Keeper("the ledger", _export, _erase), order=40)
    register(Keeper("wishes to be told", _export_wishes, _erase_wishes), order=41)
    register(Keeper("links to your words", _export_links, lambda subject, remains: 0), order=42)
