"""The list a postman takes along: every thing of a run, what to do with it, and what to bring back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, codes, doors, points
from postal.domain.board import UnknownRoute
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, PlannedStop
from postal.domain.item import NEEDS_IDENTITY, Item
from postal.domain.people import Actor, Person
from postal.domain.places import VEHICLE_NAMES, Place, Territory
from postal.domain.proposal import Draft, Proposal, UnknownProposal
from postal.domain.run import DeliveryRun, NothingOnRun, RunElsewhere, RunState
from postal.queries import access, needs, runs, sketches, stops
from postal.queries.sketches import Sketch
from postal.queries.stops import StopLine
from postal.store import Reader, Store, pinpointing

TASKS: dict[ItemKind, str] = {
    ItemKind.RESULT: "Giao kết quả",
    ItemKind.RETURNED: "Trả giấy tờ",
    ItemKind.SLIP: "Giao phiếu",
}
LEAVE, FETCH = "Để giấy mời", "Lấy giấy tờ"

WALKED_M = 100
"""Metres between doors that are walked to from one parked vehicle, and how far off a point may be, as in a plan."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetLine:
    """One thing at a door. `collect` is money in đồng, `recover` counts papers to get back, `order` is the stop's."""

    order: int
    code: str
    task: str
    receiver: str
    address: str
    phone: str
    papers: int
    collect: int
    recover: int
    identity: bool
    window: str
    where: str
    arrives: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetPage:
    """A run's list, planned or proposed; a proposed one has no code yet.

    `facts` say how far and how long it is, `sketch` is None where no stop can be drawn. Without `with_people` no line
    names anybody or a door.
    """

    code: str
    office: str
    territory: str
    day: date
    postman: str
    lines: tuple[SheetLine, ...]
    facts: tuple[str, ...]
    sketch: Sketch | None
    with_people: bool


def sheet_page(store: Store, code: str, *, actor: Actor, at: datetime) -> SheetPage:
    """Return the list of a run, for who may read names and doors.

    Raises: UnknownCode, NotPostman, RunElsewhere, NothingOnRun.
    """
    with store.read(at=at) as reader:
        found = stops.run_of(reader, code)
        stops.must_see(reader, found, actor)
        office = reader.reference.place(found.office)
        if not stops.sees_people(found, actor):
            raise RunElsewhere(thing="Danh sách phát", office=office.name)
        if not found.stops:
            raise NothingOnRun(run=codes.shown(found.code))
        return _page(reader, found, office=office, with_people=True)


def draft_page(store: Store, number: str, route: int, *, actor: Actor, at: datetime) -> SheetPage:
    """Return the list of a proposed run, numbered from 0, with names and doors only for who may read them.

    Raises: UnknownProposal, UnknownRoute, RunElsewhere.
    """
    with store.read(at=at) as reader:
        kept = reader.rounds.proposal(number)
        if kept is None:
            raise UnknownProposal
        if not 0 <= route < len(kept.proposal.drafts):
            raise UnknownRoute(route=str(route + 1))
        found = _as_run(kept.proposal.drafts[route], kept.proposal)
        office = reader.reference.place(found.office)
        if actor.place != found.office and not access.watches_all(actor):
            raise RunElsewhere(thing="Phương án chia chuyến", office=office.name)
        return _page(reader, found, office=office, with_people=stops.sees_people(found, actor))


def _as_run(draft: Draft, proposal: Proposal) -> DeliveryRun:
    """Return a proposed run as the run it would be, without a code."""
    return DeliveryRun(
        code="",
        version=0,
        state=RunState.PLANNED,
        office=draft.office,
        territory=draft.territory,
        day=proposal.day,
        postman=draft.postman,
        stops=draft.stops,
        metres=draft.metres,
        seconds=draft.seconds,
        planned_at=proposal.made_at,
    )


def _page(reader: Reader, found: DeliveryRun, *, office: Place, with_people: bool) -> SheetPage:
    account = reader.accounts.get(found.postman)
    at_doors = pinpointing.located(reader, found) if with_people else found.stops
    return SheetPage(
        code=found.code,
        office=office.name,
        territory=reader.reference.territory(found.territory).name,
        day=found.day,
        postman=account.name if account else found.postman,
        lines=tuple(_Sheet(reader, found, at_doors, with_people=with_people).lines()),
        facts=_facts(found, reader.reference.territory(found.territory)),
        sketch=_sketch(reader, found, at_doors, office=office),
        with_people=with_people,
    )


def parked(stops: Sequence[PlannedStop]) -> dict[int, str]:
    """Return by number of a stop for which ones somebody parks once: neighbours in the order, a short walk apart.

    Only points that deliveries taught are near enough to say so.
    """
    groups: list[list[PlannedStop]] = []
    for stop in stops:
        if groups and all(_is_walk(other, stop) for other in groups[-1]):
            groups[-1].append(stop)
        else:
            groups.append([stop])
    return {
        stop.number: f"đỗ xe một lần cho điểm {sketches.label_of(each.number for each in group)}"
        for group in groups
        if len(group) > 1
        for stop in group
    }


