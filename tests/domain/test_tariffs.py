"""Price tables: what is in force, what a dossier costs, and which tables cannot hold together."""

import doctest
from dataclasses import replace
from datetime import date

import pytest

from postal.domain import tariffs
from postal.domain.events import Service
from postal.domain.refusals import Refused
from postal.domain.tariffs import (
    FractionOfADong,
    GapInDays,
    GapInSteps,
    MixedAreas,
    NotAPrice,
    OverlappingDays,
    OverlappingSteps,
    PostagePrice,
    PriceInUse,
    StateFee,
    Way,
    WrongArea,
    WrongStep,
)

TODAY = date(2026, 11, 16)
LIGHT = PostagePrice(
    service=Service.BOTH,
    area="inside",
    over_g=0,
    up_to_g=100,
    amount=30_000,
    decision="QĐ 12/2026",
    basis="Bảng giá thử",
    valid_from=date(2026, 7, 1),
)
HEAVY = replace(LIGHT, over_g=100, up_to_g=500, amount=45_000)
IN_PROVINCE, ABROAD = Way(tier_days=2, is_inside=True), Way(tier_days=4, is_inside=False)
FEE = StateFee(
    procedure="2.000635",
    name="Phí cấp phiếu",
    amount=200_000,
    decision="TT 244/2016",
    basis="Biểu phí thử",
    valid_from=date(2025, 7, 1),
)


def quote(*table: PostagePrice, weight: int | None = 80, way: Way | None = IN_PROVINCE, on: date = TODAY) -> int | str:
    found = tariffs.postage(table, service=Service.BOTH, way=way, weight_g=weight, on=on)
    return found.why if found.amount is None else found.amount


def wrong(*new: tariffs.Price, known: tuple[tariffs.Price, ...] = (), on: date = TODAY) -> list[type[Refused]]:
    _, found = tariffs.beside(known, new, on=on)
    return [type(refused) for _, refused in found]


@pytest.mark.parametrize(("weight", "amount"), [(1, 30_000), (100, 30_000), (101, 45_000), (500, 45_000)])
def test_a_weight_has_the_price_of_its_step(weight: int, amount: int) -> None:
    assert quote(LIGHT, HEAVY, weight=weight) == amount


def test_where_no_table_says_a_sum_the_clerk_is_told_why_and_nothing_is_made_up() -> None:
    assert quote() == tariffs.NO_TABLE
    assert quote(LIGHT, way=ABROAD) == tariffs.NO_TABLE
    assert quote(LIGHT, way=None) == tariffs.NO_WAY
    assert quote(LIGHT, weight=None) == tariffs.NO_WEIGHT
    assert quote(LIGHT, HEAVY, weight=501) == "Bảng giá chỉ đến 500 g: nhập số tiền theo bảng giá niêm yết tại bưu cục."
    assert quote(LIGHT, on=date(2026, 6, 30)) == tariffs.NO_TABLE
    assert quote(replace(LIGHT, valid_to=date(2026, 11, 15))) == tariffs.NO_TABLE
    assert quote(replace(LIGHT, valid_to=TODAY)) == 30_000


def test_a_table_is_by_tier_by_province_or_one_for_everywhere() -> None:
    tiers = [replace(LIGHT, area=f"J+{n}", amount=n * 10_000) for n in (1, 2, 4)]
    assert quote(*tiers) == 20_000
    assert quote(*tiers, way=ABROAD) == 40_000
    assert quote(*tiers, way=Way(tier_days=None, is_inside=True)) == tariffs.NO_TABLE
    assert quote(LIGHT, replace(LIGHT, area="outside", amount=60_000), way=ABROAD) == 60_000
    assert quote(replace(LIGHT, area="any"), way=Way(tier_days=None, is_inside=None)) == 30_000


def test_a_quote_names_its_decision_and_its_step() -> None:
    found = tariffs.postage([HEAVY], service=Service.BOTH, way=IN_PROVINCE, weight_g=120, on=TODAY)
    assert found.basis == "QĐ 12/2026: gửi hồ sơ và nhận kết quả, trong tỉnh, trên 100 đến 500 g"


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ((replace(LIGHT, amount=0),), NotAPrice),
        ((replace(LIGHT, amount=-5_000),), NotAPrice),
        ((replace(LIGHT, up_to_g=0),), WrongStep),
        ((HEAVY,), GapInSteps),
        ((LIGHT, replace(HEAVY, over_g=200)), GapInSteps),
        ((LIGHT, replace(HEAVY, over_g=50)), OverlappingSteps),
        ((replace(LIGHT, valid_to=date(2026, 12, 31)), replace(LIGHT, valid_from=date(2026, 12, 1))), OverlappingDays),
        ((replace(LIGHT, valid_to=date(2026, 12, 31)), replace(LIGHT, valid_from=date(2027, 1, 3))), GapInDays),
        ((LIGHT, replace(LIGHT, area="J+2")), MixedAreas),
        ((FEE, replace(FEE, valid_from=date(2026, 1, 1))), OverlappingDays),
        ((replace(FEE, amount=0),), NotAPrice),
    ],
)
def test_a_table_that_cannot_hold_is_refused_by_name(rows: tuple[tariffs.Price, ...], refused: type[Refused]) -> None:
    assert wrong(*rows) == [refused]


