"""The register of reference data: units, places, lanes, rounds, procedure versions, calendars.

`add_*` keeps what is new and leaves what is there alone, so that loading twice changes nothing and an administrator's
corrections stay. Everything comes back as domain values.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, func, insert, or_, select, text, update

from postal.domain import calendars, competence, gazetteer, lineage, places, procedures
from postal.domain.calendars import WorkCalendar
from postal.domain.competence import Competence, Subject
from postal.domain.delegations import Delegation
from postal.domain.lineage import Fate, Succession
from postal.domain.places import (
    Area,
    Era,
    Lane,
    Level,
    OutsideEveryTerritory,
    Place,
    PlaceKind,
    Territory,
    Unit,
    UnitKey,
    UnknownPlace,
)
from postal.domain.procedures import ProcedureStatus, ProcedureVersion, UnknownProcedure
from postal.domain.search import fold
from postal.store import codec, driver
from postal.store.driver import Question
from postal.store.tables import table_of
from postal.store.tables_reference import (
    CalendarRow,
    DelegationRow,
    LaneRow,
    PlaceRow,
    ProcedureRow,
    TerritoryRow,
    UnitNameRow,
    UnitRow,
    UnitSuccessionRow,
)

BATCH = 1000

CARRIABLE = {True: "yes", False: "no", None: ""}
"""How a row says whether the post may carry a procedure's papers; empty when nobody has verified it."""

T = TypeVar("T")
Values = dict[str, Any]

_decoded: Callable[[str, Any], Any] = functools.lru_cache(maxsize=4096)(codec.loads)
"""Remembers a value by the text it was read from, so none is ever out of date; being frozen, it may be shared."""


