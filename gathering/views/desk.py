"""The sorting desk in the Wagtail admin. Works with plain forms; `static/js/desk.js` makes it quick."""

import datetime
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from content.converters import id_in
from events.models import EventPage
from gathering import actions, encoder
from gathering.beside import panels
from gathering.cards import Card, cards, context_of
from gathering.desk import REASONS, Desk, desk_points, desk_themes, others_at, place_of
from gathering.exceptions import CannotUndo, DecidedMeanwhile, GatheringError, NotAnEditor, NothingChosen
from gathering.filters import Filters, walk
from gathering.looks import ShownLook, shown_looks
from gathering.models import Decision, DeskLook, Entry, Excerpt, Point, RefusedTheme, Theme
from gathering.permissions import can_open_ledger, can_read_ledger, can_sort
from gathering.selectors import (
    Tally,
    counts_of_points,
    coverage_of_propositions,
    decided_by_others,
    last_undoable,
    sentence_of,
    tallies,
)
from gathering.suggestions import Suggester, ends_of, like
from gathering.tasks import encode_event
from gathering.views.looks import ask, look_context, look_payload, stop
from people.models import User
from propositions.models import PropositionPage
from realtime.log import last_seq, read

View = Callable[..., HttpResponse]

# How many cards the browser asks for ahead of the editor.
AHEAD = 12
# How many of those it has already it may name.
MOST_SKIPPED = 100
# How many of the others' doings are told in one answer; the next goes on from there.
MOST_NEWS = 200
# So many undos that were refused are passed over by the next.
MOST_PASSED_OVER = 20
# A place is written down at most this often while somebody only looks.
PLACE_EVERY = datetime.timedelta(seconds=15)


