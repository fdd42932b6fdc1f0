"""Units by era, the way from one place to another, and what to say when a commune is gone."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from postal.domain import places
from postal.domain.places import (
    Area,
    Assignment,
    CommuneGone,
    Era,
    Lane,
    Level,
    NoLane,
    Place,
    PlaceKind,
    Territory,
    Unit,
    UnitKey,
)

TODAY = date(2026, 11, 23)

OFFICE = Place(
    code="551000",
    kind=PlaceKind.OFFICE,
    name="Bưu cục Trung tâm Đà Nẵng",
    unit="20209",
    province_code="48",
    basis="mẫu",
)
DESK = Place(
    code="MC-20242",
    kind=PlaceKind.DESK,
    name="Trung tâm Phục vụ hành chính công phường Hải Châu",
    unit="20242",
    province_code="48",
    level=Level.COMMUNE,
    basis="mẫu",
)
CAPITAL_DESK = replace(DESK, code="MC-T01", name="Trung tâm ở Hà Nội", province_code="01", unit="00070")

EVERYWHERE = Lane(
    code="VN", origin="*", destination="*", carrier="Bưu điện", tier_days=4, cutoff=time(15), basis="TT 17/2017 Đ.7"
)
INSIDE = replace(EVERYWHERE, code="48-48", origin="province:48", destination="province:48", tier_days=2)
SHORT = replace(EVERYWHERE, code="551000-MC-20242", origin="551000", destination="MC-20242", tier_days=1)


def commune(code: str, name: str) -> Unit:
    return Unit(era=Era.SINCE_2025, code=code, name=name, level=Level.COMMUNE, province_code="48")


OLD = Unit(
    era=Era.OLD,
    code="20296",
    name="Xã Hòa Liên",
    level=Level.COMMUNE,
    province_code="48",
    valid_to=date(2025, 6, 30),
    successors=("20197", "20194"),
)


def test_the_same_number_in_another_era_is_another_unit() -> None:
    assert UnitKey(era=Era.OLD, code="24") != UnitKey(era=Era.SINCE_2025, code="24")


def test_the_most_particular_lane_wins() -> None:
    lanes = [EVERYWHERE, INSIDE, SHORT]
    assert places.best_lane(lanes, origin=OFFICE, destination=DESK, on=TODAY) is SHORT
    assert places.best_lane(lanes[:2], origin=OFFICE, destination=DESK, on=TODAY) is INSIDE
    assert places.best_lane(lanes, origin=OFFICE, destination=CAPITAL_DESK, on=TODAY) is EVERYWHERE


def test_of_equally_particular_lanes_the_faster_one_wins() -> None:
    slower = replace(SHORT, code="A", tier_days=2)
    assert places.best_lane([slower, SHORT], origin=OFFICE, destination=DESK, on=TODAY) is SHORT


def test_a_lane_holds_through_its_last_day_and_not_beyond() -> None:
    ending = replace(SHORT, valid_from=date(2026, 1, 1), valid_to=TODAY)
    assert places.best_lane([ending], origin=OFFICE, destination=DESK, on=TODAY) is ending
    with pytest.raises(NoLane):
        places.best_lane([ending], origin=OFFICE, destination=DESK, on=date(2026, 11, 24))
    with pytest.raises(NoLane):
        places.best_lane([ending], origin=OFFICE, destination=DESK, on=date(2025, 12, 31))


def test_without_a_lane_the_refusal_names_both_ends() -> None:
    with pytest.raises(NoLane) as refusal:
        places.best_lane([SHORT], origin=OFFICE, destination=CAPITAL_DESK, on=TODAY)
    assert OFFICE.name in str(refusal.value)
    assert CAPITAL_DESK.name in str(refusal.value)


def test_a_place_without_a_province_is_only_served_by_name_or_by_the_lane_for_all() -> None:
    lost = replace(OFFICE, province_code=None, unit=None)
    assert places.best_lane([INSIDE, EVERYWHERE], origin=lost, destination=DESK, on=TODAY) is EVERYWHERE


def test_a_split_commune_is_for_the_clerk_to_decide() -> None:
    parts = [commune("20197", "Phường Liên Chiểu"), commune("20194", "Phường Hải Vân")]
    with pytest.raises(CommuneGone) as refusal:
        places.sole_successor(OLD, parts)
    assert "Xã Hòa Liên" in str(refusal.value)
    assert "Phường Liên Chiểu (20197); Phường Hải Vân (20194)" in str(refusal.value)


def test_a_merged_commune_leads_straight_to_its_successor() -> None:
    new = commune("20242", "Phường Hải Châu")
    assert places.sole_successor(OLD, [new]) is new


def test_the_radius_is_that_of_a_circle_with_the_same_area() -> None:
    assert places.radius_of(7.58) == 1553


# --- merged authorities -----------------------------------------------------------------------------------------------


ENDED = replace(DESK, code="MC-20197", name="Một cửa cũ", valid_to=date(2026, 9, 30), successor="MC-20194")
BETWEEN = replace(DESK, code="MC-20194", name="Một cửa giữa", valid_to=date(2026, 10, 31), successor=DESK.code)
KNOWN = {place.code: place for place in (ENDED, BETWEEN, DESK)}


def test_a_place_that_stands_does_its_own_work() -> None:
    assert places.standing(DESK, on=TODAY, known=KNOWN.get) == DESK
    assert places.standing(ENDED, on=date(2026, 9, 30), known=KNOWN.get) == ENDED, "the last day is a day of work"


def test_the_work_of_a_merged_place_goes_to_who_continues_it_however_often_it_was_merged() -> None:
    assert places.standing(ENDED, on=date(2026, 10, 1), known=KNOWN.get) == BETWEEN
    assert places.standing(ENDED, on=TODAY, known=KNOWN.get) == DESK


@pytest.mark.parametrize("named", ["", "MC-99999", "MC-20197", "MC-20194"])
def test_who_continues_is_never_invented(named: str) -> None:
    circle = {**KNOWN, "MC-20194": replace(BETWEEN, successor="MC-20197"), "MC-20197": ENDED}
    with pytest.raises(places.NoSuccessor, match=r"ghi nơi kế thừa vào danh mục rồi làm lại"):
        places.standing(replace(ENDED, successor=named), on=TODAY, known=circle.get)


# --- rounds -----------------------------------------------------------------------------------------------------------

SPRING, SUMMER = date(2026, 3, 1), date(2026, 7, 1)

WHOLE = Territory(
    code="551000-01", name="Hải Châu", office="551000", postman="buuta1", communes=("20242", "20257"), basis="mẫu"
)
HAMLET = replace(
    WHOLE,
    code="551000-09",
    name="Thôn 3 và đường Bạch Đằng",
    postman="buuta2",
    communes=("20242",),
    areas=(Area("20242", "Thôn 3"), Area("20242", "Bạch Đằng")),
)
STREET_OF_THE_HAMLET = replace(WHOLE, code="551000-10", communes=("20242",), areas=(Area("20242", "Bạch Đằng Đông"),))


@pytest.mark.parametrize(
    ("commune", "address", "code"),
    [
        ("20242", "12 Trần Phú", "551000-01"),
        ("20242", "Nhà ông Tư, thôn 3", "551000-09"),
        ("20242", "nha ong tu THON 3", "551000-09"),
        ("20242", "Tổ 2, thôn 31", "551000-01"),
        ("20242", "15 Bạch Đằng - tổ 3", "551000-09"),
        ("20242", "15 Bạch Đằng Đông", "551000-10"),
        ("20257", "Thôn 3", "551000-01"),
        ("20194", "Thôn 3", None),
    ],
)
def test_the_most_specific_round_visits_an_address(commune: str, address: str, code: str | None) -> None:
    found = places.territory_for_address([WHOLE, HAMLET, STREET_OF_THE_HAMLET], commune, address, on=TODAY)
    assert (found.code if found else None) == code


def test_an_address_in_no_named_part_lies_outside_when_nobody_visits_the_whole_commune() -> None:
    assert places.territory_for_address([HAMLET], "20242", "12 Trần Phú", on=TODAY) is None


def test_a_round_that_ended_or_has_not_begun_visits_nobody() -> None:
    old, new = replace(WHOLE, valid_to=TODAY - timedelta(days=1)), replace(WHOLE, valid_from=TODAY + timedelta(days=1))
    assert places.territory_for_address([old, new], "20242", "", on=TODAY) is None
    last_day = replace(WHOLE, valid_to=TODAY)
    assert places.territory_for_address([last_day], "20242", "", on=TODAY) == last_day


def test_of_two_rounds_through_one_commune_the_first_by_code_has_it() -> None:
    other = replace(WHOLE, code="551000-00")
    assert places.territory_for_address([WHOLE, other], "20242", "12 Trần Phú", on=TODAY) == other


def test_a_round_is_driven_by_whom_the_day_names() -> None:
    shared = replace(
        WHOLE,
        assignments=(
            Assignment(postman="buuta2", valid_from=SPRING, valid_to=SUMMER),
            Assignment(postman="buuta3", valid_from=SUMMER, valid_to=SUMMER),
        ),
    )
    assert shared.driver(SPRING) == "buuta2"
    assert shared.driver(SUMMER) == "buuta3", "the later line of two for one day"
    assert shared.driver(TODAY) == "buuta1"


def test_the_stretches_of_a_round_keep_its_order_and_whole_communes_need_no_list() -> None:
    assert WHOLE.order == (Area("20242"), Area("20257"))
    assert HAMLET.area_at("20242", "4 Bạch Đằng") == Area("20242", "Bạch Đằng")
    assert HAMLET.area_at("20242", "4 Trần Phú") is None


def test_the_hours_of_a_round_say_on_what_they_rest() -> None:
    assert WHOLE.working_time.longest_minutes == 480
    assert "Cấu hình" in WHOLE.working_time.basis
