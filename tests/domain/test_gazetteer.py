"""Reading the commune out of an address of any era, as people write it."""

import pytest

from postal.domain import gazetteer
from postal.domain.gazetteer import Gazetteer, Reading, UnitName

HCM = "Thành phố Hồ Chí Minh"
DA_NANG = "Thành phố Đà Nẵng"


def today(code: str, name: str, province: str) -> UnitName:
    return UnitName(commune=code, name=name, province=province)


def former(code: str, label: str, province: str) -> UnitName:
    return UnitName(commune=code, name=label.split(", ", maxsplit=1)[0], province=province, label=label)


BOOK = Gazetteer(
    [
        today("26740", "Phường Sài Gòn", HCM),
        today("20242", "Phường Hải Châu", DA_NANG),
        today("17329", "Xã Hải Châu", "Tỉnh Nghệ An"),
        today("20194", "Phường Hải Vân", DA_NANG),
        today("20197", "Phường Liên Chiểu", DA_NANG),
        today("29143", "Xã Tân Phú", "Tỉnh Vĩnh Long"),
        today("26170", "Xã Tân Phú", "Tỉnh Đồng Nai"),
        today("07210", "Phường Bắc Giang", "Tỉnh Bắc Ninh"),
        today("00226", "Phường Văn Miếu - Quốc Tử Giám", "Thành phố Hà Nội"),
        today("24001", "Xã Ea Trol", "Tỉnh Đắk Lắk"),
        former("26740", f"Phường Bến Nghé, Quận 1, {HCM}", HCM),
        former("27142", f"Phường 1, Quận 3, {HCM}", HCM),
        former("27143", f"Phường 1, Quận 4, {HCM}", HCM),
        former("20197", f"Xã Hòa Liên, Huyện Hòa Vang, {DA_NANG}", DA_NANG),
        former("20194", f"Xã Hòa Liên, Huyện Hòa Vang, {DA_NANG}", DA_NANG),
        former("20242", f"Phường Thạch Thang, Quận Hải Châu, {DA_NANG}", DA_NANG),
        former("20257", f"Phường Hòa Cường Bắc, Quận Hải Châu, {DA_NANG}", DA_NANG),
        former("29143", "Xã Tân Phú, Huyện Châu Thành, Tỉnh Bến Tre", "Tỉnh Vĩnh Long"),
        former("07210", "Phường Trần Phú, Thành phố Bắc Giang, Tỉnh Bắc Giang", "Tỉnh Bắc Ninh"),
        former("20200", f"Phường Hải Châu, Quận Xa, {DA_NANG}", DA_NANG),
        former("26900", f"Xã Qui Đức, Huyện Bình Chánh, {HCM}", HCM),
    ]
)


@pytest.mark.parametrize(
    ("address", "commune"),
    [
        ("12 Lê Lợi, phường Bến Nghé, quận 1, TP HCM", "26740"),
        ("P.Bến Nghé Q1 TPHCM", "26740"),
        ("phuong ben nghe quan 1 thanh pho ho chi minh", "26740"),
        ("12 Lê Lợi, P. Bến Nghé, Q.1, Tp.HCM, 700000, Việt Nam", "26740"),
        ("Phường 01, Quận 03, Tp. Hồ Chí Minh", "27142"),
        ("P1, Q4, TPHCM", "27143"),
        ("Phường I, Quận 3, TP Hồ Chí Minh", "27142"),
        ("45 Trần Phú, phường Thạch Thang, quận Hải Châu, Đà Nẵng", "20242"),
        ("xã Tân Phú huyện Châu Thành tỉnh Bến Tre", "29143"),
        ("thôn 3, xã Tân Phú, Bến Tre", "29143"),
        ("xã Tân Phú, tỉnh Vĩnh Long", "29143"),
        ("Phường Trần Phú, Thành phố Bắc Giang, tỉnh Bắc Giang", "07210"),
        ("EaTrol, Đắk Lắk", "24001"),
        ("Phường Văn Miếu - Quốc Tử Giám - Hà Nội", "00226"),
        ("12 Lê Lợi - Hải Châu - Đà Nẵng", "20242"),
        ("xã Quy Đức, huyện Bình Chánh, TP HCM", "26900"),
    ],
)
def test_an_address_of_any_era_leads_to_one_commune_of_today(address: str, commune: str) -> None:
    found = BOOK.read(address)
    assert (found.reading, found.communes) == (Reading.ONE, (commune,))


