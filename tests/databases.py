"""Real databases for tests: a PostgreSQL server the tests start by themselves, and copies of migrated templates.

A test never skips for want of PostgreSQL: a missing server fails it.
"""

import contextlib
import dataclasses
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

KINDS = ("sqlite", "postgresql")
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
SECRET_KEY = "a secret for tests only, long enough to be taken for a real one"

START_SECONDS = 30.0
STOP_SECONDS = 15.0
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "128MB",
    "autovacuum": "off",
}
_ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class ServerMissing(RuntimeError):
    """PostgreSQL is not installed or did not start; the message names the next step."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL server programs on this machine.

    Raises: ServerMissing.
    """
    packaged = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest_first = sorted(packaged, key=lambda path: float(path.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    for initdb in [*newest_first, *([Path(on_path)] if on_path else [])]:
        return initdb.resolve().parent
    raise ServerMissing("PostgreSQL was not found. Next: tools/system-packages.sh postgresql")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged_user() -> str | None:
    """Return who should run the server, or None when we are somebody it accepts: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


class PostgresServer:
    """One PostgreSQL server in a temporary directory on a free loopback port.

    It ends with the process that started it, even when that is killed. `durable` keeps what a crash must not lose, as
    in production; without it the server is quicker. `kill` and `start` again is a crash and a recovery.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.programs = programs()
        self.durable = durable
        self.port = _free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="postal-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _unprivileged_user()
        if self._user:
            shutil.chown(self.directory, self._user)
        self._init()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database on this server, as the product's settings take it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection of the database's owner that commits every statement."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database, autocommit=True)

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises: ServerMissing with the end of its log.
        """
        settings = _ALWAYS | ({} if self.durable else _FAST) | {"port": str(self.port)}
        options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in settings.items())
        with self._log.open("ab") as log:
            command = [*self._as_user(), str(self.programs / "postgres"), "-D", str(self._data), *options]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory)
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def kill(self) -> None:
        """Stop the server at once, as a power cut would."""
        self._end(signal.SIGQUIT)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _as_user(self) -> list[str]:
        """Return the words that run a command as the server's user and end it when we end."""
        die_with_us = ["setpriv", "--pdeathsig", "QUIT"]
        if not self._user:
            return die_with_us
        entry = pwd.getpwnam(self._user)
        return [*die_with_us, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]

    def _init(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [*self._as_user(), str(self.programs / "initdb"), *options, "-D", str(self._data)]
        made = subprocess.run(command, capture_output=True, text=True, cwd=self.directory, check=False)
        if made.returncode:
            raise ServerMissing(f"initdb failed: {made.stdout}{made.stderr}")

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError), self.connect():
                return
            time.sleep(0.02)
        self._end(signal.SIGQUIT)
        raise ServerMissing(f"PostgreSQL did not start: {self._log.read_text(errors='replace')[-2000:]}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a PostgreSQL server for the length of a `with`."""
    server = PostgresServer(durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()


Migrate = Callable[[str], None]


@dataclasses.dataclass(kw_only=True)
class SqliteFactory:
    """Makes SQLite databases: empty ones, and copies of one that was migrated, or prepared further, once."""

    directory: Path
    migrate: Migrate
    _numbers: Iterator[int] = dataclasses.field(default_factory=itertools.count)
    _templates: dict[str, Path] = dataclasses.field(default_factory=dict)

    def empty(self) -> str:
        """Return the address of a database without any table."""
        return f"sqlite:///{self._path()}"

    def migrated(self) -> str:
        """Return the address of a database with every table and no row but those the migrations write."""
        return self.prepared("migrated", self.migrate)

    def prepared(self, name: str, prepare: Migrate) -> str:
        """Return the address of a copy of the database that `prepare` filled the first time `name` was asked for."""
        path = self._path()
        shutil.copyfile(self._template(name, prepare), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove the database and the files SQLite keeps beside it."""
        path = Path(url.removeprefix("sqlite:///"))
        for beside in path.parent.glob(f"{path.name}*"):
            beside.unlink()

    def _path(self) -> Path:
        return self.directory / f"{next(self._numbers)}.db"

    def _template(self, name: str, prepare: Migrate) -> Path:
        if name not in self._templates:
            path = self._path()
            prepare(f"sqlite:///{path}")
            assert not path.with_name(f"{path.name}-wal").exists(), "the store was closed without a checkpoint"
            self._templates[name] = path
        return self._templates[name]


@dataclasses.dataclass(kw_only=True)
class PostgresFactory:
    """Makes databases on one server: empty ones, and copies of one that was migrated, or prepared further, once."""

    server: PostgresServer
    migrate: Migrate
    _numbers: Iterator[int] = dataclasses.field(default_factory=itertools.count)
    _templates: dict[str, str] = dataclasses.field(default_factory=dict)

    def empty(self) -> str:
        """Return the address of a database without any table."""
        return self._create(f"t{next(self._numbers)}", template="template0")

    def migrated(self) -> str:
        """Return the address of a database with every table and no row but those the migrations write."""
        return self.prepared("migrated", self.migrate)

    def prepared(self, name: str, prepare: Migrate) -> str:
        """Return the address of a copy of the database that `prepare` filled the first time `name` was asked for."""
        if name not in self._templates:
            url = self.empty()
            prepare(url)
            self._templates[name] = url.rpartition("/")[2]
        return self._create(f"t{next(self._numbers)}", template=self._templates[name])

    def drop(self, url: str) -> None:
        """Remove the database, even when a killed process left a connection."""
        with self.server.connect() as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)".encode())

    def _create(self, name: str, *, template: str) -> str:
        """Copy a template file by file, as versions before 15 did: writing it to the log takes ten times as long."""
        with self.server.connect() as connection:
            strategy = " STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{strategy}".encode())
        return self.server.url(name)


Factory = SqliteFactory | PostgresFactory
