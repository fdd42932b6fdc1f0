"""The runs of a day: per territory what waits, who drives, how far the round is; and one run with its doors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, doors, permissions, places
from postal.domain.doors import Waiting
from postal.domain.dossier import Dossier
from postal.domain.events import AttemptFailed, PlannedStop
from postal.domain.item import Custody, Item
from postal.domain.people import Actor, CustodianKind, Role
from postal.domain.permissions import Permission
from postal.domain.places import VEHICLE_NAMES, Area, Equipment, Place, Territory, Unit, VehicleKind
from postal.domain.run import RUN_STATE_NAMES, DeliveryRun, RunState
from postal.domain.status import Tone
from postal.queries import sketches, stops
from postal.queries.sketches import Sketch, Way
from postal.queries.stops import StopLine
from postal.store import Reader, Store, pinpointing, waiting
from postal.store.ledger import read_event
from postal.store.tables import EventRow, ItemRow, ProposalRow, RunRow, table_of

CONFIGURED = "Cấu hình"
"""How the basis of a fact begins that somebody configured."""

BOARDS = 3
"""Proposals of a day that are offered to go on with."""

TONES: dict[RunState, Tone] = {
    RunState.PLANNED: Tone.NEEDS_CITIZEN,
    RunState.STARTED: Tone.MOVING,
    RunState.CLOSED: Tone.DONE,
}


# --- what pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLine:
    """A run as a line of the day."""

    code: str
    postman: str
    state: str
    tone: str
    stops: int
    items: int
    delivered: int
    failed: int
    kilometres: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TerritoryDay:
    """A territory on a day: its runs, what waits for one at how many doors, and who may drive.

    `promised` are the doors that the law or a promise ties to the day.
    """

    code: str
    name: str
    communes: str
    hours: str
    waiting: int
    doors: int
    promised: int
    runs: tuple[RunLine, ...]
    postman: str
    postmen: tuple[tuple[str, str], ...]
    has_postman: bool
    can_plan: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RunsPage:
    """The day of an office. `offices` are those somebody may switch to, `provinces` those he may propose as a whole.

    `outside` counts what waits for doors that no territory of the office visits. `boards` are the proposals that wait
    for an answer, with when they were made, the newest first.
    """

    day: date
    today: date
    office: str
    office_name: str
    offices: tuple[tuple[str, str], ...]
    territories: tuple[TerritoryDay, ...]
    runs: int
    items: int
    delivered: int
    failed: int
    outside: int
    can_propose: bool
    provinces: tuple[tuple[str, str], ...]
    boards: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPage:
    """One run: its doors in order, a sketch, and what can be done with it now."""

    code: str
    line: RunLine
    day: date
    territory: str
    office: str
    stops: tuple[StopLine, ...]
    hours: str
    sketch: Sketch
    planned_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    to_hand_over: int
    with_people: bool
    can_hand_over: bool
    is_own: bool


# --- queries ----------------------------------------------------------------------------------------------------------


def runs_page(store: Store, *, actor: Actor, at: datetime, day: date | None = None, office: str = "") -> RunsPage:
    """Return the runs of an office on a day, today unless said; only a coordinator looks at other offices."""
    today = calendars.local(at).date()
    on = day or today
    with store.read(at=at) as reader:
        offices = offices_for(reader, actor)
        chosen = office if office in offices else own_of(actor, offices)
        territories = [t for t in reader.reference.territories(office=chosen) if places.in_force(t, on)]
        inside, outside = doors.by_territory(waiting.at(reader, [chosen], on=on), territories, on=on)
        runs = _runs_on(reader, chosen, day=on)
        lines = dict(zip((found.code for found in runs), run_lines(reader, runs), strict=True))
        days = tuple(
            _territory_day(
                reader, territory, runs=runs, lines=lines, found=inside.get(territory.code, []), on=on, today=today
            )
            for territory in territories
        )
        provinces = _provinces(reader, actor, offices, on=on) if on >= today else ()
        return RunsPage(
            day=on,
            today=today,
            office=chosen,
            office_name=reader.reference.place(chosen).name,
            offices=tuple((code, place.name) for code, place in offices.items()) if len(offices) > 1 else (),
            territories=days,
            runs=len(runs),
            items=sum(line.items for line in lines.values()),
            delivered=sum(line.delivered for line in lines.values()),
            failed=sum(line.failed for line in lines.values()),
            outside=len(outside),
            can_propose=bool(inside) and on >= today,
            provinces=provinces,
            boards=_boards(reader, [chosen, *(f"province:{code}" for code, _ in provinces)], day=on)
            if on >= today
            else (),
        )


def run_page(store: Store, code: str, *, actor: Actor, at: datetime) -> RunPage:
    """Return a run with its doors; names and addresses only for who may see them.

    Raises: UnknownCode, NotPostman, RunElsewhere.
    """
    with store.read(at=at) as reader:
        found = stops.run_of(reader, code)
        stops.must_see(reader, found, actor)
        with_people = stops.sees_people(found, actor)
        office = reader.reference.place(found.office)
        names = {c: unit.name for c, unit in reader.reference.units(_communes(found), on=found.day).items()}
        to_hand_over = _to_hand_over(reader, found, actor)
        at_doors = pinpointing.located(reader, found) if with_people else found.stops
        return RunPage(
            code=code,
            line=run_lines(reader, [found])[0],
            day=found.day,
            territory=reader.reference.territory(found.territory).name,
            office=office.name,
            stops=stops.of_run(reader, found, with_people=with_people, stops=at_doors),
            hours=_hours(found),
            sketch=sketches.sketch(
                [way_of(office, found, at_doors)],
                title=f"Sơ đồ các điểm của chuyến {codes.shown(code)}",
                communes=names,
            ),
            planned_at=found.planned_at,
            started_at=found.started_at,
            closed_at=found.closed_at,
            to_hand_over=to_hand_over,
            with_people=with_people,
            can_hand_over=bool(to_hand_over) and permissions.may(actor, Permission.HAND_OVER),
            is_own=found.postman == actor.account,
        )


def run_lines(reader: Reader, runs: Sequence[DeliveryRun]) -> list[RunLine]:
    """Return runs as lines of a day."""
    items = reader.many(Item, [code for found in runs for code in found.items])
    missed = _missed(reader, runs)
    names = reader.accounts.names()
    return [
        RunLine(
            code=found.code,
            postman=names.get(found.postman, found.postman),
            state=RUN_STATE_NAMES[found.state],
            tone=TONES[found.state].value,
            stops=len(found.stops),
            items=len(found.items),
            delivered=_delivered(found, items),
            failed=len(missed[found.code] - {c for c in found.items if items[c].custody is Custody.DELIVERED}),
            kilometres=kilometres(found.metres),
        )
        for found in runs
    ]


def to_hand_over(items: Iterable[Item], actor: Actor) -> list[Item]:
    """Return the items that somebody holds at a position and could give to a postman."""
    return [
        item
        for item in items
        if item.custody is Custody.HELD
        and item.custodian.kind is CustodianKind.POSITION
        and actor.acts_for(item.custodian)
    ]


def kilometres(metres: int) -> str:
    """Return a planned distance as people write it: 12,4 km."""
    return f"{metres / 1000:.1f} km".replace(".", ",")


def way_of(office: Place, found: DeliveryRun, at_doors: Sequence[PlannedStop]) -> Way:
    """Return a run as it is drawn, its doors where they are known to be."""
    return Way(
        key=found.code, name=codes.shown(found.code), depot=_depot(office, found), office=office.name, stops=at_doors
    )


def runs_of_day(reader: Reader, office: str, *, day: date) -> list[DeliveryRun]:
    """Return the runs of an office on a day, by territory."""
    return _runs_on(reader, office, day=day)


# --- parts ------------------------------------------------------------------------------------------------------------


def _runs_on(reader: Reader, office: str, *, day: date) -> list[DeliveryRun]:
    table = table_of(RunRow)
    query = select(table.c.state).where(table.c.office == office, table.c.day == day)
    return reader.things(DeliveryRun, query.order_by(table.c.territory, table.c.code))


def offices_for(reader: Reader, actor: Actor) -> dict[str, Place]:
    """Return the offices with territories that somebody plans for: the own one, or every one for a coordinator."""
    found = sorted({territory.office for territory in reader.reference.territories()})
    wanted = found if Role.COORDINATOR in actor.roles else [actor.place]
    known = reader.reference.places(wanted)
    return {code: known[code] for code in wanted if code in known}


def own_of(actor: Actor, offices: Mapping[str, Place]) -> str:
    """Return the office somebody looks at who did not choose: the own one, or the first."""
    return actor.place if actor.place in offices else next(iter(offices), actor.place)


def _boards(reader: Reader, of: Sequence[str], *, day: date) -> tuple[tuple[str, datetime], ...]:
    """Return the last proposals for some places on a day that nobody accepted."""
    table = table_of(ProposalRow)
    waits = (table.c.place.in_(sorted(of))) & (table.c.day == day) & (table.c.runs == "")
    query = select(table.c.id, table.c.made_at).where(waits).order_by(table.c.made_at.desc(), table.c.id)
    return tuple((row.id, row.made_at) for row in reader.rows(query.limit(BOARDS)))


def _territory_day(
    reader: Reader,
    territory: Territory,
    *,
    runs: Sequence[DeliveryRun],
    lines: dict[str, RunLine],
    found: Sequence[Waiting],
    on: date,
    today: date,
) -> TerritoryDay:
    postmen = tuple(stops.postmen_of(reader, territory.office))
    units = reader.reference.units(territory.communes, on=on)
    at_doors = doors.grouped(found)
    driver = territory.driver(on) or ""
    return TerritoryDay(
        code=territory.code,
        name=territory.name,
        communes=", ".join(area_name(area, units) for area in territory.order),
        hours=hours_of(territory),
        waiting=len(found),
        doors=len(at_doors),
        promised=sum(door.is_promised(on) for door in at_doors),
        runs=tuple(lines[each.code] for each in runs if each.territory == territory.code),
        postman=driver,
        postmen=postmen,
        has_postman=any(username == driver for username, _ in postmen),
        can_plan=bool(found) and on >= today,
    )


def area_name(area: Area, units: Mapping[str, Unit]) -> str:
    """Return a stretch of a round as people say it: thôn 3 (Xã Hòa Vang)."""
    commune = units[area.commune].name if area.commune in units else area.commune
    return f"{area.part} ({commune})" if area.part else commune


def hours_of(territory: Territory) -> str:
    """Return the hours of a round; what is configuration says so, anything else on what it rests."""
    hours = territory.working_time
    basis = CONFIGURED if hours.basis.startswith(CONFIGURED) else hours.basis
    span = f"{hours.opens:%H:%M} – {hours.closes:%H:%M}"
    longest = f"tối đa {duration(hours.longest_minutes * 60)}"
    return ", ".join([span, longest, *_equipment_of(territory.equipment)]) + f" ({basis[:1].lower()}{basis[1:]})"


def _equipment_of(equipment: Equipment) -> list[str]:
    """Return what is unusual of how a round is driven, in words."""
    said = [VEHICLE_NAMES[equipment.kind]] if equipment.kind is not VehicleKind.MOTORBIKE or equipment.plate else []
    said += [f"biển số {equipment.plate}"] if equipment.plate else []
    said += [f"chở tối đa {equipment.capacity} bưu gửi"] if equipment.capacity else []
    said += [f"lấy thêm {equipment.reloads} lượt"] if equipment.reloads else []
    if equipment.pause is not None:
        pause = equipment.pause
        said.append(f"nghỉ {pause.minutes} phút trong {pause.opens:%H:%M} – {pause.closes:%H:%M}")
    return said


def duration(seconds: int) -> str:
    """Return a time as people say it: 3 giờ 05 phút."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} giờ {minutes:02} phút" if hours else f"{minutes} phút"


