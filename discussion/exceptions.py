"""Why a write was refused. Every message says what happened and what can be done."""


class DiscussionError(Exception):
    """A write was refused; nothing was changed. `field` names the form field it is about, if it is about one."""

    message = "This could not be done."
    field: str | None = None

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        self.message = message or self.message
        self.field = field or self.field
        super().__init__(self.message)


class DiscussionClosed(DiscussionError):
    message = "The discussion is closed. What was said stays readable."


class NotAllowed(DiscussionError):
    message = "You may not do this."


class ReplyRefused(DiscussionError):
    message = "The comment you reply to is no longer there. Post yours as a comment of its own."
    field = "reply_to"


class InvalidText(DiscussionError):
    message = "This text can't be used."


class TooManyMails(DiscussionError):
    message = "We have sent three e-mails to this address within the hour. Use the link in one of them, or try later."
    field = "email"


class TooManyComments(DiscussionError):
    message = "Very many have posted from this network within the hour. Your text is kept: sign in, or try again later."


class TooManyVoters(DiscussionError):
    message = (
        "Very many people have supported or flagged from this network within the hour. Nothing was counted: try again "
        "later, or sign in."
    )


class LinkUnknown(DiscussionError):
    message = "This link does not work. It may have been cut short by the e-mail program."


class LinkExpired(DiscussionError):
    message = "This link was good for 48 hours and has run out. Post the comment again to get a new one."


class EditTimeOver(DiscussionError):
    message = "A comment can be changed for 15 minutes. You can still withdraw it, or reply to it."


class StateConflict(DiscussionError):
    message = "Somebody else has changed this comment meanwhile. Look at it again."


class ChangedMeanwhile(StateConflict):
    message = "It was changed meanwhile; read it again."


class MentionRefused(DiscussionError):
    """Another site's word is not taken. `code` is what XML-RPC calls the reason."""

    message = "This mention can't be taken."
    code = 0

    def __init__(self, message: str = "", *, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class TooManyNotices(DiscussionError):
    message = "Many mentions have come from there within the hour. Try again later."


class NotThereAnyMore(DiscussionError):
    message = "These words do not stand there any more. Look through the texts again."
