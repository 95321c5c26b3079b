"""Production settings refuse what is unsafe, and pass Django's own checks."""

import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from summit import starting
from summit.settings import environment

SAFE = {
    "DJANGO_SETTINGS_MODULE": "summit.settings.production",
    "SECRET_KEY": "kY3wq9Zr7uXo2mBvN5tLcE8sGhJdP1aFfT6iRxWyUzQ4KMnH",
    "ALLOWED_HOSTS": "summit.example.org",
    "SUMMIT_BASE_URL": "https://summit.example.org",
}
SAFE["SECRET_KEY"] += "0123456789"
INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


def manage(*arguments, **environment):
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, **SAFE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_settings_pass_the_deployment_checks(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", SUMMIT_VAR_DIR=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "development-only-not-a-secret-0123456789abcdefghijklmnop"}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "django-insecure-" + SAFE["SECRET_KEY"]}, "SECRET_KEY is one that Django made"),
        ({"DEBUG": "true"}, "DEBUG shows the inside"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is *"),
        ({"ALLOWED_HOSTS": "summit.example.org,*"}, "ALLOWED_HOSTS is *"),
        ({"SUMMIT_BASE_URL": "http://summit.example.org"}, "SUMMIT_BASE_URL must be"),
        ({"SUMMIT_BASE_URL": "summit.example.org"}, "SUMMIT_BASE_URL must be"),
        ({"SUMMIT_BASE_URL": "https://other.example.org"}, "SUMMIT_BASE_URL leads to other.example.org"),
        ({"ALLOWED_HOSTS": "https://summit.example.org"}, "ALLOWED_HOSTS holds 'https://summit.example.org'"),
        ({"SECRET_KEY": "abcdefghijklmnopqrst" * 3}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY_FALLBACKS": "old"}, "SECRET_KEY_FALLBACKS holds a key that can be guessed"),
        ({"CSRF_TRUSTED_ORIGINS": "http://other.example.org"}, "CSRF_TRUSTED_ORIGINS holds"),
        ({"DATABASE_URL": "mysql://a:hidden@db/summit"}, "DATABASE_URL begins with 'mysql'"),
        ({"DATABASE_URL": "postgres://a:hidden@db"}, "DATABASE_URL names no database"),
        ({"DATABASE_URL": "postgres://a:hidden@db/summit?CONN_MAX_AGE=60"}, "DATABASE_URL says how connections"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must be"),
        ({"SMTP_HOST": "mail.example.org", "SMTP_PASSWORD": "hidden"}, "SMTP_PASSWORD would be sent"),
        ({"SMTP_PORT": "smtp"}, "SMTP_PORT is 'smtp'; it must be a number from 1 to 65535."),
        ({"SMTP_TLS": "perhaps"}, "SMTP_TLS is 'perhaps'; say true or false."),
        ({"SUMMIT_TIME_ZONE": "London"}, "SUMMIT_TIME_ZONE is 'London'"),
        ({"SUMMIT_FROM_EMAIL": "Summit"}, "SUMMIT_FROM_EMAIL is 'Summit'"),
        ({"SUMMIT_STIE_NAME": "Halt"}, "SUMMIT_STIE_NAME is no setting of Summit. Is SUMMIT_SITE_NAME meant?"),
    ],
)
def test_unsafe_settings_stop_the_start_with_one_sentence(environment, sentence, tmp_path):
    done = manage("check", SUMMIT_VAR_DIR=str(tmp_path), **environment)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Summit does not start: {sentence}")
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"REDIS_URL": "redis://:hidden@cache:port"}, "REDIS_URL must be"),
        ({"REDIS_URL": "redis://"}, "REDIS_URL must be"),
        (
            {"DATABASE_URL": "sqlite:////no/such/folder/summit.sqlite3"},
            "DATABASE_URL names a file in '/no/such/folder'",
        ),
        ({"SUMMIT_POSTGRES_PROGRAMS": "/no/such/folder"}, "SUMMIT_POSTGRES_PROGRAMS is '/no/such/folder', where"),
        ({"SUMMIT_VAR_DIR": "."}, "SUMMIT_VAR_DIR is '.', another folder wherever"),
        ({"SMTP_HOST": "smtp://mail.example.org"}, "SMTP_HOST is 'smtp://mail.example.org'; it must be a host alone"),
        ({"SMTP_HOST": "mail.example.org:587"}, "SMTP_HOST is 'mail.example.org:587'; it must be a host alone"),
        ({"SUMMIT_FROM_EMAIL": "Harbour Summit summit@example.org"}, "SUMMIT_FROM_EMAIL is 'Harbour Summit"),
        (
            {
                "SUMMIT_SIGN_IN_WITH": "council",
                "SUMMIT_COUNCIL_CLIENT_ID": "summit",
                "SUMMIT_COUNCIL_SECRET": "hidden",
                "SUMMIT_COUNCIL_SERVER": "http://sso.example.org",
            },
            "SUMMIT_COUNCIL_SERVER must be an https:// address",
        ),
        ({"SMTP_USER": "summit"}, "SMTP_USER and SMTP_PASSWORD go together"),
        ({"CSRF_TRUSTED_ORIGINS": "https://*.org"}, "CSRF_TRUSTED_ORIGINS holds 'https://*.org'"),
        ({"ALLOWED_HOSTS": "summit.example.org,.org"}, "ALLOWED_HOSTS holds '.org'"),
    ],
)
def test_value_that_could_do_nothing_stops_the_start(environment, sentence, tmp_path):
    read = "import importlib, os; importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE'])"
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", read],
        cwd=settings.BASE_DIR,
        env={**kept, **SAFE, "SUMMIT_VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    said = done.stderr.rpartition("ImproperlyConfigured: ")[2]
    assert said.startswith(f"Summit does not start: {sentence}")
    assert "hidden" not in said


@pytest.mark.parametrize(
    "said",
    [
        'connection failed: FATAL:  password authentication failed for user "summit"',
        'connection failed: FATAL:  database "sumit" does not exist',
        'invalid sslmode value: "bogus"',
    ],
)
def test_database_that_refuses_stops_the_start(said, monkeypatch):
    def refuse(*_):
        raise OperationalError(f"{said}\nwith more behind it")

    monkeypatch.setattr(starting, "MigrationExecutor", refuse)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is wrong") as stopped:
        starting.check_database()
    assert said in str(stopped.value)
    assert "behind" not in str(stopped.value)


@pytest.mark.parametrize("said", ["connection refused", "FATAL:  the database system is starting up"])
def test_database_that_is_away_does_not_stop_the_start(said, monkeypatch):
    def refuse(*_):
        raise OperationalError(said)

    monkeypatch.setattr(starting, "MigrationExecutor", refuse)

    starting.check_database()


def test_redis_that_is_away_is_told_at_the_start_and_does_not_stop_it(settings, caplog):
    settings.CACHES = {"default": {"BACKEND": "summit.cache.RedisCache", "LOCATION": "redis://:hidden@127.0.0.1:1"}}

    starting.ask_for_cache()

    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("The cache is away: ")
    assert "hidden" not in record.getMessage()


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("summit@example.org", True),
        ("Harbour Summit <summit@example.org>", True),
        ('"Summit, Harbour" <summit@example.org>', True),
        ("Summit", False),
        ("Harbour Summit summit@example.org", False),
        ("Summit <summit@example.org", False),
        ("Summit summit@example.org>", False),
        ("a@example.org, b@example.org", False),
        ("Summit <summit>", False),
    ],
)
def test_sender_is_an_address_with_or_without_a_name(said, fits):
    assert environment.is_sender(said) is fits


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://sso.example.org/realms/council", True),
        ("http://localhost:8080/realm", True),
        ("http://sso.example.org", False),
        ("sso.example.org", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_server_that_says_who_somebody_is_must_be_safe_to_ask(address, fits):
    assert environment.is_server(address) is fits


def test_keys_of_chance_are_taken():
    for _ in range(200):
        assert not environment.can_be_guessed(secrets.token_hex(32))
        assert not environment.can_be_guessed(secrets.token_urlsafe(50))


def test_static_files_are_collected_under_names_that_change_with_them(tmp_path):
    done = manage("collectstatic", "--no-input", "--verbosity", "0", SUMMIT_VAR_DIR=str(tmp_path))

    assert done.returncode == 0, done.stderr
    style = next((tmp_path / "static" / "css").glob("site.*.css")).read_text()
    assert "components/button." in style
    assert "components/button.css" not in style


def serve(**environment):
    """Start a server as an installation does, with nothing to serve: whatever it says, it says before it listens."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "summit.server", "--port", "1"],
        cwd=settings.BASE_DIR,
        env={**kept, **{name: value for name, value in SAFE.items() if name[0] != "D"}, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_server_refuses_with_the_same_sentence_and_is_in_production_by_itself(tmp_path):
    done = serve(SUMMIT_VAR_DIR=str(tmp_path), SECRET_KEY="short", DJANGO_SETTINGS_MODULE="")

    assert done.returncode == 1
    assert done.stderr.startswith("Summit does not start: SECRET_KEY can be guessed")
    assert "Traceback" not in done.stderr


def test_settings_that_are_not_there_are_named(tmp_path):
    done = serve(SUMMIT_VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="summit.settings.prod")

    assert done.stderr.startswith("Summit does not start: DJANGO_SETTINGS_MODULE is 'summit.settings.prod'; say ")
    assert "Traceback" not in done.stderr


def test_server_refuses_to_start_without_its_static_files(tmp_path):
    done = serve(SUMMIT_VAR_DIR=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.endswith("/static does not hold the static files; run `manage.py collectstatic --no-input`.\n")
    assert done.stderr.startswith("Summit does not start: ")


def test_server_refuses_a_database_that_was_not_migrated(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')

    done = serve(SUMMIT_VAR_DIR=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.startswith("Summit does not start: the database lacks ")
    assert "run `manage.py migrate`" in done.stderr


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    done = manage("check", SUMMIT_VAR_DIR=str(tmp_path / "file" / "below"))

    assert done.stderr.startswith("Summit does not start: SUMMIT_VAR_DIR is ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("module", "more"),
    [("summit.settings.dev", {"DEBUG": "false"}), ("summit.settings.test", {})],
)
def test_server_refuses_settings_that_are_not_for_the_public(module, more, tmp_path):
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "summit.server", "--port", "1"],
        cwd=settings.BASE_DIR,
        env={**kept, "DJANGO_SETTINGS_MODULE": module, "SUMMIT_VAR_DIR": str(tmp_path), **more},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"Summit does not start: DJANGO_SETTINGS_MODULE is {module}, which is not for the")


def loaded_application(**environment):
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import summit.asgi"],
        cwd=settings.BASE_DIR,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_application_that_another_program_serves_is_that_of_production_unless_told_otherwise(tmp_path):
    by_itself = loaded_application(SUMMIT_VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="")
    told = loaded_application(SUMMIT_VAR_DIR=str(tmp_path), DJANGO_SETTINGS_MODULE="summit.settings.dev")

    assert "Summit does not start: SECRET_KEY is not set" in by_itself.stderr
    assert "summit.settings.dev is for a laptop: whoever reaches this port reads everybody's mail" in told.stderr
