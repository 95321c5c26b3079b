"""Putting pages on the site as an editor does, dated as they were."""

import datetime
from typing import Any
from urllib.parse import urlsplit

from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from discussion.mentions.actions import telling_nobody
from discussion.models import Mention
from people.models import User
from propositions.models import PropositionPage
from wordpress.old_addresses import is_short
from wordpress.reader import Item


def add_page(page: Page, *, under: Page, actor: User) -> None:
    page.owner = actor
    page.live = False
    Page.objects.get(pk=under.pk).add_child(instance=page)


def publish_page(page: Page, *, under: Page, at: datetime.datetime | None, actor: User) -> None:
    add_page(page, under=under, actor=actor)
    publish_changes(page, at=at, actor=actor)


def publish_changes(page: Page, *, at: datetime.datetime | None, actor: User) -> None:
    """Publish as an editor does, and date it as it was dated."""
    was_live = page.live
    versions = set(page.statement_versions.values_list("pk", flat=True)) if isinstance(page, PropositionPage) else set()
    revision = page.save_revision(user=actor)
    with telling_nobody():
        revision.publish(user=actor)
    page.refresh_from_db()
    if at is None or was_live or not page.live:
        return
    type(revision).objects.filter(pk=revision.pk).update(created_at=at)
    type(page).objects.filter(pk=page.pk).update(
        first_published_at=at, last_published_at=at, latest_revision_created_at=at
    )
    Mention.objects.filter(source_page_id=page.pk).update(received_at=at)
    if isinstance(page, PropositionPage):
        page.statement_versions.exclude(pk__in=versions).update(published_at=at)


def restrict(page: Page, password: str, notes: list[str]) -> None:
    restrictions = PageViewRestriction.objects.filter(page=page, restriction_type=PageViewRestriction.PASSWORD)
    if not password:
        return
    notes.append("It asks for the same password as before")
    if not restrictions.filter(password=password).exists():
        restrictions.delete()
        PageViewRestriction.objects.create(
            page=page, restriction_type=PageViewRestriction.PASSWORD, password=password[:255]
        )


def lead_from(page: Page, item: Item, fields: dict[str, Any], notes: list[str]) -> None:
    """Lead the old address to the page. Asked only for addresses that nothing stands at."""
    if not item.link:
        return
    parts = urlsplit(item.link) if "[" not in item.link else urlsplit("")
    if not parts.path or parts.path == "/":
        if parts.query and not is_short(parts.query):
            notes.append(f"Its old address /?{parts.query} is the front page here and leads nowhere else")
        return
    old = Redirect.normalise_path(f"{parts.path}{'?' + parts.query if parts.query else ''}")
    if len(old) > 255 or old == Redirect.normalise_path(page.url or ""):
        return
    found = Redirect.objects.filter(old_path=old, site=None).first()
    if found is None:
        Redirect.objects.create(old_path=old, redirect_page=Page.objects.get(pk=page.pk), is_permanent=True)
        fields["redirect_from"], fields["is_redirect_made"] = old, True
    elif found.redirect_page_id != page.pk:
        notes.append(f"Its old address {old} leads elsewhere already")
    else:
        fields["redirect_from"] = old
