"""How Summit is served: one place for the demo, the tests and the documentation to agree on."""

from typing import Any

# Longer than a page takes, shorter than anybody waits at a terminal.
GRACEFUL_SHUTDOWN_SECONDS = 3

# What every uvicorn that serves Summit is started with. Deflating live frames costs more than it saves; the live
# protocol keeps its own frames below 64 KiB and refuses larger ones from clients long before that.
UVICORN_OPTIONS: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "auto",
    "ws_per_message_deflate": False,
    "ws_max_size": 64 * 1024,
    "ws_ping_interval": 20,
    "ws_ping_timeout": 20,
    "lifespan": "off",
    "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    "log_level": "warning",
}
