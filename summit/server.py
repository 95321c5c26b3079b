"""How Summit is served: one place for the demo, the tests and installations to agree on.

`python -m summit.server --port 8001` serves an installation.
"""

import argparse
from typing import Any

# Longer than a page takes, shorter than anybody waits at a terminal.
GRACEFUL_SHUTDOWN_SECONDS = 3

# What every uvicorn that serves Summit is started with. Deflating live frames costs more than it saves; the live
# protocol keeps its own frames below 64 KiB and refuses larger ones from clients long before that.
UVICORN_OPTIONS: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "summit.sockets:SocketProtocol",
    "ws_per_message_deflate": False,
    "ws_max_size": 64 * 1024,
    "ws_ping_interval": 20,
    "ws_ping_timeout": 20,
    "lifespan": "off",
    "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    "log_level": "warning",
}


def main() -> None:
    import uvicorn  # noqa: PLC0415 whoever only reads the options need not load it

    parser = argparse.ArgumentParser(prog="python -m summit.server", description="Serve Summit behind a proxy.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at; the proxy's side only")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument(
        "--proxy", default="127.0.0.1", help="addresses of proxies, whose word about clients is taken; by commas"
    )
    given = parser.parse_args()
    uvicorn.run(
        "summit.asgi:application",
        host=given.host,
        port=given.port,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=given.proxy,
        **UVICORN_OPTIONS,
    )


if __name__ == "__main__":
    main()
