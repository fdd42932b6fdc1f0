"""The house keeps its promises: locks, licences, the shape of the suite, and the harness other tests stand on."""

import doctest
import importlib
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright import sync_api

from postal.store import Store
from tests import databases, offline
from tools import licences

ROOT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = ROOT / "requirements.lock"
TESTS_LOCK = ROOT / "requirements-dev.lock"


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def _locked(lock: Path) -> dict[str, list[str]]:
    """Return the locked versions of each package; one may be locked twice, for different Pythons."""
    versions: dict[str, list[str]] = {}
    for requirement in licences.locked(lock):
        versions.setdefault(canonicalize_name(requirement.name), []).append(licences.version_of(requirement))
    return versions


# -------------------------------------------------------------------------------------------------------------- locks
@pytest.mark.parametrize("lock", [RUNTIME_LOCK, TESTS_LOCK], ids=lambda lock: lock.name)
def test_a_lock_file_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(index|extra-index|find-links|trusted-host)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, TESTS_LOCK], ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(("lock", "extra"), [(RUNTIME_LOCK, None), (TESTS_LOCK, None), (TESTS_LOCK, "dev")])
def test_every_direct_dependency_is_locked_at_a_version_it_allows(lock: Path, extra: str | None) -> None:
    project = _pyproject()["project"]
    direct = project["optional-dependencies"][extra] if extra else project["dependencies"]
    locked = _locked(lock)
    for requirement in map(Requirement, direct):
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in {lock.name}. Next: make lock"
        assert all(version in requirement.specifier for version in versions), f"{requirement}: {versions}"


def test_tests_run_with_the_versions_the_product_is_installed_with() -> None:
    runtime, tests = _locked(RUNTIME_LOCK), _locked(TESTS_LOCK)
    assert {name: tests.get(name) for name in runtime} == runtime


# ----------------------------------------------------------------------------------------------------------- licences
def test_the_licence_page_is_what_the_installed_packages_say() -> None:
    assert licences.PAGE.read_text() == licences.page(), "Next: make licences"


def test_the_licence_page_lists_every_package_the_product_is_installed_with() -> None:
    listed = re.findall(r"^\| ([^ |]+) \|", licences.PAGE.read_text(), re.MULTILINE)
    assert set(_locked(RUNTIME_LOCK)) <= {canonicalize_name(name) for name in listed}


def test_no_package_binds_the_product_to_its_own_licence() -> None:
    bound = {p.name: p.licence for p in licences.packages(RUNTIME_LOCK) if licences.binds_us(p.licence)}
    assert bound == {}


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("AGPL-3.0-only", True),
        ("GPL-2.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT", False),
        ("GPL-2.0-only OR MIT", False),
        ("", True),
    ],
)
def test_a_licence_is_judged_by_what_it_asks_of_us(licence: str, binds: bool) -> None:
    assert licences.binds_us(licence) is binds


# ---------------------------------------------------------------------------------------------------------- the suite
def test_every_folder_with_tests_is_run() -> None:
    named = {path for path in _pyproject()["tool"]["pytest"]["ini_options"]["testpaths"] if "*" not in path}
    found = {path.relative_to(ROOT) for path in (ROOT / "tests").glob("*/**/test_*.py")}
    assert {str(path) for path in found if "/".join(path.parts[:2]) not in named} == set()


