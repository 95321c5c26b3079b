"""What `deploy/` holds fits together, and fits the code."""

import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from summit.clock import ROUNDS
from tests import installation
from tests.installation import Installation, Missing, make_certificate, proxy_configuration, trust

DEPLOY = settings.BASE_DIR / "deploy"
DOCS = [settings.BASE_DIR / "docs" / name for name in ("installation.md", "operations.md")]


def files():
    return [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("path", [*files(), *DOCS], ids=lambda path: path.name)
def test_every_command_named_is_one(path):
    named = set(re.findall(r"manage\.py (?!X\b)([a-z_]+)", path.read_text()))

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


def test_units_are_ones_that_systemd_takes(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text().replace("/srv/summit/app/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text)

    tried = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )

    about_ours = [line for line in tried.stderr.splitlines() if "summit" in line]
    assert (tried.returncode, about_ours) == (0, [])


def test_pages_name_the_units_and_the_places_that_there_are():
    page = DOCS[0].read_text()
    units = {path.name for path in (DEPLOY / "systemd").iterdir()}
    enabled = " ".join(re.findall(r"systemctl enable --now ([a-z@0-9. -]+)", page)).split()

    started = {re.sub(r"@\d+", "@", name) for name in enabled}
    assert {name if "." in name else f"{name}.service" for name in started} == {
        name for name in units if name.endswith(".timer") or name in ("summit@.service", "summit-worker.service")
    }
    for service in (DEPLOY / "systemd").glob("*.service"):
        read = dict(line.split("=", 1) for line in service.read_text().splitlines() if "=" in line and line[0] != "#")
        assert read["User"] == "summit"
        assert f"`{read['EnvironmentFile']}`" in page
        assert f"SUMMIT_VAR_DIR={read['ReadWritePaths']}\n" in page
        assert f"git clone ADDRESS {read['WorkingDirectory']}" in page


def test_settings_of_the_page_are_ones_that_a_shell_reads_as_systemd_does(tmp_path):
    page = DOCS[0].read_text()
    block = next(found for found in re.findall(r"```\n(.*?)```", page, re.DOTALL) if "SMTP_TLS" in found)
    (tmp_path / "environment").write_text(block)

    tried = subprocess.run(
        ["sh", "-euc", f"set -a; . {tmp_path}/environment; exec env"], capture_output=True, text=True, check=True
    )

    assert "SUMMIT_FROM_EMAIL=Harbour Summit <summit@example.org>\n" in tried.stdout
    assert tried.stderr == ""


def test_container_file_copies_what_is_there_and_installs_what_the_page_names():
    text = (DEPLOY / "Containerfile").read_text()
    sources = [source for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for source in line.split()[:-1]]
    left_out = (DEPLOY / "Containerfile.dockerignore").read_text().split()

    assert sources
    for source in sources:
        assert (settings.BASE_DIR / source).exists()
        assert source.split("/")[0] not in left_out
    libraries = set(re.findall(r"\s(lib[a-z0-9.-]+)", text))
    assert libraries
    assert libraries <= set(re.findall(r"\s(lib[a-z0-9.-]+)", DOCS[0].read_text()))
    version = re.search(r"FROM \S+python:(\d+)\.(\d+)-", text)
    assert tuple(map(int, version.groups())) >= (3, 12)


def test_every_variable_of_the_compose_file_stands_in_the_page():
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))

    assert asked == {"ENVIRONMENT_FILE", "POSTGRES_PASSWORD", "SITE_HOST"}
    assert {name for name in asked if name not in DOCS[0].read_text()} == set()


def test_everything_that_runs_by_the_clock_does_so_with_and_without_systemd():
    told = "".join(path.read_text() for path in (DEPLOY / "systemd").glob("summit-*.service"))
    by_systemd = set(re.findall(r"manage\.py by_the_clock ([a-z]+)", told))
    loop = re.sub(r"#.*", "", (DEPLOY / "clock").read_text())
    listed = re.findall(r"^\| `([a-z]+)`, every [^|]+\| `manage\.py ([a-z_]+)", DOCS[1].read_text(), re.MULTILINE)

    assert by_systemd == set(ROUNDS)
    assert set(ROUNDS) <= set(re.findall(r"\b[a-z]+\b", loop))
    assert set(listed) == {(name, duty.arguments[0]) for name, round in ROUNDS.items() for duty in round.duties}


def test_loop_does_each_round_once_when_it_is_due_and_nothing_twice_when_it_is_started_again(tmp_path):
    said = tmp_path / "said"
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$3" >> {said}\n')
    clock = tmp_path / "bin" / "date"
    sleep = tmp_path / "bin" / "sleep"
    day = 'case "$1" in +%H) echo $HOUR;; +%F) echo 2026-11-22;; *) echo 2026-11-22-$HOUR;; esac'
    for path, body in ((clock, day), (sleep, "kill $PPID")):
        path.write_text(f"#!/bin/sh\n{body}\n")
    for path in program.parent.iterdir():
        path.chmod(0o755)

    def turn(hour):
        said.write_text("")
        environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "SUMMIT_VAR_DIR": str(tmp_path), "HOUR": hour}
        subprocess.run(["sh", str(DEPLOY / "clock")], env=environment, timeout=30, check=False)
        return said.read_text().split()

    assert turn("02") == ["minutes", "hour"]
    assert turn("02") == ["minutes"]
    assert turn("04") == ["minutes", "hour", "backup", "night"]
    assert turn("08") == ["minutes", "hour", "morning"]
    assert turn("09") == ["minutes", "hour"]


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


