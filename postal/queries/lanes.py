"""The lanes, delegations and lineage of units that keepers of the catalogue see, with what holds today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time

from postal.domain import lanes, search
from postal.domain.delegations import Delegation
from postal.domain.lineage import Succession
from postal.domain.places import Lane, in_force
from postal.store import Reader, Store

MOST_LINES = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneLine:
    """A lane as one line: between what, how fast, until when."""

    code: str
    origin: str
    destination: str
    carrier: str
    tier_days: int
    cutoff: time
    days: str
    basis: str
    holds: bool
    can_end: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LanesPage:
    """The lanes that fit what was asked for; `found` of `total` in all, at most 200 shown."""

    lines: tuple[LaneLine, ...]
    found: int
    total: int
    q: str
    only_today: bool


def lanes_page(store: Store, *, q: str = "", only_today: bool = True, on: date) -> LanesPage:
    """Return the lanes with every word of `q` in code, ends, carrier or basis, those of today only unless asked."""
    with store.read() as reader:
        known = reader.reference.lanes()
        names = _names(reader, {end for lane in known for end in (lane.origin, lane.destination)}, on=on)
    fitting = [lane for lane in known if (in_force(lane, on) or not only_today) and _fits(lane, names, q)]
    lines = tuple(_lane_line(lane, names, on=on) for lane in fitting[:MOST_LINES])
    return LanesPage(lines=lines, found=len(fitting), total=len(known), q=q, only_today=only_today)


def _fits(lane: Lane, names: Mapping[str, str], q: str) -> bool:
    said = (lane.code, lane.origin, lane.destination, names[lane.origin], names[lane.destination], lane.carrier)
    return search.matches(search.fold(" ".join((*said, lane.basis))), search.words(q))


def _lane_line(lane: Lane, names: Mapping[str, str], *, on: date) -> LaneLine:
    return LaneLine(
        code=lane.code,
        origin=names[lane.origin],
        destination=names[lane.destination],
        carrier=lane.carrier,
        tier_days=lane.tier_days,
        cutoff=lane.cutoff,
        days=lanes.written_days(lane),
        basis=lane.basis,
        holds=in_force(lane, on),
        can_end=lane.valid_to is None or on <= lane.valid_to,
    )


def _names(reader: Reader, ends: Iterable[str], *, on: date) -> dict[str, str]:
    """Return what lanes begin and end at, in words."""
    wanted = set(ends)
    provinces = reader.reference.units({end.removeprefix("province:") for end in wanted}, on=on)
    places = reader.reference.places(wanted)
    named = {end: places[end].name if end in places else end for end in wanted}
    for end in wanted:
        code = end.removeprefix("province:")
        if end.startswith("province:") and code in provinces:
            named[end] = f"Mọi nơi ở {provinces[code].name}"
    return named | {"*": "Mọi nơi"}


# --- delegations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DelegationLine:
    """A delegation as one line."""

    code: str
    authority: str
    delegate: str
    scope: str
    desk: str
    valid_from: date
    valid_to: date | None
    basis: str
    holds: bool
    can_end: bool


def delegation_lines(store: Store, *, on: date) -> tuple[DelegationLine, ...]:
    """Return every delegation, those that hold today first, the newest first among them."""
    with store.read() as reader:
        known = reader.reference.delegations()
        codes = {code for each in known for code in (each.authority, each.delegate, each.desk) if code}
        names = {place.code: place.name for place in reader.reference.places(codes).values()}
    ordered = sorted(known, key=lambda each: (not each.holds(on), -each.valid_from.toordinal(), each.code))
    return tuple(_delegation_line(each, names, on=on) for each in ordered)


def _delegation_line(each: Delegation, names: Mapping[str, str], *, on: date) -> DelegationLine:
    return DelegationLine(
        code=each.code,
        authority=names.get(each.authority, each.authority),
        delegate=names.get(each.delegate, each.delegate),
        scope=each.scope,
        desk=names.get(each.desk, each.desk),
        valid_from=each.valid_from,
        valid_to=each.valid_to,
        basis=each.basis,
        holds=each.holds(on),
        can_end=each.valid_to is None or on <= each.valid_to,
    )


# --- lineage ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class SuccessionLine:
    """What became of a commune, as one line."""

    code: str
    unit: str
    fate: str
    becomes: str
    valid_from: date
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedPlace:
    """A desk, department or office that ended, and who continues its work; empty when nobody entered that."""

    code: str
    name: str
    ended: date
    successor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lineage:
    """What became of communes and of places."""

    units: tuple[SuccessionLine, ...]
    places: tuple[EndedPlace, ...]


def lineage_page(store: Store, *, on: date) -> Lineage:
    """Return what became of communes since the present list, newest first, and the places that ended by that day."""
    with store.read() as reader:
        known = reader.reference.successions()
        codes = {code for each in known for code in (each.unit, *each.successors)}
        names = {unit.code: unit.name for unit in reader.reference.units(codes, on=on).values()}
        ended = reader.reference.ended_places(on=on)
        followers = reader.reference.places(place.successor for place in ended if place.successor)
    newest = sorted(known, key=lambda each: (-each.valid_from.toordinal(), each.code))
    return Lineage(
        units=tuple(_succession_line(each, names) for each in newest),
        places=tuple(
            EndedPlace(
                code=place.code,
                name=place.name,
                ended=place.valid_to,
                successor=followers[place.successor].name if place.successor in followers else "",
            )
            for place in ended
            if place.valid_to
        ),
    )


def _succession_line(each: Succession, names: Mapping[str, str]) -> SuccessionLine:
    successors = "; ".join(f"{names.get(code, code)} ({code})" for code in each.successors)
    return SuccessionLine(
        code=each.code,
        unit=f"{names.get(each.unit, each.unit)} ({each.unit})",
        fate=each.fate.label,
        becomes=successors or each.name,
        valid_from=each.valid_from,
        basis=each.basis,
    )
