"""Bags: started, packed, sealed, opened, counted. Each function is one transaction, however many items it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import bag as bags
from postal.domain import codes, incident, permissions, policies, scans
from postal.domain.bag import Bag, BagState, Count
from postal.domain.codes import CodeKind
from postal.domain.events import Condition, Destination, Event, IncidentKind, IncidentOpened
from postal.domain.incident import Incident
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian, Side
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.scans import OurCode, PostalNumber
from postal.services import custody, differences
from postal.store import Ledger, Store

Below = Callable[[int], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A bag after its count, and the records of what did not fit."""

    bag: Bag
    incidents: tuple[Incident, ...]


def start(
    store: Store,
    *,
    code: str,
    destination: Destination,
    custodian: Custodian,
    by: Actor,
    at: datetime,
    is_transit: bool = False,
    request: str = "",
) -> Bag:
    """Begin an empty bag with its label; the one who packs it answers for it. The same request begins one bag."""
    permissions.require(by, Permission.PACK_BAG)
    event = bags.start(code=code, destination=destination, custodian=custodian, is_transit=is_transit, by=by, at=at)
    content = repr((destination, custodian.key, is_transit))
    with store.begin(at=at) as ledger:
        begun = ledger.requests.answer(request, content=content)
        if begun is not None:
            return ledger.bag(begun)
        ledger.requests.settle(request, content=content, answer=code)
        return ledger.begin(Bag, code, event)


def pack(store: Store, code: str, items: Sequence[str], *, by: Actor, at: datetime) -> Bag:
    """Put items into a bag, all of them or none."""
    permissions.require(by, Permission.PACK_BAG)
    with store.begin(at=at) as ledger:
        return put_in(ledger, ledger.bag(code), items, by=by, at=at)


def take_out(store: Store, code: str, items: Sequence[str], *, by: Actor, at: datetime) -> Bag:
    """Take items out again before the bag is sealed."""
    permissions.require(by, Permission.PACK_BAG)
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        event = bag.take_out(items, by=by, at=at)
        inside = [item for item in ledger.items(items) if item.bag == code]  # the others were taken over out of it
        ledger.append_all([(i, i.unpack(bag=bag, condition=Condition.SOUND, by=by, at=at)) for i in inside])
        return ledger.append(bag, event)


def seal(
    store: Store,
    code: str,
    *,
    seal: str,
    by: Actor,
    at: datetime,
    items: Sequence[str] = (),
    photo: bytes = b"",
    media_type: str = "image/jpeg",
    weight_g: int | None = None,
    request: str = "",
) -> Bag:
    """Close a bag with its numbered seal; `items` are put in first, so that packing fifty and sealing is one step.

    The same request sent again seals nothing anew.
    """
    permissions.require(by, Permission.PACK_BAG)
    content = repr((code, seal, sorted(items)))
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        if ledger.requests.answer(request, content=content) is not None:
            return bag
        ledger.requests.settle(request, content=content, answer=code)
        if items:
            bag = put_in(ledger, bag, items, by=by, at=at)
        bag = _without_gone(ledger, bag, by=by, at=at)
        kept = ledger.files.put(code, media_type=media_type, content=photo) if photo else ""
        return ledger.append(bag, bag.close_seal(seal=seal, photo=kept, weight_g=weight_g, by=by, at=at))


def void(store: Store, code: str, *, by: Actor, at: datetime) -> Bag:
    """Give up an empty bag."""
    permissions.require(by, Permission.PACK_BAG)
    with store.begin(at=at) as ledger:
        bag = _without_gone(ledger, ledger.bag(code), by=by, at=at)
        return ledger.append(bag, bag.void(by=by, at=at))


def take_over(store: Store, code: str, *, to: Custodian, reason: str, by: Actor, at: datetime) -> Bag:
    """Take a bag that nobody offered, with everything in it, and say why."""
    permissions.require(by, Permission.TAKE_OVER)
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        text = ledger.texts.put(code, reason)
        taken = ledger.append(bag, bag.take_over(to=to, reason=text, by=by, at=at))
        differences.end_taken(ledger, [taken], by=by)
        return taken


