"""What would be if: a day as it was read becomes the day that is asked about. Nothing of it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from postal.domain import comparing
from postal.domain.doors import Door, Errand, Waiting
from postal.domain.places import Unit
from postal.domain.proposal import LeftBehind, Proposal, Why
from postal.domain.whatif import TRIED, Added, Closed, NoSuchPostman, OfficeClosed, Question, UnknownMiddle
from postal.services import drafting, pinning, yards
from postal.services.laying_out import OfficeDay, RoundDay
from routes.closures import Closure
from routes.model import Place as Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Supposed:
    """The offices as a question supposes them, what is closed, and what nobody can reach then.

    `minutes` says how long visits take that are only tried, by the door.
    """

    offices: tuple[OfficeDay, ...]
    closures: tuple[Closure, ...] = ()
    unreachable: tuple[LeftBehind, ...] = ()
    minutes: tuple[tuple[str, timedelta], ...] = ()


def supposed(
    offices: Sequence[OfficeDay], question: Question | None, *, base: Proposal, units: Mapping[str, Unit]
) -> Supposed:
    """Return the day a question asks about. `units` are the communes it names.

    Raises: NoSuchPostman, UnknownMiddle, OfficeClosed.
    """
    if question is None:
        return Supposed(offices=tuple(offices))
    _must_drive(question.absent, offices, base)
    found = [_without(office, question.absent) for office in offices]
    minutes = []
    for number, added in enumerate((each for each in question.added if not each.is_real), start=1):
        at = _home_of(added, found)
        found[at], door = _with_visit(found[at], added, name=f"{TRIED}{number}", base=base, units=units)
        minutes.append((door.key, timedelta(minutes=added.minutes)))
    closures = [_closure(each, units) for each in question.closed]
    for office in found:
        _must_be_open(office, closures)
    parted = [_reachable(office, closures, day_of=base) for office in found]
    return Supposed(
        offices=tuple(office for office, _ in parted),
        closures=tuple(closures),
        unreachable=tuple(each for _, left in parted for each in left),
        minutes=tuple(minutes),
    )


# --- somebody absent --------------------------------------------------------------------------------------------------


def _must_drive(absent: Sequence[str], offices: Sequence[OfficeDay], base: Proposal) -> None:
    """Refuse to miss somebody who drives nothing. Raises: NoSuchPostman."""
    drive = {comparing.driver_of(draft) for draft in base.drafts}
    drive |= {round_.driver for office in offices for round_ in office.rounds}
    for name in absent:
        if name not in drive:
            raise NoSuchPostman(name=name)


def _without(office: OfficeDay, absent: Sequence[str]) -> OfficeDay:
    rounds = [replace(each, driver="") if each.driver in absent else each for each in office.rounds]
    return replace(office, rounds=tuple(rounds), spare=tuple(name for name in office.spare if name not in absent))


# --- a visit more -----------------------------------------------------------------------------------------------------


def _home_of(added: Added, offices: Sequence[OfficeDay]) -> int:
    """Return which office would have a visit: one whose rounds go to the commune, else the first."""
    for at, office in enumerate(offices):
        if any(added.commune in round_.territory.communes for round_ in office.rounds):
            return at
    return 0


def _with_visit(
    office: OfficeDay, added: Added, *, name: str, base: Proposal, units: Mapping[str, Unit]
) -> tuple[OfficeDay, Door]:
    waiting = Waiting(
        code=name,
        version=0,
        errand=Errand.FETCH,
        office=office.place.code,
        dossier="",
        dossier_version=0,
        commune=added.commune,
        address="",
        since=base.made_at,
    )
    door = Door(waiting=(waiting,))
    rounds = list(office.rounds)
    at = next((n for n, each in enumerate(rounds) if added.commune in each.territory.communes), 0)
    rounds[at] = _with_door(rounds[at], door)
    middle = _middle(added.commune, units)
    communes = {**office.communes, added.commune: units[added.commune]}
    return replace(office, rounds=tuple(rounds), points={**office.points, door.key: middle}, communes=communes), door


def _with_door(round_: RoundDay, door: Door) -> RoundDay:
    return replace(round_, doors=(*round_.doors, door))


# --- a road closed ----------------------------------------------------------------------------------------------------


def _closure(closed: Closed, units: Mapping[str, Unit]) -> Closure:
    here = _middle(closed.commune, units)
    there = _middle(closed.other, units) if closed.other else here
    between = Point((here.lat + there.lat) / 2, (here.lon + there.lon) / 2)
    return Closure(place=between, radius_m=closed.radius_m)


def _middle(commune: str, units: Mapping[str, Unit]) -> Point:
    """Return the middle of a commune. Raises: UnknownMiddle."""
    found = pinning.middle_of(units.get(commune))
    if found is None:
        raise UnknownMiddle(commune=units[commune].name if commune in units else commune)
    return found


def _must_be_open(office: OfficeDay, closures: Sequence[Closure]) -> None:
    """Raises: OfficeClosed."""
    depot = yards.depot_at(office.place, office.communes)
    if any(each.holds(depot.place) for each in closures):
        raise OfficeClosed(office=office.place.name)


def _reachable(
    office: OfficeDay, closures: Sequence[Closure], *, day_of: Proposal
) -> tuple[OfficeDay, list[LeftBehind]]:
    """Return an office's day without the doors that lie inside what is closed, and those."""
    left, rounds = [], []
    for round_ in office.rounds:
        doors = []
        for door in round_.doors:
            point = office.points[door.key]
            if point is not None and any(each.holds(point) for each in closures):
                left.append(_shut(office, round_, door, day_of=day_of))
            else:
                doors.append(door)
        rounds.append(replace(round_, doors=tuple(doors)))
    return replace(office, rounds=tuple(rounds)), left


def _shut(office: OfficeDay, round_: RoundDay, door: Door, *, day_of: Proposal) -> LeftBehind:
    return LeftBehind(
        office=office.place.code,
        territory=round_.territory.code,
        commune=door.commune,
        things=tuple(each.code for each in door.waiting),
        why=Why.ROAD_CLOSED,
        is_promised=door.is_promised(day_of.day),
        stop=drafting.planned_stop(door, 1, communes=office.communes),
    )
