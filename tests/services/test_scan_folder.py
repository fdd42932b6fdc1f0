"""The watched folder: taken in and moved, or set aside with the reason; nothing lost, nothing twice."""

import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from postal.domain.scanning import ShelfUnreachable
from postal.gateways import files
from postal.services import digitising, scan_folder, sheets
from postal.services.scan_folder import Looked, NoSuchFolder
from postal.store import Store
from tests import cast, scanned
from tests.scanned import Sheet
from tests.services.cases import Case


class Scanner:
    """A scanner that writes into a folder, and a clock that stands an hour after Monday began."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.shelf = files.in_memory()
        self.code = Case(store).code
        self.at = cast.after(hours=1)

    def writes(self, name: str, content: bytes, *, sub: str = "", age: timedelta = timedelta(minutes=1)) -> Path:
        folder = self.folder / sub if sub else self.folder
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_bytes(content)
        self.dated(path, self.at - age)
        return path

    def dated(self, path: Path, when: datetime) -> None:
        os.utime(path, (when.timestamp(), when.timestamp()))

    def look(self) -> Looked:
        return scan_folder.look(self.store, self.shelf, self.folder, at=self.at)

    def waiting(self) -> int:
        with self.store.read() as reader:
            return len(reader.stacks.sheets_of(self.code))

    def held(self, place: str) -> int:
        with self.store.read() as reader:
            return len(reader.stacks.held_at(place))


@pytest.fixture
def scanner(seeded: Store, tmp_path: Path) -> Scanner:
    folder = tmp_path / "may-quet"
    folder.mkdir()
    return Scanner(seeded, folder)


def test_a_finished_file_is_taken_in_and_moved_to_done(scanner: Scanner) -> None:
    path = scanner.writes("a.pdf", scanned.stack([Sheet(label=scanner.code), Sheet()]))
    looked = scanner.look()
    assert (looked.files, looked.pages, scanner.waiting()) == (1, 2, 2)
    assert not path.exists()
    assert (scanner.folder / "done" / "a.pdf").exists()
    assert scanner.look() == Looked()


def test_a_file_that_is_still_being_written_is_left(scanner: Scanner) -> None:
    content = scanned.stack([Sheet(label=scanner.code)])
    path = scanner.writes("a.pdf", content[:500], age=timedelta(seconds=1))
    scanner.writes("b.pdf.part", content)
    scanner.writes(".an.pdf", content)
    assert scanner.look() == Looked(waiting=1)
    assert path.exists()
    path.write_bytes(content)
    scanner.dated(path, scanner.at - timedelta(minutes=1))
    assert scanner.look().files == 1


def test_a_file_that_cannot_be_taken_is_set_aside_with_the_reason(scanner: Scanner) -> None:
    scanner.writes("hong.pdf", b"%PDF-1.4 hong")
    scanner.writes("khong-nhan.pdf", scanned.stack([Sheet()]))
    looked = scanner.look()
    assert {name for name, _ in looked.refused} == {"hong.pdf", "khong-nhan.pdf"}
    assert "không phải PDF" in (scanner.folder / "held" / "hong.pdf.txt").read_text(encoding="utf-8")
    assert "nhãn đọc được" in (scanner.folder / "held" / "khong-nhan.pdf.txt").read_text(encoding="utf-8")
    assert (scanner.folder / "held" / "hong.pdf").read_bytes() == b"%PDF-1.4 hong"


def test_pages_in_the_folder_of_a_place_are_held_there(scanner: Scanner) -> None:
    scanner.writes("a.pdf", scanned.stack([Sheet()]), sub=cast.SMALL_OFFICE)
    scanner.writes("b.pdf", scanned.stack([Sheet()]), sub="khong-phai-buu-cuc")
    looked = scanner.look()
    assert (looked.files, looked.held_pages, scanner.held(cast.SMALL_OFFICE)) == (1, 1, 1)
    assert (scanner.folder / "khong-phai-buu-cuc" / "b.pdf").exists()


def test_a_crash_between_keeping_and_moving_takes_nothing_twice(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scanner.writes("a.pdf", scanned.stack([Sheet(label=scanner.code)]))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(scan_folder, "_move", dies)
        with pytest.raises(KeyboardInterrupt):
            scanner.look()
    assert path.exists()
    assert scanner.look() == Looked(known=1)
    assert (path.exists(), scanner.waiting()) == (False, 1)


def test_a_crash_before_keeping_loses_nothing(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scanner.writes("a.pdf", scanned.stack([Sheet(label=scanner.code)]))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(digitising, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            scanner.look()
    assert (path.exists(), scanner.waiting()) == (True, 0)
    assert (scanner.look().files, scanner.waiting()) == (1, 1)


def test_while_files_cannot_be_laid_outside_nothing_is_moved(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scanner.writes("a.pdf", scanned.stack([Sheet(label=scanner.code)]))

    def unreachable(*_: object) -> None:
        raise ShelfUnreachable(why="TimeoutError")

    with monkeypatch.context() as broken:
        broken.setattr(scanner.shelf, "put", unreachable)
        with pytest.raises(ShelfUnreachable):
            scanner.look()
    assert path.exists()
    assert scanner.look().files == 1


def test_two_files_of_one_name_both_stay(scanner: Scanner) -> None:
    scanner.writes("quet.pdf", scanned.stack([Sheet(label=scanner.code, text="một")]))
    scanner.look()
    scanner.writes("quet.pdf", scanned.stack([Sheet(label=scanner.code, text="hai")]))
    scanner.look()
    assert len(list((scanner.folder / "done").iterdir())) == 2
    assert scanner.waiting() == 2


def test_links_are_not_followed(scanner: Scanner, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"%PDF-")
    (scanner.folder / "a.pdf").symlink_to(secret)
    assert scanner.look() == Looked()
    assert secret.exists()


def test_a_folder_that_is_not_there_is_named(scanner: Scanner) -> None:
    with pytest.raises(NoSuchFolder, match="khong-co"):
        scan_folder.look(scanner.store, scanner.shelf, scanner.folder / "khong-co", at=scanner.at)


@pytest.mark.parametrize(
    "name",
    [
        b"n" * 251 + b".pdf",
        "số hóa".encode() * 24 + b".pdf",
        b"a\nb\x1b[31m.pdf",
        b"\xff\xfe.pdf",
        b"a..%2f..%2fetc.pdf",
    ],
    ids=["255 bytes", "255 bytes of Vietnamese", "control characters", "no UTF-8", "dots"],
)
def test_a_strange_name_keeps_nothing_from_being_moved(scanner: Scanner, name: bytes) -> None:
    for content in (b"%PDF-1.4 hong", scanned.stack([Sheet(label=scanner.code)])):
        path = scanner.folder / os.fsdecode(name)
        path.write_bytes(content)
        scanner.dated(path, scanner.at - timedelta(minutes=1))
        looked = scanner.look()
        assert (looked.stuck, path.exists()) == ((), False)
        assert all(shown.isprintable() for shown, _ in looked.refused)
    assert [each.read_bytes() for each in (scanner.folder / "held").iterdir() if b".txt" not in os.fsencode(each)] == [
        b"%PDF-1.4 hong"
    ]
    assert len(list((scanner.folder / "done").iterdir())) == 1
    assert scanner.waiting() == 1


def test_a_file_that_cannot_be_moved_keeps_no_other_from_being_taken(scanner: Scanner) -> None:
    scanner.writes("hong.pdf", b"%PDF-1.4 hong", age=timedelta(minutes=2))
    (scanner.folder / "held").write_bytes(b"somebody made a file of this name")
    scanner.writes("sau.pdf", scanned.stack([Sheet(label=scanner.code)]))
    looked = scanner.look()
    assert [name for name, _ in looked.stuck] == ["hong.pdf"]
    assert "tệp còn nguyên ở chỗ cũ" in looked.stuck[0][1]
    assert (looked.files, (scanner.folder / "hong.pdf").exists()) == (1, True)


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_done(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, whole = scanned.stack([Sheet(label=scanner.code)]), scanned.stack([Sheet(label=scanner.code), Sheet()])
    path = scanner.writes("a.pdf", first)
    read = scan_folder._content

    def grows(path: Path) -> bytes:
        content = read(path)
        scanner.writes("a.pdf", whole)
        return content

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(scan_folder, "_content", grows)
        assert scanner.look() == Looked(files=1, pages=1, waiting=1)
    assert path.exists()
    assert scanner.look().pages == 2, "a page that comes twice is dropped by a person; one that is lost is by nobody"


def test_links_pipes_and_folders_are_left(scanner: Scanner, tmp_path: Path) -> None:
    secret = tmp_path / "kin.pdf"
    secret.write_bytes(scanned.stack([Sheet(label=scanner.code)]))
    (scanner.folder / "lien-ket.pdf").symlink_to(secret)
    (scanner.folder / cast.SMALL_OFFICE).symlink_to(tmp_path)
    os.mkfifo(scanner.folder / "ong.pdf")
    (scanner.folder / "thu-muc.pdf").mkdir()
    assert scanner.look() == Looked()
    with pytest.raises(OSError, match="symbolic link"):
        scan_folder._content(scanner.folder / "lien-ket.pdf")


def test_while_too_many_files_are_read_a_file_stays_for_the_next_look(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scanner.writes("a.pdf", scanned.stack([Sheet(label=scanner.code)]))
    with monkeypatch.context() as full:
        full.setattr(sheets, "_room", threading.BoundedSemaphore(1))
        with sheets._room:
            assert scanner.look() == Looked(waiting=1)
    assert path.exists()
    assert scanner.look().files == 1


def test_a_folder_that_vanishes_says_so(scanner: Scanner) -> None:
    scanner.folder.rmdir()
    with pytest.raises(NoSuchFolder):
        scanner.look()
