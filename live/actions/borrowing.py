"""Putting what somebody wrote beforehand to the room."""

from collections.abc import Iterable

from content.text import clean_line, shorten
from discussion.models import Comment
from live.actions.facilitating import show_at_once
from live.actions.locking import account_id, locked_session, locked_version
from live.exceptions import NotFound, NotPossible
from live.messages import PromptAdded, PromptEdited, PromptRemoved
from live.models import PROMPT_LENGTH, LiveSession, Prompt
from live.permissions import Actor, can_facilitate
from live.selectors import comments_for

TAKEN_BACK = "A comment that is not on the site any more."


def put_comment(
    *, actor: Actor, session: LiveSession, version: int, comment_id: int, words: str = "", show: bool = True
) -> Prompt:
    """Put a published comment on one of the session's propositions to the room, as a prompt of open answers.

    `words` are those of its words that the room is to see, left out as many as fit; never others than it has. Somebody
    who does not wish to be quoted is not.
    """
    with locked_version(session, version, actor, can_facilitate) as (fresh, stream):
        comment = comments_for(fresh).filter(pk=comment_id).first()
        if comment is None:
            raise NotFound("This comment is not here to be put to the room.")
        text = passage(comment.comment, words)
        last = fresh.prompts.order_by("-position").first()
        prompt = Prompt.objects.create(
            session=fresh,
            kind=Prompt.Kind.IDEAS,
            text=text,
            comment=comment,
            source_label=comment.quote_label,
            position=last.position + 1 if last else 0,
        )
        stream.append([PromptAdded(version=fresh.version, prompt_id=prompt.pk, by=account_id(actor)).event()])
        if show:
            show_at_once(fresh, stream, prompt, actor)
        fresh.save(update_fields=["current_prompt", "spotlight", "version"])
    return prompt


def retract_comment(*, comment: Comment) -> None:
    """Take a comment that has gone out of sight off every screen it was put on; forget it where it only waited."""
    sessions: Iterable[LiveSession] = LiveSession.objects.filter(prompts__comment=comment).distinct()
    for session in sessions:
        with locked_session(session) as (fresh, stream):
            for prompt in fresh.prompts.filter(comment=comment):
                fresh.version += 1
                if prompt.state == Prompt.State.QUEUED:
                    message = PromptRemoved(version=fresh.version, prompt_id=prompt.pk)
                    prompt.delete()
                    stream.append([message.event()])
                    continue
                prompt.text, prompt.source_label, prompt.comment = TAKEN_BACK, "", None
                prompt.save(update_fields=["text", "source_label", "comment"])
                stream.append([PromptEdited(version=fresh.version, prompt_id=prompt.pk).event()])
            fresh.save(update_fields=["version"])


def passage(text: str, words: str = "") -> str:
    """The part of a comment that a prompt shows: the words asked for if it has them, else its beginning."""
    whole = clean_line(text)
    wanted = clean_line(words)
    if wanted:
        if wanted not in whole:
            raise NotPossible("Choose words that stand in the comment as they are.", field="words")
        if len(wanted) > PROMPT_LENGTH:
            raise NotPossible(f"A prompt has 1 to {PROMPT_LENGTH} characters.", field="words")
        return wanted
    if len(whole) <= PROMPT_LENGTH:
        return whole
    beginning = whole[:PROMPT_LENGTH]
    end = max(beginning.rfind(mark) for mark in (". ", "? ", "! "))
    return beginning[: end + 1] if end > PROMPT_LENGTH // 3 else shorten(whole, PROMPT_LENGTH - 1)