def test_tables_of_other_services_areas_and_times_stand_beside_one_another() -> None:
    now, later = replace(LIGHT, valid_to=date(2026, 12, 31)), replace(LIGHT, valid_from=date(2027, 1, 1))
    assert wrong(now, later, HEAVY) != []
    assert wrong(now, later, replace(HEAVY, valid_to=now.valid_to)) == []
    assert wrong(LIGHT, replace(LIGHT, service=Service.SEND, area="J+2"), replace(LIGHT, area="outside")) == []
    assert wrong(FEE, replace(FEE, case="người từ đủ 16 đến dưới 18 tuổi", amount=100_000)) == []


def test_a_new_price_closes_the_open_end_of_the_old_one_the_day_before() -> None:
    dearer = replace(LIGHT, valid_from=date(2027, 1, 1), amount=35_000)
    kept, found = tariffs.beside([LIGHT], [dearer], on=TODAY)
    assert (kept[0].valid_to, found) == (date(2026, 12, 31), [])
    assert quote(*kept, dearer, on=date(2026, 12, 31)) == 30_000
    assert quote(*kept, dearer, on=date(2027, 1, 1)) == 35_000


def test_a_service_may_change_from_the_province_to_tiers_on_one_day() -> None:
    tier = replace(LIGHT, area="J+2", valid_from=date(2027, 1, 1))
    kept, found = tariffs.beside([LIGHT], [tier], on=TODAY)
    assert (kept[0].valid_to, found) == (date(2026, 12, 31), [])


def test_a_price_in_use_is_never_altered_and_one_to_come_is_replaced_whole() -> None:
    assert wrong(replace(LIGHT, amount=31_000), known=(LIGHT,)) == [PriceInUse]
    assert wrong(replace(LIGHT, valid_to=date(2026, 11, 1)), known=(LIGHT,)) == [PriceInUse]
    assert wrong(replace(LIGHT, valid_to=date(2026, 12, 31)), known=(LIGHT,)) == []
    coming = [replace(each, valid_from=date(2027, 1, 1)) for each in (LIGHT, HEAVY)]
    kept, found = tariffs.beside(coming, [replace(coming[0], up_to_g=250, amount=33_000)], on=TODAY)
    assert (kept, found) == ((), [])


def test_what_is_wrong_is_told_of_the_new_row() -> None:
    known = (replace(LIGHT, valid_to=date(2026, 12, 31)),)
    _, found = tariffs.beside(known, [replace(HEAVY, area="outside", over_g=0), HEAVY], on=TODAY)
    assert [place for place, _ in found] == [1, 1]


def test_the_fees_of_a_version_stand_before_those_of_every_version() -> None:
    of_two = replace(FEE, version=2, amount=150_000)
    assert tariffs.fees([FEE, of_two], procedure="2.000635", version=2, on=TODAY) == (of_two,)
    assert tariffs.fees([FEE, of_two], procedure="2.000635", version=1, on=TODAY) == (FEE,)
    assert tariffs.fees([FEE], procedure="1.000001", version=1, on=TODAY) == ()


def test_what_is_always_due_adds_up_and_a_case_is_left_to_the_clerk() -> None:
    copy = replace(FEE, name="Lệ phí bản sao", amount=5_000)
    child = replace(FEE, case="trẻ em", amount=100_000)
    found = tariffs.fees_due([FEE, copy, child])
    assert (found.amount, found.basis) == (205_000, "Phí cấp phiếu (TT 244/2016); Lệ phí bản sao (TT 244/2016)")
    assert tariffs.fees_due([child]).amount is None


def test_an_area_that_is_none_is_refused() -> None:
    with pytest.raises(WrongArea):
        tariffs.parse_area("nội huyện")


def test_the_sentences_name_the_thing() -> None:
    assert str(FractionOfADong(text="30000,5")).startswith("“30000,5” có phần lẻ")
    assert "phải lớn hơn 0" in str(NotAPrice(amount=0))


def test_the_examples_hold() -> None:
    assert doctest.testmod(tariffs).failed == 0
