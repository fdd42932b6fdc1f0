"""Digitised papers compared with what the ledger says of them: every file is there, with its hash."""

import hashlib
from collections.abc import Iterator

from postal.domain import codes
from postal.domain.events import PaperReused, PaperScanned
from postal.domain.oracle import Fact
from postal.domain.scanning import FileLost
from postal.services import shelving
from postal.services.shelving import Shelf
from postal.store import Store
from postal.store.registers import SealedFile

KINDS = (PaperScanned.__name__, PaperReused.__name__)


def wrong(store: Store, shelf: Shelf | None) -> Iterator[str]:
    """Yield in words which digitised papers are lost or are another file than was recorded.

    What was erased by law has no people any more: it cannot be checked and is not named. Without a shelf only the
    register is looked at. Raises: ShelfUnreachable.
    """
    for fact, file in _recorded(store):
        digest = str(fact.data.get("file"))
        said = f"{codes.shown(fact.stream)} bước {fact.version}: tệp số hóa của giấy tờ số {fact.data.get('line')}"
        if file is None:
            yield f"{said} không còn trong sổ"
        elif (shelf is not None or not file.blob) and not _is_kept(store, shelf, file, digest):
            yield f"{said} bị mất hoặc đã bị sửa"


def _recorded(store: Store) -> list[tuple[Fact, SealedFile | None]]:
    """Return every recorded scan of a dossier that was not erased, with its file."""
    with store.read() as reader:
        facts = list(reader.inspection.facts_as_recorded(KINDS))
        known = {code for code, _ in reader.people.of(sorted({fact.stream for fact in facts}))}
        return [
            (fact, reader.files.of_content(fact.stream, str(fact.data.get("file"))))
            for fact in facts
            if fact.stream in known
        ]


def _is_kept(store: Store, shelf: Shelf | None, file: SealedFile, digest: str) -> bool:
    try:
        content = shelving.fetched(store, shelf, file).content
    except FileLost:
        return False
    return hashlib.sha256(content).hexdigest() == digest