class Reference:
    """Reference data inside one transaction or snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- keep ---------------------------------------------------------------------------------------------------------

    def add_units(self, units: Sequence[Unit], *, aliases: Iterable[tuple[UnitKey, str]] = ()) -> int:
        """Keep units and the names people may look for; all at once, and only into an empty register.

        A unit with several names comes in the order of its names. `aliases` are further names to be found by.
        """
        if self._connection.execute(select(table_of(UnitRow).c.code).limit(1)).first() is not None:
            return 0
        serials: dict[UnitKey, int] = {}
        rows = []
        for unit in units:
            serials[unit.key] = serials.get(unit.key, 0) + 1
            rows.append(_unit_values(unit, serial=serials[unit.key]))
        self._insert(table_of(UnitRow), rows)
        self._insert(table_of(UnitNameRow), list(_unit_names(units, aliases)))
        return len(rows)

    def add_places(self, found: Iterable[Place]) -> int:
        """Keep the places whose code is new; return how many."""
        return self._add(PlaceRow, {place.code: _place_values(place) for place in found})

    def put_place(self, place: Place) -> None:
        """Keep a place, replacing an earlier one of the same code."""
        table = table_of(PlaceRow)
        done = self._connection.execute(update(table).where(table.c.code == place.code).values(**_place_values(place)))
        if done.rowcount == 0:
            self.add_places([place])

    def add_lanes(self, found: Iterable[Lane]) -> int:
        """Keep the lanes whose code is new; return how many."""
        return self._add(LaneRow, {lane.code: _lane_values(lane) for lane in found})

    def put_lane(self, lane: Lane) -> None:
        """Keep a lane, replacing an earlier one of the same code."""
        self._put(LaneRow, _lane_values(lane))

    def put_delegation(self, delegation: Delegation) -> None:
        """Keep a delegation, replacing an earlier one of the same code."""
        state = codec.dumps(delegation)
        self._put(DelegationRow, {"code": delegation.code, "authority": delegation.authority, "state": state})

    def put_succession(self, succession: Succession, *, on: date) -> None:
        """Keep what became of a commune; a new name becomes a version of the unit, and can be looked for."""
        state = codec.dumps(succession)
        self._put(UnitSuccessionRow, {"code": succession.code, "unit": succession.unit, "state": state})
        if succession.fate is Fate.RENAMED:
            self._rename(succession, on=on)

    def _rename(self, succession: Succession, *, on: date) -> None:
        """Close the name a commune has, and keep the next one with its first day; both are found by."""
        table = table_of(UnitRow)
        unit = self.unit(UnitKey(era=Era.SINCE_2025, code=succession.unit), on=on)
        if unit.name == succession.name:
            return
        same = and_(table.c.era == unit.era.value, table.c.code == unit.code)
        serial = int(self._connection.execute(select(func.max(table.c.serial)).where(same)).scalar_one())
        before = replace(unit, valid_to=succession.valid_from - timedelta(days=1))
        renamed = replace(unit, name=succession.name, valid_from=succession.valid_from, valid_to=None)
        last = and_(same, table.c.serial == serial)
        self._connection.execute(update(table).where(last).values(**_unit_values(before, serial=serial)))
        self._insert(table, [_unit_values(renamed, serial=serial + 1)])
        province = self.units([unit.province_code], on=on)[unit.province_code].name
        self._insert(table_of(UnitNameRow), [_name_values(renamed, renamed.name, province, is_old=False, label="")])

    def add_territories(self, found: Iterable[Territory]) -> int:
        """Keep the rounds whose code is new; return how many."""
        return self._add(TerritoryRow, {territory.code: _territory_values(territory) for territory in found})

    def add_procedures(self, versions: Iterable[ProcedureVersion]) -> int:
        """Keep the versions whose (code, version) is new; return how many."""
        table = table_of(ProcedureRow)
        known = {tuple(row) for row in self._connection.execute(select(table.c.code, table.c.version))}
        rows = {(v.code, v.version): _procedure_values(v) for v in versions if (v.code, v.version) not in known}
        self._insert(table, list(rows.values()))
        return len(rows)

    def hold_procedures(self) -> None:
        """Let nobody else change the catalogue until this transaction ends; SQLite has one writer anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text('LOCK TABLE "procedure" IN SHARE ROW EXCLUSIVE MODE'))

    def hold_deciding(self) -> None:
        """Let nobody else change lanes, delegations and lineage until this transaction ends, as above."""
        if self._connection.dialect.name == "postgresql":
            tables = '"lane", "delegation", "unit_succession"'
            self._connection.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))

    def close_procedures(self, versions: Iterable[ProcedureVersion]) -> None:
        """Write the last day of versions that newer ones follow."""
        table = table_of(ProcedureRow)
        same = and_(table.c.code == bindparam("of_code"), table.c.version == bindparam("of_version"))
        fields: Values = {"valid_to": bindparam("last_day"), "state": bindparam("as_closed")}
        rows = [
            {"of_code": v.code, "of_version": v.version, "last_day": v.valid_to, "as_closed": codec.dumps(v)}
            for v in versions
        ]
        if rows:
            self._connection.execute(update(table).where(same).values(**fields), rows)

    def add_calendar(self, key: str, content: str) -> int:
        """Keep a calendar's table if its key is new; return 1 if it was."""
        return self._add_by(CalendarRow, "key", {key: {"key": key, "content": content}})

    def put_calendar(self, key: str, content: str) -> None:
        """Keep a calendar's table, replacing the earlier one. Raises: WrongCalendar."""
        calendars.from_csv(content)
        table = table_of(CalendarRow)
        done = self._connection.execute(update(table).where(table.c.key == key).values(content=content))
        if done.rowcount == 0:
            self.add_calendar(key, content)

    # --- find ---------------------------------------------------------------------------------------------------------

    def unit(self, key: UnitKey, *, on: date) -> Unit:
        """Return a unit by its key, under its name of that day. Raises: UnknownPlace."""
        table = table_of(UnitRow)
        same = and_(table.c.era == key.era.value, table.c.code == key.code)
        names = self._values(Unit, select(table.c.state).where(same).order_by(table.c.serial))
        if not names:
            raise UnknownPlace(place=key.code)
        return next((unit for unit in reversed(names) if places.in_force(unit, on)), names[-1])

    def units(self, codes: Iterable[str], *, on: date) -> dict[str, Unit]:
        """Return units of today's list by their codes, provinces and communes alike; unknown codes are absent."""
        table = table_of(UnitRow)
        today = table.c.era == Era.SINCE_2025.value
        wanted = select(table.c.state).where(today, table.c.code.in_(sorted(set(codes)))).order_by(table.c.serial)
        return {unit.code: unit for unit in self._values(Unit, wanted) if _begun(unit, on)}

    def provinces(self, *, on: date) -> list[Unit]:
        """Return today's provinces by code, under their names of that day."""
        table = table_of(UnitRow)
        wanted = and_(table.c.era == Era.SINCE_2025.value, table.c.level == Level.PROVINCE.value)
        found = self._values(Unit, select(table.c.state).where(wanted).order_by(table.c.code, table.c.serial))
        return list({unit.code: unit for unit in found if _begun(unit, on)}.values())

    def commune(self, code: str, *, on: date) -> Unit:
        """Return a commune of today's list.

        Raises: CommuneGone when the commune ended, by 1 July 2025 or later, UnknownPlace when the code is nobody's.
        """
        try:
            unit = self.unit(UnitKey(era=Era.SINCE_2025, code=code), on=on)
        except UnknownPlace:
            old = self.unit(UnitKey(era=Era.OLD, code=code), on=on)
            raise places.gone(old, self._successors(old, on=on)) from None
        ending = lineage.ended_by(code, self.successions(code), on=on)
        if ending is None:
            return unit
        followers = self.units(ending.successors, on=on)
        raise places.gone(unit, [followers[each] for each in ending.successors], since=ending.valid_from)

    def successor(self, old: UnitKey, *, on: date) -> Unit:
        """Return the one commune that follows an old one. Raises: CommuneGone when there are several, UnknownPlace."""
        unit = self.unit(old, on=on)
        return places.sole_successor(unit, self._successors(unit, on=on))

    def _successors(self, old: Unit, *, on: date) -> list[Unit]:
        found = self.units(old.successors, on=on)
        return [found[code] for code in old.successors if code in found]

    def commune_provinces(self) -> dict[str, str]:
        """Return the province code of every commune of today."""
        table = table_of(UnitRow)
        wanted = and_(table.c.era == Era.SINCE_2025.value, table.c.level == Level.COMMUNE.value)
        query = select(table.c.code, table.c.province_code).where(wanted)
        return {row.code: row.province_code for row in self._connection.execute(query)}

    def place(self, code: str) -> Place:
        """Return a place. Raises: UnknownPlace."""
        found = self.places([code])
        if code not in found:
            raise UnknownPlace(place=code)
        return found[code]

    def standing_place(self, code: str, *, on: date) -> Place:
        """Return who does a place's work on a day: itself, or who continues it. Raises: UnknownPlace, NoSuccessor."""
        return places.standing(self.place(code), on=on, known=lambda code: self.places([code]).get(code))

    def places(self, codes: Iterable[str]) -> dict[str, Place]:
        """Return places by their codes; unknown codes are absent."""
        return driver.ask(self._connection, self.which_places(codes))

    def which_places(self, codes: Iterable[str]) -> Question[dict[str, Place]]:
        """Ask for what `places` returns."""
        wanted = {"code": {*codes}}
        return driver.rows_among(self._connection, table_of(PlaceRow), wanted, names=("state",), read=_places)

    def places_of(
        self, province_code: str, *, kinds: Iterable[PlaceKind] = PlaceKind, commune: str | None = None
    ) -> list[Place]:
        """Return the places of a province, or of one commune of it, by code."""
        table = table_of(PlaceRow)
        wanted = and_(table.c.province_code == province_code, table.c.kind.in_([kind.value for kind in kinds]))
        if commune is not None:
            wanted = and_(wanted, table.c.unit == commune)
        return self._values(Place, select(table.c.state).where(wanted).order_by(table.c.code))

    def ended_places(self, *, on: date) -> list[Place]:
        """Return the places that do their work no more on a day, by code."""
        table = table_of(PlaceRow)
        dated = table.c.state.not_like('%"valid_to":null%')
        found = self._values(Place, select(table.c.state).where(dated).order_by(table.c.code))
        return [place for place in found if places.has_ended(place, on)]

    def lane(self, origin: Place, destination: Place, *, on: date) -> Lane:
        """Return the lane to use from one place to another. Raises: NoLane."""
        table = table_of(LaneRow)
        wanted = and_(table.c.origin.in_(places.ends_of(origin)), table.c.destination.in_(places.ends_of(destination)))
        found = self._values(Lane, select(table.c.state).where(wanted))
        return places.best_lane(found, origin=origin, destination=destination, on=on)

    def lanes(self) -> list[Lane]:
        """Return every lane by code, also those that ended."""
        table = table_of(LaneRow)
        return self._values(Lane, select(table.c.state).order_by(table.c.code))

    def delegations(self, authorities: Iterable[str] | None = None) -> list[Delegation]:
        """Return what these authorities delegated, or all, by code, also what ended."""
        table = table_of(DelegationRow)
        query = select(table.c.state).order_by(table.c.code)
        if authorities is not None:
            query = query.where(table.c.authority.in_(sorted(set(authorities))))
        return self._values(Delegation, query)

    def successions(self, unit: str | None = None) -> list[Succession]:
        """Return what became of a commune of today's list, or of all, by code."""
        table = table_of(UnitSuccessionRow)
        query = select(table.c.state).order_by(table.c.code)
        return self._values(Succession, query if unit is None else query.where(table.c.unit == unit))

    def lane_named(self, code: str) -> Lane | None:
        """Return a lane by its code, or None."""
        table = table_of(LaneRow)
        return next(iter(self._values(Lane, select(table.c.state).where(table.c.code == code))), None)

    def territories(self, *, office: str | None = None) -> list[Territory]:
        """Return the rounds of an office, or all, by code."""
        table = table_of(TerritoryRow)
        query = select(table.c.state).order_by(table.c.code)
        return self._values(Territory, query if office is None else query.where(table.c.office == office))

    def territory(self, code: str) -> Territory:
        """Return a round. Raises: UnknownPlace."""
        table = table_of(TerritoryRow)
        found = self._values(Territory, select(table.c.state).where(table.c.code == code))
        if not found:
            raise UnknownPlace(place=code)
        return found[0]

    def put_territory(self, territory: Territory) -> None:
        """Keep a round, replacing an earlier one of the same code."""
        table = table_of(TerritoryRow)
        same = table.c.code == territory.code
        done = self._connection.execute(update(table).where(same).values(**_territory_values(territory)))
        if done.rowcount == 0:
            self.add_territories([territory])

    def territory_for(self, commune: str) -> Territory | None:
        """Return the round that visits a commune, the first by code, or None; one that visits all of it goes first."""
        visiting = [round_ for round_ in self.territories() if commune in round_.communes]
        return next((r for r in visiting if Area(commune) in r.order), visiting[0] if visiting else None)

    def territory_at(self, commune: str, address: str, *, on: date) -> Territory:
        """Return the round that visits an address on a day. Raises: OutsideEveryTerritory."""
        found = places.territory_for_address(self.territories(), commune, address, on=on)
        if found is None:
            unit = self.units([commune], on=on).get(commune)
            raise OutsideEveryTerritory(commune=unit.name if unit else commune)
        return found

    def procedure(self, code: str, *, on: date) -> ProcedureVersion:
        """Return the version of a procedure in force on a day. Raises: UnknownProcedure."""
        return procedures.in_force(self.versions(code), code=code, on=on)

    def last_procedure(self, code: str, *, on: date) -> ProcedureVersion:
        """Return the last version that received dossiers by a day: what was filed under it still comes to its end.

        Raises: UnknownProcedure.
        """
        return procedures.last_received(self.versions(code), code=code, on=on)

    def procedure_version(self, code: str, version: int) -> ProcedureVersion:
        """Return the version a dossier was received under. Raises: UnknownProcedure."""
        table = table_of(ProcedureRow)
        same = and_(table.c.code == code, table.c.version == version)
        found = self._values(ProcedureVersion, select(table.c.state).where(same))
        if not found:
            raise UnknownProcedure(procedure=code)
        return found[0]

    def procedure_versions(self, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], ProcedureVersion]:
        """Return the versions dossiers were received under, by (code, version); unknown ones are absent."""
        wanted, table = set(keys), table_of(ProcedureRow)
        query = select(table.c.state).where(table.c.code.in_(sorted({code for code, _ in wanted})))
        found = {(version.code, version.version): version for version in self._values(ProcedureVersion, query)}
        return {key: found[key] for key in found.keys() & wanted}

    def versions(self, code: str) -> list[ProcedureVersion]:
        """Return every version of a procedure, the first one first."""
        table = table_of(ProcedureRow)
        query = select(table.c.state).where(table.c.code == code).order_by(table.c.version)
        return self._values(ProcedureVersion, query)

    def all_versions(self) -> dict[str, list[ProcedureVersion]]:
        """Return every version of every procedure by code, the first one first."""
        table = table_of(ProcedureRow)
        query = select(table.c.state).order_by(table.c.code, table.c.version)
        found: dict[str, list[ProcedureVersion]] = {}
        for state in self._connection.execute(query).scalars():
            version = codec.loads(state, ProcedureVersion)
            found.setdefault(version.code, []).append(version)
        return found

    def procedures(self, *, on: date) -> dict[str, ProcedureVersion]:
        """Return every procedure in force on a day by code, in its last version of that day; abolished ones are not."""
        table = table_of(ProcedureRow)
        query = select(table.c.state).where(holds(on)).order_by(table.c.code, table.c.version)
        last = {version.code: version for version in self._values(ProcedureVersion, query)}
        return {code: found for code, found in last.items() if found.status is not ProcedureStatus.ABOLISHED}

    def competent(
        self, procedure: ProcedureVersion, *, case_commune: str, on: date, subject: Subject = Subject.PERSON
    ) -> Competence:
        """Return who decides a case of this commune on a day, with what was delegated then.

        Raises: NoCompetentPlace, CommuneGone, UnknownPlace.
        """
        commune = self.commune(case_commune, on=on)
        candidates = self.places_of(
            commune.province_code,
            kinds=(PlaceKind.DESK, PlaceKind.DEPARTMENT),
            commune=commune.code if competence.is_decided_in_commune(procedure, subject) else None,
        )
        delegations = self.delegations(place.code for place in candidates)
        return competence.decide(
            procedure,
            commune=commune.code,
            province=commune.province_code,
            places=[*candidates, *self._named_besides(candidates, delegations)],
            on=on,
            subject=subject,
            delegations=delegations,
        )

    def _named_besides(self, found: Sequence[Place], delegations: Iterable[Delegation]) -> list[Place]:
        """Return the places that others are continued by or delegate to, with the desks of these."""
        known = {place.code for place in found}
        wanted = {place.successor for place in found} | {each.delegate for each in delegations}
        wanted |= {each.desk for each in delegations}
        besides: dict[str, Place] = {}
        while missing := wanted - known - besides.keys() - {""}:
            more = self.places(missing)
            besides |= more
            known |= missing - more.keys()
            wanted |= {code for place in more.values() for code in (place.successor, place.parent or "")}
            wanted |= {desk.code for place in more.values() for desk in self._desks_beside(place)}
        return list(besides.values())

    def _desks_beside(self, place: Place) -> list[Place]:
        if place.kind is PlaceKind.DESK or place.province_code is None:
            return []
        commune = place.unit if place.level is Level.COMMUNE else None
        return self.places_of(place.province_code, kinds=(PlaceKind.DESK,), commune=commune)

    def calendar(self, key: str) -> WorkCalendar:
        """Return a working calendar, `state` or `post`. Raises: UnknownPlace when nobody has loaded it."""
        table = table_of(CalendarRow)
        content = self._connection.execute(select(table.c.content).where(table.c.key == key)).scalars().first()
        if content is None:
            raise UnknownPlace(place=f"lịch {key}")
        return calendars.from_csv(content)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _values(self, kind: type[T], query: Any) -> list[T]:
        return [_decoded(state, kind) for state in self._connection.execute(query).scalars()]

    def _put(self, row: type[LaneRow | DelegationRow | UnitSuccessionRow], values: Values) -> None:
        table = table_of(row)
        done = self._connection.execute(update(table).where(table.c.code == values["code"]).values(**values))
        if done.rowcount == 0:
            self._insert(table, [values])

    def _add(self, row: type[PlaceRow | LaneRow | TerritoryRow], by_code: dict[str, Values]) -> int:
        return self._add_by(row, "code", by_code)

    def _add_by(self, row: Any, column: str, by_key: dict[str, Values]) -> int:
        table = table_of(row)
        known = set(self._connection.execute(select(table.c[column])).scalars())
        fresh = [values for key, values in by_key.items() if key not in known]
        self._insert(table, fresh)
        return len(fresh)

    def _insert(self, table: Table, rows: Sequence[Values]) -> None:
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            self._connection.execute(insert(table), batch)