class Site(BaseHTTPRequestHandler):
    """Stands for a server process: says what it was asked, and what it says may be kept, may be for ten seconds."""

    asked: list[str]
    server: ThreadingHTTPServer
    # Longer than the site says, so that no slow machine makes a test of it.
    kept_for = 600

    hangs = threading.Event()
    goes_on = threading.Event()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.hangs.is_set():
            self.goes_on.wait(10)
        body = f"asked {len(self.asked)} times".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "public, max-age=0, s-maxage=10")
        self.send_header("Vary", "Cookie, Accept-Encoding")
        self.send_header("ETag", f'W/"{len(self.asked)}"')
        if self.path.startswith("/kept/"):
            self.send_header("X-Accel-Expires", str(self.kept_for))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def proxied(made):
    """The proxy by its own files, before a site that counts; both stop again."""
    Site.asked = []
    Site.hangs.clear()
    Site.goes_on.clear()
    Site.server = site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    made.ports = [site.server_port]
    threading.Thread(target=site.serve_forever, daemon=True).start()
    make_certificate(made.certificate)
    made._start_proxy()
    with httpx.Client(base_url=made.address, verify=trust(made.certificate)) as reader:
        yield reader
    made.nginx.terminate()
    made.nginx.wait(10)
    site.shutdown()
    site.server_close()


def test_proxy_gives_readers_without_a_cookie_what_the_site_lets_it_keep(proxied):
    first, second = proxied.get("/kept/"), proxied.get("/kept/")
    unchanged = proxied.get("/kept/", headers={"If-None-Match": first.headers["ETag"]})

    assert first.text == second.text == "asked 1 times"
    assert unchanged.status_code == 304
    assert "X-Accel-Expires" not in first.headers
    assert len(Site.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"url": "/kept/", "headers": {"Cookie": "sessionid=1"}},
        {"url": "/kept/", "headers": {"Authorization": "Bearer 1"}},
        {"url": "/kept/", "headers": {"HX-Request": "true"}},
        {"url": "/kept/", "headers": {"Accept-Encoding": "br"}},
        {"url": "/kept/", "headers": {"Host": "127.0.0.1"}},
        {"url": "/kept/?page=2"},
        {"url": "/kept/", "method": "POST"},
        {"url": "/ws/"},
    ],
    ids=str,
)
def test_proxy_asks_the_site_for_whatever_else(proxied, other):
    proxied.get("/kept/", headers={"Accept-Encoding": "gzip"})

    assert proxied.request(**{"method": "GET", "headers": {}, **other}).text == "asked 2 times"
    # And gives it to nobody who did not ask the same.
    assert proxied.get("/kept/", headers={"Accept-Encoding": "gzip"}).text == "asked 1 times"


def test_proxy_goes_on_with_what_it_kept_while_no_process_answers(proxied, monkeypatch):
    monkeypatch.setattr(Site, "kept_for", 1)
    assert proxied.get("/kept/").text == "asked 1 times"
    Site.server.shutdown()
    Site.server.server_close()

    # Fresh or stale, whichever this is by now.
    assert proxied.get("/kept/").text == "asked 1 times"
    time.sleep(2.1)
    assert proxied.get("/kept/").text == "asked 1 times"
    away = proxied.get("/other/")
    assert away.status_code == 502
    assert "The site is starting again." in away.text
    assert away.headers["Cache-Control"] == "no-store"


def test_proxy_gives_nobody_an_old_page_because_a_process_hangs(proxied, monkeypatch):
    monkeypatch.setattr(Site, "kept_for", 1)
    assert proxied.get("/kept/").text == "asked 1 times"
    time.sleep(2.1)
    Site.hangs.set()
    with ThreadPoolExecutor(2) as readers:
        answers = [readers.submit(proxied.get, "/kept/", timeout=30) for _ in range(2)]
        deadline = time.monotonic() + 30
        while len(Site.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        Site.goes_on.set()

    # Both waited for the site: neither was given the page from before.
    assert sorted(answer.result().text for answer in answers) == ["asked 3 times", "asked 3 times"]


@pytest.mark.parametrize(("path", "mb", "status"), [("/", 26, 413), ("/admin/wordpress/", 26, 200)])
def test_proxy_takes_what_the_site_takes_and_says_so(proxied, path, mb, status):
    answer = proxied.post(path, content=b"x" * mb * 1024 * 1024)

    assert answer.status_code == status
    if status == 413:
        assert "A file may have 25 MB" in answer.text
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_proxy_keeps_nothing_that_the_site_does_not_name(proxied):
    for count in (1, 2):
        assert proxied.get("/live/ABCDEF/events/").text == f"asked {count} times"


def test_machine_without_a_proxy_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(installation.shutil, "which", lambda *arguments, **options: None)

    with pytest.raises(Missing, match="nginx is not here: install it"):
        Installation()