def report_missing(store: Store, code: str, *, by: Actor, at: datetime) -> Bag:
    """Say that a bag one answers for cannot be found: everything in it is missing."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        return ledger.append(bag, bag.report_missing(by=by, at=at))


def find(store: Store, code: str, *, by: Actor, at: datetime) -> Bag:
    """Say that a bag one answers for was found again, with everything in it."""
    permissions.require(by, Permission.HAND_OVER)
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        found = ledger.append(bag, bag.find(by=by, at=at))
        differences.end_taken(ledger, [found], by=by)
        return found


def receive(
    store: Store,
    code: str,
    *,
    seal_seen: str,
    is_intact: bool,
    found: Mapping[str, Condition],
    by: Actor,
    at: datetime,
    below: Below,
    unchecked: frozenset[str] = frozenset(),
    unknown: Sequence[str] = (),
    photo: bytes = b"",
    media_type: str = "image/jpeg",
    request: str = "",
) -> Received:
    """Open a bag, set what was found against its list and sign for the count, in one transaction.

    A bag that was offered is signed for first: its line of the record alone, also where the record has others.
    Differences never stop it: each becomes the record of an incident that both sides see. `unknown` are codes found
    inside that nobody knows. `unchecked` come out unseen, where the place allows it. The same request sent again counts
    nothing anew.

    Raises: NotNow, NotCustodian, NotAddressee, SamePerson, WholeBagNotAllowed, SealNotSame, SampleNotSeen, Forbidden.
    """
    permissions.require(by, Permission.RECEIVE_BAG)
    content = repr(
        (code, seal_seen, is_intact, sorted((c, d.value) for c, d in found.items()), sorted(unchecked), sorted(unknown))
    )
    with store.begin(at=at) as ledger:
        bag = ledger.bag(code)
        if ledger.requests.answer(request, content=content) is not None:
            return Received(bag=bag, incidents=())
        ledger.requests.settle(request, content=content, answer=code)
        if bag.is_offered:
            bag = custody.sign_for_bag(ledger, bag, by=by, at=at)
        if bag.state is BagState.SEALED:
            kept = ledger.files.put(code, media_type=media_type, content=photo) if photo else ""
            opened = bag.open(seal_seen=seal_seen, is_intact=is_intact, photo=kept, by=by, at=at)
            bag = ledger.append(bag, opened)
        inside = {item.code: item for item in ledger.items_in(code)}
        if unchecked - found.keys():
            policies.must_allow_whole(ledger.policies.whole_bag(bag.custodian.place), bag, inside, found)
        others = ledger.known_items([each for each in found if each not in inside])
        known = {each: condition for each, condition in found.items() if each in inside or each in others}
        counted = bags.count(bag, {**inside, **others}, known, by=by, at=at, unchecked=unchecked)
        after = _count(ledger, bag, counted, {**inside, **others}, by=by)
        if after.custodian.side is Side.AUTHORITY:
            custody.close_what_came_back(ledger, [*after.extra, *counted.counted.present], by=by, at=at)
        strangers = [*unknown, *(each for each in found if each not in known)]
        far = _brought_by_nothing(ledger, bag, [others[each] for each in after.extra if each in others])
        found_here = _differences(ledger, after, strangers, far, by=by, at=at, below=below)
        return Received(bag=after, incidents=found_here)


def put_in(ledger: Ledger, bag: Bag, items: Sequence[str], *, by: Actor, at: datetime) -> Bag:
    """Put items into a bag, inside a transaction."""
    wanted = list(dict.fromkeys(items))
    bag = _without_gone(ledger, bag, by=by, at=at)
    event = bag.pack(wanted, by=by, at=at)
    ledger.append_all([(item, item.pack(bag=bag, by=by, at=at)) for item in ledger.items(wanted)])
    return ledger.append(bag, event)


def _without_gone(ledger: Ledger, bag: Bag, *, by: Actor, at: datetime) -> Bag:
    """Take off an open bag's list what somebody took over out of it, so that it lists what lies inside."""
    inside = {item.code for item in ledger.items_in(bag.code)}
    gone = [code for code in bag.contents if code not in inside]
    is_open = bag.state is BagState.PACKING
    return ledger.append(bag, bag.take_out(gone, by=by, at=at)) if gone and is_open else bag