def holds(on: date) -> ColumnElement[bool]:
    """Return the condition that a procedure row is in force on a day."""
    table = table_of(ProcedureRow)
    begun = or_(table.c.valid_from.is_(None), table.c.valid_from <= on)
    return and_(begun, or_(table.c.valid_to.is_(None), table.c.valid_to >= on))


def folded(*texts: str) -> str:
    """Return texts as one line to search in: folded, a space before and after every word."""
    return f" {fold(' '.join(texts))} "


def short_name(name: str) -> str:
    """Return a unit's name without its kind: Hải Châu for Phường Hải Châu; a number keeps it (Phường 1)."""
    for kind in _KINDS:
        if name.startswith(kind) and not name.removeprefix(kind).isdigit():
            return name.removeprefix(kind)
    return name


_KINDS = ("Thành phố ", "Thị trấn ", "Thị xã ", "Đặc khu ", "Phường ", "Huyện ", "Quận ", "Tỉnh ", "Xã ")


def _begun(unit: Unit, on: date) -> bool:
    return unit.valid_from is None or unit.valid_from <= on or unit.valid_from == places.NEW_UNITS_SINCE


def _unit_values(unit: Unit, *, serial: int) -> Values:
    return {
        "era": unit.era.value,
        "code": unit.code,
        "serial": serial,
        "level": unit.level.value,
        "province_code": unit.province_code,
        "state": codec.dumps(unit),
    }


