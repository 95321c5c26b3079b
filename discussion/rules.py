"""Which comments wait for a moderator, and why."""

from django.core.cache import cache
from django.db.models.signals import post_save

from discussion.models import Comment, DiscussionSettings
from discussion.text import has_link
from people.permissions import AnyUser, is_editor, is_moderator

CACHE_KEY = "discussion.settings"
CACHE_SECONDS = 60


def current_settings() -> DiscussionSettings:
    """The rules in force, remembered for a minute: they are asked at every comment."""
    found: DiscussionSettings | None = cache.get(CACHE_KEY)
    if found is None:
        found = DiscussionSettings.objects.first() or DiscussionSettings()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


def forget_settings(**kwargs: object) -> None:
    cache.delete(CACHE_KEY)


post_save.connect(forget_settings, sender=DiscussionSettings, dispatch_uid="discussion.forget_settings")


def reason_to_hold(*, actor: AnyUser | None, body: str, author_key: str, is_facilitator: bool = False) -> str:
    """Why this comment must wait, in words its author may read; empty if it need not.

    Queries are made only where the answer hangs on them: who somebody is, once a rule applies to their words.
    """
    reason = _reason_in(body) or _reason_in_author(actor, author_key)
    if reason and (is_facilitator or is_moderator(actor) or is_editor(actor)):
        return ""
    return reason


def _reason_in(body: str) -> str:
    rules = current_settings()
    if rules.holds_everything:
        return "Every comment is read before it appears"
    if rules.holds_links and has_link(body):
        return "It holds a link"
    lowered = body.lower()
    if any(phrase in lowered for phrase in rules.phrases()):
        return "It holds a word that moderators look at first"
    return ""


def _reason_in_author(actor: AnyUser | None, author_key: str) -> str:
    if (actor is not None and actor.is_authenticated) or not current_settings().holds_first_posts:
        return ""
    if Comment.objects.published().filter(author_key=author_key).exists():
        return ""
    return "First comments are read before they appear"
