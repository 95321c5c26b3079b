"""Commands as clients send them: `{type: "noun.verb", …}`. The same for sockets and for posts.

Each command names the role it is for and reads its fields; the action it calls decides whether it is allowed.
"""

import datetime
import json
import re
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from live import actions
from live.actions import Draft, VoteRequest
from live.exceptions import BadFrame, FrameTooLarge, NotAllowed, UnknownCommand
from live.models import Contribution, Participant, Prompt, Table, Vote
from live.selectors import Viewer

FRAME_BYTES = 16 * 1024
FRAME_DEPTH = 8
ID_LENGTH = 64
# What an acknowledgement names again, under the same word as the command.
SUBJECTS = {"prompt_id", "table_id", "contribution_id"}
# Fields of forms with a box to tick for each choice.
CHOSEN = {"tags"}
# Larger numbers than any database key holds.
INTEGER_LIMIT = 2**63 - 1
DIGITS = re.compile(r"-?[0-9]{1,19}")

Message = Mapping[str, Any]
Reply = dict[str, Any]


# Reading


def parse(text: str | bytes) -> dict[str, Any]:
    """A frame from a client as an object, or an error that says what is wrong with it."""
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="surrogatepass"))
    if size > FRAME_BYTES:
        raise FrameTooLarge
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        if _depth(decoded) > FRAME_DEPTH:
            raise BadFrame("That is nested too deeply.")
        message = json.loads(decoded, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadFrame from error
    if not isinstance(message, dict):
        raise BadFrame("A message is an object.")
    return message


def from_form(fields: QueryDict) -> dict[str, Any]:
    """A message from a form. Of a field that comes twice the last counts: a button overrules what stands hidden."""
    return fields.dict() | {name: fields.getlist(name) for name in CHOSEN & fields.keys()}


def reply_id(message: Any) -> dict[str, Any]:
    """What a reply carries so that its sender knows what it answers."""
    if not isinstance(message, dict):
        return {}
    carried: dict[str, Any] = {}
    if isinstance(message.get("id"), str) and len(message["id"]) <= ID_LENGTH:
        carried["re"] = message["id"]
    if isinstance(message.get("client_id"), str) and len(message["client_id"]) <= ID_LENGTH:
        carried["client_id"] = message["client_id"]
    return carried


def _depth(text: str) -> int:
    """How deeply brackets nest, outside of strings: cheaper than parsing, and safe at any depth."""
    deepest = depth = 0
    is_string = is_escaped = False
    for character in text:
        if is_string:
            if is_escaped:
                is_escaped = False
            elif character == "\\":
                is_escaped = True
            elif character == '"':
                is_string = False
        elif character == '"':
            is_string = True
        elif character in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "}]":
            depth -= 1
    return deepest


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def text_field(message: Message, name: str, *, default: str | None = None) -> str:
    value = message.get(name, default)
    if not isinstance(value, str):
        raise BadFrame(f"“{name}” is text.", field=name)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadFrame(f"“{name}” is not valid text.", field=name)
    return value.replace("\x00", "")


def number_field(message: Message, name: str) -> int:
    """A whole number, also as digits: forms send text."""
    value = message.get(name)
    if isinstance(value, str) and DIGITS.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INTEGER_LIMIT:
        raise BadFrame(f"“{name}” is a whole number.", field=name)
    return value


def optional_number(message: Message, name: str) -> int | None:
    return None if message.get(name) in (None, "") else number_field(message, name)


def boolean_field(message: Message, name: str, *, default: bool = False) -> bool:
    value = message.get(name, default)
    if isinstance(value, str) and value in ("true", "on", "1", "false", "", "0"):
        value = value in ("true", "on", "1")
    if not isinstance(value, bool):
        raise BadFrame(f"“{name}” is true or false.", field=name)
    return value


def texts_field(message: Message, name: str) -> list[str] | None:
    """A list of texts; from a form, one a line. None if left out."""
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, list) or len(value) > 100:
        raise BadFrame(f"“{name}” is a list of texts.", field=name)
    return [text_field({name: one}, name) for one in value]


