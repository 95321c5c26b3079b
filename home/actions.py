"""What is written across apps: an event made from an earlier one, and the address of the whole site."""

import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sites.models import Site as DjangoSite
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import Page, Site

from events.models import EventPage
from home.exceptions import EventRefused
from live.models import LiveSessionPage
from people.models import User
from people.permissions import is_organiser
from propositions.models import PropositionPage


def follow_base_url() -> bool:
    """Let the site's own records say the address that the installation is given. Answers whether one said another.

    The first migration writes them. Moved to another address, the site would otherwise go on naming the old one in
    feeds, in its map and to search engines. Called whenever a server starts; nobody acts.
    """
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    site = Site.objects.filter(is_default_site=True).first()
    changed = False
    with transaction.atomic():
        # Itself, or another site of this installation, which keeps the address.
        is_taken = Site.objects.filter(hostname=address.hostname, port=port).exists()
        if site and not is_taken:
            site.hostname, site.port = address.hostname or "localhost", port
            site.save()
            changed = True
        changed |= bool(
            DjangoSite.objects.filter(pk=settings.SITE_ID).exclude(domain=address.netloc).update(domain=address.netloc)
        )
    if changed:
        DjangoSite.objects.clear_cache()
    return changed


def repeat_event(
    *,
    actor: User,
    event: EventPage,
    title: str,
    starts_on: datetime.date,
    takes_propositions: bool = False,
    takes_programme: bool = False,
) -> EventPage:
    """Make a new event from an earlier one: its partners, words and settings, as a draft, with every date moved along.

    Its propositions and its sessions come too if wanted, all as drafts, none with what was said about them. The new
    event is not the current one until an organiser says so.
    """
    if not is_organiser(actor):
        raise EventRefused("Only organisers make events.")
    title = " ".join(title.split())
    if not title:
        raise EventRefused("Give the new event a title.", field="title")
    shift = starts_on - event.starts_on
    with transaction.atomic():
        new = _copied(event, event.get_parent(), actor, title=title)
        new.starts_on, new.ends_on = starts_on, event.ends_on + shift
        new.comments_close_on = event.comments_close_on + shift if event.comments_close_on else None
        new.briefings_from = event.briefings_from + shift if event.briefings_from else None
        new.is_current, new.phase_override = False, ""
        _keep(new, actor)
        twins: dict[int, PropositionPage] = {}
        if takes_propositions:
            for proposition in PropositionPage.objects.child_of(event).live().order_by("number"):
                twin = _copied(proposition, new, actor, title=proposition.title)
                twin.discussion_override, twin.closes_at = "", None
                _keep(twin, actor)
                twins[proposition.pk] = twin
        if takes_programme:
            for session in LiveSessionPage.objects.child_of(event).live().order_by("starts_at"):
                twin = _copied(session, new, actor, title=session.title)
                twin.starts_at = session.starts_at + shift
                twin.ends_at = session.ends_at + shift if session.ends_at else None
                about = session.propositions.values_list("pk", flat=True)
                twin.propositions = [twins[pk] for pk in about if pk in twins]
                _keep(twin, actor)
    return new


def _copied[P: Page](page: P, parent: Page, actor: User, *, title: str) -> P:
    """A draft of a page below a parent, under a free address, without its history."""
    slug = _free_slug(parent, slugify(title) or page.slug)
    attributes = {"title": title, "draft_title": title, "slug": slug}
    action = CopyPageAction(
        page, to=parent, update_attrs=attributes, user=actor, copy_revisions=False, keep_live=False, recursive=False
    )
    copied: P = action.execute(skip_permission_checks=True).specific
    return copied


def _keep(page: Page, actor: User) -> None:
    """Save a draft so that its row and its newest revision say the same."""
    try:
        page.full_clean()
    except ValidationError as error:
        raise EventRefused(" ".join(error.messages)) from error
    page.save()
    page.save_revision(user=actor)


def _free_slug(parent: Page, wanted: str) -> str:
    taken = set(parent.get_children().filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(slug for slug in numbers if slug not in taken)