def _is_walk(one: PlannedStop, other: PlannedStop) -> bool:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return False
    if max(one.uncertainty_m or 0, other.uncertainty_m or 0) > WALKED_M:
        return False
    return points.apart(one.lat, one.lon, other.lat, other.lon) <= WALKED_M


def _facts(found: DeliveryRun, territory: Territory) -> tuple[str, ...]:
    """Return in words how much, how far and how long a run is planned to be, with what, and when it rests."""
    pause = territory.equipment.pause
    arrivals = [stop.arrives_at for stop in found.stops if stop.arrives_at is not None]
    return (
        f"{len(found.stops)} điểm",
        runs.kilometres(found.metres),
        *((f"dự kiến {runs.duration(found.seconds)}",) if found.seconds else ()),
        *((f"đến điểm đầu lúc {calendars.local(min(arrivals)):%H:%M}",) if arrivals else ()),
        VEHICLE_NAMES[territory.equipment.kind],
        *((f"nghỉ {pause.minutes} phút trong khoảng {pause.opens:%H:%M} – {pause.closes:%H:%M}",) if pause else ()),
    )


def _sketch(reader: Reader, found: DeliveryRun, at_doors: Sequence[PlannedStop], *, office: Place) -> Sketch | None:
    if all(stop.lat is None for stop in at_doors):
        return None
    communes = reader.reference.units({stop.commune for stop in at_doors}, on=found.day)
    names = {code: unit.name for code, unit in communes.items()}
    return sketches.sketch([runs.way_of(office, found, at_doors)], title="Sơ đồ các điểm của chuyến", communes=names)


class _Sheet:
    """The lines of a list, with everything they need read once."""

    def __init__(
        self, reader: Reader, found: DeliveryRun, at_doors: Sequence[PlannedStop], *, with_people: bool
    ) -> None:
        self.stops = found.stops
        self.doors = stops.of_run(reader, found, with_people=with_people, stops=at_doors)
        self.items = reader.many(Item, [*found.items, *found.invitations])
        cases = {item.dossier for item in self.items.values()}
        self.pickups = reader.rounds.pickups(found.pickups)
        cases |= {pickup.dossier for pickup in self.pickups.values()}
        self.dossiers = reader.rounds.dossiers(cases)
        self.people = reader.people.of(sorted(cases)) if with_people else {}
        self.parked = parked(at_doors)
        self.arrivals = {stop.number: stop.arrives_at for stop in found.stops}
        self.charged: set[str] = set()

    def lines(self) -> Iterable[SheetLine]:
        """Yield every thing in the order of the round; money of a dossier stands at its first envelope."""
        for stop, door in zip(self.stops, self.doors, strict=True):
            for code in stop.items:
                yield self._delivery(self.items[code], stop, door)
            for code in stop.invitations:
                person = doors.receiver_of(self.people, self.items[code].dossier)
                until = self.items[code].pickup_until
                note = f"giữ đến {until:%d/%m}" if until else ""
                yield self._line(code, LEAVE, person, door, note=note)
            for code in stop.pickups:
                person = self.people.get((self.pickups[code].dossier, "sender"))
                yield self._line(code, FETCH, person, door, note=self._note_of(code, door))

    def _delivery(self, item: Item, stop: PlannedStop, door: StopLine) -> SheetLine:
        asks = item.kind in NEEDS_IDENTITY
        return self._line(
            item.code,
            TASKS.get(item.kind, "Giao"),
            doors.receiver_of(self.people, item.dossier),
            door,
            papers=sum(paper.total for paper in item.papers) or 1,
            collect=self._collect(self.dossiers.get(item.dossier)) if asks else 0,
            recover=item.to_recover,
            identity=asks,
            note=f"hạn {stop.due_on:%d/%m}" if stop.due_on else "",
        )

    def _collect(self, dossier: Dossier | None) -> int:
        if dossier is None or dossier.code in self.charged:
            return 0
        self.charged.add(dossier.code)
        return sum(amount for _, amount in needs.sums_of(dossier))

    def _note_of(self, code: str, door: StopLine) -> str:
        return next((pickup.note for pickup in door.pickups if pickup.code == code), "")

    def _arrives(self, number: int) -> str:
        at = self.arrivals.get(number)
        return f"{calendars.local(at):%H:%M}" if at is not None else ""

    def _line(
        self,
        code: str,
        task: str,
        person: Person | None,
        door: StopLine,
        *,
        papers: int = 0,
        collect: int = 0,
        recover: int = 0,
        identity: bool = False,
        note: str = "",
    ) -> SheetLine:
        address = person.address if person else ""
        return SheetLine(
            order=door.number,
            code=code,
            task=task,
            receiver=person.name if person else "",
            address=f"{address}, {door.commune}" if address else door.commune,
            phone=stops.spoken(person.phone) if person else "",
            papers=papers,
            collect=collect,
            recover=recover,
            identity=identity,
            window=door.window,
            where=door.where,
            arrives=self._arrives(door.number),
            note="; ".join(filter(None, (self.parked.get(door.number, ""), note))),
        )
