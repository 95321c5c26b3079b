"""What is asked from inside the installation, by whatever name or number the process is reached there."""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

Application = Callable[[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[Any]]

PATHS = ("/health/", "/metrics")


class Inside:
    """Let monitors ask for health and metrics by address: `ALLOWED_HOSTS` is about readers, and need not hold those."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"].startswith(PATHS) and settings.ALLOWED_HOSTS:
            host = settings.ALLOWED_HOSTS[0].lstrip(".").encode()
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {**scope, "headers": [(b"host", host), *others]}
        await self.application(scope, receive, send)
