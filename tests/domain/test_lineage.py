"""What became of a unit: renamed, merged, divided, with the day and the basis."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import lineage
from postal.domain.lineage import Fate, LineageInCircle, Succession, WrongSuccession
from postal.domain.places import Era, Level, Unit

ON = date(2026, 11, 23)
NAMES = {"20242": "Phường Hải Châu", "20257": "Phường Hòa Cường", "20209": "Phường Thanh Khê", "20260": "Phường Cẩm Lệ"}
UNIT = Unit(era=Era.SINCE_2025, code="20242", name="Phường Hải Châu", level=Level.COMMUNE, province_code="48")

MERGED = Succession(
    code="KT-1",
    unit="20242",
    fate=Fate.MERGED,
    successors=("20257",),
    valid_from=date(2026, 9, 1),
    basis="Nghị quyết 1/NQ",
)
SPLIT = replace(MERGED, fate=Fate.SPLIT, successors=("20257", "20209"))


def follow(commune: str, *known: Succession, on: date = ON) -> lineage.Following:
    return lineage.follow(commune, known, on=on, name=NAMES.__getitem__)


def test_a_merged_unit_leads_to_the_one_that_continues_it_and_says_so() -> None:
    found = follow("20242", MERGED)
    assert found.communes == ("20257",)
    assert "Phường Hải Châu nhập vào đơn vị khác từ 01/09/2026: Phường Hòa Cường." in found.steps[0].text
    assert found.steps[0].basis == "Nghị quyết 1/NQ"


def test_before_its_day_a_merger_changes_nothing() -> None:
    assert follow("20242", MERGED, on=date(2026, 8, 31)).communes == ("20242",)
    assert lineage.ended_by("20242", [MERGED], on=date(2026, 8, 31)) is None


def test_every_hop_of_two_mergers_is_a_step() -> None:
    found = follow("20242", MERGED, replace(MERGED, code="KT-2", unit="20257", successors=("20209",)))
    assert (found.communes, len(found.steps)) == (("20209",), 2)


def test_a_divided_unit_leaves_the_choice() -> None:
    assert follow("20242", SPLIT).communes == ("20257", "20209")


def test_a_unit_that_a_part_was_cut_off_still_stands() -> None:
    cut = replace(SPLIT, successors=("20242", "20209"))
    assert lineage.ended_by("20242", [cut], on=ON) is None
    assert lineage.divided_by("20242", [cut], on=ON) == cut


def test_units_that_follow_each_other_in_a_circle_are_refused() -> None:
    with pytest.raises(LineageInCircle):
        follow("20242", MERGED, replace(MERGED, code="KT-2", unit="20257", successors=("20242",)))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(MERGED, basis=""), "thiếu căn cứ"),
        (replace(MERGED, valid_from=date(2025, 7, 1)), "sau 01/7/2025"),
        (replace(MERGED, successors=()), "đúng một đơn vị kế thừa"),
        (replace(MERGED, successors=("20242",)), "kế thừa chính mình"),
        (replace(MERGED, successors=("99999",)), "chưa có xã, phường mã 99999"),
        (replace(SPLIT, successors=("20257",)), "từ hai đơn vị"),
        (replace(SPLIT, successors=("20257", "20257")), "hai lần"),
        (replace(MERGED, fate=Fate.RENAMED, successors=()), "tên mới"),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused(wrong: Succession, why: str) -> None:
    with pytest.raises(WrongSuccession, match=why):
        lineage.check(wrong, unit=UNIT, known=(), has_unit=NAMES.__contains__)


def test_a_unit_ends_only_once() -> None:
    lineage.check(MERGED, unit=UNIT, known=(), has_unit=NAMES.__contains__)
    with pytest.raises(WrongSuccession, match="đã ghi tách ra"):
        lineage.check(MERGED, unit=UNIT, known=(replace(SPLIT, code="KT-9"),), has_unit=NAMES.__contains__)
