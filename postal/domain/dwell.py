"""How long a thing usually lies at each stage before something happens to it: after that, silence is a question.

The measures are our own, not law. They are working minutes of the calendar of whoever holds the thing; where the ledger
has enough cases of its own, its 95th percentile takes the place of the measure, kept between half and twice of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain.bag import Bag, BagState
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import AgencyStatus
from postal.domain.events import ItemKind
from postal.domain.item import Item, Trouble
from postal.domain.people import Custodian, CustodianKind, PositionKind, Side, parse_position

ENOUGH = 50
"""Cases of a stage from which the ledger's own past counts more than the measure."""

SHARE = 0.95
"""The share of past cases that were over within the expected time."""

OUR_MEASURE = "mức đo của bưu chính tự đặt, không phải quy định pháp luật"


class Stage(Enum):
    """Where a thing lies between two events."""

    COUNTER = "counter"
    SORTING = "sorting"
    ROAD = "road"
    OFFERED = "offered"
    POSTMAN = "postman"
    DESK = "desk"
    RESULT = "result"
    PACKING = "packing"
    OPENED = "opened"


@dataclass(frozen=True, kw_only=True, slots=True)
class Dwell:
    """So many working minutes at a stage are usual, and why we say so."""

    minutes: int
    basis: str


HOUR = 60
DAY = 450
"""Working minutes of a day of the calendars we ship, 07:30–11:30 and 13:30–17:00."""

USUAL: dict[Stage, Dwell] = {
    Stage.COUNTER: Dwell(minutes=DAY, basis=f"rời quầy trong một ngày làm việc ({OUR_MEASURE})"),
    Stage.SORTING: Dwell(minutes=DAY, basis=f"chia chọn trong một ngày làm việc ({OUR_MEASURE})"),
    Stage.ROAD: Dwell(minutes=2 * DAY, basis=f"chuyến không ghi giờ đến: hai ngày làm việc ({OUR_MEASURE})"),
    Stage.OFFERED: Dwell(minutes=4 * HOUR, basis=f"ký nhận trong bốn giờ làm việc ({OUR_MEASURE})"),
    Stage.POSTMAN: Dwell(minutes=DAY, basis=f"chuyến phát xong trong ngày ({OUR_MEASURE})"),
    Stage.DESK: Dwell(minutes=DAY, basis=f"Một cửa tiếp nhận trong một ngày làm việc ({OUR_MEASURE})"),
    Stage.RESULT: Dwell(minutes=DAY, basis=f"kết quả rời cơ quan trong một ngày làm việc ({OUR_MEASURE})"),
    Stage.PACKING: Dwell(minutes=DAY, basis=f"túi đóng xong trong một ngày làm việc ({OUR_MEASURE})"),
    Stage.OPENED: Dwell(minutes=4 * HOUR, basis=f"túi đã mở đếm xong trong bốn giờ làm việc ({OUR_MEASURE})"),
}
"""Expected dwell by stage."""

SHORTEST = min(dwell.minutes for dwell in USUAL.values()) // 2
"""Nothing is silent before so many minutes, whatever the past says."""

_OF_POSITION: dict[PositionKind, Stage] = {
    PositionKind.COUNTER: Stage.COUNTER,
    PositionKind.SORTING: Stage.SORTING,
    PositionKind.TRANSPORT: Stage.ROAD,
    PositionKind.DESK: Stage.DESK,
    PositionKind.DEPARTMENT: Stage.DESK,
}


def stage_of_item(item: Item, status: AgencyStatus | None, *, on: date) -> Stage | None:
    """Return at which stage an envelope lies, None where nothing is expected to happen to it.

    In a bag the bag is asked about. Papers that the authority works on, results that wait for the citizen and what is
    searched for already are not silent.
    """
    if item.is_final or item.bag or item.trouble is Trouble.MISSING or _waits_for_a_day(item, on=on):
        return None
    if item.offered_to is not None:
        return Stage.OFFERED
    if item.custodian.side is Side.AUTHORITY:
        return _at_the_authority(item, status)
    return _of_custodian(item.custodian)


def stage_of_bag(bag: Bag) -> Stage | None:
    """Return at which stage a bag lies, None for an empty one and for one that is searched for."""
    if bag.is_final or bag.is_missing or not bag.contents:
        return None
    if bag.state is BagState.PACKING:
        return Stage.PACKING
    if bag.state is BagState.OPENED:
        return Stage.OPENED
    return Stage.OFFERED if bag.offered_to is not None else _of_custodian(bag.custodian)


def measured(past: Mapping[Stage, Sequence[int]]) -> dict[Stage, Dwell]:
    """Return the expected dwells, from past working minutes of a stage where there are enough of them."""
    return {stage: _measured(usual, past.get(stage, ())) for stage, usual in USUAL.items()}


def silent_from(since: datetime, dwell: Dwell, calendar: WorkCalendar) -> datetime:
    """Return from when on silence is a question for a thing heard of last at `since`."""
    return calendar.add_working_minutes(since, dwell.minutes)


def percentile(values: Sequence[int], share: float) -> int:
    """Return the smallest value that a share of all values does not exceed.

    >>> percentile([10, 20, 30, 40], 0.5)
    20
    """
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


def _measured(usual: Dwell, past: Sequence[int]) -> Dwell:
    if len(past) < ENOUGH:
        return usual
    seen = percentile(past, SHARE)
    minutes = min(max(seen, usual.minutes // 2), usual.minutes * 2)
    return Dwell(minutes=minutes, basis=f"{SHARE:.0%} của {len(past)} lần trước xong trong {seen} phút làm việc")


def _at_the_authority(item: Item, status: AgencyStatus | None) -> Stage | None:
    if item.kind is ItemKind.OUTBOUND and status is AgencyStatus.NEW:
        return Stage.DESK
    is_for_the_post = item.destination.to_citizen and not item.is_at_destination
    return Stage.RESULT if is_for_the_post else None


def _waits_for_a_day(item: Item, *, on: date) -> bool:
    """Tell whether it waits for the citizen, or for a visit on a day that has not come."""
    waits_for_visit = item.next_attempt_on is not None and item.next_attempt_on >= on
    return item.pickup_until is not None or waits_for_visit


def _of_custodian(custodian: Custodian) -> Stage | None:
    if custodian.kind is CustodianKind.PERSON:
        return Stage.POSTMAN
    if custodian.kind is CustodianKind.CITIZEN:
        return None
    return _OF_POSITION[parse_position(custodian.key).kind]
