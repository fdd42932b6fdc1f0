"""What every test may ask for: a fresh database of either kind, a store on it, a browser.

`store`, `database_url` and `empty_database_url` run a test once on SQLite and once on PostgreSQL. A test for which one
database is enough says `@databases.ON_SQLITE`. Nothing is skipped for want of PostgreSQL or Chromium: it fails.
"""

import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from playwright import sync_api

from tests import databases, memory, offline, outcomes

if TYPE_CHECKING:
    from pwdlib import PasswordHash

    from postal.store import Store

ROOT = Path(__file__).resolve().parent.parent

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM_OPTIONS = (
    "--no-sandbox",  # its sandbox refuses root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


# ----------------------------------------------------------------------------------------------------------- the run
def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--whole`, which `make test` passes."""
    outcomes.register(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Let no test leave this machine; a whole run tries the same examples each time, others look for new ones."""
    offline.stay()
    memory.use()
    hypothesis.settings.register_profile("postal", deadline=None, derandomize=bool(config.getoption("--whole")))
    hypothesis.settings.load_profile("postal")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note where each test runs; a whole run begins with the slowest, so that no process ends long after the others."""
    outcomes.note_places(items)
    if config.getoption("--whole"):
        items.reverse()
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


class _Counting:
    """Counts in the process that reports; worker processes only pass their results on."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcomes.count(self._config, report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if outcomes.idle(self._config) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(outcomes.told(self._config))
        for place in outcomes.idle(self._config):
            terminalreporter.write_line(f"FAILED: in the whole suite no test passed on {place}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Count results, once per run."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Counting(session.config), "postal-counting")


# --------------------------------------------------------------------------------------------------------- databases
def _open(url: str) -> "Store":
    from postal.store import Store

    return Store.open(url, secret_key=databases.SECRET_KEY)


def _migrate(url: str) -> None:
    store = _open(url)
    try:
        store.migrate()
    finally:
        store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[databases.PostgresServer]:
    """Return the PostgreSQL server of this process, started when a test first asks for it."""
    with databases.running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> databases.SqliteFactory:
    """Return what makes SQLite databases."""
    return databases.SqliteFactory(directory=tmp_path_factory.mktemp("sqlite"), migrate=_migrate)


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: databases.PostgresServer) -> databases.PostgresFactory:
    """Return what makes PostgreSQL databases."""
    return databases.PostgresFactory(server=postgres_server, migrate=_migrate)


@pytest.fixture(params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of database this test runs on: one test each."""
    return str(request.param)


@pytest.fixture
def database_factory(request: pytest.FixtureRequest, database_kind: str) -> databases.Factory:
    """Return what makes databases of the kind this test runs on."""
    name = {"sqlite": "sqlite_databases", "postgresql": "postgres_databases"}[database_kind]
    factory: databases.Factory = request.getfixturevalue(name)
    return factory


@pytest.fixture
def empty_database_url(database_factory: databases.Factory) -> Iterator[str]:
    """Return the address of a fresh database without any table."""
    url = database_factory.empty()
    yield url
    database_factory.drop(url)


@pytest.fixture
def database_url(database_factory: databases.Factory) -> Iterator[str]:
    """Return the address of a fresh, migrated database."""
    url = database_factory.migrated()
    yield url
    database_factory.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator["Store"]:
    """Return an open store on a fresh, migrated database."""
    opened = _open(database_url)
    yield opened
    opened.close()


def _seed(url: str) -> None:
    from postal.services import catalogue
    from tests import cast

    store = _open(url)
    try:
        store.migrate()
        catalogue.seed(store, at=cast.monday)
    finally:
        store.close()


@pytest.fixture
def seeded(database_factory: databases.Factory) -> Iterator["Store"]:
    """Return an open store with the reference data the product ships; loaded once, copied for each test."""
    url = database_factory.prepared("seeded", _seed)
    opened = _open(url)
    yield opened
    opened.close()
    database_factory.drop(url)


# ----------------------------------------------------------------------------------------------------------- browser
def _chromium() -> str:
    for name in _CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    raise RuntimeError("Chromium was not found. Next: tools/system-packages.sh chromium")


@pytest.fixture(scope="session")
def browser() -> Generator[sync_api.Browser]:
    """Return a headless Chromium that can reach this machine only."""
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=list(_CHROMIUM_OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: sync_api.Browser) -> Generator[sync_api.Page]:
    """Return a blank page of somebody in Vietnam, with no cookies; a script that breaks on it fails the test."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    blank = context.new_page()
    broken: list[str] = []
    blank.on("pageerror", lambda error: broken.append(str(error)))
    yield blank
    context.close()
    assert not broken, f"a script on the page broke: {broken}"


# --------------------------------------------------------------------------------------------------------- passwords
@pytest.fixture(scope="session", autouse=True)
def product_passwords() -> Iterator["PasswordHash | None"]:
    """Return what the product hashes with, None where no test signs in; meanwhile it hashes with the least effort."""
    accounts = sys.modules.get("postal.services.accounts")
    if accounts is None:
        yield None
        return
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    with pytest.MonkeyPatch.context() as patch:
        of_the_product = accounts._passwords
        patch.setattr(accounts, "_passwords", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
        yield of_the_product


# -------------------------------------------------------------------------------------------------------------- data
@pytest.fixture(scope="session")
def full_data() -> Path:
    """Return the folder of the complete public lists, which are too large to ship and not on every machine."""
    folder = ROOT.parent / "shared" / "data" / "vn"
    if not folder.is_dir():
        pytest.skip(f"the full public lists are not beside this checkout ({folder.relative_to(ROOT.parent)})")
    return folder