def chosen_field(message: Message, name: str) -> list[str]:
    """What was chosen from a list: nothing, if the field is left out, as a form does with no box ticked."""
    return texts_field(message, name) or []


def ids_field(message: Message, name: str) -> set[int]:
    value = message.get(name, [])
    if not isinstance(value, list) or len(value) > actions.SEEN_AT_ONCE:
        raise BadFrame(f"“{name}” is a list of at most {actions.SEEN_AT_ONCE} ids.", field=name)
    return {number_field({name: one}, name) for one in value}


def uuid_field(message: Message, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(text_field(message, name))
    except ValueError:
        raise BadFrame(f"“{name}” is a UUID.", field=name) from None


def moment_field(message: Message, name: str) -> datetime.datetime | None:
    value = text_field(message, name, default="")
    if not value:
        return None
    try:
        moment = parse_datetime(value)
    except ValueError:
        moment = None
    if moment is None:
        raise BadFrame(f"“{name}” is a moment in ISO 8601.", field=name)
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)


def draft(viewer: Viewer, message: Message) -> Draft:
    """The words of a `contribution.add`."""
    return Draft(
        participant_id=participant_of(viewer).pk,
        client_id=uuid_field(message, "client_id"),
        body=text_field(message, "body"),
        prompt_id=optional_number(message, "prompt"),
        proposition_id=optional_number(message, "proposition"),
        said_at=moment_field(message, "said_at"),
        table_id=optional_number(message, "table"),
        headcount=optional_number(message, "headcount"),
    )


def vote_request(viewer: Viewer, message: Message, *, is_clearing: bool) -> VoteRequest:
    """The wish of a `vote.set` or `vote.clear`."""
    choice = None if is_clearing else text_field(message, "choice", default=Vote.Choice.SUPPORT)
    return VoteRequest(
        participant_id=participant_of(viewer).pk,
        contribution_id=optional_number(message, "contribution"),
        option_id=optional_number(message, "option"),
        choice=choice,
    )


def participant_of(viewer: Viewer) -> Participant:
    if viewer.participant is None:
        raise NotAllowed
    return viewer.participant


# Answering


def contribution_ack(contribution: Contribution) -> Reply:
    return {
        "type": "ack",
        "client_id": str(contribution.client_id),
        "contribution": contribution.pk,
        "seq": contribution.seq,
        "state": contribution.state,
        "reason": contribution.hide_reason or contribution.hold_reason,
    }


# The commands


@dataclass(frozen=True)
class Command:
    roles: frozenset[str]
    run: Callable[[Viewer, Message], Reply]


COMMANDS: dict[str, Command] = {}

PARTICIPANT = "participant"
CONSOLE = "console"


def command(
    name: str, *roles: str
) -> Callable[[Callable[[Viewer, Message], Reply]], Callable[[Viewer, Message], Reply]]:
    def register(function: Callable[[Viewer, Message], Reply]) -> Callable[[Viewer, Message], Reply]:
        COMMANDS[name] = Command(frozenset(roles), function)
        return function

    return register


def run(viewer: Viewer, message: Message) -> Reply:
    """Do what a message asks, in this thread, and answer. Raises a `LiveError` where it is refused."""
    found = COMMANDS.get(text_field(message, "type", default=""))
    if found is None:
        raise UnknownCommand
    if viewer.role not in found.roles:
        raise NotAllowed
    return found.run(viewer, message)


@command("contribution.add", PARTICIPANT)
def _add(viewer: Viewer, message: Message) -> Reply:
    wanted = draft(viewer, message)
    contribution = actions.contribute(
        participant=participant_of(viewer),
        client_id=wanted.client_id,
        body=wanted.body,
        prompt_id=wanted.prompt_id,
        proposition_id=wanted.proposition_id,
        said_at=wanted.said_at,
        table_id=wanted.table_id,
        headcount=wanted.headcount,
    )
    return contribution_ack(contribution)


