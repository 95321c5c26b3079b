"""The site as real servers on free ports, for tests with browsers, sockets and plain HTTP clients."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from wagtail.models import Site

from summit.devmail import read_messages
from tests.database import DatabaseCopy
from tests.services import free_port, wait_for_port


class SiteServer:
    """The process that forks servers (see `tests.site_server`)."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.site_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "summit.settings.test"},
        )
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def fork(self, *, port: int, log: Path, database: str, overrides: dict[str, Any], **more: Any) -> int:
        order = {"port": port, "log": str(log), "database": database, "settings": overrides, **more}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(
                f"The site cannot be imported: `python -m tests.site_server` ended with {self._process.wait()}."
            )
        return int(answer)


class LiveSite:
    """A served site. Create what the pages need first; the server starts when `url` is first asked for.

    `settings` (before the start) are overridden in the server. After the test, an error that the server logged fails
    the test unless it said `expect_errors = True`.
    """

    def __init__(
        self, server: SiteServer, database: DatabaseCopy, folder: Path, *, media: Path, is_twin: bool = False
    ) -> None:
        self._is_twin = is_twin
        self.database = database
        self._server, self._folder = server, folder
        self._pid: int | None = None
        self.port = free_port()
        self.log = folder / "server.log"
        self.expect_errors = False
        self.settings: dict[str, Any] = {"MEDIA_ROOT": str(media)}
        # For tests of faults: functions of `tests.faults.patches` that change the server, and uvicorn's options.
        self.patches: list[str] = []
        self.uvicorn: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if not self._is_twin:
            Site.objects.update(hostname="localhost", port=self.port)
            Site.clear_site_root_paths_cache()
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        self.stop()
        cache.clear()
        log = self.log.read_text(errors="replace") if self.log.exists() else ""
        if kind is None and not self.expect_errors and "Traceback (most recent call last)" in log:
            raise AssertionError(f"The server reported errors:\n{log}")

    @property
    def address(self) -> str:
        """Scheme, host and port, whether or not the server runs."""
        return f"http://localhost:{self.port}"

    @property
    def url(self) -> str:
        if self._pid is None:
            self.start()
        return self.address

    @property
    def websocket_address(self) -> str:
        return self.address.replace("http://", "ws://", 1)

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http://", "ws://", 1)

    @property
    def process(self) -> psutil.Process:
        """The server, while it runs."""
        return psutil.Process(self._pid)

    def twin(self) -> "LiveSite":
        """Another server of the same site, on a port of its own, with the same database and settings: `with` it."""
        folder = self._folder.with_name(f"{self._folder.name}-twin")
        folder.mkdir()
        other = LiveSite(self._server, self.database, folder, media=Path(self.settings["MEDIA_ROOT"]), is_twin=True)
        other.settings, other.expect_errors = self.settings, self.expect_errors
        other.patches, other.uvicorn = self.patches, self.uvicorn
        return other

    def start(self) -> None:
        self.log.touch()
        self._pid = self._server.fork(
            port=self.port,
            log=self.log,
            database=self.database.name,
            overrides={
                "BASE_URL": self.address,
                "WAGTAILADMIN_BASE_URL": self.address,
                "MAILERS": {
                    "default": {
                        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                        "OPTIONS": {"file_path": str(self._folder / "mail")},
                    }
                },
                **self.settings,
            },
            patches=self.patches,
            uvicorn=self.uvicorn,
        )
        wait_for_port(self.port, self._pid, self.log)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> None:
        """Stop the server: in order by default, with SIGKILL as in a crash. `start()` brings it back on its port."""
        if self._pid is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._pid)
            process.send_signal(sent)
            deadline = time.monotonic() + 10
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                if time.monotonic() > deadline:
                    process.kill()
                time.sleep(0.01)
        self._pid = None

    def session_cookie(self, user: Any) -> dict[str, str]:
        """The cookie of a new session of this user, as browsers and HTTP clients take it."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.address}

    def mail(self) -> list[EmailMessage]:
        """Every message that the server has sent, oldest first."""
        return [kept.message for kept in read_messages(self._folder / "mail")]
