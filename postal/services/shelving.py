"""Files outside the database: laid there before the event that refers to them, fetched when somebody may see them."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidTag

from postal.domain.scanning import FileLost, ShelfUnreachable
from postal.store import Store
from postal.store.registers import SealedFile, StoredFile

_log = logging.getLogger("postal.shelving")


class Shelf(Protocol):
    """Where sealed content lies under its SHA-256. Every method may raise ShelfUnreachable."""

    def put(self, name: str, content: bytes) -> None:
        """Keep content; it is there for good when this returns."""
        ...

    def get(self, name: str) -> bytes | None:
        """Return content, None when there is none."""
        ...

    def delete(self, name: str) -> None:
        """Forget content; what is not there is no fault."""
        ...

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Yield every name and since when it lies there."""
        ...


def lay(store: Store, shelf: Shelf, content: bytes, *, media_type: str, dossier: str, owner: str = "") -> SealedFile:
    """Seal content and lay it outside; the row that opens it is written later, in the transaction of the event.

    What no row names is swept after a day. Raises: ShelfUnreachable.
    """
    sealed = store.seal_file(content, media_type=media_type, dossier=dossier, owner=owner)
    shelf.put(sealed.blob, sealed.body)
    return sealed


def fetched(store: Store, shelf: Shelf | None, file: SealedFile) -> StoredFile:
    """Return a file opened, wherever it lies; without a shelf only what lies in the database can be.

    Raises: FileLost, ShelfUnreachable.
    """
    body = b"" if not file.blob else shelf.get(file.blob) if shelf is not None else None
    if body is None or (file.blob and hashlib.sha256(body).hexdigest() != file.blob):
        raise FileLost
    try:
        return store.open_file(file, body)
    except InvalidTag as error:
        raise FileLost from error


def clear(shelf: Shelf, blobs: Iterable[str]) -> None:
    """Take away what opens no more; what cannot be reached now is swept later."""
    for blob in blobs:
        try:
            shelf.delete(blob)
        except ShelfUnreachable:
            _log.warning("Chưa dọn được một tệp đã xóa khóa; lượt dọn sau sẽ thử lại.")
            return
