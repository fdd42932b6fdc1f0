"""Messages owed to citizens: written with the event that owes them, paid by the worker. No accents: one SMS segment."""

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from postal.domain import codes
from postal.domain.dossier import Dossier
from postal.store import Ledger, Store
from postal.store.registers import Notice, Receipt

ONE_SEGMENT = 160
CLAIM = timedelta(minutes=2)
AGAIN = timedelta(minutes=5)
MOST_TRIES = 48

_STROKES = str.maketrans({"đ": "d", "Đ": "D", "–": "-"})


def owe_pin(ledger: Ledger, receipt: Receipt) -> None:
    """Owe the PIN to the sender's phone; without a phone it is printed on a strip of the citizen's copy."""
    words = f"ma PIN {receipt.pin}. Khong dua ma PIN cho nguoi la"
    _owe(ledger, receipt.dossier, fact=f"pin_{receipt.serial}", words=words)


def owe_sender(ledger: Ledger, dossier: Dossier, *, fact: str, words: str) -> None:
    """Owe the sender a message about one fact, never twice; without a phone nothing is owed."""
    _owe(ledger, dossier.code, fact=fact, words=words)


def pay(store: Store, send: Callable[[Notice], None], *, at: datetime, limit: int = 50) -> int:
    """Send what is due and return how many went out.

    Each message is claimed first, so that two workers never send it twice; the network is outside every transaction.
    `send` raises OSError when the gateway did not take it; after 48 tries a person must look.
    """
    with store.read(at=at) as reader:
        waiting = reader.notices.due(limit=limit)
    return sum(_pay_one(store, notice, send, at=at) for notice in waiting)


def without_accents(text: str, *, most: int) -> str:
    """Return a name as an SMS of one segment can hold it: no marks, no longer than `most`.

    >>> without_accents("Bưu cục Trung tâm Đà Nẵng", most=20)
    'Buu cuc Trung tam Da'
    """
    letters = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join(letter for letter in letters if letter.isascii())[:most].rstrip()


def _pay_one(store: Store, notice: Notice, send: Callable[[Notice], None], *, at: datetime) -> bool:
    with store.begin(at=at) as ledger:
        if not ledger.notices.claim(notice, until=at + CLAIM):
            return False
    try:
        send(notice)
    except OSError:
        state, is_sent = ("failed" if notice.tries + 1 >= MOST_TRIES else "owed"), False
    else:
        state, is_sent = "sent", True
    with store.begin(at=at) as ledger:
        ledger.notices.settle(notice, state=state, next_try_at=at + AGAIN)
    return is_sent


def _owe(ledger: Ledger, dossier: str, *, fact: str, words: str) -> None:
    sender = ledger.people.of([dossier]).get((dossier, "sender"))
    if sender is None or not sender.phone:
        return
    text = f"Buu dien: ho so {codes.shown(dossier)} {words}."
    assert len(text) <= ONE_SEGMENT, text
    ledger.notices.owe(dossier, fact=fact, to=sender.phone, text=text)
