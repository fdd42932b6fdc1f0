"""One door written in different ways is one door, and no two doors become one."""

import pytest

from postal.domain import door_names
from postal.domain.door_names import door_name, names_a_house, site


@pytest.mark.parametrize(
    "written",
    [
        "12 Lê Lợi",
        "số 12 đường Lê Lợi",
        "Số 12, đường Lê Lợi",
        "SỐ NHÀ 12 - LÊ LỢI",
        "nhà số 12 phố Lê Lợi",
        "SN 12 Đ. Lê Lợi",
        "  012,  le loi ",
        "12. Lê Lợi.",
    ],
)
def test_the_same_house_is_one_door_however_it_is_written(written: str) -> None:
    assert door_name(written) == "12 le loi"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Lê Lợi", "12A Lê Lợi"),
        ("12 Lê Lợi", "12/5 Lê Lợi"),
        ("12/5 Lê Lợi", "125 Lê Lợi"),
        ("12/5 Lê Lợi", "12 5 Lê Lợi"),
        ("12/5 Lê Lợi", "12 đường số 5 Lê Lợi"),
        ("12 Lê Lợi", "12 Lê Lai"),
        ("12 Lê Lợi, phường 1", "12 Lê Lợi, phường 2"),
        ("12 đường số 5", "12 đường số 6"),
        ("12 đường 30/4", "12 đường 3/4"),
        ("số 3 ngõ 12 Lê Lợi", "số 12 ngõ 3 Lê Lợi"),
        ("kiệt 12 Lê Lợi", "12 Lê Lợi"),
        ("hẻm 12 Lê Lợi", "12 Lê Lợi"),
        ("Căn hộ 1205, chung cư A", "Căn hộ 1206, chung cư A"),
        ("thôn 3", "thôn 13"),
        ("tổ 3, thôn Đông", "tổ 3, thôn Tây"),
        ("đường số 12 Lê Lợi", "12 Lê Lợi"),
        ("12 phố 5", "12 5"),
    ],
)
def test_two_doors_are_never_taken_for_one(one: str, other: str) -> None:
    assert door_name(one) != door_name(other)


@pytest.mark.parametrize(
    ("address", "is_house"),
    [
        ("12 Lê Lợi", True),
        ("K12/5 Lê Lợi", True),
        ("số 3 ngõ 12 Lê Lợi", True),
        ("Lô 7 khu B, Hòa Xuân", True),
        ("15 Bạch Đằng, tổ 3", True),
        ("Căn hộ 1205, chung cư A", True),
        ("UBND phường Hải Châu", True),
        ("Công ty TNHH Hoa Sen", True),
        ("Thôn Đông", False),
        ("thôn 3", False),
        ("Tổ dân phố 7, khu phố 2", False),
        ("ấp 5, xã Tân Phú", False),
        ("hẻm 12 Lê Lợi", False),
        ("đường số 5", False),
        ("quốc lộ 1", False),
        ("đường 30/4", False),
        ("Chung cư A", False),
        ("", False),
    ],
)
def test_a_hamlet_an_alley_or_a_road_is_no_house(address: str, is_house: bool) -> None:
    assert names_a_house(address) is is_house


def test_flats_of_one_block_are_in_one_building_and_hamlets_in_none() -> None:
    block = site("Căn hộ A1205, tầng 12, chung cư Sơn Trà, 12 đường Lê Lợi")
    assert block == site("P.301, Chung cư Sơn Trà, 12 Đ. Lê Lợi")
    assert block != site("P.301, Chung cư Hòa Khánh, 12 Đ. Lê Lợi")
    assert site("Phòng Tư pháp, 12 Lê Lợi") != site("12 Lê Lợi"), "an office of an authority is no room number"
    assert [site(each) for each in ("Thôn Đông", "hẻm 12 Lê Lợi", "tổ 5", "")] == [None] * 4


def test_reading_a_name_again_gives_the_same_name() -> None:
    for written in ("Số 12, đường Lê Lợi", "đường số 5", "12 đường số 5", "Thôn 03", "sn 007 phố Huế"):
        assert door_names.door_name(door_name(written)) == door_name(written)
