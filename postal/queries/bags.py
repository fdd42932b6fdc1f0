"""One bag: what is in it, what happened to it, what its count differed in; its label and its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, events, permissions
from postal.domain.bag import BAG_STATE_NAMES, Bag, BagState
from postal.domain.events import Event
from postal.domain.item import Custody, Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import access, items, receivers, timeline
from postal.queries.bag_lists import TONES, trips_of
from postal.queries.items import Choice, IncidentLink, NotParty
from postal.queries.timeline import Line
from postal.store import Reader, Store
from postal.store.registers import StoredFile


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """An envelope of a bag, or found in it: what it is and what became of it."""

    code: str
    dossier: str
    kind: str
    papers: int
    outcome: str
    tone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BagPage:
    """A bag as staff see it, with its list, its history, and what the one who looks may do with it."""

    code: str
    state: str
    tone: str
    is_missing: bool
    is_transit: bool
    origin: str
    destination: str
    holder: str
    offered_to: str
    record: str
    trip: str
    seal: str
    seal_seen: str
    seal_differs: bool
    is_broken: bool
    weight_g: int | None
    sealed_at: datetime | None
    signed_over_at: datetime | None
    opened_at: datetime | None
    has_photo: bool
    has_photo_seen: bool
    lines: tuple[Packed, ...]
    inside: int
    differences: tuple[str, ...]
    incidents: tuple[IncidentLink, ...]
    timeline: tuple[Line, ...]
    can_correct: bool
    can_pack: bool
    can_receive: bool
    can_hand_over: bool
    can_sign: bool
    can_void: bool
    can_report: bool
    can_settle: bool
    move_targets: tuple[Choice, ...]
    take_over_targets: tuple[Choice, ...]
    errors: dict[str, str]
    typed: dict[str, str]

    @property
    def is_closed(self) -> bool:
        """Tell whether it was sealed, so that its list can be printed."""
        return self.sealed_at is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelPrint:
    """What stands on a bag's label."""

    code: str
    origin: str
    destination: str
    seal: str
    count: int
    weight_g: int | None
    trip: str
    time: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestLine:
    """A line of a bag's list."""

    item: str
    dossier: str
    carries: str
    papers: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestPrint:
    """The list of a bag (bảng kê)."""

    label: LabelPrint
    packer: str
    lines: tuple[ManifestLine, ...]


# --- one bag ----------------------------------------------------------------------------------------------------------


def bag_page(store: Store, code: str, *, actor: Actor) -> BagPage:
    """Return a bag for whoever looks at it. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        bag, happened = _seen(reader, code, actor=actor)
        return _page(reader, bag, happened, actor=actor)


def label(store: Store, code: str, *, actor: Actor) -> LabelPrint:
    """Return what stands on the label of a bag. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        bag, _ = _seen(reader, code, actor=actor)
        return _label(reader, bag)


def manifest(store: Store, code: str, *, actor: Actor) -> ManifestPrint:
    """Return the list of a bag. Raises: UnknownCode, NotParty, EmptyBag."""
    with store.read() as reader:
        bag, happened = _seen(reader, code, actor=actor)
        found = reader.many(Item, bag.contents)
        sealers = [event.by.account for event in happened if isinstance(event, events.BagSealed)]
        names = receivers.names_of(reader, set(sealers))
        return ManifestPrint(
            label=_label(reader, bag),
            packer=", ".join(filter(None, (names.get(sealers[-1], sealers[-1]) if sealers else "", str(bag.packer)))),
            lines=tuple(
                ManifestLine(
                    item=each.code,
                    dossier=each.dossier,
                    carries=items.kind_name(each),
                    papers=items.paper_totals(each).total,
                )
                for each in (found[item] for item in bag.contents if item in found)
            ),
        )