@command("contribution.edit", PARTICIPANT)
def _edit(viewer: Viewer, message: Message) -> Reply:
    contribution = actions.edit_contribution(
        participant=participant_of(viewer),
        contribution_id=number_field(message, "contribution"),
        body=text_field(message, "body"),
    )
    return contribution_ack(contribution)


@command("contribution.withdraw", PARTICIPANT)
def _withdraw(viewer: Viewer, message: Message) -> Reply:
    contribution = actions.withdraw_contribution(
        participant=participant_of(viewer), contribution_id=number_field(message, "contribution")
    )
    return {"type": "ack", "contribution": contribution.pk, "state": contribution.state}


@command("vote.set", PARTICIPANT)
def _set_vote(viewer: Viewer, message: Message) -> Reply:
    wish = vote_request(viewer, message, is_clearing=False)
    actions.set_vote(
        participant=participant_of(viewer),
        contribution_id=wish.contribution_id,
        option_id=wish.option_id,
        choice=wish.choice or Vote.Choice.SUPPORT,
    )
    return {"type": "ack"}


@command("vote.clear", PARTICIPANT)
def _clear_vote(viewer: Viewer, message: Message) -> Reply:
    wish = vote_request(viewer, message, is_clearing=True)
    actions.clear_vote(
        participant=participant_of(viewer), contribution_id=wish.contribution_id, option_id=wish.option_id
    )
    return {"type": "ack"}


@command("seen", PARTICIPANT)
def _seen(viewer: Viewer, message: Message) -> Reply:
    """From a phone whose sockets are blocked; those of sockets are counted together (`writer.see`)."""
    actions.record_seen(
        session=viewer.session,
        contribution_ids=Counter(ids_field(message, "contributions")),
        option_ids=Counter(ids_field(message, "options")),
    )
    return {"type": "ack"}


@command("me.update", PARTICIPANT)
def _update_me(viewer: Viewer, message: Message) -> Reply:
    participant = actions.update_identity(
        participant=participant_of(viewer),
        identity=text_field(message, "identity"),
        name=text_field(message, "name", default=""),
        role=text_field(message, "role", default=""),
        consent=text_field(message, "consent"),
    )
    return {"type": "ack", "label": participant.label}


@command("seat.count", PARTICIPANT)
def _count_seats(viewer: Viewer, message: Message) -> Reply:
    table = actions.set_headcount(participant=participant_of(viewer), headcount=number_field(message, "headcount"))
    return {"type": "ack", "table": table.pk, "headcount": table.headcount}


@command("seat.leave", PARTICIPANT)
def _leave_seat(viewer: Viewer, message: Message) -> Reply:
    actions.leave_seat(participant=participant_of(viewer))
    return {"type": "ack"}


Reader = Callable[[Message], Any]


def _text(name: str, *, default: str | None = None) -> Reader:
    return lambda message: text_field(message, name, default=default)


def _number(name: str) -> Reader:
    return lambda message: number_field(message, name)


def _for_console(name: str, action: Callable[..., Any], /, *, is_versioned: bool = True, **readers: Reader) -> None:
    """A console's command: an action's arguments, each read from the message. Versioned, if it changes the session.

    What is done to single contributions is not: two people may moderate at once.
    """

    @command(name, CONSOLE)
    def run_action(viewer: Viewer, message: Message) -> Reply:
        if viewer.user is None:
            raise NotAllowed
        fields = {argument: read(message) for argument, read in readers.items()}
        seen = {"version": number_field(message, "version")} if is_versioned else {}
        done = action(actor=viewer.user, session=viewer.session, **seen, **fields)
        about = {argument.removesuffix("_id"): value for argument, value in fields.items() if argument in SUBJECTS}
        # Every command on the session moves its version by one.
        now = {"version": seen["version"] + 1} if is_versioned else {}
        return {"type": "ack", **now, **about, **_outcome(done)}


