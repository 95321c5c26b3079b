"""What facilitators and moderators do with what was said."""

from django.utils.text import Truncator

from content.text import clean_line
from live.actions.locking import account_id, contribution_of, locked_session
from live.exceptions import NotAllowed, NotPossible
from live.messages import (
    ContributionHidden,
    ContributionMerged,
    ContributionReleased,
    ContributionStarred,
    ContributionTagged,
    ContributionUnmerged,
    ContributionUnstarred,
    ContributionUntagged,
    SpotlightCleared,
    WallThemesCounted,
)
from live.models import TAG_LENGTH, Contribution, LiveSession
from live.permissions import Actor, can_facilitate, can_moderate
from live.signals import contribution_hidden, contribution_shown, contribution_starred
from realtime.log import NewEvent

State = Contribution.State

TAGS_AT_MOST = 8


def release_contribution(*, actor: Actor, session: LiveSession, contribution_id: int) -> Contribution:
    """Show what was held or hidden. Of what is shown already it changes nothing: two may press at once."""
    with locked_session(session) as (fresh, stream):
        if not can_moderate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        if contribution.state == State.SHOWN:
            return contribution
        if contribution.state == State.WITHDRAWN:
            raise NotPossible("Its author took it back.")
        contribution.state = State.SHOWN
        contribution.hold_reason = contribution.hide_reason = ""
        contribution.save(update_fields=["state", "hold_reason", "hide_reason"])
        released = ContributionReleased(contribution_id=contribution.pk, by=account_id(actor)).event()
        stream.append([released, *themes_counted(fresh, contribution)])
        contribution_shown.send(sender=Contribution, contributions=[contribution], actor=actor)
    return contribution


def hide_contribution(*, actor: Actor, session: LiveSession, contribution_id: int, reason: str) -> Contribution:
    """Take something off every screen. Its author is told why; consoles keep it. The spotlight lets go of it."""
    reason = Truncator(clean_line(reason)).chars(200)
    if not reason:
        raise NotPossible("Say why: its author is told.", field="reason")
    with locked_session(session) as (fresh, stream):
        if not can_moderate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        if contribution.state == State.WITHDRAWN:
            raise NotPossible("Its author took it back.")
        contribution.state = State.HIDDEN
        contribution.hide_reason = reason
        contribution.save(update_fields=["state", "hide_reason"])
        events = [ContributionHidden(contribution_id=contribution.pk, by=account_id(actor)).event()]
        events += clear_spotlight_of(fresh, contribution)
        stream.append([*events, *themes_counted(fresh, contribution)])
        contribution_hidden.send(sender=Contribution, contribution=contribution, actor=actor)
    return contribution


def clear_spotlight_of(session: LiveSession, contribution: Contribution) -> list[NewEvent]:
    """Take a contribution that may no longer be seen off the wall, on a session that is held."""
    if session.spotlight_id != contribution.pk:
        return []
    session.spotlight = None
    session.version += 1
    session.save(update_fields=["spotlight", "version"])
    return [SpotlightCleared(version=session.version).event()]


def themes_counted(session: LiveSession, contribution: Contribution) -> list[NewEvent]:
    """Have the wall's themes read again, if something that may stand under one of them has changed."""
    if not session.wall_tags or not (contribution.tags or contribution.merged_into_id):
        return []
    return [WallThemesCounted().event()]


def star_contribution(*, actor: Actor, session: LiveSession, contribution_id: int) -> Contribution:
    return _set_star(actor, session, contribution_id, is_starred=True)


def unstar_contribution(*, actor: Actor, session: LiveSession, contribution_id: int) -> Contribution:
    return _set_star(actor, session, contribution_id, is_starred=False)


def _set_star(actor: Actor, session: LiveSession, contribution_id: int, *, is_starred: bool) -> Contribution:
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        if contribution.is_starred == is_starred:
            return contribution
        contribution.is_starred = is_starred
        contribution.save(update_fields=["is_starred"])
        message = ContributionStarred if is_starred else ContributionUnstarred
        starred = message(contribution_id=contribution.pk, by=account_id(actor)).event()
        stream.append([starred, *themes_counted(fresh, contribution)])
        contribution_starred.send(sender=Contribution, contribution=contribution, actor=actor)
    return contribution


def merge_contribution(*, actor: Actor, session: LiveSession, contribution_id: int, into_id: int) -> Contribution:
    """Fold one contribution into another that says the same. Both stay; nothing is more than one step from its head."""
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        into = contribution_of(fresh, into_id)
        if contribution.pk == into.pk or into.merged_into_id is not None:
            raise NotPossible("Merge it into one that is not merged itself.")
        if contribution.state != State.SHOWN or into.state != State.SHOWN:
            raise NotPossible("Only what is shown can be merged.")
        moved = [contribution, *contribution.merged.order_by("seq")]
        Contribution.objects.filter(pk__in=[one.pk for one in moved]).update(merged_into=into)
        contribution.merged_into = into
        by = account_id(actor)
        events = [ContributionMerged(contribution_id=one.pk, merged_into=into.pk, by=by).event() for one in moved]
        stream.append([*events, *themes_counted(fresh, contribution)])
    return contribution


def unmerge_contribution(*, actor: Actor, session: LiveSession, contribution_id: int) -> Contribution:
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        if contribution.merged_into_id is None:
            return contribution
        counted = themes_counted(fresh, contribution)
        contribution.merged_into = None
        contribution.save(update_fields=["merged_into"])
        unmerged = ContributionUnmerged(contribution_id=contribution.pk, by=account_id(actor)).event()
        stream.append([unmerged, *counted])
    return contribution


def tag_contribution(*, actor: Actor, session: LiveSession, contribution_id: int, tag: str) -> Contribution:
    """Put a word on a contribution by which consoles find it again. The room sees it only as a theme of the wall."""
    tag = clean_line(tag)
    if not tag or len(tag) > TAG_LENGTH:
        raise NotPossible(f"A tag has 1 to {TAG_LENGTH} characters.", field="tag")
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        if any(tag.casefold() == known.casefold() for known in contribution.tags):
            return contribution
        if len(contribution.tags) >= TAGS_AT_MOST:
            raise NotPossible(f"At most {TAGS_AT_MOST} tags on one contribution.", field="tag")
        contribution.tags = [*contribution.tags, tag]
        contribution.save(update_fields=["tags"])
        tagged = ContributionTagged(contribution_id=contribution.pk, by=account_id(actor)).event()
        stream.append([tagged, *themes_counted(fresh, contribution)])
    return contribution


def untag_contribution(*, actor: Actor, session: LiveSession, contribution_id: int, tag: str) -> Contribution:
    with locked_session(session) as (fresh, stream):
        if not can_facilitate(actor, fresh):
            raise NotAllowed
        contribution = contribution_of(fresh, contribution_id)
        kept = [known for known in contribution.tags if known.casefold() != clean_line(tag).casefold()]
        if kept == contribution.tags:
            return contribution
        counted = themes_counted(fresh, contribution)
        contribution.tags = kept
        contribution.save(update_fields=["tags"])
        untagged = ContributionUntagged(contribution_id=contribution.pk, by=account_id(actor)).event()
        stream.append([untagged, *counted])
    return contribution