def _unit_names(units: Sequence[Unit], aliases: Iterable[tuple[UnitKey, str]]) -> Iterable[Values]:
    """Yield every name to be found: today's communes, and for each old one a row per successor."""
    by_key = {unit.key: unit for unit in units}
    spoken = _spoken_names(units, aliases)
    for unit in by_key.values():
        if unit.era is Era.SINCE_2025 and unit.level is Level.COMMUNE:
            province = spoken[UnitKey(era=Era.SINCE_2025, code=unit.province_code)]
            for name in spoken[unit.key]:
                yield _name_values(unit, name, *province, is_old=False, label="")
        elif unit.era is Era.OLD and unit.level is not Level.PROVINCE:
            yield from _old_names(unit, by_key, spoken)


def _spoken_names(units: Iterable[Unit], aliases: Iterable[tuple[UnitKey, str]]) -> dict[UnitKey, list[str]]:
    spoken: dict[UnitKey, list[str]] = {}
    for key, name in [*((unit.key, unit.name) for unit in units), *aliases]:
        spoken.setdefault(key, []).append(name)
    return spoken


def _old_names(old: Unit, by_key: dict[UnitKey, Unit], spoken: dict[UnitKey, list[str]]) -> Iterable[Values]:
    district = by_key.get(UnitKey(era=Era.OLD, code=old.district_code)) if old.district_code else None
    above = [district.name] if district else []
    above.append(by_key[UnitKey(era=Era.OLD, code=old.province_code)].name)
    label = ", ".join((old.name, *above))
    for successor in old.successors:
        commune = by_key[UnitKey(era=Era.SINCE_2025, code=successor)]
        province = spoken[UnitKey(era=Era.SINCE_2025, code=commune.province_code)]
        yield _name_values(commune, old.name, *above, *province, is_old=True, label=label)


