"""Settings for a laptop: the demo and development."""

import socket
from importlib.util import find_spec

from .base import *  # noqa: F403 a settings variant is its base and a few changes
from .base import INSTALLED_APPS, LOGGING, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-not-a-secret-0123456789abcdefghijklmnop")

# Where `make demo` listens, so that links in mail and on the wall lead back to it.
HOST = env.str("HOST", default="localhost")
PORT = env.int("PORT", default=8000, least=1, most=65535)


def _own_names() -> list[str]:
    """By which names and addresses other machines may reach this one. Nothing is sent to find out."""
    name = socket.gethostname().lower()
    names = [name, f"{name.split('.')[0]}.local"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            names.insert(0, probe.getsockname()[0])
        except OSError:
            pass
    return names


LOOPBACK = ["localhost", "127.0.0.1", "[::1]", ".localhost"]
IS_LOCAL = HOST in ("localhost", "127.0.0.1", "::1")
OWN_NAMES = [] if IS_LOCAL else _own_names()
LISTENS_EVERYWHERE = HOST in ("0.0.0.0", "::", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOOPBACK, *OWN_NAMES, *([] if LISTENS_EVERYWHERE else [HOST])])

BASE_HOST = "localhost" if IS_LOCAL else OWN_NAMES[0] if LISTENS_EVERYWHERE else HOST
BASE_URL = env.str("SUMMIT_BASE_URL", default=f"http://{BASE_HOST}:{PORT}")
WAGTAILADMIN_BASE_URL = BASE_URL

TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}

# Mail is kept as files and can be read at /mail/.
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": str(VAR_DIR / "mail")},
    }
}
SHOW_MAIL = True
SHOWS_GALLERY = DEBUG

# Static files are found where they are written, media served from where they are kept; nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
SERVE_MEDIA = True

# `runserver` with WebSockets, where the tools for development are installed.
if DEBUG and find_spec("daphne"):
    INSTALLED_APPS = ["daphne", *INSTALLED_APPS]

# A page that is not found is no news on a laptop.
LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "django.request": {"level": "ERROR"}}}
