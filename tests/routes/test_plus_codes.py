"""Plus Codes: the examples of the specification, and what must hold for every place."""

import random

import pytest

from routes import matrix, plus_codes
from routes.model import Place
from routes.plus_codes import NoPlusCode

DA_NANG = Place(16.0678, 108.2208)

# From the test data of the specification (Apache 2.0): latitude, longitude, symbols, code.
ENCODED = [
    (20.375, 2.775, 6, "7FG49Q00+"),
    (20.3700625, 2.7821875, 10, "7FG49QCJ+2V"),
    (20.3701125, 2.782234375, 11, "7FG49QCJ+2VX"),
    (47.0000625, 8.0000625, 10, "8FVC2222+22"),
    (-41.2730625, 174.7859375, 10, "4VCPPQGP+Q9"),
    (0.5, -179.5, 4, "62G20000+"),
    (-89.5, -179.5, 4, "22220000+"),
    (20.5, 2.5, 4, "7FG40000+"),
    (-89.9999375, -179.9999375, 10, "22222222+22"),
    (0.5, 179.5, 4, "6VGX0000+"),
    (1, 1, 11, "6FH32222+222"),
    (90, 1, 4, "CFX30000+"),
    (1, 180, 4, "62H20000+"),
]

# Short codes: whole code, where it is used, what may be left out.
SHORTENED = [
    ("9C3W9QCJ+2VX", 51.3701125, -1.217765625, "+2VX"),
    ("9C3W9QCJ+2VX", 51.3708675, -1.217765625, "CJ+2VX"),
    ("9C3W9QCJ+2VX", 51.3693575, -1.217765625, "CJ+2VX"),
    ("9C3W9QCJ+2VX", 51.3701125, -1.218520625, "CJ+2VX"),
    ("9C3W9QCJ+2VX", 51.3852125, -1.217765625, "9QCJ+2VX"),
    ("8FJFW222+", 42.899, 9.012, "22+"),
    ("796RXG22+", 14.95125, -23.5001, "22+"),
]


@pytest.mark.parametrize(("lat", "lon", "symbols", "code"), ENCODED)
def test_a_place_has_the_code_of_the_specification(lat: float, lon: float, symbols: int, code: str) -> None:
    assert plus_codes.encode(Place(lat, lon), symbols=symbols) == code


@pytest.mark.parametrize(("whole", "lat", "lon", "short"), SHORTENED)
def test_a_short_code_is_the_nearest_such_cell(whole: str, lat: float, lon: float, short: str) -> None:
    assert plus_codes.decode(short, near=Place(lat, lon)) == plus_codes.decode(whole)


def test_a_place_lies_in_the_cell_of_its_code_and_within_its_uncertainty() -> None:
    chance = random.Random(7)
    for _ in range(500):
        place = Place(chance.uniform(-89.9, 89.9), chance.uniform(-180, 179.9))
        for symbols in (4, 8, 10, 11, 13):
            cell = plus_codes.decode(plus_codes.encode(place, symbols=symbols))
            slack = 1e-9
            assert cell.south - slack <= place.lat <= cell.north + slack
            assert cell.west - slack <= place.lon <= cell.east + slack
            assert matrix.straight(place, cell.place) <= cell.place.uncertainty_m * 1.01 + 1


def test_ten_symbols_are_a_house_in_vietnam() -> None:
    assert plus_codes.decode(plus_codes.encode(DA_NANG)).place.uncertainty_m == 10


def test_a_code_near_the_date_line_is_found_from_the_other_side() -> None:
    there = Place(10.0, -179.999)
    short = plus_codes.encode(there)[4:]
    assert plus_codes.decode(short, near=Place(10.0, 179.999)).place.lon == pytest.approx(-179.999, abs=1e-4)
    assert plus_codes.decode(short, near=Place(10.0, 180.0)).place.lon == pytest.approx(-179.999, abs=1e-4)


def test_case_and_spaces_do_not_matter() -> None:
    code = plus_codes.encode(DA_NANG)
    assert plus_codes.decode(f"  {code.lower()} ") == plus_codes.decode(code)


@pytest.mark.parametrize(
    "text",
    [
        "", "+", "7FG49QCJ", "7FG49QCJ2V", "7FG4+9QCJ2V+", "7FG49QCJ+2", "7FA49QCJ+2V", "7FG40000+22", "0FG49QCJ+2V",
        "X9G49QCJ+2V", "7XG49QCJ+2V", "50000", "550000", "Đà Nẵng", "16.06,108.22", "7FG49Q+CJ2V00",
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(NoPlusCode):
        plus_codes.decode(text, near=DA_NANG)


def test_a_short_code_alone_says_nothing() -> None:
    with pytest.raises(NoPlusCode, match="nearby"):
        plus_codes.decode(plus_codes.encode(DA_NANG)[4:])


@pytest.mark.parametrize("symbols", [0, 1, 3, 9, 16])
def test_a_code_has_a_length_that_exists(symbols: int) -> None:
    with pytest.raises(ValueError, match="symbols"):
        plus_codes.encode(DA_NANG, symbols=symbols)