def _outcome(done: Any) -> Reply:
    """What came of an action, as far as its acknowledgement tells it."""
    match done:
        case Contribution():
            return {"contribution": done.pk, "state": done.state}
        case Prompt():
            return {"prompt": done.pk}
        case Table():
            return {"table": done.pk, "headcount": done.headcount}
        case [Table(), *_]:
            return {"tables": [table.pk for table in done]}
    return {}


_for_console("session.open", actions.open_session)
_for_console("session.pause", actions.pause_session)
_for_console("session.close", actions.close_session)
_for_console("session.moderate", actions.set_moderation, moderation=_text("moderation"))
_for_console("session.rehearse", actions.start_rehearsal)
_for_console("session.clear", actions.clear_rehearsal)
_for_console("spotlight.set", actions.set_spotlight, contribution_id=_number("contribution"))
_for_console("spotlight.clear", actions.clear_spotlight)
_for_console("timer.start", actions.start_timer, seconds=_number("seconds"))
_for_console("timer.extend", actions.extend_timer, seconds=_number("seconds"))
_for_console("timer.stop", actions.stop_timer)
_for_console("wall.message", actions.set_wall_message, text=_text("text"))
_for_console("wall.blank", actions.blank_wall, blank=lambda message: boolean_field(message, "blank"))
_for_console("wall.themes", actions.set_wall_themes, tags=lambda message: chosen_field(message, "tags"))

_for_console(
    "prompt.add",
    actions.add_prompt,
    kind=_text("kind"),
    text=_text("text"),
    options=lambda message: texts_field(message, "options") or [],
    show=lambda message: boolean_field(message, "show"),
)
_for_console(
    "prompt.edit",
    actions.edit_prompt,
    prompt_id=_number("prompt"),
    text=_text("text"),
    options=lambda message: texts_field(message, "options"),
)
_for_console(
    "comment.put",
    actions.put_comment,
    comment_id=_number("comment"),
    words=_text("words", default=""),
    show=lambda message: boolean_field(message, "show", default=True),
)
_for_console("prompt.show", actions.show_prompt, prompt_id=_number("prompt"))
_for_console("prompt.close", actions.close_prompt, prompt_id=_number("prompt"))
_for_console("prompt.move", actions.move_prompt, prompt_id=_number("prompt"), position=_number("position"))
_for_console("prompt.remove", actions.remove_prompt, prompt_id=_number("prompt"))

_for_console(
    "table.add",
    actions.add_tables,
    names=lambda message: texts_field(message, "names") or [],
    count=lambda message: optional_number(message, "count"),
)
_for_console("table.rename", actions.rename_table, table_id=_number("table"), name=_text("name"))
_for_console("table.remove", actions.remove_table, table_id=_number("table"))
_for_console(
    "table.count",
    actions.set_table_headcount,
    is_versioned=False,
    table_id=_number("table"),
    headcount=_number("headcount"),
)
_for_console("table.free", actions.free_table, is_versioned=False, table_id=_number("table"))


def _on_contribution(name: str, action: Callable[..., Contribution], **readers: Reader) -> None:
    _for_console(name, action, is_versioned=False, contribution_id=_number("contribution"), **readers)


_on_contribution("contribution.release", actions.release_contribution)
_on_contribution("contribution.hide", actions.hide_contribution, reason=_text("reason"))
_on_contribution("contribution.star", actions.star_contribution)
_on_contribution("contribution.unstar", actions.unstar_contribution)
_on_contribution("contribution.merge", actions.merge_contribution, into_id=_number("into"))
_on_contribution("contribution.unmerge", actions.unmerge_contribution)
_on_contribution("contribution.tag", actions.tag_contribution, tag=_text("tag"))
_on_contribution("contribution.untag", actions.untag_contribution, tag=_text("tag"))