def test_an_old_ward_that_was_divided_is_asked_about_and_never_guessed() -> None:
    found = BOOK.read("thôn 5, xã Hòa Liên, huyện Hòa Vang, TP Đà Nẵng")
    assert (found.reading, found.communes) == (Reading.SPLIT, ("20197", "20194"))


def test_a_name_that_lies_in_several_provinces_is_asked_about() -> None:
    assert set(BOOK.read("xã Tân Phú").communes) == {"29143", "26170"}
    assert BOOK.read("xã Tân Phú").reading is Reading.SEVERAL
    assert set(BOOK.read("phường 1, TP HCM").communes) == {"27142", "27143"}


def test_a_ward_in_the_wrong_district_or_province_is_asked_about() -> None:
    assert BOOK.read("xã Hòa Liên, huyện Hòa Vang, tỉnh Quảng Nam").reading is Reading.SEVERAL
    assert BOOK.read("phường Bến Nghé, quận 7, TP HCM").reading is Reading.SEVERAL


def test_a_ward_nobody_knows_leaves_the_communes_of_its_district_to_choose_from() -> None:
    found = BOOK.read("phường Không Có, quận Hải Châu, Đà Nẵng")
    assert (found.reading, set(found.communes)) == (Reading.DISTRICT, {"20242", "20257"})


@pytest.mark.parametrize(
    "address", ["", "   ", "12", "đường Hải Châu", "!!!", "Hà", "x" * 5000, "quận, , huyện", "\x00"]
)
def test_what_names_no_commune_is_not_read_as_one(address: str) -> None:
    assert BOOK.read(address).reading is Reading.NONE


def test_a_name_of_today_is_read_as_todays_and_its_namesake_of_old_is_told() -> None:
    found = BOOK.read("phường Hải Châu, Đà Nẵng")
    assert (found.reading, found.communes) == (Reading.ONE, ("20242",))
    assert [name.commune for name in found.namesakes] == ["20200"]
    assert BOOK.read("phường Hải Châu, quận Xa, Đà Nẵng").communes == ("20200",)


def test_a_street_that_is_called_like_a_commune_is_none() -> None:
    assert BOOK.read("12 đường Hải Vân, phường Hải Châu, Đà Nẵng").communes == ("20242",)


def test_names_are_looked_up_by_every_stretch_that_may_be_one() -> None:
    stretches = gazetteer.stretches_of("12 Lê Lợi, P. Bến Nghé, Q.1")
    assert {gazetteer.key_of("Phường Bến Nghé"), gazetteer.short_key_of("Phường Bến Nghé")} <= stretches
    assert gazetteer.districts_in("P. Bến Nghé, Q.1") == ("quan 1",)


def test_sai_gon_at_the_end_is_the_city_and_not_the_ward_of_that_name() -> None:
    assert BOOK.read("phường Bến Nghé, quận 1, Sài Gòn") == BOOK.read("phường Bến Nghé, quận 1, TP HCM")
    assert BOOK.read("phường Bến Nghé, quận 1, Sài Gòn, Việt Nam").reading is not Reading.NONE
    assert BOOK.read("12 Lê Lợi, Sài Gòn").reading is Reading.NONE


def test_a_ward_nobody_knows_is_not_read_as_the_district_that_is_a_ward_today() -> None:
    found = BOOK.read("phường Không Có, Hải Châu, Đà Nẵng")
    assert found.reading is not Reading.ONE
    assert "20242" in found.communes
