"""What does not fit between the facts of devices becomes the record of an incident, and ends when it fits after all."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import chain, codes, incident
from postal.domain.bag import Bag
from postal.domain.chain import Read, Step
from postal.domain.codes import CodeKind
from postal.domain.events import (
    Accepted,
    Claimed,
    Declined,
    Delivered,
    Event,
    FactKind,
    Found,
    FoundInBag,
    IncidentKind,
    Misfit,
    Outcome,
    Packed,
    SignedOnPaper,
    TakenOver,
    Unpacked,
)
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.store import Ledger
from postal.store.ledger import Taken


def reconcile(
    ledger: Ledger, taken: Mapping[str, Taken], *, before: Iterable[Incident], by: Actor, at: datetime
) -> None:
    """Open an incident for every conflict in the chains of some things, and for what was not taken; end what is over.

    What came at the end of a story changes nothing of what was read before, so no incident about that ends. What did
    fit for a while and does not any more is opened again; what a person settled stays settled. `before` are the
    incidents about these things, and maybe others, as they stood when the things were read.
    """
    known = [each for each in before if each.about in taken]
    found = {code: _found(each) for code, each in taken.items()}
    wanted = {_key(code, each): each for code, own in found.items() for each in own}
    standing = {_key_of(each) for each in known if each.outcome is not Outcome.FITS_NOW}
    said = {(key[0], each.repeats) for key, each in wanted.items() if key in standing}
    new = {}
    for key, each in wanted.items():
        if key not in standing and (not each.repeats or (key[0], each.repeats) not in said):
            said.add((key[0], each.repeats))
            new[key] = each
    if new:
        opened = Counter(each.fact for each in known)
        firsts = [_opened(taken[key[0]].thing, each, opened, by=by, at=at) for key, each in new.items()]
        ledger.begin_all(Incident, firsts)
    over = [each for each in known if each.is_open and _key_of(each) not in wanted and _is_over(each, taken)]
    ledger.append_all([(each, each.fits_now(by=by, at=at)) for each in over])


_Key = tuple[str, IncidentKind, str]

_TAKINGS = (Accepted, SignedOnPaper, TakenOver, Unpacked, FoundInBag, Found, Delivered)

_TELLING = (Claimed, TakenOver, Declined)
"""The events that alone can show a difference."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Difference:
    """What the record of an incident is about: a step of a story. `repeats` names what later ones say over again."""

    kind: IncidentKind
    step: Step
    repeats: str = ""


def _found(taken: Taken) -> list[_Difference]:
    """Return what somebody has to look at: what does not fit, and what a receiver did not take."""
    if not any(isinstance(each.event, _TELLING) for each in taken.reads):
        return []
    stay = _stays(taken.reads)
    found = [
        _Difference(kind=incident.OF_MISFIT[why], step=step, repeats=stay.get(step.version, ""))
        for why, step in chain.conflicts(taken.reads)
    ]
    return [*found, *_declined(taken.reads)]


def _stays(reads: Sequence[Read]) -> dict[int, str]:
    """Return for each sighting of what lies in a bag the stay it was in: it says the same each time."""
    found, packed = dict[int, str](), 0
    for each in reads:
        if isinstance(each.event, Packed):
            packed = each.step.version
        if isinstance(each.event, Claimed) and each.event.fact is FactKind.SIGHTED and each.event.why is Misfit.IN_BAG:
            found[each.step.version] = f"in the bag since {packed}"
    return found


def _declined(reads: Sequence[Read]) -> list[_Difference]:
    """Return what devices told was not taken, and nobody took after all."""
    found, taken_later = list[_Difference](), False
    for each in reversed([each for each in reads if not each.is_struck]):
        taken_later = taken_later or isinstance(each.event, _TAKINGS)
        if isinstance(each.event, Declined) and each.step.is_fact:
            kind = incident.OF_DECLINE[each.event.reason]
            if not taken_later or kind not in incident.ENDED_BY_TAKING:
                found.append(_Difference(kind=kind, step=each.step))
    return found


def _is_over(known: Incident, taken: Mapping[str, Taken]) -> bool:
    """Tell whether a record that nothing shows any more has ended; what came last says it of what was not taken."""
    own = taken[known.about]
    is_taken = any(isinstance(each.event, _TAKINGS) for each in own.reads)
    return own.is_whole or (known.kind in incident.ENDED_BY_TAKING and is_taken)


def _key(code: str, found: _Difference) -> _Key:
    return code, found.kind, found.step.id.hex()


def _key_of(known: Incident) -> _Key:
    return known.about, known.kind, known.fact


def _opened(
    thing: Item | Bag, found: _Difference, before: Mapping[str, int], *, by: Actor, at: datetime
) -> tuple[str, Event]:
    """Return the record of one conflict: who holds the thing answers, who told the fact is the other side.

    Its code is drawn from the number of the fact and from how many records of it there were `before`.
    """
    step, fact = found.step, found.step.id.hex()
    code = codes.mint(CodeKind.INCIDENT, below=drawn_from(step.id, before.get(fact, 0))).text
    event = incident.open_incident(
        found.kind,
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
