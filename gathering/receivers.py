"""The ledger listens: what is said, and what happens to it afterwards, reaches the actions."""

from typing import Any

from django.dispatch import receiver

from discussion.models import Comment
from discussion.signals import comment_edited, comment_hidden, comment_published, comment_withdrawn
from gathering.actions import flag_source, record_comment, record_contributions, star_in_room
from live.models import Contribution
from live.signals import (
    contribution_edited,
    contribution_hidden,
    contribution_shown,
    contribution_starred,
    contribution_withdrawn,
)


def _one_or_many(kwargs: dict[str, Any]) -> list[Contribution]:
    return list(kwargs["contributions"]) if "contributions" in kwargs else [kwargs["contribution"]]


@receiver(comment_published, dispatch_uid="gathering.record_comment")
def on_comment_published(comment: Comment, actor: Any = None, is_new: bool = False, **kwargs: Any) -> None:
    record_comment(comment=comment, actor=actor, is_new=is_new)


@receiver(comment_edited, dispatch_uid="gathering.flag_comment_edited")
def on_comment_edited(comment: Comment, actor: Any = None, **kwargs: Any) -> None:
    flag_source(change="edited", comment=comment, actor=actor)


@receiver(comment_hidden, dispatch_uid="gathering.flag_comment_hidden")
def on_comment_hidden(comment: Comment, actor: Any = None, **kwargs: Any) -> None:
    flag_source(change="hidden", comment=comment, actor=actor)


@receiver(comment_withdrawn, dispatch_uid="gathering.flag_comment_withdrawn")
def on_comment_withdrawn(comment: Comment, actor: Any = None, **kwargs: Any) -> None:
    flag_source(change="withdrawn", comment=comment, actor=actor)


@receiver(contribution_shown, dispatch_uid="gathering.record_contributions")
def on_contributions_shown(actor: Any = None, is_new: bool = False, **kwargs: Any) -> None:
    record_contributions(contributions=_one_or_many(kwargs), actor=actor, is_new=is_new)


@receiver(contribution_edited, dispatch_uid="gathering.flag_contribution_edited")
def on_contribution_edited(actor: Any = None, **kwargs: Any) -> None:
    for contribution in _one_or_many(kwargs):
        flag_source(change="edited", contribution=contribution, actor=actor)


@receiver(contribution_hidden, dispatch_uid="gathering.flag_contribution_hidden")
def on_contribution_hidden(actor: Any = None, **kwargs: Any) -> None:
    for contribution in _one_or_many(kwargs):
        flag_source(change="hidden", contribution=contribution, actor=actor)


@receiver(contribution_withdrawn, dispatch_uid="gathering.flag_contribution_withdrawn")
def on_contribution_withdrawn(actor: Any = None, **kwargs: Any) -> None:
    for contribution in _one_or_many(kwargs):
        flag_source(change="withdrawn", contribution=contribution, actor=actor)


@receiver(contribution_starred, dispatch_uid="gathering.star_in_room")
def on_contribution_starred(actor: Any = None, **kwargs: Any) -> None:
    star_in_room(contributions=_one_or_many(kwargs), actor=actor)
