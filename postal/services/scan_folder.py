"""A watched folder: what a scanner lays there is taken in, then moved to `done`, or to `held` with the reason.

A file is moved only after its pages are kept for good, and only if nobody wrote to it meanwhile. A process that dies in
between finds it again, knows it by its content, and moves it: nothing is lost, nothing comes twice. A sub-folder named
after a place belongs to that place.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from postal.domain import scanning
from postal.domain.places import UnknownPlace
from postal.domain.refusals import Refused
from postal.domain.scanning import ReadersBusy, ShelfUnreachable
from postal.services import digitising
from postal.services.sheets import FileTooLarge
from postal.services.shelving import Shelf
from postal.store import Store

DONE, HELD = "done", "held"
SETTLED = timedelta(seconds=5)
"""A file that was written to later than this ago is still being written."""

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""Names that programs give to files they have not finished."""


LONGEST_NAME = 200
"""Bytes of a name in `done` and `held`: room is left for a mark and `.txt` below the 255 of a file system."""


class NotMoved(Refused):
    """The folder does not let files be read or moved; the file stays where it is."""

    code = "scan_not_moved"
    vi = "Không đọc hoặc không chuyển được tệp ({why}). Xem quyền và chỗ trống của thư mục; tệp còn nguyên ở chỗ cũ."
    en = "The file cannot be read or moved ({why}). Look at the rights and the room of the folder; the file stays."


class NoSuchFolder(Refused):
    """There is nothing to watch."""

    code = "no_scan_folder"
    vi = "Không có thư mục {folder}. Tạo thư mục, hoặc sửa POSTAL_SCAN_FOLDER rồi chạy lại."
    en = "There is no folder {folder}. Make it, or correct POSTAL_SCAN_FOLDER."


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What one look did: files and pages taken in, pages held for a person, files moved to `held` and why.

    `stuck` are files that could neither be read nor moved; they stay where they are.
    """

    files: int = 0
    pages: int = 0
    held_pages: int = 0
    known: int = 0
    waiting: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    stuck: tuple[tuple[str, str], ...] = ()


def look(store: Store, shelf: Shelf, folder: Path, *, at: datetime, settled: timedelta = SETTLED) -> Looked:
    """Take in every finished file of a folder and of its places' sub-folders, oldest first.

    Raises: NoSuchFolder, ShelfUnreachable (then the rest stays where it is, for the next look).
    """
    if not folder.is_dir():
        raise NoSuchFolder(folder=folder)
    looked = Looked()
    for path, place in _files(store, folder):
        if not _is_finished(path, at=at, settled=settled):
            looked = _more(looked, waiting=1)
            continue
        try:
            looked = _taken(store, shelf, path, place=place, at=at, looked=looked)
        except FileNotFoundError:  # somebody took it away meanwhile
            continue
        except OSError as error:  # one file that cannot be moved does not keep the others
            why = str(NotMoved(why=errno.errorcode.get(error.errno or 0, type(error).__name__)))
            looked = _more(looked, stuck=((_shown(path), why),))
    return looked


def _taken(store: Store, shelf: Shelf, path: Path, *, place: str, at: datetime, looked: Looked) -> Looked:
    before = _marks(path)
    try:
        content = _content(path)
        taken = digitising.take_in(store, shelf, content, place=place, account=digitising.WATCHED, at=at)
    except ReadersBusy:
        return _more(looked, waiting=1)
    except ShelfUnreachable:
        raise
    except Refused as refused:
        if _marks(path) != before:  # it was still being written: what is whole may well be readable
            return _more(looked, waiting=1)
        _move(path, HELD, why=str(refused))
        return _more(looked, refused=((_shown(path), str(refused)),))
    if _marks(path) == before:
        _move(path, DONE)
    else:  # the pages that came since are taken with the whole file, by the next look
        looked = _more(looked, waiting=1)
    if taken.is_known:
        return _more(looked, known=1)
    return _more(looked, files=1, pages=taken.pages, held_pages=taken.held)


def _content(path: Path) -> bytes:
    """Return what a file holds; a link that stands there now is not followed. Raises: FileTooLarge before reading."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as opened:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(path)
        if found.st_size > scanning.LARGEST_FILE:
            raise FileTooLarge(size=found.st_size // 1024**2, most=scanning.LARGEST_FILE // 1024**2)
        return opened.read()


def _marks(path: Path) -> tuple[int, int, int]:
    """Return what changes when somebody writes to a file."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _shown(path: Path) -> str:
    """Return a name as a log or terminal may show it: a file may be named by anybody who reaches the folder."""
    return "".join(each if each.isprintable() else "?" for each in path.name)


def _files(store: Store, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that wait and the place each belongs to, empty for the common folder."""
    yield from ((path, "") for path in _inside(folder))
    for sub in sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()):
        if sub.name not in (DONE, HELD) and _is_place(store, sub.name):
            yield from ((path, sub.name) for path in _inside(sub))


def _inside(folder: Path) -> Sequence[Path]:
    """Return the files of a folder, oldest first; hidden ones, links and what names itself unfinished are left."""
    with os.scandir(folder) as entries:
        found = [
            (written, entry.name)
            for entry in entries
            if not entry.name.startswith(".")
            and Path(entry.name).suffix.lower() not in UNFINISHED
            and (written := _written(entry)) is not None
        ]
    return [folder / name for _, name in sorted(found)]


def _written(entry: os.DirEntry[str]) -> float | None:
    """Return when a file was written last, None for what is no file or is gone by now."""
    try:
        return entry.stat(follow_symlinks=False).st_mtime if entry.is_file(follow_symlinks=False) else None
    except FileNotFoundError:
        return None


def _is_place(store: Store, name: str) -> bool:
    with store.read() as reader:
        try:
            return bool(reader.reference.place(name).code)
        except UnknownPlace:
            return False


def _is_finished(path: Path, *, at: datetime, settled: timedelta) -> bool:
    try:
        return at.timestamp() - path.stat().st_mtime >= settled.total_seconds()
    except FileNotFoundError:
        return False


def _move(path: Path, where: str, *, why: str = "") -> None:
    """Move a file into `done` or `held`; one of the same name that lies there is not replaced."""
    to = path.parent / where
    to.mkdir(exist_ok=True)
    target = to / path.name
    if len(os.fsencode(path.name)) > LONGEST_NAME or target.exists():
        target = to / _shorter(path)
    if why:
        target.with_name(f"{target.name}.txt").write_text(f"{why}\n", encoding="utf-8")
    path.replace(target)


def _shorter(path: Path) -> str:
    """Return a name of its own for a file: what fits of its old one, and a mark of its content."""
    mark, suffix = hashlib.sha256(path.read_bytes()).hexdigest()[:12], path.suffix[:10]
    stem = os.fsencode(path.stem)[: LONGEST_NAME - 60].decode(errors="ignore")
    return f"{stem}-{mark}{suffix}"


def _more(
    looked: Looked,
    *,
    files: int = 0,
    pages: int = 0,
    held_pages: int = 0,
    known: int = 0,
    waiting: int = 0,
    refused: tuple[tuple[str, str], ...] = (),
    stuck: tuple[tuple[str, str], ...] = (),
) -> Looked:
    return Looked(
        files=looked.files + files,
        pages=looked.pages + pages,
        held_pages=looked.held_pages + held_pages,
        known=looked.known + known,
        waiting=looked.waiting + waiting,
        refused=(*looked.refused, *refused),
        stuck=(*looked.stuck, *stuck),
    )
