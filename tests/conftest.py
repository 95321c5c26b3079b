"""What every test may ask for: databases, real services, a served site, a browser. See docs/testing.md."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from summit.cache import forget_lines
from tests import database
from tests.browser import BrowserHouse, Visitor, find_chromium
from tests.live_site import LiveSite, SiteServer
from tests.services import PostgresServer, RedisServer

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "summit",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("summit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="Where the tests keep their data. For postgres a server is started, unless DATABASE_URL names one.",
    )
    parser.addoption("--faults", action="store_true", help="Run also the tests of faults that take long.")
    parser.addoption(
        "--slow-browser",
        type=float,
        default=1,
        metavar="TIMES",
        help="Browsers this many times slower, and scripts that come late: finds tests that are quicker than a page.",
    )


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the whole session again below a PostgreSQL server, whose address the settings read as they are loaded."""
    if config.getoption("database") != "postgres" or os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return None
    with PostgresServer() as server:
        command = [sys.executable, "-m", "pytest", *config.invocation_params.args]
        below = {"DATABASE_URL": server.url("summit"), "TESTS_POSTGRES": f"{server.port}:{server.folder}"}
        return subprocess.run(command, env={**os.environ, **below}, check=False).returncode


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    if not config.getoption("faults"):
        long = [item for item in items if item.get_closest_marker("long_fault")]
        items[:] = [item for item in items if item not in set(long)]
        config.hook.pytest_deselected(items=long)
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "chromium" in fixtures:
            item.add_marker(pytest.mark.browser)
        if "live_site" in fixtures:
            # pytest-django makes a test database only for a run in which some test is marked.
            item.add_marker(pytest.mark.django_db)
        marker = item.get_closest_marker("django_db")
        if marker is None and "django_db_setup" in fixtures:
            # pytest-django prepares only the databases that marks ask for.
            item.add_marker(pytest.mark.django_db)
        if (marker and marker.kwargs.get("transaction")) or "transactional_db" in fixtures:
            # Emptying the tables also takes what migrations wrote: the root page, the site, the groups. Bring it back.
            options = {**(marker.kwargs if marker else {}), "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**options), append=False)
    yield
    # Playwright keeps an event loop in the main thread from its first use on, where no asynchronous test can run.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


# Databases


@pytest.fixture(scope="session")
def database_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="summit-database-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    return database.is_sqlite()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, database_folder: Path) -> None:
    """A file, since live servers and threads cannot share a database in memory; migrated already if it ever was."""
    if not database.is_sqlite():
        return
    path = database_folder / "test.sqlite3"
    database.connection.settings_dict["TEST"]["NAME"] = str(path)
    template = database.migrated_template()
    if template.exists():
        database.copy_sqlite(template, path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker, database_folder: Path) -> Iterator[None]:  # type: ignore[no-untyped-def]
    with django_db_blocker.unblock():
        if database.is_sqlite():
            database.keep_as_template(database_folder / "test.sqlite3", database.migrated_template())
        database.keep_pristine()
    yield
    with django_db_blocker.unblock():
        database.drop_pristine()
        if database.is_sqlite():
            database.connection.close()


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest) -> None:
    """Leave a test with a served site out of pytest-django's transactions: the server would see nothing of them."""
    request.getfixturevalue("live_site" if "live_site" in request.fixturenames else "_django_db_helper")


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """No test sees another's cached counts, limits or addresses."""
    cache.clear()


# Services


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis server, running. A test that stops it starts it again."""
    with RedisServer() as server:
        yield server
        forget_lines()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a running, empty Redis."""
    redis_server.flush()
    forget_lines()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server of its own, whichever database the tests run on."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def own_postgres() -> PostgresServer:
    """The server that this run keeps its data in, to stop it in the middle of something. On SQLite, a skip."""
    if not os.environ.get("TESTS_POSTGRES"):
        pytest.skip("the run's own PostgreSQL: --database=postgres")
    port, folder = os.environ["TESTS_POSTGRES"].split(":", 1)
    return PostgresServer.running_in(Path(folder), int(port))


# A served site and people looking at it


@pytest.fixture(scope="session")
def site_server() -> Iterator[SiteServer]:
    with SiteServer() as server:
        yield server


@pytest.fixture
def live_site(
    site_server: SiteServer,
    django_db_setup: None,
    django_db_blocker,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    settings,  # type: ignore[no-untyped-def]
    pytestconfig: pytest.Config,
) -> Iterator[LiveSite]:
    """The real site in a process of its own, with a database of its own that this test writes to directly."""
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "site"
    folder.mkdir(exist_ok=True)
    with (
        django_db_blocker.unblock(),
        database.DatabaseCopy(folder) as copy,
        LiveSite(site_server, copy, folder, media=tmp_path / "media") as site,
    ):
        if pytestconfig.getoption("slow_browser") > 1:
            site.patches.append("late_scripts")
        yield site


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Iterator[BrowserHouse]:
    """One Chromium for the whole run. A browser that is missing fails the tests that need it."""
    # The event loop that Playwright keeps running makes Django refuse the database in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with BrowserHouse(find_chromium(), slower=pytestconfig.getoption("slow_browser")) as house:
        yield house


@pytest.fixture
def new_visitor(chromium: BrowserHouse, live_site: LiveSite) -> Iterator["VisitorMaker"]:
    """Make somebody with a browser of their own: `new_visitor(user=None, width=1280, dark=False, javascript=True)`."""
    maker = VisitorMaker(chromium, live_site)
    yield maker
    maker.close()


@pytest.fixture
def visitor(new_visitor: "VisitorMaker") -> Visitor:
    """A reader who is not signed in, at a desktop browser."""
    return new_visitor()


class VisitorMaker:
    def __init__(self, browser: BrowserHouse, site: LiveSite) -> None:
        self._browser, self._site = browser, site
        self._made: list[Visitor] = []

    def __call__(self, **options) -> Visitor:  # type: ignore[no-untyped-def]
        made = Visitor(self._browser, self._site, **options)
        self._made.append(made)
        return made

    def close(self) -> None:
        complaints = [complaint for made in self._made for complaint in made.close()]
        assert complaints == []


# What a page costs


@pytest.fixture
def queries_of(client):  # type: ignore[no-untyped-def]
    """How many database queries a reader's visit to an address takes, once caches that outlive a request are warm."""

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200
        return len(queries)

    return count


@pytest.fixture
def media(settings, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    """A folder of its own for the files that a test uploads."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
