"""Scans at the terminal and in the worker: a folder taken in once, files verified, a dossier's people forgotten."""

import json
import os
import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postal import worker
from postal.gateways import files
from postal.services import catalogue, digitising, registration
from postal.settings import Settings
from postal.store import Store
from postal.worker import Keeping
from tests import cast, databases, scanned
from tests.cli.conftest import Terminal
from tests.scanned import Sheet
from tests.services.cases import Case


@pytest.fixture
def folders(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the folder of a scanner and the one for files, with a seeded database beside them."""
    database.parent.mkdir(parents=True)
    store = Store.open(f"sqlite:///{database}", secret_key=databases.SECRET_KEY)
    store.migrate()
    catalogue.seed(store, at=cast.monday)
    store.close()
    scans, kept = tmp_path / "may-quet", tmp_path / "tep"
    scans.mkdir()
    monkeypatch.setenv("POSTAL_FILES", str(kept))
    return scans, kept


def opened(database: Path) -> Store:
    return Store.open(f"sqlite:///{database}", secret_key=databases.SECRET_KEY)


def laid(folder: Path, name: str, content: bytes) -> Path:
    """Lay a file there that was finished a minute ago."""
    path = folder / name
    path.write_bytes(content)
    before = time.time() - 60
    os.utime(path, (before, before))
    return path


def case(database: Path) -> str:
    store = opened(database)
    code = Case(store).code
    store.close()
    return code


def test_a_folder_is_taken_in_once(terminal: Terminal, database: Path, folders: tuple[Path, Path]) -> None:
    code = case(database)
    laid(folders[0], "a.pdf", scanned.stack([Sheet(label=code), Sheet()]))
    laid(folders[0], "hong.pdf", b"PK")
    answer = terminal("scans", str(folders[0]), "--once", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["files"], answer.json["pages"], len(answer.json["refused"])) == (1, 2, 1)
    assert {path.name for path in (folders[0] / "held").iterdir()} == {"hong.pdf", "hong.pdf.txt"}
    assert terminal("scans", str(folders[0]), "--once", "--json").json["files"] == 0


def test_a_folder_that_is_not_there_is_named(terminal: Terminal, folders: tuple[Path, Path]) -> None:
    answer = terminal("scans", str(folders[0] / "khong-co"), "--once")
    assert (answer.code, "Không có thư mục" in answer.err) == (1, True)


def test_verify_fetches_every_file(terminal: Terminal, database: Path, folders: tuple[Path, Path]) -> None:
    code = filed(database, folders)
    assert terminal("verify").code == 0
    (blob,) = [path for path in folders[1].rglob("*") if path.is_file()]
    blob.write_bytes(b"another file")
    answer = terminal("verify")
    assert answer.code == 1
    assert re.search(rf"KHÔNG KHỚP  {code[:5]}-{code[5:]} .*giấy tờ số 1 bị mất hoặc đã bị sửa", answer.out)


def filed(database: Path, folders: tuple[Path, Path]) -> str:
    """Digitise one paper of a new dossier and return its code."""
    code, shelf = case(database), files.opened(str(folders[1]))
    store = opened(database)
    content = scanned.stack([Sheet(label=code)])
    at = cast.after(minutes=9)
    digitising.take_in(store, shelf, content, place=cast.OFFICE, account="lan", at=at)
    with store.read() as reader:
        pages = [sheet.file for sheet in reader.stacks.sheets_of(code)]
    digitising.file_pages(store, shelf, code, 1, pages=pages, by=cast.lan, at=at)
    store.close()
    return code


def test_erasing_needs_a_dossier_that_is_over_and_takes_its_files(
    terminal: Terminal, database: Path, folders: tuple[Path, Path]
) -> None:
    code = filed(database, folders)
    assert "chưa xong" in terminal("erase", code, "--yes").err
    store = opened(database)
    registration.void(store, code, reason="khách đổi ý", by=cast.lan, at=cast.after(minutes=12))
    store.close()
    answer = terminal("erase", code, "--yes", "--json")
    assert json.loads(answer.out) == {"dossier": code, "files": 1}
    assert [path for path in folders[1].rglob("*") if path.is_file()] == []
    assert terminal("verify").code == 0


def test_the_worker_takes_in_a_folder_beside_its_messages(database: Path, folders: tuple[Path, Path]) -> None:
    code, store, stop = case(database), opened(database), threading.Event()
    laid(folders[0], "a.pdf", scanned.stack([Sheet(label=code)]))
    keeping = Keeping(shelf=files.opened(str(folders[1])), folder=folders[0])

    def clock() -> datetime:
        return datetime.now(UTC)

    running = threading.Thread(
        target=worker.run, args=(store, None), kwargs={"clock": clock, "stop": stop, "seconds": 0.1, "keeping": keeping}
    )
    running.start()
    deadline = time.monotonic() + 60
    while not (folders[0] / "done" / "a.pdf").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    running.join(timeout=30)
    with store.read() as reader:
        assert len(reader.stacks.sheets_of(code)) == 1
    time.sleep(0.3)  # the thread for files looks at `stop` every tenth of a second
    store.close()


def test_the_worker_sweeps_once_a_day(store: Store) -> None:
    shelf = files.in_memory()
    shelf.put("ab" * 32, b"nobody's")
    keeping = worker.keeping(Settings(), shelf)
    assert keeping.folder is None
    tomorrow = datetime.fromtimestamp(time.time() + 2 * 86_400, tz=UTC)
    worker.look_after_files(store, keeping, clock=lambda: tomorrow)
    assert list(shelf.names()) == []
    shelf.put("cd" * 32, b"nobody's")
    worker.look_after_files(store, keeping, clock=lambda: tomorrow)
    assert len(list(shelf.names())) == 1, "today it has swept already"


def test_a_folder_that_went_away_does_not_stop_the_worker(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeping = Keeping(shelf=files.in_memory(), folder=tmp_path / "khong-co")
    worker.look_after_files(store, keeping, clock=lambda: cast.monday)
    assert "Không có thư mục" in caplog.text
