"""Settings for a public installation. Everything that differs between installations is in the environment."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403 a settings variant is its base and a few changes
from .base import BASE_URL, STORAGES, env

SHORTEST_SECRET_KEY = 50


def refuse(sentence: str) -> None:
    raise ImproperlyConfigured(f"Summit does not start: {sentence}")


DEBUG = False
if env.bool("DEBUG", default=False):
    refuse("DEBUG shows the inside of the installation to strangers; take it out of the environment.")

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    refuse("SECRET_KEY is not set; make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'`.")
if len(SECRET_KEY) < SHORTEST_SECRET_KEY or len(set(SECRET_KEY)) < 10 or "not-a-secret" in SECRET_KEY:
    refuse(f"SECRET_KEY can be guessed; it needs at least {SHORTEST_SECRET_KEY} characters of chance.")
if SECRET_KEY.startswith("django-insecure-"):
    refuse("SECRET_KEY is one that Django made for development; it needs one of its own.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS is not set; name the hosts at which readers reach the site, separated by commas.")
if "*" in ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS is *, which lets any site open this one's sockets; name the hosts.")

if urlsplit(BASE_URL).scheme != "https" or not urlsplit(BASE_URL).hostname:
    refuse("SUMMIT_BASE_URL must be the https:// address of the site, which stands in the mail that it sends.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

MAILERS = {
    # Wagtail writes its notices while somebody waits for a page. A task sends them, as it sends our own letters.
    "default": {"BACKEND": "content.mail_backend.LaterBackend"},
    "server": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.str("SMTP_HOST", default="localhost"),
            "port": env.int("SMTP_PORT", default=25),
            "username": env.str("SMTP_USER", default=""),
            "password": env.str("SMTP_PASSWORD", default=""),
            "use_tls": env.bool("SMTP_TLS", default=False),
            "timeout": 20,
        },
    },
}

SENDS_MENTIONS = env.bool("SUMMIT_SENDS_MENTIONS", default=True)

STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "summit.storage.ManifestStaticFilesStorage"},
}

# The proxy in front speaks HTTPS and must set this header itself, whatever a client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Health is asked from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
