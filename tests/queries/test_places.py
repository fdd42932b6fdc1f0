"""Finding communes and places the way people type them."""

from datetime import UTC, date, datetime

import pytest

from postal.domain.places import CommuneGone, PlaceKind, UnknownPlace
from postal.queries import places
from postal.store import Store
from tests import databases

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ON = date(2026, 11, 23)


def test_communes_are_found_on_both_databases_as_people_type_them(seeded: Store) -> None:
    def first(words: str, *, near: str | None = None) -> str:
        return places.search_communes(seeded, words, on=ON, near=near)[0].label

    def found(words: str) -> list[str]:
        return [commune.label for commune in places.search_communes(seeded, words, on=ON)]

    assert first("dong da") == "Phường Đống Đa, Thành phố Hà Nội"
    assert first("ĐỐNG ĐA") == first("Đống  Đa") == first("dong da")
    assert first("hoà cường") == first("hòa cường") == "Phường Hòa Cường, Thành phố Đà Nẵng"
    assert first("p. hoa cuong") == "Phường Hòa Cường, Thành phố Đà Nẵng"
    assert first("tp hcm quan 1").startswith(
        "Phường Sài Gòn, Thành phố Hồ Chí Minh (trước đây: Phường Bến Nghé, Quận 1"
    )

    old = "Phường Hải Châu, Thành phố Đà Nẵng (trước đây: Phường Thạch Thang, Quận Hải Châu, Thành phố Đà Nẵng)"
    assert first("thach thang", near="48") == old
    assert first("thach thang da nang") == old
    assert first("Thạch Thang") == old
    assert first("Thạch Thắng").startswith("Xã Thạch Lạc, Tỉnh Hà Tĩnh")

    assert first("hai chau", near="48") == "Phường Hải Châu, Thành phố Đà Nẵng"
    assert first("hai chau", near="40") == "Xã Hải Châu, Tỉnh Nghệ An"

    split = found("xa hoa lien")
    assert any(label.startswith("Phường Liên Chiểu") and "Xã Hòa Liên" in label for label in split)
    assert any(label.startswith("Phường Hải Vân") and "Xã Hòa Liên" in label for label in split)

    assert first("long thanh dong nai") == "Xã Long Thành, Thành phố Đồng Nai"
    assert first("phuong long thanh") == "Xã Long Thành, Thành phố Đồng Nai"
    assert first("huyen ly son").startswith("Đặc khu Lý Sơn, Tỉnh Quảng Ngãi (trước đây: Huyện Lý Sơn")
    assert all("Phường 1, " in label for label in found("phuong 1 da lat"))

    assert found("") == []
    assert found("%") == []
    assert found("_") == []
    assert found("zzzz") == []
    assert len(places.search_communes(seeded, "xa", on=ON, limit=7)) == 7


@databases.ON_SQLITE
def test_a_commune_that_no_longer_exists_names_what_followed_it(seeded: Store) -> None:
    with pytest.raises(CommuneGone, match="Phường Liên Chiểu"):
        places.commune(seeded, "20296", on=ON)
    assert places.commune(seeded, "20242", on=ON).name == "Phường Hải Châu"


@databases.ON_SQLITE
def test_a_place_shows_its_commune_and_that_its_point_is_rough(seeded: Store) -> None:
    page = places.place(seeded, "551020", on=ON)
    assert (page.place.name, page.commune, page.province) == (
        "Bưu cục Sông Hàn",
        "Phường Hải Châu",
        "Thành phố Đà Nẵng",
    )
    assert page.is_point_rough
    with pytest.raises(UnknownPlace, match="999999"):
        places.place(seeded, "999999", on=ON)


@databases.ON_SQLITE
def test_places_are_found_by_name_code_and_address(seeded: Store) -> None:
    assert places.search_places(seeded, "song han")[0].code == "551020"
    assert places.search_places(seeded, "551020")[0].code == "551020"
    assert places.search_places(seeded, "64 bach dang")[0].code == "551020"
    desks = places.search_places(seeded, "hanh chinh cong hoi an", kinds=[PlaceKind.DESK])
    assert {place.code for place in desks} == {"MC-20410", "MC-20401", "MC-20413"}
    assert places.search_places(seeded, " ") == ()


@databases.ON_SQLITE
def test_the_lane_between_two_places_is_the_most_particular_one(seeded: Store) -> None:
    assert places.lane_between(seeded, "551000", "MC-20242", on=ON).tier_days == 1
    assert places.lane_between(seeded, "551000", "MC-20965", on=ON).tier_days == 2
    assert places.lane_between(seeded, "551000", "MC-T01", on=ON).tier_days == 3
    assert places.lane_between(seeded, "560000", "MC-T01", on=ON).tier_days == 4
    assert places.lane_between(seeded, "MC-T48", "551000", on=ON).tier_days == 1


@databases.ON_SQLITE
def test_rounds_and_provinces_are_listed(seeded: Store) -> None:
    assert [round_.postman for round_ in places.territories(seeded, office="551000")] == ["buuta1", "buuta2", "buuta3"]
    assert len(places.territories(seeded)) == 9
    assert len(places.provinces(seeded, on=ON)) == 34
