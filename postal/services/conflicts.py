"""What does not fit between the facts of devices becomes the record of an incident, and ends when it fits after all."""

import hashlib
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime

from postal.domain import chain, codes, incident
from postal.domain.bag import Bag
from postal.domain.chain import Step
from postal.domain.codes import CodeKind
from postal.domain.events import Misfit
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.store import Ledger


def reconcile(ledger: Ledger, things: Mapping[str, Item | Bag], *, by: Actor, at: datetime) -> None:
    """Open an incident for every conflict in the chains of some things, and end those that fit by now."""
    if not things:
        return
    known = [each for each in ledger.incidents_about(things) if each.fact]
    shown = {code: _conflicts(ledger, code) for code in things}
    wanted = {(code, step.id.hex()) for code, found in shown.items() for _, step in found}
    for code, found in shown.items():
        for why, step in found:
            if not any(each.about == code and each.fact == step.id.hex() for each in known):
                _open(ledger, things[code], why, step, by=by, at=at)
    over = [each for each in known if each.is_open and (each.about, each.fact) not in wanted]
    ledger.append_all([(each, each.fits_now(by=by, at=at)) for each in over])


def _conflicts(ledger: Ledger, code: str) -> list[tuple[Misfit, Step]]:
    return chain.conflicts(ledger.reads([code])[code])


def _open(ledger: Ledger, thing: Item | Bag, why: Misfit, step: Step, *, by: Actor, at: datetime) -> None:
    """Open the record of one conflict: who holds the thing answers, who told the fact is the other side."""
    kind = incident.OF_MISFIT[why]
    code = codes.mint(CodeKind.INCIDENT, below=drawn_from(step.id, 0)).text
    event = incident.open_incident(
        kind,
        about=thing.code,
        owner=thing.custodian.place or step.event.by.place,
        other=step.event.by.place,
        holder=thing.custodian,
        fact=step.id.hex(),
        by=by,
        at=at,
    )
    ledger.begin(Incident, code, event)


def drawn_from(number: bytes, attempt: int) -> Callable[[int], int]:
    """Return a source of random numbers made of the random number of an event: the device has drawn it, not we."""
    count = itertools.count()

    def below(limit: int) -> int:
        drawn = hashlib.sha256(number + bytes([attempt]) + next(count).to_bytes(4)).digest()
        return int.from_bytes(drawn) % limit

    return below
