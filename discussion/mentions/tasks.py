"""What asks other servers, one piece of work a task, in the worker."""

from functools import partial

from django.db import transaction
from django.tasks import task

from discussion.mentions.actions import deliver_mention, due_work, forget_notices, recheck_mention, settle_notice
from discussion.models import MentionNotice, SentMention


@task
def look_at_notice(notice_id: str) -> None:
    settle_notice(notice_id=notice_id)


@task
def send_mention(sent_id: int) -> None:
    deliver_mention(sent_id=sent_id)


@task
def look_at_mention(mention_id: int) -> None:
    recheck_mention(mention_id=mention_id)


def hand_over_notice(notice: MentionNotice) -> None:
    """Have a notice looked at, once the transaction is through."""
    transaction.on_commit(partial(look_at_notice.enqueue, str(notice.pk)))


def hand_over_sent(sent: list[SentMention]) -> None:
    """Have other sites told, once the transaction is through."""
    for each in sent:
        transaction.on_commit(partial(send_mention.enqueue, each.pk))


def hand_over_due_work() -> dict[str, int]:
    """Have done whatever is due, and forget what is old. Answers how much of each."""
    due = due_work()
    for notice_id in due["notices"]:
        look_at_notice.enqueue(str(notice_id))
    for sent_id in due["sent"]:
        send_mention.enqueue(sent_id)
    for mention_id in due["mentions"]:
        look_at_mention.enqueue(mention_id)
    return {**{name: len(found) for name, found in due.items()}, "forgotten": forget_notices()}
