"""`manage.py rehearse`: a room full of simulated phones against a running server, and whether anything was lost."""

import asyncio
import random
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from live import actions, rehearsal
from live.actions.joining import new_device_token
from live.exceptions import LiveError
from live.models import Contribution, LiveSession, SessionState
from live.permissions import OPERATOR
from live.rehearsal import Plan, Room, Stored
from realtime import log
from realtime.models import Event

PHONES_AT_MOST = 2000


class Command(BaseCommand):
    help = (
        "Play phones against a running server: real sockets, arrival times like a real room's. Marks the session as a "
        "rehearsal, verifies that nothing was lost, doubled or reordered, and prints how long things took."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("session", metavar="SESSION", help="the session's code")
        parser.add_argument("--phones", type=int, default=200)
        parser.add_argument("--minutes", type=float, default=2.0)
        parser.add_argument("--url", default="http://localhost:8000", help="where the server is; default %(default)s")
        parser.add_argument("--contributions", type=int, help="how many in all; by default 44 for 100 phones")
        parser.add_argument("--random", action="store_true", help="spread evenly at random instead of in bursts")
        parser.add_argument(
            "--cut-off", type=float, default=0.1, metavar="SHARE", help="phones that lose their signal; default 0.1"
        )
        parser.add_argument("--seed", type=int, default=None, help="play the same again")
        parser.add_argument("--clear", action="store_true", help="clear the rehearsal afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        phones, seconds = options["phones"], options["minutes"] * 60
        if not 1 <= phones <= PHONES_AT_MOST or not 1 <= seconds <= 3600 or not 0 <= options["cut_off"] <= 1:
            raise CommandError(f"From 1 to {PHONES_AT_MOST:,} phones, 60 minutes at most, a share from 0 to 1.")
        contributions = options["contributions"] or max(1, round(phones * rehearsal.STATEMENTS_A_PERSON))
        if not 1 <= contributions <= 10 * phones:
            raise CommandError("At most ten contributions for each phone.")
        seed = options["seed"] if options["seed"] is not None else random.randrange(10**6)  # noqa: S311 no secret
        session = self._find(options["session"])
        # Before anything is marked, opened or joined in vain.
        try:
            asyncio.run(rehearsal.knock(options["url"]))
        except (OSError, ValueError) as error:
            raise CommandError(f"No server takes phones at {options['url']}. Start it, or give its --url.") from error
        try:
            session = self._ready(session)
            tokens = [new_device_token() for _ in range(phones)]
            joined = [actions.join_session(session=session, token=token, **_appearance(session)) for token in tokens]
        except LiveError as refusal:
            raise CommandError(refusal.message) from refusal
        since = log.last_seq(session.stream_id)
        plan = Plan.make(
            phones=phones,
            seconds=seconds,
            contributions=contributions,
            is_even=options["random"],
            cut_off=options["cut_off"],
            chance=random.Random(seed),  # noqa: S311 no secret
        )
        room = Room(address=options["url"], code=session.code, tokens=tokens, cursor=since, plan=plan)
        self.stdout.write(
            f"{session.page.title} ({session.code}), a rehearsal: {phones:,} phones, {contributions:,} contributions "
            f"in {options['minutes']:g} minutes, {len(plan.cuts):,} phones lose their signal. Seed {seed}."
        )
        started, used = time.monotonic(), time.process_time()
        try:
            asyncio.run(room.play(connect_seconds=min(10.0, 1 + phones / 100)))
        except rehearsal.LOST as error:
            raise CommandError(f"No server takes phones at {options['url']}. Start it, or give its --url.") from error
        devices = {participant.pk for participant in joined}
        self._tell(room, session, devices, since, time.monotonic() - started, time.process_time() - used)
        if options["clear"]:
            session.refresh_from_db()
            actions.clear_rehearsal(actor=OPERATOR, session=session, version=session.version)
            self.stdout.write("Cleared: the session waits for its people.")

    def _find(self, code: str) -> LiveSession:
        session = LiveSession.objects.with_code(code).select_related("page").first()
        if session is None:
            raise CommandError(f"There is no session with the code “{code}”.")
        return session

    def _ready(self, session: LiveSession) -> LiveSession:
        if not session.is_rehearsal:
            session = actions.start_rehearsal(actor=OPERATOR, session=session, version=session.version)
        if session.state != SessionState.OPEN:
            session = actions.open_session(actor=OPERATOR, session=session, version=session.version)
        return session

    def _tell(
        self, room: Room, session: LiveSession, devices: set[int], since: int, seconds: float, used: float
    ) -> None:
        said = Contribution.objects.filter(session=session, seq__gt=since)
        events = list(Event.objects.filter(stream=session.stream_id, seq__gt=since).order_by("seq"))
        seqs = [event.seq for event in events]
        # Somebody may practise on the console meanwhile: what they touched was not for all, or not all the time.
        touched = {
            event.payload["contribution_id"]
            for event in events
            if event.kind.startswith("contribution.") and event.kind != "contribution.added"
        }
        shown = Contribution.State.SHOWN
        stored = [
            Stored(
                one.pk,
                one.seq,
                str(one.client_id),
                one.body,
                is_for_all=one.state == shown and one.pk not in touched,
                is_simulated=one.participant_id in devices,
            )
            for one in said.order_by("seq")
        ]
        verdict = rehearsal.verify(room, stored, seqs, since=since)
        say = self.stdout.write
        say("")
        for what, held, numbers in verdict.clauses:
            say(f"  {'yes' if held else 'NO '}  {what} ({numbers})", self.style.SUCCESS if held else self.style.ERROR)
        say("")
        say(f"  {'milliseconds':<22}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}")
        for name, values in rehearsal.latencies(room).items():
            if values:
                say(f"  {name:<22}" + "".join(f"{values[key]:>8,.0f}" for key in ("p50", "p95", "p99", "max")))
        refusals = sum((phone.refusals for phone in room.phones), start=type(room.phones[0].refusals)())
        back = sum(phone.connections - 1 for phone in room.phones)
        say("")
        say(f"  Connections lost and made again: {back:,}. Refusals: {dict(refusals) or 'none'}.")
        say(f"  It took {seconds:.0f} s; these phones used {used:.1f} s of processor time.")
        if not verdict.holds:
            raise CommandError("The guarantee did not hold. Keep this output, the seed and the server's log.")


def _appearance(session: LiveSession) -> dict[str, str]:
    identity = session.identities[-1]
    return {"identity": identity, "name": "Simulated phone", "role": "Simulated phone", "consent": "none"}
