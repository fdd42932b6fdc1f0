"""The terminal door over a seeded database of this test's own, and over one with a demo in it."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postal import cli
from postal.services import catalogue, demo
from postal.store import Store
from tests import databases


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the answer of `--json`."""
        return json.loads(self.out)


Terminal = Callable[..., Answer]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database: Path) -> Terminal:
    """Return what types a command, with the database of this test in the environment."""
    monkeypatch.setenv("POSTAL_DATABASE_URL", f"sqlite:///{database}")
    monkeypatch.setenv("POSTAL_SECRET_KEY", databases.SECRET_KEY)

    def type_in(*words: str) -> Answer:
        code = cli.main(words)
        said = capsys.readouterr()
        return Answer(code=code, out=said.out, err=said.err)

    return type_in


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return where the database of this test will be; nothing is there yet."""
    return tmp_path / "var" / "postal.db"


def _made(path: Path, *, dossiers: int) -> Path:
    chance = random.Random(1)
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY, token_bytes=chance.randbytes)
    store.migrate()
    now = datetime.now(UTC)
    catalogue.seed(store, at=now)
    if dossiers:
        demo.make(store, chance=chance, now=now, dossiers=dossiers)
    store.close()
    return path


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with the reference data, made once."""
    return _made(tmp_path_factory.mktemp("cli") / "seeded.db", dossiers=0)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with a small demo that ended a moment ago, made once."""
    return _made(tmp_path_factory.mktemp("cli") / "demo.db", dossiers=30)


@pytest.fixture
def seeded(seeded_file: Path, database: Path) -> Path:
    """Put the reference data into the database of this test."""
    database.parent.mkdir()
    return Path(shutil.copyfile(seeded_file, database))


@pytest.fixture
def living(demo_file: Path, database: Path) -> Path:
    """Put a demo into the database of this test."""
    database.parent.mkdir()
    return Path(shutil.copyfile(demo_file, database))


@pytest.fixture
def opened(database: Path) -> Iterator[Callable[[], Store]]:
    """Return what opens the database of this test beside the terminal; the end of the test closes it."""
    stores: list[Store] = []

    def open_it() -> Store:
        stores.append(Store.open(f"sqlite:///{database}", secret_key=databases.SECRET_KEY))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()
