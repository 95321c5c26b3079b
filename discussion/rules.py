"""Which comments wait for a moderator, and why."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page

from discussion import spam
from discussion.choices import Override
from discussion.models import Comment, DiscussionSettings, EventRules, SpamFilter
from discussion.text import folded, has_link
from people.permissions import AnyUser, is_editor, is_moderator

CACHE_KEY = "discussion.settings"
EVENTS_KEY = "discussion.event_rules"
CACHE_SECONDS = 60
BEING_CHECKED = "It is being checked for advertising"


@dataclass(frozen=True)
class Rules:
    """What is in force on one page."""

    holds_everything: bool
    holds_first_posts: bool
    holds_links: bool
    holds_spam: bool
    phrases: tuple[str, ...]


def current_settings() -> DiscussionSettings:
    """The rules for everywhere, remembered for a minute: they are asked at every comment."""
    found: DiscussionSettings | None = cache.get(CACHE_KEY)
    if found is None:
        found = DiscussionSettings.objects.first() or DiscussionSettings()
        cache.set(CACHE_KEY, found, CACHE_SECONDS)
    return found


def rules_on(page: Page) -> Rules:
    """The rules for a page: those for everywhere, as far as its event does not say otherwise."""
    everywhere = current_settings()
    event = next((rules for path, rules in _event_rules() if page.path.startswith(path)), None)

    def holds(rule: str) -> bool:
        said = getattr(event, rule) if event else Override.AS_EVERYWHERE
        return said == Override.YES if said else getattr(everywhere, rule)

    return Rules(
        holds_everything=holds("holds_everything"),
        holds_first_posts=holds("holds_first_posts"),
        holds_links=holds("holds_links"),
        holds_spam=holds("holds_spam"),
        phrases=(*everywhere.phrases(), *(event.phrases() if event else ())),
    )


def reason_to_hold(
    *, actor: AnyUser | None, page: Page, body: str, author_key: str, is_facilitator: bool = False
) -> str:
    """Why this comment must wait, in words its author may read; empty if it need not.

    Queries are made only where the answer hangs on them: who somebody is, once a rule applies to their words.
    """
    rules = rules_on(page)
    reason = _reason_in(body, rules) or _reason_in_author(actor, author_key, rules) or _reason_to_check(rules)
    if reason and (is_facilitator or is_moderator(actor) or is_editor(actor)):
        return ""
    return reason


def _reason_in(body: str, rules: Rules) -> str:
    if rules.holds_everything:
        return "Every comment is read before it appears"
    if rules.holds_links and has_link(body):
        return "It holds a link"
    text = folded(body) if rules.phrases else ""
    if any(phrase in text for phrase in rules.phrases):
        return "It holds a word that moderators look at first"
    if rules.holds_spam and spam.judge(body).is_spam:
        return "It reads like advertising"
    return ""


def _reason_to_check(rules: Rules) -> str:
    return BEING_CHECKED if rules.holds_spam and settings.SPAM_CHECK else ""


def _reason_in_author(actor: AnyUser | None, author_key: str, rules: Rules) -> str:
    if (actor is not None and actor.is_authenticated) or not rules.holds_first_posts:
        return ""
    if Comment.objects.published().filter(author_key=author_key).exists():
        return ""
    return "First comments are read before they appear"


def _event_rules() -> list[tuple[str, EventRules]]:
    found: list[tuple[str, EventRules]] | None = cache.get(EVENTS_KEY)
    if found is None:
        found = [(rules.event.path, rules) for rules in EventRules.objects.select_related("event")]
        cache.set(EVENTS_KEY, found, CACHE_SECONDS)
    return found


def forget_settings(**kwargs: object) -> None:
    cache.delete_many([CACHE_KEY, EVENTS_KEY, spam.CACHE_KEY])
    spam.load.cache_clear()


for _model in (DiscussionSettings, EventRules, SpamFilter):
    post_save.connect(forget_settings, sender=_model, dispatch_uid=f"discussion.forget_{_model.__name__}")
    post_delete.connect(forget_settings, sender=_model, dispatch_uid=f"discussion.forget_deleted_{_model.__name__}")
