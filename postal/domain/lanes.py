"""Keeping lanes: a lane says what it may say, and no two lanes for the same ends hold on the same day."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from postal.domain.places import Lane
from postal.domain.refusals import Refused

LONGEST_TIER = 30


class WrongLane(Refused):
    """A lane says what it may not say."""

    code = "wrong_lane"
    vi = "Không lưu được tuyến {lane}: {why}"
    en = "Lane {lane} cannot be kept: {why}"


class LaneOverlaps(Refused):
    """Two lanes for the same ends on the same day: nobody would know which one holds."""

    code = "lane_overlaps"
    vi = "Tuyến {lane} trùng ngày với tuyến {other} ({since} – {until}), cùng hai đầu. Kết thúc tuyến cũ trước."
    en = "Lane {lane} overlaps lane {other} ({since} – {until}) between the same ends. End the old one first."


def check(lane: Lane, *, others: Iterable[Lane], is_end: Callable[[str], bool]) -> None:
    """Refuse a lane without basis, with a tier that is none, with an unknown end, or over another one's days.

    `is_end` tells whether a lane may begin or end there. Raises: WrongLane, LaneOverlaps.
    """
    if not 1 <= lane.tier_days <= LONGEST_TIER:
        why = f"mức J+{lane.tier_days} không dùng được. Ghi số ngày làm việc từ 1 đến {LONGEST_TIER}."
        raise WrongLane(lane=lane.code, why=why)
    if not lane.basis or not lane.carrier:
        raise WrongLane(lane=lane.code, why="thiếu căn cứ hoặc đơn vị chuyển. Ghi đủ rồi lưu lại.")
    if lane.valid_from and lane.valid_to and lane.valid_to < lane.valid_from:
        raise WrongLane(lane=lane.code, why="ngày cuối trước ngày đầu. Sửa một trong hai.")
    strange = next((end for end in (lane.origin, lane.destination) if not is_end(end)), "")
    if strange:
        why = f"chưa có nơi “{strange}”. Ghi mã nơi, province:48 cho cả tỉnh, hoặc * cho mọi nơi."
        raise WrongLane(lane=lane.code, why=why)
    for other in others:
        if other.code != lane.code and _overlap(lane, other):
            raise LaneOverlaps(
                lane=lane.code, other=other.code, since=_day(other.valid_from), until=_day(other.valid_to)
            )


def ended(lane: Lane, *, last: date) -> Lane:
    """Return a lane with its last day. Raises: WrongLane when it ended earlier or begins later."""
    if lane.valid_to is not None and lane.valid_to < last:
        raise WrongLane(lane=lane.code, why=f"đã kết thúc ngày {_day(lane.valid_to)}.")
    if lane.valid_from is not None and last < lane.valid_from:
        raise WrongLane(lane=lane.code, why=f"ngày cuối trước ngày đầu {_day(lane.valid_from)}. Sửa ngày.")
    return replace(lane, valid_to=last)


def written_days(lane: Lane) -> str:
    """Return from when to when a lane holds, as a clerk reads it."""
    if lane.valid_from is None and lane.valid_to is None:
        return "không giới hạn ngày"
    since = f"từ {_day(lane.valid_from)}" if lane.valid_from else ""
    until = f"đến hết {_day(lane.valid_to)}" if lane.valid_to else ""
    return f"{since} {until}".strip()


def _overlap(one: Lane, other: Lane) -> bool:
    same_ends = (one.origin, one.destination) == (other.origin, other.destination)
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return same_ends and begins <= (one.valid_to or date.max) and begins <= (other.valid_to or date.max)


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "không ghi"
