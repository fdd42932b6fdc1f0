"""Keeping lanes: no tier that is none, no two for the same ends on the same day."""

from dataclasses import replace
from datetime import date, time

import pytest

from postal.domain import lanes
from postal.domain.lanes import LaneOverlaps, WrongLane
from postal.domain.places import Lane

LANE = Lane(
    code="48-48",
    origin="province:48",
    destination="province:48",
    carrier="Bưu điện",
    tier_days=2,
    cutoff=time(15),
    basis="TT 17/2017 Đ.7",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
)


def check(lane: Lane, *others: Lane) -> None:
    lanes.check(lane, others=others, is_end=lambda end: end in {"province:48", "*", "551000"})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(LANE, tier_days=0), "J\\+0 không dùng được"),
        (replace(LANE, tier_days=-1), "J\\+-1 không dùng được"),
        (replace(LANE, tier_days=31), "từ 1 đến 30"),
        (replace(LANE, basis=""), "thiếu căn cứ"),
        (replace(LANE, valid_to=date(2025, 1, 1)), "ngày cuối trước ngày đầu"),
        (replace(LANE, origin="khong-co"), "chưa có nơi “khong-co”"),
    ],
)
def test_a_lane_that_says_what_it_may_not_is_refused(wrong: Lane, why: str) -> None:
    with pytest.raises(WrongLane, match=why):
        check(wrong)


@pytest.mark.parametrize("first", [date(2026, 12, 31), date(2026, 6, 1), None])
def test_two_lanes_for_the_same_ends_never_hold_on_one_day(first: date | None) -> None:
    with pytest.raises(LaneOverlaps, match=r"48-48 \(01/01/2026 – 31/12/2026\)"):
        check(replace(LANE, code="48-48-2", valid_from=first, valid_to=None), LANE)


def test_a_lane_may_begin_the_day_after_the_other_ended_or_lead_elsewhere() -> None:
    check(replace(LANE, code="48-48-2", valid_from=date(2027, 1, 1), valid_to=None), LANE)
    check(replace(LANE, code="551000-48", origin="551000"), LANE)


def test_a_lane_is_ended_by_its_last_day_and_never_prolonged_so() -> None:
    assert lanes.ended(LANE, last=date(2026, 11, 30)).valid_to == date(2026, 11, 30)
    with pytest.raises(WrongLane, match="đã kết thúc"):
        lanes.ended(LANE, last=date(2027, 1, 31))
    with pytest.raises(WrongLane, match="trước ngày đầu"):
        lanes.ended(LANE, last=date(2025, 12, 31))


def test_the_days_of_a_lane_are_written_for_people() -> None:
    assert lanes.written_days(LANE) == "từ 01/01/2026 đến hết 31/12/2026"
    assert lanes.written_days(replace(LANE, valid_from=None, valid_to=None)) == "không giới hạn ngày"
