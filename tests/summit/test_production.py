"""Production settings refuse what is unsafe, and pass Django's own checks."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

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
    ],
)
def test_unsafe_settings_stop_the_start_with_one_sentence(environment, sentence, tmp_path):
    done = manage("check", SUMMIT_VAR_DIR=str(tmp_path), **environment)

    assert done.returncode == 1
    assert done.stderr.startswith(f"Summit does not start: {sentence}")
    assert "Traceback" not in done.stderr


def test_static_files_are_collected_under_names_that_change_with_them(tmp_path):
    done = manage("collectstatic", "--no-input", "--verbosity", "0", SUMMIT_VAR_DIR=str(tmp_path))

    assert done.returncode == 0, done.stderr
    style = next((tmp_path / "static" / "css").glob("site.*.css")).read_text()
    assert "components/button." in style
    assert "components/button.css" not in style
