"""A laid out day as drafts of runs: door by door, with times, and what stays behind with its reason and its price."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from postal.domain.doors import Door, Errand, Waiting
from postal.domain.events import PlannedStop
from postal.domain.places import Unit
from postal.domain.proposal import Draft, Late, LeftBehind, Price, Remedy, Why
from postal.services import pinning, yards
from postal.services.laying_out import OfficeDay, RoundDay
from routes import parking
from routes import why as route_why
from routes.parking import ParkingStop
from routes.why import Reason, Unassigned
from routes.yard import Driven, LaidOut

WHY: dict[Reason, Why] = {
    Reason.NO_POINT: Why.NO_POINT,
    Reason.OUTSIDE_TERRITORY: Why.OUTSIDE,
    Reason.OVER_SHIFT: Why.OVER_HOURS,
    Reason.OVER_LOAD: Why.OVER_LOAD,
    Reason.NO_DRIVER: Why.NO_POSTMAN,
    Reason.TOO_FAR: Why.TOO_FAR,
    Reason.OTHER_PROMISES: Why.OTHER_PROMISES,
}


def drafts_of(office: OfficeDay, laid: LaidOut) -> tuple[list[Draft], list[LeftBehind]]:
    """Return an office's laid out day as drafts of runs, and what stays behind with its reason."""
    known = office.doors
    parked = {each.stop.key: each for round_ in office.rounds for each in yards.parked_of(round_, office)}
    drafts = [_draft(driven, office, parked) for driven in laid.driven]
    without_point = [door for _, door in known.values() if office.points[door.key] is None]
    lost = _taken_along(drafts, without_point, known)
    left = [_left(door.key, each, office, known) for each in laid.unassigned for door in parked[each.stop.key].doors]
    left += [_stays(door, office, known[door.key][0].territory.code, Why.NO_POSTMAN) for door in lost]
    return drafts, left + [_outside(each) for each in office.outside]


def planned_stop(
    door: Door, number: int, *, communes: Mapping[str, Unit], arrives_at: datetime | None = None
) -> PlannedStop:
    """Return a door as an event may carry it: its commune's middle, never the point that deliveries taught."""
    middle = pinning.middle_of(communes.get(door.commune))
    opens, closes = door.window or (None, None)
    return PlannedStop(
        number=number,
        commune=door.commune,
        items=door.codes(Errand.DELIVER),
        invitations=door.codes(Errand.INVITE),
        pickups=door.codes(Errand.FETCH),
        lat=middle.lat if middle else None,
        lon=middle.lon if middle else None,
        uncertainty_m=middle.uncertainty_m if middle else None,
        due_on=door.due_on,
        opens_at=opens,
        closes_at=closes,
        arrives_at=arrives_at,
    )


def _draft(driven: Driven, office: OfficeDay, parked: Mapping[str, ParkingStop]) -> Draft:
    known = office.doors
    visits = parking.expanded(driven.timetable.visits, parked.values())
    round_ = next(each for each in office.rounds if each.territory.code == driven.round)
    number_of = {visit.stop.key: number for number, visit in enumerate(visits, start=1)}
    return Draft(
        territory=driven.round,
        office=office.place.code,
        part=driven.part,
        postman=driven.driver,
        by_spare=driven.by_spare,
        stops=tuple(
            planned_stop(known[visit.stop.key][1], number, communes=office.communes, arrives_at=visit.arrives_at)
            for number, visit in enumerate(visits, start=1)
        ),
        metres=driven.route.metres,
        seconds=round((driven.timetable.returns_at - driven.timetable.starts_at).total_seconds()),
        starts_at=driven.timetable.starts_at,
        longest_minutes=round_.territory.working_time.longest_minutes,
        late=tuple(
            Late(
                number=number_of[miss.stop.key], minutes=-(-miss.late_by // timedelta(minutes=1)), why=WHY[miss.reason]
            )
            for miss in driven.missed
        ),
    )


def _taken_along(
    drafts: list[Draft], without_point: Sequence[Door], known: Mapping[str, tuple[RoundDay, Door]]
) -> list[Door]:
    """Put doors whose place nobody knows at the end of the first run of their round; return those without a run.

    The postman knows where they are; the software does not, so it promises no time.
    """
    lost = []
    for door in without_point:
        round_, _ = known[door.key]
        at = next((n for n, draft in enumerate(drafts) if draft.territory == round_.territory.code), None)
        if at is None and not round_.driver:
            lost.append(door)
            continue
        draft = drafts.pop(at) if at is not None else _empty(round_)
        stop = planned_stop(door, len(draft.stops) + 1, communes={})
        drafts.insert(len(drafts) if at is None else at, replace(draft, stops=(*draft.stops, stop)))
    return lost


def _empty(round_: RoundDay) -> Draft:
    return Draft(
        territory=round_.territory.code,
        office=round_.territory.office,
        part=0,
        postman=round_.driver,
        by_spare=False,
        stops=(),
        metres=0,
        seconds=0,
        starts_at=round_.shift.starts_at,
        longest_minutes=round_.territory.working_time.longest_minutes,
    )


def _left(key: str, each: Unassigned, office: OfficeDay, known: Mapping[str, tuple[RoundDay, Door]]) -> LeftBehind:
    round_, door = known[key]
    stays = _stays(door, office, round_.territory.code, WHY[each.reason])
    return replace(stays, is_promised=each.stop.must, price=_price(each.price))


def _price(found: route_why.Price | None) -> Price | None:
    if found is None:
        return None
    return Price(
        remedy=Remedy(found.remedy.value),
        postman=found.driver,
        minutes=found.minutes,
        longer=found.longer,
        metres=found.metres,
    )


def _stays(door: Door, office: OfficeDay, territory: str, why: Why) -> LeftBehind:
    return LeftBehind(
        office=office.place.code,
        territory=territory,
        commune=door.commune,
        things=tuple(each.code for each in door.waiting),
        why=why,
        is_promised=door.due_on is not None,
    )


def _outside(each: Waiting) -> LeftBehind:
    return LeftBehind(
        office=each.office, territory="", commune=each.commune, things=(each.code,), why=Why.OUTSIDE, is_promised=False
    )
