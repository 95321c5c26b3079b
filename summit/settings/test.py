"""Settings for the tests."""

from .base import *  # noqa: F403 a settings variant is its base and a few changes

DEBUG = False
SECRET_KEY = "tests-only-not-a-secret-0123456789abcdefghijklmnopqrstuv"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests change rows in ways of their own, and expect to see it at once.
READER_CACHE_SECONDS = 0

# Static files are found where they are written; nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