def photo(store: Store, code: str, *, actor: Actor, when_opened: bool) -> StoredFile:
    """Return the photo of a bag's seal, of when it was closed or opened. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        bag, happened = _seen(reader, code, actor=actor)
        wanted = _photo_seen(happened) if when_opened else bag.photo
        found = reader.files.get(wanted) if wanted else None
    if found is None:
        raise UnknownCode(thing=f"ảnh niêm phong túi {codes.shown(code)}")
    return found


def _seen(reader: Reader, code: str, *, actor: Actor) -> tuple[Bag, list[Event]]:
    """Return a bag and its story to somebody whose place has to do with it."""
    bag = reader.thing(Bag, code)
    if bag is None:
        raise UnknownCode(thing=f"túi {codes.shown(code)}")
    happened = [event for *_, event in reader.events([code])]
    places = {bag.origin, bag.destination.place, bag.custodian.place, bag.packer.place}
    places |= {each.place for each in (bag.offered_to, bag.last_carrier) if each}
    places |= {event.by.place for event in happened if not isinstance(event, events.Claimed)}
    if actor.place not in places and not access.watches_all(actor):
        raise NotParty(thing=f"Túi {codes.shown(code)}")
    return bag, happened


def _label(reader: Reader, bag: Bag) -> LabelPrint:
    trip = trips_of(reader, [bag.code]).get(bag.code)
    places = reader.reference.places([bag.origin])
    when = calendars.local(bag.sealed_at or bag.started_at)
    return LabelPrint(
        code=bag.code,
        origin=places[bag.origin].name if bag.origin in places else bag.origin,
        destination=bag.destination.name,
        seal=bag.seal,
        count=len(bag.contents),
        weight_g=bag.weight_g,
        trip=codes.shown(trip.code) if trip else "",
        time=f"{when:%H:%M %d/%m/%Y}",
    )


def _page(reader: Reader, bag: Bag, happened: Sequence[Event], *, actor: Actor) -> BagPage:
    holds = actor.acts_for(bag.custodian)
    gives = holds and permissions.may(actor, Permission.HAND_OVER)
    packs = holds and permissions.may(actor, Permission.PACK_BAG)
    own = [Choice(value=receivers.value_of(c), name=c.name) for c in receivers.custodians_of(reader, actor)]
    origin = reader.reference.places([bag.origin]).get(bag.origin)
    trip = trips_of(reader, [bag.code]).get(bag.code)
    takes = permissions.may(actor, Permission.TAKE_OVER) and bag.may(events.TakenOver)
    is_stranger = not holds and not actor.acts_for(bag.offered_to)
    lines = _packed(reader, bag)
    return BagPage(
        code=bag.code,
        state="Không thấy, đang tìm" if bag.is_missing else items.capitalised(BAG_STATE_NAMES[bag.state]),
        tone="problem" if bag.is_missing else TONES[bag.state],
        is_missing=bag.is_missing,
        is_transit=bag.is_transit,
        origin=origin.name if origin else bag.origin,
        destination=bag.destination.name,
        holder=str(bag.custodian),
        offered_to=str(bag.offered_to or ""),
        record=bag.record,
        trip=trip.code if trip else "",
        seal=bag.seal,
        seal_seen=bag.seal_seen,
        seal_differs=bool(bag.seal_seen) and bag.seal_seen != bag.seal,
        is_broken=bag.is_intact is False,
        weight_g=bag.weight_g,
        sealed_at=bag.sealed_at,
        signed_over_at=bag.signed_over_at,
        opened_at=bag.opened_at,
        has_photo=bool(bag.photo),
        has_photo_seen=bool(_photo_seen(happened)),
        lines=lines,
        inside=sum(line.outcome == INSIDE for line in lines),
        differences=_differences(bag),
        incidents=items.incident_links(reader, [bag.code], bag=bag.code),
        timeline=timeline.lines(reader, [bag.code], sees_texts=False)[::-1],
        can_correct=permissions.may(actor, Permission.CORRECT) and not access.watches_all(actor),
        can_pack=packs and bag.may(events.BagPacked),
        can_receive=_may_receive(bag, actor),
        can_hand_over=gives and bag.may(events.HandedOver),
        can_sign=bag.is_offered and actor.acts_for(bag.offered_to),
        can_void=packs and bag.may(events.BagVoided) and not bag.contents,
        can_report=gives and bag.may(events.ReportedMissing) and not bag.is_missing,
        can_settle=gives and bag.may(events.Found) and bag.is_missing,
        move_targets=tuple(c for c in own if c.value != receivers.value_of(bag.custodian))
        if gives and bag.may(events.Moved)
        else (),
        take_over_targets=tuple(own) if takes and is_stranger else (),
        errors={},
        typed={},
    )


def _may_receive(bag: Bag, actor: Actor) -> bool:
    """Tell whether somebody may open the bag: his own, or one that was offered to him."""
    if not permissions.may(actor, Permission.RECEIVE_BAG):
        return False
    if bag.is_offered:
        return actor.acts_for(bag.offered_to) and actor.account != bag.offered_by
    return actor.acts_for(bag.custodian) and bag.state in (BagState.SEALED, BagState.OPENED)


def _photo_seen(happened: Sequence[Event]) -> str:
    return next((event.photo for event in happened if isinstance(event, events.BagOpened)), "")


INSIDE = "Trong túi"


def _packed(reader: Reader, bag: Bag) -> tuple[Packed, ...]:
    """Return what stands on the list and what was found besides, each with what became of it."""
    found = reader.many(Item, [*bag.contents, *bag.extra])
    return tuple(
        Packed(
            code=code,
            dossier=found[code].dossier,
            kind=items.kind_name(found[code]),
            papers=items.paper_totals(found[code]).total,
            outcome=outcome,
            tone=tone,
        )
        for code in dict.fromkeys((*bag.contents, *bag.extra))
        if code in found
        for outcome, tone in (_outcome(bag, found[code]),)
    )


def _outcome(bag: Bag, item: Item) -> tuple[str, str]:
    """Return what became of an envelope of the list, in words and tone."""
    if item.bag == bag.code and item.custody is Custody.BAGGED:
        return (INSIDE, "problem") if item.trouble is Trouble.MISSING else (INSIDE, "moving")
    if item.code in bag.missing:
        return "Thiếu khi mở túi", "problem"
    if item.code in bag.damaged:
        return "Rách, ướt", "problem"
    if item.code in bag.misplaced:
        return "Sai nơi", "problem"
    if item.code in bag.extra:
        return "Thừa, không có trong bảng kê", "problem"
    if item.code in bag.unchecked:
        return ("Nhận nguyên túi, chưa kiểm", "needs_citizen") if not item.is_checked else ("Đã thấy lại", "done")
    return ("Đủ", "done") if bag.state is BagState.EMPTIED else ("Đã lấy ra khỏi túi", "needs_citizen")


def _differences(bag: Bag) -> tuple[str, ...]:
    """Return what the count differed in, each as a few words."""
    found = [
        (len(bag.missing), "thiếu"),
        (len(bag.extra), "thừa"),
        (len(bag.damaged), "rách, ướt"),
        (len(bag.misplaced), "sai nơi"),
        (len(bag.unchecked), "chưa kiểm từng bưu gửi"),
    ]
    told = [f"{count} {words}" for count, words in found if count]
    if bag.seal_seen and bag.seal_seen != bag.seal:
        told.append(f"niêm phong trên túi {bag.seal_seen}, bảng kê {bag.seal}")
    if bag.is_intact is False:
        told.append("niêm phong hoặc túi đã rách")
    return tuple(told)
