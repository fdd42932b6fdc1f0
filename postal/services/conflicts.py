"""What does not fit between the facts of devices becomes the record of an incident, and ends when it fits after all."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from postal.domain import chain, codes, incident
from postal.domain.bag import Bag
from postal.domain.chain import Step
from postal.domain.codes import CodeKind
from postal.domain.events import Event, IncidentKind, Misfit, Outcome
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.store import Ledger
from postal.store.ledger import Taken


def reconcile(ledger: Ledger, taken: Mapping[str, Taken], *, by: Actor, at: datetime) -> None:
    """Open an incident for every conflict in the chains of some things, and end those that fit by now.

    What came at the end of a story changes nothing of what was read before, so no incident about that ends. What did
    fit for a while and does not any more is opened again; what a person settled stays settled.
    """
    if not taken:
        return
    known = ledger.incidents_of_facts(taken)
    wanted = {_key(code, why, step): (why, step) for code, each in taken.items() for why, step in _found(each)}
    standing = {_key_of(each) for each in known if each.outcome is not Outcome.FITS_NOW}
    new = [(key, told) for key, told in wanted.items() if key not in standing]
    if new:
        before = Counter(each.fact for each in known)
        ledger.begin_all(Incident, [_opened(taken[k[0]].thing, *t, before, by=by, at=at) for k, t in new])
    over = [each for each in known if each.is_open and taken[each.about].is_whole and _key_of(each) not in wanted]
    ledger.append_all([(each, each.fits_now(by=by, at=at)) for each in over])


_Key = tuple[str, IncidentKind, str]


def _found(taken: Taken) -> list[tuple[Misfit, Step]]:
    return chain.conflicts(taken.reads)


def _key(code: str, why: Misfit, step: Step) -> _Key:
    return code, incident.OF_MISFIT[why], step.id.hex()


def _key_of(known: Incident) -> _Key:
    return known.about, known.kind, known.fact


def _opened(
    thing: Item | Bag, why: Misfit, step: Step, before: Mapping[str, int], *, by: Actor, at: datetime
) -> tuple[str, Event]:
    """Return the record of one conflict: who holds the thing answers, who told the fact is the other side.

    Its code is drawn from the number of the fact and from how many records of it there were `before`.
    """
    fact = step.id.hex()
    code = codes.mint(CodeKind.INCIDENT, below=drawn_from(step.id, before.get(fact, 0))).text
    event = incident.open_incident(
        incident.OF_MISFIT[why],
        about=thing.code,
        owner=thing.custodian.place or step.event.by.place,
        other=step.event.by.place,
        holder=thing.custodian,
        fact=fact,
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
