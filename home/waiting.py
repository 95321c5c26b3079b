"""What waits for somebody, by what they are here: for the page after signing in, and for the admin's first page."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.models import WorkflowState

from briefings.models import BriefingPage
from discussion.choices import MentionState
from discussion.models import Comment, Mention
from discussion.viewsets import waiting as waiting_comments
from events.models import EventPage
from gathering.models import Entry
from gathering.selectors import coverage_of_propositions, entries_of
from live.models import Contribution, LiveSession, SessionState
from people.keys import author_key_of_user
from people.models import Erasure, User
from people.permissions import has_role, is_editor, is_moderator, is_organiser
from people.roles import FACILITATORS
from propositions.models import PropositionPage
from wordpress.choices import BatchState, SuspicionState
from wordpress.models import Suspicion

Disposition = Entry.Disposition


@dataclass(frozen=True)
class Duty:
    """One thing that waits, or the place where one's work is. `count` is None where there is nothing to count."""

    label: str
    address: str
    detail: str = ""
    count: int | None = None

    @property
    def waits(self) -> bool:
        return bool(self.count)


@dataclass(frozen=True)
class Duties:
    """What waits for somebody in one of their roles."""

    role: str
    duties: list[Duty]


def duties_of(user: User) -> list[Duties]:
    """What waits for somebody, role by role; roles they do not have are left out."""
    event = EventPage.objects.current().first()
    groups = [
        Duties("As a facilitator", list(_as_facilitator(user, event))),
        Duties("As a moderator", list(_as_moderator()) if is_moderator(user) else []),
        Duties("As an editor", list(_as_editor(event)) if is_editor(user) else []),
        Duties("As an organiser", list(_as_organiser(event)) if is_organiser(user) else []),
        Duties("What you said", list(_as_delegate(user))),
    ]
    return [group for group in groups if group.duties]


def standing_of(event: EventPage) -> list[Duty]:
    """How an event stands, in a handful of figures, each leading to where it can be worked on; a constant number of
    queries."""
    propositions = PropositionPage.objects.child_of(event).live()
    address = event.get_url() or ""
    comments = Comment.objects.visible_to(None).filter(page__in=propositions)
    sessions = LiveSession.objects.filter(page__path__startswith=event.path, page__live=True, is_rehearsal=False)
    states = [session.state for session in sessions]
    said = Contribution.objects.shown().filter(session__in=sessions)
    entries = Entry.objects.filter(event=event)
    decided = entries.exclude(disposition=Disposition.UNDECIDED).count()
    total = entries.count()
    share = f"{100 * decided // total}% decided" if total else "nothing said yet"
    briefings = BriefingPage.objects.child_of(event)
    published = briefings.live().count()
    return [
        Duty("Propositions", f"{address}#propositions", count=propositions.count()),
        Duty("Comments", reverse("comments:index"), count=comments.count()),
        Duty("Sessions", f"{address}#programme", f"{states.count(SessionState.CLOSED)} closed", len(states)),
        Duty("Contributions", f"{address}#programme", f"from {_people(said)} people", said.count()),
        Duty("In the ledger", reverse("desk:show_ledger", args=[event.pk]), share, total),
        Duty("Briefings", f"{address}#briefings", f"{published} published", briefings.count()),
    ]


def _people(said: QuerySet[Contribution]) -> int:
    return said.values("author_key").distinct().count()