def _count(ledger: Ledger, bag: Bag, counted: Count, items: Mapping[str, Item], *, by: Actor) -> Bag:
    changes: list[tuple[Item, Event]] = [(items[code], event) for code, event in counted.items.items()]
    after = ledger.append_all(changes)
    missing = {*counted.counted.missing}
    differences.end_taken(ledger, [item for item in after if item.code not in missing], by=by)
    return ledger.append(bag, counted.counted)


def _brought_by_nothing(ledger: Ledger, bag: Bag, extra: Sequence[Item]) -> dict[str, str]:
    """Return the extra items that nothing recorded could have brought here, with the place that held them till now."""
    inside = ledger.known_bags({item.bag for item in extra if item.bag})
    return {
        item.code: item.custodian.place for item in extra if bag.cannot_have_brought(item, inside=inside.get(item.bag))
    }


def _differences(
    ledger: Ledger,
    bag: Bag,
    unknown: Sequence[str],
    far: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    below: Below,
) -> tuple[Incident, ...]:
    """Open the record of every difference; the side that answers for it owns it, the opener is the other side.

    For what came from `far`, whoever held it answers as well, and only a fresh scan and a second person end that.
    """
    answers = bag.answers_for_missing
    giver = (bag.last_carrier or bag.packer).place
    found: list[tuple[IncidentKind, str, str]] = [
        *((IncidentKind.MISSING, item, answers.place) for item in bag.missing),
        *((IncidentKind.EXTRA, item, bag.packer.place) for item in bag.extra),
        *((IncidentKind.DAMAGED, item, giver) for item in bag.damaged),
        *((IncidentKind.WRONG_PLACE, item, bag.packer.place) for item in bag.misplaced),
        *((IncidentKind.UNKNOWN_ITEM, text, bag.packer.place) for text in unknown),
        *((IncidentKind.DOUBLE_CUSTODY, item, place) for item, place in far.items()),
    ]
    if not bag.was_intact:
        found.append((IncidentKind.SEAL_MISMATCH, bag.code, giver))
    firsts = [
        (codes.mint(CodeKind.INCIDENT, below=below).text, _record(bag, kind, about, owner=owner, by=by, at=at))
        for kind, about, owner in found
    ]
    return tuple(ledger.begin_all(Incident, firsts)) if firsts else ()


def _record(bag: Bag, kind: IncidentKind, about: str, *, owner: str, by: Actor, at: datetime) -> IncidentOpened:
    """Return the beginning of the record of one difference; the opener is the other side."""
    ours, seen = named_by(about) if kind is IncidentKind.UNKNOWN_ITEM else (about, "")
    return incident.open_incident(
        kind,
        about=ours or bag.code,
        owner=owner,
        other=by.place,
        bag=bag.code,
        holder=bag.answers_for_missing if kind is IncidentKind.MISSING else bag.custodian,
        expected=bag.seal if kind is IncidentKind.SEAL_MISMATCH else "",
        seen=bag.seal_seen if kind is IncidentKind.SEAL_MISMATCH else seen,
        by=by,
        at=at,
    )


def named_by(text: str) -> tuple[str, str]:
    """Return what a scan that nobody knows may be named by: our code, a postal number, nothing that names people."""
    try:
        scan = scans.read_scan(text)
    except Refused:
        return "", ""
    if isinstance(scan, OurCode):
        return scan.code.text, ""
    return "", scan.number.text if isinstance(scan, PostalNumber) else ""
