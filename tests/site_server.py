"""Servers under test: `python -m tests.site_server` imports Summit once, then forks a real uvicorn for each request.

Reads a line of JSON (port, log, settings) from standard input, answers with the server's process id. Ends, with all its
servers, when standard input closes. `patches` names functions of `tests.faults.patches` that change one server, to show
that a test notices.
"""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    import django  # noqa: PLC0415 the settings are named by the environment

    django.setup()
    from django.urls import get_resolver  # noqa: PLC0415 needs the apps

    import summit.asgi  # noqa: F401, PLC0415 needs the apps

    get_resolver().url_patterns  # noqa: B018 reading it imports every view
    children: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(order)
        children.add(pid)
        print(pid, flush=True)  # noqa: T201 the answer
        _reap(children)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _reap(children: set[int]) -> None:
    for pid in list(children):
        if os.waitpid(pid, os.WNOHANG)[0]:
            children.discard(pid)


def _serve(order: dict[str, Any]) -> None:
    import uvicorn  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    from summit.asgi import application  # noqa: PLC0415
    from summit.server import UVICORN_OPTIONS  # noqa: PLC0415

    log = os.open(Path(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    connections.settings["default"]["NAME"] = order["database"]
    override_settings(**order["settings"]).enable()
    if order["patches"]:
        from tests.faults import patches  # noqa: PLC0415

        for name in order["patches"]:
            getattr(patches, name)()
    uvicorn.run(application, host="127.0.0.1", port=order["port"], **{**UVICORN_OPTIONS, **order["uvicorn"]})
    os._exit(0)


if __name__ == "__main__":
    main()