def test_every_setting_of_ruff_that_is_switched_off_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    ignored = re.search(r"^ignore = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert ignored
    assert [line for line in ignored[1].splitlines() if "#" not in line] == []


def _modules_with_examples() -> Iterator[str]:
    for package in ("postal/domain", "routes", "labels"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if ">>> " in path.read_text():
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("module", list(_modules_with_examples()))
def test_the_examples_in_docstrings_are_true(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module))
    assert outcome.attempted
    assert outcome.failed == 0


# -------------------------------------------------------------------------------------------------------- the harness
def test_a_whole_run_that_left_a_database_or_the_browser_idle_has_failed() -> None:
    selection = ["tests/test_house.py", "-k", "judged_by_what_it_asks"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *selection]
    part, whole = (
        subprocess.run([*command, *option], cwd=ROOT, capture_output=True, text=True, check=False)
        for option in ([], ["--whole"])
    )
    assert part.returncode == 0, part.stdout
    assert whole.returncode == 1, whole.stdout
    assert "databases: sqlite 0 passed, postgresql 0 passed; chromium 0 passed" in whole.stdout
    for place in ("sqlite", "postgresql", "chromium"):
        assert f"FAILED: in the whole suite no test passed on {place}" in whole.stdout


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", b"example.org", "10.0.0.1"])
def test_another_machine_is_told_from_this_one(host: object) -> None:
    assert not offline.is_local(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", b"localhost", "127.1.2.3", None, "0.0.0.0"])  # noqa: S104 - an address to be judged
def test_this_machine_is_known_by_all_its_names(host: object) -> None:
    assert offline.is_local(host)


def test_a_test_cannot_leave_this_machine() -> None:
    with socket.socket() as outward, pytest.raises(offline.LeftTheMachine, match=r"192\.0\.2\.1"):
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(offline.LeftTheMachine, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)


def test_each_test_gets_a_store_that_was_migrated(store: Store) -> None:
    assert not store.migration_pending()


def test_a_database_can_be_had_without_any_table(empty_database_url: str) -> None:
    store = Store.open(empty_database_url, secret_key=databases.SECRET_KEY)
    try:
        assert store.migration_pending()
    finally:
        store.close()


@databases.ON_POSTGRESQL
def test_a_test_may_choose_its_database(database_url: str) -> None:
    assert database_url.startswith("postgresql+psycopg://")


def test_what_a_test_writes_in_postgresql_is_gone_in_the_next(postgres_databases: databases.PostgresFactory) -> None:
    names = []
    for _ in range(2):
        url = postgres_databases.empty()
        names.append(url)
        with postgres_databases.server.connect(url.rpartition("/")[2]) as connection:
            connection.execute("CREATE TABLE item (code text)")
    assert len(set(names)) == len(names)
    for url in names:
        postgres_databases.drop(url)
        with pytest.raises(psycopg.OperationalError):
            postgres_databases.server.connect(url.rpartition("/")[2])


def test_a_durable_server_keeps_what_was_committed_before_it_was_killed() -> None:
    with databases.running_postgres(durable=True) as server:
        with server.connect() as connection:
            connection.execute("CREATE TABLE item (code text)")
            connection.execute("INSERT INTO item VALUES ('P3FHJ8QXV9')")
        server.kill()
        server.start()
        with server.connect() as connection:
            assert connection.execute("SELECT code FROM item").fetchall() == [("P3FHJ8QXV9",)]


def test_postgresql_ends_with_the_tests_even_when_they_are_killed() -> None:
    script = (
        "import os, signal; from tests import databases\n"
        "server = databases.PostgresServer(); server.start()\n"
        "print(server.port, server.directory, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    port, directory = killed.stdout.split()
    _wait_until_gone(Path(directory) / "data" / "postmaster.pid")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port)))
    shutil.rmtree(directory)


def _wait_until_gone(path: Path) -> None:
    deadline = time.monotonic() + databases.STOP_SECONDS
    while path.exists():
        assert time.monotonic() < deadline, "the server is still running"
        time.sleep(0.02)


def test_chromium_prints_vietnamese_and_cannot_leave_this_machine(page: sync_api.Page) -> None:
    page.set_content("<h1>Hồ sơ đang ở đâu?</h1>")
    assert page.inner_text("h1") == "Hồ sơ đang ở đâu?"
    with pytest.raises(sync_api.Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.org/")


def test_the_installed_product_is_complete() -> None:
    locked = {requirement.name for requirement in licences.locked(RUNTIME_LOCK) if licences.applies_here(requirement)}
    assert [name for name in locked if not metadata.version(name)] == []
