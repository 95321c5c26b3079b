"""Breakout tables: setting them up, and whose device writes for them.

One device writes for a table at a time. Whoever comes with the table's code takes over; what the device before has
still on it arrives as the table's all the same.
"""

from collections.abc import Sequence

from content.text import clean_line
from live.actions.joining import hash_of_token
from live.actions.locking import account_id, locked_session, locked_version
from live.exceptions import NotAllowed, NotFound, NotPossible, SessionClosed
from live.messages import SeatChanged, TableAdded, TableChanged, TableRemoved, TableRenamed
from live.models import (
    LARGEST_TABLE,
    TABLE_NAME_LENGTH,
    TABLES_AT_MOST,
    Identity,
    LiveSession,
    Participant,
    Seat,
    SessionState,
    Table,
    new_table_key,
)
from live.permissions import Actor, can_facilitate, can_sit
from people.consent import Consent
from people.keys import author_key_of_device, author_key_of_user
from people.models import User
from people.permissions import AnyUser
from realtime.log import LockedStream, NewEvent

# Facilitators


def add_tables(
    *, actor: Actor, session: LiveSession, version: int, names: Sequence[str] = (), count: int | None = None
) -> list[Table]:
    """Set tables up by their names, or as “Table 1” to “Table <count>”. Those that are there already stay as they are.

    Answers with the new ones.
    """
    cleaned = [_clean_name(name) for name in names if name.strip()]
    if count is not None:
        if not 1 <= count <= TABLES_AT_MOST:
            raise NotPossible(f"A session has 1 to {TABLES_AT_MOST} tables.", field="count")
        cleaned += [f"Table {number}" for number in range(1, count + 1)]
    if not cleaned:
        raise NotPossible("Say how many tables, or their names.", field="names")
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        there = list(fresh.tables.all())
        known = {table.name for table in there}
        wanted = [name for name in dict.fromkeys(cleaned) if name not in known]
        if len(there) + len(wanted) > TABLES_AT_MOST:
            raise NotPossible(f"A session has at most {TABLES_AT_MOST} tables.", field="names")
        if not wanted:
            raise NotPossible("These tables are there already.", field="names")
        keys = {table.key for table in there}
        place = max((table.position for table in there), default=-1) + 1
        added = [
            Table.objects.create(session=fresh, name=name, key=_free_key(keys), position=place + offset)
            for offset, name in enumerate(wanted)
        ]
        fresh.save(update_fields=["version"])
        by = account_id(actor)
        stream.append([TableAdded(version=fresh.version, table_id=table.pk, by=by).event() for table in added])
    return added


def rename_table(*, actor: Actor, session: LiveSession, version: int, table_id: int, name: str) -> Table:
    """Call a table something else, for what is said from now on."""
    name = _clean_name(name)
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        table = _table_of(fresh, table_id)
        if fresh.tables.filter(name=name).exclude(pk=table.pk).exists():
            raise NotPossible("Another table has this name.", field="name")
        table.name = name
        table.save(update_fields=["name"])
        fresh.save(update_fields=["version"])
        renamed = TableRenamed(version=fresh.version, table_id=table.pk, by=account_id(actor)).event()
        stream.append([renamed, *_told_to_scribe(table)])
    return table


def remove_table(*, actor: Actor, session: LiveSession, version: int, table_id: int) -> None:
    """Take a table away at which nothing was said."""
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        table = _table_of(fresh, table_id)
        if table.contributions.exists():
            raise NotPossible("Something was said at this table, so it stays.")
        scribe = Participant.objects.filter(table=table).first()
        table.delete()
        fresh.save(update_fields=["version"])
        removed = TableRemoved(version=fresh.version, table_id=table_id, by=account_id(actor)).event()
        stream.append([removed, *([SeatChanged(participant_id=scribe.pk).event()] if scribe else [])])


def set_table_headcount(*, actor: Actor, session: LiveSession, table_id: int, headcount: int) -> Table:
    """Say how many people sit at a table, for its scribe."""
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        table = _table_of(fresh, table_id)
        _count(stream, table, headcount, by=account_id(actor))
    return table


def free_table(*, actor: Actor, session: LiveSession, table_id: int) -> Table:
    """Take a table from the device that writes for it, so that its owner speaks for themselves again."""
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        table = _table_of(fresh, table_id)
        scribe = Participant.objects.filter(table=table).first()
        if scribe is None:
            raise NotPossible("Nobody writes for this table now.")
        _leave(stream, scribe, table, by=account_id(actor))
    return table