def _name_values(commune: Unit, name: str, *around: str, is_old: bool, label: str) -> Values:
    return {
        "commune": commune.code,
        "province_code": commune.province_code,
        "is_old": is_old,
        "short": fold(short_name(name)),
        "full": fold(name),
        "folded": folded(name, *around),
        "label": label,
        "full_key": gazetteer.key_of(name),
        "short_key": gazetteer.short_key_of(name),
    }


def _places(rows: Sequence[Any]) -> dict[str, Place]:
    return {place.code: place for place in (_decoded(state, Place) for (state,) in rows)}


def _place_values(place: Place) -> Values:
    return {
        "code": place.code,
        "kind": place.kind.value,
        "unit": place.unit or "",
        "province_code": place.province_code or "",
        "folded": folded(place.name, place.code, place.address[:300]),
        "state": codec.dumps(place),
    }


def _lane_values(lane: Lane) -> Values:
    return {"code": lane.code, "origin": lane.origin, "destination": lane.destination, "state": codec.dumps(lane)}


def _territory_values(territory: Territory) -> Values:
    return {
        "code": territory.code,
        "office": territory.office,
        "postman": territory.postman or "",
        "state": codec.dumps(territory),
    }


def _procedure_values(version: ProcedureVersion) -> Values:
    return {
        "code": version.code,
        "version": version.version,
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "folded": folded(version.name, version.code, *version.short_names),
        "short_names": "|" + "|".join(fold(name) for name in version.short_names) + "|",
        "state": codec.dumps(version),
        "field": version.field[:512],
        "level": version.level[:256],
        "status": version.status.value,
        "carriable": CARRIABLE[version.carriable],
        "boundary": version.boundary.value if version.boundary else "",
    }
