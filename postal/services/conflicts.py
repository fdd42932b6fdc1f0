"""What does not fit between the facts of devices becomes the record of an incident, and ends when it fits after all."""

import hashlib
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime

from postal.domain import chain, codes, incident
from postal.domain.bag import Bag
from postal.domain.chain import Step
from postal.domain.codes import CodeKind
from postal.domain.events import Event, Misfit
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.store import Ledger
from postal.store.ledger import Taken


def reconcile(ledger: Ledger, taken: Mapping[str, Taken], *, by: Actor, at: datetime) -> None:
    """Open an incident for every conflict in the chains of some things, and end those that fit by now.

    What came at the end of a story changes nothing of what was read before, so no incident about that ends.
    """
    if not taken:
        return
    known = {(each.about, each.fact): each for each in ledger.incidents_of_facts(taken)}
    shown = {code: chain.conflicts(each.reads) for code, each in taken.items()}
    wanted = {(code, step.id.hex()): (why, step) for code, found in shown.items() for why, step in found}
    new = [(taken[key[0]].thing, *told) for key, told in wanted.items() if key not in known]
    if new:
        ledger.begin_all(Incident, [_opened(thing, why, step, by=by, at=at) for thing, why, step in new])
    over = [each for key, each in known.items() if each.is_open and taken[key[0]].is_whole and key not in wanted]
    ledger.append_all([(each, each.fits_now(by=by, at=at)) for each in over])


def _opened(thing: Item | Bag, why: Misfit, step: Step, *, by: Actor, at: datetime) -> tuple[str, Event]:
    """Return the record of one conflict: who holds the thing answers, who told the fact is the other side."""
    code = codes.mint(CodeKind.INCIDENT, below=drawn_from(step.id, 0)).text
    event = incident.open_incident(
        incident.OF_MISFIT[why],
        about=thing.code,
        owner=thing.custodian.place or step.event.by.place,
        other=step.event.by.place,
        holder=thing.custodian,
        fact=step.id.hex(),
        by=by,
        at=at,
    )
    return code, event


def drawn_from(number: bytes, attempt: int) -> Callable[[int], int]:
    """Return a source of random numbers made of the random number of an event: the device has drawn it, not we."""
    count = itertools.count()

    def below(limit: int) -> int:
        drawn = hashlib.sha256(number + bytes([attempt]) + next(count).to_bytes(4)).digest()
        return int.from_bytes(drawn) % limit

    return below
