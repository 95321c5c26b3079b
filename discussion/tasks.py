"""What a discussion does in the background, besides mail."""

import datetime

from django.tasks import task
from django.utils import timezone

from discussion import actions, external
from discussion.models import Comment, SpamFilter

# Several decisions in a row teach once.
LEARN_AFTER = datetime.timedelta(minutes=10)


@task
def learn(*, is_urgent: bool = False) -> int:
    """Learn from the decisions so far, unless that was done a moment ago. Answers the version in force."""
    newest = SpamFilter.objects.order_by("-number").only("number", "learned_at").first()
    if newest and not is_urgent and newest.learned_at > timezone.now() - LEARN_AFTER:
        return newest.number
    return actions.learn_from_decisions().number


@task
def check(comment_id: int) -> None:
    """Ask outside about a comment that waits for the answer."""
    comment = Comment.objects.select_related("page", "person").filter(pk=comment_id).first()
    if comment is not None:
        actions.settle_check(comment=comment, verdict=external.ask(comment))
