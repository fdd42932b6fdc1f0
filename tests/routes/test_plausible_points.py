"""A point that cannot be true is named, before anybody drives there."""

import math

import pytest

from routes import plausible_points
from routes.model import Place
from routes.plausible_points import Land, Misplaced

DA_NANG = Place(16.0678, 108.2208)
NEAR_BY = Place(16.0471, 108.2068)
HUE = Place(16.4637, 107.5909)
CA_MAU_CAPE = Place(8.6300, 104.7200)
HOANG_SA = Place(16.5350, 111.6060)
SONG_TU_TAY = Place(11.4290, 114.3310)
IN_THE_SEA = Place(15.2000, 110.4000)
HELSINKI = Place(60.1699, 24.9384)

LAND = Land([Place(16.06, 108.21, uncertainty_m=4000), Place(16.46, 107.59, uncertainty_m=5000)])


def doubt(place: Place | None, *, furthest_km: float = 60, land: Land | None = LAND) -> Misplaced | None:
    return plausible_points.misplaced(place, DA_NANG, furthest_m=furthest_km * 1000, land=land)


def test_a_door_of_the_town_is_where_it_says() -> None:
    assert doubt(NEAR_BY) is None


def test_a_stop_without_a_point_is_named() -> None:
    assert doubt(None) is Misplaced.NO_POINT


def test_zero_and_zero_is_nowhere() -> None:
    assert doubt(Place(0, 0)) is doubt(Place(0.0001, -0.0001)) is Misplaced.NOWHERE


def test_another_country_is_abroad_and_not_only_far() -> None:
    assert doubt(HELSINKI) is Misplaced.ABROAD


def test_a_point_in_the_sea_is_named_where_land_is_known() -> None:
    assert doubt(IN_THE_SEA, furthest_km=900) is Misplaced.AT_SEA
    assert doubt(IN_THE_SEA, furthest_km=900, land=None) is None
    assert doubt(IN_THE_SEA, furthest_km=900, land=Land([])) is None, "without any land nothing can be told"


@pytest.mark.parametrize("island", [HOANG_SA, SONG_TU_TAY])
def test_the_archipelagos_are_land_of_the_country(island: Place) -> None:
    assert doubt(island, furthest_km=1500) is None


def test_what_lies_farther_than_the_depot_serves_is_too_far() -> None:
    assert doubt(HUE) is Misplaced.TOO_FAR
    assert doubt(CA_MAU_CAPE, land=None) is Misplaced.TOO_FAR
    assert doubt(HUE, furthest_km=90) is None


def test_an_uncertain_place_may_be_nearer_than_its_middle() -> None:
    assert doubt(Place(HUE.lat, HUE.lon, uncertainty_m=30_000)) is None


@pytest.mark.parametrize(
    ("lat", "lon", "meant"),
    [
        (16.0678, 108.2208, None),
        (108.2208, 16.0678, Misplaced.SWAPPED),
        (104.72, 8.63, Misplaced.SWAPPED),
        (0.0, 0.0, Misplaced.NOWHERE),
        (60.17, 24.94, Misplaced.ABROAD),
        (24.94, 60.17, Misplaced.ABROAD),
        (-16.0678, 108.2208, Misplaced.ABROAD),
        (500.0, 3.0, Misplaced.NO_NUMBERS),
        (math.nan, 108.0, Misplaced.NO_NUMBERS),
        (math.inf, 108.0, Misplaced.NO_NUMBERS),
    ],
)
def test_two_numbers_are_read_before_they_become_a_place(lat: float, lon: float, meant: Misplaced | None) -> None:
    assert plausible_points.misread(lat, lon) is meant
