"""Files that nothing refers to: laid outside by somebody who then stopped, or sent by a device for nothing."""

import itertools
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from postal.services.shelving import Shelf, clear
from postal.store import Ledger, Store

KEPT_FOR = timedelta(days=1)
"""So long a file may lie before something refers to it."""

AT_A_TIME = 500

FEW = 500
"""So many unknown files may be swept whatever else lies there: two stacks that broke and what was laid beside."""

_log = logging.getLogger("postal.sweeping")

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """How many files of the outside and how many sent pictures were forgotten."""

    files: int = 0
    pictures: int = 0


def sweep(store: Store, shelf: Shelf | None, *, at: datetime) -> Swept:
    """Forget what lies unreferred for a day; a picture that something still waiting names stays.

    Where more lies unknown than known, and not only a few, nothing outside is touched: that is the shelf of another
    database, or of a newer copy of this one. Raises: ShelfUnreachable.
    """
    before = at - KEPT_FOR
    with store.begin(at=at) as ledger:
        pictures = ledger.files.forget_sent(before=before, but=_awaited(ledger))
    return Swept(files=_unreferred(store, shelf, before=before) if shelf else 0, pictures=pictures)


def _awaited(ledger: Ledger) -> set[tuple[str, str]]:
    """Return (account, digest) of every picture that an act or line of a device names which is not settled yet."""
    waiting = [(entry.account, entry.content) for entry in ledger.entries.waiting_at(None)]
    aside = [(line.account, line.content) for line in ledger.quarantine.open_at(None)]
    return {(account, digest) for account, content in (*waiting, *aside) for digest in _DIGEST.findall(content)}


def _unreferred(store: Store, shelf: Shelf, *, before: datetime) -> int:
    old = (name for name, since in shelf.names() if since < before)
    useless, known = [], 0
    for names in _chunks(old):
        with store.read() as reader:
            used = reader.files.in_use(names)
        useless += sorted(set(names) - used)
        known += len(used)
    if len(useless) > max(FEW, known):
        _log.error(
            "Không dọn: %d tệp ngoài không có trong sổ, chỉ %d tệp có. Xem POSTAL_FILES có đúng kho của sổ này không.",
            len(useless),
            known,
        )
        return 0
    clear(shelf, useless)
    return len(useless)


def _chunks(names: Iterator[str]) -> Iterator[list[str]]:
    while chunk := list(itertools.islice(names, AT_A_TIME)):
        yield chunk
