"""What the reports of imports keep about a person: names, and the first words of what they said elsewhere."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from people.models import Person
from people.personal import NAME_REMOVED, Keeper, Subject, register
from people.personal import Record as Kept
from wordpress.choices import SuspicionState
from wordpress.models import Batch, OldAddress, Record, Suspicion


def _records(subject: Subject) -> QuerySet[Record]:
    theirs = Q(author_key__in=subject.author_keys) | Q(comment__author_key__in=subject.author_keys)
    if subject.user:
        theirs |= Q(person__in=Person.objects.filter(user=subject.user))
    return Record.objects.filter(theirs)


def _export(subject: Subject) -> list[Kept]:
    return [
        {"brought in from": one.batch.source, "as": one.kind, "shown as": one.label}
        for one in _records(subject).select_related("batch")
    ]


def _erase(subject: Subject, remains: str) -> int:
    """What became of each thing stays, so that the counts of a report add up; whose it was and what it said goes."""
    records = list(_records(subject).select_related("batch"))
    logins = {(one.batch.source, one.source_id) for one in records if one.kind == "author"}
    for record in records:
        record.label, record.notes, record.previous_text, record.digest = NAME_REMOVED, [], "", ""
        record.author_key, record.kept_reason = remains, ""
        if record.person_id:
            record.source_id = f"{remains}:{record.pk}"
        record.save()
    # Names of authors stand in their addresses on the old site.
    persons = {record.person_id for record in records} - {None}
    if subject.user:
        persons |= set(Person.objects.filter(user=subject.user).values_list("pk", flat=True))
    OldAddress.objects.filter(person__in=persons).delete()
    suspicions = Suspicion.objects.filter(record__in=records)
    suspicions.filter(state=SuspicionState.OPEN).update(state=SuspicionState.CUT, settled_at=timezone.now())
    suspicions.update(phrase="", before="", after="")
    for batch in Batch.objects.all():
        _forget_in_batch(batch, {login for source, login in logins if source == batch.source}, bool(records))
    return len(records)


def _forget_in_batch(batch: Batch, logins: set[str], is_known: bool) -> None:
    changed = []
    if logins:
        for author in batch.summary.get("authors", []):
            if author["login"] in logins:
                author["login"] = author["name"] = NAME_REMOVED
        authors = batch.options.get("authors", {})
        batch.options["authors"] = {login: slug for login, slug in authors.items() if login not in logins}
        changed += ["summary", "options"]
    if is_known and batch.trial:
        # A dry run is soon made again.
        batch.trial = {}
        changed.append("trial")
    if changed:
        batch.save(update_fields=changed)


def register_keepers() -> None:
    register(Keeper("reports of imports", _export, _erase), order=60)