def _hours(found: DeliveryRun) -> str:
    return duration(found.seconds) if found.seconds else ""


def _provinces(reader: Reader, actor: Actor, offices: Mapping[str, Place], *, on: date) -> tuple[tuple[str, str], ...]:
    """Return the provinces with several offices that a coordinator may propose as a whole."""
    if Role.COORDINATOR not in actor.roles:
        return ()
    counted: dict[str, int] = {}
    for place in offices.values():
        counted[place.province_code or ""] = counted.get(place.province_code or "", 0) + 1
    names = {unit.code: unit.name for unit in reader.reference.provinces(on=on)}
    return tuple((code, names[code]) for code, count in sorted(counted.items()) if count > 1 and code in names)


def results_at(reader: Reader, office: str) -> list[tuple[Item, Dossier]]:
    """Return what an office holds for citizens, with its dossiers, oldest first."""
    table = table_of(ItemRow)
    alive = table.c.custody.in_((Custody.HELD.value, Custody.OFFERED.value))
    here = (table.c.custodian_place == office) & (table.c.destination == office) & alive
    items = [item for item in reader.things(Item, select(table.c.state).where(here)) if item.destination.to_citizen]
    dossiers = reader.many(Dossier, sorted({item.dossier for item in items}))
    return [(item, dossiers[item.dossier]) for item in sorted(items, key=lambda i: (i.registered_at, i.code))]


