"""How Summit is served: one place for the demo, the tests and installations to agree on.

`python -m summit.server --port 8001` serves an installation.
"""

import argparse
import contextlib
import faulthandler
import os
import sys
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
    "ws_ping_interval": 30,
    "ws_ping_timeout": 20,
    "lifespan": "off",
    "timeout_graceful_shutdown": GRACEFUL_SHUTDOWN_SECONDS,
    "log_level": "warning",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m summit.server", description="Serve Summit behind a proxy.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at; the proxy's side only")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument(
        "--proxy", default="127.0.0.1", help="addresses of proxies, whose word about clients is taken; by commas"
    )
    given = parser.parse_args()
    # A server started by hand with half an environment must not become one for a laptop, open to everybody.
    if not os.environ.get("DJANGO_SETTINGS_MODULE", "").strip():
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.production"
    application = _application()
    # Whoever ends it because it hangs is told where it stood.
    faulthandler.enable()
    # What the application has said is not said again by the server, and in the same form.
    import uvicorn  # noqa: PLC0415 whoever only reads the options need not load it

    from summit.serving import Server  # noqa: PLC0415 the same

    server = Server(
        uvicorn.Config(
            application,
            host=given.host,
            port=given.port,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=given.proxy,
            log_config=None,
            backlog=4096,
            **UVICORN_OPTIONS,
        )
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(3)


def _application() -> Any:
    """The site, if its settings and its database let it start; else the end, with one sentence."""
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 needs no settings yet

    try:
        from summit import starting  # noqa: PLC0415 reads the settings

        starting.check_settings()
        starting.check_static_files()
        from summit.asgi import application  # noqa: PLC0415 makes the apps ready

        starting.check_database()
        starting.follow_address()
        starting.ask_for_cache()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except ModuleNotFoundError as error:
        if error.name != os.environ["DJANGO_SETTINGS_MODULE"]:
            raise
        sys.exit(f"Summit does not start: DJANGO_SETTINGS_MODULE is {error.name!r}; say summit.settings.production.")
    return application


if __name__ == "__main__":
    main()