def _as_facilitator(user: User, event: EventPage | None) -> Iterator[Duty]:
    sessions = (
        LiveSession.objects.filter(facilitators=user, page__live=True)
        .exclude(state=SessionState.CLOSED)
        .select_related("page")
        .order_by("page__starts_at")
    )
    for session in sessions:
        starts = timezone.localtime(session.page.starts_at)
        when = "Open now" if session.is_running else date_format(starts, "l j F Y, H.i")
        detail = f"{when}. Code {session.spoken_code}"
        yield Duty(f"Console of “{session.page.title}”", reverse("live:console", args=[session.code]), detail)
    if event is None:
        return
    answered = Comment.objects.visible_to(None).filter(root=OuterRef("pk"), is_facilitator=True)
    mine = PropositionPage.objects.child_of(event).live().filter(proposition_facilitators__person__user=user)
    for proposition in mine.order_by("number"):
        comments = Comment.objects.visible_to(None).filter(page=proposition, is_root=True, is_facilitator=False)
        open_ones = comments.filter(~Exists(answered)).count()
        detail = "without an answer of yours" if open_ones else "every response has your answer"
        label = f"{proposition.number}. {proposition.title}"
        yield Duty(label, f"{proposition.get_url() or ''}#responses", detail, open_ones)
        if has_role(user, FACILITATORS):
            address = reverse("wagtailadmin_pages:add", args=["news", "postpage", proposition.pk])
            yield Duty(f"Write a post under {proposition.number}", address, "an organiser publishes it")


def _as_moderator() -> Iterator[Duty]:
    yield Duty("Comments to look at", reverse("comments:index"), count=waiting_comments().count())
    if mentions := Mention.objects.filter(state=MentionState.HELD).count():
        yield Duty("Mentions to look at", reverse("mentions_admin:index"), count=mentions)
    running = LiveSession.objects.filter(state__in=(SessionState.OPEN, SessionState.PAUSED)).select_related("page")
    for session in running:
        held = session.contributions.filter(state=Contribution.State.HELD).count()
        yield Duty(f"Held in “{session.page.title}”", reverse("live:console", args=[session.code]), count=held)


def _as_editor(event: EventPage | None) -> Iterator[Duty]:
    if event is None:
        return
    numbers = {page.pk: page for page in PropositionPage.objects.child_of(event).live().order_by("number")}
    tallies = {place[1]: by for place, by in coverage_of_propositions([event]).items()}
    for pk, page in numbers.items():
        by = tallies.get(pk, {})
        total = sum(tally.entries for tally in by.values())
        undecided = by[Disposition.UNDECIDED].entries if Disposition.UNDECIDED in by else 0
        if total:
            address = reverse("desk:desk", args=[event.pk, pk])
            yield Duty(f"Sort {page.number}. {page.title}", address, f"of {total} undecided", undecided)
    for draft in BriefingPage.objects.child_of(event).filter(live=False).order_by("number"):
        yield Duty(
            f"Briefing {draft.number}: {draft.title}", reverse("wagtailadmin_pages:edit", args=[draft.pk]), "a draft"
        )


def _as_organiser(event: EventPage | None) -> Iterator[Duty]:
    waiting = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS).count()
    if waiting:
        yield Duty("Pages that wait for approval", reverse("wagtailadmin_home"), count=waiting)
    erasures = sum(erasure.waiting for erasure in Erasure.objects.filter(decided_at=None))
    if erasures:
        yield Duty("Left by an erasure, to decide about", reverse("erasures:index"), count=erasures)
    suspicions = Suspicion.objects.filter(state=SuspicionState.OPEN, record__batch__state=BatchState.DONE).count()
    if suspicions:
        yield Duty("Brought in by an import, to be looked at", reverse("wordpress:index"), count=suspicions)
    if event:
        yield Duty(f"Edit {event.title}", reverse("wagtailadmin_pages:edit", args=[event.pk]), event.phase.label)
    else:
        yield Duty("Choose the current event", reverse("wagtailadmin_explore_root"), "none is marked as current")


def _as_delegate(user: User) -> Iterator[Duty]:
    said = entries_of([author_key_of_user(user)])
    if said:
        used = sum(entry.disposition == Disposition.USED for entry in said)
        detail = f"{used} used in a briefing so far" if used else "see what became of each"
        yield Duty("Where your words went", reverse("gathering:words"), f"{len(said)} said, {detail}")
    yield Duty("What is kept about you", reverse("personal"), "to see, to take along, to have erased")
    yield Duty("Your account", reverse("account_email"), "addresses, passkeys, where you are signed in")
