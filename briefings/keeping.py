"""What briefings keep about a person: quotations, cited and typed. What was retold in other words stays."""

from django.db.models import Q, QuerySet

from briefings.actions import take_words_out
from briefings.models import FollowUp, PublishedCitation
from people.personal import NAME_REMOVED, Keeper, Record, Subject, names_of_account, register


def _citations(subject: Subject) -> list[PublishedCitation]:
    return list(
        PublishedCitation.objects.filter(excerpt__entry__author_key__in=subject.author_keys)
        .select_related("excerpt__entry", "published_point__briefing")
        .order_by("published_point__briefing_id", "pk")
    )


def _export(subject: Subject) -> list[Record]:
    return [
        {
            "briefing": one.published_point.briefing.title,
            "address": one.published_point.briefing.full_url,
            "as": one.code,
            "words": one.excerpt.text,
        }
        for one in _citations(subject)
    ]


def _retained(subject: Subject) -> list[str]:
    return [
        f"Briefing “{one.published_point.briefing.title}” cites them as {one.code}. Quotations of their words are "
        "taken out of it: read whether what is left still says what they said, and think of what was printed of it."
        for one in _citations(subject)
    ]


def _erase(subject: Subject, remains: str) -> int:
    return take_words_out(actor=None, author_keys=subject.author_keys)


def _promises(subject: Subject) -> QuerySet[FollowUp]:
    """Theirs by the address that reminders go to, or by the whole name of an account that stands there."""
    theirs = Q(owner_email__in=subject.emails)
    for name in names_of_account(subject):
        theirs |= Q(owner__contains=name)
    return FollowUp.objects.filter(theirs)


def _export_promises(subject: Subject) -> list[Record]:
    return [{"sees to": one.promise, "as": one.owner, "reminded at": one.owner_email} for one in _promises(subject)]


def _erase_promises(subject: Subject, remains: str) -> int:
    """What was promised stays; who promised it does not."""
    return _promises(subject).update(owner=NAME_REMOVED, owner_email="")


def register_keepers() -> None:
    register(Keeper("quotations", _export, _erase, _retained), order=50)
    register(Keeper("follow-ups you see to", _export_promises, _erase_promises), order=51)
