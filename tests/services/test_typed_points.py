"""A point is read as people paste it, and what cannot be one is refused by name."""

import pytest

from postal.domain.refusals import Refused
from postal.services import typed_points
from postal.services.typed_points import NotAPoint, PointAbroad, PointNowhere, PointSwapped, ShortLink
from routes import matrix, plus_codes
from routes.model import Place

DA_NANG = Place(16.0678, 108.2208)
CODE = plus_codes.encode(DA_NANG)


@pytest.mark.parametrize(
    "text",
    [
        "16.0678, 108.2208",
        "16.0678 108.2208",
        "(16.0678; 108.2208)",
        "16,0678; 108,2208",
        "16,0678 108,2208",
        "16.0678° N, 108.2208° E",
        "16°04'04.1\"N 108°13'14.9\"E",
        "https://www.google.com/maps/@16.0678,108.2208,17z",
        "https://www.google.com/maps/place/X/@16.1,108.3,15z/data=!3m1!4b1!4m5!3m4!1s0!8m2!3d16.0678!4d108.2208",
        "https://www.google.com/maps?q=16.0678,108.2208",
        "https://www.google.com/maps/search/?api=1&query=16.0678%2C108.2208",
        "https://www.openstreetmap.org/#map=18/16.0678/108.2208",
        "https://www.openstreetmap.org/?mlat=16.0678&mlon=108.2208#map=15/16.1/108.3",
        "https://maps.apple.com/?ll=16.0678,108.2208",
        "geo:16.0678,108.2208?z=17",
        CODE,
        CODE.lower(),
        f"{CODE[4:]} Đà Nẵng, Việt Nam",
    ],
)
def test_a_point_is_read_however_it_was_pasted(text: str) -> None:
    found = typed_points.read(text, near=Place(16.05, 108.21))
    assert matrix.straight(Place(found.lat, found.lon), DA_NANG) < 15


def test_the_fewer_decimals_the_less_sure_it_is() -> None:
    unsure = [
        typed_points.read(text, near=None).accuracy_m for text in ("16.067812, 108.220834", "16.07, 108.22", "16, 108")
    ]
    assert unsure == [10, 787, 78627]


def test_a_plus_code_is_as_sure_as_its_cell() -> None:
    assert typed_points.read(CODE, near=None).accuracy_m == 10


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("108.2208, 16.0678", PointSwapped),
        ("0, 0", PointNowhere),
        ("0.0, 0.0", PointNowhere),
        ("60.1699, 24.9384", PointAbroad),
        ("999, 999", NotAPoint),
        ("https://maps.app.goo.gl/aBcD1234", ShortLink),
        ("12 Lê Lợi, Hải Châu", NotAPoint),
        ("550000", NotAPoint),
        ("VN-550000-A1B2", NotAPoint),
        ("", NotAPoint),
        ("3C92+4W9999999999", NotAPoint),
        ("[" * 5000, NotAPoint),
    ],
)
def test_what_is_no_point_here_is_refused_by_name(text: str, refused: type[Refused]) -> None:
    with pytest.raises(refused):
        typed_points.read(text, near=DA_NANG)


def test_a_short_code_without_a_place_nearby_is_no_point() -> None:
    with pytest.raises(NotAPoint):
        typed_points.read(CODE[4:], near=None)


def test_swapped_numbers_are_given_back_in_their_order() -> None:
    with pytest.raises(PointSwapped, match=r"Nhập 16\.06780, 108\.22080"):
        typed_points.read("108.2208 16.0678", near=None)


def test_a_code_in_an_address_is_found_and_a_sum_is_none() -> None:
    found = typed_points.in_words(f"Số 5, {CODE[4:]}, tổ 3", near=DA_NANG)
    assert found is not None
    assert found.how == f"Plus Code {CODE[4:]}"
    assert typed_points.in_words("tổ 2+3 thôn 5", near=DA_NANG) is None
    assert typed_points.in_words("lô 22+23", near=DA_NANG) is None
    assert typed_points.in_words("12 Lê Lợi", near=DA_NANG) is None
