"""What is looked at once, before a server answers anybody."""

import logging
import re
import sys
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

logger = logging.getLogger(__name__)

# What a database says that is there and will not be better by waiting.
REFUSED = re.compile(
    r"authentication failed|no password supplied|(?:database|role) \".*\" does not exist|no pg_hba.conf entry"
    r"|invalid (?:connection option|sslmode value)|certificate file \".*\" does not exist",
    re.IGNORECASE,
)


# What the keys of the settings for development and tests hold.
NOT_A_SECRET = "not-a-secret"  # noqa: S105 it says so itself


def check_settings() -> None:
    if _shows_the_inside() or NOT_A_SECRET in settings.SECRET_KEY:
        raise ImproperlyConfigured(
            f"Summit does not start: DJANGO_SETTINGS_MODULE is {settings.SETTINGS_MODULE}, which is not for the public "
            "(it has a known key, and may show everybody's mail); say summit.settings.production. "
            "`manage.py demo` serves a demo."
        )


def warn_of_laptop_settings() -> None:
    """For whoever serves the application by a program of their own. `manage.py` knows what it does."""
    if _shows_the_inside() and Path(sys.argv[0]).name != "manage.py":
        logger.warning(
            "%s is for a laptop: whoever reaches this port reads everybody's mail at /mail/; "
            "say DJANGO_SETTINGS_MODULE=summit.settings.production",
            settings.SETTINGS_MODULE,
        )


def _shows_the_inside() -> bool:
    return bool(settings.DEBUG or settings.SHOW_MAIL)


def check_static_files() -> None:
    if settings.STATIC_ROOT and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise ImproperlyConfigured(
            f"Summit does not start: {settings.STATIC_ROOT} does not hold the static files; "
            "run `manage.py collectstatic --no-input`."
        )


def follow_address() -> None:
    """Let the database name the address that this installation is given now."""
    from home.actions import follow_base_url  # noqa: PLC0415 the apps must be ready first

    try:
        if follow_base_url():
            logger.warning("The site stands at %s from now on", settings.BASE_URL)
    except DatabaseError as error:
        logger.warning("The database does not answer yet: %r", error)
    finally:
        connection.close()


def ask_for_cache() -> None:
    """Let the log say at once that Redis is away, if it is: nothing else fails because of that."""
    cache.get("start")


def check_database() -> None:
    """Refuse a database that this version cannot use. One that is away may come: it is no reason not to start.

    A database newer than this version is let through: during an upgrade the old processes go on with it.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        said = str(error).partition("\n")[0]
        if REFUSED.search(said):
            raise ImproperlyConfigured(
                f"Summit does not start: DATABASE_URL is wrong or the database is not made ({said})."
            ) from None
        logger.warning("The database does not answer yet: %r", error)
        return
    finally:
        connection.close()
    if missing:
        raise ImproperlyConfigured(
            f"Summit does not start: the database lacks {len(missing)} changes that this version needs; "
            "run `manage.py migrate`."
        )
