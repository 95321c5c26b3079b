"""What `deploy/` holds fits together, and fits the code."""

import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from tests import installation
from tests.installation import Installation, Missing, make_certificate, proxy_configuration

DEPLOY = settings.BASE_DIR / "deploy"
DOCS = [settings.BASE_DIR / "docs" / name for name in ("installation.md", "operations.md")]


def files():
    return [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("path", [*files(), *DOCS], ids=lambda path: path.name)
def test_every_command_named_is_one(path):
    named = set(re.findall(r"manage\.py (?!X\b)([a-z_]+)", path.read_text()))
    named |= set(re.findall(r"^\s*run ([a-z_]+)", path.read_text(), re.MULTILINE)) if path.name == "clock" else set()

    assert named - set(get_commands()) == set()


def test_variables_of_the_pages_are_ones_that_are_read():
    read = set()
    for path in (settings.BASE_DIR / "summit" / "settings").glob("*.py"):
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', path.read_text()))
    named = set(re.findall(r"^([A-Z_]+)=", DOCS[0].read_text(), re.MULTILINE))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())

    # The compose file's own.
    assert named - read == {"DJANGO_SETTINGS_MODULE", "SITE_HOST", "POSTGRES_PASSWORD"}
    assert set(compose["services"]["app1"]["environment"]) <= read


def test_services_of_the_compose_file_name_each_other():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]

    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith("/") or (DEPLOY / source).exists(), volume
    proxy = services["proxy"]["command"][-1]
    site = (DEPLOY / "nginx" / "summit.conf").read_text()
    for before, after in re.findall(r"s/([^/]+)/([^/]+)/", proxy):
        assert before in site
        assert after.partition(":")[0] in services or "SITE_HOST" in after


def test_timers_have_what_they_start():
    for timer in (DEPLOY / "systemd").glob("*.timer"):
        assert timer.with_suffix(".service").exists()


def test_everything_that_runs_by_the_clock_does_so_with_and_without_systemd():
    told = "".join(path.read_text() for path in (DEPLOY / "systemd").glob("summit-*.service"))
    by_systemd = set(re.findall(r"manage\.py ([a-z_]+)", told)) - {"db_worker", "restore"}
    clock = (DEPLOY / "clock").read_text()

    assert {name for name in by_systemd if name not in clock} == set()
    listed = re.findall(r"^\| every [^|]+\| `manage\.py ([a-z_]+)", DOCS[1].read_text(), re.MULTILINE)
    assert set(listed) <= by_systemd


@pytest.mark.parametrize("name", ["clock", "replace-processes"])
def test_scripts_are_ones_that_a_shell_reads(name):
    assert subprocess.run(["sh", "-n", str(DEPLOY / name)], check=False).returncode == 0


@pytest.fixture
def made():
    """An installation that is not started: its ports and its folder."""
    try:
        found = Installation(3)
    except Missing as missing:
        pytest.skip(str(missing))
    yield found
    found.mail._server.server_close()
    shutil.rmtree(found.folder)
    for server in (found.postgres, found.redis):
        server.remove()


def test_proxy_takes_its_configuration(made):
    main, site = proxy_configuration(made)
    make_certificate(made.certificate)
    (made.folder / "nginx.conf").write_text(main)
    (made.folder / "summit.conf").write_text(site)

    tried = subprocess.run(
        [made.nginx_program, "-t", "-p", str(made.folder), "-c", str(made.folder / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 0, tried.stderr
    assert site.count("max_fails=0;") == 3
    assert "example.org" not in site


def test_machine_without_a_proxy_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(installation.shutil, "which", lambda *arguments, **options: None)

    with pytest.raises(Missing, match="nginx is not here: install it"):
        Installation()
