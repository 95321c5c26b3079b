"""Deciding about words that may have been injected."""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page

from discussion.actions import hide_comment, release_comment
from discussion.choices import CommentState, MentionState
from discussion.mentions.actions import telling_nobody
from discussion.models import Mention
from people.models import User
from people.permissions import is_organiser
from propositions.models import PropositionPage
from wordpress.choices import SuspicionState
from wordpress.exceptions import ImportRefused
from wordpress.models import Suspicion
from wordpress.suspicions import without_phrase


def settle_suspicion(*, actor: User, suspicion: Suspicion, is_cut: bool) -> Suspicion:
    """Cut a suspicious phrase out of its text, or let it stand. Once nothing is open, the text is published.

    A comment or a mention is nobody's to cut: it is hidden, or shown as it is.
    """
    if not is_organiser(actor):
        raise ImportRefused("Only organisers can decide about this.")
    with transaction.atomic():
        suspicion = Suspicion.objects.select_for_update().select_related("record").get(pk=suspicion.pk)
        if suspicion.state != SuspicionState.OPEN:
            return suspicion
        suspicion.state = SuspicionState.CUT if is_cut else SuspicionState.KEPT
        suspicion.settled_by, suspicion.settled_at = actor, timezone.now()
        suspicion.save()
        record = suspicion.record
        is_last = not record.suspicions.filter(state=SuspicionState.OPEN).exists()
        if record.page:
            _settle_page(actor, record.page.specific, suspicion, is_last)
        elif record.comment:
            comment = record.comment
            if is_cut and comment.state != CommentState.WITHDRAWN:
                hide_comment(actor=actor, comment=comment, reason="Advertising")
            elif is_last and comment.state == CommentState.HELD:
                release_comment(actor=actor, comment=comment)
        elif record.mention:
            state = MentionState.HIDDEN if is_cut else MentionState.PUBLISHED
            if is_cut or is_last:
                Mention.objects.filter(pk=record.mention.pk).exclude(state=MentionState.HIDDEN).update(state=state)
        log(instance=record.batch, action="wordpress.settle", user=actor, data={"suspicion": suspicion.pk})
    return suspicion


def _settle_page(actor: User, page: Page, suspicion: Suspicion, is_last: bool) -> None:
    page = page.get_latest_revision_as_object()
    name = "statement" if isinstance(page, PropositionPage) else "body"
    if suspicion.state == SuspicionState.CUT:
        blocks, was_found = _cut(list(getattr(page, name).raw_data), suspicion.phrase)
        if not was_found:
            title, was_found = without_phrase(page.title, suspicion.phrase)
            page.title = page.draft_title = title.strip() or page.title
        if not was_found:
            raise ImportRefused("These words do not stand in the text any more. Keep it as it is, or edit the page.")
        setattr(page, name, json.dumps(blocks))
    revision = page.save_revision(user=actor)
    if is_last:
        was_published = page.first_published_at is not None
        with telling_nobody():
            revision.publish(user=actor)
        if not was_published:
            # Its first revision is dated as it was on the old site.
            dated = page.revisions.order_by("pk").values_list("created_at", flat=True).first()
            type(page).objects.filter(pk=page.pk).update(first_published_at=dated)


def _cut(value: Any, phrase: str) -> tuple[Any, bool]:
    """The blocks without the phrase, wherever in them it stands first."""
    if isinstance(value, str):
        return without_phrase(value, phrase)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("id", "type"):
                continue
            changed, was_found = _cut(inner, phrase)
            if was_found:
                return {**value, key: changed}, True
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            changed, was_found = _cut(inner, phrase)
            if was_found:
                return [*value[:position], changed, *value[position + 1 :]], True
    return value, False
