"""Why something was refused. Each has a code, which clients know, and a sentence, which people read."""

from collections.abc import Sequence
from typing import Any


class LiveError(Exception):
    """Refused, and nothing was changed. `retry` says that the same request may succeed later."""

    code = "not_possible"
    message = "That is not possible now."
    retry = False
    # As an answer over HTTP.
    status = 409

    def __init__(self, message: str = "", **details: Any) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.details = details

    def as_reply(self) -> dict[str, Any]:
        return {"type": "error", "code": self.code, "message": self.message, "retry": self.retry, **self.details}


class BadFrame(LiveError):
    code = "bad_frame"
    status = 400
    message = "That could not be read."


class FrameTooLarge(LiveError):
    code = "too_large"
    status = 413
    message = "That is more than can be sent at once."


class UnknownCommand(LiveError):
    code = "unknown_command"
    status = 400
    message = "There is no such command."


class NotJoined(LiveError):
    code = "not_joined"
    status = 401
    message = "This device has not joined the session."


class NotAllowed(LiveError):
    code = "not_allowed"
    status = 403
    message = "You may not do that here."


class SecondFactorNeeded(LiveError):
    code = "second_factor"
    status = 403
    message = "Before you run this session, show in a second way that it is you. Open the console again to do so."


class SessionNotFound(LiveError):
    code = "not_found"
    status = 404
    message = "There is no session with this code."


class TableNotFound(LiveError):
    code = "not_found"
    status = 404
    message = "There is no table with this code. Look at the sheet on your table."


class SessionWaiting(LiveError):
    code = "session_waiting"
    message = "The session has not opened yet. Your words stay on this phone."
    retry = True


class SessionPaused(LiveError):
    code = "session_paused"
    message = "The session is paused. Your words stay on this phone."
    retry = True


class SessionClosed(LiveError):
    code = "session_closed"
    message = "The session has closed."


class PromptNotOpen(LiveError):
    code = "prompt_not_open"
    message = "That prompt does not take contributions."


class EmptyBody(LiveError):
    code = "empty"
    status = 422
    message = "Nothing was written."


class BodyTooLong(LiveError):
    code = "too_long"
    status = 422

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"That is {length:,} characters; at most {limit:,} fit. Shorten it a little.", limit=limit)


class ClientIdConflict(LiveError):
    """A client id that was used for other words, or by another device."""

    code = "conflict"
    message = "This was sent before with other words. Send it as a new contribution."


class StaleVersion(LiveError):
    """Somebody else changed the session after the caller last looked. `changes` says who did what."""

    code = "stale"

    def __init__(self, version: int, changes: Sequence[dict[str, str]] = ()) -> None:
        told = [f"{change['by']} {change['did']}" for change in changes]
        # What ends with words that end with a stop has one.
        did = " ".join(one if one.endswith((".”", "?”", "!”", "…”")) else f"{one}." for one in told)
        message = f"{did} Yours was not done: look, then press again." if did else ""
        super().__init__(message, version=version, changes=list(changes))

    message = "Somebody else changed the session meanwhile. Look again, then decide."


class NotFound(LiveError):
    code = "not_found"
    status = 404
    message = "It is not here any more."


class NotPossible(LiveError):
    code = "not_possible"


class IdentityNotAllowed(LiveError):
    code = "identity_not_allowed"
    status = 422


class TooFast(LiveError):
    code = "too_fast"
    status = 429
    retry = True

    def __init__(self, retry_after: int) -> None:
        super().__init__("That is a lot at once. Your words stay on this phone.", retry_after=retry_after)


class TooManyWrongCodes(LiveError):
    code = "too_fast"
    status = 429
    message = "Too many wrong codes were tried. Wait some minutes, or scan the QR code in the room."
    retry = True


class Busy(LiveError):
    """The database could not be written. Nothing was stored."""

    code = "busy"
    status = 503
    message = "It could not be stored just now. It will be tried again."
    retry = True
