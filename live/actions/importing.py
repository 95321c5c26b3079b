"""Bringing in what was said elsewhere."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from content.text import clean_line
from live.actions.contributing import clean_body, hash_of, write_contributions
from live.actions.joining import NAME_LENGTH, ROLE_LENGTH
from live.actions.locking import locked_session
from live.exceptions import LiveError, NotAllowed
from live.models import Contribution, Identity, LiveSession, LiveSessionPage, Participant
from live.permissions import Actor, can_organise
from live.tabular import Problem, Row
from people.consent import Consent
from people.keys import author_key_of_device, author_keys_of_address, author_keys_of_name
from people.models import Person
from people.personal import Erased, erased_keys
from realtime.log import LockedStream

CHUNK = 500
NAMESPACE = uuid.UUID("5d0b3a3e-8c1c-4a55-9f0b-0d6c2f6f7a10")

HIDDEN_ELSEWHERE = "Hidden where it was imported from."
HELD_ELSEWHERE = "Not moderated where it was imported from."
ERASED = "whoever said it was erased here"

Progress = Callable[[int, int], None]


@dataclass
class ImportReport:
    """What became of a file's rows."""

    read: int = 0
    imported: int = 0
    already: int = 0
    by_state: Counter[str] = field(default_factory=Counter)
    people: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_contributions(
    *,
    actor: Actor,
    session: LiveSession,
    rows: Iterable[Row | Problem],
    consent: str = Consent.ANONYMOUS,
    progress: Progress | None = None,
) -> ImportReport:
    """Write rows into a session in the order of their times, whatever its state; all of them, or none.

    Each author becomes one participant. A row that was imported before is known by its author, time and words, and
    left alone. What was hidden where it comes from is hidden here. Whoever was erased here is left out, as far as the
    row tells who it was: by an address as author, or by name.
    """
    if not can_organise(actor):
        raise NotAllowed
    report = ImportReport()
    good: list[tuple[Row, str]] = []
    erased = erased_keys()
    for row in rows:
        report.read += 1
        if isinstance(row, Problem):
            report.problems.append(row)
            continue
        if erased and _is_erased(row, erased):
            report.problems.append(Problem(row.number, ERASED))
            continue
        try:
            good.append((row, clean_body(row.body)))
        except LiveError as refusal:
            report.problems.append(Problem(row.number, _reason(refusal)))
    report.problems.sort(key=lambda problem: problem.number)
    good.sort(key=lambda pair: (pair[0].said_at is None, pair[0].said_at or timezone.now(), pair[0].number))
    with locked_session(session) as (fresh, stream):
        _write(fresh, stream, good, consent, report, progress)
    return report


def _is_erased(row: Row, erased: Erased) -> bool:
    if "@" in row.author and erased.remains(author_keys_of_address(row.author.strip())):
        return True
    # A number of another site's is no name; whoever has an account here by an erased name is somebody else.
    return any(
        erased.remains(author_keys_of_name(name)) and not Person.objects.filter(name__iexact=name).exists()
        for name in {row.name.strip(), row.author.strip()} - {""}
    )


def _reason(refusal: LiveError) -> str:
    if refusal.code == "empty":
        return "there are no words in it"
    return refusal.message[:1].lower() + refusal.message[1:].partition(". ")[0].rstrip(".")


def _write(
    session: LiveSession,
    stream: LockedStream,
    good: list[tuple[Row, str]],
    consent: str,
    report: ImportReport,
    progress: Progress | None,
) -> None:
    client_ids = _client_ids(session, good)
    known = set(
        Contribution.objects.filter(session=session, client_id__in=client_ids).values_list("client_id", flat=True)
    )
    people = _participants(session, [row for row, _ in good], consent)
    through = LiveSessionPage.propositions.through.objects.filter(livesessionpage_id=session.page_id)
    propositions = list(through.values_list("propositionpage_id", flat=True))
    proposition_id = propositions[0] if len(propositions) == 1 else None
    authors: set[str] = set()
    for start in range(0, len(good), CHUNK):
        fresh: list[Contribution] = []
        for (row, body), client_id in zip(good[start : start + CHUNK], client_ids[start:], strict=False):
            author = people[_author(row)]
            authors.add(author.author_key)
            if client_id in known:
                report.already += 1
                continue
            fresh.append(_contribution(session, row, body, client_id, author, proposition_id))
        write_contributions(stream, fresh)
        report.imported += len(fresh)
        report.by_state.update(contribution.state for contribution in fresh)
        if progress:
            progress(min(start + CHUNK, len(good)), len(good))
    report.people = len(authors)


def _contribution(
    session: LiveSession, row: Row, body: str, client_id: uuid.UUID, author: Participant, proposition_id: int | None
) -> Contribution:
    state = Contribution.State(row.verdict)
    return Contribution(
        session=session,
        participant=author,
        proposition_id=proposition_id,
        client_id=client_id,
        body=body,
        body_hash=hash_of(body),
        state=state,
        hold_reason=HELD_ELSEWHERE if state == Contribution.State.HELD else "",
        hide_reason=HIDDEN_ELSEWHERE if state == Contribution.State.HIDDEN else "",
        consent=author.consent,
        author_label=author.label,
        quote_label=author.quote_label,
        author_key=author.author_key,
        table_name=clean_line(row.table)[:60],
        channel=Contribution.Channel.IMPORT,
        said_at=row.said_at or timezone.now(),
    )


def _client_ids(session: LiveSession, good: list[tuple[Row, str]]) -> list[uuid.UUID]:
    """An id for each row that is the same whenever the row is imported. Rows alike in all are told apart by count."""
    seen: Counter[str] = Counter()
    ids = []
    for row, body in good:
        moment = row.said_at.isoformat() if row.said_at else ""
        likeness = "\x1f".join((str(session.pk), row.author, moment, hash_of(body)))
        seen[likeness] += 1
        ids.append(uuid.uuid5(NAMESPACE, f"{likeness}\x1f{seen[likeness]}"))
    return ids


def _author(row: Row) -> str:
    """Who said it, as far as the file tells. Without an author every row is a person of its own."""
    if row.author:
        return f"author:{row.author}"
    return f"row:{row.name}:{row.said_at}:{hashlib.sha256(row.body.encode()).hexdigest()}"


def _participants(session: LiveSession, rows: list[Row], consent: str) -> dict[str, Participant]:
    """A participant for each author, made where there is none. Nobody can join as one: there is no token to hold."""
    wanted: dict[str, Participant] = {}
    for row in rows:
        key = _author(row)
        if key in wanted:
            continue
        name, role = clean_line(row.name)[:NAME_LENGTH], clean_line(row.role)[:ROLE_LENGTH]
        identity = Identity.NAME if name else Identity.ROLE if role else Identity.NOTHING
        wanted[key] = Participant(
            session=session,
            token_hash=hashlib.sha256(f"import:{session.pk}:{key}".encode()).hexdigest(),
            identity=identity,
            name=name,
            role=role,
            consent=consent,
            author_key=author_key_of_device(str(session.pk), f"import:{key}"),
        )
    keys = {participant.token_hash: key for key, participant in wanted.items()}
    for participant in Participant.objects.filter(session=session, token_hash__in=keys):
        wanted[keys[participant.token_hash]] = participant
    Participant.objects.bulk_create([one for one in wanted.values() if one.pk is None], batch_size=CHUNK)
    return wanted