def editors_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_read_ledger(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def get_desk(event_id: int, scope: str) -> Desk:
    event = get_object_or_404(EventPage, pk=event_id)
    if scope == "all":
        return Desk(event, None)
    return Desk(event, get_object_or_404(PropositionPage.objects.child_of(event), pk=id_in(scope)))


def desk_view(view: View) -> View:
    """For editors, with the desk named in the address."""

    @editors_only
    @wraps(view)
    def with_desk(request: HttpRequest, event_id: int, scope: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, get_desk(event_id, scope), *args, **kwargs)

    return with_desk


def address(desk: Desk, name: str = "desk") -> str:
    return reverse(f"desk:{name}", args=[desk.event.pk, desk.scope])


@editors_only
@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Every event and proposition with how far the sorting has come."""
    events = list(EventPage.objects.order_by("-is_current", "-starts_on").select_related("desk"))
    covered = coverage_of_propositions(events)
    people = {
        **tallies(Entry.objects.filter(event__in=events), "event_id", "proposition_id"),
        **{(key, "all"): value for key, value in tallies(Entry.objects.filter(event__in=events), "event_id").items()},
    }
    propositions = list(PropositionPage.objects.order_by("number"))
    rows = []
    for event in events:
        lines = [
            _line(covered.get((event.pk, one.pk), {}), people.get((event.pk, one.pk), Tally()), one.pk, one.title, one)
            for one in propositions
            if one.path.startswith(event.path)
        ]
        merged: dict[str, int] = {}
        for (event_id, _), some in covered.items():
            if event_id == event.pk:
                for value, tally in some.items():
                    merged[value] = merged.get(value, 0) + tally.entries
        everything = {value: Tally(count, 0) for value, count in merged.items()}
        total = _line(everything, people.get((event.pk, "all"), Tally()), "all", "Everything", None)
        rows.append(
            {
                "event": event,
                "total": total,
                "lines": lines,
                "shows": hasattr(event, "desk") and event.desk.shows_ledger,
            }
        )
    return render(
        request,
        "gathering/landing.html",
        {"rows": rows, "may_open": can_open_ledger(request.user)},
    )


def _line(
    covered: dict[str, Tally], total: Tally, scope: Any, title: str, proposition: PropositionPage | None
) -> dict[str, Any]:
    counts = {value: covered.get(value, Tally()).entries for value in Entry.Disposition.values}
    return {"scope": scope, "title": title, "proposition": proposition, "counts": counts, "total": total}


@editors_only
@require_POST
def show_ledger(request: HttpRequest, event_id: int) -> HttpResponse:
    """Open or close the public page of what became of everything."""
    event = get_object_or_404(EventPage, pk=event_id)
    try:
        actions.show_ledger(actor=request.user, event=event, shows=request.POST.get("shows") == "1")
    except NotAnEditor as refusal:
        raise PermissionDenied from refusal
    return redirect("desk:landing")


@desk_view
@require_GET
def desk(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The desk itself: resumes where this editor stopped unless the address says otherwise."""
    opened = actions.open_desk(event_id=desk.event.pk)
    # Before what the page shows: what comes between is told once more.
    seq = last_seq(opened.stream_id)
    place = place_of(desk, request.user)
    resumes = not request.GET and place is not None
    filters = Filters.parse(dict(parse_qsl(place.filters)) if resumes else request.GET)
    near = place.entry if resumes else None
    if (wanted := id_in(request.GET.get("entry"))) is not None:
        near = desk.entries.filter(pk=wanted).first()
    held = walk(desk, filters)
    entry = near
    if near is None or resumes or "after" in request.GET:
        wanted = held.after(near) if "after" in request.GET else None
        wanted = wanted or held.begin(None if "after" in request.GET else near)
        entry = desk.entries.filter(pk=wanted).first() if wanted else None
    actions.keep_place(
        user=request.user, event=desk.event, proposition=desk.proposition, entry=entry, filters=filters.query
    )
    _have_it_read(desk)
    points = desk_points(desk)
    suggester = Suggester(desk, points)
    card = _card(desk, entry, suggester)
    if card:
        _bring_typed(request, card)
    theme = desk_themes(desk).filter(pk=id_in(filters.theme)).first()
    typical, unlike = ends_of(theme) if theme else ([], [])
    context = {
        **_panel_context(desk, filters, points, request.user, card),
        "card": card,
        "next": desk.entries.only("text").filter(pk=held.after(entry)).first() if entry else None,
        "previous": held.before(entry),
        "others": others_at(desk, request.user),
        "seq": seq,
        "reasons": REASONS,
        "can_undo": last_undoable(request.user, desk.event, desk.proposition) is not None,
        "in_filter": len(held.ids),
        "place": held.ids.index(entry.pk) + 1 if entry and entry.pk in held.ids else 0,
        "batch": uuid.uuid4(),
        "passing_over": _passed_over(request.GET),
        "merge_words": request.GET.get("merge", ""),
        # Without a script, what is like the entry is asked for by its own button.
        "alike": like(desk, card.entry, words=request.GET["merge"], limit=8) if card and "merge" in request.GET else [],
        "is_merging": "merge" in request.GET,
        "theme": theme,
        "refused_themes": RefusedTheme.objects.filter(event=desk.event, proposition=desk.proposition),
        "typical": typical,
        "unlike": unlike,
        "looks": {kind: look_context(request, desk, shown) for kind, shown in shown_looks(desk).items()},
        "addresses": {
            name: address(desk, name)
            for name in (
                *("decide", "entries", "since", "alike", "context", "points", "themes"),
                *("coverage", "echoes", "minority", "ledger_csv", "ledger_json"),
            )
        },
        "propositions": _propositions(desk),
        "pointed": _propositions_with_points(desk) if not points else [],
    }
    return render(request, "gathering/desk.html", context)


# When each event's ledger was last given to the optional encoder.
_asked_to_read: dict[int, datetime.datetime] = {}
READ_EVERY = datetime.timedelta(minutes=1)


def _have_it_read(desk: Desk) -> None:
    """Have the optional encoder read what is new, in the background, where it is installed."""
    if encoder.is_installed():
        now = timezone.now()
        if now - _asked_to_read.get(desk.event.pk, now - 2 * READ_EVERY) > READ_EVERY:
            _asked_to_read[desk.event.pk] = now
            encode_event.enqueue(desk.event.pk)


def _propositions(desk: Desk) -> list[PropositionPage]:
    """Where an entry of this desk could be moved to."""
    found = PropositionPage.objects.child_of(desk.event).order_by("number")
    return list(found.exclude(pk=desk.proposition.pk) if desk.proposition else found)


def _propositions_with_points(desk: Desk) -> list[tuple[PropositionPage, int]]:
    """Where the points of an event are that has none for itself, each with how many."""
    if desk.proposition:
        return []
    made = counts_of_points(desk.event)
    found = PropositionPage.objects.filter(pk__in=made).order_by("number")
    return [(one, made[one.pk]) for one in found]


def _card(desk: Desk, entry: Entry | None, suggester: Suggester | None = None) -> Card | None:
    return cards(desk, desk.entries.filter(pk=entry.pk), suggester)[0] if entry else None


def _panel_context(
    desk: Desk, filters: Filters, points: list[Point], user: User, card: Card | None = None
) -> dict[str, Any]:
    shown = panels(desk, filters, points, user)
    suggestions = card.suggestions if card else {}
    return {
        "desk": desk,
        "desk_address": address(desk),
        "filters": filters,
        "panels": shown,
        "may_sort": can_sort(user, desk.event),
        "targets": [
            {"target": target, "suggestion": suggestions.get(str(target.point.pk), "")} for target in shown.targets
        ],
    }


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _panel_html(request: HttpRequest, desk: Desk, filters: Filters) -> dict[str, str]:
    context = _panel_context(desk, filters, desk_points(desk), request.user)
    return {
        "in_filter": str(context["panels"].found.here),
        **{
            name: render_to_string(f"gathering/desk.html#{name}", context, request=request)
            for name in ("coverage", "filters", "shown", "targets")
        },
    }


def card_payload(card: Card, request: HttpRequest | None = None) -> dict[str, Any]:
    """A card as the desk's script takes it."""
    entry = card.entry
    return {
        "id": entry.pk,
        "version": entry.version,
        "disposition": entry.disposition,
        **({"suggestions": card.suggestions} if card.suggestions else {}),
        "opening": entry.text[:160],
        "html": render_to_string("gathering/desk.html#card", {"card": card}, request=request),
    }


def _versions(request: HttpRequest, desk: Desk, filters: Filters) -> dict[int, int]:
    """The entries a form is about: those it names as id:version, or its whole filter if it says so with the count.

    For a whole filter no versions were read one by one: the form says up to which news of the desk its page was made,
    and is refused if somebody else has decided about one of these after that.
    """
    if request.POST.get("every") == "1":
        found = dict(filters.apply(desk).values_list("pk", "version"))
        if str(len(found)) != request.POST.get("count"):
            raise DecidedMeanwhile(
                f"There were {request.POST.get('count')} entries here and now there are {len(found)}. Look again.", []
            )
        # After the versions were read: what is decided from here on, they tell.
        opened = actions.open_desk(event_id=desk.event.pk)
        theirs = decided_by_others(opened, request.user, after=id_in(request.POST.get("seq")) or 0)
        _refuse_decided(theirs, found)
        return found
    seen = {}
    for named in request.POST.getlist("entry"):
        pk, version = map(id_in, named.partition(":")[::2])
        if pk is not None and version is not None:
            seen[pk] = version
    return seen


def _refuse_decided(theirs: Iterable[Decision], found: Mapping[int, int]) -> None:
    """Raise if one of these decisions is about an entry found."""
    about = {one.entry_id: one.actor for one in theirs if one.entry_id in found}
    if not about:
        return
    names = list(dict.fromkeys(actor.display_name if actor else "somebody" for actor in about.values()))
    by = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
    raise DecidedMeanwhile(
        f"{len(about)} of these {'was' if len(about) == 1 else 'were'} decided about by {by} since you opened this "
        "page, so nothing was done. The page is now as things stand: look again, and press once more if you mean it.",
        list(about),
    )


@desk_view
@require_POST
def decide(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Do what a form of the desk says. Answers JSON to the script, and the next entry to a plain form."""
    filters = Filters.parse(dict(parse_qsl(request.POST.get("filters", ""))))
    seen: dict[int, int] = {}
    try:
        seen = _versions(request, desk, filters)
        decisions = _decide(request, desk, seen)
    except GatheringError as refusal:
        return _refused(request, desk, filters, refusal, seen)
    touched = list(dict.fromkeys([*(decision.entry_id for decision in decisions), *seen]))[:AHEAD]
    entry = Entry.objects.filter(pk=next(iter(seen), None)).first()
    is_undo = request.POST.get("do") == "undo"
    if wants_json(request):
        # The browser is ahead of us, and knows what was suggested for these: a guess would only make it wait.
        changed = cards(desk, desk.entries.filter(pk__in=touched))
        return JsonResponse(
            {
                "ok": True,
                "seq": last_seq(actions.open_desk(event_id=desk.event.pk).stream_id),
                "at": f"{timezone.localtime():%H.%M}",
                "cards": [card_payload(card, request) for card in changed],
                "panels": _panel_html(request, desk, filters),
                "can_undo": last_undoable(request.user, desk.event, desk.proposition) is not None,
            }
        )
    if request.POST.get("every") == "1":
        many = f"{len(decisions)} {'entry' if len(decisions) == 1 else 'entries'}"
        messages.success(request, f"Decided about {many} at once. Undo, or U, takes all of it back.")
    query = f"{filters.query}{_passing_over(request)}"
    if is_undo and decisions:
        return HttpResponseRedirect(f"{address(desk)}?{query}&entry={decisions[0].entry_id}")
    stays = request.POST.get("do") in ("star", "unstar", "adopt", "excerpt", "theme") or "excerpt" in request.POST
    if entry and stays:
        return HttpResponseRedirect(f"{address(desk)}?{query}&entry={entry.pk}")
    if entry:
        return HttpResponseRedirect(f"{address(desk)}?{query}&entry={entry.pk}&after")
    return HttpResponseRedirect(f"{address(desk)}?{query}")


def _decide(request: HttpRequest, desk: Desk, seen: dict[int, int]) -> list[Decision]:
    actor, given = request.user, request.POST
    batch = _uuid(given.get("batch"))
    if given.get("do") == "undo":
        passing_over = _passed_over(given)
        return actions.undo_decision(
            actor=actor, event=desk.event, proposition=desk.proposition, batch=batch, passing_over=passing_over
        )
    if given.get("place"):
        point = _point(desk, given["place"])
        if given.get("spans") or given.get("quote", "").strip():
            return _pick(request, desk, seen, point, batch)
        return actions.place_entries(actor=actor, entries=seen, point=point, batch=batch)
    if given.get("excerpt"):
        excerpt = Excerpt.objects.filter(pk=_uuid(given["excerpt"]), entry__in=desk.entries).first()
        if excerpt:
            actions.remove_excerpt(actor=actor, excerpt=excerpt, batch=batch)
        return []
    match given.get("do"):
        case "set_aside":
            reason = given.get("reason_other", "").strip() or given.get("reason", "")
            return actions.set_aside_entries(actor=actor, entries=seen, reason=reason, batch=batch)
        case "merge":
            into = desk.entries.filter(pk=id_in(given.get("into"))).first()
            if into is None:
                raise NothingChosen("Choose the entry to merge into.")
            return actions.merge_entries(actor=actor, entries=seen, into=into, batch=batch)
        case "unplace":
            return actions.unplace_entries(actor=actor, entries=seen, batch=batch)
        case "star" | "unstar":
            return actions.star_entries(actor=actor, entries=seen, is_starred=given["do"] == "star", batch=batch)
        case "excerpt":
            entry = _single(desk, seen)
            if entry.point is None:
                raise NothingChosen("Choose the point that this excerpt is for.")
            return _pick(request, desk, seen, entry.point, batch)
        case "theme":
            theme = desk_themes(desk).filter(pk=id_in(given.get("theme"))).first()
            if given.get("theme") and theme is None:
                raise NothingChosen("Somebody has taken this theme away.")
            return actions.theme_entries(actor=actor, entries=seen, theme=theme, batch=batch)
        case "file":
            return actions.file_entries(
                actor=actor, entries=seen, proposition=_proposition(desk, given.get("proposition", "")), batch=batch
            )
        case "adopt":
            actions.adopt_source(actor=actor, entry=_single(desk, seen), batch=batch)
            return []
    raise NothingChosen("The form said nothing to do.")


def _pick(
    request: HttpRequest, desk: Desk, seen: dict[int, int], point: Point, batch: uuid.UUID | None
) -> list[Decision]:
    entry = _single(desk, seen)
    spans, quote = request.POST.get("spans", ""), request.POST.get("quote", "").strip()
    actions.pick_excerpt(
        actor=request.user,
        entry=entry,
        point=point,
        role=request.POST.get("role") or Excerpt.Role.SUPPORTS,
        text=quote or None,
        spans=None if quote else _spans(spans),
        batch=batch,
    )
    return []


def _spans(text: str) -> list[list[int]]:
    """Marked places as a form sends them; anything else counts as nothing marked."""
    try:
        spans = json.loads(text[:2000])
        return [[int(start), int(end)] for start, end in spans]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return []


def _single(desk: Desk, seen: dict[int, int]) -> Entry:
    """The one entry a form names, as the editor saw it."""
    if len(seen) != 1:
        raise NothingChosen("Choose one entry.")
    pk, version = next(iter(seen.items()))
    entry = desk.entries.select_related("event", "point").filter(pk=pk).first()
    if entry is None:
        raise NothingChosen
    entry.version = version
    return entry


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _point(desk: Desk, text: str) -> Point:
    point = Point.objects.filter(pk=_uuid(text), event=desk.event).first()
    if point is None:
        raise NothingChosen("Somebody has taken this point away.")
    return point


def _proposition(desk: Desk, text: str) -> PropositionPage:
    found = PropositionPage.objects.child_of(desk.event).filter(pk=id_in(text)).first()
    if found is None:
        raise NothingChosen("Choose the proposition to move it to.")
    return found


def _passed_over(given: QueryDict) -> list[uuid.UUID]:
    """What an undo was refused for, and the next one is to pass over."""
    return [one for one in map(_uuid, given.getlist("passing_over")[-MOST_PASSED_OVER:]) if one]


def _passing_over(request: HttpRequest, *more: uuid.UUID | None) -> str:
    """That, as the rest of an address: without a script the page that comes next has to know it."""
    batches = [*_passed_over(request.POST), *(one for one in more if one)]
    return "".join(f"&passing_over={batch}" for batch in dict.fromkeys(batches))


def _refused(
    request: HttpRequest, desk: Desk, filters: Filters, refusal: GatheringError, seen: dict[int, int]
) -> HttpResponse:
    batch = refusal.batch if isinstance(refusal, CannotUndo) else None
    if not wants_json(request):
        messages.error(request, f"{refusal} Undo again for what you decided before." if batch else str(refusal))
        _keep_typed(request, seen)
        first = next(iter(seen), "")
        return HttpResponseRedirect(f"{address(desk)}?{filters.query}{_passing_over(request, batch)}&entry={first}")
    status = {"not_allowed": 403, "archived": 403, "stale": 409, "undo": 409}.get(refusal.code, 422)
    return JsonResponse(
        {
            "ok": False,
            "code": refusal.code,
            "message": str(refusal),
            **({"batch": str(batch)} if batch else {}),
            "cards": [
                card_payload(card, request) for card in cards(desk, desk.entries.filter(pk__in=list(seen)[:AHEAD]))
            ],
            "panels": _panel_html(request, desk, filters),
        },
        status=status,
    )


# What was typed to be quoted and refused, until the desk shows its entry again to whoever typed it.
TYPED = "desk-typed"


def _keep_typed(request: HttpRequest, seen: Mapping[int, int]) -> None:
    quote = request.POST.get("quote", "")[:5000]
    if quote.strip() and len(seen) == 1:
        request.session[TYPED] = [*seen, quote, request.POST.get("role", "")]


def _bring_typed(request: HttpRequest, card: Card) -> None:
    if request.session.get(TYPED, [None])[0] == card.entry.pk:
        _, card.typed, role = request.session.pop(TYPED)
        card.role = role if role in Excerpt.Role.values else card.role


@desk_view
@require_GET
def entries(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Cards for the browser: those after or before an entry in the filter, or the ones named."""
    filters = Filters.parse(request.GET)
    found = filters.apply(desk)
    named = _ids(request, "ids")
    if named:
        found = desk.entries.filter(pk__in=named[:AHEAD])
    else:
        near = desk.entries.filter(pk=id_in(request.GET.get("after"))).first()
        back = desk.entries.filter(pk=id_in(request.GET.get("before"))).first()
        found = found.exclude(pk__in=_ids(request, "skip")[:MOST_SKIPPED])
        found = found.before(back)[:1] if back else found.after(near)[:AHEAD] if near else found.in_order()[:AHEAD]
        found = desk.entries.filter(pk__in=[entry.pk for entry in found]).in_order()
    suggester = Suggester(desk, desk_points(desk))
    return JsonResponse({"cards": [card_payload(card, request) for card in cards(desk, found, suggester)]})


def _ids(request: HttpRequest, name: str) -> list[int]:
    named = map(id_in, request.GET.get(name, "").split(","))
    return [pk for pk in named if pk is not None]


@desk_view
@require_GET
def since(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What other editors have decided after a number, and who is here. Asked each 0.7 seconds."""
    filters = Filters.parse(request.GET)
    after = id_in(request.GET.get("after")) or 0
    opened = actions.open_desk(event_id=desk.event.pk)
    seq = last_seq(opened.stream_id)
    _note_place(request, desk, filters)
    _have_it_read(desk)
    answer: dict[str, Any] = {"seq": seq, "others": others_at(desk, request.user)}
    looks = shown_looks(desk)
    if seq > after or any(shown.is_under_way for shown in looks.values()):
        answer["looks"] = _look_payloads(request, desk, looks)
    if seq > after:
        events = read(opened.stream_id, after=after, limit=MOST_NEWS)
        if len(events) == MOST_NEWS:
            answer["seq"] = events[-1].seq
        theirs = [event for event in events if event.payload.get("actor") != request.user.pk]
        changed = list(dict.fromkeys(pk for event in theirs for pk in event.payload.get("entries", [])))
        answer["changed"] = changed
        answer["sentences"] = _sentences([event.payload["batch"] for event in theirs if "batch" in event.payload][-20:])
        if theirs:
            answer["panels"] = _panel_html(request, desk, filters)
    return JsonResponse(answer)


# On the desk, what is said in the same words has its own page: beside the link to it stands whether it is looked for.
LOOK_TEMPLATES = {DeskLook.Kind.THEMES: "gathering/look.html", DeskLook.Kind.ECHOES: "gathering/look.html#brief"}


def _look_payloads(request: HttpRequest, desk: Desk, looks: Mapping[str, ShownLook]) -> dict[str, dict[str, Any]]:
    return {
        kind: look_payload(request, desk, shown, LOOK_TEMPLATES[DeskLook.Kind(kind)]) for kind, shown in looks.items()
    }


def _sentences(batches: list[str]) -> dict[int, str]:
    decisions = Decision.objects.filter(batch__in=batches).select_related("actor", "actor__person").order_by("pk")[:100]
    return {decision.entry_id: sentence_of(decision) for decision in decisions}


def _note_place(request: HttpRequest, desk: Desk, filters: Filters) -> None:
    """Keep where the editor is, without a write for every question."""
    place = place_of(desk, request.user)
    entry_id = id_in(request.GET.get("entry"))
    moved = place is None or (entry_id and place.entry_id != entry_id) or place.filters != filters.query
    if moved or timezone.now() - place.seen_at > PLACE_EVERY:
        entry = desk.entries.filter(pk=entry_id).first() if entry_id else place.entry if place else None
        actions.keep_place(
            user=request.user, event=desk.event, proposition=desk.proposition, entry=entry, filters=filters.query
        )


@desk_view
@require_GET
def alike(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Entries to merge into: those most like one, or holding the words searched for."""
    entry = get_object_or_404(desk.entries, pk=id_in(request.GET.get("entry")))
    found = like(desk, entry, words=request.GET.get("merge", "")[:200], limit=8)
    return render(request, "gathering/desk.html#alike", {"alike": found})


@desk_view
@require_GET
def context(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was said around an entry."""
    entry = get_object_or_404(
        desk.entries.select_related("comment", "prompt", "session__page", "proposition"),
        pk=id_in(request.GET.get("entry")),
    )
    template = "gathering/desk.html#around" if _wants_fragment(request) else "gathering/context.html"
    return render(request, template, {"around": context_of(entry), "desk": desk, "desk_address": address(desk)})


def _wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


@desk_view
def points(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, order, add and take away the points."""
    if request.method == "POST":
        try:
            _shape_points(request, desk)
        except GatheringError as refusal:
            messages.error(request, str(refusal))
        onwards = request.POST.get("then")
        return redirect(address(desk) if onwards == "desk" else address(desk, "points"))
    numbers = panels(desk, Filters(), desk_points(desk)).targets
    return render(
        request,
        "gathering/points.html",
        {
            "desk": desk,
            "desk_address": address(desk),
            "targets": numbers,
            "may_sort": can_sort(request.user, desk.event),
        },
    )


def _shape_points(request: HttpRequest, desk: Desk) -> None:
    actor, given = request.user, request.POST
    match given.get("do"):
        case "create":
            actions.create_points(actor=actor, event=desk.event, proposition=desk.proposition)
        case "add":
            actions.add_point(
                actor=actor,
                event=desk.event,
                proposition=desk.proposition,
                working_title=given.get("working_title", ""),
            )
        case "rename":
            for point in desk_points(desk):
                title = given.get(f"title-{point.pk}")
                if title is not None and title != point.working_title:
                    actions.rename_point(actor=actor, point=point, working_title=title)
        case _:
            for name, step in (("up", -1), ("down", 1)):
                if given.get(name):
                    point = _point(desk, given[name])
                    actions.move_point(actor=actor, point=point, position=point.position + step)
            if given.get("remove"):
                actions.remove_point(actor=actor, point=_point(desk, given["remove"]))


@desk_view
@require_POST
def themes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Suggest themes or stop looking for them, keep one under a name, refuse it, or bring back what was refused."""
    actor, given = request.user, request.POST
    query = "show=undecided"
    if "filters" in given:
        query = Filters.parse(dict(parse_qsl(given["filters"]))).query
        if (entry := id_in(given.get("entry"))) is not None:
            query = f"{query}&entry={entry}"
    said = ""
    try:
        match given.get("do"):
            case "suggest":
                ask(request, desk, DeskLook.Kind.THEMES)
            case "stop":
                stop(request, desk, DeskLook.Kind.THEMES)
            case "accept" | "refuse":
                theme = get_object_or_404(Theme, pk=id_in(given.get("theme")), event=desk.event)
                if given["do"] == "accept":
                    actions.accept_theme(actor=actor, theme=theme, label=given.get("label", ""))
                    query = f"show=undecided&theme={theme.pk}"
                else:
                    actions.refuse_theme(actor=actor, theme=theme)
            case "bring_back":
                refused = get_object_or_404(RefusedTheme, pk=id_in(given.get("theme")), event=desk.event)
                theme = actions.bring_back_theme(actor=actor, refused=refused)
                query = f"show=undecided&theme={theme.pk}"
            case _:
                raise Http404
    except GatheringError as refusal:
        said = str(refusal)
    if wants_json(request):
        return JsonResponse({"message": said}, status=422 if said else 200)
    if said:
        messages.error(request, said)
    return HttpResponseRedirect(f"{address(desk)}?{query}")