def seat_scribe(*, actor: Actor, participant: Participant, table_name: str, headcount: int) -> Table:
    """Let a device write for a table from now on, which is set up if it is not there. A facilitator's to say."""
    name = _clean_name(table_name)
    with locked_session(participant.session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        table = fresh.tables.filter(name=name).first()
        if table is None:
            keys = set(fresh.tables.values_list("key", flat=True))
            last = fresh.tables.order_by("-position").first()
            place = last.position + 1 if last else 0
            table = Table.objects.create(session=fresh, name=name, key=_free_key(keys), position=place)
        _sit(stream, participant, table, headcount, by=account_id(actor))
    return table


# Scribes


def take_seat(
    *,
    session: LiveSession,
    token: str,
    key: str,
    headcount: int,
    user: AnyUser | None = None,
    may_quote: bool = True,
) -> Participant:
    """Let whoever holds a table's code write for it. Their device joins the session, if it has not.

    Whether a briefing may quote the table is its people's to say; how the device's owner is quoted stays as it was.
    """
    account = user if isinstance(user, User) and user.is_active else None
    with locked_session(session) as (fresh, stream):
        table = fresh.tables.filter(key=key.upper()).first()
        if table is None:
            raise NotFound
        participant = Participant.objects.filter(session=fresh, token_hash=hash_of_token(token)).first()
        is_new = participant is None
        if participant is None:
            participant = Participant(
                session=fresh,
                token_hash=hash_of_token(token),
                identity=Identity.NOTHING,
                consent=Consent.ANONYMOUS,
                user=account,
                person=getattr(account, "person", None) if account else None,
                author_key=author_key_of_user(account) if account else author_key_of_device(str(fresh.pk), token),
            )
        if not can_sit(participant, fresh):
            raise SessionClosed
        if is_new:
            participant.save()
        table.may_quote = may_quote
        table.save(update_fields=["may_quote"])
        _sit(stream, participant, table, headcount)
    return participant


def set_headcount(*, participant: Participant, headcount: int) -> Table:
    """Say how many sit at the table that this device writes for."""
    with locked_session(participant.session) as (fresh, stream):
        table = _seat_of(participant, fresh)
        _count(stream, table, headcount)
    return table


def leave_seat(*, participant: Participant) -> None:
    """Speak for oneself again."""
    with locked_session(participant.session) as (fresh, stream):
        table = _seat_of(participant, fresh)
        _leave(stream, Participant.objects.get(pk=participant.pk), table)
    participant.table = None


# Helpers of this module


def author_key_of_table(table: Table) -> str:
    """A table is one author, whichever device writes for it."""
    return author_key_of_device(str(table.session_id), f"table:{table.pk}")


def check_headcount(headcount: int) -> int:
    if not 1 <= headcount <= LARGEST_TABLE:
        raise NotPossible(f"A table seats 1 to {LARGEST_TABLE} people.", field="headcount")
    return headcount


def _seat_of(participant: Participant, session: LiveSession) -> Table:
    table = session.tables.filter(participants=participant.pk).first()
    if table is None:
        raise NotPossible("This device does not write for a table.")
    if session.state == SessionState.CLOSED:
        raise SessionClosed
    return table


def _sit(
    stream: LockedStream, participant: Participant, table: Table, headcount: int, *, by: int | None = None
) -> None:
    check_headcount(headcount)
    left = list(Table.objects.filter(participants=participant.pk).exclude(pk=table.pk))
    before = list(Participant.objects.filter(table=table).exclude(pk=participant.pk))
    Participant.objects.filter(table=table).exclude(pk=participant.pk).update(table=None)
    table.headcount = headcount
    table.save(update_fields=["headcount"])
    participant.table = table
    participant.save(update_fields=["table"])
    Seat.objects.get_or_create(table=table, participant=participant)
    stream.append(
        [
            *(TableChanged(table_id=one.pk, by=by).event() for one in [table, *left]),
            *(SeatChanged(participant_id=one.pk).event() for one in [participant, *before]),
        ]
    )


def _leave(stream: LockedStream, scribe: Participant, table: Table, *, by: int | None = None) -> None:
    scribe.table = None
    scribe.save(update_fields=["table"])
    stream.append([TableChanged(table_id=table.pk, by=by).event(), SeatChanged(participant_id=scribe.pk).event()])


def _count(stream: LockedStream, table: Table, headcount: int, *, by: int | None = None) -> None:
    table.headcount = check_headcount(headcount)
    table.save(update_fields=["headcount"])
    stream.append([TableChanged(table_id=table.pk, by=by).event(), *_told_to_scribe(table)])


def _told_to_scribe(table: Table) -> list[NewEvent]:
    return [SeatChanged(participant_id=scribe.pk).event() for scribe in Participant.objects.filter(table=table)]


def _table_of(session: LiveSession, table_id: int) -> Table:
    table = session.tables.filter(pk=table_id).first()
    if table is None:
        raise NotFound
    return table


def _clean_name(name: str) -> str:
    name = clean_line(name)
    if not name or len(name) > TABLE_NAME_LENGTH:
        raise NotPossible(f"A table's name has 1 to {TABLE_NAME_LENGTH} characters.", field="name")
    return name


def _free_key(taken: set[str]) -> str:
    while (key := new_table_key()) in taken:
        pass
    taken.add(key)
    return key
