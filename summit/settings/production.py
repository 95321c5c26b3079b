"""Settings for a public installation. Everything that differs between installations is in the environment."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from .base import *  # noqa: F403 a settings variant is its base and a few changes
from .base import (
    BASE_URL,
    DATABASES,
    LOGGING,
    METRICS_TOKEN,
    POSTGRES_PROGRAMS,
    SOCIALACCOUNT_PROVIDERS,
    STORAGES,
    VAR_DIR,
    env,
)
from .environment import LOCAL, SHORTEST_SECRET_KEY, can_be_guessed, is_host, is_origin, is_server, refuse

DEBUG = False
if env.bool("DEBUG", default=False):
    refuse("DEBUG shows the inside of the installation to strangers; take it out of the environment.")

SECRET_KEY = env.str("SECRET_KEY")
if not SECRET_KEY:
    refuse("SECRET_KEY is not set; make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'`.")
if can_be_guessed(SECRET_KEY):
    refuse(f"SECRET_KEY can be guessed; it needs at least {SHORTEST_SECRET_KEY} characters of chance.")
if SECRET_KEY.startswith("django-insecure-"):
    refuse("SECRET_KEY is one that Django made for development; it needs one of its own.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS")
if any(can_be_guessed(key) for key in SECRET_KEY_FALLBACKS):
    refuse("SECRET_KEY_FALLBACKS holds a key that can be guessed, and is believed like SECRET_KEY itself; take it out.")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS is not set; name the hosts at which readers reach the site, separated by commas.")
if "*" in ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS is *, which lets any site open this one's sockets; name the hosts.")
for host in ALLOWED_HOSTS:
    if "/" in host or split_domain_port(host)[1]:
        refuse(f"ALLOWED_HOSTS holds {host!r}; name hosts alone, without scheme, port or path.")
    if host.startswith(".") and "." not in host.strip("."):
        refuse(f"ALLOWED_HOSTS holds {host!r}, which are everybody's hosts; name this site's.")

if not is_origin(BASE_URL, ("https",)):
    refuse("SUMMIT_BASE_URL must be the https:// address of the site, which stands in the mail that it sends.")
if not validate_host(urlsplit(BASE_URL).hostname or "", ALLOWED_HOSTS):
    refuse(f"SUMMIT_BASE_URL leads to {urlsplit(BASE_URL).hostname}, which ALLOWED_HOSTS does not hold.")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", schemes=("https",))

if not VAR_DIR.is_absolute():
    refuse(f"SUMMIT_VAR_DIR is {str(VAR_DIR)!r}, another folder wherever Summit is started; it must begin with /.")
if not os.access(VAR_DIR, os.W_OK | os.X_OK):
    refuse(f"SUMMIT_VAR_DIR is {str(VAR_DIR)!r}, into which this user may not write.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql" and not find_spec("psycopg"):
    refuse("DATABASE_URL asks for PostgreSQL, whose driver is missing; run `scripts/bootstrap production`.")

if POSTGRES_PROGRAMS and not os.access(Path(POSTGRES_PROGRAMS) / "pg_dump", os.X_OK):
    refuse(f"SUMMIT_POSTGRES_PROGRAMS is {POSTGRES_PROGRAMS!r}, where there is no pg_dump.")

SMTP_HOST = env.checked(
    "SMTP_HOST", is_host, "a host alone, without scheme and port (that is SMTP_PORT)", default="localhost"
)
SMTP_USER = env.str("SMTP_USER")
SMTP_PASSWORD = env.str("SMTP_PASSWORD")
SMTP_TLS = env.bool("SMTP_TLS", default=False)
if SMTP_PASSWORD and not SMTP_TLS and SMTP_HOST not in LOCAL:
    refuse("SMTP_PASSWORD would be sent to SMTP_HOST for everybody on the way to read; set SMTP_TLS=true.")
if bool(SMTP_USER) != bool(SMTP_PASSWORD):
    refuse("SMTP_USER and SMTP_PASSWORD go together, and one of them is not set.")
MAILERS = {
    # Wagtail writes its notices while somebody waits for a page. A task sends them, as it sends our own letters.
    "default": {"BACKEND": "content.mail_backend.LaterBackend"},
    "server": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": env.int("SMTP_PORT", default=25, least=1, most=65535),
            "username": SMTP_USER,
            "password": SMTP_PASSWORD,
            "use_tls": SMTP_TLS,
            "timeout": 20,
        },
    },
}

for app in SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
    if not is_server(app["settings"]["server_url"]):
        name = app["provider_id"].upper().replace("-", "_")
        refuse(f"SUMMIT_{name}_SERVER must be an https:// address: whoever is on the way could sign in as anybody.")

SENDS_MENTIONS = env.bool("SUMMIT_SENDS_MENTIONS", default=True)

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "summit.storage.ManifestStaticFilesStorage"},
}

# The proxy in front speaks HTTPS and must set this header itself, whatever a client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Health is asked from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True

SHORTEST_TOKEN = 20
if METRICS_TOKEN and len(METRICS_TOKEN) < SHORTEST_TOKEN:
    refuse(f"SUMMIT_METRICS_TOKEN can be guessed; it needs at least {SHORTEST_TOKEN} characters.")

# Lines of JSON, in which nobody's name, address or words stand.
LOGGING = {
    **LOGGING,
    "handlers": {**LOGGING["handlers"], "console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        **LOGGING["root"],
        "level": env.choice("SUMMIT_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], default="WARNING"),
    },
}

env.refuse_unknown("SUMMIT_")