def _communes(found: DeliveryRun) -> list[str]:
    return sorted({stop.commune for stop in found.stops})


def _depot(office: Place, found: DeliveryRun) -> tuple[float, float]:
    """Return where the round starts; of an office nobody has located, at the first door."""
    if office.lat is not None and office.lon is not None:
        return office.lat, office.lon
    located = ((stop.lat, stop.lon) for stop in found.stops if stop.lat is not None and stop.lon is not None)
    return next(located, (0.0, 0.0))


def _to_hand_over(reader: Reader, found: DeliveryRun, actor: Actor) -> int:
    if found.state is RunState.CLOSED or actor.place != found.office:
        return 0
    return len(to_hand_over(reader.many(Item, found.items).values(), actor))


def _delivered(found: DeliveryRun, items: dict[str, Item]) -> int:
    """Return how many reached their citizens on this run; a closed run knows, later runs do not change it."""
    if found.state is RunState.CLOSED:
        return found.delivered
    return sum(items[code].custody is Custody.DELIVERED for code in found.items)


def _missed(reader: Reader, runs: Sequence[DeliveryRun]) -> dict[str, set[str]]:
    """Return by run the items that were visited in vain on it."""
    table = table_of(EventRow)
    codes = [code for found in runs for code in found.items]
    query = select(table.c.stream, table.c.kind, table.c.data).where(
        table.c.kind == AttemptFailed.__name__, table.c.stream.in_(codes)
    )
    missed: dict[str, set[str]] = {found.code: set() for found in runs}
    for row in reader.rows(query):
        event = read_event(row.kind, row.data)
        assert isinstance(event, AttemptFailed)
        missed.setdefault(event.run, set()).add(row.stream)
    return missed
