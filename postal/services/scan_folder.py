"""A watched folder: what a scanner lays there is taken in, then moved to `done`, or to `held` with the reason.

A file is moved only after its pages are kept for good. A process that dies in between finds it again, knows it by its
content, and moves it: nothing is lost, nothing comes twice. A sub-folder named after a place belongs to that place.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from postal.domain import scanning
from postal.domain.places import UnknownPlace
from postal.domain.refusals import Refused
from postal.domain.scanning import ShelfUnreachable
from postal.services import digitising
from postal.services.sheets import FileTooLarge
from postal.services.shelving import Shelf
from postal.store import Store

DONE, HELD = "done", "held"
SETTLED = timedelta(seconds=5)
"""A file that was written to later than this ago is still being written."""

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""Names that programs give to files they have not finished."""


class NoSuchFolder(Refused):
    """There is nothing to watch."""

    code = "no_scan_folder"
    vi = "Không có thư mục {folder}. Tạo thư mục, hoặc sửa POSTAL_SCAN_FOLDER rồi chạy lại."
    en = "There is no folder {folder}. Make it, or correct POSTAL_SCAN_FOLDER."


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What one look did: files and pages taken in, pages held for a person, files moved to `held` and why."""

    files: int = 0
    pages: int = 0
    held_pages: int = 0
    known: int = 0
    waiting: int = 0
    refused: tuple[tuple[str, str], ...] = ()


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
        looked = _taken(store, shelf, path, place=place, at=at, looked=looked)
    return looked


def _taken(store: Store, shelf: Shelf, path: Path, *, place: str, at: datetime, looked: Looked) -> Looked:
    try:
        content = _content(path)
        taken = digitising.take_in(store, shelf, content, place=place, account=digitising.WATCHED, at=at)
    except ShelfUnreachable:
        raise
    except FileNotFoundError:  # somebody took it away meanwhile
        return looked
    except Refused as refused:
        _move(path, HELD, why=str(refused))
        return _more(looked, refused=((path.name, str(refused)),))
    _move(path, DONE)
    if taken.is_known:
        return _more(looked, known=1)
    return _more(looked, files=1, pages=taken.pages, held_pages=taken.held)


def _content(path: Path) -> bytes:
    """Return what a file holds. Raises: FileTooLarge before reading it."""
    size = path.stat().st_size
    if size > scanning.LARGEST_FILE:
        raise FileTooLarge(size=size // 1024**2, most=scanning.LARGEST_FILE // 1024**2)
    return path.read_bytes()


def _files(store: Store, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that wait and the place each belongs to, empty for the common folder."""
    yield from ((path, "") for path in _inside(folder))
    for sub in sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()):
        if sub.name not in (DONE, HELD) and _is_place(store, sub.name):
            yield from ((path, sub.name) for path in _inside(sub))


def _inside(folder: Path) -> Sequence[Path]:
    """Return the files of a folder, oldest first; hidden ones, links and what names itself unfinished are left."""
    found = [
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and path.suffix.lower() not in UNFINISHED
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


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
    if target.exists():
        target = to / f"{path.stem}-{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"
    if why:
        target.with_name(f"{target.name}.txt").write_text(f"{why}\n", encoding="utf-8")
    path.replace(target)


def _more(
    looked: Looked,
    *,
    files: int = 0,
    pages: int = 0,
    held_pages: int = 0,
    known: int = 0,
    waiting: int = 0,
    refused: tuple[tuple[str, str], ...] = (),
) -> Looked:
    return Looked(
        files=looked.files + files,
        pages=looked.pages + pages,
        held_pages=looked.held_pages + held_pages,
        known=looked.known + known,
        waiting=looked.waiting + waiting,
        refused=(*looked.refused, *refused),
    )
